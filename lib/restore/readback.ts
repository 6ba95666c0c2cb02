/**
 * Read-back: the target is read again and compared, field by field, with what the restore plan promised. The report says
 * what is there, not what was sent.
 */
import type { GraphApi } from "@/lib/graph/types";
import { diffPlans, encodeReferenceKey, openEntries, type PlanDrift } from "@/lib/planner";
import type { SnapshotContent, TaskRecord } from "@/lib/planner/types";
import type { RestoreClock } from "./execution";
import type { Intent, Journal } from "./journal";
import { readLivePlan } from "./live";
import { withoutExtras } from "./plan/in-place";
import { withAssignees } from "./plan/creation";
import { Results } from "./resolve";
import type { Operation, OperationBodies, RestorePlan, RestoreReport, RestoreRequest } from "./types";

export interface ReadBackInput {
  graph: GraphApi;
  plan: RestorePlan;
  journal: Journal;
  snapshot: SnapshotContent;
  request: RestoreRequest;
  clock: RestoreClock;
  /** The person cancelled the run. */
  cancelled: boolean;
  /** Requests sent for this restore, for the report. */
  requests: number;
}

type Different = RestoreReport["itemsDifferent"][number];

/** New objects appear late in lists: what is missing is looked for again before it is called missing. */
const READINGS = 5;
const BETWEEN_READINGS_MS = 20_000;

export async function readBack(input: ReadBackInput): Promise<RestoreReport> {
  const { plan, journal, clock } = input;
  const { intents } = await journal.open(plan.operations);
  const bySeq = new Map(intents.map((intent) => [intent.seq, intent]));
  const planId = plan.planId ?? idOfNewPlan(plan, bySeq);
  const compared = planId === null ? { exact: 0, different: [] } : await compare(input, planId, bySeq);
  const listed = (state: Intent["state"]) => plan.operations.filter(({ seq }) => bySeq.get(seq)?.state === state)
    .map(({ seq, label }) => ({ seq, label, reason: bySeq.get(seq)?.problem ?? "" }));
  const failed = listed("failed");
  const skipped = listed("skipped");
  const unknown = listed("unknown");
  const incomplete = failed.length + skipped.length + unknown.length > 0 || listed("pending").length > 0;
  return {
    verdict: input.cancelled ? "cancelled" : incomplete ? "incomplete" : compared.different.length > 0 ? "different" : "exact",
    finishedAt: new Date(clock.now()).toISOString(),
    planId, itemsExact: compared.exact, itemsDifferent: compared.different, failed, skipped,
    created: createdObjects(plan, bySeq), changed: changedObjects(plan, bySeq), removed: removedObjects(plan, bySeq), inexact: plan.inexact,
    uncertain: [
      ...unknown.map(({ label }) => `${label}: Microsoft 365 did not say whether this was done.`),
      ...plan.operations.flatMap(({ seq, kind, label }) => (kind === "post_comment" && bySeq.get(seq)?.problem && bySeq.get(seq)?.state === "done" ? [`${label}: ${bySeq.get(seq)?.problem}`] : [])),
    ],
    requests: input.requests,
  };
}

function idOfNewPlan(plan: RestorePlan, intents: ReadonlyMap<number, Intent>): string | null {
  const operation = plan.operations.find(({ kind }) => kind === "create_plan");
  return operation ? (intents.get(operation.seq)?.remoteId ?? null) : null;
}

async function compare(input: ReadBackInput, planId: string, intents: Map<number, Intent>): Promise<{ exact: number; different: Different[] }> {
  const expected = expectation(input, intents);
  for (let reading = 1; ; reading += 1) {
    const [drift, comments] = [await planDrift(input, planId, intents, expected), await missingComments(input, intents)];
    const different = [...itemsOf(drift, expected), ...comments.missing];
    const missing = comments.missing.length > 0 || [...drift.buckets, ...drift.tasks].some(({ change }) => change === "removed");
    if (!missing || reading === READINGS) {
      const items = 1 + expected.buckets.length + expected.tasks.length + comments.total;
      return { exact: Math.max(0, items - different.length), different };
    }
    await input.clock.sleep(BETWEEN_READINGS_MS);
  }
}

/** The part of the snapshot that should be there now, as the plan promised it. */
function expectation({ plan, snapshot, request }: ReadBackInput, intents: ReadonlyMap<number, Intent>): SnapshotContent {
  const results = new Results(intents);
  const wasMade = (operation: Operation) => intents.get(operation.seq)?.state === "done";
  const given = (kind: Operation["kind"]) => new Map(plan.operations.filter((operation) => operation.kind === kind).map((operation) => [operation.source, operation]));
  const newTasks = given("create_task");
  const newBuckets = given("create_bucket");
  const chosen = new Set(plan.taskIds);
  const inPlace = plan.planId !== null;
  const there = (operations: Map<string, Operation>, id: string) => {
    const operation = operations.get(id);
    return operation ? wasMade(operation) : inPlace;
  };
  const addresses = newAddresses(plan, results);
  const whole = request.tasks === "all";
  return {
    ...snapshot, comments: [], attachments: [],
    plan: { ...snapshot.plan, title: plan.targetPlanTitle },
    buckets: snapshot.buckets.filter(({ id }) => (whole || newBuckets.has(id)) && there(newBuckets, id)),
    tasks: snapshot.tasks.filter(({ id }) => chosen.has(id) && there(newTasks, id)).map((record) => promised(record, plan, addresses)),
  };
}

