"use server";

import { revalidatePath } from "next/cache";
import { cancelRun } from "@/lib/workspaces";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function cancelRunAction(workspaceId: string, runId: string) {
  return action(async () => {
    await cancelRun(await requireActor(), workspaceId, runId);
    revalidatePath(`/w/${workspaceId}/runs/${runId}`);
  });
}
