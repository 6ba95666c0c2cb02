/**
 * Runs a restore that a person confirmed. One worker at a time holds its lease; a worker that takes over carries on from
 * the journal. When everything has ended, the target is read back and compared, and the report is what was found.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { withWorkspace, type Tx } from "@/lib/db";
import { send, type JobContext } from "@/lib/db/queue";
import { isPlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";
import { confirmedReport, executeRestore, followSuccessors, readAccountFacts, readBack, type ExecuteInput, type RestoreClock, type RestoreReport } from "@/lib/restore";
import { sealJson } from "@/lib/workspaces/keys";
import { repositoryOf } from "@/lib/workspaces/repository";
import { MOVING, PAUSED } from "@/lib/workspaces/restoreStates";
import { PLACE } from "@/lib/workspaces/sealed";
import { connectionRemoved, noteTrouble } from "./connectionRow";
import { graphWith, scopesInToken, tokensFor } from "./graphFor";
import { PostgresJournal } from "./journal";
import { fenced, underLease, type Held, type Lease, type LeaseTimes } from "./lease";
import { stopWatch } from "./pace";
import { isPassing } from "./passing";
import { changeRestore, findRestoreRow, openPlan, openSource, problemSentence, type RestoreRow } from "./restoreContext";
import { progressOf } from "./restoreProgress";
import { getReady, hasBegun } from "./restoreReady";
import type { Jobs } from "./types";

const SWEEP_AFTER_MS = 15 * 60_000;

/** How long a restore waits for what. `settleMs` and `betweenListingsMs` are told in lib/restore/execution.ts. */
export interface RestoreTimes extends LeaseTimes, Pick<ExecuteInput, "settleMs" | "betweenListingsMs"> {}

export const TIMES: RestoreTimes = { requestMs: 30_000, leaseSeconds: 45, renewMs: 10_000 };

const clock: RestoreClock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => undefined); // an abort only ends the wait early
  },
};

export async function restoreRun({ workspaceId, restoreId }: Jobs["restore-run"], context: JobContext, times = TIMES): Promise<void> {
  const found = await withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
  if (!isMoving(found)) return;
  await underLease(found, context, times, async (held) => {
    const { lease, lost } = held;
    const row = await withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
    if (!isMoving(row)) return; // the worker before has ended it
    try {
      await run(row, held, times);
    } catch (error) {
      if (isPlanbackError(error, "lease_lost") || lost.aborted) throw error;
      await noteTrouble(row.connection, "restore", error);
      await stopHere(row, lease, error);
    }
  });
}

/** Paused: a person has to sign in or grant consent, and then lets it go on. */
function isMoving(row: RestoreRow | null): row is RestoreRow {
  return row !== null && MOVING.includes(row.state) && row.phase !== PAUSED.phase;
}

async function run(row: RestoreRow, { lease, lost, fetch }: Held, { requestMs, settleMs, betweenListingsMs }: RestoreTimes): Promise<void> {
  if (row.connection.removedAt) throw connectionRemoved();
  const repository = await repositoryOf(row.workspaceId);
  const journal = new PostgresJournal(lease);
  const progress = progressOf(row);
  const stop = stopWatch(() => isCancelled(row), lost);
  try {
    const tokens = await tokensFor(row.connection, "restore");
    // Requests under way are finished when a person cancels; only a lost lease ends them.
    const graph = graphWith(row.connection, "restore", tokens, { signal: lost, timeoutMs: requestMs, events: progress.events, fetch });
    const account = await readAccountFacts(graph, scopesInToken(await tokens()) ?? []);
    const plan = await getReady({ row, lease, graph, account, signal: stop.signal, onPhase: progress.phase });
    await progress.flush();
    if (!plan) return;
    const execution = await executeRestore({ plan, journal, graph, repository, accountId: account.id, clock, signal: stop.signal, onProgress: progress.push, settleMs, betweenListingsMs });
    lost.throwIfAborted();
    await progress.flush();
    await changeRestore(row, MOVING, { state: "verifying", phase: "verifying", waiting: Prisma.DbNull });
    const cancelled = execution.state === "cancelled";
    const source = await openSource(row); // not held while the restore runs: it may be large
    const { snapshot, request } = followSuccessors(source.content, source.request, plan.successors);
    const report = await readBack({ plan, journal, graph, repository, snapshot, request, clock, cancelled, requests: progress.requests() });
    const state = cancelled ? "cancelled" : report.verdict === "exact" ? "verified" : "different";
    await finish(row, lease, { state, problem: execution.limit }, report);
  } finally {
    stop.end();
    await progress.flush();
  }
}

