/** What can be restored from a snapshot, bucket by bucket, and what became of it since. Made on the server. Pure. */
import { shownTitle } from "@/components/ui/text";
import { boardColumns, bucketsInOrder, openEntries, type FieldChange, type ItemDrift } from "@/lib/planner";
import { damageOf } from "@/lib/restore/damage";
import { type Creations, originalsOfCopies, renamed, successorsAmong } from "@/lib/restore/successors";
import type { SnapshotContent } from "@/lib/planner/types";
import type { RestoreTargets } from "@/lib/workspaces/types";
import { packItems, type Assignee, type ItemState, type RestoreItems, type TaskItem } from "./items";

/** Enough of a value to recognise it. */
const SHOWN = 160;
const clipped = (text: string | null): string | null => text && shownTitle(text, SHOWN);

interface Became { state: ItemState; fields: FieldChange[] }
interface Newer { takenAt: string; beforeRestoreId: string | null; content: SnapshotContent }

/** What was made is kept as long as the contents of opened snapshots are. */
const made = new WeakMap<SnapshotContent, { newer: SnapshotContent | undefined; creations: string; items: RestoreItems; packed: string }>();

/** The same as it was a moment ago for the same contents, and as it travels to the browser. */
export function keptItems(snapshot: SnapshotContent, newer: Newer | null, creations: RestoreTargets["creations"]): { items: RestoreItems; packed: string } {
  const key = JSON.stringify(creations);
  const found = made.get(snapshot);
  if (found && found.newer === newer?.content && found.creations === key) return found;
  const items = restoreItems(snapshot, newer, creations);
  const kept = { newer: newer?.content, creations: key, items, packed: packItems(items) };
  made.set(snapshot, kept);
  return kept;
}

/** `creations`: what earlier restores made for what is in the snapshot; what was made again is not deleted. */
export function restoreItems(
  snapshot: SnapshotContent, newer: Newer | null, creations: RestoreTargets["creations"] = {},
): RestoreItems {
  const damage = newer && damageOf(snapshot, underOldIds(snapshot, newer.content, new Map(Object.entries(creations))));
  const states = (deleted: ItemDrift[] = [], changed: ItemDrift[] = []) => new Map([
    ...deleted.map(({ id }): [string, Became] => [id, { state: "deleted", fields: [] }]),
    ...changed.map(({ id, fields }): [string, Became] => [id, { state: "changed", fields: fields.map((field) => ({ ...field, from: clipped(field.from), to: clipped(field.to) })) }]),
  ]);
  const unchanged: Became = { state: "unchanged", fields: [] };
  const tasks = states(damage?.deletedTasks, damage?.changedTasks);
  const buckets = states(damage?.deletedBuckets, damage?.changedBuckets);
  const known = new Set(snapshot.buckets.map(({ id }) => id));
  const columns = boardColumns("bucket", snapshot.tasks.map((record) => (known.has(record.task.bucketId ?? "") ? record : { ...record, task: { ...record.task, bucketId: null } })));
  const itemsOf = (bucket: string): TaskItem[] => (columns.get(bucket) ?? []).map(({ id, task }) => ({ id, title: shownTitle(task.title), ...(tasks.get(id) ?? unchanged) }));
  return {
    buckets: [
      ...bucketsInOrder(snapshot.buckets).map(({ id, name }) => ({ id, name: shownTitle(name), ...(buckets.get(id) ?? unchanged), tasks: itemsOf(id) })),
      ...(columns.has("") ? [{ id: "", name: "Without a bucket", ...unchanged, tasks: itemsOf("") }] : []),
    ],
    taskCount: snapshot.tasks.length,
    compared: newer && { takenAt: newer.takenAt, beforeRestore: newer.beforeRestoreId !== null },
    plan: damage?.plan ?? [],
    added: { tasks: damage?.addedTasks.length ?? 0, buckets: damage?.addedBuckets.length ?? 0 },
    damaged: { deleted: damage?.deletedTasks.length ?? 0, changed: damage?.changedTasks.length ?? 0, buckets: (damage?.deletedBuckets.length ?? 0) + (damage?.changedBuckets.length ?? 0) },
  };
}

function underOldIds(snapshot: SnapshotContent, newer: SnapshotContent, creations: Creations): SnapshotContent {
  const successors = successorsAmong(creations, new Set([newer.plan, ...newer.buckets, ...newer.tasks].map(({ id }) => id)));
  return renamed(newer, { ...Object.fromEntries(Object.entries(successors).map(([old, made]) => [made, old])), ...originalsOfCopies(snapshot, newer, creations) });
}

/** Everybody that tasks are assigned to; those with most tasks first. */
export function assigneesOfSnapshot({ tasks, people }: Pick<SnapshotContent, "tasks" | "people">): Assignee[] {
  const known = new Map(people.map((person) => [person.id, person]));
  const counts = new Map<string, number>();
  for (const { task } of tasks) for (const [id] of openEntries(task.assignments)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts]
    .map(([id, count]) => {
      const person = known.get(id);
      return { id, name: person?.displayName || person?.userPrincipalName || `Unknown person ${id.slice(0, 8)}`, userPrincipalName: person?.userPrincipalName ?? null, tasks: count };
    })
    .sort((a, b) => b.tasks - a.tasks || a.name.localeCompare(b.name));
}
