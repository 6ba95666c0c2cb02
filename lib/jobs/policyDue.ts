import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { setSchedules } from "@/lib/workspaces/policySchedules";
import { createRun } from "@/lib/workspaces/runs";
import type { Jobs } from "./types";

/** Starts the run of a policy whose time has come, unless the run before is still under way. */
export async function policyDue({ workspaceId, policyId }: Jobs["policy-due"], { jobId }: JobContext): Promise<void> {
  await withWorkspace(workspaceId, async (tx) => {
    const policy = await tx.policy.findFirst({ where: { workspaceId, id: policyId, removedAt: null, enabled: true } });
    if (!policy) return;
    const requestKey = `schedule:${jobId}`;
    const there = await tx.run.findFirst({ where: { workspaceId, OR: [{ requestKey }, { policyId, state: { in: ["queued", "running"] } }] } });
    await setSchedules(tx, policy, ["policy-due"]);
    if (!there) await createRun(tx, { workspaceId, policyId, trigger: "schedule", startedBy: null, requestKey });
  });
}
