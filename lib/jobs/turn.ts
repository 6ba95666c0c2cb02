/**
 * Turns: one restore at a time writes into a plan, and one at a time makes a plan in a group. Two would take each other's work
 * for their own: a create whose outcome is not known is looked for by its content, and what the other is making at that moment
 * is in no journal yet. A restore that makes a plan has the turn of the group until the plan is made, then that of its plan.
 *
 *   ask       free, and nobody waits: it is taken, else the restore waits and its job ends
 *   give back with the change of state that ends or pauses the restore, not with its worker: who was killed keeps its turn
 *   pass on   whoever has waited longest gets it and a job; done after each job of a restore, and by the watch, which also
 *             finds what a killed worker left to do and what another workspace has given back
 *
 * The turn is a unique index, which holds across workspaces although none sees the rows of another.
 */
import { createHash, randomUUID } from "node:crypto";
import { isUniqueViolation, withOperations, withWorkspace, type Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";
import { heldSmall, type RestorePlan } from "@/lib/restore";
import { QUEUED } from "@/lib/workspaces/restoreStates";
import { fenced, type Lease } from "./lease";
import { openPlan, type RestoreRow, WITH_PARTS } from "./restoreContext";

/** Names a plan of Microsoft 365, or a group that a plan is made in, in every workspace alike. */
export const turnKey = (tid: string, id: string): string => createHash("sha256").update(`${tid}\n${id}`, "utf8").digest("hex");

/** What a restore plan writes into: a plan, or a group that it makes one in; null: that is made as well. */
export function turnOf(tid: string, { planId, groupId }: Pick<RestorePlan, "planId" | "groupId">): string | null {
  const place = planId ?? (groupId || null);
  return place === null ? null : turnKey(tid, place);
}

/** True when this restore may write now. False: it waits, and a job comes for it when its turn has. A drill's plan has a title of its own. */
export async function askTurn(row: RestoreRow, lease: Lease): Promise<boolean> {
  const { workspaceId, id } = row;
  if (row.drillOf !== null) return true;
  const writesTo = await whereNow(row);
  if (writesTo === null || (row.holdsTurn && writesTo === row.writesTo)) return true;
  const where = { workspaceId_id: { workspaceId, id } };
  const taken = await unlessHeld(() => fenced(lease, async (tx) => {
    if ((await tx.restore.count({ where: { workspaceId, writesTo, ...QUEUED } })) > 0) return false;
    await tx.restore.update({ where, data: { writesTo, holdsTurn: true }, select: { id: true } });
    return true;
  }));
  if (taken) return true;
  await fenced(lease, async (tx) => {
    const { count } = await tx.restore.updateMany({
      where: { workspaceId, id, cancelRequestedAt: null }, data: { ...QUEUED, writesTo, holdsTurn: false, turnAskedAt: new Date(), waiting: await waitingFor(tx, row, writesTo) },
    });
    if (count === 0) throw new PlanbackError("cancelled", "Stopped by a person.");
  });
  return false;
}

/** A plan that this restore has made is its own until it ends. Nobody else can know it yet. The group is free for the next. */
export async function takeMade(row: RestoreRow, lease: Lease, planId: string): Promise<void> {
  const { workspaceId, id, connection } = row;
  const data = { writesTo: turnKey(connection.microsoftTenant.tid, planId), holdsTurn: true };
  await unlessHeld(() => fenced(lease, async (tx) => {
    await tx.restore.update({ where: { workspaceId_id: { workspaceId, id } }, data, select: { id: true } });
    return true;
  }));
  await passTurns(workspaceId);
}

/** Whether a restore, maybe of another workspace, has one of these turns. */
export async function isTurnHeld(keys: readonly string[]): Promise<boolean> {
  const [row] = await withOperations((tx) => tx.$queryRaw<{ held: boolean }[]>`SELECT operations.turn_is_held(${keys}) AS held`);
  return row!.held;
}

/** Lets those go on whose turn it is: of each plan that nobody writes into, and each group that nobody makes one in, the restore that has waited longest. */
export async function passTurns(workspaceId: string): Promise<void> {
  const first = await withWorkspace(workspaceId, (tx) => tx.restore.findMany({
    where: { workspaceId, turnAskedAt: { not: null }, ...QUEUED }, orderBy: [{ turnAskedAt: "asc" }, { id: "asc" }], distinct: ["writesTo"], include: WITH_PARTS,
  }));
  for (const row of first) {
    const { id, writesTo } = row;
    await unlessHeld(() => withWorkspace(workspaceId, async (tx) => {
      const { count } = await tx.restore.updateMany({
        where: { workspaceId, id, ...QUEUED }, data: { state: "running", phase: null, waiting: Prisma.DbNull, holdsTurn: true, turnAskedAt: null },
      });
      if (count === 0) return false;
      await send("restore-run", { workspaceId, restoreId: id }, { tx, singletonKey: randomUUID() });
      await tx.restore.updateMany({ where: { workspaceId, writesTo, ...QUEUED }, data: { waiting: await waitingFor(tx, row, writesTo!) } });
      return true;
    }));
  }
}

/** The plan of its own that it has made by now, or what it was to write into. Rows that older versions began do not say that; their restore plan does. */
async function whereNow(row: RestoreRow): Promise<string | null> {
  const { workspaceId, id, connection: { microsoftTenant: { tid } }, writesTo } = row;
  const [made, begun] = await withWorkspace(workspaceId, async (tx) => [
    await tx.restoreIntent.findFirst({ where: { workspaceId, restoreId: id, kind: "create_plan", remoteId: { not: null } }, select: { remoteId: true } }),
    writesTo === null ? await tx.restoreIntent.findFirst({ where: { workspaceId, restoreId: id, attempt: { gt: 0 } }, select: { seq: true } }) : null,
  ] as const);
  if (made?.remoteId) return turnKey(tid, made.remoteId);
  return begun ? turnOf(tid, await openPlan(row, heldSmall)) : writesTo;
}

async function unlessHeld(take: () => Promise<boolean>): Promise<boolean> {
  try {
    return await take();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return false;
  }
}

async function waitingFor(tx: Tx, { workspaceId, connection, targetGroupId }: RestoreRow, writesTo: string): Promise<{ reason: string; until: null; restoreId?: string }> {
  const holder = await tx.restore.findFirst({ where: { workspaceId, writesTo, holdsTurn: true }, select: { id: true } });
  const makes = targetGroupId !== null && writesTo === turnKey(connection.microsoftTenant.tid, targetGroupId);
  const reason = `Another restore ${makes ? "makes a plan in this group" : "writes into this plan"}${holder ? "" : ", maybe of another workspace"}. This one starts by itself when that one has ${makes ? "made it, " : ""}ended or waits for a person.`;
  return { reason, until: null, ...(holder ? { restoreId: holder.id } : {}) };
}
