/** The board of a snapshot, made on the server: small enough for thousands of cards. The panel of one task (panel.ts) is made when it is opened. */
import { assigneesOf, boardColumns, boardHint, bucketsInOrder, tasksInListOrder } from "@/lib/planner/board-order";
import { appliedLabels, labelName } from "@/lib/planner/labels";
import { openEntries } from "@/lib/planner/open-types";
import { sortByHint } from "@/lib/planner/order-hints";
import { peopleNames } from "@/lib/planner/people";
import { priorityOf, progressOf } from "@/lib/planner/words";
import type { PlannerPlanDetails, SnapshotContent, SnapshotOutline, TaskRecord } from "@/lib/planner/types";
import { shownTitle } from "@/components/ui/text";
import { packBoard, type BoardModel, type CardModel, type LabelModel } from "./model";

const NO_BUCKET = { id: "", name: "Without a bucket" };

/** What was made is kept as long as the content of an opened snapshot is. */
const packed = new WeakMap<SnapshotOutline, string>();

/** The board of a snapshot as it travels to the browser. */
export function packedBoard(content: SnapshotOutline, takenAt: string): string {
  const found = packed.get(content) ?? packBoard(boardModel(content, takenAt));
  packed.set(content, found);
  return found;
}

/** Buckets and cards in Planner's order; tasks of a bucket that is not in the snapshot come last. */
export function boardModel(content: SnapshotOutline, takenAt: string): BoardModel {
  const records = tasksInListOrder(content.tasks);
  const placeOf = new Map(records.map((record, place) => [record, place]));
  const places = (sorted: readonly TaskRecord[]) => sorted.map((record) => placeOf.get(record)!);
  const inOrderOf = (board: "bucket" | "progress") => places(sortByHint(records, (record) => boardHint(board, record, "") ?? record.task.orderHint, ({ id }) => id));
  const buckets = bucketsOf(content);
  const [labels, people] = [new Map<string, number>(), new Map<string, number>()];
  const comments = Map.groupBy(content.comments, ({ taskId }) => taskId);
  const bucketOf = new Map(buckets.map(({ id }, place) => [id, place]));
  const cards = records.map((record): CardModel => ({
    ...cardFacts(record),
    bucket: bucketOf.get(record.task.bucketId ?? "") ?? buckets.length - 1,
    labels: appliedLabels(record.task.appliedCategories).map((category) => numbered(labels, category)),
    people: assigneesOf(record.task).map((id) => numbered(people, id)),
    comments: comments.get(record.id)?.length ?? 0,
  }));
  const name = peopleNames(content);
  return {
    takenOn: takenAt.slice(0, 10),
    buckets,
    labels: [...labels.keys()].map((category) => ({ category, name: shownTitle(labelName(category, content.planDetails?.categoryDescriptions)) })),
    people: [...people.keys()].map((id) => ({ id, name: shownTitle(name(id)) })),
    cards,
    byBucket: inOrderOf("bucket"),
    byProgress: inOrderOf("progress"),
    byPerson: Object.fromEntries([...boardColumns("assignedTo", records)].map(([person, sorted]) => [person, places(sorted)])),
  };
}

/** Tasks bucket by bucket as on the board; buckets without tasks are left out. */
export function tasksByBucket(content: SnapshotContent): { id: string; name: string; tasks: TaskRecord[] }[] {
  const buckets = bucketsOf(content);
  const known = new Set(buckets.map(({ id }) => id));
  const sorted = sortByHint(content.tasks, (record) => boardHint("bucket", record, "") ?? record.task.orderHint, ({ id }) => id);
  const tasks = Map.groupBy(sorted, ({ task }) => (known.has(task.bucketId ?? "") ? (task.bucketId ?? "") : ""));
  return buckets.flatMap((bucket) => (tasks.has(bucket.id) ? [{ ...bucket, tasks: tasks.get(bucket.id)! }] : []));
}

export function assigneeNames(record: TaskRecord, names: (id: string) => string): string[] {
  return assigneesOf(record.task).map(names);
}

export function labelsOf(record: TaskRecord, details: PlannerPlanDetails | null): LabelModel[] {
  return appliedLabels(record.task.appliedCategories).map((category) => ({ category, name: shownTitle(labelName(category, details?.categoryDescriptions)) }));
}

function bucketsOf(content: Pick<SnapshotContent, "buckets" | "tasks">): { id: string; name: string }[] {
  const buckets = bucketsInOrder(content.buckets).map(({ id, name }) => ({ id, name: shownTitle(name) }));
  const known = new Set(buckets.map(({ id }) => id));
  return content.tasks.every(({ task }) => known.has(task.bucketId ?? "")) ? buckets : [...buckets, NO_BUCKET];
}

/** The number of a value; a new one is put behind the others. */
function numbered(values: Map<string, number>, value: string): number {
  if (!values.has(value)) values.set(value, values.size);
  return values.get(value)!;
}

function cardFacts({ id, task, details }: TaskRecord): Omit<CardModel, "bucket" | "labels" | "people" | "comments"> {
  const items = details?.checklist ? openEntries(details.checklist).map(([, item]) => item) : null;
  const total = items?.length ?? task.checklistItemCount ?? 0;
  return {
    id, title: shownTitle(task.title),
    progress: progressOf(task.percentComplete), priority: priorityOf(task.priority),
    start: task.startDateTime?.slice(0, 10) ?? null, due: task.dueDateTime?.slice(0, 10) ?? null,
    checklist: total > 0 ? { total, done: items ? items.filter((item) => item.isChecked).length : total - (task.activeChecklistItemCount ?? 0) } : null,
    attachments: details?.references ? openEntries(details.references).length : (task.referenceCount ?? 0),
  };
}
