/** Which groups' content a member sees, and who may choose that. */
import { z } from "zod";
import { PlanbackError } from "@/lib/errors";
import { record } from "./audit";
import { inWorkspace, requireFresh, type Membership } from "./authorise";
import { openCatalogues } from "./connections";
import { parseInput } from "./input";
import { lockMember, requireOwner, withdrawInvitationsOf } from "./members";
import { openPlanNames } from "./planNames";
import { columnsOf, groupsDetail, reachOf, type Reach } from "./reach";
import type { Actor, GroupView, Role } from "./types";

const MOST = 500;

/** Ids of groups; null: all, also those that come later. */
const groupsInput = z.array(z.guid("A chosen group is not one. Choose the groups again. Nothing was changed."))
  .min(1, "Choose at least one group, or all groups. Nothing was changed.").max(MOST, `At most ${MOST} groups can be chosen. Nothing was changed.`)
  .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))].sort()).nullable();

/** The groups that the workspace knows and the member sees, by name. */
export async function listGroups(actor: Actor, workspaceId: string): Promise<GroupView[]> {
  const { me, connections, plans } = await inWorkspace(actor, workspaceId, "member.manage", async (tx, me) => ({
    me,
    connections: await tx.connection.findMany({ where: { workspaceId: me.workspaceId, removedAt: null }, select: { id: true, microsoftTenant: { select: { name: true } } } }),
    plans: await tx.plan.findMany({ where: { workspaceId: me.workspaceId }, distinct: ["groupId"], include: { microsoftTenant: { select: { name: true } } } }),
  }));
  const catalogues = await openCatalogues(me, connections.map(({ id }) => id));
  const known = new Map<string, GroupView>();
  for (const plan of plans) known.set(plan.groupId, { id: plan.groupId, name: (await openPlanNames(plan)).groupName, tenantName: plan.microsoftTenant.name });
  for (const { id, microsoftTenant } of connections) {
    for (const group of catalogues.get(id)?.groups ?? []) known.set(group.id, { id: group.id, name: group.name, tenantName: microsoftTenant.name });
  }
  return [...known.values()].sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

/**
 * Lets a member see the content of all groups (null) or of these only, from the member's next request on. An owner sees all. Invitations that the
 * member made end.
 */
export async function changeGroups(actor: Actor, workspaceId: string, memberId: string, groups: unknown): Promise<void> {
  const wanted = parseInput(groupsInput, groups);
  await inWorkspace(actor, workspaceId, "member.manage", async (tx, me) => {
    const member = await lockMember(tx, me, memberId);
    requireOwner(me, member.role === "owner");
    refuseOwner(member.role as Role, wanted);
    refuseLimited(me);
    if (JSON.stringify(reachOf(member)) === JSON.stringify(wanted)) return;
    requireFresh(actor);
    await tx.member.update({ where: { workspaceId_id: { workspaceId: me.workspaceId, id: member.id } }, data: columnsOf(wanted) });
    await withdrawInvitationsOf(tx, me.workspaceId, member.id);
    await record(tx, me.workspaceId, actor, { action: "member.groups_changed", target: { kind: "member", id: member.id }, detail: { name: member.name, ...groupsDetail(wanted) } });
  });
}

/** What an invitation of this member may let see: who sees some groups only invites to these. */
export function groupsToInvite(me: Membership, role: Role, groups: unknown): Reach {
  const wanted = parseInput(groupsInput, groups ?? null);
  refuseOwner(role, wanted);
  if (me.groups && wanted) refuseLimited(me);
  return wanted ?? me.groups;
}

function refuseOwner(role: Role, groups: Reach): void {
  if (role === "owner" && groups) throw new PlanbackError("invalid_input", "An owner sees all groups. Choose another role first. Nothing was changed.");
}

function refuseLimited(me: Membership): void {
  if (me.groups) throw new PlanbackError("forbidden", "You see some groups only, so you cannot choose groups for others. Ask a person who sees all groups. Nothing was changed.");
}
