/** The tables of an export: tasks shaped like Planner's own "Export plan to Excel", and what Planner's leaves out. */
import { appliedLabels, assigneesOf, bucketsInOrder, decodeReferenceKey, labelName, openEntries, peopleNames, personIn, PRIORITY_WORDS, priorityOf, PROGRESS_WORDS, progressOf, sortByHint, tasksInListOrder } from "@/lib/planner";
import { byTask } from "@/lib/planner/by-task";
import type { TaskRecord } from "@/lib/planner/types";
import type { ExportSource } from "./types";

/** A moment with its time, or a day. */
export interface DateCell { at: string; isDay: boolean }
export type Cell = string | number | boolean | DateCell | null;
export interface Table { name: string; columns: readonly string[]; rows: Iterable<Cell[]> }

/** Planner's columns, in its order and spelling. */
export const TASK_COLUMNS = [
  "Task ID", "Task Name", "Bucket Name", "Progress", "Priority", "Assigned To", "Created By", "Created Date", "Start date", "Due date", "Is Recurring", "Late",
  "Completed Date", "Completed By", "Completed Checklist Items", "Checklist Items", "Labels", "Description",
] as const;

/** The chosen tasks, bucket by bucket from left to right, each in the order of the list. */
export function chosenTasks({ content, chosen }: ExportSource): TaskRecord[] {
  const place = new Map(bucketsInOrder(content.buckets).map((bucket, at) => [bucket.id, at]));
  const placeOf = ({ task }: TaskRecord) => place.get(task.bucketId ?? "") ?? place.size;
  return tasksInListOrder(content.tasks.filter(({ id }) => !chosen || chosen.has(id))).sort((a, b) => placeOf(a) - placeOf(b));
}

export const checklistOf = ({ details }: TaskRecord) =>
  sortByHint(openEntries(details?.checklist), ([, item]) => item.orderHint, ([id]) => id).map(([, item]) => ({ title: item.title ?? "", done: item.isChecked === true }));

export const referencesOf = ({ details }: TaskRecord) =>
  sortByHint(openEntries(details?.references), ([, reference]) => reference.previewPriority, ([key]) => key).map(([key, reference]) => ({ key, address: decodeReferenceKey(key), ...reference }));

/** Not completed, and due before the snapshot was taken. */
export const isLate = ({ task }: TaskRecord, takenAt: string): boolean =>
  progressOf(task.percentComplete) !== "completed" && Boolean(task.dueDateTime) && Date.parse(task.dueDateTime!) < Date.parse(takenAt);

export function taskTable(source: ExportSource): Table {
  const { content, takenAt } = source;
  const buckets = new Map(content.buckets.map(({ id, name }) => [id, name]));
  const name = peopleNames(content);
  const nameIn = (identity: unknown) => {
    const id = personIn(identity);
    return id === null ? null : name(id);
  };
  const moment = (at: unknown, isDay = false): DateCell | null => (typeof at === "string" && at !== "" ? { at, isDay } : null);
  return {
    name: "Tasks",
    columns: TASK_COLUMNS,
    rows: chosenTasks(source).map((record): Cell[] => {
      const { task, details } = record;
      const items = checklistOf(record);
      return [
        record.id, task.title, buckets.get(task.bucketId ?? "") ?? null, PROGRESS_WORDS[progressOf(task.percentComplete)], PRIORITY_WORDS[priorityOf(task.priority)],
        assigneesOf(task).map(name).join(";"), nameIn(task["createdBy"]), moment(task.createdDateTime), moment(task.startDateTime, true), moment(task.dueDateTime, true),
        Boolean(task.recurrence?.schedule), isLate(record, takenAt), moment(task.completedDateTime), nameIn(task["completedBy"]),
        items.length > 0 ? `${items.filter((item) => item.done).length}/${items.length}` : null, items.map((item) => item.title).join(";"),
        appliedLabels(task.appliedCategories).map((category) => labelName(category, content.planDetails?.categoryDescriptions)).join(";"), details?.description ?? null,
      ];
    }),
  };
}

/** All sheets of a workbook: the tasks, then what Planner's own export leaves out. */
export function tables(source: ExportSource): Table[] {
  const { content, gaps, damaged } = source;
  const tasks = chosenTasks(source);
  const comments = byTask(content.comments);
  const files = byTask(content.attachments);
  const of = <T>(list: (record: TaskRecord) => readonly T[], cells: (item: T) => Cell[]): Cell[][] =>
    tasks.flatMap((record) => list(record).map((item) => [record.id, record.task.title, ...cells(item)]));
  const inTask = ["Task ID", "Task Name"];
  return [
    taskTable(source),
    {
      name: "Plan", columns: ["Property", "Value"],
      rows: [
        ["Plan", source.planTitle], ["Plan ID", content.plan.id], ["Group", source.groupName], ["Snapshot taken", { at: source.takenAt, isDay: false }], ["Exported", { at: source.exportedAt, isDay: false }],
        ["Snapshot is", source.state], ["Tasks in the snapshot", content.tasks.length], ["Tasks in this export", tasks.length],
      ],
    },
    {
      name: "Comments", columns: [...inTask, "Date", "Author", "Address", "Text"],
      rows: of(({ id }) => [...comments(id)].sort((a, b) => (a.createdDateTime < b.createdDateTime ? -1 : 1)),
        (comment) => [{ at: comment.createdDateTime, isDay: false }, comment.authorName, comment.authorAddress, comment.text]),
    },
    { name: "Checklist", columns: [...inTask, "Item", "Done"], rows: of(checklistOf, (item) => [item.title, item.done]) },
    {
      name: "Attachments", columns: [...inTask, "Name", "Address", "Type", "Stored file", "Bytes", "SHA-256"],
      rows: tasks.flatMap((record) => referencesOf(record).map((reference): Cell[] => {
        const file = files(record.id).find(({ referenceKey }) => referenceKey === reference.key);
        return [record.id, record.task.title, reference.alias ?? null, reference.address, reference.type ?? null, file?.name ?? null, file?.size ?? null, file?.sha256 ?? null];
      })),
    },
    {
      name: "Labels", columns: [...inTask, "Label", "Category"],
      rows: of(({ task }) => appliedLabels(task.appliedCategories), (category) => [labelName(category, content.planDetails?.categoryDescriptions), category]),
    },
    {
      name: "Gaps", columns: ["What is missing", "Task ID", "Reason", "Nobody can back it up"],
      rows: [...gaps.map((gap): Cell[] => [gap.detail, gap.taskId ?? (gap.kind === "task" ? gap.id : null), gap.reason, gap.permanent]), ...damaged.map((what): Cell[] => [what, null, "damaged_in_storage", false])],
    },
  ];
}
