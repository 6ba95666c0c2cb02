/** Drift: what changed between two states of the same plan (ids are Microsoft's and stay), field by field. */
import { BOARDS, type Board, boardColumns, bucketsInOrder, tasksInListOrder } from "./board-order";
import { byTask } from "./by-task";
import { canonicalDate } from "./dates";
import { labelColour, labelName } from "./labels";
import { longestRising } from "./order-hints";
import { describeRecurrence, sameRecurrence } from "./recurrence";
import { atOnce, type Steps, TASKS_IN_STEP } from "./steps";
import { type TaskFields, taskFields } from "./task-fields";
import type { Attachment, Comment, Person, SnapshotContent, TaskRecord } from "./types";
import { describePreview, describePriority, describeProgress } from "./words";

export type FieldKey =
  | "title" | "name" | "label" | "order" | "bucket" | "progress" | "priority" | "start" | "due" | "labels" | "assignees"
  | "description" | "previewType" | "checklist" | "references" | "comments" | "bucketBoardOrder" | "progressBoardOrder" | "assignedToBoardOrder"
  /** Beta: compared when both sides were read with it. */
  | "required" | "recurrence" | "archived";

/** `from` and `to` are words for a person; null = nothing there. `name`: the field in Planner's words. */
export interface FieldChange { field: FieldKey; name: string; from: string | null; to: string | null }

export interface ItemDrift {
  kind: "bucket" | "task";
  id: string;
  label: string;
  change: "added" | "removed" | "changed";
  /** For tasks: the bucket it stands in (after; before when removed). */
  bucketId: string | null;
  bucketName: string | null;
  /** Empty for added and removed items. */
  fields: FieldChange[];
}

export interface PlanDrift {
  plan: FieldChange[];
  buckets: ItemDrift[];
  tasks: ItemDrift[];
  counts: { added: number; removed: number; changed: number };
}

const FIELD_NAMES: Record<FieldKey, string> = {
  title: "Title", name: "Name", label: "Label", order: "Order", bucket: "Bucket", progress: "Progress", priority: "Priority", start: "Start date",
  due: "Due date", labels: "Labels", assignees: "Assigned to", description: "Notes", previewType: "Shown on card", checklist: "Checklist",
  references: "Attachments", comments: "Comments", bucketBoardOrder: "Order in bucket", progressBoardOrder: "Order by progress", assignedToBoardOrder: "Order by person",
  required: "Required to complete", recurrence: "Repeats", archived: "Archived",
};

/** What changed from `before` to `after`. */
export const diffPlans = (before: SnapshotContent, after: SnapshotContent): PlanDrift => atOnce(diffSteps(before, after));

/** The same in steps, for large plans. */
export function* diffSteps(before: SnapshotContent, after: SnapshotContent): Steps<PlanDrift> {
  const buckets = diffBuckets(before, after);
  const tasks = yield* diffTasks(before, after);
  const plan = diffPlanFields(before, after);
  const count = (change: ItemDrift["change"]) => [...buckets, ...tasks].filter((item) => item.change === change).length;
  return { plan, buckets, tasks, counts: { added: count("added"), removed: count("removed"), changed: count("changed") + (plan.length > 0 ? 1 : 0) } };
}

/** Places in lists and on boards. */
export const PLACE_FIELDS: ReadonlySet<FieldKey> = new Set(["order", "bucketBoardOrder", "progressBoardOrder", "assignedToBoardOrder"]);

/**
 * The same for contents that hold all buckets, but of the tasks perhaps only those that differ. Among these an order means
 * nothing, so a task has another place when its hint is another; where it stands is not said.
 */
export function diffParts(before: SnapshotContent, after: SnapshotContent): PlanDrift {
  const drift = diffPlans(before, after);
  const known = new Map(drift.tasks.map((item) => [item.id, item]));
  const olderTasks = new Map(before.tasks.map((record) => [record.id, record]));
  const side = sideOf(after);
  const changed = after.tasks.flatMap((record): ItemDrift[] => {
    const was = olderTasks.get(record.id);
    if (!was) return [];
    const fields = [...(known.get(record.id)?.fields ?? []).filter(({ field }) => !PLACE_FIELDS.has(field)), ...movedPlaces(was, record)];
    const { bucketId = null } = record.task;
    return fields.length > 0 ? [{ kind: "task", id: record.id, label: record.task.title, change: "changed", fields, bucketId, bucketName: side.bucketName(bucketId) }] : [];
  });
  const tasks = [...drift.tasks.filter(({ change }) => change !== "changed"), ...changed];
  const count = (change: ItemDrift["change"]) => [...drift.buckets, ...tasks].filter((item) => item.change === change).length;
  return { ...drift, tasks, counts: { added: count("added"), removed: count("removed"), changed: count("changed") + (drift.plan.length > 0 ? 1 : 0) } };
}

