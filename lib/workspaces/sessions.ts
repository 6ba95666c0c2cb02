import { withIdentity, withSecret, withWorkspace } from "@/lib/db";
import { record } from "./audit";
import { hashSecret, newSecret } from "./secrets";
import type { Actor } from "./types";

const IDLE_MS = 8 * 3600_000;
const LIFETIME_MS = 24 * 3600_000;
/** `seenAt` is written at most this often. */
const TOUCH_MS = 60_000;

/**
 * Starts the session of a person whose ID token was verified, and notes it in the activity log of each of his workspaces.
 * The secret goes into the cookie; only its hash is stored.
 */
export async function createSession(person: Pick<Actor, "tid" | "oid" | "name" | "username" | "ip" | "authenticatedAt">): Promise<{ secret: string }> {
  const secret = newSecret();
  const { tid, oid, name, username, authenticatedAt = new Date(0) } = person;
  const memberships = await withIdentity(tid, oid, async (tx) => {
    await tx.session.create({ data: { secretHash: hashSecret(secret), tid, oid, name, username, authenticatedAt, expiresAt: new Date(Date.now() + LIFETIME_MS) } });
    return tx.member.findMany({ where: { tid, oid }, select: { workspaceId: true } });
  });
  for (const { workspaceId } of memberships) await withWorkspace(workspaceId, (tx) => record(tx, workspaceId, person, { action: "session.started", detail: { username } }));
  return { secret };
}

/** Who holds this secret; null when the session ended, was idle for 8 hours, is older than 24 hours, or never was. */
export async function readSession(secret: string, ip: string | null = null): Promise<Actor | null> {
  return secret === "" ? null : actorOfSession(hashSecret(secret), ip);
}

/** The same by the hash of the secret, as flows keep it. */
export async function actorOfSession(secretHash: Uint8Array<ArrayBuffer>, ip: string | null = null): Promise<Actor | null> {
  return withSecret(secretHash, async (tx) => {
    const row = await tx.session.findUnique({ where: { secretHash } });
    const now = Date.now();
    if (!row || row.revokedAt || row.expiresAt.getTime() <= now || row.seenAt.getTime() + IDLE_MS <= now) return null;
    if (row.seenAt.getTime() + TOUCH_MS <= now) await tx.session.updateMany({ where: { secretHash, revokedAt: null }, data: { seenAt: new Date(now) } });
    return { tid: row.tid, oid: row.oid, name: row.name, username: row.username, authenticatedAt: row.authenticatedAt, sessionHash: Buffer.from(secretHash).toString("hex"), ip };
  });
}

/** Ends the session at once, for every copy of its cookie. */
export async function endSession(secret: string): Promise<void> {
  const secretHash = hashSecret(secret);
  await withSecret(secretHash, (tx) => tx.session.updateMany({ where: { secretHash, revokedAt: null }, data: { revokedAt: new Date() } }));
}
