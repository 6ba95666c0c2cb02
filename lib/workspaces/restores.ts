import { randomUUID } from "node:crypto";
import { z } from "zod";
import { isUniqueViolation, withWorkspace, type Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import type { Prisma } from "@/lib/generated/prisma/client";
import type { RestorePlan, RestoreReport, RestoreRequest } from "@/lib/restore/types";
import { checkId, inWorkspace, notFound } from "./authorise";
import { findConnection, listConnections, openCatalogues } from "./connections";
import { parseInput } from "./input";
import { openJson, sealJson } from "./keys";
import { openPlanNames } from "./planNames";
import { PLACE } from "./sealed";
import { findSnapshot } from "./snapshots";
import type { Actor, RestoreState, RestoreTargets, RestoreView } from "./types";

const graphId = z.string().min(1).max(128);
const requestInput: z.ZodType<RestoreRequest> = z.strictObject({
  tasks: z.union([z.literal("all"), z.array(graphId).min(1, "Nothing is selected. Choose at least one task, or the whole plan.").max(20_000)]),
  target: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("new_plan"), groupId: z.guid("Choose the group that the plan is restored to."), title: z.string().trim().min(1, "Give the new plan a title.").max(240, "The title may have at most 240 characters.") }),
    z.strictObject({ kind: z.literal("in_place") }),
  ]),
  addMembers: z.boolean(),
  comments: z.enum(["quoted", "none"]),
});
const restoreInput = z.strictObject({ snapshotId: z.guid(), connectionId: z.guid("Choose a connection account."), request: requestInput, requestKey: z.string().min(8).max(100) });

const WITH_PARTS = { snapshot: { include: { plan: true } }, connection: { include: { microsoftTenant: { select: { tid: true } } } } } satisfies Prisma.RestoreInclude;
type RestoreRow = Prisma.RestoreGetPayload<{ include: typeof WITH_PARTS }>;

/** Not running any more, or not yet: cancelling such a restore takes effect at once. */
const STANDING = ["planning", "planned", "blocked"];
const MOVING = ["running", "waiting", "verifying"];

/** Where this snapshot could be restored to. */
export async function restoreTargets(actor: Actor, workspaceId: string, snapshotId: string): Promise<RestoreTargets> {
  const id = checkId(snapshotId, "snapshot");
  const snapshot = await inWorkspace(actor, workspaceId, "restore.run", (tx, me) => findSnapshot(tx, me.workspaceId, id));
  const connections = await listConnections(actor, workspaceId);
  const catalogues = await openCatalogues(snapshot.workspaceId, connections.map((connection) => connection.id));
  const groups = [...catalogues].flatMap(([connectionId, catalogue]) =>
    catalogue.groups.map((group) => ({ connectionId, id: group.id, name: group.name, visibility: group.visibility, isMember: group.isMember, isOwner: group.isOwner })));
  return { connections, groups, sourceGroupId: snapshot.plan.groupId };
}

/** Computes what a restore would do; nothing is written to Microsoft 365. The same request key gives the same restore. */
export async function createRestore(actor: Actor, workspaceId: string, input: unknown): Promise<{ restoreId: string }> {
  const { snapshotId, connectionId, request, requestKey } = parseInput(restoreInput, input);
  const me = await inWorkspace(actor, workspaceId, "restore.run", async (tx, membership) => {
    const snapshot = await findSnapshot(tx, membership.workspaceId, snapshotId.toLowerCase());
    const connection = await findConnection(tx, membership.workspaceId, connectionId.toLowerCase());
    refuseWithoutWriteAccess(connection.restoreState);
    if (request.target.kind === "in_place" && connection.microsoftTenant.tid !== snapshot.plan.microsoftTenant.tid) {
      throw new PlanbackError("invalid_input", "A restore in place needs a connection account of the Microsoft tenant that the plan is in. Choose another account, or restore to a new plan.");
    }
    return membership;
  });
  const key = { workspaceId: me.workspaceId, requestKey };
  const id = randomUUID();
  const sealedRequest = await sealJson(me.workspaceId, "content", PLACE.restoreRequest(id), request);
  try {
    await withWorkspace(me.workspaceId, async (tx) => {
      await tx.restore.create({
        data: { ...key, id, snapshotId: snapshotId.toLowerCase(), connectionId: connectionId.toLowerCase(), startedBy: actor.name, state: "planning", sealedRequest },
      });
      await send("restore-plan", { workspaceId: me.workspaceId, restoreId: id }, { tx });
    });
    return { restoreId: id };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const earlier = await withWorkspace(me.workspaceId, (tx) => tx.restore.findUniqueOrThrow({ where: { workspaceId_requestKey: key } }));
    return { restoreId: earlier.id };
  }
}

