"use server";

import { revalidatePath } from "next/cache";
import { createKey, revokeKey } from "@/lib/workspaces";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function createKeyAction(workspaceId: string, input: unknown) {
  return action(async () => {
    const key = await createKey(await requireActor(), workspaceId, input);
    revalidatePath(`/w/${workspaceId}/api-keys`);
    return key;
  });
}

export async function revokeKeyAction(workspaceId: string, keyId: string) {
  return action(async () => {
    await revokeKey(await requireActor(), workspaceId, keyId);
    revalidatePath(`/w/${workspaceId}/api-keys`);
  });
}
