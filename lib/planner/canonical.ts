/**
 * The canonical form of a plan: plain comparable JSON that says what people put into the plan, and nothing that the
 * service made up (ids, etags, hints, authors, times). Two snapshots with equal canonical forms look the same to a person.
 */
import { byTask } from "./by-task";
import { type Board, boardColumns, bucketsInOrder, columnsOf, tasksInListOrder } from "./board-order";
import { canonicalDate } from "./dates";
import { LABEL_COLOURS } from "./labels";
import { sameRecurrence } from "./recurrence";
import { taskFields } from "./task-fields";
import type { Attachment, Comment, SnapshotContent, TaskRecord } from "./types";

/**
 * What the canonical form leaves out, and why; `page`: Microsoft's page that says so, below https://learn.microsoft.com/graph/api/.
 * Closed: everything else is compared. docs/restore.md lists the same.
 */
export const LOSSY_FIELDS: readonly { field: string; why: string; page: string }[] = [
  { field: "id", why: "Microsoft gives new ids to plans, buckets, tasks and checklist items.", page: "resources/planner-identifiers-disclaimer" },
  { field: "createdBy, createdDateTime", why: "Set by Microsoft: the restore account and the time of the restore.", page: "resources/plannertask" },
  { field: "completedBy, completedDateTime", why: "Set by Microsoft when a task becomes complete.", page: "resources/plannertask" },
  { field: "assignedBy, assignedDateTime", why: "Set by Microsoft when a person is assigned.", page: "resources/plannerassignments" },
  { field: "lastModifiedBy, lastModifiedDateTime", why: "Set by Microsoft on checklist items and references.", page: "resources/plannerchecklistitems" },
  { field: "orderHint, previewPriority", why: "Microsoft refuses its own values; the order that they express is compared instead.", page: "resources/planner-order-hint-format" },
  { field: "assigneePriority", why: "The order of a person's own task list, over all plans of that person.", page: "resources/plannertask" },
  { field: "hasDescription, referenceCount, checklistItemCount, activeChecklistItemCount", why: "Derived by Microsoft from the details.", page: "resources/plannertask" },
  { field: "conversationThreadId", why: "Names a conversation of one group mailbox.", page: "resources/plannertask" },
  { field: "comment author and time", why: "Microsoft makes the restore account the author; the original is quoted in the text.", page: "group-post-threads" },
  { field: "container, owner, sharedWith", why: "Where the plan lives and who sees it follows from the group.", page: "resources/plannerplancontainer" },
  { field: "patternStartDateTime, seriesId, occurrenceId", why: "A recurrence starts anew; its pattern and its next date are the same.", page: "resources/plannertaskrecurrence?view=graph-rest-beta" },
  { field: "recurrence of a completed task", why: "Its series goes on in its next task; given back to a completed one, it would make that task twice.", page: "resources/plannertaskrecurrence?view=graph-rest-beta" },
  { field: "formsRequirement, approvalRequirement, forms, approvalAttachment", why: "Name a form and an approval that belong to the old task.", page: "resources/plannertaskcompletionrequirementdetails?view=graph-rest-beta" },
  { field: "reactions, mentions", why: "Nobody can react or be mentioned in somebody else's name; mentions stay as text.", page: "resources/plannertaskchatmessage?view=graph-rest-beta" },
  { field: "address of a stored file", why: "Files are uploaded to the target group; their content is compared.", page: "driveitem-createuploadsession" },
];

export interface CanonicalTask {
  title: string;
  /** Rank of the bucket; null: no bucket of this plan. */
  bucket: number | null;
  percentComplete: number;
  priority: number;
  start: string | null;
  due: string | null;
  labels: string[];
  assignees: string[];
  description: string;
  /** Beta, as the three others below: absent when the plan was read without. */
  notes?: string;
  recurrence?: unknown;
  previewType: string;
  checklist: { title: string; isChecked: boolean; required?: boolean }[];
  references: ({ url: string; alias: string | null; type: string | null } | { file: string; alias: string | null; type: string | null })[];
  /** Rank in the task's column(s) of each board. */
  ranks: { bucket: number; progress: number; assignedTo: Record<string, number> };
  comments?: { author: string | null; time: string | null; text: string }[];
}

