import { watchWorkspace } from "@/lib/workspaces/watch";
import { passTurns } from "./turn";
import type { Jobs } from "./types";

export async function watch({ workspaceId }: Jobs["watch"]): Promise<void> {
  await passTurns(workspaceId);
  await watchWorkspace(workspaceId);
}
