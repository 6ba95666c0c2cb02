"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { createWorkspace } from "@/lib/workspaces";
import { action } from "../action";
import { requireActor } from "../session";

const Name = z.string().trim().min(1, "Give the workspace a name.").max(120, "The name may have up to 120 characters.");

export async function createWorkspaceAction(name: string) {
  return action(async () => {
    const workspace = await createWorkspace(await requireActor(), { name: Name.parse(name) });
    redirect(`/w/${workspace.id}`);
  });
}
