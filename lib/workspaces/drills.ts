/**
 * Restore drills of a policy: a backup is restored into a sandbox group as a new plan, read back and compared, and the plan is
 * removed. A drill is a restore like any other (restores.ts) with its options fixed; lib/jobs carries it out.
 */
import { randomUUID } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import type { Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import { Prisma, type Plan, type Policy } from "@/lib/generated/prisma/client";
import { cutTo } from "@/lib/planner";
import { record, type AuditActor } from "./audit";
import { asMember, checkId, inWorkspace, notFound, requireFresh, type Membership } from "./authorise";
import { findConnection, openCatalogue } from "./connections";
import { choosePlan, type Drillable } from "./drillChoice";
import { parseInput } from "./input";
import { openPlanNames } from "./planNames";
import { findPolicy, storedSelection } from "./policies";
import { setSchedules } from "./policySchedules";
import { EVERYWHERE, splitSelection } from "./reach";
import { refuseWithoutWriteAccess, requestKey as requestKeyInput } from "./restoreInput";
import { insertRestore } from "./restores";
import { ENDED } from "./restoreStates";
import { drillScheduleInput, nextRuns, scheduleText } from "./schedule";
import { selects } from "./selection";
import type { Actor, DrillSchedule, DrillsView, PolicySchedule, Proof, RestoreState } from "./types";

const drillInput = z.strictObject({
  schedule: drillScheduleInput,
  groupId: z.guid("Choose the sandbox group.").nullable(),
  planId: z.guid("Choose a plan of this policy, or each in its turn.").nullable(),
});

/** So many of the last drills are shown. */
const SHOWN = 10;

export async function getDrills(actor: Actor, workspaceId: string, policyId: string): Promise<DrillsView> {
  const id = checkId(policyId, "policy");
  const { me, policy, connection, plans, drills, proof } = await inWorkspace(actor, workspaceId, "content.view", async (tx, me) => {
    const policy = await findPolicy(tx, me, id);
    return {
      me, policy, plans: await drillable(tx, policy), proof: (await newestProofs(tx, me.workspaceId, { policyId: id })).get(id) ?? null,
      connection: await tx.connection.findFirst({ where: { workspaceId: me.workspaceId, id: policy.connectionId, removedAt: null }, include: { microsoftTenant: true } }),
      drills: await tx.restore.findMany({
        where: { workspaceId: me.workspaceId, drillOf: id }, omit: { sealedPlan: true, sealedReport: true, sealedRequest: true }, include: { snapshot: { include: { plan: true } } },
        orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: SHOWN,
      }),
    };
  });
  const catalogue = connection && (await openCatalogue(connection, me.groups));
  const titles = new Map(await Promise.all(plans.map(async ({ plan }) => [plan.id, (await openPlanNames(plan)).title] as const)));
  const next = choosePlan(plans, policy.drillPlanId);
  const schedule = policy.drillSchedule as unknown as DrillSchedule;
  const backups = policy.schedule as unknown as PolicySchedule;
  return {
    schedule, groupId: policy.drillGroupId, planId: policy.drillPlanId, scheduleText: scheduleText(schedule, policy.id), nextRuns: policy.enabled ? nextRuns(schedule, policy.id, 3) : [],
    timeZone: "timeZone" in schedule ? schedule.timeZone : "timeZone" in backups ? backups.timeZone : "UTC",
    proof: proof && (await openProof(proof)),
    drills: await Promise.all(drills.map(async (row) => ({
      restoreId: row.id, planTitle: (await openPlanNames(row.snapshot.plan)).title, state: row.state as RestoreState, startedBy: row.startedBy,
      createdAt: row.createdAt.toISOString(), finishedAt: row.finishedAt?.toISOString() ?? null, isPlanLeft: row.removal === "due" && ENDED.includes(row.state),
    }))),
    plans: plans.map(({ plan, provenAt }) => ({ id: plan.id, title: titles.get(plan.id)!, provenAt: provenAt?.toISOString() ?? null })).sort((a, b) => a.title.localeCompare(b.title)),
    next: next && { id: next.planId, title: titles.get(next.planId)! },
    groups: (catalogue?.groups ?? []).filter(({ isMember }) => isMember).map(({ id, name, visibility }) => ({ id, name, isPrivate: visibility !== "Public" })).sort((a, b) => a.name.localeCompare(b.name)),
    account: connection && { id: connection.id, name: connection.name, tid: connection.microsoftTenant.tid, restoreState: connection.restoreState as NonNullable<DrillsView["account"]>["restoreState"] },
  };
}

/**
 * Sets when drills run, into which group, and of which plan. A schedule keeps the account's write access standing, so it asks
 * for write access, and for a person who has just signed in.
 */
export async function saveDrills(actor: Actor, workspaceId: string, policyId: string, input: unknown): Promise<void> {
  const id = checkId(policyId, "policy");
  const { schedule, ...ids } = parseInput(drillInput, input);
  const wanted = { groupId: ids.groupId?.toLowerCase() ?? null, planId: ids.planId?.toLowerCase() ?? null };
  if (schedule.kind !== "manual" && !wanted.groupId) throw new PlanbackError("invalid_input", "Choose the sandbox group that drills make their plan in. Nothing was changed.");
  const { me, policy, connection } = await inWorkspace(actor, workspaceId, "restore.run", async (tx, me) => {
    const policy = await findWholePolicy(tx, me, id);
    return { me, policy, connection: wanted.groupId ? await findConnection(tx, me.workspaceId, policy.connectionId) : null };
  });
  const group = connection && (await openCatalogue(connection, me.groups))?.groups.find((one) => one.id === wanted.groupId);
  if (connection?.kind === "app_only") {
    throw new PlanbackError("invalid_input", "This policy backs up by an app-only connection, which only reads. Drills write a plan: make a policy with a connection account for the plans that drills shall prove. Nothing was changed.");
  }
  if (connection && !group?.isMember) {
    throw new PlanbackError("invalid_input", "The connection account is not a member of the sandbox group, as far as its last check knows, and Planner lets only members make plans. Add it, check the account again, or choose another group. Nothing was changed.");
  }
  if (connection && schedule.kind !== "manual") refuseWithoutWriteAccess(connection);
  const data = { drillSchedule: { ...schedule }, drillGroupId: wanted.groupId, drillPlanId: wanted.planId };
  const isChanged = (name: keyof typeof data) => canonicalize(data[name]) !== canonicalize(policy[name]);
  const changed = (Object.keys(data) as (keyof typeof data)[]).filter(isChanged);
  if (changed.length === 0) return;
  await inWorkspace(actor, workspaceId, "restore.run", async (tx, me) => {
    const policy = await findWholePolicy(tx, me, id);
    if (wanted.planId && !(await plansOf(tx, policy)).some((plan) => plan.id === wanted.planId)) throw new PlanbackError("invalid_input", "The chosen plan is not one of this policy. Choose another one. Nothing was changed.");
    if (schedule.kind !== "manual") requireFresh(actor);
    const row = await tx.policy.update({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } }, data: { ...data, ...(isChanged("drillSchedule") ? { drillSince: new Date() } : {}) } });
    await setSchedules(tx, row);
    await record(tx, me.workspaceId, actor, { action: "drill.changed", target: { kind: "policy", id }, detail: { schedule: scheduleText(schedule, id) } });
  });
}

