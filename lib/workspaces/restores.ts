import { randomUUID } from "node:crypto";
import { z } from "zod";
import { isUniqueViolation, type Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";
import { REOPENED } from "@/lib/restore/journal";
import type { RestorePlan, RestoreReport, RestoreRequest } from "@/lib/restore/types";
import { record, signature, type AuditActor } from "./audit";
import { asMember, checkId, inWorkspace, notFound, requireFresh, type Membership } from "./authorise";
import { creationsForPlan } from "./creations";
import { findConnection, listConnections, openCatalogue, openCatalogues } from "./connections";
import { parseInput } from "./input";
import { openJson, sealJson } from "./keys";
import { openPlanNames } from "./planNames";
import { rowsOf } from "./plans";
import { checkTarget, refuseWithoutWriteAccess, targetGroupOf, requestKey as requestKeyInput, restoreInput } from "./restoreInput";
import { ENDED, MOVING, PAUSED, QUEUED, resumeState, STANDING, undoState } from "./restoreStates";
import { PLACE } from "./sealed";
import { findSnapshot } from "./snapshots";
import type { Actor, PageRequest, RestoreState, RestoreSummary, RestoreTargets, RestoreView } from "./types";

const WITH_PARTS = {
  snapshot: { include: { plan: true } }, connection: { include: { microsoftTenant: { select: { tid: true } } } },
  policy: { select: { id: true, name: true } },
  before: { select: { removedAt: true, plan: { select: { groupId: true } } } }, undoneBy: { select: { id: true, state: true }, orderBy: { createdAt: "desc" } },
} satisfies Prisma.RestoreInclude;
type RestoreRow = Prisma.RestoreGetPayload<{ include: typeof WITH_PARTS }>;

/** Where this snapshot could be restored to. */
export async function restoreTargets(actor: Actor, workspaceId: string, snapshotId: string): Promise<RestoreTargets> {
  const id = checkId(snapshotId, "snapshot");
  const { me, snapshot } = await inWorkspace(actor, workspaceId, "restore.run", async (tx, me) => ({ me, snapshot: await findSnapshot(tx, me.workspaceId, id) }));
  const connections = await listConnections(actor, workspaceId);
  const catalogues = await openCatalogues(me, connections.map((connection) => connection.id));
  const groups = [...catalogues].flatMap(([connectionId, catalogue]) =>
    catalogue.groups.map((group) => ({
      connectionId, id: group.id, name: group.name, visibility: group.visibility, isMember: group.isMember, isOwner: group.isOwner,
      plans: group.plans.filter(({ unreachable }) => !unreachable).map(({ id, title }) => ({ id, title })),
    })));
  const creations = await creationsForPlan(snapshot.workspaceId, snapshot.planId);
  return { connections, groups, mayMakeGroup: me.groups === null, sourceGroupId: snapshot.plan.groupId, creations: Object.fromEntries(creations) };
}

/** Computes what a restore would do; nothing is written to Microsoft 365. The same request key gives the same restore. */
export async function createRestore(actor: Actor, workspaceId: string, input: unknown): Promise<{ restoreId: string }> {
  const { request, requestKey, insteadOf, ...ids } = parseInput(restoreInput, input);
  const [snapshotId, connectionId] = [ids.snapshotId.toLowerCase(), ids.connectionId.toLowerCase()];
  const { me, targetGroupId } = await inWorkspace(actor, workspaceId, "restore.run", async (tx, membership) => {
    const { plan } = await findSnapshot(tx, membership.workspaceId, snapshotId);
    const connection = await findConnection(tx, membership.workspaceId, connectionId);
    refuseWithoutWriteAccess(connection);
    const catalogue = request.target.kind === "existing_plan" ? await openCatalogue(connection, membership.groups) : null;
    checkTarget(request, { tid: connection.microsoftTenant.tid, catalogue }, { tid: plan.microsoftTenant.tid, graphPlanId: plan.graphPlanId }, membership.groups);
    return { me: membership, targetGroupId: targetGroupOf(request, plan.groupId) };
  });
  return insertRestore(actor, me, { snapshotId, connectionId, requestKey, targetGroupId, undoOf: null, drillOf: null }, request, async (tx) => {
    if (insteadOf) await cancelStanding(tx, { workspaceId: me.workspaceId, id: insteadOf.toLowerCase() });
  });
}

/**
 * Previews the way back: the plan as it was before that restore. Only what the restore created is removed, only what it
 * changed is set back. An undo that was begun is given again.
 */
export async function undoRestore(actor: Actor, workspaceId: string, restoreId: string, key: unknown): Promise<{ restoreId: string }> {
  const id = checkId(restoreId, "restore");
  const requestKey = parseInput(requestKeyInput, key);
  const { me, row } = await inWorkspace(actor, workspaceId, "restore.run", async (tx, me) => ({ me, row: await findRestore(tx, me.workspaceId, id) }));
  const undo = undoState(row);
  if (!undo.possible) throw new PlanbackError("conflict", `This restore cannot be taken back. ${undo.why} Nothing was changed.`);
  if (undo.restoreId) return { restoreId: undo.restoreId };
  refuseWithoutWriteAccess(row.connection);
  const request: RestoreRequest = { tasks: "all", target: { kind: "in_place", added: "remove" }, addMembers: false, comments: "none", undoOf: id };
  return insertRestore(actor, me, { snapshotId: row.beforeSnapshotId!, connectionId: row.connectionId, requestKey, targetGroupId: row.before!.plan.groupId, undoOf: id, drillOf: null }, request);
}

interface NewRestore { snapshotId: string; connectionId: string; requestKey: string; targetGroupId: string | null; undoOf: string | null; drillOf: string | null }

/** Makes the row of a restore and sends its first job; `alongside` may refuse. The same request key, or a drill beside another one of its policy, gives the restore that is there. */
export async function insertRestore(
  by: AuditActor, me: Pick<Membership, "workspaceId" | "groups">, facts: NewRestore, request: RestoreRequest, alongside: (tx: Tx) => Promise<void> = async () => undefined, id: string = randomUUID(),
): Promise<{ restoreId: string }> {
  const { workspaceId } = me;
  const sealedRequest = await sealJson(workspaceId, "content", PLACE.restoreRequest(id), request);
  try {
    await asMember(me, async (tx) => {
      await alongside(tx);
      await tx.restore.create({ data: { workspaceId, id, ...facts, startedBy: signature(by), state: "planning", sealedRequest } });
      await send("restore-plan", { workspaceId, restoreId: id }, { tx });
      const { snapshotId, undoOf, drillOf } = facts;
      await record(tx, workspaceId, by, drillOf === null
        ? { action: "restore.previewed", target: { kind: "restore", id }, detail: { snapshot: snapshotId, into: request.target.kind, undoOf } }
        : { action: "drill.started", target: { kind: "restore", id }, detail: { snapshot: snapshotId, policy: drillOf } });
    });
    return { restoreId: id };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const { requestKey, drillOf } = facts;
    const same = [{ requestKey }, ...(drillOf === null ? [] : [{ drillOf, state: { notIn: ENDED } }])];
    const earlier = await asMember(me, (tx) => tx.restore.findFirst({ where: { workspaceId, OR: same }, select: { id: true } }));
    if (!earlier) throw new PlanbackError("conflict", "This request was sent before, for another restore. Open the form again. Nothing was changed.");
    return { restoreId: earlier.id };
  }
}

export async function getRestore(actor: Actor, workspaceId: string, restoreId: string): Promise<RestoreView> {
  const id = checkId(restoreId, "restore");
  return toView(await inWorkspace(actor, workspaceId, "content.view", (tx, me) => findRestore(tx, me.workspaceId, id)));
}

/** The same for who asks again and again: without the preview, which may be megabytes, while a worker is at it. */
export async function followRestore(actor: Actor, workspaceId: string, restoreId: string): Promise<RestoreView> {
  const id = checkId(restoreId, "restore");
  return toView(await inWorkspace(actor, workspaceId, "content.view", async (tx, me) => {
    const moving = await tx.restore.findFirst({ where: { workspaceId: me.workspaceId, id, state: { in: MOVING } }, omit: { sealedPlan: true }, include: WITH_PARTS });
    return moving ? { ...moving, sealedPlan: null } : findRestore(tx, me.workspaceId, id);
  }));
}

/** Newest first; neither preview nor report is opened. */
export async function listRestores(actor: Actor, workspaceId: string, page: PageRequest = { limit: 100 }): Promise<RestoreSummary[]> {
  const rows = await inWorkspace(actor, workspaceId, "content.view", (tx, me) => tx.restore.findMany({
    where: { workspaceId: me.workspaceId }, omit: { sealedPlan: true, sealedReport: true }, include: { snapshot: { include: { plan: true } } }, orderBy: [{ createdAt: "desc" }, { id: "desc" }], ...rowsOf(me.workspaceId, page),
  }));
  return Promise.all(rows.map(async (row) => ({
    id: row.id, planTitle: (await openPlanNames(row.snapshot.plan)).title, startedBy: row.startedBy, state: row.state as RestoreState, createdAt: row.createdAt.toISOString(),
    request: await openJson<RestoreRequest>(row.workspaceId, "content", PLACE.restoreRequest(row.id), row.sealedRequest), undoOf: row.undoOf, isDrill: row.drillOf !== null,
  })));
}

/** The report as a file for auditors. Throws `not_found` while there is none. */
export async function exportReport(actor: Actor, workspaceId: string, restoreId: string): Promise<{ name: string; json: string }> {
  const { id, planTitle, takenAt, snapshotId, startedBy, createdAt, startedAt, drill, report } = await getRestore(actor, workspaceId, restoreId);
  if (!report) throw notFound("report");
  return { name: `Restore of ${planTitle} ${report.finishedAt.slice(0, 10)}.json`, json: `${JSON.stringify({ id, plan: planTitle, snapshot: { id: snapshotId, takenAt }, startedBy, createdAt, startedAt, drill: drill ?? undefined, report }, null, 2)}\n` };
}

/** Runs the restore plan that was reviewed: `planHash` must name it. Sending it twice runs it once. */
export async function runRestore(actor: Actor, workspaceId: string, restoreId: string, planHash: unknown): Promise<void> {
  const id = checkId(restoreId, "restore");
  const hash = parseInput(z.string().min(1).max(128), planHash);
  await inWorkspace(actor, workspaceId, "restore.run", async (tx, me) => {
    const row = await findRestore(tx, me.workspaceId, id);
    if (row.planHash !== hash) throw new PlanbackError("conflict", "The preview is not the one you reviewed. Look at it again, then start the restore. Nothing was changed.");
    if (row.state === "blocked") throw new PlanbackError("conflict", "This restore cannot run: the preview names what stands in the way. Nothing was changed.");
    if (row.connection.removedAt) throw new PlanbackError("conflict", "The connection account was removed. Make a new restore with another account. Nothing was changed.");
    if (row.state === "planned") refuseWithoutWriteAccess(row.connection);
    if (row.state === "planned" && (await removesThings(row))) requireFresh(actor, "restore:remove");
    const { count } = await tx.restore.updateMany({
      where: { workspaceId: me.workspaceId, id, state: "planned", planHash: hash }, data: { state: "running", startedAt: new Date(), problem: null },
    });
    if (count === 1) {
      await sendRun(tx, me.workspaceId, id);
      await record(tx, me.workspaceId, actor, { action: row.undoOf ? "restore.undone" : "restore.started", target: { kind: "restore", id }, detail: { snapshot: row.snapshotId, plan: hash, undoOf: row.undoOf } });
    } else if (row.state === "cancelled" || row.state === "planning") throw new PlanbackError("conflict", "This restore is not ready to run. Make a new preview. Nothing was changed.");
  });
}

async function removesThings({ workspaceId, id, sealedPlan }: RestoreRow): Promise<boolean> {
  const plan = sealedPlan && (await openJson<RestorePlan>(workspaceId, "content", PLACE.restorePlan(id), sealedPlan));
  return plan !== null && plan.operations.some(({ kind }) => kind === "delete_task" || kind === "delete_bucket");
}

/**
 * Lets a restore go on that was cancelled, failed in part, or waits for a sign-in: what is done stays done, the rest is
 * tried again. Pressing it twice starts it once.
 */
export async function resumeRestore(actor: Actor, workspaceId: string, restoreId: string): Promise<void> {
  const id = checkId(restoreId, "restore");
  const row = await inWorkspace(actor, workspaceId, "restore.run", (tx, me) => findRestore(tx, me.workspaceId, id));
  const { resume } = await toView(row);
  if (!resume.possible) throw new PlanbackError("conflict", `This restore cannot go on. ${resume.why} Nothing was changed.`);
  refuseWithoutWriteAccess(row.connection);
  const mine = { workspaceId: row.workspaceId, id };
  await inWorkspace(actor, workspaceId, "restore.run", async (tx) => {
    const { count } = await tx.restore.updateMany({
      where: { ...mine, state: row.state, phase: row.phase },
      data: { state: "running", phase: null, waiting: Prisma.DbNull, problem: null, cancelRequestedAt: null, finishedAt: null },
    });
    if (count === 0) return;
    const again = [{ state: { in: [...REOPENED.states] } }, { kind: { in: [...REOPENED.kinds] }, state: "done" }];
    await tx.restoreIntent.updateMany({ where: { workspaceId: row.workspaceId, restoreId: id, OR: again }, data: { state: "pending", problem: null } });
    await sendRun(tx, row.workspaceId, id);
    await record(tx, row.workspaceId, actor, { action: "restore.resumed", target: { kind: "restore", id } });
  });
}

/** The state of the row is what makes one run of two presses; an earlier job of the restore may still be ending. */
async function sendRun(tx: Tx, workspaceId: string, restoreId: string): Promise<void> {
  await send("restore-run", { workspaceId, restoreId }, { tx, singletonKey: randomUUID() });
}

/** Stops a restore. What it has written stays, and the report names it. */
export async function cancelRestore(actor: Actor, workspaceId: string, restoreId: string): Promise<void> {
  const id = checkId(restoreId, "restore");
  await inWorkspace(actor, workspaceId, "restore.run", async (tx, me) => {
    await findRestore(tx, me.workspaceId, id);
    const mine = { workspaceId: me.workspaceId, id };
    const still = { state: "cancelled", phase: null, waiting: Prisma.DbNull, turnAskedAt: null, finishedAt: new Date() };
    const counts = [
      await cancelStanding(tx, mine),
      await tx.restore.updateMany({ where: { ...mine, OR: [PAUSED, QUEUED] }, data: still }),
      await tx.restore.updateMany({ where: { ...mine, state: { in: MOVING }, cancelRequestedAt: null }, data: { cancelRequestedAt: new Date() } }),
    ];
    if (counts.some(({ count }) => count > 0)) await record(tx, me.workspaceId, actor, { action: "restore.cancelled", target: { kind: "restore", id } });
  });
}

function cancelStanding(tx: Tx, restore: { workspaceId: string; id: string }): Promise<{ count: number }> {
  const now = new Date();
  return tx.restore.updateMany({ where: { ...restore, state: { in: STANDING } }, data: { state: "cancelled", finishedAt: now, cancelRequestedAt: now } });
}

async function findRestore(tx: Tx, workspaceId: string, id: string): Promise<RestoreRow> {
  const row = await tx.restore.findFirst({ where: { workspaceId, id }, include: WITH_PARTS });
  if (!row) throw notFound("restore");
  return row;
}

function drillOf({ policy, removal, removalProblem, connection }: RestoreRow): RestoreView["drill"] {
  if (!policy) return null;
  const isOut = removal === "due" && connection.removedAt !== null;
  return {
    policyId: policy.id, policyName: policy.name, plan: removal === null ? "none" : removal === "done" ? "removed" : "there",
    problem: isOut ? "The connection account was removed, so Planback cannot look at it any more. Delete it in Planner." : removalProblem,
  };
}

async function toView(row: RestoreRow): Promise<RestoreView> {
  const names = await openPlanNames(row.snapshot.plan);
  const open = <T>(place: readonly string[], sealed: Uint8Array | null): Promise<T | null> =>
    sealed ? openJson<T>(row.workspaceId, "content", place, sealed) : Promise.resolve(null);
  const report = await open<RestoreReport>(PLACE.restoreReport(row.id), row.sealedReport);
  return {
    id: row.id, snapshotId: row.snapshotId, planTitle: names.title, takenAt: row.snapshot.takenAt.toISOString(), connectionId: row.connectionId,
    startedBy: row.startedBy, state: row.state as RestoreState, phase: row.phase, done: row.done, total: row.total,
    waiting: row.waiting as RestoreView["waiting"], problem: row.problem,
    request: await openJson<RestoreRequest>(row.workspaceId, "content", PLACE.restoreRequest(row.id), row.sealedRequest),
    plan: await open<RestorePlan>(PLACE.restorePlan(row.id), row.sealedPlan), report,
    planHash: row.planHash, cancelRequested: row.cancelRequestedAt !== null, createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null, finishedAt: row.finishedAt?.toISOString() ?? null, tid: row.connection.microsoftTenant.tid,
    undoOf: row.undoOf, beforeSnapshotId: row.beforeSnapshotId, undo: undoState(row), resume: resumeState(row, report),
    drill: drillOf(row),
  };
}
