/** Finds what needs a person, opens and closes incidents, and queues the messages about them. */
import { randomUUID } from "node:crypto";
import { withWorkspace, type Tx } from "@/lib/db";
import { send, sendAll } from "@/lib/db/queue";
import type { Incident, Prisma } from "@/lib/generated/prisma/client";
import type { Change } from "@/lib/notify";
import { conditionsOf, type WorkspaceFacts } from "./conditions";
import { mustErase } from "./erase";
import { openLosses } from "./losses";
import { VISIBLE } from "./plans";
import { isCareDue } from "./keyCare";
import { isPruneDue } from "./prune";
import { movesToDo } from "./storage";
import { ENDED } from "./restoreStates";
import { CONDITIONS, type ConditionFacts, type DigestFacts, type EventName, type RestoreFinishedFacts } from "./events";
import type { DrillSchedule, PolicySchedule } from "./types";

/** A restore that ended longer ago is not told any more, should no worker have looked in between. */
const RESTORE_NEWS_MS = 24 * 3600_000;
/** How long after an attempt the plan that a drill left is tried again. */
const REMOVE_AGAIN_MS = 3600_000;
const WEEK_MS = 7 * 24 * 3600_000;
/** Mondays, 07:00 UTC; the first Monday of the epoch was the 5th of January 1970. */
const DIGEST_OFFSET_MS = (4 * 24 + 7) * 3600_000;