/** Drills take any plan of the policy into the sandbox group, so they are for who sees all of them. */
async function findWholePolicy(tx: Tx, me: Membership, id: string): Promise<Policy> {
  const policy = await findPolicy(tx, me, id);
  if (splitSelection(me.groups, storedSelection(policy)).hidden.groups.length > 0) {
    throw new PlanbackError("forbidden", "This policy also protects groups that you do not see, so its drills are for people who see all of them. Nothing was changed.");
  }
  return policy;
}

/** Starts a drill now; while one of the policy is under way, gives that one. */
export async function startDrill(actor: Actor, workspaceId: string, policyId: string, key: unknown): Promise<{ restoreId: string }> {
  const id = checkId(policyId, "policy");
  const requestKey = parseInput(requestKeyInput, key);
  const { me, policy } = await inWorkspace(actor, workspaceId, "restore.run", async (tx, me) => {
    const policy = await findWholePolicy(tx, me, id);
    const connection = await tx.connection.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId: me.workspaceId, id: policy.connectionId } } });
    if (connection.removedAt) throw new PlanbackError("conflict", "The connection account of this policy was removed. Choose another account in the policy first. Nothing was changed.");
    if (!policy.drillGroupId) throw new PlanbackError("conflict", "Choose the sandbox group first, and save. Nothing was changed.");
    refuseWithoutWriteAccess(connection);
    return { me, policy };
  });
  const restoreId = await beginDrill(policy, actor, requestKey, me);
  if (!restoreId) throw new PlanbackError("conflict", "There is no complete backup that could be restored. Back up first, or choose another plan. Nothing was changed.");
  return { restoreId };
}

