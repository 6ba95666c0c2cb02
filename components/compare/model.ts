/** The differences of two moments as rows: bucket, task, field. Made on the server. Pure. */
import { shownTitle, withoutTowers } from "@/components/ui/text";
import { PLACE_FIELDS, type FieldChange, type FieldKey, type ItemDrift, type PlanDrift } from "@/lib/planner/diff";

export type Kind = "added" | "removed" | "changed";
/** `keys`: what a restore calls it; a place has several. */
export interface FieldRow { keys: FieldKey[]; name: string; from: string | null; to: string | null; /** Long: compared word by word. */ isText: boolean }
export interface TaskRow { id: string; title: string; kind: Kind; fields: FieldRow[] }
/** The bucket without an id holds tasks that stand in none. `kind` is null when only its tasks differ. */
export interface BucketRow { id: string; name: string; kind: Kind | null; fields: FieldRow[]; tasks: TaskRow[] }

export interface CompareModel {
  plan: FieldRow[];
  buckets: BucketRow[];
  tasks: Record<Kind, number>;
  bucketCounts: Record<Kind, number>;
  /** Of the changed tasks. */
  moved: number;
  completed: number;
}

const TEXT: ReadonlySet<FieldKey> = new Set(["title", "name", "description", "checklist", "comments", "references"]);
/** Of one value. */
const LONGEST = 6_000;
/** Of all values together: beyond it, only their beginnings are sent to the browser. */
const ALL = 1_000_000;
const SHORT = 200;

export function compareModel(drift: PlanDrift): CompareModel {
  let left = ALL;
  const clip = (text: string | null): string | null => {
    const longest = left > 0 ? LONGEST : SHORT;
    left -= Math.min(text?.length ?? 0, longest);
    return shortened(text, longest);
  };
  const fieldsOf = (fields: readonly FieldChange[]) => fieldRows(fields, clip);
  const groups = new Map<string, BucketRow>();
  const groupOf = (id: string | null, name: string | null): BucketRow => {
    const key = name === null ? "" : (id ?? "");
    const found = groups.get(key) ?? { id: key, name: shownTitle(name ?? "Without a bucket"), kind: null, fields: [], tasks: [] };
    groups.set(key, found);
    return found;
  };
  for (const bucket of drift.buckets) Object.assign(groupOf(bucket.id, bucket.label), { kind: bucket.change, fields: fieldsOf(bucket.fields) });
  for (const task of drift.tasks) groupOf(task.bucketId, task.bucketName).tasks.push({ id: task.id, title: shownTitle(task.label), kind: task.change, fields: fieldsOf(task.fields) });
  for (const { tasks } of groups.values()) tasks.sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || a.title.localeCompare(b.title));
  const changed = drift.tasks.filter(({ change }) => change === "changed");
  const has = (item: ItemDrift, test: (field: FieldChange) => boolean) => item.fields.some(test);
  return {
    plan: fieldsOf(drift.plan),
    buckets: [...groups.values()].sort((a, b) => Number(a.id === "") - Number(b.id === "") || a.name.localeCompare(b.name)),
    tasks: countKinds(drift.tasks), bucketCounts: countKinds(drift.buckets),
    moved: changed.filter((item) => has(item, ({ field }) => field === "bucket")).length,
    completed: changed.filter((item) => has(item, ({ field, to }) => field === "progress" && to === "Completed")).length,
  };
}

/** Fields as they are shown. */
export function fieldRows(fields: readonly FieldChange[], clip: (text: string | null) => string | null = (text) => shortened(text)): FieldRow[] {
  const places = fields.filter(({ field }) => PLACE_FIELDS.has(field));
  const rows = fields.filter(({ field }) => !PLACE_FIELDS.has(field)).map(({ field, name, from, to }) => ({ keys: [field], name, from: clip(from), to: clip(to), isText: TEXT.has(field) }));
  // Which of its four places changed says less than that it was moved.
  return places.length > 0 ? [...rows, { keys: [...new Set(places.map(({ field }) => field))], name: "Place", from: null, to: "moved", isText: false }] : rows;
}

const shortened = (text: string | null, longest = LONGEST): string | null => text && withoutTowers(shownTitle(text, longest));

const ORDER: Record<Kind, number> = { removed: 0, changed: 1, added: 2 };

function countKinds(items: readonly ItemDrift[]): Record<Kind, number> {
  const counts = { added: 0, removed: 0, changed: 0 };
  for (const { change } of items) counts[change] += 1;
  return counts;
}
