"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { connectAppOnly, recheckConnection, removeConnection, removeWriteAccess, setExtras, startConnect } from "@/lib/workspaces";
import type { Purpose } from "@/lib/workspaces/types";
import { action } from "../../../action";
import { followFlow } from "../../../flow";
import { requireActor } from "../../../session";

export async function startConnectAction(workspaceId: string, purpose: Purpose, tid: string, connectionId: string | null) {
  return action(async () => followFlow(await startConnect(await requireActor(), workspaceId, { purpose, tid, ...(connectionId ? { connectionId } : {}) })));
}

export async function connectAppOnlyAction(workspaceId: string, tid: string) {
  return action(async () => {
    const { connectionId } = await connectAppOnly(await requireActor(), workspaceId, tid);
    redirect(`/w/${workspaceId}/connections/${connectionId}?outcome=tenant_connected`);
  });
}

export async function recheckConnectionAction(workspaceId: string, connectionId: string) {
  return action(async () => {
    await recheckConnection(await requireActor(), workspaceId, connectionId);
    revalidatePath(`/w/${workspaceId}/connections/${connectionId}`);
  });
}

export async function removeWriteAccessAction(workspaceId: string, connectionId: string) {
  return action(async () => {
    await removeWriteAccess(await requireActor(), workspaceId, connectionId);
    revalidatePath(`/w/${workspaceId}/connections/${connectionId}`);
  });
}

export async function setExtrasAction(workspaceId: string, connectionId: string, on: boolean) {
  return action(async () => {
    await setExtras(await requireActor(), workspaceId, connectionId, on);
    revalidatePath(`/w/${workspaceId}/connections/${connectionId}`);
  });
}

export async function removeConnectionAction(workspaceId: string, connectionId: string) {
  return action(async () => {
    await removeConnection(await requireActor(), workspaceId, connectionId);
    redirect(`/w/${workspaceId}/connections`);
  });
}
