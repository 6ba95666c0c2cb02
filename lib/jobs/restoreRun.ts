/**
 * Runs a restore that a person confirmed. One worker at a time holds its lease; a worker that takes over carries on from
 * the journal. When everything has ended, the target is read back and compared, and the report is what was found.
 *
 * A drill then removes the plan that it made. Its report is stored before: a worker that takes over in between does not
 * read back what may be gone already.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { withWorkspace, type Tx } from "@/lib/db";
import { send, type JobContext } from "@/lib/db/queue";
import { isPlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";
import { type Cleared, clearDrill, comparedOnly, confirmedReport, executeRestore, followSuccessors, readAccountFacts, readBack, type ExecuteInput, type RestoreClock, type RestoreReport } from "@/lib/restore";
import { PLANBACK, record } from "@/lib/workspaces/audit";
import { openJson, sealJson } from "@/lib/workspaces/keys";
import { metrics } from "@/lib/telemetry/metrics";
import { repositoryOf } from "@/lib/workspaces/repository";
import { MOVING, PAUSED, QUEUED } from "@/lib/workspaces/restoreStates";
import { PLACE } from "@/lib/workspaces/sealed";
import { connectionRemoved, noteTrouble } from "./connectionRow";
import { giveBack } from "./giveBack";
import { graphWith, scopesInToken, tokensFor } from "./graphFor";
import { PostgresJournal } from "./journal";
import { fenced, underLease, type Held, type Lease, type LeaseTimes } from "./lease";
import { stopWatch } from "./pace";
import { isPassing } from "./passing";
import { changeRestore, findRestoreRow, openPlan, openSource, problemSentence, type RestoreRow } from "./restoreContext";
import { progressOf } from "./restoreProgress";
import { getReady, hasBegun, madeSince } from "./restoreReady";
import { askTurn, passTurns, takeMade } from "./turn";
import type { Jobs } from "./types";

const SWEEP_AFTER_MS = 15 * 60_000;

/** How long a restore waits for what. `settleMs` and `betweenListingsMs` are told in lib/restore/execution.ts. */
export interface RestoreTimes extends LeaseTimes, Pick<ExecuteInput, "settleMs" | "betweenListingsMs"> {}

export const TIMES: RestoreTimes = { requestMs: 30_000, leaseSeconds: 45, renewMs: 10_000 };

export const clock: RestoreClock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => undefined); // an abort only ends the wait early
  },
};

export async function restoreRun({ workspaceId, restoreId }: Jobs["restore-run"], context: JobContext, times = TIMES): Promise<void> {
  const found = await withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
  if (isMoving(found)) await underLease(found, context, times, async (held) => {
    const { lease, lost } = held;
    const row = await withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
    if (!isMoving(row)) return; // the worker before has ended it
    try {
      await run(row, held, context.stopping, times);
    } catch (error) {
      if (isPlanbackError(error, "lease_lost") || lost.aborted || context.stopping?.aborted) throw error;
      await noteTrouble(row.connection, "restore", error);
      await stopHere(row, lease, error);
    }
  });
  await passTurns(workspaceId);
}

/** Not while it waits for a person, who has to sign in or grant consent, or for its turn: then a job comes for it. */
function isMoving(row: RestoreRow | null): row is RestoreRow {
  return row !== null && MOVING.includes(row.state) && row.phase !== PAUSED.phase && row.phase !== QUEUED.phase;
}

async function run(row: RestoreRow, { lease, lost, fetch }: Held, stopping: AbortSignal | undefined, { requestMs, settleMs, betweenListingsMs }: RestoreTimes): Promise<void> {
  if (row.connection.removedAt) throw connectionRemoved();
  if (!(await askTurn(row, lease))) return;
  const isDrill = row.drillOf !== null;
  const repository = await repositoryOf(row.workspaceId);
  const journal = new PostgresJournal(lease, isDrill ? undefined : (planId) => takeMade(row, lease, planId));
  const progress = progressOf(row);
  const stop = stopWatch(() => isCancelled(row), AbortSignal.any(stopping ? [lost, stopping] : [lost]));
  try {
    const tokens = await tokensFor(row.connection, "restore");
    // Requests under way are finished when a person cancels or the process stops; only a lost lease ends them.
    const graph = graphWith(row.connection, "restore", tokens, { signal: lost, timeoutMs: requestMs, events: progress.events, fetch, urgent: !isDrill });
    const account = await readAccountFacts(graph, scopesInToken(await tokens()) ?? []);
    const removePlan = async (outcome: Outcome) => {
      const cleared = await clearDrill({ plan: await openPlan(row), journal, graph, accountId: account.id, clock, settleMs });
      lost.throwIfAborted();
      await finish(row, lease, outcome, null, cleared);
    };
    const kept = await keptOutcome(row);
    if (kept) return await removePlan(kept);
    const plan = await getReady({ row, lease, graph, account, signal: stop.signal, onPhase: progress.phase });
    await progress.flush();
    if (!plan) return;
    giveBack();
    const execution = await executeRestore({ plan, madeSince: await madeSince(row, graph), journal, graph, repository, accountId: account.id, clock, signal: stop.signal, onProgress: progress.push, settleMs, betweenListingsMs });
    lost.throwIfAborted();
    await progress.flush();
    await changeRestore(row, MOVING, { state: "verifying", phase: "verifying", waiting: Prisma.DbNull });
    const cancelled = execution.state === "cancelled";
    giveBack();
    const source = await openSource(row, comparedOnly); // not held while the restore runs: it may be large
    const { snapshot, request } = followSuccessors(source.content, source.request, plan.successors);
    const report = await readBack({ plan, journal, graph, repository, snapshot, request, clock, cancelled, requests: progress.requests() });
    const outcome: Outcome = { state: stateOf(report), problem: execution.limit };
    if (!isDrill) return await finish(row, lease, outcome, report);
    await keepReport(row, lease, report, execution.limit);
    await removePlan(outcome);
  } finally {
    stop.end();
    await progress.flush();
  }
}

