/**
 * Captures one plan of a run. A snapshot row is opened before anything is read and becomes complete or partial in the
 * one transaction that also ends the plan of the run; a reader never sees an open one. `attempt` fences: when another
 * worker has taken the job over, this one's result is dropped.
 */
import { randomUUID } from "node:crypto";
import { capturePlan, FULL_EVERY, mayTakeOver } from "@/lib/backup";
import type { CaptureResult, PlanSize, ReadingFacts } from "@/lib/backup/types";
import { withWorkspace, type Tx } from "@/lib/db";
import { send, type JobContext } from "@/lib/db/queue";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { Prisma, type Plan, type RunPlan } from "@/lib/generated/prisma/client";
import type { Repository, SnapshotCounts } from "@/lib/repository/types";
import { leavingSnapshots, readRules } from "@/lib/workspaces/leaving";
import { noteLoss } from "@/lib/workspaces/losses";
import { sealPlanNames } from "@/lib/workspaces/planNames";
import { VISIBLE } from "@/lib/workspaces/plans";
import { storingRepositoryOf } from "@/lib/workspaces/repository";
import { finishRunWhenDone } from "@/lib/workspaces/runState";
import { metrics } from "@/lib/telemetry/metrics";
import type { SnapshotDrift } from "@/lib/workspaces/types";
import { connectionRemoved, findLiveConnection, noteTrouble, readsExtras, type ConnectionWithTenant } from "./connectionRow";
import { driftOf } from "./drift";
import { expandFor } from "./expand";
import { giveBack } from "./giveBack";
import { graphFor } from "./graphFor";
import { isPassing } from "./passing";
import { latest, stopWatch } from "./pace";
import type { Jobs } from "./types";

interface Begun {
  item: RunPlan;
  plan: Plan;
  connection: ConnectionWithTenant | null;
  snapshotId: string;
  takenAt: Date;
  previousManifestId: string | null;
  /** How the plan was read before, newest first. */
  history: (ReadingFacts | null)[];
  lastComplete: PlanSize | null;
}

export async function capture(job: Jobs["capture-plan"], context: JobContext): Promise<void> {
  const begun = await withWorkspace(job.workspaceId, (tx) => begin(tx, job));
  if (!begun) return;
  const { workspaceId, runId } = job;
  const stop = stopWatch(() => isCancelled(workspaceId, runId), context.signal);
  try {
    const repository = await storingRepositoryOf(workspaceId);
    const result = await read(begun, repository, stop.signal);
    giveBack();
    const drift = await driftOf(repository, begun.previousManifestId, result.manifestId);
    await finish(begun, result, drift);
  } catch (error) {
    const reason = stop.signal.aborted ? (stop.signal.reason as unknown) : error;
    if (isPlanbackError(reason, "lease_lost")) throw reason;
    await noteProblem(begun, reason);
    if (isPassing(reason)) throw reason;
    await fail(begun, reason);
  } finally {
    stop.end();
  }
  await applyRetention(workspaceId, begun.plan);
}

async function begin(tx: Tx, { workspaceId, runId, planId }: Jobs["capture-plan"]): Promise<Begun | null> {
  const key = { workspaceId_runId_planId: { workspaceId, runId, planId } };
  const found = await tx.runPlan.findUnique({ where: key, include: { plan: true, run: { include: { policy: true } } } });
  if (!found || (found.state !== "queued" && found.state !== "running")) return null;
  const { plan, run } = found;
  if (run.cancelRequestedAt) {
    await tx.runPlan.update({ where: key, data: { state: "cancelled", finishedAt: new Date() } });
    await tx.snapshot.deleteMany({ where: { workspaceId, runId, planId, state: "open" } });
    await finishRunWhenDone(tx, workspaceId, runId);
    return null;
  }
  const takenAt = new Date();
  // Asked again where it is written: a worker that was cut off may have ended the plan while this waited for the row.
  const { count } = await tx.runPlan.updateMany({
    where: { workspaceId, runId, planId, state: { in: ["queued", "running"] } },
    data: { state: "running", attempt: { increment: 1 }, startedAt: found.startedAt ?? takenAt, phase: "listing", done: 0, total: 0, waiting: Prisma.DbNull, problem: null },
  });
  if (count === 0) return null;
  const item = await tx.runPlan.findUniqueOrThrow({ where: key });
  await tx.snapshot.deleteMany({ where: { workspaceId, runId, planId, state: "open" } });
  const snapshotId = randomUUID();
  await tx.snapshot.create({ data: { workspaceId, id: snapshotId, planId, runId, state: "open", takenAt } });
  return { item, plan, connection: await findLiveConnection(tx, workspaceId, run.policy.connectionId), snapshotId, takenAt, ...(await earlierOf(tx, plan)) };
}

