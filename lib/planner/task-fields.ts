/** What a task says, free of ids, hints and spellings that the service chooses: the ground of comparison. */
import { assigneesOf } from "./board-order";
import { canonicalDate } from "./dates";
import { appliedLabels } from "./labels";
import { openEntries } from "./open-types";
import { sortByHint } from "./order-hints";
import { type Recurrence, recurrenceOf } from "./recurrence";
import { decodeReferenceKey } from "./references";
import type { Attachment, PlannerChecklistItem, PlannerExternalReference, PlannerTaskDetails, TaskRecord } from "./types";

export interface ChecklistLine { key: string; title: string; isChecked: boolean }
export interface ReferenceLine { key: string; url: string; alias: string | null; type: string | null; /** SHA-256 of the stored file */ file: string | null }

export interface TaskFields {
  title: string;
  percentComplete: number;
  priority: number;
  startDateTime: string | null;
  dueDateTime: string | null;
  labels: string[];
  assignees: string[];
  description: string;
  /** The description as rich text (beta), with its type in front; undefined: read without it. */
  notes?: string;
  previewType: string;
  checklist: ChecklistLine[];
  /** Checklist items that must be ticked before the task can be completed (beta), by key; undefined: read without it. */
  required?: string[];
  references: ReferenceLine[];
  /** Beta; undefined: read without it. */
  recurrence?: Recurrence | null;
}

/** Checklist items from top to bottom. */
export function checklistInOrder(details: PlannerTaskDetails | null): (PlannerChecklistItem & { key: string })[] {
  const items = openEntries(details?.checklist).map(([key, item]) => ({ ...item, key }));
  return sortByHint(items, (item) => item.orderHint, (item) => item.key);
}

/** References in the order of their preview priority. */
export function referencesInOrder(details: PlannerTaskDetails | null): (PlannerExternalReference & { key: string; url: string })[] {
  const items = openEntries(details?.references).map(([key, item]) => ({ ...item, key, url: decodeReferenceKey(key) }));
  return sortByHint(items, (item) => item.previewPriority, (item) => item.url);
}

/** Keys of the checklist items that have to be ticked before the task can be completed. https://learn.microsoft.com/graph/api/resources/plannerchecklistrequirement */
export function requiredItems(details: PlannerTaskDetails | null): string[] | undefined {
  if (details?.completionRequirements === undefined) return undefined;
  const requirement = details.completionRequirements?.checklistRequirement as { requiredChecklistItemIds?: string[] } | null | undefined;
  const keys = new Set(requirement?.requiredChecklistItemIds ?? []);
  return checklistInOrder(details).map(({ key }) => key).filter((key) => keys.has(key));
}

/** `attachments`: those of the task, to know a file by its content rather than its address. */
export function taskFields(record: TaskRecord, attachments: readonly Attachment[] = []): TaskFields {
  const { task, details } = record;
  const files = new Map(attachments.map((one) => [one.referenceKey, one.sha256]));
  return {
    title: task.title,
    percentComplete: task.percentComplete ?? 0,
    priority: task.priority ?? 5,
    startDateTime: canonicalDate(task.startDateTime),
    dueDateTime: canonicalDate(task.dueDateTime),
    labels: appliedLabels(task.appliedCategories),
    assignees: assigneesOf(task),
    description: details?.description ?? "",
    notes: details?.notes === undefined ? undefined : details.notes?.content ? `${details.notes.contentType ?? "text"}:${details.notes.content}` : "",
    previewType: details?.previewType ?? "automatic",
    checklist: checklistInOrder(details).map((item) => ({ key: item.key, title: item.title ?? "", isChecked: item.isChecked === true })),
    required: requiredItems(details),
    recurrence: recurrenceOf(task),
    references: referencesInOrder(details).map((item) => ({ key: item.key, url: item.url, alias: item.alias ?? null, type: item.type ?? null, file: files.get(item.key) ?? null })),
  };
}
