import type { GraphCall } from "../graph/context";
import { GUID, requireId } from "./access";
import { FieldReader, versioned } from "./body";
import type { Json } from "./body";
import { limitExceeded } from "./faults";
import { readRecurrence } from "./recurrence/fields";
import type { WantedSchedule } from "./recurrence/series";
import type { PlanRecord, TaskRecord } from "./records";
import type { PlannerStore } from "./store";

/**
 * What a POST or PATCH says about a task, checked.
 * https://learn.microsoft.com/graph/api/planner-post-tasks, https://learn.microsoft.com/graph/api/plannertask-update
 */
export interface TaskFields {
  title?: string;
  bucketId?: string | null;
  orderHint?: string;
  assigneePriority?: string;
  percentComplete?: number;
  priority?: number;
  startDateTime?: string | null;
  dueDateTime?: string | null;
  conversationThreadId?: string | null;
  /** Of the recurrence; null ends the series. */
  schedule?: WantedSchedule | null;
  /** category -> applied. */
  categories: Map<string, boolean>;
  /** User id -> order hint; null unassigns. */
  assignments: Map<string, string | null>;
}

const WRITABLE = [
  "title", "bucketId", "orderHint", "assigneePriority", "percentComplete", "priority", "startDateTime", "dueDateTime",
  "conversationThreadId", "appliedCategories", "assignments",
];
const READ_ONLY = [
  "id", "createdBy", "createdDateTime", "completedBy", "completedDateTime", "hasDescription", "previewType", "referenceCount",
  "checklistItemCount", "activeChecklistItemCount",
];
const NAVIGATION = ["details", "assignedToTaskBoardFormat", "bucketTaskBoardFormat", "progressTaskBoardFormat"];

const base = { entity: "Task", type: "microsoft.graph.plannerTask", navigation: NAVIGATION };
/** https://learn.microsoft.com/graph/api/resources/plannertask?view=graph-rest-beta */
const beta = {
  writable: ["recurrence"],
  readOnly: ["lastModifiedDateTime", "lastModifiedBy", "isArchived", "archivalInfo", "specifiedCompletionRequirements", "hasChat", "creationSource", "isOnMyDay", "isOnMyDayLastModifiedDate", "goalIds"],
  navigation: ["messages"],
};
/** The plan can be named once, at creation. */
export const NEW_TASK = versioned({ ...base, writable: [...WRITABLE, "planId"], readOnly: READ_ONLY }, beta);
export const TASK_UPDATE = versioned({ ...base, writable: WRITABLE, readOnly: [...READ_ONLY, "planId"] }, beta);

const CATEGORY = /^category([1-9]|1\d|2[0-5])$/;

/** `task` is null when it is to be created. */
export function readTaskFields(store: PlannerStore, call: GraphCall, plan: PlanRecord, json: Json, task: TaskRecord | null): TaskFields {
  const reader = new FieldReader("Task", json);
  const fields: TaskFields = { categories: readCategories(reader), assignments: readAssignments(store, call, plan, reader) };
  if (reader.has("title")) fields.title = reader.text("title", store.limits.titleLength);
  if (reader.has("bucketId")) fields.bucketId = readBucketId(store, plan, reader, json.bucketId);
  if (reader.has("orderHint")) fields.orderHint = reader.hint("orderHint");
  if (reader.has("assigneePriority")) fields.assigneePriority = reader.hint("assigneePriority");
  if (reader.has("percentComplete")) fields.percentComplete = reader.integer("percentComplete", 0, 100);
  if (reader.has("priority")) fields.priority = reader.integer("priority", 0, 10);
  if (reader.has("startDateTime")) fields.startDateTime = reader.date("startDateTime");
  if (reader.has("dueDateTime")) fields.dueDateTime = reader.date("dueDateTime");
  if (reader.has("conversationThreadId")) fields.conversationThreadId = reader.nullableText("conversationThreadId");
  const schedule = reader.has("recurrence") ? readRecurrence(reader, json.recurrence, task) : undefined;
  if (schedule !== undefined) fields.schedule = schedule;
  return fields;
}

