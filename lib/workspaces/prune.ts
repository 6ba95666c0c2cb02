/**
 * Gives back the storage of snapshots that retention took off their timelines, without ever touching what a snapshot needs.
 *
 *   release   a snapshot that was taken off 14 days ago loses its manifest: until then it can be had back
 *   mark      what the manifests that are left need, and the bundles that plans name
 *   pardon    what was condemned and is needed again
 *   sweep     what was condemned two days ago, and before every backup that is under way began, and is not locked, is claimed, then removed
 *   condemn   what lies in storage for two days and is not needed
 *
 * A backup stores nothing that it finds there. One that began before an object was condemned keeps it from being swept by
 * being under way; one that begins later knows the condemned and pardons what it uses (condemned.ts). What is claimed cannot be
 * pardoned: who needs it waits until it is gone, and stores it anew. So this may run beside backups, twice at once, and be killed anywhere.
 */
import { randomUUID } from "node:crypto";
import { withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { inParallel } from "@/lib/repository/parallel";
import type { Repository, StoredObject } from "@/lib/repository/types";
import { inWorkspace } from "./authorise";
import { lockDaysOf } from "./places";
import { repositoryOf } from "./repository";
import type { Actor, PruneView } from "./types";

const DAY_MS = 24 * 3600_000;
/** How long what was taken off a timeline stays in storage. */
export const HOLD_DAYS = 14;
export interface PruneTimes { now: Date; holdMs: number; graceMs: number }
/** The grace is longer than any job may take, and than clocks may differ. */
const TIMES: Omit<PruneTimes, "now"> = { holdMs: HOLD_DAYS * DAY_MS, graceMs: 2 * DAY_MS };
const EVERY_MS = DAY_MS;
/** Rows that are condemned in one transaction, and objects that are removed with one claim. */
const BATCH = 200;
const CLAIM = 50;
/** Nothing is removed later than this after it was claimed; a claim so much older than that is somebody's who died. */
const CLAIM_MS = 60_000;
const DEAD_MS = 10 * 60_000;
/** Bundles of before come and go beside: only those of today are counted, with the plans. */
const COUNTED = { type: { not: "bundle" } };
/** Clocks of workers may differ by so much. */
const SKEW_MS = 3600_000;

/** Throws what the storage says, and repository_damaged when it cannot be told what is needed; then nothing more is removed. */
export async function pruneWorkspace(workspaceId: string, signal: AbortSignal, given: Partial<PruneTimes> = {}): Promise<void> {
  const times = { now: new Date(), ...TIMES, ...given };
  const id = randomUUID();
  await withWorkspace(workspaceId, (tx) => tx.prune.create({ data: { workspaceId, id, state: "running", startedAt: times.now } }));
  const finish = (state: string, problem: string | null) =>
    withWorkspace(workspaceId, (tx) => tx.prune.update({ where: { workspaceId_id: { workspaceId, id } }, data: { state, problem, finishedAt: new Date() } }));
  try {
    await prune(workspaceId, id, signal, times);
  } catch (error) {
    await finish("failed", error instanceof PlanbackError ? error.message : "An unexpected problem stopped the cleaning. Nothing that a snapshot needs was removed.");
    throw error;
  }
  await finish("done", null);
}

async function prune(workspaceId: string, id: string, signal: AbortSignal, times: PruneTimes): Promise<void> {
  const started = Date.now();
  const now = () => new Date(times.now.getTime() + Date.now() - started);
  const before = (ms: number) => new Date(times.now.getTime() - ms);
  await withWorkspace(workspaceId, async (tx) => {
    const snapshots = await release(tx, workspaceId, before(times.holdMs));
    await tx.prune.update({ where: { workspaceId_id: { workspaceId, id } }, data: { snapshots } });
  });
  // What is under way is looked at before the manifests: a backup that ends in between is in one of the two.
  const oldest = await withWorkspace(workspaceId, (tx) => beganFirst(tx, workspaceId, times.now));
  const { manifestIds, bundleIds } = await withWorkspace(workspaceId, async (tx) => ({
    manifestIds: (await tx.snapshot.findMany({ where: { workspaceId, manifestId: { not: null } }, select: { manifestId: true }, orderBy: [{ planId: "asc" }, { takenAt: "asc" }] })).map(({ manifestId }) => manifestId!),
    bundleIds: (await tx.plan.findMany({ where: { workspaceId, bundleId: { not: null }, snapshots: { some: { manifestId: { not: null } } } }, select: { bundleId: true } })).map(({ bundleId }) => bundleId!),
  }));
  const repository = await repositoryOf(workspaceId);
  const needed = await repository.findNeeded(manifestIds, { bundleIds, signal });
  await pardonNeeded(workspaceId, needed, signal);
  const sweepable = new Date(Math.min(before(times.graceMs).getTime(), oldest.getTime() - SKEW_MS));
  while (await sweepSome(workspaceId, id, sweepable, times.now, repository)) signal.throwIfAborted();
  const lockDays = await lockDaysOf(workspaceId);
  const lockEnd = async ({ type, id: objectId, modified }: StoredObject) =>
    (await repository.lockedUntil(type, objectId)) ?? (lockDays === null ? null : new Date(modified.getTime() + lockDays * DAY_MS));
  let some: StoredObject[] = [];
  const condemn = async () => {
    const data = await inParallel(some, CLAIM, async (object) => ({ workspaceId, type: object.type, objectId: object.id, bytes: object.bytes, condemnedAt: now(), lockedUntil: await lockEnd(object) }));
    await withWorkspace(workspaceId, (tx) => tx.condemned.createMany({ data, skipDuplicates: true }));
  };
  for await (const object of repository.listStored()) {
    signal.throwIfAborted();
    if (needed.has(object.id) || object.modified > before(times.graceMs)) continue;
    if (some.push(object) < BATCH) continue;
    await condemn();
    some = [];
  }
  if (some.length > 0) await condemn();
}

/** Snapshots that a restore still reads, or may soon, or that are the way back of one that has not ended, are kept. */
async function release(tx: Tx, workspaceId: string, removedBefore: Date): Promise<number> {
  const unfinished = { none: { finishedAt: null, OR: [{ startedAt: { not: null } }, { createdAt: { gt: removedBefore } }] } };
  const { count } = await tx.snapshot.updateMany({
    where: { workspaceId, manifestId: { not: null }, removedAt: { lt: removedBefore }, restores: unfinished, before: unfinished }, data: { manifestId: null },
  });
  return count;
}

/** When the oldest of the jobs began that may be storing a snapshot now. */
async function beganFirst(tx: Tx, workspaceId: string, now: Date): Promise<Date> {
  const captures = await tx.snapshot.aggregate({ where: { workspaceId, state: "open" }, _min: { takenAt: true } });
  const restores = await tx.restore.aggregate({ where: { workspaceId, finishedAt: null, leaseUntil: { gt: new Date(now.getTime() - SKEW_MS) } }, _min: { startedAt: true } });
  return new Date(Math.min(now.getTime(), ...[captures._min.takenAt, restores._min.startedAt].flatMap((at) => at?.getTime() ?? [])));
}

async function pardonNeeded(workspaceId: string, needed: { has(id: string): boolean }, signal: AbortSignal): Promise<void> {
  for (let after = { type: "", objectId: "" }; ;) {
    signal.throwIfAborted();
    const rows = await withWorkspace(workspaceId, async (tx) => {
      const { type, objectId } = after;
      const some = await tx.condemned.findMany({
        where: { workspaceId, OR: [{ type: { gt: type } }, { type, objectId: { gt: objectId } }] }, orderBy: [{ type: "asc" }, { objectId: "asc" }], take: 5_000, select: { type: true, objectId: true },
      });
      await tx.condemned.deleteMany({ where: { workspaceId, sweepingAt: null, objectId: { in: some.map((row) => row.objectId).filter((one) => needed.has(one)) } } });
      return some;
    });
    if (rows.length === 0) return;
    after = rows.at(-1)!;
  }
}

/** Removes some objects that were condemned before a time; false when none is left. */
async function sweepSome(workspaceId: string, id: string, condemnedBefore: Date, now: Date, repository: Repository): Promise<boolean> {
  const claimedAt = Date.now();
  const claimed = await withWorkspace(workspaceId, (tx) => tx.$queryRaw<Pick<StoredObject, "type" | "id">[]>`
    UPDATE condemned SET sweeping_at = now() FROM (
      SELECT type, object_id FROM condemned WHERE workspace_id = ${workspaceId}::uuid AND condemned_at < ${condemnedBefore} AND (locked_until IS NULL OR locked_until < ${now})
        AND (sweeping_at IS NULL OR sweeping_at < now() - make_interval(secs => ${DEAD_MS / 1000})) ORDER BY condemned_at LIMIT ${CLAIM} FOR UPDATE SKIP LOCKED
    ) these WHERE condemned.workspace_id = ${workspaceId}::uuid AND condemned.type = these.type AND condemned.object_id = these.object_id
    RETURNING condemned.type, condemned.object_id AS id`);
  if (claimed.length === 0) return false;
  const removed: string[] = [];
  const refused: string[] = [];
  const outcomes = await Promise.allSettled(claimed.map(async (object) => {
    if (Date.now() - claimedAt > CLAIM_MS) throw new PlanbackError("lease_lost", "The cleaning was interrupted and goes on in another worker.");
    await repository.removeObject(object.type, object.id).catch((error: unknown) => {
      if (isPlanbackError(error, "storage_unavailable") && (error.facts.reason === "forbidden" || error.facts.reason === "rejected")) refused.push(object.id);
      throw error;
    });
    removed.push(object.id);
  }));
  await withWorkspace(workspaceId, async (tx) => {
    const gone = { workspaceId, objectId: { in: removed } };
    const { _count, _sum } = await tx.condemned.aggregate({ where: { ...gone, ...COUNTED }, _count: true, _sum: { bytes: true } });
    await tx.condemned.deleteMany({ where: gone });
    // A lock that is longer than is known here, or a right that is missing: tomorrow again, and the others before.
    await tx.condemned.updateMany({ where: { workspaceId, objectId: { in: refused } }, data: { sweepingAt: null, lockedUntil: new Date(now.getTime() + DAY_MS) } });
    await tx.prune.update({ where: { workspaceId_id: { workspaceId, id } }, data: { objects: { increment: _count }, bytes: { increment: _sum.bytes ?? 0n } } });
  });
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return true;
}

/** True when a day has gone by since the storage was last looked through. */
export async function isPruneDue(tx: Tx, workspaceId: string, now: Date): Promise<boolean> {
  const last = await tx.prune.findFirst({ where: { workspaceId }, orderBy: { startedAt: "desc" }, select: { startedAt: true } });
  return last === null || now.getTime() - last.startedAt.getTime() > EVERY_MS;
}

/** What the last look through the storage did, and what will be given back. */
export function getPruning(actor: Actor, workspaceId: string): Promise<PruneView> {
  return inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const mine = { workspaceId: me.workspaceId };
    const last = await tx.prune.findFirst({ where: mine, orderBy: { startedAt: "desc" } });
    const waiting = await tx.condemned.aggregate({ where: { ...mine, ...COUNTED }, _count: true, _sum: { bytes: true }, _max: { lockedUntil: true } });
    return {
      last: last && { state: last.state as "running" | "done" | "failed", at: (last.finishedAt ?? last.startedAt).toISOString(), objects: last.objects, bytes: Number(last.bytes), problem: last.problem },
      held: await tx.snapshot.count({ where: { ...mine, removedAt: { not: null }, manifestId: { not: null } } }),
      waiting: { objects: waiting._count, bytes: Number(waiting._sum.bytes ?? 0), lockedUntil: waiting._max.lockedUntil?.toISOString() ?? null },
    };
  });
}
