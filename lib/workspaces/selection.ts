/** What a policy protects. Pure. */
import type { Catalogue, CatalogueGroup, PolicySelection } from "./types";

/** As stored: with the plans that were there when the selection was made, so that a new one is known to be new. */
export interface StoredSelection {
  groups: { groupId: string; planIds: string[]; includeNew: boolean; known: string[] }[];
}

/** True when the policy takes this plan: chosen, or new in a group whose new plans are taken. */
export function selects(selection: StoredSelection, groupId: string, graphPlanId: string): boolean {
  return selection.groups.some((group) =>
    group.groupId === groupId && (group.planIds.includes(graphPlanId) || (group.includeNew && !group.known.includes(graphPlanId))));
}

export function withKnownPlans(selection: PolicySelection, catalogue: Catalogue): StoredSelection {
  const plans = new Map(catalogue.groups.map((group) => [group.id, group.plans.map((plan) => plan.id)]));
  return { groups: selection.groups.map((group) => ({ ...group, known: plans.get(group.groupId) ?? [] })) };
}

export function withoutKnownPlans(selection: StoredSelection): PolicySelection {
  return { groups: selection.groups.map(({ groupId, planIds, includeNew }) => ({ groupId, planIds, includeNew })) };
}

/** How many plans the policy takes, as far as the catalogue knows. */
export function countPlans(selection: StoredSelection, catalogue: Catalogue | null): number {
  const groups = new Map(catalogue?.groups.map((group) => [group.id, group]));
  return selection.groups.reduce((sum, group) => sum + selectedIds(group, groups.get(group.groupId)).size, 0);
}

function selectedIds(group: StoredSelection["groups"][number], live: CatalogueGroup | undefined): Set<string> {
  const fresh = group.includeNew && live ? live.plans.filter((plan) => !plan.unreachable && !group.known.includes(plan.id)) : [];
  return new Set([...group.planIds, ...fresh.map((plan) => plan.id)]);
}

/** The first thing wrong with a selection, as a sentence; null when it can be protected. `before` may keep gone plans. */
export function selectionProblem(selection: PolicySelection, catalogue: Catalogue, before: StoredSelection | null): string | null {
  if (!selection.groups.some((group) => group.planIds.length > 0 || group.includeNew)) {
    return "Nothing is selected. Choose at least one plan, or the new plans of a group. Nothing was saved.";
  }
  const groups = new Map(catalogue.groups.map((group) => [group.id, group]));
  const kept = new Set(before?.groups.flatMap((group) => group.planIds));
  for (const chosen of selection.groups) {
    const group = groups.get(chosen.groupId);
    if (!group) return "A selected group is not among the groups that the connection account sees. Check the account again, then choose anew. Nothing was saved.";
    if (group.unreachable) return `The group “${group.name}” cannot be backed up: ${group.unreachable.reason} ${group.unreachable.remedy} Nothing was saved.`;
    const plans = new Map(group.plans.map((plan) => [plan.id, plan]));
    for (const planId of chosen.planIds) {
      const plan = plans.get(planId);
      if (!plan && !kept.has(planId)) return `A selected plan of the group “${group.name}” does not exist any more. Check the account again, then choose anew. Nothing was saved.`;
      if (plan?.unreachable) return `The plan “${plan.title}” cannot be backed up: ${plan.unreachable.reason} ${plan.unreachable.remedy} Nothing was saved.`;
    }
  }
  return null;
}
