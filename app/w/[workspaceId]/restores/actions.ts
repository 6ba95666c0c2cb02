"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { cancelRestore, createRestore, resumeRestore, retryRemoval, runRestore, startConnect, undoRestore } from "@/lib/workspaces";
import { action } from "../../../action";
import { followFlow } from "../../../flow";
import { requireActor } from "../../../session";

export async function connectForRestoreAction(workspaceId: string, connectionId: string, tid: string) {
  return action(async () => followFlow(await startConnect(await requireActor(), workspaceId, { purpose: "restore", tid, connectionId })));
}

export async function createRestoreAction(workspaceId: string, input: unknown) {
  return action(async () => {
    const { restoreId } = await createRestore(await requireActor(), workspaceId, input);
    redirect(`/w/${workspaceId}/restores/${restoreId}`);
  });
}

export async function runRestoreAction(workspaceId: string, restoreId: string, planHash: string) {
  return action(async () => {
    await runRestore(await requireActor(), workspaceId, restoreId, planHash);
    revalidatePath(`/w/${workspaceId}/restores/${restoreId}`);
  });
}

export async function cancelRestoreAction(workspaceId: string, restoreId: string) {
  return action(async () => {
    await cancelRestore(await requireActor(), workspaceId, restoreId);
    revalidatePath(`/w/${workspaceId}/restores/${restoreId}`);
  });
}

export async function retryRemovalAction(workspaceId: string, restoreId: string) {
  return action(async () => {
    await retryRemoval(await requireActor(), workspaceId, restoreId);
    revalidatePath(`/w/${workspaceId}/restores/${restoreId}`);
  });
}

/** Makes the preview of the way back; the same key gives the same one. */
export async function undoRestoreAction(workspaceId: string, restoreId: string, requestKey: string) {
  return action(async () => {
    const undo = await undoRestore(await requireActor(), workspaceId, restoreId, requestKey);
    redirect(`/w/${workspaceId}/restores/${undo.restoreId}`);
  });
}

export async function resumeRestoreAction(workspaceId: string, restoreId: string) {
  return action(async () => {
    await resumeRestore(await requireActor(), workspaceId, restoreId);
    revalidatePath(`/w/${workspaceId}/restores/${restoreId}`);
  });
}
