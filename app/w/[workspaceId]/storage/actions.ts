"use server";

import { revalidatePath } from "next/cache";
import { cancelVerification, rotateKeys, startVerification } from "@/lib/workspaces";
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