function movedPlaces(before: TaskRecord, after: TaskRecord): FieldChange[] {
  const hints = ({ task, formats: { bucket, progress, assignedTo } }: TaskRecord): [FieldKey, unknown][] =>
    [["order", task.orderHint], ["bucketBoardOrder", bucket?.["orderHint"]], ["progressBoardOrder", progress?.["orderHint"]], ["assignedToBoardOrder", assignedTo && JSON.stringify(assignedTo)]];
  const now = new Map(hints(after));
  return hints(before).flatMap(([field, hint]) => {
    const is = now.get(field);
    return hint === undefined || is === undefined || hint === is ? [] : [{ field, name: FIELD_NAMES[field], from: null, to: null }];
  });
}

export const FIELD_KEYS = Object.keys(FIELD_NAMES) as FieldKey[];

/** Name of a field for a person. */
export function fieldName(field: FieldKey): string {
  return FIELD_NAMES[field];
}

/** Ids that have to move so that `after` gets the order of `before`: as few as possible (the rest is a longest common run). */
export function movedIds(before: readonly string[], after: readonly string[]): Set<string> {
  const rank = new Map(before.map((id, index) => [id, index]));
  const common = after.filter((id) => rank.has(id));
  const staying = longestRising(common.map((id) => rank.get(id) ?? 0));
  return new Set(common.filter((_, index) => !staying.has(index)));
}

function change(field: FieldKey, from: string | null, to: string | null, name = FIELD_NAMES[field]): FieldChange[] {
  return from === to ? [] : [{ field, name, from, to }];
}

function diffPlanFields(before: SnapshotContent, after: SnapshotContent): FieldChange[] {
  const labelsBefore = before.planDetails?.categoryDescriptions ?? {};
  const labelsAfter = after.planDetails?.categoryDescriptions ?? {};
  const known = new Set([...Object.keys(labelsBefore), ...Object.keys(labelsAfter)].filter((category) => labelColour(category)));
  const labels = [...known].sort((a, b) => Number(a.slice(8)) - Number(b.slice(8))).flatMap((category) =>
    change("label", labelsBefore[category] || null, labelsAfter[category] || null, `Label ${labelColour(category)?.name ?? category}`));
  const [was, is] = [before.plan.isArchived, after.plan.isArchived];
  const archived = was === undefined || is === undefined ? [] : change("archived", was ? "Yes" : null, is ? "Yes" : null);
  return [...change("title", before.plan.title, after.plan.title), ...(before.planDetails && after.planDetails ? labels : []), ...archived];
}

function diffBuckets(before: SnapshotContent, after: SnapshotContent): ItemDrift[] {
  const old = bucketsInOrder(before.buckets);
  const current = bucketsInOrder(after.buckets);
  const oldById = new Map(old.map((bucket) => [bucket.id, bucket]));
  const currentIds = new Set(current.map(({ id }) => id));
  const moved = movedIds(old.map(({ id }) => id), current.map(({ id }) => id));
  const drift = (id: string, name: string, kind: ItemDrift["change"], fields: FieldChange[] = []): ItemDrift =>
    ({ kind: "bucket", id, label: name, change: kind, bucketId: id, bucketName: name, fields });
  const position = (ids: { id: string }[], id: string) => `${ids.findIndex((one) => one.id === id) + 1} of ${ids.length}`;
  return [
    ...old.filter(({ id }) => !currentIds.has(id)).map(({ id, name }) => drift(id, name, "removed")),
    ...current.flatMap((bucket) => {
      const was = oldById.get(bucket.id);
      if (!was) return [drift(bucket.id, bucket.name, "added")];
      const order: FieldChange[] = moved.has(bucket.id) ? [{ field: "order", name: "Order", from: position(old, bucket.id), to: position(current, bucket.id) }] : [];
      const fields = [...change("name", was.name, bucket.name), ...order];
      return fields.length > 0 ? [drift(bucket.id, bucket.name, "changed", fields)] : [];
    }),
  ];
}

