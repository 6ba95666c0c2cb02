/**
 * Who may do what, and with whose content. Every public function of this room goes through here first, with the
 * membership read from the database in that call: a role or a group taken away ends at the next click. A workspace that
 * does not exist and one that is somebody else's get the same answer, and so do plans of groups that a member does not see.
 */
import { limitToGroups, withWorkspace, type Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { record } from "./audit";
import { reachOf, type Reach } from "./reach";
import { roleMay } from "./roles";
import { keyMay, scopesFor, scopesText } from "./scopes";
import type { Actor, ApiScope, Permission, Role } from "./types";

/** `groups`: those whose content this member sees. */
export interface Membership { workspaceId: string; memberId: string; role: Role; groups: Reach }

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

/** Who loses a right while he uses it to give rights to others has either used it before, or not at all. */
const ONE_BY_ONE: ReadonlySet<Permission> = new Set<Permission>(["member.manage", "owner.manage"]);

/**
 * Checks the permission and runs `work` in the same transaction, which sees of the workspace what this member may see. A
 * refusal is in the activity log.
 */
export async function inWorkspace<T>(
  actor: Actor, workspaceId: string, permission: Permission, work: (tx: Tx, membership: Membership) => Promise<T>,
): Promise<T> {
  const id = checkId(workspaceId, "workspace");
  const outcome = await withWorkspace<{ value: T } | { refused: string }>(id, async (tx) => {
    if (ONE_BY_ONE.has(permission)) await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${id}::uuid FOR UPDATE`;
    const me = await membershipOf(tx, actor, id);
    const isInScope = keyMay(actor.key, permission);
    if (roleMay(me.role, permission) && isInScope) {
      if (me.groups) await limitToGroups(tx, me.groups);
      return { value: await work(tx, me) };
    }
    await record(tx, id, actor, { action: "access.refused", outcome: "refused", detail: { permission } });
    return { refused: isInScope ? roleRefusal(me.role, actor.key) : scopeRefusal(permission) };
  });
  if ("value" in outcome) return outcome.value;
  throw new PlanbackError("forbidden", `${outcome.refused} Nothing was changed.`);
}

function roleRefusal(role: Role, key: Actor["key"]): string {
  if (key) return `Whoever made this API key may not do this any more (role: ${role}). Use a key of a member who may.`;
  return `Your role in this workspace (${role}) does not allow this. Ask an owner or admin of the workspace.`;
}

function scopeRefusal(permission: Permission): string {
  return scopesFor(permission).length > 0 ? `This API key lacks the scope for this: ${scopesText(permission)}.` : "This is for people, not for API keys.";
}

/** Another transaction of the same call, with the same view: for what follows `inWorkspace`. */
export function asMember<T>(me: Pick<Membership, "workspaceId" | "groups">, work: (tx: Tx) => Promise<T>): Promise<T> {
  return withWorkspace(me.workspaceId, async (tx) => {
    if (me.groups) await limitToGroups(tx, me.groups);
    return work(tx);
  });
}

/** What cannot be taken back asks for a person who has just proved who he is, not for a cookie or an unlocked screen. */
const FRESH_MS = 10 * 60_000;

export function isFresh({ authenticatedAt }: Actor, now = Date.now()): boolean {
  return authenticatedAt !== undefined && now - authenticatedAt.getTime() < FRESH_MS;
}

/**
 * Throws `step_up_required` unless the person signed in within the last ten minutes. After all other checks: it tells that they passed.
 * A program cannot sign in, so it is refused unless its key has `scope`, which a freshly signed-in person has given it.
 */
export function requireFresh(actor: Actor, scope?: ApiScope): void {
  if (actor.key) {
    if (scope && actor.key.scopes.includes(scope)) return;
    throw new PlanbackError("forbidden", `${scope ? `This removes things, for which this API key lacks the scope ${scope}.` : "This is for people, not for API keys."} Nothing was changed.`);
  }
  if (isFresh(actor)) return;
  throw new PlanbackError("step_up_required", "This cannot be taken back, so sign in once more, then do it again. Nothing was changed.");
}

async function membershipOf(tx: Tx, actor: Actor, workspaceId: string): Promise<Membership> {
  const member = await tx.member.findUnique({ where: { workspaceId_tid_oid: { workspaceId, tid: actor.tid, oid: actor.oid } } });
  if (!member) throw notFound("workspace");
  // A key is of one workspace, and of one membership: who left and came back has none.
  if (actor.key && (actor.key.workspaceId !== workspaceId || actor.key.memberId !== member.id)) throw notFound("workspace");
  return { workspaceId, memberId: member.id, role: member.role as Role, groups: reachOf(member) };
}
