import type { JobContext } from "@/lib/db/queue";
import { pruneWorkspace } from "@/lib/workspaces/prune";
import type { Jobs } from "./types";

export async function prune({ workspaceId }: Jobs["prune"], { signal }: JobContext): Promise<void> {
  await pruneWorkspace(workspaceId, signal);
}
