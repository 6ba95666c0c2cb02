"use server";

import { revalidatePath } from "next/cache";
import { acceptEmpty, releaseHold } from "@/lib/workspaces";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function acceptEmptyAction(workspaceId: string, planId: string) {
  return action(async () => {
    await acceptEmpty(await requireActor(), workspaceId, planId);
    revalidatePath(`/w/${workspaceId}/plans/${planId}`);
  });
}

export async function releaseHoldAction(workspaceId: string, planId: string, lossId: string) {
  return action(async () => {
    await releaseHold(await requireActor(), workspaceId, lossId);
    revalidatePath(`/w/${workspaceId}/plans/${planId}`);
  });
}
