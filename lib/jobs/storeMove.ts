/**
 * Takes a workspace from one storage to another, while its backups and restores go on.
 *
 *   copying   everything is copied and read back. Jobs use the old storage only
 *   closing   jobs that begin from now on store in both (lib/repository/moving-store.ts). Those that began before are waited for;
 *             what they stored is copied; then the workspace is switched
 *   held      the new storage is used alone; the old copies stay for a week
 *   removing  they go
 *
 * Until the switch the old storage has everything, so a move can be cancelled at any time: what was copied is removed (cancelling).
 * Every step looks at what is there and can be done again; whatever is removed is removed under a lease, so a worker that stood still
 * removes nothing that a later one stored.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { withWorkspace, type Tx } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { Prisma, type StoreMove } from "@/lib/generated/prisma/client";
import { copyPart, isSamePlace, MOVE_PARTS, removePart } from "@/lib/repository";
import { PLANBACK, record, type AuditAction } from "@/lib/workspaces/audit";
import { repositoryKeys } from "@/lib/workspaces/keys";
import { DUMP } from "@/lib/workspaces/dump";
import { KIT, lockKit } from "@/lib/workspaces/kit";
import { careStoreOf, storeAt } from "@/lib/workspaces/places";
import { fenced, underLease, type Held, type LeaseTimes } from "./lease";
import { isPassing } from "./passing";
import { stopWatch } from "./pace";
import type { Jobs } from "./types";

export interface MoveTimes extends LeaseTimes { holdMs: number; waitMs: number }
/** A request to a storage ends within four minutes, with all its attempts. */
const TIMES: MoveTimes = { requestMs: 250_000, leaseSeconds: 330, renewMs: 20_000, holdMs: 7 * 24 * 3600_000, waitMs: 2_000 };
/** Clocks of a storage and of the database may differ by so much. */
const SKEW_MS = 3600_000;

/** Ids of snapshots that were under way, and of restores with the epoch they had. */
interface Waits { snapshots: string[]; restores: { id: string; epoch: number }[] }

export async function storeMove({ workspaceId, moveId: id }: Jobs["store-move"], context: JobContext, given: Partial<MoveTimes> = {}): Promise<void> {
  const times = { ...TIMES, ...given };
  if (!(await read(workspaceId, id))) return;
  await underLease({ workspaceId, id }, context, times, async (held) => {
    for (;;) {
      const move = await read(workspaceId, id);
      if (!move || (move.state === "held" && move.removeAfter! > new Date())) return;
      // A person who cancels, or the end of the workspace, changes the state.
      const stop = stopWatch(async () => (await read(workspaceId, id))?.state !== move.state, held.lost);
      try {
        await STEPS[move.state]!({ move, held, times, signal: stop.signal });
      } catch (error) {
        const reason = stop.signal.aborted ? (stop.signal.reason as unknown) : error;
        if (isPlanbackError(reason, "lease_lost")) throw reason;
        if (isPlanbackError(reason, "cancelled")) continue;
        await noteProblem(move, held, reason);
        if (isPassing(reason)) throw reason;
        return; // it is looked after again in five minutes
      } finally {
        stop.end();
      }
    }
  }, "store_move");
}

interface Step { move: StoreMove; held: Held; times: MoveTimes; signal: AbortSignal }

const STEPS: Record<string, (step: Step) => Promise<void>> = {
  async copying(step) {
    if (step.move.part === 0 && (await isSamePlaceTwice(step.move))) {
      return change(step, { state: "cancelled", finishedAt: new Date(), problem: "The new storage is the one where the backups are already, under another name. Nothing was changed." });
    }
    await copyAll(step);
    await change(step, { state: "closing", part: 0, damaged: 0, waits: Prisma.DbNull, copiedAt: step.move.copiedAt ?? new Date() });
  },
  async closing(step) {
    const { move, times, signal } = step;
    const { workspaceId, id } = move;
    if (move.waits === null) {
      // Not in the transaction that closes: whoever is not seen here begins later than that, and stores in both.
      const waits = await withWorkspace(workspaceId, (tx) => underWay(tx, workspaceId));
      return change(step, { waits: waits as unknown as Prisma.InputJsonObject });
    }
    while (!(await withWorkspace(workspaceId, (tx) => isOver(tx, workspaceId, move.waits as unknown as Waits)))) await sleep(times.waitMs, undefined, { signal });
    await copyAll(step);
    const now = new Date();
    await change(step, { state: "held", part: 0, problem: null, switchedAt: now, removeAfter: new Date(now.getTime() + times.holdMs) }, async (tx) => {
      // The recovery kit and the copy of the rows are made anew over there.
      await lockKit(tx, workspaceId);
      await tx.workspace.update({ where: { id: workspaceId }, data: { place: move.toPlace, kitHash: null, copiedAt: null } });
      await record(tx, workspaceId, PLANBACK, { action: "storage.moved", target: { kind: "move", id }, detail: { from: move.fromPlace, to: move.toPlace } });
    });
  },
  held: (step) => change(step, { state: "removing", part: 0 }),
  async removing(step) {
    await removeAll(step, step.move.fromPlace, [KIT, DUMP]).catch((error: unknown) => {
      // Somebody removed the bucket, and the old copies with it.
      if (!isPlanbackError(error, "storage_unavailable") || error.facts.reason !== "no_place") throw error;
    });
    await finish(step, "done", "storage.old_removed");
  },
  async cancelling(step) {
    await removeAll(step, step.move.toPlace, []);
    await finish(step, "cancelled", null);
  },
};

