import { withWorkspace } from "@/lib/db";
import { sendAll, type JobContext } from "@/lib/db/queue";
import { bundlePlan } from "@/lib/workspaces/bundles";
import { indexPlan, resetIndex } from "@/lib/workspaces/searchIndex";
import { giveBack } from "./giveBack";
import type { Jobs } from "./types";

export async function searchIndex({ workspaceId, planId }: Jobs["search-index"], { signal }: JobContext): Promise<void> {
  // The index is read from the bundle, and comes also without.
  try {
    await bundlePlan(workspaceId, planId, { signal });
  } finally {
    await indexPlan(workspaceId, planId, signal);
    giveBack();
  }
}

export async function searchRebuild({ workspaceId }: Jobs["search-rebuild"]): Promise<void> {
  await withWorkspace(workspaceId, async (tx) => {
    const planIds = await resetIndex(tx, workspaceId);
    await sendAll("search-index", planIds.map((planId) => ({ workspaceId, planId })), tx);
  });
}