function readBucketId(store: PlannerStore, plan: PlanRecord, reader: FieldReader, value: unknown): string | null {
  if (value === null) return null;
  const id = requireId(value, "BucketId", "Task");
  if (store.findBucket(id)?.plan !== plan) reader.fail("bucketId", "The bucket does not exist in the task's plan.");
  return id;
}

function readCategories(reader: FieldReader): Map<string, boolean> {
  if (!reader.has("appliedCategories")) return new Map();
  return new Map(reader.members("appliedCategories", "microsoft.graph.plannerAppliedCategories").map(([category, value]) => {
    if (!CATEGORY.test(category)) reader.fail("appliedCategories", `'${category}' is not a category.`);
    if (value !== null && typeof value !== "boolean") reader.fail("appliedCategories", "A boolean is expected.");
    return [category, value === true];
  }));
}

function readAssignments(store: PlannerStore, call: GraphCall, plan: PlanRecord, reader: FieldReader): Map<string, string | null> {
  if (!reader.has("assignments")) return new Map();
  return new Map(reader.members("assignments", "microsoft.graph.plannerAssignments").map(([key, value]) => {
    if (!GUID.test(key)) reader.fail("assignments", "The specified identifier is invalid.");
    const userId = key.toLowerCase();
    if (value === null) return [userId, null];
    const hint = reader.member("assignments", value, "microsoft.graph.plannerAssignment", ["orderHint"]).hint("orderHint");
    if (!call.tenant.users.has(userId)) reader.fail("assignments", "The specified user does not exist.");
    if (store.assigneesMustBeMembers && !store.membersOf(plan)?.has(userId)) {
      reader.fail("assignments", "The specified user is not a member of the plan's group.");
    }
    return [userId, hint];
  }));
}

/** Names of what a write touches, for merging: members of open types count one by one. */
export function touchedFields(fields: TaskFields): string[] {
  const { categories, assignments, schedule, ...plain } = fields;
  return [
    ...Object.keys(plain),
    ...(schedule === undefined ? [] : ["recurrence"]),
    ...[...categories.keys()].map((category) => `appliedCategories/${category}`),
    ...[...assignments.keys()].map((userId) => `assignments/${userId}`),
  ];
}

/** Rules that need the old state and the new together: dates in order, limits. */
export function checkTaskAgainst(store: PlannerStore, plan: PlanRecord, fields: TaskFields, task: TaskRecord | null): void {
  const start = fields.startDateTime === undefined ? task?.startDateTime : fields.startDateTime;
  const due = fields.dueDateTime === undefined ? task?.dueDateTime : fields.dueDateTime;
  if (start && due && Date.parse(start) > Date.parse(due)) {
    new FieldReader("Task", {}).fail("DueDate", "DueDate cannot be earlier than the StartDate");
  }
  if (fields.percentComplete === 100 && task && !task.completed && missesRequiredItems(task)) {
    new FieldReader("Task", {}).fail("PercentComplete", "The completion requirements of the task are not met.");
  }
  const becomesActive = (fields.percentComplete ?? task?.percentComplete ?? 0) < 100 && (task === null || task.completed !== null);
  if (becomesActive && activeTasks(plan) >= store.limits.activeTasksPerPlan) throw limitExceeded("MaximumActiveTasksInProject");
  checkAssignees(store, fields, task);
}

/** https://learn.microsoft.com/graph/api/resources/plannertask?view=graph-rest-beta (checklistCompletion) */
const missesRequiredItems = ({ details }: TaskRecord): boolean => (details.requiredItems ?? []).some((id) => details.checklist.get(id)?.isChecked === false);

const activeTasks = (plan: PlanRecord): number => {
  let active = 0;
  for (const task of plan.tasks.values()) if (!task.completed) active += 1;
  return active;
};

function checkAssignees(store: PlannerStore, fields: TaskFields, task: TaskRecord | null): void {
  const after = new Set(task?.assignments.keys());
  for (const [userId, hint] of fields.assignments) {
    if (hint === null) after.delete(userId);
    else if (!after.has(userId)) {
      after.add(userId);
      if (store.countAssignedTo(userId) >= store.limits.tasksAssignedToUser) throw limitExceeded("MaximumTasksAssignedToUser");
    }
  }
  if (after.size > store.limits.assigneesPerTask) throw limitExceeded("MaximumAssigneesInTasks");
}