/** One state of the plan, with what is looked up for every task. */
interface Side {
  bucketName(id: string | null | undefined): string | null;
  attachments(taskId: string): readonly Attachment[];
  comments(taskId: string): readonly Comment[];
}

function sideOf(content: SnapshotContent): Side {
  const names = new Map(content.buckets.map(({ id, name }) => [id, name]));
  return { bucketName: (id) => names.get(id ?? "") ?? null, attachments: byTask(content.attachments), comments: byTask(content.comments) };
}

function* diffTasks(before: SnapshotContent, after: SnapshotContent): Steps<ItemDrift[]> {
  const oldById = new Map(before.tasks.map((record) => [record.id, record]));
  const currentIds = new Set(after.tasks.map(({ id }) => id));
  const orders = yield* orderChanges(before, after);
  const words = wordsOf(before, after);
  const [old, current] = [sideOf(before), sideOf(after)];
  const drift = (side: Side, record: TaskRecord, kind: ItemDrift["change"], fields: FieldChange[] = []): ItemDrift => ({
    kind: "task", id: record.id, label: record.task.title, change: kind, fields,
    bucketId: record.task.bucketId ?? null, bucketName: side.bucketName(record.task.bucketId),
  });
  const drifts = before.tasks.filter(({ id }) => !currentIds.has(id)).map((record) => drift(old, record, "removed"));
  for (const [index, record] of after.tasks.entries()) {
    if (index % TASKS_IN_STEP === 0) yield;
    const was = oldById.get(record.id);
    const fields = was ? [...(isShared(old, was, current, record) ? [] : taskChanges(old, was, current, record, words)), ...commentChange(old, current, record.id), ...(orders.get(record.id) ?? [])] : [];
    if (!was) drifts.push(drift(current, record, "added"));
    else if (fields.length > 0) drifts.push(drift(current, record, "changed", fields));
  }
  return drifts;
}

interface Words { person(id: string): string; label(category: string): string }

function wordsOf(before: SnapshotContent, after: SnapshotContent): Words {
  const people = new Map<string, Person>([...before.people, ...after.people].map((person) => [person.id, person]));
  const labels = { ...(after.planDetails?.categoryDescriptions ?? {}), ...(before.planDetails?.categoryDescriptions ?? {}) };
  return {
    person: (id) => people.get(id)?.displayName ?? people.get(id)?.userPrincipalName ?? "Unknown person",
    label: (category) => labelName(category, labels),
  };
}

/** Compares by value, shows by words. Details that one side could not read (null) are not compared. */
function taskChanges(before: Side, was: TaskRecord, after: Side, is: TaskRecord, words: Words): FieldChange[] {
  const a = taskFields(was, before.attachments(was.id));
  const b = taskFields(is, after.attachments(is.id));
  const same = (pick: (fields: TaskFields) => unknown) => JSON.stringify(pick(a)) === JSON.stringify(pick(b));
  const shown = (field: FieldKey, pick: (fields: TaskFields) => unknown, show: (fields: TaskFields) => string | null): FieldChange[] =>
    same(pick) ? [] : [{ field, name: FIELD_NAMES[field], from: show(a), to: show(b) }];
  const list = (items: string[]) => (items.length === 0 ? null : items.join(", "));
  const lines = (items: string[]) => (items.length === 0 ? null : items.join("\n"));
  const bucket: FieldChange[] = (was.task.bucketId ?? null) === (is.task.bucketId ?? null) ? []
    : [{ field: "bucket", name: FIELD_NAMES.bucket, from: before.bucketName(was.task.bucketId), to: after.bucketName(is.task.bucketId) }];
  const bothDetails = was.details !== null && is.details !== null;
  const recurrence = (f: TaskFields) => f.recurrence && sameRecurrence(f.recurrence);
  return [
    ...change("title", a.title, b.title),
    ...bucket,
    ...shown("progress", (f) => f.percentComplete, (f) => describeProgress(f.percentComplete)),
    ...shown("priority", (f) => f.priority, (f) => describePriority(f.priority)),
    ...change("start", a.startDateTime, b.startDateTime),
    ...change("due", a.dueDateTime, b.dueDateTime),
    ...shown("labels", (f) => f.labels, (f) => list(f.labels.map(words.label))),
    ...shown("assignees", (f) => f.assignees, (f) => list(f.assignees.map(words.person))),
    ...(a.recurrence === undefined || b.recurrence === undefined ? [] : shown("recurrence", recurrence, (f) => f.recurrence ? describeRecurrence(f.recurrence) : null)),
    ...(bothDetails ? [
      ...notesChange(a, b),
      ...shown("previewType", (f) => f.previewType, (f) => describePreview(f.previewType)),
      ...shown("checklist", (f) => f.checklist.map(({ title, isChecked }) => [title, isChecked]), (f) => lines(f.checklist.map((item) => `${item.isChecked ? "[x]" : "[ ]"} ${item.title}`))),
      ...(a.required === undefined || b.required === undefined ? [] : shown("required", (f) => [...(f.required ?? [])].sort(), (f) => lines(f.checklist.filter(({ key }) => f.required?.includes(key)).map(({ title }) => title)))),
      ...shown("references", (f) => f.references.map(({ url, alias, type, file }) => [url, alias, type, file]), (f) => lines(f.references.map((item) => item.alias || item.url))),
    ] : []),
  ];
}

