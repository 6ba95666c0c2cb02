"use server";

import { revalidatePath } from "next/cache";
import { acceptEmpty } from "@/lib/workspaces";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function acceptEmptyAction(workspaceId: string, planId: string) {
  return action(async () => {
    await acceptEmpty(await requireActor(), workspaceId, planId);
    revalidatePath(`/w/${workspaceId}/plans/${planId}`);
  });
}
