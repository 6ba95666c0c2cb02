/**
 * Between "Restore" and the first write: what runs is what was reviewed, and what is there now can be had back.
 *
 *   read the target again and plan anew; something else would be done: back to the person, with the difference only
 *   a plan that exists: take a snapshot of it, for the way back; not everything of Planner could be read: stop
 *
 * Once anything was sent, none of this is done again: the journal says how to go on.
 */
import { randomUUID } from "node:crypto";
import { capturePlan, type CaptureResult } from "@/lib/backup";
import { withWorkspace } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";
import type { GraphApi } from "@/lib/graph/types";
import type { Gap } from "@/lib/planner/types";
import { type AccountFacts, deedSteps, differenceSteps, heldSmall, type RestorePlan } from "@/lib/restore";
import { inTurns } from "@/lib/repository/parallel";
import type { Repository } from "@/lib/repository/types";
import { sealPlanNames } from "@/lib/workspaces/planNames";
import { VISIBLE } from "@/lib/workspaces/plans";
import { storingRepositoryOf } from "@/lib/workspaces/repository";
import { driftOf } from "./drift";
import { fenced, type Lease } from "./lease";
import { openPlan, openRequest, openSource, type RestoreRow } from "./restoreContext";
import { blocked, planNow, sealedPlan, successorsNow } from "./restorePlan";

export interface GetReady {
  row: RestoreRow;
  lease: Lease;
  graph: GraphApi;
  account: AccountFacts;
  /** Aborts when a person cancels. */
  signal: AbortSignal;
  onPhase: (phase: "reviewing" | "saving") => void;
}

/**
 * The plan that may run now; null when the person has to look again (the row says so). Throws conflict when the plan
 * that would be changed cannot be saved before.
 */
export async function getReady(work: GetReady): Promise<RestorePlan | null> {
  const { row } = work;
  if (await hasBegun(row)) return openPlan(row);
  work.onPhase("reviewing");
  const plan = await reviewAgain(work);
  // Restored in place or into a plan that exists: there is something to go back to.
  if (plan && plan.planId !== null && plan.operations.length > 0) await saveBefore(work, await storingRepositoryOf(row.workspaceId), plan, plan.planId);
  return plan;
}

export async function hasBegun({ workspaceId, id }: RestoreRow): Promise<boolean> {
  return (await withWorkspace(workspaceId, (tx) => tx.restoreIntent.count({ where: { workspaceId, restoreId: id, attempt: { gt: 0 } } }))) > 0;
}

/** Between the two halves of a restore that goes on, another one may have made what was left to do. */
export async function madeSince(row: RestoreRow, graph: GraphApi): Promise<ReadonlySet<string> | undefined> {
  if ((await openRequest(row)).target.kind !== "in_place" || !(await hasBegun(row))) return undefined;
  return new Set(Object.keys(await successorsNow(row, await openSource(row), graph)));
}

async function reviewAgain({ row, lease, graph, account }: GetReady): Promise<RestorePlan | null> {
  const reviewed = await inTurns(deedSteps(await openPlan(row, heldSmall))); // two large plans and the snapshot are not held at once
  const now = await planNow(row, graph, account);
  const difference = await inTurns(differenceSteps(reviewed, now));
  const isBlocked = now.blockers.length > 0;
  const isDrill = row.drillOf !== null;
  if (isDrill && isBlocked) throw blocked(now.blockers);
  // Nobody has looked at the preview of a drill, and a new plan is all that it makes.
  const mayRun = !isBlocked && (difference === null || isDrill);
  // Even a plan that does the same names newer etags and neighbours.
  const columns = await sealedPlan(row, difference && !isDrill ? { ...now, difference } : now);
  // By now it is another plan that it writes into: it asks for its turn there, and looks again.
  const elsewhere = mayRun && !isDrill && columns.writesTo !== row.writesTo;
  const back: Prisma.RestoreUncheckedUpdateInput = {
    state: isBlocked ? "blocked" : "planned", startedAt: null, phase: null, done: 0, holdsTurn: false,
    problem: isBlocked ? "Something stands in the way that was not there when the preview was made; it is named below. Nothing was written."
      : "The target was changed after you reviewed the preview. Nothing was written. The preview shows what is different now; look at it and start the restore again.",
  };
  const { workspaceId, id } = row;
  await fenced(lease, async (tx) => {
    await tx.restoreIntent.deleteMany({ where: { workspaceId, restoreId: id } }); // none was begun, and the numbers may be others
    await tx.restore.update({ where: { workspaceId_id: { workspaceId, id } }, data: { ...columns, ...(elsewhere ? { holdsTurn: false } : mayRun ? {} : back) }, select: { id: true } });
    if (elsewhere) await send("restore-run", { workspaceId, restoreId: id }, { tx, singletonKey: randomUUID() });
  });
  return mayRun && !elsewhere ? openPlan(row) : null;
}

