/** The tree of groups and plans as data: rows to show, states of boxes, and what a click changes. Pure. */
import type { Tick, TickRow } from "@/components/ui/tick-tree";
import type { Catalogue, CatalogueGroup, PolicySelection } from "@/lib/workspaces/types";

export type TreeRow = TickRow & { group: CatalogueGroup } & (
  | { kind: "group"; /** False while a search hides some of its plans. */ whole: boolean; selected: number }
  | { kind: "plan"; planId: string; title: string; unreachable: { reason: string; remedy: string } | null }
  | { kind: "new" }
);

export interface GroupChoice { planIds: ReadonlySet<string>; includeNew: boolean }
export type Choices = ReadonlyMap<string, GroupChoice>;

const NONE: GroupChoice = { planIds: new Set(), includeNew: false };

export function choicesOf(selection: PolicySelection): Choices {
  return new Map(selection.groups.map((group) => [group.groupId, { planIds: new Set(group.planIds), includeNew: group.includeNew }]));
}

export function selectionOf(choices: Choices): PolicySelection {
  return {
    groups: [...choices]
      .filter(([, choice]) => choice.planIds.size > 0 || choice.includeNew)
      .map(([groupId, choice]) => ({ groupId, planIds: [...choice.planIds], includeNew: choice.includeNew })),
  };
}

/** Ids of the groups of which something is selected; null when there is none. */
export function groupsWith(choices: Choices): ReadonlySet<string> | null {
  const ids = selectionOf(choices).groups.map(({ groupId }) => groupId);
  return ids.length > 0 ? new Set(ids) : null;
}

export function reachablePlans(group: CatalogueGroup): string[] {
  return group.unreachable ? [] : group.plans.filter((plan) => !plan.unreachable).map((plan) => plan.id);
}

/** A group is checked when all its reachable plans and its new ones are taken; cut by a search, all that it shows. */
export function groupTick(group: CatalogueGroup, choices: Choices, whole = true): Tick {
  const choice = choices.get(group.id) ?? NONE;
  const plans = reachablePlans(group);
  const taken = plans.filter((id) => choice.planIds.has(id)).length;
  const takesNew = whole && choice.includeNew;
  if (taken === 0 && !takesNew) return "unchecked";
  return taken === plans.length && (takesNew || !whole) ? "checked" : "mixed";
}

/** Groups and plans whose name holds all words; a group that matches itself shows all its plans. */
export function filterCatalogue(catalogue: Catalogue, query: string): CatalogueGroup[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  if (words.length === 0) return catalogue.groups;
  return catalogue.groups.flatMap((group) => {
    if (matches(group.name)) return [group];
    const plans = group.plans.filter((plan) => matches(plan.title) || matches(`${group.name} ${plan.title}`));
    return plans.length > 0 ? [{ ...group, plans }] : [];
  });
}

/** The rows in view order. `expanded` holds group ids; everything found by a search is open. */
export function treeRows(catalogue: Catalogue, groups: CatalogueGroup[], choices: Choices, expanded: ReadonlySet<string>, searching: boolean): TreeRow[] {
  const untouched = new Set(catalogue.groups);
  return groups.flatMap((group, index): TreeRow[] => {
    const whole = untouched.has(group);
    const choice = choices.get(group.id) ?? NONE;
    const open = searching || expanded.has(group.id);
    const selected = reachablePlans(group).filter((id) => choice.planIds.has(id)).length;
    const row: TreeRow = { kind: "group", key: group.id, level: 1, group, whole, expanded: open, disabled: group.unreachable !== null, tick: groupTick(group, choices, whole), selected, position: index + 1, siblings: groups.length };
    if (!open) return [row];
    const withNew = whole && group.unreachable === null;
    const siblings = group.plans.length + (withNew ? 1 : 0);
    const plans = group.plans.map((plan, place): TreeRow => {
      const unreachable = group.unreachable ?? plan.unreachable;
      return {
        kind: "plan", key: `${group.id}/${plan.id}`, level: 2, group, planId: plan.id, title: plan.title, unreachable, disabled: unreachable !== null,
        tick: choice.planIds.has(plan.id) ? "checked" : "unchecked", position: place + 1, siblings,
      };
    });
    const later: TreeRow[] = withNew ? [{ kind: "new", key: `${group.id}/new`, level: 2, group, tick: choice.includeNew ? "checked" : "unchecked", position: siblings, siblings }] : [];
    return [row, ...plans, ...later];
  });
}

/** What a click on the row's box makes of the choices. A group takes or leaves all its shown plans, and when whole the new ones. */
export function toggle(choices: Choices, row: TreeRow): Choices {
  if (row.disabled) return choices;
  const before = choices.get(row.group.id) ?? NONE;
  const planIds = new Set(before.planIds);
  let includeNew = before.includeNew;
  if (row.kind === "plan") {
    if (!planIds.delete(row.planId)) planIds.add(row.planId);
  } else if (row.kind === "new") {
    includeNew = !includeNew;
  } else {
    const on = row.tick !== "checked";
    for (const id of reachablePlans(row.group)) {
      if (on) planIds.add(id);
      else planIds.delete(id);
    }
    if (row.whole) includeNew = on;
  }
  return new Map(choices).set(row.group.id, { planIds, includeNew });
}

export interface Totals { plans: number; groups: number; newIn: number; reachable: number; unreachable: number }

export function totals(catalogue: Catalogue, choices: Choices): Totals {
  const result: Totals = { plans: 0, groups: 0, newIn: 0, reachable: 0, unreachable: 0 };
  for (const group of catalogue.groups) {
    const choice = choices.get(group.id) ?? NONE;
    const reachable = reachablePlans(group);
    const taken = reachable.filter((id) => choice.planIds.has(id)).length;
    result.reachable += reachable.length;
    result.unreachable += group.plans.length - reachable.length;
    result.plans += taken;
    if (taken > 0 || choice.includeNew) result.groups += 1;
    if (choice.includeNew) result.newIn += 1;
  }
  return result;
}
