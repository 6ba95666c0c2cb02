"use server";

import { redirect } from "next/navigation";
import { createWorkspace } from "@/lib/workspaces";
import { action } from "../action";
import { requireActor } from "../session";

export async function createWorkspaceAction(name: string) {
  return action(async () => {
    const workspace = await createWorkspace(await requireActor(), { name });
    redirect(`/w/${workspace.id}`);
  });
}
