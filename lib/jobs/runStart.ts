/** Expands a run's selection to plans, as Microsoft 365 shows them now, and sends one capture for each. */
import { randomUUID } from "node:crypto";
import { withWorkspace } from "@/lib/db";
import { send, sendAll, type JobContext } from "@/lib/db/queue";
import { isPlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import { openCatalogue } from "@/lib/workspaces/connections";
import { sealPlanNames } from "@/lib/workspaces/planNames";
import { storedSelection } from "@/lib/workspaces/policies";
import { EVERYWHERE } from "@/lib/workspaces/reach";
import type { StoredSelection } from "@/lib/workspaces/selection";
import { metrics } from "@/lib/telemetry/metrics";
import type { Catalogue } from "@/lib/workspaces/types";
import { plansByGroup } from "./catalogue";
import { findLiveConnection, noteTrouble, type ConnectionWithTenant } from "./connectionRow";
import { graphFor } from "./graphFor";
import type { Jobs } from "./types";

export interface ChosenPlan { graphPlanId: string; groupId: string; title: string; groupName: string }

export async function runStart({ workspaceId, runId }: Jobs["run-start"], { signal }: JobContext): Promise<void> {
  const start = await withWorkspace(workspaceId, async (tx) => {
    const run = await tx.run.findUnique({ where: { workspaceId_id: { workspaceId, id: runId } }, include: { policy: true } });
    return run?.state === "queued" ? { run, connection: await findLiveConnection(tx, workspaceId, run.policy.connectionId) } : null;
  });
  if (!start) return; // done by an earlier attempt
  if (start.run.cancelRequestedAt) return endRun(workspaceId, runId, "cancelled", null);
  if (!start.connection) return endRun(workspaceId, runId, "failed", "connection_removed");
  try {
    const graph = await graphFor(start.connection, "backup", { signal });
    const catalogue = await openCatalogue(start.connection, EVERYWHERE);
    const selection = storedSelection(start.run.policy);
    const expanded = await expandSelection(graph, selection, catalogue, await knownPlans(start.connection, selection));
    if (expanded === "suspicious_empty") return await endRun(workspaceId, runId, "failed", "suspicious_empty");
    await queueCaptures(start.connection, runId, { ...expanded, chosen: await withoutDrills(workspaceId, expanded.chosen) });
  } catch (error) {
    if (signal.aborted || !isPlanbackError(error) || error.code === "graph_unavailable" || error.code === "database_unavailable" || error.code === "keys_unavailable" || error.code === "lease_lost") throw error;
    await noteTrouble(start.connection, "backup", error);
    await endRun(workspaceId, runId, "failed", error.code);
  }
}

/** The plan that a drill has just made in a group whose new plans are taken is none of them. */
async function withoutDrills(workspaceId: string, chosen: ChosenPlan[]): Promise<ChosenPlan[]> {
  const made = await withWorkspace(workspaceId, (tx) => tx.restoreIntent.findMany({
    where: { workspaceId, kind: "create_plan", remoteId: { in: chosen.map(({ graphPlanId }) => graphPlanId) }, restore: { drillOf: { not: null } } }, select: { remoteId: true },
  }));
  return chosen.filter(({ graphPlanId }) => !made.some(({ remoteId }) => remoteId === graphPlanId));
}

/** A plan that was captured before, or was to be. */
export interface KnownPlan { graphPlanId: string; groupId: string; isGone: boolean }
export interface Expanded {
  chosen: ChosenPlan[];
  /** A group whose new plans are taken did not list its plans: nobody knows whether there are new ones. */
  isBlind: boolean;
}

/**
 * The plans of a selection: the chosen ones, and the new ones of groups whose new plans are taken. Plans that are not
 * listed any more stay in, so that their capture says why; new ones only until that was said once. When no group shows any
 * plan, a permission was lost rather than everything deleted, unless Microsoft says of each plan that it does not exist.
 */
export async function expandSelection(graph: GraphApi, selection: StoredSelection, catalogue: Catalogue | null, captured: readonly KnownPlan[]): Promise<Expanded | "suspicious_empty"> {
  const live = await plansByGroup(graph, selection.groups.map((group) => group.groupId));
  const known = new Map(catalogue?.groups.map((group) => [group.id, group]));
  const chosen = selection.groups.flatMap((group) => {
    const listed = live.get(group.groupId);
    const found = Array.isArray(listed) ? listed : null;
    const before = captured.filter((plan) => plan.groupId === group.groupId && !plan.isGone);
    const titles = new Map([...(known.get(group.groupId)?.plans ?? []), ...(found ?? [])].map((plan) => [plan.id, plan.title]));
    const fresh = [...(found ?? []).map((plan) => plan.id), ...before.map((plan) => plan.graphPlanId)].filter((id) => group.includeNew && !group.known.includes(id));
    const groupName = known.get(group.groupId)?.name ?? "";
    return [...new Set([...group.planIds, ...fresh])].map((id) => ({ graphPlanId: id, groupId: group.groupId, title: titles.get(id) ?? "", groupName }));
  });
  const seen = [...live.values()].some((plans) => Array.isArray(plans) && plans.length > 0);
  if (chosen.length === 0 || (!seen && !(await areAllGone(graph, chosen)))) return "suspicious_empty";
  return { chosen, isBlind: selection.groups.some((group) => group.includeNew && !Array.isArray(live.get(group.groupId))) };
}

async function knownPlans({ workspaceId, microsoftTenantId }: ConnectionWithTenant, selection: StoredSelection): Promise<KnownPlan[]> {
  const groupIds = selection.groups.filter((group) => group.includeNew).map((group) => group.groupId);
  const rows = await withWorkspace(workspaceId, (tx) => tx.plan.findMany({ where: { workspaceId, microsoftTenantId, groupId: { in: groupIds } }, select: { graphPlanId: true, groupId: true, goneAt: true } }));
  return rows.map(({ graphPlanId, groupId, goneAt }) => ({ graphPlanId, groupId, isGone: goneAt !== null }));
}

async function areAllGone(graph: GraphApi, chosen: ChosenPlan[]): Promise<boolean> {
  const answers = await graph.batchGet(chosen.map((plan) => ({ id: plan.graphPlanId, url: `/planner/plans/${encodeURIComponent(plan.graphPlanId)}` })));
  return answers.every((answer) => answer.status === 404);
}

async function queueCaptures(connection: ConnectionWithTenant, runId: string, { chosen, isBlind }: Expanded): Promise<void> {
  const { workspaceId, microsoftTenantId } = connection;
  const fresh = await Promise.all(chosen.map(async ({ graphPlanId, groupId, title, groupName }) => {
    const id = randomUUID();
    return { workspaceId, id, microsoftTenantId, graphPlanId, groupId, sealedNames: await sealPlanNames(workspaceId, id, { title, groupName }) };
  }));
  await withWorkspace(workspaceId, async (tx) => {
    await tx.plan.createMany({ data: fresh, skipDuplicates: true });
    const plans = await tx.plan.findMany({ where: { workspaceId, microsoftTenantId, graphPlanId: { in: chosen.map((plan) => plan.graphPlanId) } }, select: { id: true } });
    const { count } = await tx.run.updateMany({ where: { workspaceId, id: runId, state: "queued" }, data: { state: "running", startedAt: new Date(), problem: isBlind ? "blind" : null } });
    if (count === 0) return;
    await tx.runPlan.createMany({ data: plans.map((plan) => ({ workspaceId, runId, planId: plan.id, state: "queued" })) });
    await sendAll("capture-plan", plans.map((plan) => ({ workspaceId, runId, planId: plan.id })), tx);
  });
}

async function endRun(workspaceId: string, runId: string, state: "failed" | "cancelled", problem: string | null): Promise<void> {
  await withWorkspace(workspaceId, async (tx) => {
    const { count } = await tx.run.updateMany({ where: { workspaceId, id: runId, finishedAt: null }, data: { state, problem, finishedAt: new Date() } });
    if (count > 0) metrics().runs.inc({ state });
    await send("watch", { workspaceId }, { tx });
  });
}