/** The drill of the plan whose turn it is; null when no plan has a complete backup, or no group was chosen. */
export async function beginDrill(policy: Policy, by: AuditActor, requestKey: string, me: Pick<Membership, "workspaceId" | "groups"> = { workspaceId: policy.workspaceId, groups: EVERYWHERE }): Promise<string | null> {
  const { workspaceId, id: policyId, drillGroupId: groupId } = policy;
  const next = choosePlan(await asMember(me, (tx) => drillable(tx, policy)), policy.drillPlanId);
  if (!next || !groupId) return null;
  const id = randomUUID();
  // Its own title tells it from any other plan, and says to members of the group what it is.
  const title = cutTo(240, `Drill ${id.slice(0, 8)} of ${(await openPlanNames(next.plan)).title}`).trim();
  const facts = { snapshotId: next.snapshotId, connectionId: policy.connectionId, requestKey, targetGroupId: groupId, undoOf: null, drillOf: policyId };
  const { restoreId } = await insertRestore(by, me, facts, { tasks: "all", target: { kind: "new_plan", groupId, title }, addMembers: false, comments: "none", drill: true }, async (tx) => {
    const live = await tx.$queryRaw<unknown[]>`SELECT 1 FROM policy WHERE workspace_id = ${workspaceId}::uuid AND id = ${policyId}::uuid AND removed_at IS NULL FOR UPDATE`;
    if (live.length === 0) throw notFound("policy");
  }, id);
  return restoreId;
}

/** Tries again to remove the plan that a drill left. */
export async function retryRemoval(actor: Actor, workspaceId: string, restoreId: string): Promise<void> {
  const id = checkId(restoreId, "restore");
  await inWorkspace(actor, workspaceId, "restore.run", async (tx, me) => {
    const row = await tx.restore.findFirst({ where: { workspaceId: me.workspaceId, id }, include: { connection: true } });
    if (!row) throw notFound("restore");
    if (row.removal !== "due" || !ENDED.includes(row.state)) throw new PlanbackError("conflict", "There is no plan that this drill has left. Nothing was changed.");
    refuseWithoutWriteAccess(row.connection);
    await send("drill-removal", { workspaceId: me.workspaceId, restoreId: id }, { tx });
    await record(tx, me.workspaceId, actor, { action: "drill.removal_asked", target: { kind: "restore", id } });
  });
}

interface NewestProof { restoreId: string; at: Date; plan: Pick<Plan, "workspaceId" | "id" | "sealedNames"> }

