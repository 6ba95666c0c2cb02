/** One task that exists, back to what it was. */
import { appliedLabels, arrange, assigneesOf, checklistInOrder, type FieldChange, type FieldKey, fieldName, openEntries, type Recurrence, recurrenceOf, referencesInOrder, requiredItems, sameRecurrence } from "@/lib/planner";
import type { GraphObject, TaskRecord } from "@/lib/planner/types";
import type { LivePlan } from "../live";
import type { OperationBodies } from "../types";
import type { Planning } from "./context";
import { uploadFile } from "./creation";
import { ref } from "./draft";
import { BOARD_FIELDS, DETAIL_FIELDS } from "./fields";
import { asSeen, shown } from "./in-place";
import { attachmentsByKey, checklistItem, needsBeta, notesBody, recurrenceBody, recurrenceChange, referenceValue, requirementsBody } from "./task-bodies";

interface Revert {
  /** As it will be. */
  wanted: TaskRecord;
  now: TaskRecord;
  fields: FieldChange[];
  /** Set when it has to move in the list. */
  orderHint: string | undefined;
}

const OF_BOARDS = new Set<FieldKey>(Object.values(BOARD_FIELDS));
const OF_DETAILS = new Set<FieldKey>(Object.values(DETAIL_FIELDS));

/**
 * The task itself, then its details, then its recurrence. A task is completed last when its checklist must be ticked first;
 * a series is ended before a task is completed, because completing makes the next task.
 */
export function revertTask(planning: Planning, live: LivePlan, revert: Revert): void {
  const { draft, extras, choice } = planning;
  const { wanted, now, orderHint } = revert;
  const all = revert.fields.filter(({ field }) => !OF_BOARDS.has(field));
  const fields = all.filter(({ field }) => !OF_DETAILS.has(field) && field !== "recurrence" && (field !== "order" || orderHint));
  const bucket = planning.buckets.get(wanted.task.bucketId ?? "");
  const body = taskBody(wanted, now, new Set(fields.map(({ field }) => field)), wanted.task.bucketId ? bucket?.id : null, orderHint);
  const completing = body.percentComplete === 100;
  const repeats = extras && choice.takes(wanted.id, "recurrence");
  const stopped = repeats && completing && recurrenceOf(now.task) ? setRecurrence(planning, live, revert, []) : null;
  const details = (after: (number | null)[]) => revertDetails(planning, live, revert, all.filter(({ field }) => OF_DETAILS.has(field)), after);
  const before = completing && (requiredItems(now.details) ?? []).length > 0 ? details([stopped]) : null;
  let task: number | null = stopped;
  if (Object.keys(body).length > 0) {
    task = draft.add("update_task", {
      source: wanted.id, label: `Revert task “${now.task.title}”`, liveId: wanted.id, ...asSeen(live, live.etags.tasks[wanted.id], now.task, Object.keys(body), stopped !== null),
      after: [bucket?.seq, stopped], afterSettled: [...planning.assignees.joinsOf(assigneesOf(wanted.task)), ...(before === null ? [] : [before])],
      body, changes: shown(fields),
    });
  }
  const filled = before ?? details([task]);
  if (repeats && stopped === null && repeatsOtherwise(revert)) setRecurrence(planning, live, revert, [task, filled]);
}

/** A task that was completed has its schedule still: it repeats again when it is opened. */
function repeatsOtherwise({ wanted, now }: Revert): boolean {
  const [is, shall] = [recurrenceOf({ ...now.task, percentComplete: wanted.task.percentComplete }), recurrenceOf(wanted.task)];
  const form = (recurrence: Recurrence | null) => JSON.stringify(recurrence && sameRecurrence(recurrence));
  return is !== undefined && shall !== undefined && form(is) !== form(shall);
}

