/** Rows of runs as the web shows them. */
import type { Tx } from "@/lib/db";
import type { Prisma } from "@/lib/generated/prisma/client";
import type { RunState, RunSummary } from "./types";

export type RunRow = Prisma.RunGetPayload<{ include: { policy: { select: { name: true } } } }>;

const PROBLEMS: Record<string, string> = {
  suspicious_empty: "Microsoft 365 showed no plans although the directory shows groups. That is rather a lost permission than an empty tenant, so nothing was counted as backed up. Check the connection account.",
  blind: "Microsoft 365 did not list the plans of a group whose new plans are taken, so nobody knows whether there are new ones. Check the connection account; what is named below was backed up.",
  needs_sign_in: "The connection account must sign in again before backups can go on. Nothing that was backed up is lost.",
  consent_missing: "The consent of the Microsoft tenant's admin is missing or was removed. Nothing that was backed up is lost.",
  connection_removed: "The connection account of this policy was removed. Choose another account in the policy.",
  graph_unavailable: "Microsoft 365 did not answer. Start the backup again later. Nothing that was backed up is lost.",
  graph_forbidden: "Microsoft 365 refused to list the groups. Check the requirements of the connection account.",
  interrupted: "The backup was interrupted too often and was given up. Start it again. Nothing that was backed up is lost.",
};

export function runProblemText(problem: string | null): string | null {
  if (problem === null) return null;
  return PROBLEMS[problem] ?? "The backup could not be done because of an unexpected problem. Start it again. Nothing that was backed up is lost.";
}

export async function summarise(tx: Tx, workspaceId: string, rows: RunRow[]): Promise<RunSummary[]> {
  const counts = await tx.runPlan.groupBy({ by: ["runId", "state"], where: { workspaceId, runId: { in: rows.map((row) => row.id) } }, _count: true });
  return rows.map((row) => {
    const plans = { total: 0, complete: 0, partial: 0, failed: 0, cancelled: 0 };
    for (const { runId, state, _count } of counts) {
      if (runId !== row.id) continue;
      plans.total += _count;
      if (state === "complete" || state === "partial" || state === "failed" || state === "cancelled") plans[state] += _count;
    }
    return {
      id: row.id, policyId: row.policyId, policyName: row.policy.name, trigger: row.trigger as RunSummary["trigger"], startedBy: row.startedBy,
      state: row.state as RunState, createdAt: row.createdAt.toISOString(), startedAt: row.startedAt?.toISOString() ?? null,
      finishedAt: row.finishedAt?.toISOString() ?? null, plans, problem: runProblemText(row.problem),
    };
  });
}

/** The newest run of each policy. */
export async function lastRunsOf(tx: Tx, workspaceId: string, policyIds: string[]): Promise<Map<string, RunSummary>> {
  const newest = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT ON (policy_id) id FROM run WHERE workspace_id = ${workspaceId}::uuid AND policy_id = ANY(${policyIds}::uuid[])
    ORDER BY policy_id, created_at DESC, id DESC`;
  const rows = await tx.run.findMany({ where: { workspaceId, id: { in: newest.map((row) => row.id) } }, include: { policy: { select: { name: true } } } });
  return new Map((await summarise(tx, workspaceId, rows)).map((run) => [run.policyId, run]));
}
