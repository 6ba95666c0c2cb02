/**
 * API keys: what programs sign in with. A key belongs to the member who made it, in one workspace; what it may do is what its
 * scopes allow *and* that member may at the moment of the request (authorise.ts). The key is shown once; its hash is stored.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { withSecret, withWorkspace } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { record } from "./audit";
import { checkId, inWorkspace, notFound, requireFresh } from "./authorise";
import { nameOf, parseInput } from "./input";
import { API_SCOPES } from "./scopes";
import { hashSecret } from "./secrets";
import type { Actor, ApiKeyView, ApiScope } from "./types";

export const MOST_KEY_DAYS = 365;
const DAY_MS = 24 * 3600_000;
const MOST_KEYS = 100;
/** Each key may send so many requests in a minute. */
export const API_LIMIT = 300;
export const API_WINDOW_S = 60;
const INTERVAL_S = API_WINDOW_S / API_LIMIT;

const keyInput = z.strictObject({
  name: nameOf("key", 80),
  scopes: z.array(z.enum(API_SCOPES as [ApiScope, ...ApiScope[]], "There is no such scope.")).min(1, "Choose at least one scope."),
  days: z.number("Choose how long the key is valid.").int().min(1, "A key is valid for at least one day.").max(MOST_KEY_DAYS, `A key is valid for at most ${MOST_KEY_DAYS} days.`),
});

/** Makes a key for the actor's own membership; he must have signed in freshly. The secret is never to be had again. */
export async function createKey(actor: Actor, workspaceId: string, input: unknown): Promise<{ id: string; secret: string }> {
  const { name, days, ...wanted } = parseInput(keyInput, input);
  const scopes = API_SCOPES.filter((scope) => wanted.scopes.includes(scope));
  if (scopes.includes("restore:remove") && !scopes.includes("restore")) throw new PlanbackError("invalid_input", "The scope restore:remove adds to restore: choose both. Nothing was changed.");
  const [id, secret, now] = [randomUUID(), newKeySecret(), new Date()];
  await inWorkspace(actor, workspaceId, "key.manage", async (tx, me) => {
    if ((await tx.apiKey.count({ where: { workspaceId: me.workspaceId, revokedAt: null, expiresAt: { gt: now } } })) >= MOST_KEYS) {
      throw new PlanbackError("conflict", `A workspace has at most ${MOST_KEYS} keys. Revoke one that is not used. Nothing was changed.`);
    }
    requireFresh(actor);
    const expiresAt = new Date(now.getTime() + days * DAY_MS);
    await tx.apiKey.create({
      data: { workspaceId: me.workspaceId, id, secretHash: hashSecret(secret), name, scopes, memberId: me.memberId, tid: actor.tid, oid: actor.oid, madeBy: actor.name, createdAt: now, expiresAt },
    });
    await record(tx, me.workspaceId, actor, { action: "key.created", target: { kind: "key", id }, detail: { name, scopes, until: expiresAt.toISOString().slice(0, 10) } });
  });
  return { id, secret };
}

/** All keys, newest first; those that ended too. */
export async function listKeys(actor: Actor, workspaceId: string): Promise<ApiKeyView[]> {
  return inWorkspace(actor, workspaceId, "key.manage", async (tx, me) => {
    const rows = await tx.apiKey.findMany({ where: { workspaceId: me.workspaceId }, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: 500 });
    const members = new Set((await tx.member.findMany({ where: { workspaceId: me.workspaceId }, select: { id: true } })).map((member) => member.id));
    return rows.map((row) => ({
      id: row.id, name: row.name, scopes: row.scopes as ApiScope[], madeBy: row.madeBy, createdAt: row.createdAt.toISOString(), expiresAt: row.expiresAt.toISOString(), lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
      ended: row.revokedAt ? "revoked" : row.expiresAt <= new Date() ? "expired" : members.has(row.memberId) ? null : "maker",
    }));
  });
}

/** Ends a key at once, whoever made it. */
export async function revokeKey(actor: Actor, workspaceId: string, keyId: string): Promise<void> {
  const id = checkId(keyId, "API key");
  await inWorkspace(actor, workspaceId, "key.manage", async (tx, me) => {
    const row = await tx.apiKey.findUnique({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } } });
    if (!row) throw notFound("API key");
    const { count } = await tx.apiKey.updateMany({ where: { workspaceId: me.workspaceId, id, revokedAt: null }, data: { revokedAt: new Date() } });
    if (count === 1) await record(tx, me.workspaceId, actor, { action: "key.revoked", target: { kind: "key", id }, detail: { name: row.name } });
  });
}

