/**
 * Runs a restore that a person confirmed. One worker at a time holds its lease; a worker that takes over carries on from
 * the journal. When everything has ended, the target is read back and compared, and the report is what was found.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { withWorkspace } from "@/lib/db";
import { send, type JobContext } from "@/lib/db/queue";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";
import type { GraphEvents } from "@/lib/graph/types";
import { executeRestore, followSuccessors, readAccountFacts, readBack, sweepRestore, type ExecuteInput, type RestoreClock, type RestoreProgress } from "@/lib/restore";
import { sealJson } from "@/lib/workspaces/keys";
import { PLACE } from "@/lib/workspaces/sealed";
import { connectionRemoved, noteTrouble } from "./connectionRow";
import { graphFor } from "./graphFor";
import { PostgresJournal } from "./journal";
import { holdLease, releaseLease, takeLease, type Lease, type LeaseTimes } from "./lease";
import { latest, stopWatch } from "./pace";
import { isPassing } from "./passing";
import { changeRestore, findRestoreRow, openPlan, openSource, problemSentence, type RestoreRow } from "./restoreContext";
import type { Jobs } from "./types";

const MOVING = ["running", "waiting", "verifying"];
const SWEEP_AFTER_MS = 15 * 60_000;

/** How long a restore waits for what. `settleMs` and `betweenListingsMs` are told in lib/restore/execution.ts. */
export interface RestoreTimes extends LeaseTimes, Pick<ExecuteInput, "settleMs" | "betweenListingsMs"> {}

const TIMES: RestoreTimes = { requestMs: 30_000, leaseSeconds: 45, renewMs: 10_000 };

const clock: RestoreClock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => undefined); // an abort only ends the wait early
  },
};

export async function restoreRun({ workspaceId, restoreId }: Jobs["restore-run"], context: JobContext, times = TIMES): Promise<void> {
  const row = await withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
  if (!row || !MOVING.includes(row.state)) return;
  const lease = await waitForLease(row, context, times);
  const renewing = renew(lease, times);
  try {
    await run(row, lease, renewing, context.signal, times);
  } catch (error) {
    if (isPlanbackError(error, "lease_lost")) throw error;
    await noteTrouble(row.connection, "restore", error);
    await changeRestore(row, MOVING, { problem: problemSentence(error) });
    if (isPassing(error)) throw error;
    await changeRestore(row, MOVING, { state: "failed", finishedAt: new Date() });
  } finally {
    renewing.end();
    await releaseLease(lease);
  }
}

/** What a request of a stalled worker made after its lease was lost is found and removed some time later. */
export async function restoreSweep({ workspaceId, restoreId }: Jobs["restore-sweep"], context: JobContext, times = TIMES): Promise<void> {
  const row = await withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
  if (!row || MOVING.includes(row.state) || row.connection.removedAt || row.connection.restoreState !== "active") return;
  const lease = await waitForLease(row, context, times);
  const renewing = renew(lease, times);
  try {
    const graph = await graphFor(row.connection, "restore", { signal: context.signal, timeoutMs: times.requestMs });
    const { id: accountId } = await readAccountFacts(graph, []);
    await sweepRestore({ plan: await openPlan(row), journal: new PostgresJournal(lease), graph, accountId });
  } finally {
    renewing.end();
    await releaseLease(lease);
  }
}

