import { assigneesOf } from "@/lib/planner";
import type { Person, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import type { RestorePlan, RestoreRequest } from "../types";
import type { Draft } from "./draft";

/** Who can be assigned in the target: members, people who become members, and nobody else. */
export class Assignees {
  private readonly members: Set<string>;
  private readonly directory: Map<string, Person>;
  private readonly names: Map<string, string>;
  private readonly joining = new Map<string, number>();
  private readonly dropped = new Map<string, { reason: string; tasks: Set<string> }>();

  constructor(
    private readonly draft: Draft,
    private readonly group: { id: string; displayName: string; memberIds: string[] },
    private readonly request: RestoreRequest,
    snapshot: SnapshotContent,
    people: Person[],
  ) {
    this.members = new Set(group.memberIds);
    this.directory = new Map(people.map((person) => [person.id, person]));
    this.names = new Map([...snapshot.people, ...people].flatMap((person): [string, string][] => {
      const name = person.displayName ?? person.userPrincipalName;
      return name ? [[person.id, name]] : [];
    }));
  }

  /**
   * Assignees that a task of the snapshot will have, in order, with the operations that make them members. `already`:
   * people who are assigned to the task now; they stay.
   */
  of(record: TaskRecord, already: ReadonlySet<string> = new Set()): { ids: string[]; joins: number[] } {
    const ids = assigneesOf(record.task).filter((id) => already.has(id) || this.admit(id, record.id));
    return { ids, joins: ids.flatMap((id) => this.joining.get(id) ?? []) };
  }

  get summary(): Pick<RestorePlan, "newMembers" | "droppedAssignments"> {
    return {
      newMembers: [...this.joining.keys()].map((id) => ({ id, name: this.nameOf(id) })),
      droppedAssignments: [...this.dropped].map(([id, { reason, tasks }]) => ({ name: this.nameOf(id), tasks: tasks.size, reason })),
    };
  }

  nameOf(id: string): string {
    return this.names.get(id) ?? "A person who left the organisation";
  }

  private admit(id: string, taskId: string): boolean {
    if (this.members.has(id)) return true;
    if (!this.directory.has(id)) return this.drop(id, taskId, "This person is no longer in the organisation's directory.");
    if (!this.request.addMembers) return this.drop(id, taskId, `Not a member of ${this.group.displayName}, and members shall not be added.`);
    if (!this.joining.has(id)) {
      const name = this.nameOf(id);
      this.joining.set(id, this.draft.add("add_member", {
        source: id, label: `Add ${name} as a member of ${this.group.displayName}`, body: { groupId: this.group.id, userId: id },
        changes: [{ field: "Member", from: null, to: name }],
      }));
    }
    return true;
  }

  private drop(id: string, taskId: string, reason: string): false {
    const entry = this.dropped.get(id) ?? { reason, tasks: new Set<string>() };
    entry.tasks.add(taskId);
    this.dropped.set(id, entry);
    return false;
  }
}
