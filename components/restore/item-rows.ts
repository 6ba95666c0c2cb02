/** The tree of buckets, tasks and changed fields: rows in view, states of boxes, and what a click changes. Pure. */
import type { FieldChange, FieldKey } from "@/lib/planner";
import type { Tick, TickRow } from "@/components/ui/tick-tree";
import type { BucketItem, ItemState, Selection, TaskItem } from "./items";

export type ItemRow = TickRow & (
  | { kind: "bucket"; bucket: BucketItem; /** All its tasks, also those that the filter hides. */ whole: BucketItem; taken: number }
  | { kind: "task"; bucket: BucketItem; task: TaskItem }
  | { kind: "field"; bucket: BucketItem; task: TaskItem; change: FieldChange }
);

export interface ItemFilter { query: string; state: ItemState | "all" | "damaged" }

/** Buckets with the tasks that the filter leaves; a bucket that is itself in such a state, or so named, stays. */
export function filterItems(buckets: BucketItem[], { query, state }: ItemFilter): BucketItem[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && state === "all") return buckets;
  const fits = (item: { state: ItemState }) => state === "all" || (state === "damaged" ? item.state !== "unchanged" : item.state === state);
  const matches = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  return buckets.flatMap((bucket) => {
    const tasks = bucket.tasks.filter((task) => fits(task) && (matches(task.title) || matches(bucket.name)));
    return tasks.length > 0 || (fits(bucket) && matches(bucket.name)) ? [tasks.length === bucket.tasks.length ? bucket : { ...bucket, tasks }] : [];
  });
}

/** `open` holds keys of rows; `opened`: buckets are open without being in it. Fields can only be chosen in place. */
export function itemRows(all: BucketItem[], shown: BucketItem[], selection: Selection, open: ReadonlySet<string>, options: { opened: boolean; withFields: boolean }): ItemRow[] {
  const wholes = new Map(all.map((bucket) => [bucket.id, bucket]));
  return shown.flatMap((bucket, index): ItemRow[] => {
    const whole = wholes.get(bucket.id) ?? bucket;
    const key = `bucket ${bucket.id}`;
    const expanded = bucket.tasks.length === 0 ? undefined : options.opened !== open.has(key);
    const taken = whole.tasks.filter(({ id }) => selection.tasks.has(id)).length;
    const tick: Tick = selection.buckets.has(bucket.id) && !whole.tasks.some(({ id }) => selection.fields.has(id)) ? "checked"
      : bucket.id === "" && taken > 0 && taken === whole.tasks.length ? "checked" : taken > 0 ? "mixed" : "unchecked";
    const row: ItemRow = { kind: "bucket", key, level: 1, position: index + 1, siblings: shown.length, bucket, whole, taken, tick, ...(expanded === undefined ? {} : { expanded }) };
    if (!expanded) return [row];
    return [row, ...bucket.tasks.flatMap((task, place) => taskRows(bucket, task, place, selection, open, options.withFields))];
  });
}

function taskRows(bucket: BucketItem, task: TaskItem, place: number, selection: Selection, open: ReadonlySet<string>, withFields: boolean): ItemRow[] {
  const key = `task ${task.id}`;
  const only = withFields ? selection.fields.get(task.id) : undefined;
  const taken = selection.tasks.has(task.id);
  const expanded = withFields && task.fields.length > 0 ? open.has(key) : undefined;
  const row: ItemRow = {
    kind: "task", key, level: 2, position: place + 1, siblings: bucket.tasks.length, bucket, task, tick: !taken ? "unchecked" : only ? "mixed" : "checked",
    ...(expanded === undefined ? {} : { expanded }),
  };
  if (!expanded) return [row];
  return [row, ...task.fields.map((change, index): ItemRow => ({
    kind: "field", key: `field ${task.id} ${change.field} ${change.name}`, level: 3, position: index + 1, siblings: task.fields.length, bucket, task, change,
    tick: taken && (!only || only.has(change.field)) ? "checked" : "unchecked",
  }))];
}

/** What a click on the row's box makes of the selection. A bucket cut by a filter takes only what is shown. */
export function toggleItem(selection: Selection, row: ItemRow): Selection {
  const tasks = new Set(selection.tasks);
  const buckets = new Set(selection.buckets);
  const fields = new Map(selection.fields);
  const on = row.tick !== "checked";
  if (row.kind === "bucket") {
    const cut = row.bucket !== row.whole;
    for (const { id } of row.bucket.tasks) {
      fields.delete(id);
      if (on) tasks.add(id);
      else tasks.delete(id);
    }
    if (!on) buckets.delete(row.bucket.id);
    else if (!cut && row.bucket.id !== "") buckets.add(row.bucket.id);
  } else if (row.kind === "task") {
    fields.delete(row.task.id);
    if (on) tasks.add(row.task.id);
    else {
      tasks.delete(row.task.id);
      buckets.delete(row.bucket.id);
    }
  } else {
    toggleField(row.task, row.change.field, { tasks, fields });
    buckets.delete(row.bucket.id);
  }
  return { tasks, buckets, fields };
}

function toggleField(task: TaskItem, field: FieldKey, { tasks, fields }: { tasks: Set<string>; fields: Map<string, ReadonlySet<FieldKey>> }): void {
  const all = new Set(task.fields.map((change) => change.field));
  const chosen = new Set(tasks.has(task.id) ? (fields.get(task.id) ?? all) : []);
  if (!chosen.delete(field)) chosen.add(field);
  fields.delete(task.id);
  if (chosen.size === 0) return void tasks.delete(task.id);
  tasks.add(task.id);
  if (chosen.size < all.size) fields.set(task.id, chosen);
}
