"use server";

import { rebuildSearch } from "@/lib/workspaces";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function rebuildSearchAction(workspaceId: string) {
  return action(async () => rebuildSearch(await requireActor(), workspaceId));
}