/** Brings the incidents of a workspace in line with what its rows say at `now`. Running it again changes nothing. */
export async function watchWorkspace(workspaceId: string, now = new Date()): Promise<void> {
  await withWorkspace(workspaceId, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${workspaceId}::uuid FOR NO KEY UPDATE`;
    const workspace = await tx.workspace.findUnique({ where: { id: workspaceId } });
    if (!workspace) return;
    if (await mustErase(tx, workspaceId, now)) {
      await send("workspace-erase", { workspaceId }, { tx });
      return;
    }
    if (await isCareDue(tx, workspaceId, now)) await send("key-care", { workspaceId }, { tx });
    if (await isPruneDue(tx, workspaceId, now)) await send("prune", { workspaceId }, { tx });
    for (const { id } of await movesToDo(tx, workspaceId, now)) await send("store-move", { workspaceId, moveId: id }, { tx });
    const news = [
      ...(await settleConditions(tx, workspaceId, now)),
      ...(await newsOfRestores(tx, workspaceId, now)),
      ...(digestDue(workspace.digestAt, now) ? [await digest(tx, workspaceId, workspace.digestAt, now)] : []),
    ];
    await announce(tx, workspaceId, news);
    await removeLeftPlans(tx, workspaceId, now);
    await tx.workspace.update({ where: { id: workspaceId }, data: { watchedAt: now } });
  });
}

interface News { incident: Incident; change: Change }

async function settleConditions(tx: Tx, workspaceId: string, now: Date): Promise<News[]> {
  const conditions = conditionsOf(workspaceId, await readWorkspaceFacts(tx, workspaceId), now);
  const open = await tx.incident.findMany({ where: { workspaceId, closedAt: null, event: { in: [...CONDITIONS] } } });
  const same = (incident: Incident) => (condition: { event: string; subjectId: string }) => condition.event === incident.event && condition.subjectId === incident.subjectId;
  const news: News[] = [];
  for (const condition of conditions) {
    const facts = condition.facts as unknown as Prisma.InputJsonObject;
    const there = open.find((incident) => same(incident)(condition));
    if (there) await tx.incident.update({ where: { workspaceId_id: { workspaceId, id: there.id } }, data: { facts } });
    else news.push({ change: "opened", incident: await tx.incident.create({ data: { workspaceId, id: randomUUID(), event: condition.event, subjectId: condition.subjectId, facts, openedAt: now } }) });
  }
  for (const incident of open.filter((one) => !conditions.some(same(one)))) {
    news.push({ change: "closed", incident: await tx.incident.update({ where: { workspaceId_id: { workspaceId, id: incident.id } }, data: { closedAt: now } }) });
  }
  return news;
}

/** Drills that have ended, and whose plan is not known to be gone. Without its account nobody can look. */
const LEFT = { removal: "due", state: { in: ENDED }, connection: { removedAt: null } };

async function removeLeftPlans(tx: Tx, workspaceId: string, now: Date): Promise<void> {
  const triedBefore = { OR: [{ removalTriedAt: null }, { removalTriedAt: { lt: new Date(now.getTime() - REMOVE_AGAIN_MS) } }] };
  const left = await tx.restore.findMany({ where: { workspaceId, ...LEFT, connection: { removedAt: null, restoreState: "active" }, ...triedBefore }, select: { id: true } });
  if (left.length > 0) await sendAll("drill-removal", left.map(({ id }) => ({ workspaceId, restoreId: id })), tx);
}

/** The rows that `conditionsOf` judges. */
export async function readWorkspaceFacts(tx: Tx, workspaceId: string): Promise<WorkspaceFacts> {
  const policies = await tx.policy.findMany({ where: { workspaceId, removedAt: null }, include: { connection: { select: { removedAt: true } } } });
  // One look into the index for each policy and channel: runs and deliveries become many.
  const lastRuns = await tx.$queryRaw<{ policyId: string; id: string | null; state: string | null; lastCompleteAt: Date | null }[]>`
    SELECT p.id AS "policyId", ended.id, ended.state, complete.finished_at AS "lastCompleteAt" FROM policy p
    LEFT JOIN LATERAL (SELECT r.id, r.state FROM run r WHERE r.workspace_id = p.workspace_id AND r.policy_id = p.id
      AND r.finished_at IS NOT NULL AND r.state IN ('complete', 'partial', 'failed') ORDER BY r.finished_at DESC LIMIT 1) ended ON true
    LEFT JOIN LATERAL (SELECT r.finished_at FROM run r WHERE r.workspace_id = p.workspace_id AND r.policy_id = p.id
      AND r.finished_at IS NOT NULL AND r.state = 'complete' ORDER BY r.finished_at DESC LIMIT 1) complete ON true
    WHERE p.workspace_id = ${workspaceId}::uuid AND p.removed_at IS NULL`;
  const ends = await tx.$queryRaw<{ id: string; state: string; triedAt: Date }[]>`
    SELECT c.id, d.state, d.tried_at AS "triedAt" FROM channel c
    CROSS JOIN LATERAL (SELECT state, tried_at FROM delivery WHERE workspace_id = c.workspace_id AND channel_id = c.id
      AND state <> 'queued' AND tried_at IS NOT NULL ORDER BY tried_at DESC LIMIT 1) d
    WHERE c.workspace_id = ${workspaceId}::uuid`;
  // For three months: a plan that is not drilled any more is not asked about for ever.
  const drills = await tx.$queryRaw<{ policyId: string; lastEndedAt: Date | null; restoreId: string | null; outcome: ConditionFacts["drill.failed"]["outcome"] | null }[]>`
    SELECT p.id AS "policyId", ended.at AS "lastEndedAt", unproven.id AS "restoreId", unproven.state AS outcome FROM policy p
    LEFT JOIN LATERAL (SELECT max(r.finished_at) AS at FROM restore r WHERE r.workspace_id = p.workspace_id AND r.drill_of = p.id AND r.state IN ('verified', 'different', 'failed')) ended ON true
    LEFT JOIN LATERAL (SELECT id, state FROM (
      SELECT DISTINCT ON (s.plan_id) r.id, r.state, r.finished_at FROM restore r JOIN snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id
      WHERE r.workspace_id = p.workspace_id AND r.drill_of = p.id AND r.state IN ('verified', 'different', 'failed') AND r.finished_at > now() - interval '92 days'
      ORDER BY s.plan_id, r.finished_at DESC
    ) newest WHERE state <> 'verified' ORDER BY finished_at DESC LIMIT 1) unproven ON true
    WHERE p.workspace_id = ${workspaceId}::uuid AND p.removed_at IS NULL`;
  const drillsOf = new Map(drills.map((row) => [row.policyId, row]));
  const runsOf = new Map(lastRuns.map((row) => [row.policyId, row]));
  return {
    policies: policies.map((row) => {
      const runs = runsOf.get(row.id);
      const ended = drillsOf.get(row.id);
      return {
        id: row.id, connectionId: row.connectionId, schedule: row.schedule as unknown as PolicySchedule, enabled: row.enabled, dueSince: row.dueSince,
        accountRemoved: row.connection.removedAt !== null,
        lastCompleteAt: runs?.lastCompleteAt ?? null,
        lastRun: runs?.id && runs.state ? { id: runs.id, state: runs.state } : null,
        drill: {
          schedule: row.drillSchedule as unknown as DrillSchedule, since: row.drillSince, lastEndedAt: ended?.lastEndedAt ?? null,
          unproven: ended?.restoreId && ended.outcome ? { restoreId: ended.restoreId, outcome: ended.outcome } : null,
        },
      };
    }),
    connections: await tx.connection.findMany({ where: { workspaceId, removedAt: null }, select: { id: true, microsoftTenantId: true, backupState: true, kind: true } }),
    tenants: await tx.microsoftTenant.findMany({ where: { workspaceId }, select: { id: true, backupLostAt: true, appOnlyLostAt: true } }),
    deleteAt: (await tx.workspace.findUnique({ where: { id: workspaceId }, select: { deleteAt: true } }))?.deleteAt ?? null,
    losses: (await openLosses(tx, workspaceId)).map(({ planId, removed, usual, foundAt, beforeId, before }) =>
      ({ planId, removed, usual, foundAt: foundAt.toISOString(), lastAt: before.takenAt.toISOString(), beforeId })),
    leftPlans: (await tx.restore.findMany({ where: { workspaceId, ...LEFT }, select: { id: true, finishedAt: true } })).map(({ id, finishedAt }) => ({ restoreId: id, endedAt: finishedAt! })),
    damagedSnapshots: await tx.snapshot.count({ where: { workspaceId, ...VISIBLE, damaged: true } }),
    // Of makers who are still members: other keys are refused already.
    keys: await tx.$queryRaw<WorkspaceFacts["keys"]>`
      SELECT k.id, k.created_at AS "createdAt", k.expires_at AS "expiresAt" FROM api_key k JOIN member m ON m.workspace_id = k.workspace_id AND m.id = k.member_id
      WHERE k.workspace_id = ${workspaceId}::uuid AND k.revoked_at IS NULL AND k.expires_at > now() ORDER BY k.expires_at LIMIT 100`,
    brokenChannels: ends.filter(({ state }) => state === "failed").map(({ id, triedAt }) => ({ id, failedAt: triedAt })),
  };
}

async function newsOfRestores(tx: Tx, workspaceId: string, now: Date): Promise<News[]> {
  const ended = await tx.restore.findMany({
    where: { workspaceId, drillOf: null, startedAt: { not: null }, finishedAt: { gt: new Date(now.getTime() - RESTORE_NEWS_MS) } }, select: { id: true, state: true, finishedAt: true },
  });
  const told = await tx.incident.findMany({ where: { workspaceId, event: "restore.finished", subjectId: { in: ended.map(({ id }) => id) } } });
  const fresh = ended.map(({ id, state, finishedAt }) => ({ id, facts: { state, finishedAt: finishedAt!.toISOString() } satisfies RestoreFinishedFacts }))
    .filter(({ id, facts }) => !told.some((incident) => incident.subjectId === id && (incident.facts as unknown as RestoreFinishedFacts).finishedAt === facts.finishedAt));
  const news: News[] = [];
  for (const { id, facts } of fresh) news.push(await happened(tx, workspaceId, "restore.finished", id, facts, now));
  return news;
}

/** True when a Monday morning lies between the last digest and now. */
export function digestDue(last: Date, now: Date): boolean {
  const week = (at: Date) => Math.floor((at.getTime() - DIGEST_OFFSET_MS) / WEEK_MS);
  return week(now) > week(last);
}

async function digest(tx: Tx, workspaceId: string, last: Date, now: Date): Promise<News> {
  const since = new Date(Math.max(last.getTime(), now.getTime() - WEEK_MS));
  const runs = await tx.run.groupBy({ by: ["state"], where: { workspaceId, finishedAt: { gt: since } }, _count: true });
  const count = (state: string) => runs.find((row) => row.state === state)?._count ?? 0;
  const head = await tx.audit.findFirst({ where: { workspaceId }, orderBy: { seq: "desc" }, select: { seq: true, hash: true } });
  const facts: DigestFacts = {
    since: since.toISOString(), runs: { complete: count("complete"), partial: count("partial"), failed: count("failed") },
    restores: await tx.restore.count({ where: { workspaceId, drillOf: null, startedAt: { not: null }, finishedAt: { gt: since } } }),
    openIncidents: await tx.incident.count({ where: { workspaceId, closedAt: null } }),
    snapshots: await tx.snapshot.count({ where: { workspaceId, ...VISIBLE } }),
    anchor: head && `${head.seq}:${Buffer.from(head.hash).toString("hex")}`,
  };
  await tx.workspace.update({ where: { id: workspaceId }, data: { digestAt: now } });
  return happened(tx, workspaceId, "digest.weekly", workspaceId, facts, now);
}

/** Kept as an incident that is over at once. */
async function happened(tx: Tx, workspaceId: string, event: EventName, subjectId: string, facts: object, now: Date): Promise<News> {
  const incident = await tx.incident.create({ data: { workspaceId, id: randomUUID(), event, subjectId, facts: facts as Prisma.InputJsonObject, openedAt: now, closedAt: now } });
  return { incident, change: "happened" };
}

/** One message to each channel that wants the event; a broken channel is not told of itself. */
async function announce(tx: Tx, workspaceId: string, news: News[]): Promise<void> {
  if (news.length === 0) return;
  const channels = await tx.channel.findMany({ where: { workspaceId }, select: { id: true, events: true } });
  const deliveries = news.flatMap(({ incident, change }) => channels
    .filter((channel) => channel.events.includes(incident.event) && channel.id !== incident.subjectId)
    .map((channel) => ({ workspaceId, id: randomUUID(), channelId: channel.id, incidentId: incident.id, event: incident.event, change, state: "queued" })));
  if (deliveries.length === 0) return;
  await tx.delivery.createMany({ data: deliveries });
  await sendAll("notify", deliveries.map(({ id }) => ({ workspaceId, deliveryId: id })), tx);
}
