/**
 * Who may do what. Every public function of this room goes through here first, with the membership read from the
 * database in that call: a role taken away ends at the next click. A workspace that does not exist and one that is
 * somebody else's get the same answer.
 */
import { withWorkspace, type Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { record } from "./audit";
import type { Actor, Permission, Role } from "./types";

const LOOK: Permission[] = ["workspace.view", "content.view"];
const OPERATE: Permission[] = [...LOOK, "backup.run", "restore.run", "storage.verify"];
const MANAGE: Permission[] = [...OPERATE, "connection.manage", "policy.manage", "member.manage", "audit.view", "channel.manage"];

/** What each role may do. That only an owner makes or unmakes owners is checked where roles change (members.ts). */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  owner: [...MANAGE, "workspace.delete"],
  admin: MANAGE,
  operator: OPERATE,
  viewer: LOOK,
};

export interface Membership { workspaceId: string; memberId: string; role: Role }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isId(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

/** The one answer for "does not exist", "belongs to somebody else" and "is not an id". */
export function notFound(what: string): PlanbackError {
  return new PlanbackError("not_found", `This ${what} does not exist, or you have no access to it.`);
}

/** Returns the id, or throws `not_found` when it cannot be one: the database never sees it. */
export function checkId(id: unknown, what: string): string {
  if (!isId(id)) throw notFound(what);
  return id.toLowerCase();
}

/** The actor's membership, if his role has `permission`. Throws `not_found` or `forbidden`. */
export function authorise(actor: Actor, workspaceId: string, permission: Permission): Promise<Membership> {
  return inWorkspace(actor, workspaceId, permission, (_tx, membership) => Promise.resolve(membership));
}

/** Checks the permission and runs `work` in the same workspace-scoped transaction. A refusal is in the activity log. */
export async function inWorkspace<T>(
  actor: Actor, workspaceId: string, permission: Permission, work: (tx: Tx, membership: Membership) => Promise<T>,
): Promise<T> {
  const id = checkId(workspaceId, "workspace");
  const outcome = await withWorkspace<{ value: T } | { refused: Role }>(id, async (tx) => {
    const me = await membershipOf(tx, actor, id);
    if (ROLE_PERMISSIONS[me.role].includes(permission)) return { value: await work(tx, me) };
    await record(tx, id, actor, { action: "access.refused", outcome: "refused", detail: { permission } });
    return { refused: me.role };
  });
  if ("value" in outcome) return outcome.value;
  throw new PlanbackError("forbidden", `Your role in this workspace (${outcome.refused}) does not allow this. Ask an owner or admin of the workspace. Nothing was changed.`);
}

/** What cannot be taken back asks for a person who has just proved who he is, not for a cookie or an unlocked screen. */
const FRESH_MS = 10 * 60_000;

export function isFresh({ authenticatedAt }: Actor, now = Date.now()): boolean {
  return authenticatedAt !== undefined && now - authenticatedAt.getTime() < FRESH_MS;
}

/** Throws `step_up_required` unless the person signed in within the last ten minutes. After all other checks: it tells that they passed. */
export function requireFresh(actor: Actor): void {
  if (isFresh(actor)) return;
  throw new PlanbackError("step_up_required", "This cannot be taken back, so sign in once more, then do it again. Nothing was changed.");
}

async function membershipOf(tx: Tx, actor: Actor, workspaceId: string): Promise<Membership> {
  const member = await tx.member.findUnique({ where: { workspaceId_tid_oid: { workspaceId, tid: actor.tid, oid: actor.oid } } });
  if (!member) throw notFound("workspace");
  return { workspaceId, memberId: member.id, role: member.role as Role };
}
