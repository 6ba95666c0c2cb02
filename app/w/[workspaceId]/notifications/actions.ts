"use server";

import { revalidatePath } from "next/cache";
import { getDelivery, removeChannel, saveChannel, setNamesInMessages, testChannel } from "@/lib/workspaces";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function saveChannelAction(workspaceId: string, channelId: string | null, input: unknown) {
  return action(async () => {
    const saved = await saveChannel(await requireActor(), workspaceId, input, channelId ?? undefined);
    revalidatePath(`/w/${workspaceId}/notifications`);
    return saved;
  });
}

export async function removeChannelAction(workspaceId: string, channelId: string) {
  return action(async () => {
    await removeChannel(await requireActor(), workspaceId, channelId);
    revalidatePath(`/w/${workspaceId}/notifications`);
  });
}

export async function testChannelAction(workspaceId: string, channelId: string) {
  return action(async () => {
    const actor = await requireActor();
    const { deliveryId } = await testChannel(actor, workspaceId, channelId);
    return getDelivery(actor, workspaceId, deliveryId);
  });
}

export async function setNamesInMessagesAction(workspaceId: string, allowed: boolean) {
  return action(async () => {
    await setNamesInMessages(await requireActor(), workspaceId, allowed);
    revalidatePath(`/w/${workspaceId}/notifications`);
  });
}
