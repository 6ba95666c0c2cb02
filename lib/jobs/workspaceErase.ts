import type { JobContext } from "@/lib/db/queue";
import { eraseWorkspace } from "@/lib/workspaces/erase";
import type { Jobs } from "./types";

export async function workspaceErase({ workspaceId }: Jobs["workspace-erase"], { signal }: JobContext): Promise<void> {
  await eraseWorkspace(workspaceId, signal);
}
