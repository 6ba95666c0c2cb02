/** A plan as it is in Microsoft 365 at this moment, read while a person waits. */
import { PlanbackError } from "@/lib/errors";
import { findLiveConnection, noteTrouble } from "@/lib/jobs/connectionRow";
import { graphFor } from "@/lib/jobs/graphFor";
import type { SnapshotContent } from "@/lib/planner/types";
import type { SnapshotCounts } from "@/lib/repository/types";
import { readLivePlan } from "@/lib/restore";
import { recordReading } from "./audit";
import { inWorkspace, notFound } from "./authorise";
import { VISIBLE } from "./plans";
import { storedSelection } from "./policies";
import { selects } from "./selection";
import type { Actor } from "./types";

/** Above this, reading takes minutes. */
const MOST_TASKS = 600;
const PATIENCE_MS = 60_000;

/**
 * Planner's own parts of the plan: no comments, no files, no people. Throws `conflict` when the plan is too large to wait
 * for or nobody can read it, and what Microsoft 365 answers.
 */
export async function readLive(actor: Actor, workspaceId: string, planId: string): Promise<{ at: string; content: SnapshotContent }> {
  const { plan, connection } = await inWorkspace(actor, workspaceId, "content.view", async (tx, me) => {
    const plan = await tx.plan.findFirst({ where: { workspaceId: me.workspaceId, id: planId } });
    if (!plan) throw notFound("plan");
    const newest = await tx.snapshot.findFirst({ where: { workspaceId: me.workspaceId, planId, ...VISIBLE }, orderBy: { takenAt: "desc" }, select: { counts: true } });
    const tasks = (newest?.counts as unknown as SnapshotCounts | null)?.records.task ?? 0;
    if (tasks > MOST_TASKS) throw new PlanbackError("conflict", `With ${tasks.toLocaleString("en")} tasks this plan takes minutes to read as it is now. Back it up now and compare with that backup instead. Nothing was changed.`);
    const policies = await tx.policy.findMany({ where: { workspaceId: me.workspaceId, removedAt: null } });
    const chosen = policies.find((policy) => selects(storedSelection(policy), plan.groupId, plan.graphPlanId))?.connectionId;
    const usable = await tx.connection.findMany({ where: { workspaceId: me.workspaceId, microsoftTenantId: plan.microsoftTenantId, removedAt: null, backupState: "active" }, orderBy: { createdAt: "asc" }, select: { id: true } });
    const id = usable.find((one) => one.id === chosen)?.id ?? usable[0]?.id;
    await recordReading(tx, me.workspaceId, actor, { action: "plan.read_live", target: { kind: "plan", id: planId } });
    return { plan, connection: id ? await findLiveConnection(tx, me.workspaceId, id) : null };
  });
  if (!connection) throw new PlanbackError("conflict", "No connection account can read this plan at the moment. Open Connections to see what is missing. Nothing that was backed up is lost.");
  const at = new Date().toISOString();
  try {
    const graph = await graphFor(connection, "backup", { signal: AbortSignal.timeout(PATIENCE_MS), urgent: true });
    return { at, content: (await readLivePlan(graph, plan.graphPlanId, connection.extras)).content };
  } catch (error) {
    await noteTrouble(connection, "backup", error);
    throw readable(error);
  }
}

function readable(error: unknown): unknown {
  if (error instanceof PlanbackError && error.code === "graph_not_found") return new PlanbackError("conflict", "This plan does not exist in Microsoft 365 any more, so there is nothing to compare with. Its snapshots are not affected.");
  if (error instanceof Error && error.name === "TimeoutError") return new PlanbackError("graph_unavailable", "Microsoft 365 did not answer within a minute. Try again later, or compare two snapshots. Nothing was changed.");
  return error;
}