/** Task id and old reference key -> new key, for files that were uploaded. */
function newAddresses(plan: RestorePlan, results: Results): Map<string, string> {
  const addresses = new Map<string, string>();
  for (const operation of plan.operations.filter(({ kind }) => kind === "update_task_details")) {
    for (const { url, otherwise } of (operation.body as OperationBodies["update_task_details"]).references ?? []) {
      const now = results.of(url);
      if (otherwise !== undefined && now !== null) addresses.set(`${operation.source} ${encodeReferenceKey(otherwise)}`, encodeReferenceKey(now));
    }
  }
  return addresses;
}

function promised(record: TaskRecord, plan: RestorePlan, addresses: ReadonlyMap<string, string>): TaskRecord {
  const ids = plan.reducedAssignees[record.id];
  const task = ids ? withAssignees(record, ids) : record;
  if (!task.details) return task;
  const references = Object.fromEntries(openEntries(task.details.references).map(([key, value]) => [addresses.get(`${record.id} ${key}`) ?? key, value]));
  return { ...task, details: { ...task.details, references } };
}

async function planDrift({ graph, plan }: ReadBackInput, planId: string, intents: ReadonlyMap<number, Intent>, expected: SnapshotContent): Promise<PlanDrift> {
  const live = (await readLivePlan(graph, planId)).content;
  const sources = new Map(plan.operations.flatMap(({ kind, seq, source }): [string, string][] => {
    const id = intents.get(seq)?.remoteId;
    return id && (kind === "create_bucket" || kind === "create_task") ? [[id, source]] : [];
  }));
  const source = (id: string) => sources.get(id) ?? id;
  const buckets = live.buckets.map((bucket) => ({ ...bucket, id: source(bucket.id) }));
  const tasks = live.tasks.map((record): TaskRecord => ({ ...record, id: source(record.id), task: { ...record.task, bucketId: record.task.bucketId ? source(record.task.bucketId) : null } }));
  const mine = new Set([...expected.buckets.map(({ id }) => id), ...expected.tasks.map(({ id }) => id)]);
  const found: SnapshotContent = {
    ...live, people: expected.people,
    buckets: buckets.filter(({ id }) => mine.has(id)),
    tasks: tasks.filter(({ id }) => mine.has(id)),
  };
  return diffPlans(expected, plan.planId === null ? found : withoutExtras(found, expected));
}

function itemsOf(drift: PlanDrift, expected: SnapshotContent): Different[] {
  const fields = (changes: { name: string; from: string | null; to: string | null }[]) => changes.map(({ name, from, to }) => ({ field: name, wanted: from, found: to }));
  const plan: Different[] = drift.plan.length > 0 ? [{ label: expected.plan.title, source: expected.plan.id, fields: fields(drift.plan) }] : [];
  return [
    ...plan,
    ...[...drift.buckets, ...drift.tasks].map((item): Different => ({
      label: item.label, source: item.id,
      fields: item.change === "removed" ? [{ field: item.kind === "task" ? "Task" : "Bucket", wanted: item.label, found: null }] : fields(item.fields),
    })),
  ];
}

/** Comments that were posted and do not show in their conversation. */
async function missingComments({ graph, plan }: ReadBackInput, intents: ReadonlyMap<number, Intent>): Promise<{ total: number; missing: Different[] }> {
  const results = new Results(intents);
  const posted = plan.operations.filter(({ kind, seq }) => kind === "post_comment" && intents.get(seq)?.state === "done");
  const threads = new Map<string, string>();
  const missing: Different[] = [];
  for (const operation of posted) {
    const { groupId, threadId, reference } = operation.body as OperationBodies["post_comment"];
    const thread = (threadId === undefined ? intents.get(operation.seq)?.remoteId : results.of(threadId)) ?? "";
    const text = threads.get(thread) ?? JSON.stringify((await graph.threadPosts(results.of(groupId) ?? "", thread)).map((post) => post.body ?? ""));
    threads.set(thread, text);
    if (!text.includes(reference)) missing.push({ label: operation.label, source: operation.source, fields: [{ field: "Comment", wanted: reference, found: null }] });
  }
  return { total: posted.length, missing };
}

const CREATED = { create_plan: "plan", create_bucket: "bucket", create_task: "task", post_comment: "comment", upload_file: "file", add_member: "member" } as const;

function createdObjects(plan: RestorePlan, intents: ReadonlyMap<number, Intent>): RestoreReport["created"] {
  return plan.operations.flatMap((operation) => {
    const kind = CREATED[operation.kind as keyof typeof CREATED];
    const intent = intents.get(operation.seq);
    if (!kind || intent?.state !== "done") return [];
    const named = kind === "member" ? operation.source : (operation.body as { reference?: string }).reference;
    return [{ kind, source: operation.source, id: intent.remoteId ?? named ?? "", label: operation.label }];
  });
}

function changedObjects(plan: RestorePlan, intents: ReadonlyMap<number, Intent>): RestoreReport["changed"] {
  return plan.operations.flatMap(({ seq, kind, liveId, label }) => (liveId !== undefined && !(kind in REMOVED) && intents.get(seq)?.state === "done" ? [{ kind, id: liveId, label }] : []));
}

const REMOVED = { delete_task: "task", delete_bucket: "bucket" } as const;

function removedObjects(plan: RestorePlan, intents: ReadonlyMap<number, Intent>): RestoreReport["removed"] {
  return plan.operations.flatMap(({ seq, kind, liveId, label }) => {
    const removed = REMOVED[kind as keyof typeof REMOVED];
    return removed && liveId !== undefined && intents.get(seq)?.state === "done" ? [{ kind: removed, id: liveId, label }] : [];
  });
}
