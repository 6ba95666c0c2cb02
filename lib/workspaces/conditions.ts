/**
 * What needs a person in a workspace, from what its rows say at one moment. Pure: the worker compares the answer with the
 * open incidents, the overview shows it directly, so that it is true also when no worker runs.
 */
import type { Condition, ConditionFacts } from "./events";
import type { DrillSchedule, PolicySchedule, Schedule } from "./types";

const HOUR_MS = 3600_000;
/** Ages of the last complete backup, in intervals of the policy. */
const LATE = 1.5;
const OVERDUE = 2;
const KEY_WARNING_MS = 7 * 24 * HOUR_MS;

export interface PolicyFacts {
  id: string; connectionId: string; schedule: PolicySchedule; enabled: boolean; dueSince: Date; accountRemoved: boolean;
  lastCompleteAt: Date | null;
  /** The newest run that has ended otherwise than by a person. */
  lastRun: { id: string; state: string } | null;
  drill: {
    schedule: DrillSchedule; since: Date; lastEndedAt: Date | null;
    /** The newest drill of a plan that did not prove it, if there is such a plan. */
    unproven: ConditionFacts["drill.failed"] | null;
  };
}
export interface WorkspaceFacts {
  policies: PolicyFacts[];
  connections: { id: string; microsoftTenantId: string; backupState: string; kind?: string }[];
  /** When the workspace is deleted; null: nobody has asked for that. */
  deleteAt: Date | null;
  /** Losses of plans that nobody has released, newest first. */
  losses: (ConditionFacts["plan.loss"] & { planId: string })[];
  /** Drills that have ended and whose plan is still there. */
  leftPlans: { restoreId: string; endedAt: Date }[];
  tenants: { id: string; backupLostAt: Date | null; appOnlyLostAt?: Date | null }[];
  damagedSnapshots: number;
  /** Channels whose newest message could not be delivered. */
  brokenChannels: { id: string; failedAt: Date }[];
  /** API keys that were not revoked. */
  keys: { id: string; createdAt: Date; expiresAt: Date }[];
}

/** The hours between two times of a schedule; null when nothing is due. */
export function intervalHours(schedule: Schedule): number | null {
  switch (schedule.kind) {
    case "manual":
      return null;
    case "hours":
      return schedule.every;
    case "daily":
      return 24;
    case "weekly":
      return 7 * 24;
    case "monthly":
      return 31 * 24;
  }
}

export function conditionsOf(workspaceId: string, facts: WorkspaceFacts, now: Date): Condition[] {
  const lost = lostAccess(facts);
  const standingStill = connectionsOf(lost);
  return [
    ...(facts.deleteAt ? [{ event: "workspace.deletion" as const, subjectId: workspaceId, facts: { deleteAt: facts.deleteAt.toISOString() } }] : []),
    ...lost.map(({ condition }) => condition),
    ...facts.policies.flatMap((policy) => absence(policy, now)),
    ...facts.policies.flatMap((policy) => lastRunProblem(policy, standingStill)),
    ...losses(facts),
    ...facts.policies.flatMap((policy) => drills(policy, now)),
    ...facts.leftPlans.map(({ restoreId, endedAt }) => ({ event: "drill.left" as const, subjectId: restoreId, facts: { endedAt: endedAt.toISOString() } })),
    ...(facts.damagedSnapshots > 0 ? [{ event: "storage.damaged" as const, subjectId: workspaceId, facts: { snapshots: facts.damagedSnapshots } }] : []),
    ...facts.brokenChannels.map(({ id, failedAt }) => ({ event: "channel.broken" as const, subjectId: id, facts: { failedAt: failedAt.toISOString() } })),
    ...facts.keys.flatMap((key) => expiry(key, now)),
  ];
}

/** Connections that a policy needs and that have no access: its backups stand still until a person gives it back. */
export const connectionsWithoutAccess = (facts: WorkspaceFacts): ReadonlySet<string> => connectionsOf(lostAccess(facts));

const connectionsOf = (lost: ReturnType<typeof lostAccess>) => new Set(lost.flatMap(({ connectionIds }) => connectionIds));

