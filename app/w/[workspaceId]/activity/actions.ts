"use server";

import { revalidatePath } from "next/cache";
import { verifyActivity } from "@/lib/workspaces";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function verifyActivityAction(workspaceId: string, anchor: string) {
  return action(async () => {
    const check = await verifyActivity(await requireActor(), workspaceId, anchor);
    revalidatePath(`/w/${workspaceId}/activity`);
    return check;
  });
}
