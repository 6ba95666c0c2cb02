/**
 * The orders of a plan: the list (task.orderHint) and the three boards, which keep hints of their own in the task's board
 * formats. A board without a hint for a task falls back on the list's.
 * https://learn.microsoft.com/graph/api/resources/planner-overview#plan-boards
 */
import { openEntries } from "./open-types";
import { sortByHint } from "./order-hints";
import type { PlannerBucket, PlannerTask, TaskRecord } from "./types";
import { progressOf } from "./words";

export type Board = "bucket" | "progress" | "assignedTo";
export const BOARDS: readonly Board[] = ["bucket", "progress", "assignedTo"];
/** Column of the assignedTo board for tasks that nobody is assigned to. */
export const UNASSIGNED = "";

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** Users assigned to a task, in the order of their hints. */
export function assigneesOf(task: PlannerTask): string[] {
  return sortByHint(openEntries(task.assignments), ([, assignment]) => assignment.orderHint, ([id]) => id).map(([id]) => id);
}

/** Buckets from left to right. */
export function bucketsInOrder(buckets: Iterable<PlannerBucket>): PlannerBucket[] {
  return sortByHint(buckets, (bucket) => bucket.orderHint, (bucket) => bucket.id);
}

/** Tasks in the order of the list (grid) view. */
export function tasksInListOrder(tasks: Iterable<TaskRecord>): TaskRecord[] {
  return sortByHint(tasks, ({ task }) => task.orderHint, ({ id }) => id);
}

/** The columns of `board` that a task stands in; only the assignedTo board can have several. */
export function columnsOf(board: Board, task: PlannerTask): string[] {
  if (board === "bucket") return [task.bucketId ?? ""];
  if (board === "progress") return [progressOf(task.percentComplete)];
  const assignees = assigneesOf(task);
  return assignees.length === 0 ? [UNASSIGNED] : assignees;
}

/** The hint that a board itself holds for a task in a column; null: none of its own. */
export function boardHint(board: Board, record: TaskRecord, column: string): string | null {
  const format = record.formats[board];
  if (!format) return null;
  if (board !== "assignedTo") return textOf(format.orderHint);
  if (column === UNASSIGNED) return textOf(format.unassignedOrderHint);
  return textOf((format.orderHintsByAssignee as Record<string, unknown> | null | undefined)?.[column]);
}

/** Task records of each column of a board, in the order a person sees. */
export function boardColumns(board: Board, tasks: Iterable<TaskRecord>): Map<string, TaskRecord[]> {
  const columns = new Map<string, TaskRecord[]>();
  for (const record of tasks) {
    for (const column of columnsOf(board, record.task)) {
      const found = columns.get(column);
      if (found) found.push(record);
      else columns.set(column, [record]);
    }
  }
  for (const [column, records] of columns) {
    columns.set(column, sortByHint(records, (record) => boardHint(board, record, column) ?? record.task.orderHint, ({ id }) => id));
  }
  return columns;
}
