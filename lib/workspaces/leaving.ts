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

/** Ids of the snapshots of a plan that nothing keeps. None while a loss of the plan is open. */
export async function leavingSnapshots(tx: Tx, workspaceId: string, plan: PlanFacts, rules: readonly Rule[], now: Date): Promise<string[]> {
  if ((await openLosses(tx, workspaceId, plan.id)).length > 0) return [];
  const mine = rules.filter((rule) => rule.microsoftTenantId === plan.microsoftTenantId && selects(rule.selection, plan.groupId, plan.graphPlanId));
  // Those taken before a restore are no backups.
  const snapshots = await tx.snapshot.findMany({ where: { workspaceId, planId: plan.id, ...VISIBLE, runId: { not: null } }, select: { id: true, takenAt: true, state: true } });
  return expiredSnapshots(snapshots, mine, now);
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
    const preview: RetentionPreview = { snapshots: 0, plans: 0, kept: 0 };
    const plans = await tx.plan.findMany({ where: { workspaceId: me.workspaceId, microsoftTenantId: policy.microsoftTenantId }, select: { id: true, microsoftTenantId: true, groupId: true, graphPlanId: true } });
    for (const plan of plans.filter(({ groupId, graphPlanId }) => selects(policy.selection, groupId, graphPlanId))) {
      const leaving = (await leavingSnapshots(tx, me.workspaceId, plan, changed, now)).length;
      preview.kept += (await tx.snapshot.count({ where: { workspaceId: me.workspaceId, planId: plan.id, ...VISIBLE } })) - leaving;
      preview.snapshots += leaving;
      if (leaving > 0) preview.plans++;
    }
    return preview;
  });
}
