/** In place: recreate what is gone, revert what changed; what is new stays. */
import {
  appliedLabels, arrange, assigneesOf, BOARDS, bucketsInOrder, checklistInOrder, columnsOf, diffPlans, type FieldChange, type FieldKey, type ItemDrift, labelColour,
  openEntries, referencesInOrder, tasksInListOrder,
} from "@/lib/planner";
import type { GraphObject, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import type { LivePlan } from "../live";
import type { Operation, OperationBodies } from "../types";
import type { Planning } from "./context";
import { arrangeBoards, createBucket, createTask, uploadFile, withAssignees } from "./creation";
import { existing, ref } from "./draft";
import { attachmentsByKey, checklistItem, referenceValue } from "./task-bodies";

export function restoreInPlace(planning: Planning, live: LivePlan): void {
  const { snapshot, request } = planning;
  const plan = existing(live.content.plan.id);
  for (const { id } of live.content.buckets) planning.buckets.set(id, existing(id));
  for (const { id } of live.content.tasks) planning.tasks.set(id, existing(id));
  const liveTasks = new Map(live.content.tasks.map((record) => [record.id, record]));
  for (const record of planning.chosen) {
    const standing = liveTasks.get(record.id);
    if (standing) planning.wanted.set(record.id, keepingAssignees(planning, record, standing));
  }
  const comparable: SnapshotContent = { ...snapshot, comments: [], attachments: [], tasks: snapshot.tasks.map((record) => planning.wanted.get(record.id) ?? record) };
  const drift = diffPlans({ ...withoutExtras(live.content, snapshot), people: snapshot.people }, comparable);
  if (request.tasks === "all") revertPlan(planning, live, drift.plan);
  restoreBuckets(planning, live, plan, drift.buckets);
  restoreTasks(planning, live, plan, new Map(drift.tasks.filter(({ change }) => change === "changed").map((item) => [item.id, item])));
  const moved = drift.tasks.flatMap(({ id, fields }) => fields.flatMap(({ field }) => boardOf[field] ? [`${boardOf[field]} ${id}`] : []));
  arrangeBoards(planning, standingAfterwards(planning, live), new Set([...moved, ...returning(planning, liveTasks)]));
  warnAboutTwins(planning, live);
}

const boardOf: Partial<Record<FieldKey, string>> = { bucketBoardOrder: "bucket", progressBoardOrder: "progress", assignedToBoardOrder: "assignedTo" };

/** Tasks that come back into a column of a board: their place in it is not known from the drift. */
function returning({ wanted }: Planning, live: ReadonlyMap<string, TaskRecord>): string[] {
  return [...wanted].flatMap(([id, record]) => {
    const now = live.get(id);
    return now ? BOARDS.filter((board) => columnsOf(board, record.task).some((column) => !columnsOf(board, now.task).includes(column))).map((board) => `${board} ${id}`) : [];
  });
}

/** What is added to a task's lists since the snapshot is new: it stays and is not compared. Shared with read-back. */
export function withoutExtras(live: SnapshotContent, snapshot: SnapshotContent): SnapshotContent {
  const sources = new Map(snapshot.tasks.map((record) => [record.id, record]));
  const only = <T>(entries: Record<string, T> | undefined, known: Record<string, unknown> | undefined) =>
    Object.fromEntries(openEntries(entries).filter(([key]) => key in (known ?? {})));
  return {
    ...live,
    tasks: live.tasks.map((record) => {
      const source = sources.get(record.id)?.details;
      if (!record.details || !source) return record;
      return { ...record, details: { ...record.details, checklist: only(record.details.checklist, source.checklist), references: only(record.details.references, source.references) } };
    }),
  };
}

/** People who are assigned now stay assigned even when they could not be assigned anew. */
function keepingAssignees(planning: Planning, record: TaskRecord, standing: TaskRecord): TaskRecord {
  const now = new Set(assigneesOf(standing.task));
  const admitted = new Set(planning.assignees.of(record, now).ids);
  return withAssignees(record, assigneesOf(record.task).filter((id) => admitted.has(id)));
}

const shown = (fields: FieldChange[]): Operation["changes"] => fields.map(({ name, from, to }) => ({ field: name, from, to }));

function revertPlan({ draft, snapshot }: Planning, live: LivePlan, changes: FieldChange[]): void {
  const title = changes.filter(({ field }) => field === "title");
  const labels = changes.filter(({ field }) => field === "label");
  const source = snapshot.plan.id;
  if (title.length > 0) {
    draft.add("update_plan", { source, label: "Change the plan's title back", liveId: source, ifMatch: live.etags.plan, body: { title: snapshot.plan.title }, changes: shown(title) });
  }
  if (labels.length === 0) return;
  const wanted = snapshot.planDetails?.categoryDescriptions ?? {};
  const current = live.content.planDetails?.categoryDescriptions ?? {};
  const categories = [...new Set([...Object.keys(wanted), ...Object.keys(current)])].filter((category) => labelColour(category) && (wanted[category] || null) !== (current[category] || null));
  draft.add("update_plan_details", {
    source, label: `Change ${labels.length} label ${labels.length === 1 ? "name" : "names"} back`, liveId: source, ifMatch: live.etags.planDetails, changes: shown(labels),
    body: { categoryDescriptions: Object.fromEntries(categories.map((category) => [category, wanted[category] || null])) },
  });
}

/** Existing buckets are only reverted when the whole plan is restored; for chosen tasks, missing ones come back. */
function restoreBuckets(planning: Planning, live: LivePlan, plan: ReturnType<typeof existing>, drift: ItemDrift[]): void {
  const { draft, snapshot, request } = planning;
  const whole = request.tasks === "all";
  const needed = new Set(planning.chosen.map(({ task }) => task.bucketId));
  const hints = new Map(live.content.buckets.map((bucket) => [bucket.id, bucket.orderHint ?? ""]));
  const concerned = bucketsInOrder(snapshot.buckets).filter(({ id }) => whole || hints.has(id) || needed.has(id));
  const places = arrange(concerned.map(({ id }) => ({ id, hint: hints.get(id) ?? null, fixed: !whole })).map((item) => ({ ...item, fixed: item.fixed && item.hint !== null })));
  const changed = new Map(drift.filter(({ change }) => change === "changed").map((item) => [item.id, item]));
  for (const bucket of concerned) {
    const orderHint = places.get(bucket.id);
    if (!hints.has(bucket.id)) {
      createBucket(planning, plan, bucket, orderHint ?? " !");
      continue;
    }
    const renamed = changed.get(bucket.id)?.fields.some(({ field }) => field === "name") ?? false;
    if (!whole || (!renamed && !orderHint)) continue;
    draft.add("update_bucket", {
      source: bucket.id, label: `Revert bucket “${bucket.name}”`, liveId: bucket.id, ifMatch: live.etags.buckets[bucket.id], changes: shown(changed.get(bucket.id)?.fields ?? []),
      body: { ...(renamed ? { name: bucket.name } : {}), ...(orderHint ? { orderHint } : {}) },
    });
  }
}

function restoreTasks(planning: Planning, live: LivePlan, plan: ReturnType<typeof existing>, changed: Map<string, ItemDrift>): void {
  const chosen = new Set(planning.chosen.map(({ id }) => id));
  const standing = new Map(live.content.tasks.map((record) => [record.id, record]));
  const order = tasksInListOrder(planning.snapshot.tasks).filter(({ id }) => chosen.has(id) || standing.has(id));
  const places = arrange(order.map(({ id }) => ({ id, hint: standing.get(id)?.task.orderHint ?? null, fixed: !chosen.has(id) })));
  for (const record of planning.chosen) {
    const now = standing.get(record.id);
    const orderHint = places.get(record.id);
    if (!now) createTask(planning, plan, record, orderHint ?? " !");
    else revertTask(planning, live, planning.wanted.get(record.id) ?? record, now, changed.get(record.id), orderHint);
  }
}

const DETAIL_FIELDS = new Set<FieldKey>(["description", "previewType", "checklist", "references"]);

function revertTask(planning: Planning, live: LivePlan, wanted: TaskRecord, now: TaskRecord, drift: ItemDrift | undefined, orderHint: string | undefined): void {
  const fields = (drift?.fields ?? []).filter(({ field }) => !boardOf[field]);
  const ofTask = fields.filter(({ field }) => !DETAIL_FIELDS.has(field) && (field !== "order" || orderHint));
  const ofDetails = fields.filter(({ field }) => DETAIL_FIELDS.has(field));
  const bucket = planning.buckets.get(wanted.task.bucketId ?? "");
  const { joins } = planning.assignees.of(wanted, new Set(assigneesOf(now.task)));
  const body = taskBody(wanted, now, new Set(ofTask.map(({ field }) => field)), bucket?.id, orderHint);
  let previous: number | null = null;
  if (Object.keys(body).length > 0) {
    previous = planning.draft.add("update_task", {
      source: wanted.id, label: `Revert task “${now.task.title}”`, liveId: wanted.id, ifMatch: live.etags.tasks[wanted.id], after: [bucket?.seq],
      afterSettled: joins, body, changes: shown(ofTask),
    });
  }
  revertDetails(planning, live, wanted, now, ofDetails, previous);
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

function revertDetails(planning: Planning, live: LivePlan, wanted: TaskRecord, now: TaskRecord, changes: FieldChange[], previous: number | null): void {
  const { details } = wanted;
  if (!details || !now.details) return;
  const missing = new Set(planning.live.missingFiles);
  const lost = [...attachmentsByKey(planning.snapshot.attachments, wanted)].filter(([, file]) => missing.has(file.id));
  const uploads = new Map(lost.map(([key, file]) => [key, uploadFile(planning, file, [])]));
  const fields = new Set(changes.map(({ field }) => field));
  const references = fields.has("references") || uploads.size > 0 ? referenceChange(wanted, now, uploads) : {};
  const body: OperationBodies["update_task_details"] = {
    fields: {
      ...(fields.has("description") ? { description: details.description ?? "" } : {}),
      ...(fields.has("previewType") ? { previewType: details.previewType ?? "automatic" } : {}),
      ...(fields.has("checklist") ? { checklist: checklistChange(wanted, now) } : {}),
    },
    ...references,
  };
  if (Object.keys(body.fields).length === 0 && !body.references?.length) return;
  planning.draft.add("update_task_details", {
    source: wanted.id, label: `Revert notes, checklist and attachments of “${now.task.title}”`, liveId: wanted.id, ifMatch: live.etags.details[wanted.id],
    afterSettled: [...(previous === null ? [] : [previous]), ...uploads.values()], body,
    changes: [...shown(changes), ...lost.map(([, file]) => ({ field: "File", from: null, to: file.name }))],
  });
}

/** Items keep their keys in a task that exists, so that a second restore finds them. */
function checklistChange(wanted: TaskRecord, now: TaskRecord): Record<string, GraphObject> {
  const current = new Map(openEntries(now.details?.checklist));
  const items = checklistInOrder(wanted.details);
  const placed = arrange(items.map(({ key }) => ({ id: key, hint: current.get(key)?.orderHint ?? (current.has(key) ? "" : null) })));
  return Object.fromEntries(items.flatMap((item) => {
    const is = current.get(item.key);
    const same = is && (is.title ?? "") === (item.title ?? "") && (is.isChecked === true) === (item.isChecked === true);
    return same && !placed.has(item.key) ? [] : [[item.key, checklistItem(item.title ?? "", item.isChecked === true, placed.get(item.key))]];
  }));
}

function referenceChange(wanted: TaskRecord, now: TaskRecord, uploads: ReadonlyMap<string, number>): Pick<OperationBodies["update_task_details"], "references" | "removeReferences"> {
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
    removeReferences: [...uploads.keys()].filter((key) => current.has(key)),
  };
}

/** Tasks of the plan when the restore is done, as the snapshot orders them; new ones are nobody's business. */
function standingAfterwards(planning: Planning, live: LivePlan): TaskRecord[] {
  const now = new Map(live.content.tasks.map((record) => [record.id, record]));
  return planning.snapshot.tasks.flatMap((record) => {
    const wanted = planning.wanted.get(record.id);
    if (wanted) return [wanted];
    const stays = now.get(record.id);
    // Not chosen: stands in the columns where it is now, in the order of the snapshot.
    return stays ? [{ ...record, task: { ...record.task, bucketId: stays.task.bucketId, percentComplete: stays.task.percentComplete, assignments: stays.task.assignments } }] : [];
  });
}

function warnAboutTwins(planning: Planning, live: LivePlan): void {
  const known = new Set(planning.snapshot.tasks.map(({ id }) => id));
  const newTitles = new Set(live.content.tasks.filter(({ id }) => !known.has(id)).map(({ task }) => task.title));
  const twins = planning.chosen.filter(({ id, task }) => planning.created.has(id) && newTitles.has(task.title)).length;
  if (twins > 0) {
    planning.draft.warnings.push(`${twins === 1 ? "One task" : `${twins} tasks`} that would be created ${twins === 1 ? "has" : "have"} the same title as a task added to the plan later. You may get ${twins === 1 ? "it" : "them"} twice.`);
  }
}