/** What earlier snapshots of the plan say about how to read it now. */
async function earlierOf(tx: Tx, { workspaceId, id: planId, emptyAcceptedAt }: Plan): Promise<Pick<Begun, "previousManifestId" | "history" | "lastComplete">> {
  const newestFirst = [{ takenAt: "desc" as const }, { id: "desc" as const }];
  const previous = await tx.snapshot.findFirst({ where: { workspaceId, planId, ...VISIBLE }, orderBy: newestFirst });
  const readings = await tx.snapshot.findMany({ where: { workspaceId, planId, state: VISIBLE.state }, orderBy: newestFirst, take: FULL_EVERY, select: { reading: true } });
  const complete = await tx.snapshot.findFirst({ where: { workspaceId, planId, ...VISIBLE, state: "complete" }, orderBy: newestFirst });
  const isAccepted = complete !== null && emptyAcceptedAt !== null && emptyAcceptedAt > complete.takenAt;
  const counts = complete?.counts as unknown as SnapshotCounts | undefined;
  return {
    previousManifestId: previous?.manifestId ?? null,
    history: readings.map(({ reading }) => reading as unknown as ReadingFacts | null),
    lastComplete: counts && !isAccepted ? { tasks: counts.records.task, buckets: counts.records.bucket } : null,
  };
}

async function read(begun: Begun, repository: Repository, signal: AbortSignal): Promise<CaptureResult> {
  const { item, plan, connection } = begun;
  if (!connection) throw connectionRemoved();
  const current = { phase: "listing", done: 0, total: 0, requests: 0, waiting: null as Prisma.InputJsonObject | null };
  const rows = { workspaceId: item.workspaceId, runId: item.runId, planId: item.planId, attempt: item.attempt, state: "running" };
  const progress = latest<typeof current>(async ({ waiting, ...rest }) => {
    await withWorkspace(item.workspaceId, (tx) => tx.runPlan.updateMany({ where: rows, data: { ...rest, waiting: waiting ?? Prisma.DbNull } }));
  });
  const push = (change: Partial<typeof current>) => progress.push({ ...Object.assign(current, change) });
  const graph = await graphFor(connection, "backup", {
    signal,
    events: {
      request: () => push({ requests: current.requests + 1 }),
      waiting: (state) => push({ waiting: state && { reason: state.reason, until: state.until.toISOString() } }),
    },
  });
  const extras = readsExtras(connection);
  try {
    const expand = await expandFor(connection, graph, plan.graphPlanId, extras ? "beta" : "v1.0");
    return await capturePlan({
      graph, repository, groupId: plan.groupId, planId: plan.graphPlanId, microsoftTenantId: connection.microsoftTenant.tid,
      snapshotId: begun.snapshotId, takenAt: begun.takenAt.toISOString(), previousManifestId: begun.previousManifestId,
      extras, appOnly: connection.kind === "app_only", expand, takeOver: extras && mayTakeOver(begun.history), lastComplete: begun.lastComplete,
      onProgress: ({ phase, done, total }) => push({ phase, done, total }), signal,
    });
  } finally {
    await progress.flush();
  }
}

