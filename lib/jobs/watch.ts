import { watchWorkspace } from "@/lib/workspaces/watch";
import type { Jobs } from "./types";

export async function watch({ workspaceId }: Jobs["watch"]): Promise<void> {
  await watchWorkspace(workspaceId);
}