/** Ends or defines the series. A series that has gone on to its next task is not changed from the old one. */
function setRecurrence(planning: Planning, live: LivePlan, { wanted, now }: Revert, after: (number | null)[]): number | null {
  const [from, to] = [recurrenceOf(now.task) ?? null, recurrenceOf(wanted.task) ?? null];
  if (now.task.recurrence?.nextInSeriesTaskId) {
    planning.impossible.set(wanted.id, [...(planning.impossible.get(wanted.id) ?? []), "recurrence"]);
    return null;
  }
  const earlier = after.filter((seq) => seq !== null);
  return planning.draft.add("set_recurrence", {
    source: wanted.id, label: to ? `Let “${wanted.task.title}” repeat as before` : `Let “${wanted.task.title}” not repeat any more`, liveId: wanted.id, version: "beta",
    ...asSeen(live, live.etags.tasks[wanted.id], now.task, ["recurrence"], earlier.length > 0), afterSettled: earlier, body: recurrenceBody(to), changes: recurrenceChange(from, to),
  });
}

function taskBody(wanted: TaskRecord, now: TaskRecord, fields: ReadonlySet<FieldKey>, bucketId: unknown, orderHint: string | undefined): GraphObject {
  const { task } = wanted;
  return {
    ...(fields.has("title") ? { title: task.title } : {}),
    ...(fields.has("bucket") && bucketId !== undefined ? { bucketId } : {}),
    ...(fields.has("progress") ? { percentComplete: task.percentComplete ?? 0 } : {}),
    ...(fields.has("priority") ? { priority: task.priority ?? 5 } : {}),
    ...(fields.has("start") ? { startDateTime: task.startDateTime ?? null } : {}),
    ...(fields.has("due") ? { dueDateTime: task.dueDateTime ?? null } : {}),
    ...(fields.has("labels") ? { appliedCategories: labelChange(wanted, now) } : {}),
    ...(fields.has("assignees") ? { assignments: assignmentChange(wanted, now) } : {}),
    ...(orderHint ? { orderHint } : {}),
  };
}

function labelChange(wanted: TaskRecord, now: TaskRecord): Record<string, boolean> {
  const on = new Set(appliedLabels(wanted.task.appliedCategories));
  const current = appliedLabels(now.task.appliedCategories);
  return Object.fromEntries([...[...on].filter((category) => !current.includes(category)).map((category) => [category, true]), ...current.filter((category) => !on.has(category)).map((category) => [category, false])]);
}

function assignmentChange(wanted: TaskRecord, now: TaskRecord): Record<string, GraphObject | null> {
  const ids = assigneesOf(wanted.task);
  const hints = new Map(openEntries(now.task.assignments).map(([id, assignment]) => [id, assignment.orderHint ?? null]));
  const placed = arrange(ids.map((id) => ({ id, hint: hints.get(id) ?? null })));
  return Object.fromEntries([
    ...[...placed].map(([id, orderHint]): [string, GraphObject] => [id, { "@odata.type": "#microsoft.graph.plannerAssignment", orderHint }]),
    ...assigneesOf(now.task).filter((id) => !ids.includes(id)).map((id): [string, null] => [id, null]),
  ]);
}

function revertDetails(planning: Planning, live: LivePlan, { wanted, now }: Revert, changes: FieldChange[], after: (number | null)[]): number | null {
  const { choice, extras } = planning;
  const { details } = wanted;
  if (!details || !now.details) return null;
  const fields = new Set(changes.map(({ field }) => field));
  const missing = new Set(choice.takes(wanted.id, "references") ? planning.live.missingFiles : []);
  const lost = [...attachmentsByKey(planning.snapshot.attachments, wanted)].filter(([, file]) => missing.has(file.id));
  const uploads = new Map(lost.map(([key, file]) => [key, uploadFile(planning, file, [])]));
  const drops = (key: string) => choice.dropsEntry(wanted.id, key);
  const required = extras && choice.takes(wanted.id, "required") && requiresOtherwise(wanted, now);
  const references = fields.has("references") || uploads.size > 0 ? referenceChange(wanted, now, uploads, drops) : {};
  const body: OperationBodies["update_task_details"] = {
    fields: {
      ...(fields.has("description") ? notesBody(details, extras) : {}),
      ...(fields.has("previewType") ? { previewType: details.previewType ?? "automatic" } : {}),
      ...(fields.has("checklist") ? { checklist: checklistChange(wanted, now, drops) } : {}),
      ...(required ? requirementsBody(requiredItems(details) ?? []) : {}),
    },
    ...references,
  };
  if (Object.keys(body.fields).length === 0 && !body.references?.length && !body.removeReferences?.length) return null;
  const earlier = after.filter((seq) => seq !== null);
  return planning.draft.add("update_task_details", {
    source: wanted.id, label: `Revert notes, checklist and attachments of “${now.task.title}”`, liveId: wanted.id, ...asSeen(live, live.etags.details[wanted.id], now.details, [...Object.keys(body.fields), ...(body.references || body.removeReferences ? ["references"] : [])]), ...needsBeta(body),
    afterSettled: [...earlier, ...uploads.values()], body,
    changes: [
      ...shown(changes.filter(({ field }) => extras || field !== "required")),
      ...(required && !fields.has("required") ? [{ field: fieldName("required"), from: null, to: requiredTitles(wanted) }] : []),
      ...lost.map(([, file]) => ({ field: "File", from: null, to: file.name })),
    ],
  });
}