async function copyAll({ move, held, signal }: Step): Promise<void> {
  const { workspaceId, fromPlace, toPlace, copiedAt } = move;
  const [from, to, keys] = await Promise.all([storeAt(workspaceId, fromPlace), storeAt(workspaceId, toPlace), repositoryKeys(workspaceId)]);
  const provenBefore = copiedAt ? new Date(copiedAt.getTime() - SKEW_MS) : undefined;
  for (let part = move.part; part < MOVE_PARTS; part++) {
    signal.throwIfAborted();
    const { objects, bytes, damaged } = await copyPart(from, to, keys, part, { signal, check: held.check, ...(move.state === "closing" && provenBefore ? { provenBefore } : {}) });
    if (objects + damaged > 0 || part % 8 === 7) await change({ move, held }, { part: part + 1, problem: null, objects: { increment: objects }, bytes: { increment: bytes }, damaged: { increment: damaged } });
  }
}

/** Never from where the workspace is: should two names mean one place after all, nothing is removed. */
async function removeAll({ move, held, signal }: Step, place: string, besides: string[]): Promise<void> {
  const { workspaceId } = move;
  if (await isSamePlaceTwice(move)) return;
  const store = await storeAt(workspaceId, place);
  for (let part = move.part; part < MOVE_PARTS; part++) {
    signal.throwIfAborted();
    await removePart(store, workspaceId, part, { signal, check: held.check });
    if (part % 8 === 7) await change({ move, held }, { part: part + 1, problem: null });
  }
  const care = await careStoreOf(workspaceId);
  if (await isSamePlace(care, store, workspaceId)) return;
  for (const what of besides) {
    for await (const { key } of store.list(`${workspaceId}/${what}/`)) {
      held.check();
      await store.remove(key);
    }
  }
}

async function isSamePlaceTwice({ workspaceId, fromPlace, toPlace }: StoreMove): Promise<boolean> {
  const [from, to] = await Promise.all([storeAt(workspaceId, fromPlace), storeAt(workspaceId, toPlace)]);
  return isSamePlace(to, from, workspaceId);
}

/** Jobs that may have opened the storage before it was closed. */
async function underWay(tx: Tx, workspaceId: string): Promise<Waits> {
  const snapshots = await tx.snapshot.findMany({ where: { workspaceId, state: "open" }, select: { id: true } });
  const restores = await tx.restore.findMany({ where: { workspaceId, finishedAt: null, leaseUntil: { not: null } }, select: { id: true, leaseEpoch: true } });
  return { snapshots: snapshots.map(({ id }) => id), restores: restores.map(({ id, leaseEpoch: epoch }) => ({ id, epoch })) };
}

/** A job that was taken over has opened the storage anew, and what the one before stored does not count. */
async function isOver(tx: Tx, workspaceId: string, { snapshots, restores }: Waits): Promise<boolean> {
  if ((await tx.snapshot.count({ where: { workspaceId, id: { in: snapshots }, state: "open" } })) > 0) return false;
  const held = { workspaceId, finishedAt: null, leaseUntil: { not: null } };
  return (await tx.restore.count({ where: { ...held, OR: restores.map(({ id, epoch: leaseEpoch }) => ({ id, leaseEpoch })) } })) === 0;
}

/** Writes only while the lease is ours and nobody has changed the state. */
async function change({ move: { workspaceId, id, state }, held }: Pick<Step, "move" | "held">, data: Prisma.StoreMoveUpdateManyMutationInput, also: (tx: Tx) => Promise<void> = async () => undefined): Promise<void> {
  await fenced(held.lease, async (tx) => {
    const { count } = await tx.storeMove.updateMany({ where: { workspaceId, id, state }, data });
    if (count === 0) throw new PlanbackError("cancelled", "Stopped by a person.");
    await also(tx);
  });
}

async function finish(step: Step, state: "done" | "cancelled", action: AuditAction | null): Promise<void> {
  const { workspaceId, id } = step.move;
  await change(step, { state, finishedAt: new Date(), problem: null }, async (tx) => {
    if (action) await record(tx, workspaceId, PLANBACK, { action, target: { kind: "move", id } });
  });
}

/** Jobs store in one place again while the other cannot be used; what was copied stays copied. */
async function noteProblem(move: StoreMove, held: Held, error: unknown): Promise<void> {
  const problem = error instanceof PlanbackError ? error.message : "An unexpected problem interrupted the move. It goes on by itself; nothing is lost.";
  const back = move.state === "closing" ? { state: "copying", part: MOVE_PARTS, waits: Prisma.DbNull } : {};
  await change({ move, held }, { problem, ...back }).catch((failed: unknown) => { if (!isPlanbackError(failed, "cancelled")) throw failed; });
}

function read(workspaceId: string, id: string): Promise<StoreMove | null> {
  return withWorkspace(workspaceId, (tx) => tx.storeMove.findFirst({ where: { workspaceId, id, finishedAt: null } }));
}