/** Kinds of gaps that concern what Planner itself holds; files and comments are never changed by a restore. */
const OF_PLANNER: ReadonlySet<Gap["kind"]> = new Set<Gap["kind"]>(["plan", "planDetails", "bucket", "task", "boardFormat"]);

async function saveBefore({ row, lease, graph, signal, onPhase }: GetReady, repository: Repository, plan: RestorePlan, graphPlanId: string): Promise<void> {
  onPhase("saving");
  const { workspaceId, connection } = row;
  const { microsoftTenantId } = connection;
  const takenAt = new Date();
  const snapshotId = randomUUID();
  const known = await withWorkspace(workspaceId, (tx) => tx.plan.findUnique({
    where: { workspaceId_microsoftTenantId_graphPlanId: { workspaceId, microsoftTenantId, graphPlanId } },
    include: { snapshots: { where: VISIBLE, orderBy: [{ takenAt: "desc" }, { id: "desc" }], take: 1 } },
  }));
  const previousManifestId = known?.snapshots[0]?.manifestId ?? null;
  const result = await capturePlan({
    graph, repository, groupId: plan.groupId, planId: graphPlanId, microsoftTenantId: connection.microsoftTenant.tid,
    snapshotId, takenAt: takenAt.toISOString(), previousManifestId, extras: connection.extras, signal,
  });
  const missing = result.gaps.filter(({ kind, permanent }) => !permanent && OF_PLANNER.has(kind));
  if (missing.length > 0) {
    throw new PlanbackError("conflict", `The plan could not be saved as it is now, so that this restore could not be taken back. Nothing was written. ${missing[0]!.detail} Try again, or restore into a new plan.`);
  }
  const planId = known?.id ?? randomUUID();
  const drift = await driftOf(repository, previousManifestId, result.manifestId);
  const sealedNames = await sealPlanNames(workspaceId, planId, { title: result.planTitle, groupName: result.groupName });
  await fenced(lease, async (tx) => {
    if (!known) await tx.plan.create({ data: { workspaceId, id: planId, microsoftTenantId, graphPlanId, groupId: plan.groupId, sealedNames } });
    await tx.snapshot.create({ data: { workspaceId, id: snapshotId, planId, runId: null, takenAt, drift: drift ? { ...drift } : Prisma.DbNull, ...columnsOf(result) } });
    await tx.restore.update({ where: { workspaceId_id: { workspaceId, id: row.id } }, data: { beforeSnapshotId: snapshotId } });
    // Of an earlier start that wrote nothing: the plan may have moved since.
    if (row.beforeSnapshotId) await tx.snapshot.deleteMany({ where: { workspaceId, id: row.beforeSnapshotId, runId: null } });
  });
}

function columnsOf(result: CaptureResult) {
  return {
    state: result.complete ? "complete" : "partial", manifestId: result.manifestId, counts: result.counts as unknown as Prisma.InputJsonObject,
    reading: result.reading as unknown as Prisma.InputJsonObject, gaps: result.gaps.length, quiescent: result.consistency.kind === "quiescent",
    newObjects: result.newObjects, newBytes: result.newBytes,
  };
}
