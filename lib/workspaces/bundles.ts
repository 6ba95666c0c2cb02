import { withWorkspace } from "@/lib/db";
import { isPlanbackError } from "@/lib/errors";
import type { BundleLimits } from "@/lib/repository";
import { VISIBLE } from "./plans";
import { repositoryOf } from "./repository";

/**
 * Keeps the bundle of a plan in step with its newest snapshot, so that large ones open quickly. Of two at once one is named; what
 * the other stored, or one that was killed, is removed with what no snapshot needs.
 */
export async function bundlePlan(workspaceId: string, planId: string, options: { signal?: AbortSignal; limits?: BundleLimits } = {}): Promise<void> {
  const plan = await withWorkspace(workspaceId, (tx) => tx.plan.findUnique({
    where: { workspaceId_id: { workspaceId, id: planId } },
    select: { bundleId: true, snapshots: { where: VISIBLE, orderBy: [{ takenAt: "desc" }, { id: "desc" }], take: 1, select: { manifestId: true } } },
  }));
  const manifestId = plan?.snapshots[0]?.manifestId;
  if (!plan || !manifestId) return;
  try {
    const made = await (await repositoryOf(workspaceId)).makeBundle(manifestId, plan.bundleId, options);
    if (!made) return;
    const data = { bundleId: made.id, bundleBytes: made.stored, bundledAt: new Date() };
    await withWorkspace(workspaceId, (tx) => tx.plan.updateMany({ where: { workspaceId, id: planId, bundleId: plan.bundleId }, data }));
  } catch (error) {
    if (!isPlanbackError(error, "repository_damaged")) throw error; // what is damaged is told by those whom it concerns
  }
}