async function finish(begun: Begun, result: CaptureResult, drift: SnapshotDrift | null): Promise<void> {
  const { item, plan, snapshotId } = begun;
  const { workspaceId, runId, planId } = item;
  const state = result.complete ? "complete" : "partial";
  const sealedNames = await sealPlanNames(workspaceId, planId, { title: result.planTitle, groupName: result.groupName });
  await withWorkspace(workspaceId, async (tx) => {
    const { count } = await tx.runPlan.updateMany({
      where: { workspaceId, runId, planId, attempt: item.attempt, state: "running" },
      data: { state, snapshotId, newBytes: result.newBytes, phase: null, waiting: Prisma.DbNull, problem: null, finishedAt: new Date() },
    });
    if (count === 0) throw new PlanbackError("lease_lost", "Another worker has taken this capture over.");
    await tx.snapshot.update({
      where: { workspaceId_id: { workspaceId, id: snapshotId } },
      data: {
        state, manifestId: result.manifestId, counts: result.counts as unknown as Prisma.InputJsonObject, drift: drift ? { ...drift } : Prisma.DbNull,
        reading: result.reading as unknown as Prisma.InputJsonObject,
        gaps: result.gaps.length, quiescent: result.consistency.kind === "quiescent", newObjects: result.newObjects, newBytes: result.newBytes,
      },
    });
    await noteLoss(tx, { workspaceId, planId, snapshotId, takenAt: begun.takenAt, tasks: result.counts.records.task, drift });
    await tx.plan.update({ where: { workspaceId_id: { workspaceId, id: plan.id } }, data: { sealedNames, goneAt: null } });
    await send("search-index", { workspaceId, planId }, { tx });
    await finishRunWhenDone(tx, workspaceId, runId);
  });
  metrics().snapshots.inc({ state });
}

/** What the next attempt, or the end of all attempts, shows as the reason. */
async function noteProblem({ item, connection }: Begun, error: unknown): Promise<void> {
  if (connection) await noteTrouble(connection, "backup", error);
  const { workspaceId, runId, planId, attempt } = item;
  await withWorkspace(workspaceId, (tx) => tx.runPlan.updateMany({ where: { workspaceId, runId, planId, attempt, state: "running" }, data: { problem: sentence(error) } }));
}

async function fail({ item, snapshotId }: Begun, error: unknown): Promise<void> {
  const { workspaceId, runId, planId, attempt } = item;
  const cancelled = isPlanbackError(error, "cancelled");
  const state = cancelled ? "cancelled" : "failed";
  const isOurs = await withWorkspace(workspaceId, async (tx) => {
    const { count } = await tx.runPlan.updateMany({
      where: { workspaceId, runId, planId, attempt, state: "running" },
      data: { state, problem: cancelled ? null : sentence(error), phase: null, waiting: Prisma.DbNull, finishedAt: new Date() },
    });
    if (count === 0) return false;
    await tx.snapshot.deleteMany({ where: { workspaceId, id: snapshotId, state: "open" } });
    if (isPlanbackError(error, "graph_not_found")) await tx.plan.updateMany({ where: { workspaceId, id: planId, goneAt: null }, data: { goneAt: new Date() } });
    await finishRunWhenDone(tx, workspaceId, runId);
    return true;
  });
  if (isOurs) metrics().snapshots.inc({ state });
}

function sentence(error: unknown): string {
  return error instanceof PlanbackError ? error.message : "An unexpected problem stopped the capture. Nothing that was stored is lost.";
}

async function isCancelled(workspaceId: string, runId: string): Promise<boolean> {
  const run = await withWorkspace(workspaceId, (tx) => tx.run.findUnique({ where: { workspaceId_id: { workspaceId, id: runId } }, select: { cancelRequestedAt: true } }));
  return run?.cancelRequestedAt !== null;
}

const KEEP_BEFORE_RESTORE_MS = 90 * 24 * 3600_000;

async function applyRetention(workspaceId: string, plan: Plan): Promise<void> {
  await withWorkspace(workspaceId, async (tx) => {
    const now = new Date();
    const expired = (await leavingSnapshots(tx, workspaceId, [plan], [...(await readRules(tx, workspaceId)).values()], now)).get(plan.id);
    if (!expired) return; // a loss of the plan is open
    await tx.snapshot.updateMany({ where: { workspaceId, id: { in: expired } }, data: { removedAt: now } });
    // Those taken before a restore stay as long as somebody may want to take the restore back.
    await tx.snapshot.updateMany({ where: { workspaceId, planId: plan.id, ...VISIBLE, runId: null, takenAt: { lt: new Date(now.getTime() - KEEP_BEFORE_RESTORE_MS) } }, data: { removedAt: now } });
  });
}
