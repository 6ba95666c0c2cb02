/** How each policy keeps its own promise. */
import type { Tx } from "@/lib/db";
import type { Policy } from "@/lib/generated/prisma/client";
import { conditionsOf, connectionsWithoutAccess, intervalHours, type WorkspaceFacts } from "./conditions";
import { nextRuns, scheduleText } from "./schedule";
import { STRIP_DAYS, stripOf, type StripRun } from "./strip";
import type { PolicyHealth, PolicyHealthState, PolicySchedule } from "./types";

/** So many policies are shown with their month. */
const SHOWN = 10;
const ORDER: PolicyHealthState[] = ["overdue", "late", "stopped", "waiting", "ok", "manual", "paused"];

type Health = Omit<PolicyHealth, "days" | "proof">;

/** The policies of the workspace, those in trouble first, then by name. Pure. */
export function healthOf(policies: readonly Policy[], facts: WorkspaceFacts, now: Date): Health[] {
  const absent = new Map(conditionsOf("", facts, now).flatMap((condition) => (condition.event === "backup.absent" ? [[condition.subjectId, condition.facts] as const] : [])));
  const stopped = connectionsWithoutAccess(facts);
  const known = new Map(facts.policies.map((policy) => [policy.id, policy]));
  const health = policies.map((row): Health => {
    const schedule = row.schedule as unknown as PolicySchedule;
    const lastCompleteAt = known.get(row.id)?.lastCompleteAt ?? null;
    const state: PolicyHealthState = absent.get(row.id)?.level ?? (!row.enabled ? "paused" : stopped.has(row.connectionId) ? "stopped" : intervalHours(schedule) === null ? "manual" : lastCompleteAt === null ? "waiting" : "ok");
    return {
      id: row.id, name: row.name, scheduleText: scheduleText(schedule, row.id), state, lastCompleteAt: lastCompleteAt?.toISOString() ?? null,
      nextRunAt: row.enabled && !stopped.has(row.connectionId) ? (nextRuns(schedule, row.id, 1, now)[0] ?? null) : null,
    };
  });
  return health.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** The first of them with their month. */
export async function readStrips(tx: Tx, workspaceId: string, health: readonly Health[], policies: readonly Policy[], now: Date): Promise<Omit<PolicyHealth, "proof">[]> {
  const shown = health.slice(0, SHOWN);
  const since = new Date(now.getTime() - (STRIP_DAYS + 8) * 24 * 3600_000);
  const runs = await tx.$queryRaw<(StripRun & { policyId: string })[]>`
    SELECT policy_id AS "policyId", created_at AS "createdAt", finished_at AS "finishedAt", state FROM run
    WHERE workspace_id = ${workspaceId}::uuid AND created_at > ${since} AND policy_id = ANY(${shown.map(({ id }) => id)}::uuid[])`;
  return shown.map((one) => {
    const row = policies.find(({ id }) => id === one.id)!;
    const mine = runs.filter(({ policyId }) => policyId === one.id);
    return { ...one, days: stripOf({ policyId: row.id, schedule: row.schedule as unknown as PolicySchedule, dueSince: row.enabled || one.state === "late" || one.state === "overdue" ? row.dueSince : null, runs: mine }, now) };
  });
}
