"use server";

import { revalidatePath } from "next/cache";
import { cancelMove, cancelVerification, removeOldCopies, removeOwnStore, rotateKeys, saveOwnStore, startMove, startVerification } from "@/lib/workspaces";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function startVerificationAction(workspaceId: string) {
  return action(async () => {
    await startVerification(await requireActor(), workspaceId);
    revalidatePath(`/w/${workspaceId}/storage`);
  });
}

export async function cancelVerificationAction(workspaceId: string, verificationId: string) {
  return action(async () => {
    await cancelVerification(await requireActor(), workspaceId, verificationId);
    revalidatePath(`/w/${workspaceId}/storage`);
  });
}

export async function rotateKeysAction(workspaceId: string) {
  return action(async () => {
    await rotateKeys(await requireActor(), workspaceId);
    revalidatePath(`/w/${workspaceId}/storage`);
  });
}

export async function startMoveAction(workspaceId: string, place: string) {
  return action(async () => {
    await startMove(await requireActor(), workspaceId, place);
    revalidatePath(`/w/${workspaceId}/storage`);
  });
}

export async function cancelMoveAction(workspaceId: string, moveId: string) {
  return action(async () => {
    await cancelMove(await requireActor(), workspaceId, moveId);
    revalidatePath(`/w/${workspaceId}/storage`);
  });
}

export async function removeOldCopiesAction(workspaceId: string, moveId: string) {
  return action(async () => {
    await removeOldCopies(await requireActor(), workspaceId, moveId);
    revalidatePath(`/w/${workspaceId}/storage`);
  });
}

export async function saveOwnStoreAction(workspaceId: string, storeId: string | null, input: unknown) {
  return action(async () => {
    const outcome = await saveOwnStore(await requireActor(), workspaceId, input, storeId ?? undefined);
    revalidatePath(`/w/${workspaceId}/storage`);
    return outcome;
  });
}

export async function removeOwnStoreAction(workspaceId: string, storeId: string) {
  return action(async () => {
    await removeOwnStore(await requireActor(), workspaceId, storeId);
    revalidatePath(`/w/${workspaceId}/storage`);
  });
}
