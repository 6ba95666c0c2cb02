/** The differences in view: filtered, opened, ticked; and what the restore form is told of the ticks. Pure. */
import type { FieldKey } from "@/lib/planner/diff";
import type { Tick, TickRow } from "@/components/ui/tick-tree";
import type { BucketRow, FieldRow, Kind, TaskRow } from "./model";

export interface CompareFilter { query: string; only: Kind | "text" | "all" }

export type CompareRow = TickRow & (
  | { kind: "bucket"; bucket: BucketRow }
  | { kind: "task"; bucket: BucketRow; task: TaskRow }
  | { kind: "field"; bucket: BucketRow; task: TaskRow | null; change: FieldRow }
);

/** What is ticked: whole tasks, single fields of others, and deleted buckets. */
export interface Chosen { tasks: ReadonlySet<string>; fields: ReadonlyMap<string, ReadonlySet<string>>; buckets: ReadonlySet<string> }
export const NOTHING: Chosen = { tasks: new Set(), fields: new Map(), buckets: new Set() };

/** The buckets and tasks that the filter leaves. */
export function filterBuckets(buckets: readonly BucketRow[], { query, only }: CompareFilter): BucketRow[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (item: { kind: Kind | null; fields: FieldRow[] }) => only === "all" || (only === "text" ? item.fields.some(({ isText }) => isText) : item.kind === only);
  const matches = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  return buckets.flatMap((bucket) => {
    const tasks = bucket.tasks.filter((task) => fits(task) && (matches(task.title) || matches(bucket.name)));
    return tasks.length > 0 || (bucket.kind !== null && fits(bucket) && matches(bucket.name)) ? [{ ...bucket, tasks }] : [];
  });
}

/** What was added since is not in the older snapshot, so it cannot be restored from it. */
const canRestore = (kind: Kind | null): boolean => kind === "removed" || kind === "changed";

export function compareRows(buckets: readonly BucketRow[], chosen: Chosen, flipped: ReadonlySet<string>, options: { opened: boolean; mayRestore: boolean }): CompareRow[] {
  return buckets.flatMap((bucket, index): CompareRow[] => {
    const key = `bucket ${bucket.id}`;
    const below = bucket.tasks.length + bucket.fields.length;
    const expanded = below === 0 ? undefined : !flipped.has(key);
    const row: CompareRow = { kind: "bucket", key, level: 1, position: index + 1, siblings: buckets.length, bucket, ...tickOf(bucketTick(bucket, chosen), options.mayRestore && restorable(bucket)), ...(expanded === undefined ? {} : { expanded }) };
    if (!expanded) return [row];
    const fields = bucket.fields.map((change, place): CompareRow =>
      ({ kind: "field", key: `${key} ${change.name}`, level: 2, position: place + 1, siblings: below, bucket, task: null, change, ...tickOf("unchecked", false) }));
    return [row, ...fields, ...bucket.tasks.flatMap((task, place) => taskRows(bucket, task, bucket.fields.length + place, below, chosen, flipped, options))];
  });
}

function taskRows(bucket: BucketRow, task: TaskRow, place: number, siblings: number, chosen: Chosen, flipped: ReadonlySet<string>, { opened, mayRestore }: { opened: boolean; mayRestore: boolean }): CompareRow[] {
  const key = `task ${task.id}`;
  const expanded = task.fields.length === 0 ? undefined : opened !== flipped.has(key);
  const only = chosen.fields.get(task.id);
  const tick: Tick = chosen.tasks.has(task.id) ? "checked" : only ? "mixed" : "unchecked";
  const row: CompareRow = { kind: "task", key, level: 2, position: place + 1, siblings, bucket, task, ...tickOf(tick, mayRestore && canRestore(task.kind)), ...(expanded === undefined ? {} : { expanded }) };
  if (!expanded) return [row];
  return [row, ...task.fields.map((change, index): CompareRow => ({
    kind: "field", key: `${key} ${change.name}`, level: 3, position: index + 1, siblings: task.fields.length, bucket, task, change,
    ...tickOf(chosen.tasks.has(task.id) || only?.has(change.name) ? "checked" : "unchecked", mayRestore && isRestorable(change)),
  }))];
}

