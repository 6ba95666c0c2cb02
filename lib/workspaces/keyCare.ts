/** What goes on around the keys of a workspace by itself. Each step looks at what is there, so any worker goes on where another was killed. */
import type { Tx } from "@/lib/db";
import { withWorkspace } from "@/lib/db";
import { isPlanbackError } from "@/lib/errors";
import { dumpWorkspace, isDumpDue } from "./dump";
import { isKitDue, keepKit } from "./kit";
import { isResealDue, resealWorkspace } from "./reseal";
import { isRewrapDue, rewrapKeys } from "./rewrap";

export async function isCareDue(tx: Tx, workspaceId: string, now: Date): Promise<boolean> {
  return (await isRewrapDue(tx, workspaceId)) || (await isKitDue(tx, workspaceId)) || (await isDumpDue(tx, workspaceId, now)) || (await isResealDue(tx, workspaceId));
}

/** Wraps keys anew after the installation key was rotated, keeps the recovery kit, copies the rows once a night, seals anew after a rotation. */
export async function careForKeys(workspaceId: string, signal: AbortSignal, now = new Date()): Promise<void> {
  await rewrapKeys(workspaceId);
  const isNight = await withWorkspace(workspaceId, (tx) => isDumpDue(tx, workspaceId, now));
  try {
    await keepKit(workspaceId, { look: isNight });
    if (isNight) await dumpWorkspace(workspaceId, signal, now);
  } catch (error) {
    // For the operator (installation.ts): whoever owns the workspace can do nothing about it.
    const copyProblem = isPlanbackError(error) ? error.code : "internal";
    if (isNight && !signal.aborted) await withWorkspace(workspaceId, (tx) => tx.workspace.updateMany({ where: { id: workspaceId }, data: { copyProblem } }));
    throw error;
  }
  await resealWorkspace(workspaceId, signal);
}
