/**
 * What the board shows, made from a snapshot on the server: small enough for thousands of cards. The panel of one task
 * (panel.ts) is made when it is opened.
 */
import { assigneesOf } from "@/lib/planner/board-order";
import { appliedLabels, labelName } from "@/lib/planner/labels";
import { peopleNames } from "@/lib/planner/people";
import { sortByHint } from "@/lib/planner/order-hints";
import { priorityOf, progressOf, type Priority, type Progress } from "@/lib/planner/words";
import type { PlannerPlanDetails, SnapshotContent, TaskRecord } from "@/lib/planner/types";

export interface LabelModel { category: string; name: string }

export interface CardModel {
  id: string;
  title: string;
  labels: LabelModel[];
  progress: Progress;
  priority: Priority;
  start: string | null;
  due: string | null;
  /** Due before the snapshot was taken, and not completed. */
  late: boolean;
  checklist: { done: number; total: number } | null;
  attachments: number;
  comments: number;
  assignees: string[];
  /** Lower-case text that the filter looks in. */
  search: string;
}

export interface ColumnModel { id: string; name: string; cards: CardModel[] }

export interface BoardModel { columns: ColumnModel[]; taskCount: number }

const NO_BUCKET = "";
/** The filter looks in the beginning of a description, not in pages of it. */
const SEARCHED_DESCRIPTION = 400;

/** Board by bucket: buckets and cards in Planner's order; tasks of a bucket that is not in the snapshot come last. */
export function boardModel(content: SnapshotContent, takenAt: string): BoardModel {
  const names = peopleNames(content);
  const comments = countByTask(content.comments);
  const byBucket = new Map<string, TaskRecord[]>();
  const known = new Set(content.buckets.map((bucket) => bucket.id));
  for (const record of content.tasks) {
    const bucket = record.task.bucketId && known.has(record.task.bucketId) ? record.task.bucketId : NO_BUCKET;
    byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), record]);
  }
  const columns = sortByHint(content.buckets, (bucket) => bucket.orderHint, (bucket) => bucket.id).map((bucket) => ({ id: bucket.id, name: bucket.name }));
  if (byBucket.has(NO_BUCKET)) columns.push({ id: NO_BUCKET, name: "Without a bucket" });
  return {
    taskCount: content.tasks.length,
    columns: columns.map((column) => ({
      ...column,
      cards: inBoardOrder(byBucket.get(column.id) ?? []).map((record) => card(record, content.planDetails, names, comments, takenAt)),
    })),
  };
}

export function assigneeNames(record: TaskRecord, names: (id: string) => string): string[] {
  return assigneesOf(record.task).map(names);
}

export function labelsOf(record: TaskRecord, details: PlannerPlanDetails | null): LabelModel[] {
  return appliedLabels(record.task.appliedCategories).map((category) => ({ category, name: labelName(category, details?.categoryDescriptions) }));
}

function inBoardOrder(records: TaskRecord[]): TaskRecord[] {
  const hint = (record: TaskRecord) => {
    const own = record.formats.bucket?.orderHint;
    return typeof own === "string" ? own : record.task.orderHint;
  };
  return sortByHint(records, hint, (record) => record.id);
}

function card(record: TaskRecord, planDetails: PlannerPlanDetails | null, names: (id: string) => string, comments: ReadonlyMap<string, number>, takenAt: string): CardModel {
  const { task, details } = record;
  const labels = labelsOf(record, planDetails);
  const assignees = assigneeNames(record, names);
  const items = Object.entries(details?.checklist ?? {}).filter(([key]) => !key.includes("@")).map(([, item]) => item);
  const total = details?.checklist ? items.length : (task.checklistItemCount ?? 0);
  const done = details?.checklist ? items.filter((item) => item.isChecked).length : total - (task.activeChecklistItemCount ?? 0);
  const progress = progressOf(task.percentComplete);
  return {
    id: record.id,
    title: task.title,
    labels,
    progress,
    priority: priorityOf(task.priority),
    start: task.startDateTime ?? null,
    due: task.dueDateTime ?? null,
    late: progress !== "completed" && Boolean(task.dueDateTime) && String(task.dueDateTime) < takenAt,
    checklist: total > 0 ? { done, total } : null,
    attachments: details?.references ? Object.keys(details.references).filter((key) => !key.startsWith("@")).length : (task.referenceCount ?? 0),
    comments: comments.get(record.id) ?? 0,
    assignees,
    search: [task.title, ...labels.map((label) => label.name), ...assignees, ...items.map((item) => item.title ?? ""), details?.description?.slice(0, SEARCHED_DESCRIPTION) ?? ""].join("\n").toLowerCase(),
  };
}

function countByTask(items: readonly { taskId: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { taskId } of items) counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
  return counts;
}
