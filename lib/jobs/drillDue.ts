import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { PLANBACK } from "@/lib/workspaces/audit";
import { beginDrill } from "@/lib/workspaces/drills";
import type { Jobs } from "./types";

/** Starts a drill of a policy whose time has come, unless the one before is still under way, or the workspace is about to be deleted. */
export async function drillDue({ workspaceId, policyId }: Jobs["drill-due"], { jobId }: JobContext): Promise<void> {
  const policy = await withWorkspace(workspaceId, async (tx) => {
    const isStaying = await tx.workspace.count({ where: { id: workspaceId, deleteAt: null } });
    return isStaying > 0 ? tx.policy.findFirst({ where: { workspaceId, id: policyId, removedAt: null, enabled: true, connection: { removedAt: null } } }) : null;
  });
  if (policy) await beginDrill(policy, PLANBACK, `drill:${jobId}`);
}