async function run(row: RestoreRow, lease: Lease, renewing: Renewing, jobSignal: AbortSignal, { requestMs, settleMs, betweenListingsMs }: RestoreTimes): Promise<void> {
  if (row.connection.removedAt) throw connectionRemoved();
  const source = await openSource(row);
  const { repository } = source;
  const plan = await openPlan(row);
  const { snapshot, request } = followSuccessors(source.content, source.request, plan.successors);
  const journal = new PostgresJournal(lease);
  const progress = progressOf(row);
  const lost = AbortSignal.any([jobSignal, renewing.lost]);
  const stop = stopWatch(() => isCancelled(row), jobSignal);
  // Requests under way are finished when a person cancels; only a lost lease ends them.
  const graph = await graphFor(row.connection, "restore", { signal: lost, timeoutMs: requestMs, events: progress.events });
  try {
    const { id: accountId } = await readAccountFacts(graph, []);
    const execution = await executeRestore({ plan, journal, graph, repository, accountId, clock, signal: stop.signal, onProgress: progress.push, settleMs, betweenListingsMs });
    lost.throwIfAborted();
    await progress.flush();
    await changeRestore(row, MOVING, { state: "verifying", phase: "verifying", waiting: Prisma.DbNull });
    const cancelled = execution.state === "cancelled";
    const report = await readBack({ plan, journal, graph, repository, snapshot, request, clock, cancelled, requests: progress.requests() });
    const sealedReport = await sealJson(row.workspaceId, "content", PLACE.restoreReport(row.id), report);
    const state = cancelled ? "cancelled" : report.verdict === "exact" ? "verified" : "different";
    await finish(row, lease, { state, sealedReport, problem: execution.limit, phase: null, finishedAt: new Date() });
  } finally {
    stop.end();
    await progress.flush();
  }
}

async function finish(row: RestoreRow, lease: Lease, data: Prisma.RestoreUncheckedUpdateInput): Promise<void> {
  const { workspaceId, id } = row;
  await withWorkspace(workspaceId, async (tx) => {
    await holdLease(tx, lease);
    await tx.restore.update({ where: { workspaceId_id: { workspaceId, id } }, data });
    await send("restore-sweep", { workspaceId, restoreId: id }, { tx, startAfter: new Date(Date.now() + SWEEP_AFTER_MS) });
  });
}

/** A worker that was killed holds its lease for some seconds more: a request it has sent may still be under way. */
async function waitForLease(row: RestoreRow, { jobId, signal }: JobContext, { leaseSeconds }: LeaseTimes): Promise<Lease> {
  for (;;) {
    if (signal.aborted) throw new PlanbackError("lease_lost", "The job was interrupted and goes on in another worker.");
    const lease = await takeLease(row.workspaceId, row.id, jobId, leaseSeconds);
    if (lease) return lease;
    await sleep(1000);
  }
}

interface Renewing { lost: AbortSignal; end(): void }

function renew(lease: Lease, { renewMs }: LeaseTimes): Renewing {
  const controller = new AbortController();
  const timer = setInterval(() => {
    withWorkspace(lease.workspaceId, (tx) => holdLease(tx, lease)).catch((error: unknown) => {
      // An unreachable database proves nothing: the journal's own writes will say whether the lease is still ours.
      if (isPlanbackError(error, "lease_lost")) controller.abort(error);
    });
  }, renewMs);
  return { lost: controller.signal, end: () => clearInterval(timer) };
}

function progressOf(row: RestoreRow) {
  const current = { done: 0, total: row.total, phase: "restoring", state: "running", waiting: null as { reason: string; until: string } | null };
  let requests = 0;
  const writer = latest<typeof current>(async ({ waiting, ...rest }) => {
    await changeRestore(row, ["running", "waiting"], { ...rest, waiting: waiting ?? Prisma.DbNull });
  });
  const push = (change: Partial<typeof current>) => {
    Object.assign(current, change);
    writer.push({ ...current, state: current.waiting ? "waiting" : "running" });
  };
  const waitingOf = (state: { reason: string; until: Date } | null) => state && { reason: state.reason, until: state.until.toISOString() };
  const events: GraphEvents = {
    request: () => void requests++,
    waiting: (state) => push({ waiting: waitingOf(state) }),
  };
  return {
    events,
    push: ({ done, total, phase, waiting }: RestoreProgress) => push({ done, total, phase, waiting: waitingOf(waiting) }),
    flush: () => writer.flush(),
    requests: () => requests,
  };
}

async function isCancelled({ workspaceId, id }: RestoreRow): Promise<boolean> {
  const found = await withWorkspace(workspaceId, (tx) => tx.restore.findUnique({ where: { workspaceId_id: { workspaceId, id } }, select: { cancelRequestedAt: true } }));
  return found?.cancelRequestedAt !== null;
}
