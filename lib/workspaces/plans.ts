import type { Tx } from "@/lib/db";
import type { Prisma } from "@/lib/generated/prisma/client";
import type { SnapshotCounts } from "@/lib/repository/types";
import { record } from "./audit";
import { checkId, inWorkspace, notFound } from "./authorise";
import { openPlanNames } from "./planNames";
import { storedSelection } from "./policies";
import { selects } from "./selection";
import type { Actor, PageRequest, PlanSummary, SnapshotSummary } from "./types";

const WITH_TENANT = { microsoftTenant: { select: { tid: true, name: true } } };
type PlanRow = Prisma.PlanGetPayload<{ include: typeof WITH_TENANT }>;
type SnapshotRow = Prisma.SnapshotGetPayload<object> & { before?: { id: string }[] };
/** The restore that a snapshot was taken before. */
export const BEFORE = { before: { select: { id: true }, take: 1 } } satisfies Prisma.SnapshotInclude;

/** Snapshots that a person may see: finished, and not taken off the timeline by retention. */
export const VISIBLE = { state: { in: ["complete", "partial"] }, removedAt: null };

/** Every plan that a policy has reached, by group and title; a page of them by id. */
export async function listPlans(actor: Actor, workspaceId: string, page?: PageRequest): Promise<PlanSummary[]> {
  const part = page && { take: page.limit, orderBy: { id: "asc" } as const };
  const plans = await inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) =>
    withFacts(tx, me.workspaceId, await tx.plan.findMany({ where: { workspaceId: me.workspaceId, id: { gt: page?.after } }, include: WITH_TENANT, ...part })));
  const views = await Promise.all(plans.map(toSummary));
  return page ? views : views.sort((a, b) => a.groupName.localeCompare(b.groupName) || a.title.localeCompare(b.title) || a.id.localeCompare(b.id));
}

/** A plan with its snapshots, newest first. */
export async function getPlan(actor: Actor, workspaceId: string, planId: string): Promise<{ plan: PlanSummary; snapshots: SnapshotSummary[] }> {
  const id = checkId(planId, "plan");
  const { plan, snapshots } = await inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const plan = await findPlan(tx, me.workspaceId, id);
    const snapshots = await tx.snapshot.findMany({ where: { workspaceId: me.workspaceId, planId: id, ...VISIBLE }, include: BEFORE, orderBy: [{ takenAt: "desc" }, { id: "desc" }] });
    return { plan, snapshots };
  });
  return { plan: await toSummary(plan), snapshots: snapshots.map(toSnapshotSummary) };
}

/** Snapshots of a plan, newest first, a page at a time. */
export async function listSnapshots(actor: Actor, workspaceId: string, planId: string, page: PageRequest): Promise<SnapshotSummary[]> {
  const id = checkId(planId, "plan");
  return inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    await findPlan(tx, me.workspaceId, id);
    return (await tx.snapshot.findMany({ where: { workspaceId: me.workspaceId, planId: id, ...VISIBLE }, include: BEFORE, orderBy: [{ takenAt: "desc" }, { id: "desc" }], ...rowsOf(me.workspaceId, page) })).map(toSnapshotSummary);
  });
}

/** A page of rows in the order of a query. */
export const rowsOf = (workspaceId: string, { limit, after }: PageRequest) =>
  ({ take: limit, ...(after === undefined ? {} : { cursor: { workspaceId_id: { workspaceId, id: after } }, skip: 1 }) });

/** A plan with what is shown of it. Throws `not_found`. */
export async function findPlan(tx: Tx, workspaceId: string, id: string): Promise<PlanFacts> {
  const row = await tx.plan.findFirst({ where: { workspaceId, id }, include: WITH_TENANT });
  if (!row) throw notFound("plan");
  return (await withFacts(tx, workspaceId, [row]))[0]!;
}

/** Says that the plan was emptied on purpose: from the next backup on, a reading that finds nothing is complete. */
export async function acceptEmpty(actor: Actor, workspaceId: string, planId: string): Promise<void> {
  const id = checkId(planId, "plan");
  await inWorkspace(actor, workspaceId, "backup.run", async (tx, me) => {
    const { count } = await tx.plan.updateMany({ where: { workspaceId: me.workspaceId, id }, data: { emptyAcceptedAt: new Date() } });
    if (count === 0) throw notFound("plan");
    await record(tx, me.workspaceId, actor, { action: "plan.empty_accepted", target: { kind: "plan", id } });
  });
}