const requiredTitles = ({ details }: TaskRecord): string | null =>
  (requiredItems(details) ?? []).map((key) => details?.checklist?.[key]?.title ?? "").join(", ") || null;

/** An item that comes back may still be required from before. */
function requiresOtherwise(wanted: TaskRecord, now: TaskRecord): boolean {
  const [shall, is] = [requiredItems(wanted.details), requiredItems(now.details)];
  if (shall === undefined || is === undefined) return false;
  const later = requiredItems({ id: now.id, completionRequirements: now.details?.completionRequirements, checklist: { ...now.details?.checklist, ...wanted.details?.checklist } });
  return JSON.stringify(later?.sort()) !== JSON.stringify(shall.sort());
}

/** Items keep their keys in a task that exists, so that a second restore finds them. */
function checklistChange(wanted: TaskRecord, now: TaskRecord, drops: (key: string) => boolean): Record<string, GraphObject | null> {
  const current = new Map(openEntries(now.details?.checklist));
  const items = checklistInOrder(wanted.details);
  const placed = arrange(items.map(({ key }) => ({ id: key, hint: current.get(key)?.orderHint ?? (current.has(key) ? "" : null) })));
  const written = items.flatMap((item): [string, GraphObject | null][] => {
    const is = current.get(item.key);
    const same = is && (is.title ?? "") === (item.title ?? "") && (is.isChecked === true) === (item.isChecked === true);
    return same && !placed.has(item.key) ? [] : [[item.key, checklistItem(item.title ?? "", item.isChecked === true, placed.get(item.key))]];
  });
  return Object.fromEntries([...written, ...added(current, items, drops).map((key): [string, null] => [key, null])]);
}

function referenceChange(wanted: TaskRecord, now: TaskRecord, uploads: ReadonlyMap<string, number>, drops: (key: string) => boolean): Pick<OperationBodies["update_task_details"], "references" | "removeReferences"> {
  const current = new Map(openEntries(now.details?.references));
  const items = referencesInOrder(wanted.details);
  const placed = arrange(items.map(({ key }) => ({ id: key, hint: current.has(key) && !uploads.has(key) ? (current.get(key)?.previewPriority ?? "") : null })));
  return {
    references: items.flatMap((item) => {
      const is = current.get(item.key);
      const upload = uploads.get(item.key);
      const same = is && (is.alias ?? null) === (item.alias ?? null) && (is.type ?? null) === (item.type ?? null);
      if (same && upload === undefined && !placed.has(item.key)) return [];
      const value = referenceValue(item.alias, item.type, placed.get(item.key));
      return [upload === undefined ? { url: item.url, value } : { url: ref(upload, "webUrl"), otherwise: item.url, value }];
    }),
    removeReferences: [...[...uploads.keys()].filter((key) => current.has(key)), ...added(current, items, drops)],
  };
}

/** Keys that the snapshot does not have and that go. */
function added(current: ReadonlyMap<string, unknown>, items: { key: string }[], drops: (key: string) => boolean): string[] {
  const known = new Set(items.map(({ key }) => key));
  return [...current.keys()].filter((key) => !known.has(key) && drops(key));
}
