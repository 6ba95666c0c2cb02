import { assigneesOf } from "@/lib/planner";
import type { Person, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { altered } from "@/lib/repository/packed";
import type { PersonMatch, RestorePlan, RestoreRequest } from "../types";
import type { Draft, Place } from "./draft";

interface TargetGroup {
  place: Place;
  displayName: string;
  memberIds: string[];
}

/** Who an assignment of the snapshot goes to in the target. */
export interface Assigned {
  /** Person of the snapshot and person of the target, in order. */
  pairs: { source: string; target: string }[];
  /** Operations that make them members. */
  joins: number[];
  /** People of the snapshot whose assignment is left out. */
  lost: string[];
}

/** Who can be assigned in the target: members, people who become members, and nobody else. */
export class Assignees {
  private readonly members: Set<string>;
  private readonly matches: Map<string, PersonMatch>;
  private readonly names: Map<string, string>;
  private readonly joining = new Map<string, number>();
  private readonly dropped = new Map<string, { reason: string; tasks: Set<string> }>();

  constructor(
    private readonly draft: Draft,
    private readonly group: TargetGroup,
    private readonly request: RestoreRequest,
    snapshot: SnapshotContent,
    directory: Person[],
    matches: PersonMatch[],
    account: { id: string; name?: string },
  ) {
    this.members = new Set(group.memberIds);
    this.matches = new Map(matches.map((match) => [match.source.id, match]));
    const named = [...snapshot.people, ...directory].flatMap((person): [string, string][] => {
      const name = person.displayName ?? person.userPrincipalName;
      return name ? [[person.id, name]] : [];
    });
    this.names = new Map([[account.id, account.name ?? "the connection account"], ...named]);
  }

  /** `already`: people who are assigned to the task now; they stay, even when they could not be assigned anew. */
  of(record: TaskRecord, already: ReadonlySet<string> = new Set()): Assigned {
    if (this.request.drill) return { pairs: [], joins: [], lost: [] };
    const assigned: Omit<Assigned, "joins"> = { pairs: [], lost: [] };
    for (const source of assigneesOf(record.task)) {
      const chosen = this.request.people?.[source];
      const target = already.has(source) && chosen === undefined ? source : this.admit(source, record.id, already);
      if (target === null) assigned.lost.push(source);
      else if (!assigned.pairs.some((pair) => pair.target === target)) assigned.pairs.push({ source, target });
    }
    return { ...assigned, joins: this.joinsOf(assigned.pairs.map(({ target }) => target)) };
  }

  /** The operations that make these people members, of those who become it. */
  joinsOf(ids: readonly string[]): number[] {
    return ids.flatMap((id) => this.joining.get(id) ?? []);
  }

  /** Makes somebody a member (and an owner). Returns the operation that makes them a member. */
  join(id: string, role: "member" | "owner"): number {
    const name = this.nameOf(id);
    const body = { groupId: this.group.place.id, userId: id };
    const add = (kind: "add_member" | "add_owner", as: string) => this.draft.add(kind, {
      source: id, label: `Add ${name} as ${as} of ${this.group.displayName}`, after: [this.group.place.seq], body, changes: [{ field: as === "an owner" ? "Owner" : "Member", from: null, to: name }],
    });
    if (role === "owner") add("add_owner", "an owner");
    const known = this.joining.get(id);
    if (known !== undefined) return known;
    const seq = add("add_member", "a member");
    this.joining.set(id, seq);
    return seq;
  }

  get summary(): Pick<RestorePlan, "newMembers" | "droppedAssignments"> {
    return {
      newMembers: [...this.joining.keys()].map((id) => ({ id, name: this.nameOf(id) })),
      droppedAssignments: [...this.dropped].map(([id, { reason, tasks }]) => ({ name: this.nameOf(id), tasks: tasks.size, reason })),
    };
  }

  nameOf(id: string): string {
    return this.names.get(id) ?? "A person who left the organization";
  }

  /** "Ann Smith <ann@contoso.com>" */
  fullNameOf(id: string): string {
    const userName = this.matches.get(id)?.source.userPrincipalName;
    return userName && userName !== this.nameOf(id) ? `${this.nameOf(id)} <${userName}>` : this.nameOf(id);
  }

  private admit(source: string, taskId: string, already: ReadonlySet<string>): string | null {
    const match = this.matches.get(source);
    if (!match?.target) return this.drop(source, taskId, WHY_NOBODY[match?.by ?? "none"] ?? WHY_NOBODY.none!);
    const { id } = match.target;
    if (this.members.has(id) || this.joining.has(id) || already.has(id)) return id;
    if (!this.request.addMembers) return this.drop(source, taskId, `Not a member of ${this.group.displayName}, and members shall not be added.`);
    this.join(id, "member");
    return id;
  }

  private drop(id: string, taskId: string, reason: string): null {
    const entry = this.dropped.get(id) ?? { reason, tasks: new Set<string>() };
    entry.tasks.add(taskId);
    this.dropped.set(id, entry);
    return null;
  }
}

const WHY_NOBODY: Partial<Record<PersonMatch["by"], string>> = {
  none: "This person is not in the target's directory, or no longer.",
  ambiguous: "Several people of the target's directory fit. Choose one of them.",
  chosen: "Nobody was chosen for this person.",
};

/** The task with the target's people in place of the snapshot's, in the same order and at the same places of the board. */
export function withPeople(record: TaskRecord, pairs: Assigned["pairs"]): TaskRecord {
  return altered(record, {
    task({ task }) {
      return { ...task, assignments: Object.fromEntries(pairs.map(({ source, target }) => [target, task.assignments?.[source] ?? {}])) };
    },
    formats({ formats }) {
      if (!formats.assignedTo) return formats;
      const hints = (formats.assignedTo.orderHintsByAssignee ?? {}) as Record<string, unknown>;
      const orderHintsByAssignee = Object.fromEntries(pairs.flatMap(({ source, target }) => (source in hints ? [[target, hints[source]]] : [])));
      return { ...formats, assignedTo: { ...formats.assignedTo, orderHintsByAssignee } };
    },
  });
}
