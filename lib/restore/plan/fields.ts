/** Which property of Graph's objects holds which field of a task. */
import type { FieldKey } from "@/lib/planner";
import type { PlannerTaskDetails, TaskRecord } from "@/lib/planner/types";
import { altered } from "@/lib/repository/packed";

export const TASK_FIELDS: Readonly<Record<string, FieldKey>> = {
  title: "title", bucketId: "bucket", percentComplete: "progress", priority: "priority", startDateTime: "start", dueDateTime: "due", appliedCategories: "labels",
  assignments: "assignees", orderHint: "order", recurrence: "recurrence",
};
export const DETAIL_FIELDS: Readonly<Record<string, FieldKey>> = {
  description: "description", notes: "description", previewType: "previewType", checklist: "checklist", references: "references", completionRequirements: "required",
};
export const BOARD_FIELDS = { bucket: "bucketBoardOrder", progress: "progressBoardOrder", assignedTo: "assignedToBoardOrder" } as const satisfies Record<string, FieldKey>;
export const TASK_FIELD_KEYS: readonly FieldKey[] = [...new Set([...Object.values(TASK_FIELDS), ...Object.values(DETAIL_FIELDS), ...Object.values(BOARD_FIELDS)])];

/** The task as it is now, with the fields that are taken from the snapshot. */
export function takingFields(wanted: TaskRecord, now: TaskRecord, takes: (field: FieldKey) => boolean): TaskRecord {
  return altered(wanted, {
    task({ task }) {
      return mixed(task, now.task, TASK_FIELDS, takes);
    },
    details({ details }) {
      return details && now.details ? mixed<PlannerTaskDetails>(details, now.details, DETAIL_FIELDS, takes) : takes("description") ? details : now.details;
    },
  });
}

function mixed<T extends object>(wanted: T, now: T, fields: Readonly<Record<string, FieldKey>>, takes: (field: FieldKey) => boolean): T {
  const stays = Object.entries(fields).filter(([, field]) => !takes(field)).map(([key]) => [key, (now as Record<string, unknown>)[key]]);
  return { ...wanted, ...(Object.fromEntries(stays) as Partial<T>) };
}