/**
 * An error ended the work. What may pass is tried again by the queue; what a person can mend pauses the restore; anything
 * else ends it. The report then names what Microsoft 365 confirmed.
 */
async function stopHere(row: RestoreRow, lease: Lease, error: unknown): Promise<void> {
  const problem = problemSentence(error);
  await changeRestore(row, MOVING, { problem });
  const cancelled = await isCancelled(row);
  const report = (await hasBegun(row)) ? await confirmed(row, lease, cancelled) : null;
  if (cancelled) return finish(row, lease, { state: "cancelled", problem: isPlanbackError(error, "cancelled") ? null : problem }, report);
  if (isPassing(error)) throw error;
  if (!isPlanbackError(error, "needs_sign_in", "consent_missing")) return finish(row, lease, { state: "failed", problem }, report);
  const sealedReport = report && (await sealReport(row, report));
  await fenced(lease, async (tx) => {
    await tx.restore.update({
      where: { workspaceId_id: { workspaceId: row.workspaceId, id: row.id } },
      data: { ...PAUSED, waiting: { reason: problem, until: null }, problem, ...(sealedReport ? { sealedReport } : {}) },
    });
  });
}

/** The report without reading back. */
async function confirmed(row: RestoreRow, lease: Lease, cancelled: boolean): Promise<RestoreReport> {
  return confirmedReport({ plan: await openPlan(row), journal: new PostgresJournal(lease), clock, cancelled, requests: 0 });
}

/** Its job has failed all its attempts: the restore ends, with a report of what there is, and a person may let it go on. */
export async function giveUpRestore(workspaceId: string, restoreId: string, context: JobContext, times = TIMES): Promise<void> {
  const read = () => withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
  const found = await read();
  if (!isMoving(found)) return;
  await underLease(found, context, times, async ({ lease }) => {
    const row = await read();
    if (!isMoving(row)) return;
    const report = (await hasBegun(row)) ? await confirmed(row, lease, false) : null;
    const why = row.problem ? `The last reason: ${row.problem}` : "It was interrupted each time.";
    const problem = `The restore was tried several times and given up for now. ${report ? "What was done is listed below, and it can go on from there." : "Nothing was written; it can be started again."} ${why}`;
    await finish(row, lease, { state: "failed", problem }, report);
  });
}

async function finish(row: RestoreRow, lease: Lease, data: { state: string; problem: string | null }, report: RestoreReport | null): Promise<void> {
  const { workspaceId, id } = row;
  const sealedReport = report && (await sealReport(row, report));
  await fenced(lease, async (tx) => {
    await tx.restore.update({
      where: { workspaceId_id: { workspaceId, id } }, data: { ...data, phase: null, waiting: Prisma.DbNull, finishedAt: new Date(), ...(sealedReport ? { sealedReport } : {}) },
    });
    if (report) await sendSweep(tx, row);
    await send("watch", { workspaceId }, { tx });
  });
}

export async function sendSweep(tx: Tx, { workspaceId, id }: RestoreRow): Promise<void> {
  await send("restore-sweep", { workspaceId, restoreId: id }, { tx, startAfter: new Date(Date.now() + SWEEP_AFTER_MS) });
}

export function sealReport({ workspaceId, id }: RestoreRow, report: RestoreReport): Promise<Uint8Array<ArrayBuffer>> {
  return sealJson(workspaceId, "content", PLACE.restoreReport(id), report);
}

async function isCancelled({ workspaceId, id }: RestoreRow): Promise<boolean> {
  const found = await withWorkspace(workspaceId, (tx) => tx.restore.findUnique({ where: { workspaceId_id: { workspaceId, id } }, select: { cancelRequestedAt: true } }));
  return found?.cancelRequestedAt !== null;
}