/** `remaining` requests may follow at once; after `wholeInSeconds` without one it is the whole `quota` again. */
export interface Allowance { remaining: number; wholeInSeconds: number; quota: number; windowSeconds: number }
/** Of a key that is refused for now. */
export const NOTHING_LEFT: Allowance = { remaining: 0, wholeInSeconds: API_WINDOW_S, quota: API_LIMIT, windowSeconds: API_WINDOW_S };

/**
 * Who asks with this key, and what is left of its allowance, of which this takes one. Throws `not_signed_in` for what is no
 * key (any more) and `rate_limited`. Says nothing yet of what he may: that is each function's own check.
 */
export async function useKey(secret: string, ip: string | null): Promise<{ actor: Actor; workspaceId: string; expiresAt: string; allowance: Allowance }> {
  if (!isKeySecret(secret)) throw refused("This is not an API key of Planback.");
  const secretHash = hashSecret(secret);
  const row = await withSecret(secretHash, (tx) => tx.apiKey.findFirst({ where: { secretHash } }));
  if (!row) throw refused("This API key is not known.");
  if (row.revokedAt) throw refused("This API key was revoked.");
  if (row.expiresAt <= new Date()) throw refused("This API key has expired.");
  const { workspaceId, id, tid, oid, memberId, name } = row;
  const allowance = await takeOne(workspaceId, id);
  const actor: Actor = { tid, oid, name: row.madeBy, username: row.madeBy, sessionHash: "", ip, key: { id, name, workspaceId, memberId, scopes: row.scopes as ApiScope[] } };
  return { actor, workspaceId, expiresAt: row.expiresAt.toISOString(), allowance };
}

/**
 * One row and the database's clock for all web processes: each request puts `whole_at` one interval further, and none may put
 * it further ahead than the window (the generic cell rate algorithm, ITU-T I.371).
 */
async function takeOne(workspaceId: string, id: string): Promise<Allowance> {
  const ahead = await withWorkspace(workspaceId, async (tx) => {
    const taken = await tx.$queryRaw<{ ahead: number }[]>`
      UPDATE api_key SET whole_at = greatest(whole_at, clock_timestamp()) + make_interval(secs => ${INTERVAL_S}::float8), last_used_at = clock_timestamp()
      WHERE workspace_id = ${workspaceId}::uuid AND id = ${id}::uuid AND whole_at <= clock_timestamp() + make_interval(secs => ${API_WINDOW_S - INTERVAL_S}::float8)
      RETURNING extract(epoch FROM whole_at - clock_timestamp())::float8 AS ahead`;
    return taken[0]?.ahead ?? null;
  });
  if (ahead === null) {
    throw new PlanbackError("rate_limited", `This API key sends more than ${API_LIMIT} requests a minute. Wait, then go on more slowly. Nothing was changed.`, { facts: { retryAfterSeconds: Math.ceil(INTERVAL_S) } });
  }
  return { remaining: Math.max(0, Math.floor((API_WINDOW_S - ahead) / INTERVAL_S)), wholeInSeconds: Math.max(0, Math.ceil(ahead)), quota: API_LIMIT, windowSeconds: API_WINDOW_S };
}

const refused = (what: string): PlanbackError => new PlanbackError("not_signed_in", `${what} Make one under API keys in Planback, and send it as “Authorization: Bearer pbk_…”. Nothing was changed.`);

/** What scanners for secrets look for; docs/api.md tells it to the world. */
export const KEY_PATTERN = /^pbk_[0-9A-Za-z]{49}$/;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** 256 random bits (43 digits) and a checksum of them (6 digits), so that what is no key can be told without looking it up. */
function newKeySecret(): string {
  const random = base62(BigInt(`0x${randomBytes(32).toString("hex")}`), 43);
  return `pbk_${random}${checksum(random)}`;
}

/** True when it has the form of a key and its checksum is right. */
export function isKeySecret(text: string): boolean {
  return KEY_PATTERN.test(text) && text.slice(47) === checksum(text.slice(4, 47));
}

const checksum = (text: string): string => base62(BigInt(crc32(text)), 6);

function base62(value: bigint, length: number): string {
  let [text, rest] = ["", value];
  for (; text.length < length; rest /= 62n) text = DIGITS[Number(rest % 62n)]! + text;
  return text;
}
