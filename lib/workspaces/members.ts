import { z } from "zod";
import type { Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { record } from "./audit";
import { checkId, inWorkspace, notFound, requireFresh, type Membership } from "./authorise";
import { parseInput } from "./input";
import { columnsOf, EVERYWHERE } from "./reach";
import { roleMay } from "./roles";
import type { Actor, MemberView, Role } from "./types";

export const roleInput = z.enum(["owner", "admin", "operator", "viewer"], { error: "Choose one of the roles: owner, admin, operator, viewer." });

export async function listMembers(actor: Actor, workspaceId: string): Promise<MemberView[]> {
  return inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const rows = await tx.member.findMany({ where: { workspaceId: me.workspaceId }, orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
    return rows.map((row) => ({
      id: row.id, name: row.name, username: row.username, role: row.role as Role,
      isYou: row.id === me.memberId, joinedAt: row.createdAt.toISOString(), isLimited: !row.allGroups,
      groups: !row.allGroups && me.groups === null && roleMay(me.role, "member.manage") ? row.groups : null,
    }));
  });
}

/** Changes a member's role. Only an owner makes or unmakes owners; the last owner stays one, and an owner sees all groups. Invitations that the member made end. */
export async function changeRole(actor: Actor, workspaceId: string, memberId: string, role: unknown): Promise<void> {
  const wanted = parseInput(roleInput, role);
  await inWorkspace(actor, workspaceId, "member.manage", async (tx, me) => {
    const member = await lockMember(tx, me, memberId);
    if (member.role === wanted) return;
    requireOwner(me, member.role === "owner" || wanted === "owner");
    if (member.role === "owner") await refuseLastOwner(tx, me.workspaceId);
    if (wanted === "owner") requireFresh(actor);
    await tx.member.update({ where: { workspaceId_id: { workspaceId: me.workspaceId, id: member.id } }, data: { role: wanted, ...(wanted === "owner" ? columnsOf(EVERYWHERE) : {}) } });
    await withdrawInvitationsOf(tx, me.workspaceId, member.id);
    await record(tx, me.workspaceId, actor, { action: "member.role_changed", target: { kind: "member", id: member.id }, detail: { name: member.name, from: member.role, to: wanted } });
  });
}

/** Hands the workspace over: the member becomes an owner, and the actor an admin, in one step. */
export async function transferOwnership(actor: Actor, workspaceId: string, memberId: string): Promise<void> {
  await inWorkspace(actor, workspaceId, "owner.manage", async (tx, me) => {
    const member = await lockMember(tx, me, memberId);
    if (member.id === me.memberId) throw new PlanbackError("invalid_input", "You are the owner already. Choose another member. Nothing was changed.");
    requireFresh(actor);
    const become = (id: string, role: Role) => tx.member.update({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } }, data: { role, ...columnsOf(EVERYWHERE) } });
    await become(member.id, "owner");
    await become(me.memberId, "admin");
    for (const id of [member.id, me.memberId]) await withdrawInvitationsOf(tx, me.workspaceId, id);
    await record(tx, me.workspaceId, actor, { action: "member.ownership_transferred", target: { kind: "member", id: member.id }, detail: { name: member.name, from: member.role, to: "owner" } });
  });
}

/** Ends a membership and the invitations that the member made. Everybody may leave; removing others needs the right to manage members. */
export async function removeMember(actor: Actor, workspaceId: string, memberId: string): Promise<void> {
  await inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const member = await lockMember(tx, me, memberId);
    if (member.id !== me.memberId) {
      if (!roleMay(me.role, "member.manage")) throw forbidden("Only owners and admins remove other members.");
      requireOwner(me, member.role === "owner");
    }
    if (member.role === "owner") await refuseLastOwner(tx, me.workspaceId);
    await withdrawInvitationsOf(tx, me.workspaceId, member.id);
    await tx.member.delete({ where: { workspaceId_id: { workspaceId: me.workspaceId, id: member.id } } });
    await record(tx, me.workspaceId, actor, { action: "member.removed", target: { kind: "member", id: member.id }, detail: { name: member.name, role: member.role } });
  });
}

/** Changes of members happen one at a time per workspace, or two owners could each remove the other. */
export async function lockMember(tx: Tx, me: Membership, memberId: string) {
  const id = checkId(memberId, "member");
  await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${me.workspaceId}::uuid FOR UPDATE`;
  const member = await tx.member.findUnique({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } } });
  if (!member) throw notFound("member");
  return member;
}

/** For what only owners do. */
export function requireOwner(me: Membership, needed: boolean): void {
  if (needed && !roleMay(me.role, "owner.manage")) throw forbidden("Only an owner can make somebody an owner or change an owner.");
}

/** A link made in time would bring back who lost the right to make it, with the role of before. */
export async function withdrawInvitationsOf(tx: Tx, workspaceId: string, memberId: string): Promise<void> {
  await tx.invitation.updateMany({ where: { workspaceId, createdBy: memberId, acceptedAt: null, revokedAt: null }, data: { revokedAt: new Date() } });
}

async function refuseLastOwner(tx: Tx, workspaceId: string): Promise<void> {
  const owners = await tx.member.count({ where: { workspaceId, role: "owner" } });
  if (owners > 1) return;
  throw new PlanbackError("conflict", "A workspace needs an owner, and this is the last one. Make somebody else an owner first. Nothing was changed.");
}

function forbidden(message: string): PlanbackError {
  return new PlanbackError("forbidden", `${message} Nothing was changed.`);
}
