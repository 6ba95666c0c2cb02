/** In place: recreate what is gone, revert what changed, and remove what is new if it was asked for. */
import { arrange, assigneesOf, BOARDS, bucketsInOrder, columnsOf, diffSteps, fieldName, type FieldChange, type FieldKey, type ItemDrift, labelColour, openEntries, progressOf, requiredItems, type Steps, TASKS_IN_STEP, tasksInListOrder } from "@/lib/planner";
import type { GraphObject, PlannerTask, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { altered } from "@/lib/repository/packed";
import type { LivePlan } from "../live";
import type { Operation } from "../types";
import { arrangeBoards } from "./boards";
import type { Choice } from "./choice";
import type { Planning } from "./context";
import { createBucket, createTask } from "./creation";
import { existing } from "./draft";
import { BOARD_FIELDS, takingFields } from "./fields";
import { withPeople } from "./people";
import { removeAdded } from "./removal";
import { revertTask } from "./revert";

export function* restoreInPlace(planning: Planning, live: LivePlan): Steps<void> {
  const { snapshot, choice, chosen, wanted } = planning;
  const plan = existing(live.content.plan.id);
  for (const { id } of live.content.buckets) planning.buckets.set(id, existing(id));
  for (const { id } of live.content.tasks) planning.tasks.set(id, existing(id));
  const liveTasks = new Map(live.content.tasks.map((record) => [record.id, record]));
  for (const [index, record] of chosen.entries()) {
    if (index % TASKS_IN_STEP === 0) yield;
    const standing = liveTasks.get(record.id);
    if (!standing) continue;
    const will = takingFields(keepingAssignees(planning, record, standing), standing, (field) => choice.takes(record.id, field));
    wanted.set(record.id, will);
    planning.impossible.set(record.id, impossibleAlone(record, will));
  }
  const comparable: SnapshotContent = { ...snapshot, comments: [], attachments: [], tasks: snapshot.tasks.map((record) => wanted.get(record.id) ?? record) };
  const drift = yield* diffSteps({ ...withoutExtras(live.content, snapshot, choice), people: snapshot.people }, comparable);
  revertPlan(planning, live, drift.plan);
  restoreBuckets(planning, live, plan, drift.buckets);
  yield* restoreTasks(planning, live, plan, new Map(drift.tasks.filter(({ change }) => change === "changed").map((item) => [item.id, item])));
  const removed = removeAdded(planning, live);
  const moved = drift.tasks.flatMap(({ id, fields }) => fields.flatMap(({ field }) => BOARDS.filter((board) => BOARD_FIELDS[board] === field).map((board) => `${board} ${id}`)));
  yield* arrangeBoards(planning, standingAfterwards(planning, live), new Set([...moved, ...returning(planning, liveTasks)]));
  warnAboutTwins(planning, live.content.tasks.filter(({ id }) => !removed.has(id)));
}

/** Fields that mean nothing without another one that is not taken: only an item that is there can be required, and a completed task does not repeat. */
function impossibleAlone(record: TaskRecord, will: TaskRecord): FieldKey[] {
  const completed = ({ task }: TaskRecord) => progressOf(task.percentComplete) === "completed";
  return [
    ...((requiredItems(will.details)?.length ?? 0) < (requiredItems(record.details)?.length ?? 0) ? ["required" as const] : []),
    ...(completed(record) === completed(will) ? [] : ["recurrence" as const]),
  ];
}

/** Tasks that come back into a column of a board: their place in it is not known from the drift. */
function returning({ wanted }: Planning, live: ReadonlyMap<string, TaskRecord>): string[] {
  return [...wanted].flatMap(([id, record]) => {
    const now = live.get(id);
    return now ? BOARDS.filter((board) => columnsOf(board, record.task).some((column) => !columnsOf(board, now.task).includes(column))).map((board) => `${board} ${id}`) : [];
  });
}

/** What is added to a task's lists since the snapshot and stays is not compared. Shared with read-back. */
export function withoutExtras(live: SnapshotContent, snapshot: SnapshotContent, { dropsEntry }: Pick<Choice, "dropsEntry">): SnapshotContent {
  const sources = new Map(snapshot.tasks.map((record) => [record.id, record]));
  const only = <T>(id: string, entries: Record<string, T> | undefined, known: Record<string, unknown> | undefined) =>
    Object.fromEntries(openEntries(entries).filter(([key]) => key in (known ?? {}) || dropsEntry(id, key)));
  const details = ({ id, details: is }: TaskRecord) => {
    const was = sources.get(id)?.details;
    return is && was ? { ...is, checklist: only(id, is.checklist, was.checklist), references: only(id, is.references, was.references) } : is;
  };
  return { ...live, tasks: live.tasks.map((record) => altered(record, { details })) };
}

/** People who are assigned now stay assigned even when they could not be assigned anew. */
function keepingAssignees(planning: Planning, record: TaskRecord, standing: TaskRecord): TaskRecord {
  return planning.choice.takes(record.id, "assignees") ? withPeople(record, planning.assignees.of(record, new Set(assigneesOf(standing.task))).pairs) : record;
}

export const shown = (fields: FieldChange[]): Operation["changes"] => fields.map(({ name, from, to }) => ({ field: name, from, to }));

function revertPlan({ draft, snapshot, choice }: Planning, live: LivePlan, changes: FieldChange[]): void {
  const of = (field: FieldKey) => changes.filter((change) => change.field === field && choice.plan.has(field));
  const [title, labels] = [of("title"), of("label")];
  const source = snapshot.plan.id;
  if (title.length > 0) {
    draft.add("update_plan", { source, label: "Change the plan's title back", liveId: source, ...asSeen(live, live.etags.plan, live.content.plan, ["title"]), body: { title: snapshot.plan.title }, changes: shown(title) });
  }
  if (labels.length === 0) return;
  const wanted = snapshot.planDetails?.categoryDescriptions ?? {};
  const current = live.content.planDetails?.categoryDescriptions ?? {};
  const categories = [...new Set([...Object.keys(wanted), ...Object.keys(current)])].filter((category) => labelColour(category) && (wanted[category] || null) !== (current[category] || null));
  draft.add("update_plan_details", {
    source, label: `Change ${labels.length} label ${labels.length === 1 ? "name" : "names"} back`, liveId: source, ...asSeen(live, live.etags.planDetails, { ...live.content.planDetails }, ["categoryDescriptions"]), changes: shown(labels),
    body: { categoryDescriptions: Object.fromEntries(categories.map((category) => [category, wanted[category] || null])) },
  });
}

/**
 * How an operation knows that what it changes is as the person saw it: by its etag; or by what the properties with these names
 * were, because etags change when a plan is taken out of the archive, and when `another` operation changes the object before.
 */
export function asSeen(live: LivePlan, ifMatch: string | undefined, object: object, names: readonly string[], another = false): Pick<Operation, "ifMatch" | "was"> {
  if (another || live.content.plan.isArchived === true) return { was: Object.fromEntries(names.map((name) => [name, (object as GraphObject)[name] ?? null])) };
  return ifMatch === undefined ? {} : { ifMatch };
}

/** Buckets that are there are only reverted when they are chosen; those that a task needs come back. */
function restoreBuckets(planning: Planning, live: LivePlan, plan: ReturnType<typeof existing>, drift: ItemDrift[]): void {
  const { draft, snapshot, choice, chosen, wanted } = planning;
  const needed = new Set(chosen.map((record) => (wanted.get(record.id) ?? record).task.bucketId));
  const hints = new Map(live.content.buckets.map((bucket) => [bucket.id, bucket.orderHint ?? ""]));
  const concerned = bucketsInOrder(snapshot.buckets).filter(({ id }) => hints.has(id) || choice.buckets.has(id) || needed.has(id));
  const places = arrange(concerned.map(({ id }) => ({ id, hint: hints.get(id) ?? null, fixed: hints.has(id) && !choice.buckets.has(id) })));
  const changed = new Map(drift.filter(({ change }) => change === "changed").map((item) => [item.id, item]));
  for (const bucket of concerned) {
    const orderHint = places.get(bucket.id);
    if (!hints.has(bucket.id)) {
      createBucket(planning, plan, bucket, orderHint ?? " !");
      continue;
    }
    const changes = (changed.get(bucket.id)?.fields ?? []).filter(({ field }) => field === "name" || orderHint !== undefined);
    const fields = orderHint ? withMove(changes, bucketsInOrder(live.content.buckets), concerned, bucket.id) : changes;
    const renamed = fields.some(({ field }) => field === "name");
    if (!choice.buckets.has(bucket.id) || (!renamed && !orderHint)) continue;
    draft.add("update_bucket", {
      source: bucket.id, label: `Revert bucket “${bucket.name}”`, liveId: bucket.id, ...asSeen(live, live.etags.buckets[bucket.id], live.content.buckets.find(({ id }) => id === bucket.id)!, ["name"]), changes: shown(fields),
      body: { ...(renamed ? { name: bucket.name } : {}), ...(orderHint ? { orderHint } : {}) },
    });
  }
}

function* restoreTasks(planning: Planning, live: LivePlan, plan: ReturnType<typeof existing>, changed: Map<string, ItemDrift>): Steps<void> {
  const { choice, chosen } = planning;
  const ids = new Set(chosen.map(({ id }) => id));
  const standing = new Map(live.content.tasks.map((record) => [record.id, record]));
  const order = tasksInListOrder(planning.snapshot.tasks).filter(({ id }) => ids.has(id) || standing.has(id));
  const places = arrange(order.map(({ id }) => ({ id, hint: standing.get(id)?.task.orderHint ?? null, fixed: standing.has(id) && !(ids.has(id) && choice.takes(id, "order")) })));
  const orderNow = tasksInListOrder(live.content.tasks);
  for (const [index, record] of chosen.entries()) {
    if (index % TASKS_IN_STEP === 0) yield;
    const now = standing.get(record.id);
    const orderHint = places.get(record.id);
    if (!now) {
      createTask(planning, plan, record, orderHint ?? " !");
      continue;
    }
    const changes = (changed.get(record.id)?.fields ?? []).filter(({ field }) => choice.takes(record.id, field));
    const fields = orderHint ? withMove(changes, orderNow, order, record.id) : changes;
    revertTask(planning, live, { wanted: planning.wanted.get(record.id) ?? record, now, fields, orderHint });
  }
}

/** An order can be mended by moving one item or another: what is moved is shown, whichever the drift names. */
function withMove(changes: FieldChange[], now: readonly { id: string }[], then: readonly { id: string }[], id: string): FieldChange[] {
  if (changes.some(({ field }) => field === "order")) return changes;
  const place = (items: readonly { id: string }[]) => `${items.findIndex((item) => item.id === id) + 1} of ${items.length}`;
  return [...changes, { field: "order", name: fieldName("order"), from: place(now), to: place(then) }];
}

/** Tasks of the plan when the restore is done, as the snapshot orders them; new ones are nobody's business. */
function standingAfterwards(planning: Planning, live: LivePlan): TaskRecord[] {
  const now = new Map(live.content.tasks.map((record) => [record.id, record]));
  return planning.snapshot.tasks.flatMap((record) => {
    const wanted = planning.wanted.get(record.id);
    if (wanted) return [wanted];
    const stays = now.get(record.id);
    // Not chosen: stands in the columns where it is now, in the order of the snapshot.
    return stays ? [altered(record, { task({ task }) { return withPlaces(task, stays.task); } })] : [];
  });
}

const withPlaces = (task: PlannerTask, { bucketId, percentComplete, assignments }: PlannerTask): PlannerTask => ({ ...task, bucketId, percentComplete, assignments });

/** Shared with a restore into a plan that exists. */
export function warnAboutTwins(planning: Planning, live: TaskRecord[]): void {
  const known = planning.request.target.kind === "in_place" ? new Set(planning.snapshot.tasks.map(({ id }) => id)) : new Set<string>();
  const titles = new Set(live.filter(({ id }) => !known.has(id)).map(({ task }) => task.title));
  const twins = planning.chosen.filter(({ id, task }) => planning.created.has(id) && titles.has(task.title)).length;
  if (twins > 0) {
    planning.draft.warnings.push(`${twins === 1 ? "One task" : `${twins} tasks`} that would be created ${twins === 1 ? "has" : "have"} the same title as a task that is in the plan. You may get ${twins === 1 ? "it" : "them"} twice.`);
  }
}
