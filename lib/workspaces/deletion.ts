/** Deleting a workspace: asked for by an owner, cancellable for two weeks, and then for good (erase.ts). */
import { z } from "zod";
import { withIdentity } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { record } from "./audit";
import { inWorkspace, requireFresh } from "./authorise";
import { parseInput } from "./input";
import type { Actor, ErasureView } from "./types";

export const HOLD_DAYS = 14;
const HOLD_MS = HOLD_DAYS * 24 * 3600_000;

/** Asks for the end of a workspace; `typedName` must be its name. Until the time is over everything works as before. */
export async function requestDeletion(actor: Actor, workspaceId: string, typedName: unknown): Promise<{ deleteAt: string }> {
  const typed = parseInput(z.string(), typedName);
  return inWorkspace(actor, workspaceId, "workspace.delete", async (tx, me) => {
    await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${me.workspaceId}::uuid FOR UPDATE`;
    const workspace = await tx.workspace.findUniqueOrThrow({ where: { id: me.workspaceId } });
    if (workspace.deleteAt) return { deleteAt: workspace.deleteAt.toISOString() };
    if (plain(typed) !== plain(workspace.name)) throw new PlanbackError("invalid_input", "That is not the name of this workspace. Nothing was changed.");
    requireFresh(actor);
    const now = new Date();
    const deleteAt = new Date(now.getTime() + HOLD_MS);
    await tx.workspace.update({ where: { id: me.workspaceId }, data: { deleteAt, deleteAskedAt: now, deleteAskedBy: actor.name, deleteAskedTid: actor.tid, deleteAskedOid: actor.oid } });
    await record(tx, me.workspaceId, actor, { action: "workspace.deletion_asked", detail: { at: deleteAt.toISOString() } });
    return { deleteAt: deleteAt.toISOString() };
  });
}

const plain = (text: string): string => text.trim().replace(/\s+/g, " ").toLowerCase();

/** Any owner can, until the time is over. */
export async function cancelDeletion(actor: Actor, workspaceId: string): Promise<void> {
  await inWorkspace(actor, workspaceId, "workspace.delete", async (tx, me) => {
    const { count } = await tx.workspace.updateMany({
      where: { id: me.workspaceId, deleteAt: { not: null } }, data: { deleteAt: null, deleteAskedAt: null, deleteAskedBy: null, deleteAskedTid: null, deleteAskedOid: null },
    });
    if (count === 1) await record(tx, me.workspaceId, actor, { action: "workspace.deletion_cancelled" });
  });
}

/** Receipts of the workspaces whose deletion this person asked for, newest first. */
export async function listErasures(actor: Actor): Promise<ErasureView[]> {
  const rows = await withIdentity(actor.tid, actor.oid, (tx) => tx.erasure.findMany({ where: { askedTid: actor.tid, askedOid: actor.oid }, orderBy: { keysDestroyedAt: "desc" } }));
  return rows.map((row) => ({
    workspaceId: row.workspaceId, askedAt: row.askedAt.toISOString(), keysDestroyedAt: row.keysDestroyedAt.toISOString(), finishedAt: row.finishedAt?.toISOString() ?? null,
    rows: Number(row.rows), objects: row.objects === null ? null : Number(row.objects), bytes: row.bytes === null ? null : Number(row.bytes), anchor: row.anchor,
  }));
}