/** One for a Microsoft tenant whose consent is gone, else one for each account that must sign in; as far as a policy needs them. */
function lostAccess({ policies, tenants, connections }: WorkspaceFacts): { condition: Condition; connectionIds: string[] }[] {
  const needed = connections.filter(({ id }) => policies.some((policy) => policy.enabled && policy.connectionId === id));
  const isLost = ({ kind, microsoftTenantId }: (typeof needed)[number]) => {
    const tenant = tenants.find(({ id }) => id === microsoftTenantId);
    return Boolean(kind === "app_only" ? tenant?.appOnlyLostAt : tenant?.backupLostAt);
  };
  const of = (tenantId: string) => needed.filter((one) => one.microsoftTenantId === tenantId && isLost(one)).map(({ id }) => id);
  const noConsent = tenants.filter(({ id }) => of(id).length > 0);
  const noSignIn = needed.filter((one) => one.backupState === "needs_sign_in" && !isLost(one));
  return [
    ...noConsent.map(({ id }) => ({ condition: { event: "access.lost" as const, subjectId: id, facts: { what: "consent" as const } }, connectionIds: of(id) })),
    ...noSignIn.map(({ id }) => ({ condition: { event: "access.lost" as const, subjectId: id, facts: { what: "sign_in" as const } }, connectionIds: [id] })),
  ];
}

/** A week before the end, or when half of a shorter life is over. */
function expiry({ id, createdAt, expiresAt }: WorkspaceFacts["keys"][number], now: Date): Condition[] {
  const left = expiresAt.getTime() - now.getTime();
  const life = expiresAt.getTime() - createdAt.getTime();
  return left > 0 && left <= Math.min(KEY_WARNING_MS, life / 2) ? [{ event: "key.expiring", subjectId: id, facts: { expiresAt: expiresAt.toISOString() } }] : [];
}

/** One for a plan: of several losses the newest speaks for all. */
function losses({ losses }: WorkspaceFacts): Condition[] {
  return losses
    .filter(({ planId }, position) => losses.findIndex((one) => one.planId === planId) === position)
    .map(({ planId, ...facts }) => ({ event: "plan.loss", subjectId: planId, facts }));
}

/** A policy that a person has paused owes nothing; one that stands still because its account was removed does. */
function absence({ id, schedule, enabled, accountRemoved, dueSince, lastCompleteAt }: PolicyFacts, now: Date): Condition[] {
  const everyHours = intervalHours(schedule);
  if (everyHours === null || (!enabled && !accountRemoved)) return [];
  const since = Math.max(dueSince.getTime(), lastCompleteAt?.getTime() ?? 0);
  const intervals = (now.getTime() - since) / (everyHours * HOUR_MS);
  if (intervals < LATE) return [];
  return [{ event: "backup.absent", subjectId: id, facts: { level: intervals < OVERDUE ? "late" : "overdue", lastCompleteAt: lastCompleteAt?.toISOString() ?? null, everyHours, accountRemoved } }];
}

/** A drill that was due and did not end, and plans that a drill did not prove. */
function drills({ id, enabled, accountRemoved, drill: { schedule, since, lastEndedAt, unproven } }: PolicyFacts, now: Date): Condition[] {
  if (!enabled || accountRemoved) return [];
  const everyHours = intervalHours(schedule);
  const age = now.getTime() - Math.max(since.getTime(), lastEndedAt?.getTime() ?? 0);
  const isAbsent = everyHours !== null && age >= everyHours * LATE * HOUR_MS;
  return [
    ...(isAbsent ? [{ event: "drill.absent" as const, subjectId: id, facts: { lastAt: lastEndedAt?.toISOString() ?? null, everyHours } }] : []),
    ...(unproven ? [{ event: "drill.failed" as const, subjectId: id, facts: unproven }] : []),
  ];
}

/** Runs that failed for want of access are told once, as lost access. */
function lastRunProblem({ id, connectionId, enabled, accountRemoved, lastRun }: PolicyFacts, standingStill: ReadonlySet<string>): Condition[] {
  if (!enabled || accountRemoved || !lastRun) return [];
  if (lastRun.state === "partial") return [{ event: "backup.partial", subjectId: id, facts: { runId: lastRun.id } }];
  if (lastRun.state === "failed" && !standingStill.has(connectionId)) return [{ event: "backup.failed", subjectId: id, facts: { runId: lastRun.id } }];
  return [];
}
