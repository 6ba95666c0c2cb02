/** Where the backups of a workspace are kept, and taking them elsewhere (lib/jobs/storeMove.ts). */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { config } from "@/lib/config";
import type { Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import type { StoreMove } from "@/lib/generated/prisma/client";
import { MOVE_PARTS } from "@/lib/repository";
import { record } from "./audit";
import { checkId, inWorkspace, notFound, requireFresh } from "./authorise";
import { parseInput } from "./input";
import { placesOf, viewOf } from "./places";
import type { Actor, MoveView, StorageView } from "./types";

export function getStorage(actor: Actor, workspaceId: string): Promise<StorageView> {
  return inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const { place } = await tx.workspace.findUniqueOrThrow({ where: { id: me.workspaceId }, select: { place: true } });
    const places = await placesOf(tx, me.workspaceId);
    const move = await tx.storeMove.findFirst({ where: { workspaceId: me.workspaceId }, orderBy: [{ createdAt: "desc" }, { id: "desc" }] });
    const here = await viewOf(tx, me.workspaceId, place);
    const newest = here.lockDays === null ? null : await tx.snapshot.aggregate({ where: { workspaceId: me.workspaceId }, _max: { takenAt: true } });
    const at = newest?._max.takenAt;
    return { here, lockedUntil: at ? new Date(at.getTime() + here.lockDays! * 24 * 3600_000).toISOString() : null, others: places.filter((one) => one.place !== place), allowsOwn: config().storage.own !== null, move: move && (await toView(tx, move)) };
  });
}

/** Begins to take the workspace to another place. */
export async function startMove(actor: Actor, workspaceId: string, toPlace: unknown): Promise<{ moveId: string }> {
  const to = parseInput(z.string().max(50), toPlace);
  return inWorkspace(actor, workspaceId, "storage.manage", async (tx, me) => {
    const mine = { workspaceId: me.workspaceId };
    await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${me.workspaceId}::uuid FOR UPDATE`;
    const { place: from, deleteAt } = await tx.workspace.findUniqueOrThrow({ where: { id: me.workspaceId }, select: { place: true, deleteAt: true } });
    if (!(await placesOf(tx, me.workspaceId)).some(({ place }) => place === to)) throw notFound("storage");
    if (from === to) throw new PlanbackError("conflict", "The backups are kept there already. Nothing was changed.");
    if (deleteAt) throw new PlanbackError("conflict", "This workspace is about to be deleted. Cancel that first. Nothing was changed.");
    const current = await tx.storeMove.findFirst({ where: { ...mine, finishedAt: null } });
    const isWayBack = current?.state === "held" && current.fromPlace === to;
    if (current && !isWayBack) throw new PlanbackError("conflict", current.state === "held" ? "The copies at the old place are still held. Remove them first, or move back there. Nothing was changed." : "A move is under way. Wait for its end, or cancel it. Nothing was changed.");
    requireFresh(actor);
    // The copies that were held are where it goes: they are read again, and stay.
    if (current) await tx.storeMove.update({ where: { workspaceId_id: { ...mine, id: current.id } }, data: { state: "done", finishedAt: new Date() } });
    const id = randomUUID();
    await tx.storeMove.create({ data: { ...mine, id, fromPlace: from, toPlace: to, state: "copying", startedBy: actor.name } });
    await send("store-move", { ...mine, moveId: id }, { tx });
    await record(tx, me.workspaceId, actor, { action: "storage.move_started", target: { kind: "move", id }, detail: { from, to } });
    return { moveId: id };
  });
}

/** Until the switch the backups are where they were; the copies made so far are removed. */
export async function cancelMove(actor: Actor, workspaceId: string, moveId: string): Promise<void> {
  const id = checkId(moveId, "move");
  await inWorkspace(actor, workspaceId, "storage.manage", async (tx, me) => {
    const mine = { workspaceId: me.workspaceId, id };
    const { count } = await tx.storeMove.updateMany({ where: { ...mine, state: { in: ["copying", "closing"] } }, data: { state: "cancelling", part: 0, problem: null } });
    if (count === 0) {
      if (!(await tx.storeMove.findFirst({ where: mine }))) throw notFound("move");
      throw new PlanbackError("conflict", "This move cannot be cancelled any more. Nothing was changed.");
    }
    await send("store-move", { workspaceId: me.workspaceId, moveId: id }, { tx });
    await record(tx, me.workspaceId, actor, { action: "storage.move_cancelled", target: { kind: "move", id } });
  });
}

/** Ends the time for which the old copies are held. */
export async function removeOldCopies(actor: Actor, workspaceId: string, moveId: string): Promise<void> {
  const id = checkId(moveId, "move");
  await inWorkspace(actor, workspaceId, "storage.manage", async (tx, me) => {
    const mine = { workspaceId: me.workspaceId, id };
    const move = await tx.storeMove.findFirst({ where: mine });
    if (!move) throw notFound("move");
    if (move.state !== "held") throw new PlanbackError("conflict", "No old copies are held. Nothing was changed.");
    requireFresh(actor);
    await tx.storeMove.updateMany({ where: { ...mine, state: "held" }, data: { removeAfter: new Date() } });
    await send("store-move", { workspaceId: me.workspaceId, moveId: id }, { tx });
    await record(tx, me.workspaceId, actor, { action: "storage.old_removal_asked", target: { kind: "move", id } });
  });
}

/** Moves that have something to do now. */
export function movesToDo(tx: Tx, workspaceId: string, now: Date): Promise<Pick<StoreMove, "id">[]> {
  return tx.storeMove.findMany({ where: { workspaceId, finishedAt: null, OR: [{ state: { not: "held" } }, { removeAfter: { lte: now } }] }, select: { id: true } });
}

async function toView(tx: Tx, row: StoreMove): Promise<MoveView> {
  return {
    id: row.id, from: await viewOf(tx, row.workspaceId, row.fromPlace), to: await viewOf(tx, row.workspaceId, row.toPlace), state: row.state === "held" && row.removeAfter! <= new Date() ? "removing" : (row.state as MoveView["state"]),
    percent: Math.round((100 * row.part) / MOVE_PARTS), objects: row.objects, bytes: Number(row.bytes), damaged: row.damaged, problem: row.problem, startedBy: row.startedBy,
    startedAt: row.createdAt.toISOString(), switchedAt: row.switchedAt?.toISOString() ?? null, removeAfter: row.removeAfter?.toISOString() ?? null, finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
