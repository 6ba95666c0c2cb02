/** Reads a plan as it is at this moment, while a person waits. */
import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import { readLivePlan } from "@/lib/restore";
import { sealJson } from "@/lib/workspaces/keys";
import { PLACE, type LiveContent } from "@/lib/workspaces/sealed";
import { storedSelection } from "@/lib/workspaces/policies";
import { selects } from "@/lib/workspaces/selection";
import { findLiveConnection, noteTrouble, type ConnectionWithTenant } from "./connectionRow";
import { graphFor } from "./graphFor";
import type { Jobs } from "./types";

export async function readPlan({ workspaceId, readingId: id }: Jobs["read-plan"], { signal }: JobContext): Promise<void> {
  const mine = { workspaceId, id, state: "waiting" };
  const found = await withWorkspace(workspaceId, async (tx) => {
    const reading = await tx.liveReading.findFirst({ where: mine, select: { planId: true } });
    if (!reading) return null;
    const plan = await tx.plan.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id: reading.planId } } });
    const policies = await tx.policy.findMany({ where: { workspaceId, removedAt: null } });
    const chosen = policies.find((policy) => selects(storedSelection(policy), plan.groupId, plan.graphPlanId))?.connectionId;
    const usable = await tx.connection.findMany({ where: { workspaceId, microsoftTenantId: plan.microsoftTenantId, removedAt: null, backupState: "active" }, orderBy: { createdAt: "asc" }, select: { id: true } });
    const connectionId = usable.find((one) => one.id === chosen)?.id ?? usable[0]?.id;
    return { plan, connection: connectionId ? await findLiveConnection(tx, workspaceId, connectionId) : null };
  });
  if (!found) return;
  try {
    const content = await read(found.plan.graphPlanId, found.connection, signal);
    const sealedContent = await sealJson(workspaceId, "content", PLACE.liveContent(id), content);
    await withWorkspace(workspaceId, (tx) => tx.liveReading.updateMany({ where: mine, data: { state: "done", sealedContent } }));
  } catch (error) {
    if (signal.aborted) throw error;
    await withWorkspace(workspaceId, (tx) => tx.liveReading.updateMany({ where: mine, data: { state: "failed", problem: sentence(error) } }));
  }
}

async function read(graphPlanId: string, connection: ConnectionWithTenant | null, signal: AbortSignal): Promise<LiveContent> {
  if (!connection) throw new PlanbackError("conflict", "No connection account can read this plan at the moment. Open Connections to see what is missing. Nothing that was backed up is lost.");
  const at = new Date().toISOString();
  try {
    const graph = await graphFor(connection, "backup", { signal, urgent: true });
    return { at, content: (await readLivePlan(graph, graphPlanId, connection.extras)).content };
  } catch (error) {
    await noteTrouble(connection, "backup", error);
    throw error;
  }
}

function sentence(error: unknown): string {
  if (!(error instanceof PlanbackError)) return "An unexpected problem stopped the reading. Nothing that was backed up is lost.";
  return error.code === "graph_not_found" ? "This plan does not exist in Microsoft 365 any more, so there is nothing to compare with. Its snapshots are not affected." : error.message;
}