/** One object on both sides, as in snapshots that share what did not change, and the same files: nothing to compare. */
function isShared(before: Side, was: TaskRecord, after: Side, is: TaskRecord): boolean {
  const files = (side: Side) => side.attachments(is.id);
  return was === is && files(before).length === files(after).length && files(before).every((file, index) => file === files(after)[index]);
}

/** Rich text decides where both sides have it; the description is derived from it. */
function notesChange(a: TaskFields, b: TaskFields): FieldChange[] {
  const rich = a.notes !== undefined && b.notes !== undefined;
  if (!rich || a.description !== b.description) return rich && a.notes === b.notes ? [] : change("description", a.description || null, b.description || null);
  const content = (notes: string | undefined) => notes?.slice(notes.indexOf(":") + 1) || null;
  return change("description", content(a.notes), content(b.notes), `${FIELD_NAMES.description} (formatting)`);
}

function commentChange(before: Side, after: Side, taskId: string): FieldChange[] {
  const texts = (side: Side) => side.comments(taskId).map((comment) => `${comment.authorName ?? "Unknown"}, ${canonicalDate(comment.createdDateTime)}: ${comment.text}`).sort();
  return change("comments", texts(before).join("\n") || null, texts(after).join("\n") || null);
}

/** Tasks that changed places in the list or in a column of a board they stayed in. */
function* orderChanges(before: SnapshotContent, after: SnapshotContent): Steps<Map<string, FieldChange[]>> {
  const changes = new Map<string, FieldChange[]>();
  const add = (field: FieldKey, old: string[], current: string[]) => {
    const moved = movedIds(old, current);
    if (moved.size === 0) return;
    const [oldPlace, place] = [placesOf(old), placesOf(current)];
    for (const id of moved) {
      const found = changes.get(id) ?? [];
      if (!found.some((one) => one.field === field)) changes.set(id, [...found, { field, name: FIELD_NAMES[field], from: oldPlace(id), to: place(id) }]);
    }
  };
  const ids = (records: TaskRecord[] | undefined) => (records ?? []).map(({ id }) => id);
  add("order", ids(tasksInListOrder(before.tasks)), ids(tasksInListOrder(after.tasks)));
  const field: Record<Board, FieldKey> = { bucket: "bucketBoardOrder", progress: "progressBoardOrder", assignedTo: "assignedToBoardOrder" };
  for (const board of BOARDS) {
    yield;
    const current = boardColumns(board, after.tasks);
    for (const [column, records] of boardColumns(board, before.tasks)) add(field[board], ids(records), ids(current.get(column)));
  }
  return changes;
}

function placesOf(ids: string[]): (id: string) => string {
  const places = new Map(ids.map((id, index) => [id, index + 1]));
  return (id) => `${places.get(id) ?? 0} of ${ids.length}`;
}
