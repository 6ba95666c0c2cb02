import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { PLANBACK } from "@/lib/workspaces/audit";
import { beginDrill } from "@/lib/workspaces/drills";
import type { Jobs } from "./types";

/** Starts a drill of a policy whose time has come, unless the one before is still under way. */
export async function drillDue({ workspaceId, policyId }: Jobs["drill-due"], { jobId }: JobContext): Promise<void> {
  const policy = await withWorkspace(workspaceId, (tx) => tx.policy.findFirst({ where: { workspaceId, id: policyId, removedAt: null, enabled: true, connection: { removedAt: null } } }));
  if (policy) await beginDrill(policy, PLANBACK, `drill:${jobId}`);
}
