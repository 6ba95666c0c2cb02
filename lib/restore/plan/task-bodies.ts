/** Bodies of Graph requests for one task. Open types need `@odata.type` on every member. */
import { appliedLabels, checklistInOrder, hintsForList, openEntries, referencesInOrder } from "@/lib/planner";
import type { Attachment, GraphObject, TaskRecord } from "@/lib/planner/types";
import type { OperationBodies } from "../types";
import { ref } from "./draft";

/** https://learn.microsoft.com/graph/api/planner-post-tasks; planId, bucketId and orderHint are the caller's. */
export function newTaskBody({ task }: TaskRecord, assignees: string[]): GraphObject {
  const categories = Object.fromEntries(appliedLabels(task.appliedCategories).map((category) => [category, true]));
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

/**
 * Details of a task that has none yet; null when there is nothing to write. `uploads`: reference key -> operation.
 * Checklist items keep their keys (GUIDs that a client chooses, unique within the task): a later restore finds them.
 */
export function newDetailsBody(record: TaskRecord, uploads: ReadonlyMap<string, number>): OperationBodies["update_task_details"] | null {
  const { details } = record;
  if (!details) return null;
  const items = checklistInOrder(details);
  const itemHints = hintsForList(items.length);
  const references = referencesInOrder(details);
  const referenceHints = hintsForList(references.length);
  const fields: GraphObject = {
    ...(details.description ? { description: details.description } : {}),
    ...(details.previewType && details.previewType !== "automatic" ? { previewType: details.previewType } : {}),
    ...(items.length > 0 ? {
      checklist: Object.fromEntries(items.map((item, index) =>
        [item.key, checklistItem(item.title ?? "", item.isChecked === true, itemHints[index])])),
    } : {}),
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