interface Outcome { state: string; problem: string | null }

const stateOf = ({ verdict }: RestoreReport): string => (verdict === "cancelled" ? "cancelled" : verdict === "exact" ? "verified" : "different");

/** The report of a drill, before its plan goes. */
async function keepReport(row: RestoreRow, lease: Lease, report: RestoreReport, problem: string | null): Promise<void> {
  const sealedReport = await sealReport(row, report);
  await fenced(lease, (tx) => tx.restore.update({ where: { workspaceId_id: { workspaceId: row.workspaceId, id: row.id } }, data: { sealedReport, phase: REMOVING, problem }, select: { id: true } }));
}

/** How a drill ended whose report is stored: only its plan is left to be removed. */
async function keptOutcome({ workspaceId, id }: RestoreRow): Promise<Outcome | null> {
  const row = await withWorkspace(workspaceId, (tx) => tx.restore.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id } }, omit: { sealedPlan: true } }));
  if (row.phase !== REMOVING || !row.sealedReport) return null;
  return { state: stateOf(await openJson<RestoreReport>(workspaceId, "content", PLACE.restoreReport(id), row.sealedReport)), problem: row.problem };
}

const REMOVING = "removing";

/**
 * An error ended the work. What may pass is tried again by the queue; what a person can mend pauses the restore; anything
 * else ends it. The report then names what Microsoft 365 confirmed. A drill waits for nobody: it ends.
 */
async function stopHere(row: RestoreRow, lease: Lease, error: unknown): Promise<void> {
  const problem = problemSentence(error);
  const kept = await keptOutcome(row);
  if (kept && isPassing(error)) throw error;
  if (kept) return finish(row, lease, kept, null);
  await changeRestore(row, MOVING, { problem });
  const cancelled = await isCancelled(row);
  const report = (await hasBegun(row)) ? await confirmed(row, lease, cancelled) : null;
  if (cancelled) return finish(row, lease, { state: "cancelled", problem: isPlanbackError(error, "cancelled") ? null : problem }, report);
  if (isPassing(error)) throw error;
  if (row.drillOf !== null || !isPlanbackError(error, "needs_sign_in", "consent_missing")) return finish(row, lease, { state: "failed", problem }, report);
  const sealedReport = report && (await sealReport(row, report));
  await fenced(lease, async (tx) => {
    await tx.restore.update({
      where: { workspaceId_id: { workspaceId: row.workspaceId, id: row.id } },
      data: { ...PAUSED, holdsTurn: false, waiting: { reason: problem, until: null }, problem, ...(sealedReport ? { sealedReport } : {}) }, select: { id: true },
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
    const kept = await keptOutcome(row);
    if (kept) return finish(row, lease, kept, null);
    const report = (await hasBegun(row)) ? await confirmed(row, lease, false) : null;
    const why = row.problem ? `The last reason: ${row.problem}` : "It was interrupted each time.";
    const problem = row.drillOf !== null ? `The drill was tried several times and given up. ${why}` : `The restore was tried several times and given up for now. ${report ? "What was done is listed below, and it can go on from there." : "Nothing was written; it can be started again."} ${why}`;
    await finish(row, lease, { state: "failed", problem }, report);
  });
  await passTurns(workspaceId);
}

/** `cleared`: what became of a drill's plan; absent: nobody has tried to remove it yet. */
async function finish(row: RestoreRow, lease: Lease, data: Outcome, report: RestoreReport | null, cleared?: Cleared): Promise<void> {
  const { workspaceId, id } = row;
  const sealedReport = report && (await sealReport(row, report));
  const hasPlan = row.drillOf !== null && (await hasBegun(row));
  await fenced(lease, async (tx) => {
    await tx.restore.update({
      where: { workspaceId_id: { workspaceId, id } }, data: { ...data, phase: null, holdsTurn: false, waiting: Prisma.DbNull, finishedAt: new Date(), ...(sealedReport ? { sealedReport } : {}) }, select: { id: true },
    });
    if (row.drillOf !== null) await noteRemoval(tx, row, hasPlan ? cleared : { kind: "nothing" });
    if (report || hasPlan) await sendSweep(tx, row);
    await send("watch", { workspaceId }, { tx });
  });
  metrics().restores.inc({ kind: row.drillOf === null ? "restore" : "drill", verdict: data.state });
}

/** Writes down what became of the plan that a drill made; absent: it is still to be removed. */
export async function noteRemoval(tx: Tx, { workspaceId, id }: RestoreRow, cleared: Cleared | undefined): Promise<void> {
  const data = !cleared ? { removal: "due", removalProblem: "The drill was interrupted before it could remove its plan. It is tried again." }
    : cleared.kind === "left" ? { removal: "due", removalProblem: cleared.why, removalTriedAt: cleared.noAccess ? null : new Date() }
      : { removal: cleared.kind === "removed" ? "done" : null, removalProblem: null };
  await tx.restore.update({ where: { workspaceId_id: { workspaceId, id } }, data });
  if (!cleared) await send("drill-removal", { workspaceId, restoreId: id }, { tx });
  await send("watch", { workspaceId }, { tx });
  if (cleared?.kind === "removed") await record(tx, workspaceId, PLANBACK, { action: "drill.plan_removed", target: { kind: "restore", id }, detail: { plan: cleared.planId } });
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
