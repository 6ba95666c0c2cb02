/** What can be chosen for a restore, and what is chosen. Pure. */
import type { FieldChange, FieldKey } from "@/lib/planner";

export type ItemState = "unchanged" | "changed" | "deleted";

export interface TaskItem { id: string; title: string; state: ItemState; fields: FieldChange[] }
/** The last bucket of a list may be the one without an id: tasks whose bucket is not in the snapshot. */
export interface BucketItem { id: string; name: string; state: ItemState; fields: FieldChange[]; tasks: TaskItem[] }

export interface RestoreItems {
  buckets: BucketItem[];
  taskCount: number;
  /** The newer snapshot that states were found with; null: this one is the newest, so nothing is known. */
  compared: { takenAt: string; /** It shows the plan before a restore; what that one mended still counts as damage. */ beforeRestore: boolean } | null;
  /** Fields of the plan itself that changed, and what is new since. */
  plan: FieldChange[];
  added: { tasks: number; buckets: number };
  damaged: { deleted: number; changed: number; buckets: number };
}

type PackedTask = [id: string, title: string, state?: ItemState, fields?: FieldChange[]];
type PackedItems = Omit<RestoreItems, "buckets"> & { buckets: (Omit<BucketItem, "tasks"> & { tasks: PackedTask[] })[] };

/** One string, so that React neither walks through thousands of objects on the server nor in the browser. */
export function packItems(items: RestoreItems): string {
  const task = ({ id, title, state, fields }: TaskItem): PackedTask => (state === "unchanged" ? [id, title] : [id, title, state, fields]);
  return JSON.stringify({ ...items, buckets: items.buckets.map((bucket) => ({ ...bucket, tasks: bucket.tasks.map(task) })) } satisfies PackedItems);
}

export function unpackItems(packed: string): RestoreItems {
  const items = JSON.parse(packed) as PackedItems;
  const task = ([id, title, state = "unchanged", fields = []]: PackedTask): TaskItem => ({ id, title, state, fields });
  return { ...items, buckets: items.buckets.map((bucket) => ({ ...bucket, tasks: bucket.tasks.map(task) })) };
}

/** A person that tasks of the snapshot are assigned to. */
export interface Assignee { id: string; name: string; userPrincipalName: string | null; tasks: number }

export interface Selection {
  tasks: ReadonlySet<string>;
  /** Taken whole: the bucket itself and all its tasks. */
  buckets: ReadonlySet<string>;
  /** Tasks of which only some changed fields are set back. */
  fields: ReadonlyMap<string, ReadonlySet<FieldKey>>;
}

export const NOTHING: Selection = { tasks: new Set(), buckets: new Set(), fields: new Map() };

/** What was deleted or changed since. */
export const damageSelection = ({ buckets }: RestoreItems): Selection => selectionOf(buckets, (state) => state !== "unchanged");

/** What was deleted since. */
export const deletedSelection = ({ buckets }: RestoreItems): Selection => selectionOf(buckets, (state) => state === "deleted");

function selectionOf(buckets: readonly BucketItem[], isTaken: (state: ItemState) => boolean): Selection {
  const taken = buckets.filter(({ state }) => isTaken(state));
  return {
    buckets: new Set(taken.map(({ id }) => id)),
    tasks: new Set([...taken.flatMap(({ tasks }) => tasks), ...buckets.flatMap(({ tasks }) => tasks.filter(({ state }) => isTaken(state)))].map(({ id }) => id)),
    fields: new Map(),
  };
}

export function sameSelection(a: Selection, b: Selection): boolean {
  const same = (one: ReadonlySet<string>, other: ReadonlySet<string>) => one.size === other.size && [...one].every((id) => other.has(id));
  return same(a.tasks, b.tasks) && same(a.buckets, b.buckets) && a.fields.size === b.fields.size && [...a.fields].every(([id, keys]) => same(keys, b.fields.get(id) ?? new Set()));
}

/** The selection with what the snapshot does not hold left out, and with every task of whole buckets. */
export function within(items: RestoreItems, { tasks, buckets, fields }: Selection): Selection {
  const whole = items.buckets.filter(({ id }) => id !== "" && buckets.has(id));
  const all = new Map(items.buckets.flatMap((bucket) => bucket.tasks.map((task) => [task.id, task] as const)));
  const taken = new Set([...[...tasks].filter((id) => all.has(id)), ...whole.flatMap((bucket) => bucket.tasks.map(({ id }) => id))]);
  const partial = [...fields].flatMap(([id, keys]) => {
    const changed = all.get(id)?.fields.filter(({ field }) => keys.has(field)).map(({ field }) => field) ?? [];
    return taken.has(id) && changed.length > 0 && changed.length < all.get(id)!.fields.length ? [[id, new Set(changed)] as const] : [];
  });
  return { tasks: taken, buckets: new Set(whole.map(({ id }) => id)), fields: new Map(partial) };
}
