import type { PlannerPreviewType } from "@microsoft/microsoft-graph-types";
import { GUID } from "./access";
import { FieldReader } from "./body";
import type { Json, Shape } from "./body";
import { limitExceeded } from "./faults";
import { decodeReferenceKey, encodeReferenceKey } from "./referenceKeys";
import type { Actor, ChecklistRecord, ReferenceRecord, TaskRecord } from "./records";
import type { PlannerStore } from "./store";

/** https://learn.microsoft.com/graph/api/plannertaskdetails-update */
export const TASK_DETAILS: Shape = {
  entity: "TaskDetails",
  type: "microsoft.graph.plannerTaskDetails",
  writable: ["description", "previewType", "checklist", "references"],
  readOnly: ["id"],
};

const PREVIEW_TYPES: readonly PlannerPreviewType[] = ["automatic", "noPreview", "checklist", "description", "reference"];
const CHECKLIST_ITEM = "microsoft.graph.plannerChecklistItem";
const REFERENCE = "microsoft.graph.plannerExternalReference";

/** Only what the caller sent; null removes the member. */
export interface TaskDetailsFields {
  description?: string;
  previewType?: PlannerPreviewType;
  checklist: Map<string, Partial<Omit<ChecklistRecord, "modifiedBy" | "modifiedAt">> | null>;
  references: Map<string, Partial<Omit<ReferenceRecord, "modifiedBy" | "modifiedAt">> | null>;
}

export function readTaskDetails(store: PlannerStore, task: TaskRecord, json: Json): TaskDetailsFields {
  const reader = new FieldReader("TaskDetails", json);
  const fields: TaskDetailsFields = { checklist: readChecklist(store, task, reader), references: readReferences(reader) };
  if (reader.has("description")) fields.description = reader.nullableText("description") ?? "";
  if (reader.has("previewType")) fields.previewType = reader.oneOf("previewType", PREVIEW_TYPES);
  if (sizeAfter(task.details.checklist, fields.checklist) > store.limits.checklistItemsPerTask) throw limitExceeded("MaximumChecklistItemsOnTask");
  if (sizeAfter(task.details.references, fields.references) > store.limits.referencesPerTask) throw limitExceeded("MaximumReferencesOnTask");
  return fields;
}

function sizeAfter(current: Map<string, unknown>, change: Map<string, unknown>): number {
  const keys = new Set(current.keys());
  for (const [key, value] of change) {
    if (value === null) keys.delete(key);
    else keys.add(key);
  }
  return keys.size;
}

function readChecklist(store: PlannerStore, task: TaskRecord, reader: FieldReader): TaskDetailsFields["checklist"] {
  if (!reader.has("checklist")) return new Map();
  return new Map(reader.members("checklist", "microsoft.graph.plannerChecklistItems").map(([key, value]) => {
    if (!GUID.test(key)) reader.fail("checklist", "The key of a checklist item must be a GUID.");
    const id = key.toLowerCase();
    if (value === null) return [id, null];
    const item = reader.member("checklist", value, CHECKLIST_ITEM, ["title", "isChecked", "orderHint"]);
    const isNew = !task.details.checklist.has(id);
    return [id, {
      ...(isNew || item.has("title") ? { title: item.text("title", store.limits.titleLength) } : {}),
      ...(item.has("isChecked") ? { isChecked: item.boolean("isChecked") } : {}),
      ...(item.has("orderHint") ? { orderHint: item.hint("orderHint") } : {}),
    }];
  }));
}

function readReferences(reader: FieldReader): TaskDetailsFields["references"] {
  if (!reader.has("references")) return new Map();
  return new Map(reader.members("references", "microsoft.graph.plannerExternalReferences").map(([key, value]) => {
    const url = decodeReferenceKey(key);
    if (url === null) reader.fail("references", "The key of a reference must be an encoded http or https URL.");
    const stored = encodeReferenceKey(url);
    if (value === null) return [stored, null];
    const reference = reader.member("references", value, REFERENCE, ["alias", "type", "previewPriority"]);
    return [stored, {
      ...(reference.has("alias") ? { alias: reference.nullableText("alias") } : {}),
      ...(reference.has("type") ? { type: reference.nullableText("type") ?? "Other" } : {}),
      ...(reference.has("previewPriority") ? { previewPriority: reference.hint("previewPriority") } : {}),
    }];
  }));
}

export function touchedDetails(fields: TaskDetailsFields): string[] {
  const { checklist, references, ...plain } = fields;
  return [
    ...Object.keys(plain),
    ...[...checklist.keys()].map((id) => `checklist/${id}`),
    ...[...references.keys()].map((key) => `references/${key}`),
  ];
}

/** Writes checked fields; the details' etag moves, and the task's too when a property derived from details changed. */
export function applyTaskDetails(store: PlannerStore, task: TaskRecord, fields: TaskDetailsFields, by: Actor): void {
  const before = derived(task);
  const { details } = task;
  const now = store.world.now();
  const modified = { modifiedBy: by, modifiedAt: now };
  if (fields.description !== undefined) details.description = fields.description;
  if (fields.previewType !== undefined) details.previewType = fields.previewType;
  for (const [id, change] of fields.checklist) {
    if (change === null) details.checklist.delete(id);
    else details.checklist.set(id, { ...(details.checklist.get(id) ?? { title: "", isChecked: false, orderHint: store.hints.next() }), ...change, ...modified });
  }
  for (const [key, change] of fields.references) {
    if (change === null) details.references.delete(key);
    else details.references.set(key, { ...(details.references.get(key) ?? { alias: null, type: "Other", previewPriority: store.hints.next() }), ...change, ...modified });
  }
  details.revision.touch(touchedDetails(fields));
  Object.assign(task, modified);
  const after = derived(task);
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  if (changed.length > 0) task.revision.touch(changed);
}

/** The task's own properties that follow from its details. */
function derived(task: TaskRecord): Record<string, unknown> {
  const { details } = task;
  let active = 0;
  for (const item of details.checklist.values()) if (!item.isChecked) active += 1;
  return {
    hasDescription: details.description !== "",
    previewType: details.previewType,
    checklistItemCount: details.checklist.size,
    activeChecklistItemCount: active,
    referenceCount: details.references.size,
  };
}
