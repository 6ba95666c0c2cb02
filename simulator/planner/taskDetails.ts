import type { PlannerPreviewType } from "@microsoft/microsoft-graph-types";
import { GUID } from "./access";
import { FieldReader, isObject, versioned } from "./body";
import type { Json } from "./body";
import { limitExceeded } from "./faults";
import { plainText, sanitized } from "./notes";
import { decodeReferenceKey, encodeReferenceKey } from "./referenceKeys";
import type { Actor, ChecklistRecord, ReferenceRecord, TaskRecord } from "./records";
import type { PlannerStore } from "./store";

/** https://learn.microsoft.com/graph/api/plannertaskdetails-update, https://learn.microsoft.com/graph/api/resources/plannertaskdetails?view=graph-rest-beta */
export const TASK_DETAILS = versioned(
  { entity: "TaskDetails", type: "microsoft.graph.plannerTaskDetails", writable: ["description", "previewType", "checklist", "references"], readOnly: ["id"] },
  { writable: ["notes", "completionRequirements"], readOnly: ["forms", "approvalAttachment"] },
);

const PREVIEW_TYPES: readonly PlannerPreviewType[] = ["automatic", "noPreview", "checklist", "description", "reference"];
const CHECKLIST_ITEM = "microsoft.graph.plannerChecklistItem";
const REFERENCE = "microsoft.graph.plannerExternalReference";

/** Only what the caller sent; null removes the member. */
export interface TaskDetailsFields {
  description?: string;
  /** HTML; null clears. */
  notes?: string | null;
  requiredItems?: string[] | null;
  previewType?: PlannerPreviewType;
  checklist: Map<string, Partial<Omit<ChecklistRecord, "modifiedBy" | "modifiedAt">> | null>;
  references: Map<string, Partial<Omit<ReferenceRecord, "modifiedBy" | "modifiedAt">> | null>;
}

export function readTaskDetails(store: PlannerStore, task: TaskRecord, json: Json): TaskDetailsFields {
  const reader = new FieldReader("TaskDetails", json);
  const fields: TaskDetailsFields = { checklist: readChecklist(store, task, reader), references: readReferences(reader) };
  if (reader.has("description")) fields.description = reader.nullableText("description") ?? "";
  if (reader.has("notes")) fields.notes = readNotes(reader, json.notes);
  if (reader.has("completionRequirements")) fields.requiredItems = readRequirements(reader, json.completionRequirements, keysAfter(task.details.checklist, fields.checklist));
  if (reader.has("previewType")) fields.previewType = reader.oneOf("previewType", PREVIEW_TYPES);
  if (keysAfter(task.details.checklist, fields.checklist).size > store.limits.checklistItemsPerTask) throw limitExceeded("MaximumChecklistItemsOnTask");
  if (keysAfter(task.details.references, fields.references).size > store.limits.referencesPerTask) throw limitExceeded("MaximumReferencesOnTask");
  return fields;
}

/** Description and notes are one text: a request may set one of them. */
function readNotes(reader: FieldReader, value: unknown): string | null {
  if (reader.has("description")) reader.fail("notes", "Notes and description cannot be set together.");
  if (value === null) return null;
  if (!isObject(value) || value["contentType"] !== "html" || typeof value["content"] !== "string") return reader.fail("notes", "HTML content is expected.");
  return sanitized(value["content"]);
}

/** https://learn.microsoft.com/graph/api/resources/plannertaskcompletionrequirementdetails?view=graph-rest-beta */
function readRequirements(reader: FieldReader, value: unknown, items: Set<string>): string[] | null {
  const fail = (reason: string): never => reader.fail("completionRequirements", reason);
  if (value === null) return null;
  if (!isObject(value)) return fail("An object is expected.");
  const { checklistRequirement, ...others } = value;
  const refused = Object.entries(others).find(([name, other]) => name !== "@odata.type" && other !== null)?.[0];
  if (refused !== undefined) return fail(`The property '${refused}' is not writable or does not exist.`);
  if (checklistRequirement === undefined || checklistRequirement === null) return null;
  const ids = isObject(checklistRequirement) ? checklistRequirement["requiredChecklistItemIds"] : undefined;
  if (!Array.isArray(ids)) return fail("The requiredChecklistItemIds are expected.");
  return ids.map((id) => (typeof id === "string" && items.has(id.toLowerCase()) ? id.toLowerCase() : fail("A required checklist item does not exist.")));
}

function keysAfter(current: Map<string, unknown>, change: Map<string, unknown>): Set<string> {
  const keys = new Set(current.keys());
  for (const [key, value] of change) {
    if (value === null) keys.delete(key);
    else keys.add(key);
  }
  return keys;
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
  const { checklist, references, notes, requiredItems, ...plain } = fields;
  return [
    ...Object.keys(plain),
    ...(notes === undefined ? [] : ["description"]),
    ...(requiredItems === undefined ? [] : ["completionRequirements"]),
    ...[...checklist.keys()].map((id) => `checklist/${id}`),
    ...[...references.keys()].map((key) => `references/${key}`),
  ];
}

/** Writes checked fields; the details' etag moves, and the task's too when a property derived from details changed. */
export function applyTaskDetails(store: PlannerStore, task: TaskRecord, fields: TaskDetailsFields, by: Actor): void {
  const before = derived(task);
  const { details } = task;
  const modified = { modifiedBy: by, modifiedAt: store.world.now() };
  details.earlier = { ...details, checklist: new Map(details.checklist), references: new Map(details.references), etag: details.revision.etag };
  if (fields.description !== undefined) Object.assign(details, { description: fields.description, notes: null });
  if (fields.notes !== undefined) Object.assign(details, { description: plainText(fields.notes ?? ""), notes: fields.notes });
  if (fields.requiredItems !== undefined) details.requiredItems = fields.requiredItems;
  if (fields.previewType !== undefined) details.previewType = fields.previewType;
  for (const [id, change] of fields.checklist) {
    if (change === null) details.checklist.delete(id);
    else details.checklist.set(id, { ...(details.checklist.get(id) ?? { title: "", isChecked: false, orderHint: store.hints.next() }), ...change, ...modified });
  }
  for (const [key, change] of fields.references) {
    if (change === null) details.references.delete(key);
    else details.references.set(key, { ...(details.references.get(key) ?? { alias: null, type: "Other", previewPriority: store.hints.next() }), ...change, ...modified });
  }
  details.requiredItems &&= details.requiredItems.filter((id) => details.checklist.has(id));
  details.revision.touch(touchedDetails(fields));
  if (!store.behaviour.of(task.plan.tenantId).lyingLastModified) store.modified(task, by);
  const after = derived(task);
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  if (changed.length > 0) task.revision.touch(changed);
}

/** Flags of the task that say which rules its details hold. */
export const requirementsOf = (details: Pick<TaskRecord["details"], "requiredItems">): "none" | "checklistCompletion" => ((details.requiredItems ?? []).length > 0 ? "checklistCompletion" : "none");

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
    specifiedCompletionRequirements: requirementsOf(details),
  };
}