/** A restore in place leaves comments alone. */
const isRestorable = ({ keys }: FieldRow): boolean => !keys.includes("comments");
const tickOf = (tick: Tick, enabled: boolean): { tick: Tick; disabled?: true } => (enabled ? { tick } : { tick, disabled: true });
const restorable = (bucket: BucketRow): boolean => bucket.kind === "removed" || bucket.tasks.some(({ kind }) => canRestore(kind));

function bucketTick(bucket: BucketRow, { tasks, fields, buckets }: Chosen): Tick {
  const own = bucket.tasks.filter(({ kind }) => canRestore(kind));
  const all = own.every(({ id }) => tasks.has(id)) && (bucket.kind !== "removed" || buckets.has(bucket.id));
  if (all && (own.length > 0 || bucket.kind === "removed")) return "checked";
  return buckets.has(bucket.id) || own.some(({ id }) => tasks.has(id) || fields.has(id)) ? "mixed" : "unchecked";
}

/** What a click on the row's box makes of the ticks. A bucket takes what is in view of it. */
export function toggle(chosen: Chosen, row: CompareRow): Chosen {
  const next = { tasks: new Set(chosen.tasks), fields: new Map(chosen.fields), buckets: new Set(chosen.buckets) };
  const on = row.tick !== "checked";
  if (row.kind === "bucket") setBucket(next, row.bucket, on);
  else if (row.kind === "task") setTask(next, row.task, on);
  else if (row.task) setField(next, row.task, row.change);
  return next;
}

type Changing = { tasks: Set<string>; fields: Map<string, ReadonlySet<string>>; buckets: Set<string> };

function setBucket(next: Changing, bucket: BucketRow, on: boolean): void {
  for (const task of bucket.tasks) if (canRestore(task.kind)) setTask(next, task, on);
  if (bucket.kind === "removed" && on) next.buckets.add(bucket.id);
  else next.buckets.delete(bucket.id);
}

function setTask(next: Changing, { id }: TaskRow, on: boolean): void {
  next.fields.delete(id);
  if (on) next.tasks.add(id);
  else next.tasks.delete(id);
}

function setField(next: Changing, task: TaskRow, change: FieldRow): void {
  const all = task.fields.filter(isRestorable).map(({ name }) => name);
  const names = new Set(next.tasks.has(task.id) ? all : next.fields.get(task.id));
  if (!names.delete(change.name)) names.add(change.name);
  setTask(next, task, names.size === all.length);
  if (names.size > 0 && names.size < all.length) next.fields.set(task.id, names);
}

/** Everything in view that can be restored. */
export function chooseAll(buckets: readonly BucketRow[]): Chosen {
  const next: Changing = { tasks: new Set(), fields: new Map(), buckets: new Set() };
  for (const bucket of buckets) setBucket(next, bucket, true);
  return next;
}

/** Servers refuse longer addresses. */
const LONGEST = 7_000;

/** What the restore form is told; null when it is more than fits into an address. `isNewest`: compared with the plan's newest state. */
export function restoreParams(buckets: readonly BucketRow[], chosen: Chosen, isNewest: boolean): URLSearchParams | null {
  const all = chooseAll(buckets);
  const removed = chooseAll(filterBuckets(buckets, { query: "", only: "removed" }));
  const params = new URLSearchParams({ where: "in_place", chosen: "" });
  if (isNewest && isSame(chosen, removed)) params.set("deleted", "");
  else if (isNewest && isSame(chosen, all) && buckets.every(({ kind }) => kind !== "changed")) params.set("damage", "");
  else {
    const names = (id: string): FieldKey[] => buckets.flatMap(({ tasks }) => tasks).find((task) => task.id === id)?.fields.filter(({ name }) => chosen.fields.get(id)!.has(name)).flatMap(({ keys }) => keys) ?? [];
    const parts = { tasks: [...chosen.tasks, ...chosen.fields.keys()].join(","), buckets: [...chosen.buckets].join(","), fields: [...chosen.fields.keys()].map((id) => [id, ...names(id)].join(".")).join(",") };
    for (const [name, value] of Object.entries(parts)) if (value) params.set(name, value);
  }
  return params.toString().length > LONGEST ? null : params;
}

function isSame(a: Chosen, b: Chosen): boolean {
  const same = (one: ReadonlySet<string>, other: ReadonlySet<string>) => one.size === other.size && [...one].every((id) => other.has(id));
  return a.fields.size === 0 && a.tasks.size + a.buckets.size > 0 && same(a.tasks, b.tasks) && same(a.buckets, b.buckets);
}