/** The newest drill of each policy that ended exactly as its backup, by policy. */
export async function newestProofs(tx: Tx, workspaceId: string, only: { policyId?: string; planId?: string } = {}): Promise<Map<string, NewestProof>> {
  const rows = await tx.$queryRaw<{ policyId: string; restoreId: string; at: Date; planId: string; sealedNames: Uint8Array<ArrayBuffer> }[]>`
    SELECT DISTINCT ON (r.drill_of) r.drill_of AS "policyId", r.id AS "restoreId", r.finished_at AS at, p.id AS "planId", p.sealed_names AS "sealedNames"
    FROM restore r JOIN snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id JOIN plan p ON p.workspace_id = s.workspace_id AND p.id = s.plan_id
    WHERE r.workspace_id = ${workspaceId}::uuid AND r.drill_of IS NOT NULL AND r.state = 'verified'
      ${only.policyId ? Prisma.sql`AND r.drill_of = ${only.policyId}::uuid` : Prisma.empty} ${only.planId ? Prisma.sql`AND p.id = ${only.planId}::uuid` : Prisma.empty}
    ORDER BY r.drill_of, r.finished_at DESC`;
  return new Map(rows.map(({ policyId, restoreId, at, planId, sealedNames }) => [policyId, { restoreId, at, plan: { workspaceId, id: planId, sealedNames } }]));
}

export async function openProof({ restoreId, at, plan }: NewestProof): Promise<Proof> {
  return { restoreId, at: at.toISOString(), planTitle: (await openPlanNames(plan)).title };
}

/** Plans that the policy takes, as far as a backup of it has reached them. */
async function plansOf(tx: Tx, policy: Policy): Promise<Plan[]> {
  const { microsoftTenantId } = await tx.connection.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId: policy.workspaceId, id: policy.connectionId } }, select: { microsoftTenantId: true } });
  const selection = storedSelection(policy);
  const rows = await tx.plan.findMany({ where: { workspaceId: policy.workspaceId, microsoftTenantId, groupId: { in: selection.groups.map(({ groupId }) => groupId) } } });
  return rows.filter((plan) => selects(selection, plan.groupId, plan.graphPlanId));
}

/** Those with a complete backup, with the newest, and when they were drilled last. */
async function drillable(tx: Tx, policy: Policy): Promise<(Drillable & { plan: Plan; provenAt: Date | null })[]> {
  const plans = await plansOf(tx, policy);
  const ids = plans.map(({ id }) => id);
  const { workspaceId } = policy;
  const newest = await tx.$queryRaw<{ planId: string; id: string }[]>`
    SELECT DISTINCT ON (plan_id) plan_id AS "planId", id FROM snapshot
    WHERE workspace_id = ${workspaceId}::uuid AND plan_id = ANY(${ids}::uuid[]) AND state = 'complete' AND removed_at IS NULL AND run_id IS NOT NULL
    ORDER BY plan_id, taken_at DESC, id DESC`;
  const drills = await tx.$queryRaw<{ planId: string; triedAt: Date; provenAt: Date | null }[]>`
    SELECT s.plan_id AS "planId", max(r.finished_at) AS "triedAt", max(r.finished_at) FILTER (WHERE r.state = 'verified') AS "provenAt"
    FROM restore r JOIN snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id
    WHERE r.workspace_id = ${workspaceId}::uuid AND r.drill_of IS NOT NULL AND r.state IN ('verified', 'different', 'failed') AND s.plan_id = ANY(${ids}::uuid[])
    GROUP BY s.plan_id`;
  const snapshots = new Map(newest.map(({ planId, id }) => [planId, id]));
  const last = new Map(drills.map((row) => [row.planId, row]));
  return plans.flatMap((plan) => {
    const snapshotId = snapshots.get(plan.id);
    return snapshotId ? [{ plan, planId: plan.id, snapshotId, triedAt: last.get(plan.id)?.triedAt ?? null, provenAt: last.get(plan.id)?.provenAt ?? null }] : [];
  });
}
