import { openEntries } from "./open-types";
import type { GraphObject, OutlineRecord, SnapshotRecord, TaskBoardFormats, TaskRecord } from "./types";

/** Grows whenever `outlineOf` makes something else of a record: outlines that were kept are then made anew. */
export const OUTLINE_VERSION = 1;

/**
 * What boards and lists of thousands of tasks show of a record, a fifth of it: of a task no details, but what they say of its
 * checklist and attachments; of a comment where it belongs; everything else whole.
 */
export function outlineOf(record: SnapshotRecord): OutlineRecord {
  if (record.kind === "task") return outlineOfTask(record);
  if (record.kind === "comment") return { kind: "comment", id: record.id, comment: { id: record.comment.id, taskId: record.comment.taskId } };
  return record;
}

function outlineOfTask({ id, task, details, formats }: TaskRecord): TaskRecord {
  const items = details?.checklist && openEntries(details.checklist);
  const counts = {
    checklistItemCount: items?.length ?? task.checklistItemCount,
    activeChecklistItemCount: items?.filter(([, item]) => !item.isChecked).length ?? task.activeChecklistItemCount,
    referenceCount: details?.references ? openEntries(details.references).length : task.referenceCount,
  };
  const { title, bucketId, orderHint, percentComplete, priority, startDateTime, dueDateTime, appliedCategories, assignments } = task;
  const hints = Object.fromEntries(openEntries(assignments).map(([person, { orderHint }]) => [person, { orderHint }]));
  return { kind: "task", id, task: { id, title, bucketId, orderHint, percentComplete, priority, startDateTime, dueDateTime, appliedCategories, assignments: hints, ...counts }, details: null, formats: hintsOf(formats) };
}

function hintsOf({ assignedTo, bucket, progress }: TaskBoardFormats): TaskBoardFormats {
  const place = (format: GraphObject | undefined) => format && { orderHint: format.orderHint };
  return { assignedTo: assignedTo && { unassignedOrderHint: assignedTo.unassignedOrderHint, orderHintsByAssignee: assignedTo.orderHintsByAssignee }, bucket: place(bucket), progress: place(progress) };
}