export interface CanonicalPlan {
  title?: string;
  archived?: boolean;
  labels: Record<string, string>;
  buckets: string[];
  /** In the order of the list view. */
  tasks: CanonicalTask[];
}

export interface CanonicalOptions {
  /** Leave the plan's title out (a restore into a new plan chooses one). Default false. */
  ignoreTitle?: boolean;
  /** Include comments with author and time. Default false: a restore quotes them. */
  comments?: boolean;
}

export function canonicalPlan(content: SnapshotContent, options: CanonicalOptions = {}): CanonicalPlan {
  const buckets = bucketsInOrder(content.buckets);
  const bucketRank = new Map(buckets.map((bucket, rank) => [bucket.id, rank]));
  const ranks = rankBoards(content.tasks);
  const [attachments, comments] = [byTask(content.attachments), byTask(content.comments)];
  return {
    ...(options.ignoreTitle ? {} : { title: content.plan.title }),
    ...(content.plan.isArchived === undefined ? {} : { archived: content.plan.isArchived }),
    labels: namedLabels(content),
    buckets: buckets.map((bucket) => bucket.name),
    tasks: tasksInListOrder(content.tasks).map((record) => ({
      ...canonicalTask(record, attachments(record.id)),
      bucket: bucketRank.get(record.task.bucketId ?? "") ?? null,
      ranks: ranks(record),
      ...(options.comments ? { comments: canonicalComments(comments(record.id)) } : {}),
    })),
  };
}

/** Labels that have a name, in the order of their numbers. */
export function namedLabels(content: Pick<SnapshotContent, "planDetails">): Record<string, string> {
  const names = content.planDetails?.categoryDescriptions ?? {};
  return Object.fromEntries(LABEL_COLOURS.flatMap(({ category }) => (names[category] ? [[category, names[category]]] : [])));
}

function canonicalTask(record: TaskRecord, attachments: readonly Attachment[]): Omit<CanonicalTask, "bucket" | "ranks" | "comments"> {
  const fields = taskFields(record, attachments);
  return {
    title: fields.title,
    percentComplete: fields.percentComplete,
    priority: fields.priority,
    start: fields.startDateTime,
    due: fields.dueDateTime,
    labels: fields.labels,
    assignees: fields.assignees,
    description: fields.description,
    ...(fields.notes === undefined ? {} : { notes: fields.notes }),
    ...(fields.recurrence === undefined ? {} : { recurrence: fields.recurrence && sameRecurrence(fields.recurrence) }),
    previewType: fields.previewType,
    checklist: fields.checklist.map(({ key, title, isChecked }) => ({ title, isChecked, ...(fields.required?.includes(key) ? { required: true } : {}) })),
    references: fields.references.map(({ url, alias, type, file }) => (file ? { file, alias, type } : { url, alias, type })),
  };
}

function rankBoards(tasks: TaskRecord[]): (record: TaskRecord) => CanonicalTask["ranks"] {
  const rank = new Map<string, number>();
  const key = (board: Board, column: string, id: string) => JSON.stringify([board, column, id]);
  for (const board of ["bucket", "progress", "assignedTo"] as const) {
    for (const [column, records] of boardColumns(board, tasks)) {
      records.forEach((record, index) => rank.set(key(board, column, record.id), index));
    }
  }
  const of = (board: Board, record: TaskRecord, column: string) => rank.get(key(board, column, record.id)) ?? 0;
  return (record) => ({
    bucket: of("bucket", record, columnsOf("bucket", record.task)[0] ?? ""),
    progress: of("progress", record, columnsOf("progress", record.task)[0] ?? ""),
    assignedTo: Object.fromEntries([...columnsOf("assignedTo", record.task)].sort().map((column) => [column, of("assignedTo", record, column)])),
  });
}

function canonicalComments(comments: readonly Comment[]): NonNullable<CanonicalTask["comments"]> {
  return comments
    .map((comment) => ({ author: comment.authorName, time: canonicalDate(comment.createdDateTime), text: comment.text }))
    .sort((a, b) => ((a.time ?? "") < (b.time ?? "") ? -1 : (a.time ?? "") > (b.time ?? "") ? 1 : a.text < b.text ? -1 : 1));
}
