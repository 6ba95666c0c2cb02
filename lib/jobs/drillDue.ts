import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { PLANBACK } from "@/lib/workspaces/audit";
import { beginDrill } from "@/lib/workspaces/drills";
import { setSchedules } from "@/lib/workspaces/policySchedules";
import type { Jobs } from "./types";

/** Starts a drill of a policy whose time has come, unless the one before is still under way, or the workspace is about to be deleted. */
export async function drillDue({ workspaceId, policyId }: Jobs["drill-due"], { jobId }: JobContext): Promise<void> {
  const policy = await withWorkspace(workspaceId, async (tx) => {
    const found = await tx.policy.findFirst({ where: { workspaceId, id: policyId, removedAt: null, enabled: true, connection: { removedAt: null } } });
    if (found) await setSchedules(tx, found, ["drill-due"]);
    return (await tx.workspace.count({ where: { id: workspaceId, deleteAt: null } })) > 0 ? found : null;
  });
  if (policy) await beginDrill(policy, PLANBACK, `drill:${jobId}`);
}
