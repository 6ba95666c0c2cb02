"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { cancelRestore, createRestore, runRestore, startConnect } from "@/lib/workspaces";
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
