/** Bodies of Graph requests for one task. Open types need `@odata.type` on every member. */
import { appliedLabels, assigneesOf, checklistInOrder, describeRecurrence, hintsForList, openEntries, patternStart, type Recurrence, recurrenceOf, referencesInOrder, requiredItems } from "@/lib/planner";
import type { Attachment, GraphObject, PlannerTaskDetails, TaskRecord } from "@/lib/planner/types";
import type { Operation, OperationBodies } from "../types";
import { ref } from "./draft";
import { hasRichNotes } from "./notes";

/** https://learn.microsoft.com/graph/api/planner-post-tasks; planId, bucketId and orderHint are the caller's. */
export function newTaskBody({ task }: TaskRecord): GraphObject {
  const categories = Object.fromEntries(appliedLabels(task.appliedCategories).map((category) => [category, true]));
  const assignees = assigneesOf(task);
  return {
    title: task.title,
    percentComplete: task.percentComplete ?? 0,
    priority: task.priority ?? 5,
    ...(task.startDateTime ? { startDateTime: task.startDateTime } : {}),
    ...(task.dueDateTime ? { dueDateTime: task.dueDateTime } : {}),
    ...(Object.keys(categories).length > 0 ? { appliedCategories: categories } : {}),
    ...(assignees.length > 0 ? { assignments: assignmentsBody(assignees) } : {}),
  };
}

/** Assigns these people in this order. */
export function assignmentsBody(assignees: string[]): Record<string, GraphObject> {
  const hints = hintsForList(assignees.length);
  return Object.fromEntries(assignees.map((id, index) => [id, { "@odata.type": "#microsoft.graph.plannerAssignment", orderHint: hints[index] }]));
}

export const checklistItem = (title: string, isChecked: boolean, orderHint?: string): GraphObject => ({
  "@odata.type": "#microsoft.graph.plannerChecklistItem", title, isChecked, ...(orderHint ? { orderHint } : {}),
});

export const referenceValue = (alias: string | null | undefined, type: string | null | undefined, previewPriority?: string): GraphObject => ({
  "@odata.type": "#microsoft.graph.plannerExternalReference",
  ...(alias === null || alias === undefined ? {} : { alias }),
  type: type ?? "Other",
  ...(previewPriority ? { previewPriority } : {}),
});

/** Rich text where the beta interface may be used, else the plain text: writing both is refused. */
export function notesBody(details: PlannerTaskDetails, extras: boolean): GraphObject {
  return extras && hasRichNotes(details) ? { notes: { contentType: "html", content: details.notes?.content } } : { description: details.description ?? "" };
}

/** https://learn.microsoft.com/graph/api/resources/plannertaskcompletionrequirementdetails: a form or an approval belongs to the old task. */
export const requirementsBody = (keys: readonly string[]): GraphObject => ({
  completionRequirements: keys.length === 0 ? null : {
    "@odata.type": "#microsoft.graph.plannerTaskCompletionRequirementDetails",
    checklistRequirement: { "@odata.type": "#microsoft.graph.plannerChecklistRequirement", requiredChecklistItemIds: keys },
  },
});

/** A details' body that only the beta interface takes. */
export const needsBeta = ({ fields }: OperationBodies["update_task_details"]): { version?: "beta" } => ("notes" in fields || "completionRequirements" in fields ? { version: "beta" } : {});

/** The whole schedule, as a client may write it; null ends the series. https://learn.microsoft.com/graph/api/resources/plannertaskrecurrence */
export function recurrenceBody(recurrence: Recurrence | null): OperationBodies["set_recurrence"] {
  const schedule = recurrence && {
    "@odata.type": "#microsoft.graph.plannerRecurrenceSchedule", pattern: { "@odata.type": "#microsoft.graph.recurrencePattern", ...recurrence.pattern }, patternStartDateTime: patternStart(recurrence),
  };
  return { recurrence: { "@odata.type": "#microsoft.graph.plannerTaskRecurrence", schedule } };
}

/** The active recurrence that a task of the snapshot had. */
export const savedRecurrence = ({ task }: TaskRecord): Recurrence | null => recurrenceOf(task) ?? null;

export const recurrenceChange = (from: Recurrence | null, to: Recurrence | null): Operation["changes"] =>
  [{ field: "Repeats", from: from && describeRecurrence(from), to: to && describeRecurrence(to) }];

/**
 * Details of a task that has none yet; null when there is nothing to write. `uploads`: reference key -> operation.
 * Checklist items keep their keys (GUIDs that a client chooses, unique within the task): a later restore finds them.
 */
export function newDetailsBody(details: PlannerTaskDetails | null, uploads: ReadonlyMap<string, number>, extras: boolean): OperationBodies["update_task_details"] | null {
  if (!details) return null;
  const items = checklistInOrder(details);
  const itemHints = hintsForList(items.length);
  const references = referencesInOrder(details);
  const referenceHints = hintsForList(references.length);
  const required = extras ? (requiredItems(details) ?? []) : [];
  const fields: GraphObject = {
    ...(details.description || hasRichNotes(details) ? notesBody(details, extras) : {}),
    ...(details.previewType && details.previewType !== "automatic" ? { previewType: details.previewType } : {}),
    ...(items.length > 0 ? {
      checklist: Object.fromEntries(items.map((item, index) =>
        [item.key, checklistItem(item.title ?? "", item.isChecked === true, itemHints[index])])),
    } : {}),
    ...(required.length > 0 ? requirementsBody(required) : {}),
  };
  if (Object.keys(fields).length === 0 && references.length === 0) return null;
  return {
    fields,
    ...(references.length > 0 ? {
      references: references.map((item, index) => {
        const upload = uploads.get(item.key);
        const value = referenceValue(item.alias, item.type, referenceHints[index]);
        return upload === undefined ? { url: item.url, value } : { url: ref(upload, "webUrl"), otherwise: item.url, value };
      }),
    } : {}),
  };
}

/** Attachments of a task by the key of their reference. */
export function attachmentsByKey(attachments: Attachment[], record: TaskRecord): Map<string, Attachment> {
  const keys = new Set(openEntries(record.details?.references).map(([key]) => key));
  return new Map(attachments.filter((one) => one.taskId === record.id && keys.has(one.referenceKey)).map((one) => [one.referenceKey, one]));
}
