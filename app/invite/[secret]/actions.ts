"use server";

import { redirect } from "next/navigation";
import { acceptInvitation } from "@/lib/workspaces";
import { action } from "../../action";
import { requireActor } from "../../session";

export async function acceptInvitationAction(secret: string) {
  return action(async () => {
    const { workspaceId } = await acceptInvitation(await requireActor(), String(secret));
    redirect(`/w/${workspaceId}`);
  });
}
