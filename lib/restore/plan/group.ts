/** A group that is made (again), with its people. https://learn.microsoft.com/graph/api/group-upsert */
import type { PersonMatch } from "../types";
import type { Planning } from "./context";
import { created, type Draft, type Place } from "./draft";

/** `uniqueName` makes the create repeatable: the same restore finds the group that it made. */
export const uniqueGroupName = (restoreId: string): string => `planback-${restoreId}`;

export function createGroup(draft: Draft, { request, restoreId, snapshot }: Pick<Planning, "request" | "restoreId" | "snapshot">): Place | null {
  if (request.target.kind !== "new_group") return null;
  const { name, mailNickname, visibility } = request.target;
  const description = snapshot.group?.description ?? null;
  const line = (field: string, to: string | null) => (to ? [{ field, from: null, to }] : []);
  return created(draft.add("create_group", {
    source: snapshot.group?.id ?? snapshot.plan.id, label: `Create group “${name.trim()}”`,
    body: { uniqueName: uniqueGroupName(restoreId), displayName: name.trim(), description, mailNickname, visibility },
    changes: [...line("Name", name.trim()), ...line("Description", description), ...line("Visibility", visibility), ...line("Mail name", mailNickname)],
  }));
}

/**
 * The connection account joins first: Planner lets only members make plans, and the owner of a group is not a member. Then
 * those who owned or were members of the snapshot's group, so far as they are found. Returns what the plan must wait for.
 */
export function peopleTheGroup({ assignees, account, snapshot, request }: Planning, people: readonly PersonMatch[]): number {
  const joined = assignees.join(account.id, "owner");
  if (!request.addMembers) return joined;
  const targets = new Map(people.map(({ source, target }) => [source.id, target?.id]));
  const owners = new Set(snapshot.group?.ownerIds ?? []);
  for (const id of new Set([...owners, ...(snapshot.group?.memberIds ?? [])])) {
    const target = targets.get(id);
    if (target !== undefined && target !== account.id) assignees.join(target, owners.has(id) ? "owner" : "member");
  }
  return joined;
}
