/** Unusual losses: found by a backup, shown, and released by a person. While one is open, nothing leaves its plan's timeline. */
import { randomUUID } from "node:crypto";
import type { Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import type { Prisma } from "@/lib/generated/prisma/client";
import { record } from "./audit";
import { checkId, inWorkspace, notFound } from "./authorise";
import { VISIBLE } from "./plans";
import type { Actor, LossView, SnapshotDrift } from "./types";
import { unusualLoss, type Reading } from "./unusualLoss";

/** Of the kept backups so many tell what is usual. */
const COMPARED = 60;
const HOUR_MS = 3600_000;

interface Found { workspaceId: string; planId: string; snapshotId: string; takenAt: Date; /** Tasks in it. */ tasks: number; drift: SnapshotDrift | null }

/** Judges a snapshot that is about to become visible, in the transaction that makes it so. */
export async function noteLoss(tx: Tx, { workspaceId, planId, snapshotId, takenAt, tasks, drift }: Found): Promise<void> {
  if (!drift || drift.removed === 0) return;
  const snapshots = await tx.snapshot.findMany({
    where: { workspaceId, planId, ...VISIBLE, takenAt: { lt: takenAt } }, orderBy: [{ takenAt: "desc" }, { id: "desc" }], take: COMPARED + 1, select: { id: true, takenAt: true, drift: true, runId: true },
  });
  const previous = snapshots[0];
  if (!previous) return;
  const losses = await tx.loss.findMany({ where: { workspaceId, planId } });
  const open = new Set(losses.filter(({ releasedAt }) => releasedAt === null).map((loss) => loss.snapshotId));
  const history = snapshots.slice(0, -1).flatMap((one, i): Reading[] => {
    const removed = (one.drift as SnapshotDrift | null)?.removed;
    return removed === undefined || one.runId === null || open.has(one.id) ? [] : [{ removed, hours: hoursBetween(snapshots[i + 1]!.takenAt, one.takenAt) }];
  });
  const removed = drift.removed - (await removedByRestores(tx, workspaceId, planId, previous.takenAt));
  const judged = unusualLoss({
    removed, hours: hoursBetween(previous.takenAt, takenAt), before: tasks - drift.added + drift.removed, history,
    accepted: losses.filter(({ releasedAt }) => releasedAt !== null).map((loss) => loss.removed),
  });
  if (judged) await tx.loss.create({ data: { workspaceId, id: randomUUID(), planId, snapshotId, beforeId: previous.id, removed, usual: judged.usual, foundAt: takenAt } });
}

const hoursBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / HOUR_MS;

/** Tasks that a person had a restore delete since then: no loss. */
function removedByRestores(tx: Tx, workspaceId: string, planId: string, since: Date): Promise<number> {
  return tx.restoreIntent.count({
    where: { workspaceId, kind: "delete_task", state: "done", updatedAt: { gt: since }, restore: { before: { planId } } },
  });
}

const BEFORE_IT = { before: { select: { takenAt: true } } };
type OpenLoss = Prisma.LossGetPayload<{ include: typeof BEFORE_IT }>;

/** Losses that nobody has released, newest first. */
export function openLosses(tx: Tx, workspaceId: string, planId?: string): Promise<OpenLoss[]> {
  return tx.loss.findMany({ where: { workspaceId, releasedAt: null, ...(planId === undefined ? {} : { planId }) }, include: BEFORE_IT, orderBy: [{ foundAt: "desc" }, { id: "desc" }] });
}

/** The losses of a plan that nobody has released, newest first. */
export async function listLosses(actor: Actor, workspaceId: string, planId: string): Promise<LossView[]> {
  const id = checkId(planId, "plan");
  return inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    if (!(await tx.plan.findFirst({ where: { workspaceId: me.workspaceId, id }, select: { id: true } }))) throw notFound("plan");
    return (await openLosses(tx, me.workspaceId, id)).map(toLoss);
  });
}

/** A person has looked: the plan's retention goes on, and a loss of this size is usual for the plan from now on. */
export async function releaseHold(actor: Actor, workspaceId: string, lossId: string): Promise<void> {
  const id = checkId(lossId, "alert");
  await inWorkspace(actor, workspaceId, "policy.manage", async (tx, me) => {
    const loss = await tx.loss.findFirst({ where: { workspaceId: me.workspaceId, id } });
    if (!loss) throw notFound("alert");
    const { count } = await tx.loss.updateMany({ where: { workspaceId: me.workspaceId, id, releasedAt: null }, data: { releasedAt: new Date(), releasedBy: actor.name } });
    if (count === 0) throw new PlanbackError("conflict", `${loss.releasedBy ?? "Somebody"} has released this hold already. Nothing was changed.`);
    await send("watch", { workspaceId: me.workspaceId }, { tx });
    await record(tx, me.workspaceId, actor, { action: "plan.hold_released", target: { kind: "plan", id: loss.planId }, detail: { removed: loss.removed } });
  });
}

const toLoss = ({ id, beforeId, before, removed, usual, foundAt }: OpenLoss): LossView =>
  ({ id, beforeId, lastAt: before.takenAt.toISOString(), removed, usual, foundAt: foundAt.toISOString() });
