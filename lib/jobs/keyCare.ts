import type { JobContext } from "@/lib/db/queue";
import { careForKeys } from "@/lib/workspaces/keyCare";
import type { Jobs } from "./types";

export async function keyCare({ workspaceId }: Jobs["key-care"], { signal }: JobContext): Promise<void> {
  await careForKeys(workspaceId, signal);
}