export function toSnapshotSummary(row: SnapshotRow): SnapshotSummary {
  return {
    id: row.id, planId: row.planId, state: row.state as SnapshotSummary["state"], takenAt: row.takenAt.toISOString(),
    counts: row.counts as unknown as SnapshotCounts, gaps: row.gaps, quiescent: row.quiescent,
    newBytes: Number(row.newBytes), newObjects: row.newObjects, damaged: row.damaged,
    drift: row.drift as SnapshotSummary["drift"], reading: row.reading as unknown as SnapshotSummary["reading"], runId: row.runId,
    beforeRestoreId: row.before?.[0]?.id ?? null,
  };
}

export interface PlanFacts { row: PlanRow; newest: SnapshotRow | null; snapshots: number; lastCompleteAt: Date | null; policyNames: string[] }

async function withFacts(tx: Tx, workspaceId: string, rows: PlanRow[]): Promise<PlanFacts[]> {
  const planIds = rows.map((row) => row.id);
  const where = { workspaceId, planId: { in: planIds }, ...VISIBLE };
  const totals = await tx.snapshot.groupBy({ by: ["planId"], where, _count: true });
  // Taken before a restore, without a run: no sign that backups work.
  const completes = await tx.snapshot.groupBy({ by: ["planId"], where: { ...where, state: "complete", runId: { not: null } }, _max: { takenAt: true } });
  const newestIds = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT ON (plan_id) id FROM snapshot
    WHERE workspace_id = ${workspaceId}::uuid AND plan_id = ANY(${planIds}::uuid[]) AND state <> 'open' AND removed_at IS NULL AND run_id IS NOT NULL
    ORDER BY plan_id, taken_at DESC, id DESC`;
  const newest = await tx.snapshot.findMany({ where: { workspaceId, id: { in: newestIds.map((row) => row.id) } } });
  const policies = await tx.policy.findMany({ where: { workspaceId, removedAt: null }, orderBy: { name: "asc" }, include: { connection: { select: { microsoftTenantId: true } } } });

  const count = new Map(totals.map((row) => [row.planId, row._count]));
  const complete = new Map(completes.map((row) => [row.planId, row._max.takenAt]));
  const last = new Map(newest.map((row) => [row.planId, row]));
  const chosen = policies.map((policy) => ({ name: policy.name, tenantId: policy.connection.microsoftTenantId, groups: Map.groupBy(storedSelection(policy).groups, ({ groupId }) => groupId) }));
  return rows.map((row) => ({
    row, newest: last.get(row.id) ?? null, snapshots: count.get(row.id) ?? 0, lastCompleteAt: complete.get(row.id) ?? null,
    policyNames: chosen
      .filter(({ tenantId, groups }) => tenantId === row.microsoftTenantId && selects({ groups: groups.get(row.groupId) ?? [] }, row.groupId, row.graphPlanId))
      .map(({ name }) => name),
  }));
}

export async function toSummary({ row, newest, snapshots, lastCompleteAt, policyNames }: PlanFacts): Promise<PlanSummary> {
  const names = await openPlanNames(row);
  const last = newest && toSnapshotSummary(newest);
  return {
    id: row.id, graphPlanId: row.graphPlanId, title: names.title, groupName: names.groupName, groupId: row.groupId,
    tid: row.microsoftTenant.tid, tenantName: row.microsoftTenant.name, goneAt: row.goneAt?.toISOString() ?? null, snapshots,
    suspiciouslyEmpty: newest !== null && last?.reading?.lost !== undefined && !(row.emptyAcceptedAt && row.emptyAcceptedAt > newest.takenAt),
    lastSnapshot: last && { id: last.id, state: last.state, takenAt: last.takenAt, tasks: last.counts.records.task },
    lastCompleteAt: lastCompleteAt?.toISOString() ?? null, policyNames,
  };
}
