import type { Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { metrics } from "@/lib/telemetry/metrics";
import type { RunState } from "./types";

/** The outcome of a run whose plans have all ended. A run of nothing, or with a problem of its own, is never green. Pure. */
export function runOutcome(states: readonly string[], problem: string | null = null): RunState {
  if (states.length === 0) return "failed";
  if (states.every((state) => state === "complete")) return problem ? "partial" : "complete";
  if (states.includes("cancelled")) return "cancelled";
  return states.every((state) => state === "failed") ? "failed" : "partial";
}

/** Ends the run when its last plan has ended. Two plans that end at once take turns on the row of the run. */
export async function finishRunWhenDone(tx: Tx, workspaceId: string, runId: string): Promise<void> {
  await tx.$executeRaw`SELECT 1 FROM run WHERE workspace_id = ${workspaceId}::uuid AND id = ${runId}::uuid FOR UPDATE`;
  const plans = await tx.runPlan.findMany({ where: { workspaceId, runId }, select: { state: true } });
  if (plans.some((plan) => plan.state === "queued" || plan.state === "running")) return;
  const run = await tx.run.findUnique({ where: { workspaceId_id: { workspaceId, id: runId } }, select: { problem: true } });
  const state = runOutcome(plans.map((plan) => plan.state), run?.problem);
  const { count } = await tx.run.updateMany({ where: { workspaceId, id: runId, finishedAt: null }, data: { state, finishedAt: new Date() } });
  if (count > 0) metrics().runs.inc({ state });
  await send("watch", { workspaceId }, { tx });
}
