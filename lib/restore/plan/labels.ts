/** The snapshot's labels in a plan that has labels of its own. Pure. */
import { appliedLabels, LABEL_COLOURS, labelName } from "@/lib/planner";
import type { SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { altered } from "@/lib/repository/packed";

export interface Labels {
  /** The target's category for one of the snapshot; null: there was no place for it. */
  of(category: string): string | null;
  /** Names of the target's categories, the new ones too. */
  names: Record<string, string | null>;
  /** Categories of the target that get a name. */
  named: Record<string, string>;
  /** Names of labels that found no place, and on how many tasks they were. */
  lost: { name: string; tasks: number }[];
}

/** The target has, or will have, the labels of the snapshot. */
export const sameLabels = ({ planDetails }: SnapshotContent): Labels => ({ of: (category) => category, names: planDetails?.categoryDescriptions ?? {}, named: {}, lost: [] });

/**
 * A label goes to the target's label of the same name; else to one without a name that no task of the target wears, its own
 * colour if it can be, which then gets the name.
 */
export function mapLabels(snapshot: SnapshotContent, chosen: readonly TaskRecord[], target: SnapshotContent): Labels {
  const names = target.planDetails?.categoryDescriptions ?? {};
  const worn = new Set(target.tasks.flatMap(({ task }) => appliedLabels(task.appliedCategories)));
  const free = new Set(LABEL_COLOURS.map(({ category }) => category).filter((category) => !names[category] && !worn.has(category)));
  const uses = new Map<string, number>();
  for (const { task } of chosen) for (const category of appliedLabels(task.appliedCategories)) uses.set(category, (uses.get(category) ?? 0) + 1);
  const map = new Map<string, string | null>();
  const labels: Labels = { of: (category) => map.get(category) ?? null, names: { ...names }, named: {}, lost: [] };
  const own = snapshot.planDetails?.categoryDescriptions ?? {};
  const wanted = [...uses].sort(([a], [b]) => Number(a.slice(8)) - Number(b.slice(8)));
  for (const [category] of wanted) {
    // Only a colour on both sides: nothing has to be named.
    const same = own[category] ? LABEL_COLOURS.find((one) => names[one.category] === own[category])?.category : names[category] ? undefined : category;
    if (same === undefined) continue;
    map.set(category, same);
    free.delete(same);
  }
  for (const [category, tasks] of wanted.filter(([one]) => !map.has(one))) {
    const place = free.has(category) ? category : [...free][0];
    map.set(category, place ?? null);
    if (place === undefined) labels.lost.push({ name: labelName(category, own), tasks });
    else {
      free.delete(place);
      labels.names[place] = labels.named[place] = labelName(category, own);
    }
  }
  return labels;
}

export function withLabels(record: TaskRecord, labels: Labels): TaskRecord {
  return altered(record, {
    task({ task }) {
      const categories = appliedLabels(task.appliedCategories).flatMap((category) => labels.of(category) ?? []);
      return { ...task, appliedCategories: Object.fromEntries(categories.map((category) => [category, true])) };
    },
  });
}
