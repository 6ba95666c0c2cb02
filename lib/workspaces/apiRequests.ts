/** Requests that may be sent twice and are done once: by the key that their sender gave them (the Idempotency-Key header). */
import { createHash, randomUUID } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { isUniqueViolation, withWorkspace } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";
import { inWorkspace } from "./authorise";
import { parseInput } from "./input";
import type { Actor } from "./types";

const KEPT_MS = 24 * 3600_000;
/** A request that is at work longer than this died with its process. */
const AT_WORK_MS = 90_000;

const keyInput = z.string().min(1, "An idempotency key has 1 to 255 characters.").max(255, "An idempotency key has 1 to 255 characters.").regex(/^[\x21-\x7e]+$/, "An idempotency key has printable ASCII characters only.");

/** Answers hold ids and states, no content. */
export interface ApiAnswer { status: number; body: Prisma.InputJsonObject }
/** `body`: as it was parsed; `id`: what the work makes, or the request key that it is made under, the same each time. */
export interface Repeatable { idempotencyKey: string; method: string; path: string; body: unknown }

/**
 * Does the work once: the same request again, within 24 hours, gets the same answer. What failed changed nothing and may be
 * tried again under its key. Throws `key_reused` for another request under the key, `conflict` while the first is at work.
 */
export async function once(actor: Actor, workspaceId: string, request: Repeatable, work: (id: string) => Promise<ApiAnswer>): Promise<ApiAnswer & { replayed: boolean }> {
  const idempotencyKey = parseInput(keyInput, request.idempotencyKey);
  const fingerprint = new Uint8Array(createHash("sha256").update(canonicalize([request.method, request.path, request.body ?? null])!).digest());
  const me = await inWorkspace(actor, workspaceId, "workspace.view", (_tx, membership) => Promise.resolve(membership));
  const ws = me.workspaceId;
  const mine = { workspaceId: ws, senderId: actor.key?.id ?? me.memberId, idempotencyKey };
  const claimed = await claim(ws, mine, fingerprint);
  if ("answer" in claimed) return { ...claimed.answer, replayed: true };
  try {
    const answer = await work(claimed.outcomeId);
    await withWorkspace(ws, (tx) => tx.apiRequest.updateMany({ where: mine, data: { answer: { ...answer } } }));
    return { ...answer, replayed: false };
  } catch (error) {
    // After a failure on our side nobody knows whether it was done: the next one goes on with the same id.
    if (error instanceof PlanbackError && error.status < 500) await withWorkspace(ws, (tx) => tx.apiRequest.deleteMany({ where: { ...mine, claimedAt: claimed.at } }));
    throw error;
  }
}

async function claim(workspaceId: string, mine: { workspaceId: string; senderId: string; idempotencyKey: string }, fingerprint: Uint8Array<ArrayBuffer>): Promise<{ outcomeId: string; at: Date } | { answer: ApiAnswer }> {
  const at = new Date();
  const outcomeId = randomUUID();
  try {
    await withWorkspace(workspaceId, async (tx) => {
      await tx.apiRequest.deleteMany({ where: { workspaceId, createdAt: { lt: new Date(at.getTime() - KEPT_MS) } } });
      await tx.apiRequest.create({ data: { ...mine, fingerprint, outcomeId, createdAt: at, claimedAt: at } });
    });
    return { outcomeId, at };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  return withWorkspace(workspaceId, async (tx) => {
    const row = await tx.apiRequest.findUnique({ where: { workspaceId_senderId_idempotencyKey: mine } });
    if (row && Buffer.compare(row.fingerprint, fingerprint) !== 0) throw new PlanbackError("key_reused", "This idempotency key was sent before with another request. Take a new key for a new request. Nothing was changed.");
    if (row?.answer) return { answer: row.answer as unknown as ApiAnswer };
    const dead = { ...mine, answer: { equals: Prisma.DbNull }, claimedAt: { lt: new Date(at.getTime() - AT_WORK_MS) } };
    if (row && (await tx.apiRequest.updateMany({ where: dead, data: { claimedAt: at } })).count === 1) return { outcomeId: row.outcomeId, at };
    throw new PlanbackError("conflict", "The same request is being worked on. Send it again in a moment to get its answer.", { facts: { retryAfterSeconds: 1 } });
  });
}
