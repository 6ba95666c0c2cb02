/** Which snapshots of plans leave their timelines under the policies as they are, or as somebody thinks of changing one. */
import type { Tx } from "@/lib/db";
import { checkId, inWorkspace } from "./authorise";
import { parseInput } from "./input";
import { openLosses } from "./losses";
import { findPolicy, retentionInput, storedSelection } from "./policies";
import { VISIBLE } from "./plans";
import { expiredSnapshots } from "./retention";
import { selects, type StoredSelection } from "./selection";
import type { Actor, Retention, RetentionPreview } from "./types";

interface PlanFacts { id: string; microsoftTenantId: string; groupId: string; graphPlanId: string }
interface Rule extends Retention { selection: StoredSelection; microsoftTenantId: string }

/** Plans whose snapshots are read at once. */
const BATCH = 100;

/** Ids of the snapshots that nothing keeps, by plan. A plan with an open loss is left out: all of it is kept. */
export async function leavingSnapshots(tx: Tx, workspaceId: string, plans: readonly PlanFacts[], rules: readonly Rule[], now: Date): Promise<Map<string, string[]>> {
  const held = new Set((await openLosses(tx, workspaceId)).map(({ planId }) => planId));
  const free = plans.filter(({ id }) => !held.has(id));
  const leaving = new Map<string, string[]>();
  for (let at = 0; at < free.length; at += BATCH) {
    const some = free.slice(at, at + BATCH);
    // Those taken before a restore are no backups.
    const rows = await tx.snapshot.findMany({ where: { workspaceId, planId: { in: some.map(({ id }) => id) }, ...VISIBLE, runId: { not: null } }, select: { id: true, planId: true, takenAt: true, state: true } });
    const snapshots = Map.groupBy(rows, ({ planId }) => planId);
    for (const plan of some) {
      const mine = rules.filter((rule) => rule.microsoftTenantId === plan.microsoftTenantId && selects(rule.selection, plan.groupId, plan.graphPlanId));
      leaving.set(plan.id, expiredSnapshots(snapshots.get(plan.id) ?? [], mine, now));
    }
  }
  return leaving;
}

/** The policies of a workspace as rules, by id. */
export async function readRules(tx: Tx, workspaceId: string): Promise<Map<string, Rule>> {
  const policies = await tx.policy.findMany({ where: { workspaceId, removedAt: null }, include: { connection: { select: { microsoftTenantId: true } } } });
  return new Map(policies.map((policy) => [policy.id, { ...policy, selection: storedSelection(policy), microsoftTenantId: policy.connection.microsoftTenantId }]));
}

/** What would leave the timelines if the policy kept so much, and what leaves them as it is. Changes nothing. */
export async function previewRetention(actor: Actor, workspaceId: string, policyId: string, given: unknown): Promise<RetentionPreview> {
  const id = checkId(policyId, "policy");
  const retention = parseInput(retentionInput, given);
  return inWorkspace(actor, workspaceId, "policy.manage", async (tx, me) => {
    await findPolicy(tx, me, id);
    const now = new Date();
    const rules = await readRules(tx, me.workspaceId);
    const policy = rules.get(id)!;
    const changed = [...new Map(rules).set(id, { ...policy, ...retention }).values()];
    const all = await tx.plan.findMany({ where: { workspaceId: me.workspaceId, microsoftTenantId: policy.microsoftTenantId }, select: { id: true, microsoftTenantId: true, groupId: true, graphPlanId: true } });
    const plans = all.filter(({ groupId, graphPlanId }) => selects(policy.selection, groupId, graphPlanId));
    const leaving = [...(await leavingSnapshots(tx, me.workspaceId, plans, changed, now)).values()].filter((ids) => ids.length > 0);
    const snapshots = leaving.reduce((sum, ids) => sum + ids.length, 0);
    const visible = await tx.snapshot.count({ where: { workspaceId: me.workspaceId, planId: { in: plans.map((plan) => plan.id) }, ...VISIBLE } });
    return { snapshots, plans: leaving.length, kept: visible - snapshots };
  });
}
