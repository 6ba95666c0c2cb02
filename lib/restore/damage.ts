/** "What was deleted or changed since this snapshot": what a person most likely wants back. Pure. */
import { diffPlans, type FieldChange, type ItemDrift } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";

export interface Damage {
  plan: FieldChange[];
  deletedTasks: ItemDrift[];
  /** `from` is what the snapshot holds, `to` what is there now. */
  changedTasks: ItemDrift[];
  deletedBuckets: ItemDrift[];
  changedBuckets: ItemDrift[];
  addedTasks: ItemDrift[];
  addedBuckets: ItemDrift[];
}

/** `live`: the plan as it is now, or its newest snapshot. New comments are no damage: a restore in place leaves comments alone. */
export function damageOf(snapshot: SnapshotContent, live: SnapshotContent): Damage {
  const { plan, buckets, tasks } = diffPlans({ ...snapshot, comments: [] }, { ...live, comments: [] });
  const of = (items: ItemDrift[], change: ItemDrift["change"]) => items.filter((item) => item.change === change);
  return {
    plan,
    deletedTasks: of(tasks, "removed"), changedTasks: of(tasks, "changed"), addedTasks: of(tasks, "added"),
    deletedBuckets: of(buckets, "removed"), changedBuckets: of(buckets, "changed"), addedBuckets: of(buckets, "added"),
  };
}