export async function getRestore(actor: Actor, workspaceId: string, restoreId: string): Promise<RestoreView> {
  const id = checkId(restoreId, "restore");
  return toView(await inWorkspace(actor, workspaceId, "content.view", (tx, me) => findRestore(tx, me.workspaceId, id)));
}

/** Newest first. */
export async function listRestores(actor: Actor, workspaceId: string): Promise<RestoreView[]> {
  const rows = await inWorkspace(actor, workspaceId, "content.view", (tx, me) =>
    tx.restore.findMany({ where: { workspaceId: me.workspaceId }, include: WITH_PARTS, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: 100 }));
  return Promise.all(rows.map(toView));
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
    if (row.state === "planned") refuseWithoutWriteAccess(row.connection.restoreState);
    const { count } = await tx.restore.updateMany({ where: { workspaceId: me.workspaceId, id, state: "planned", planHash: hash }, data: { state: "running", startedAt: new Date() } });
    if (count === 1) await send("restore-run", { workspaceId: me.workspaceId, restoreId: id }, { tx });
    else if (row.state === "cancelled" || row.state === "planning") throw new PlanbackError("conflict", "This restore is not ready to run. Make a new preview. Nothing was changed.");
  });
}

/** Stops a restore. What it has written stays, and the report names it. */
export async function cancelRestore(actor: Actor, workspaceId: string, restoreId: string): Promise<void> {
  const id = checkId(restoreId, "restore");
  await inWorkspace(actor, workspaceId, "restore.run", async (tx, me) => {
    await findRestore(tx, me.workspaceId, id);
    const mine = { workspaceId: me.workspaceId, id };
    const now = new Date();
    await tx.restore.updateMany({ where: { ...mine, state: { in: STANDING } }, data: { state: "cancelled", finishedAt: now, cancelRequestedAt: now } });
    await tx.restore.updateMany({ where: { ...mine, state: { in: MOVING }, cancelRequestedAt: null }, data: { cancelRequestedAt: now } });
  });
}

function refuseWithoutWriteAccess(restoreState: string): void {
  switch (restoreState) {
    case "active":
      return;
    case "consent_missing":
      throw new PlanbackError("consent_missing", "The consent for restores is missing or was removed. Open Consent and have an admin grant it. Nothing was changed.");
    case "needs_sign_in":
      throw new PlanbackError("needs_sign_in", "The connection account must sign in again before it can restore. Open Connections and allow restore again. Nothing was changed.");
    default:
      throw new PlanbackError("needs_sign_in", "The connection account has no write access. Open Connections and allow restore for it; it is taken away again afterwards. Nothing was changed.");
  }
}

async function findRestore(tx: Tx, workspaceId: string, id: string): Promise<RestoreRow> {
  const row = await tx.restore.findFirst({ where: { workspaceId, id }, include: WITH_PARTS });
  if (!row) throw notFound("restore");
  return row;
}

async function toView(row: RestoreRow): Promise<RestoreView> {
  const names = await openPlanNames(row.snapshot.plan);
  const open = <T>(place: readonly string[], sealed: Uint8Array | null): Promise<T | null> =>
    sealed ? openJson<T>(row.workspaceId, "content", place, sealed) : Promise.resolve(null);
  return {
    id: row.id, snapshotId: row.snapshotId, planTitle: names.title, takenAt: row.snapshot.takenAt.toISOString(), connectionId: row.connectionId,
    startedBy: row.startedBy, state: row.state as RestoreState, phase: row.phase, done: row.done, total: row.total,
    waiting: row.waiting as RestoreView["waiting"], problem: row.problem,
    request: await openJson<RestoreRequest>(row.workspaceId, "content", PLACE.restoreRequest(row.id), row.sealedRequest),
    plan: await open<RestorePlan>(PLACE.restorePlan(row.id), row.sealedPlan),
    report: await open<RestoreReport>(PLACE.restoreReport(row.id), row.sealedReport),
    planHash: row.planHash, cancelRequested: row.cancelRequestedAt !== null, createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null, finishedAt: row.finishedAt?.toISOString() ?? null, tid: row.connection.microsoftTenant.tid,
  };
}
