/** What a restore plan promised to be there when it is done. Pure. */
import { assigneesOf, encodeReferenceKey, type FieldKey, openEntries } from "@/lib/planner";
import type { GraphObject, PlannerTaskDetails, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { altered, type Changes } from "@/lib/repository/packed";
import type { Intent } from "./journal";
import { isOf } from "./plan/draft";
import { withPeople } from "./plan/people";
import type { Results } from "./resolve";
import type { OperationBodies, RestorePlan, RestoreRequest } from "./types";

export interface Expectation {
  /** The part of the snapshot that should be there, with the target's people, labels and addresses; ids of the snapshot. */
  content: SnapshotContent;
  /** Fields of the plan itself that are compared. */
  planFields: ReadonlySet<FieldKey>;
  /** Entries of lists of existing tasks that should be gone. */
  dropsEntry(taskId: string, key: string): boolean;
  /** Live ids that should be gone, with their labels. */
  gone: { id: string; kind: "Task" | "Bucket"; label: string }[];
}

interface Promised {
  plan: RestorePlan;
  snapshot: SnapshotContent;
  request: RestoreRequest;
  intents: ReadonlyMap<number, Intent>;
  results: Results;
}

export function expectationOf(promise: Promised): Expectation {
  const { plan, snapshot, request, intents } = promise;
  const done = plan.operations.filter(({ seq }) => intents.get(seq)?.state === "done");
  const bySource = (kind: "create_task" | "create_bucket") => new Map(plan.operations.filter(({ kind: one }) => one === kind).map((operation) => [operation.source, operation]));
  const [newTasks, newBuckets] = [bySource("create_task"), bySource("create_bucket")];
  const inPlace = plan.planId !== null && request.target.kind === "in_place";
  const there = (operations: ReturnType<typeof bySource>, id: string) => {
    const operation = operations.get(id);
    return operation ? intents.get(operation.seq)?.state === "done" : inPlace;
  };
  const chosen = new Set(plan.taskIds);
  const named = new Set(request.tasks === "all" && request.undoOf === undefined ? snapshot.buckets.map(({ id }) => id) : [...(request.buckets ?? []), ...done.filter(({ kind }) => kind === "update_bucket").map(({ source }) => source)]);
  const describe = described(promise);
  return {
    content: {
      ...snapshot, comments: [], attachments: [], plan: { ...snapshot.plan, title: plan.targetPlanTitle },
      buckets: snapshot.buckets.filter(({ id }) => (named.has(id) || newBuckets.has(id)) && there(newBuckets, id)),
      tasks: snapshot.tasks.filter(({ id }) => chosen.has(id) && there(newTasks, id)).map(describe),
    },
    planFields: planFields(promise),
    dropsEntry: droppedEntries(done.filter(isOf("update_task_details"))),
    gone: done.flatMap(({ kind, liveId, label }) => (liveId !== undefined && (kind === "delete_task" || kind === "delete_bucket") ? [{ id: liveId, kind: kind === "delete_task" ? "Task" as const : "Bucket" as const, label }] : [])),
  };
}

function planFields({ plan, request }: Promised): ReadonlySet<FieldKey> {
  const whole = request.tasks === "all" && request.undoOf === undefined;
  const archive: FieldKey[] = plan.extras && whole ? ["archived"] : [];
  if (request.target.kind === "existing_plan") return new Set();
  if (plan.planId === null) return new Set(["title", "label", ...archive]);
  const kinds = new Set(plan.operations.map(({ kind }) => kind));
  const touched: FieldKey[] = [...(kinds.has("update_plan") ? ["title" as const] : []), ...(kinds.has("update_plan_details") ? ["label" as const] : [])];
  return new Set(whole ? ["title", "label", ...archive] : touched);
}

/** A created task is as its requests said; one that exists is as the snapshot, with its people in the target. */
function described({ plan, results }: Promised): (record: TaskRecord) => TaskRecord {
  const created = new Map(plan.operations.filter(isOf("create_task")).map((operation) => [operation.source, operation]));
  const filled = new Map(plan.operations.filter(isOf("update_task_details")).map((operation) => [operation.source, operation]));
  const targets = new Map(plan.people.map(({ source, target }) => [source.id, target?.id]));
  const sent = ({ id }: TaskRecord): GraphObject | undefined => created.get(id)?.body;
  const peopled = (record: TaskRecord, body = sent(record)): TaskRecord => {
    const ids = body ? Object.keys((body.assignments as GraphObject | undefined) ?? {}) : plan.reducedAssignees[record.id];
    return ids ? withPeople(record, pairsOf(record, new Set(ids), targets)) : record;
  };
  const changes: Changes = {
    task: (record) => {
      const body = sent(record);
      const { task } = peopled(record, body);
      return body ? { ...task, appliedCategories: (body.appliedCategories as Record<string, boolean> | undefined) ?? {} } : task;
    },
    formats: (record) => peopled(record).formats,
    details: (record) => {
      const filling = filled.get(record.id)?.body;
      return filling ? readdressed(record, withNotes(record, filling), filling, results) : record.details;
    },
  };
  return (record) => altered(record, changes);
}

function pairsOf(record: TaskRecord, ids: Set<string>, targets: ReadonlyMap<string, string | undefined>): { source: string; target: string }[] {
  return assigneesOf(record.task).flatMap((source) => {
    const target = [source, targets.get(source)].find((id) => id !== undefined && ids.delete(id));
    return target === undefined ? [] : [{ source, target }];
  });
}

/** Notes may have got text that the snapshot does not have. */
function withNotes({ id, details }: TaskRecord, { fields }: OperationBodies["update_task_details"]): PlannerTaskDetails {
  const known: PlannerTaskDetails = { ...details, id };
  if (fields.notes !== undefined) return { ...known, notes: fields.notes as PlannerTaskDetails["notes"] };
  return fields.description === undefined ? known : { ...known, description: String(fields.description), notes: undefined };
}

/** References to files that were uploaded have their new address. */
function readdressed(record: TaskRecord, details: PlannerTaskDetails, { references }: OperationBodies["update_task_details"], results: Results): PlannerTaskDetails {
  const moved = new Map((references ?? []).flatMap(({ url, otherwise }): [string, string][] => {
    const now = results.of(url);
    return otherwise !== undefined && now !== null ? [[encodeReferenceKey(otherwise), encodeReferenceKey(now)]] : [];
  }));
  return { ...details, references: Object.fromEntries(openEntries(record.details?.references).map(([key, value]) => [moved.get(key) ?? key, value])) };
}

function droppedEntries(operations: { source: string; body: OperationBodies["update_task_details"] }[]): Expectation["dropsEntry"] {
  const dropped = new Set(operations.flatMap(({ source, body: { fields, removeReferences } }) => {
    const items = Object.entries((fields.checklist as Record<string, unknown> | undefined) ?? {}).flatMap(([key, value]) => (value === null ? [key] : []));
    return [...items, ...(removeReferences ?? [])].map((key) => `${source} ${key}`);
  }));
  return (taskId, key) => dropped.has(`${taskId} ${key}`);
}
