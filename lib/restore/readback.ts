/**
 * Read-back: the target is read again and compared, field by field, with what the restore plan promised. The report says
 * what is there, not what was sent.
 */
import { isPlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import { diffPlans, diffSteps, type FieldKey, type ItemDrift, type PlanDrift } from "@/lib/planner";
import type { GraphObject, PlannerTask, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { altered } from "@/lib/repository/packed";
import { inTurns } from "@/lib/repository/parallel";
import type { Repository } from "@/lib/repository/types";
import type { RestoreClock } from "./execution";
import { type Expectation, expectationOf } from "./expectation";
import { bucketFingerprint } from "./fingerprint";
import { type Different, inspectAround } from "./inspect";
import type { Intent, Journal } from "./journal";
import { comparedOnly, readLivePlan } from "./live";
import { isOf } from "./plan/draft";
import { BOARD_FIELDS } from "./plan/fields";
import { withoutExtras } from "./plan/in-place";
import { sentBody, withoutJoining } from "./reconcile";
import { Results } from "./resolve";
import type { SweepReport } from "./sweep";
import type { RestorePlan, RestoreReport, RestoreRequest } from "./types";

export interface ConfirmedInput {
  plan: RestorePlan;
  journal: Journal;
  clock: RestoreClock;
  /** The person cancelled the run. */
  cancelled: boolean;
  /** Requests sent for this restore, for the report. */
  requests: number;
}

export interface ReadBackInput extends ConfirmedInput {
  graph: GraphApi;
  repository: Pick<Repository, "readFile">;
  snapshot: SnapshotContent;
  request: RestoreRequest;
}

/** New objects appear late in lists: what is missing is looked for again before it is called missing. */
const READINGS = 5;
const BETWEEN_READINGS_MS = 20_000;
const THINGS = new Set(["Plan", "Bucket", "Task", "Comment", "File", "Member", "Owner"]);

export async function readBack(input: ReadBackInput): Promise<RestoreReport> {
  const bySeq = await intentsOf(input);
  return reportOf(input, bySeq, await compare(input, planIdOf(input.plan, bySeq), bySeq));
}

/** The report when the sweep has removed what was there in addition. */
export function sweptReport(report: RestoreReport, { removed, reported }: SweepReport): RestoreReport {
  const gone = new Set(removed.map(({ id }) => id));
  const itemsDifferent = report.itemsDifferent.filter(({ source }) => !gone.has(source));
  return {
    ...report, itemsDifferent, itemsExact: report.itemsExact + report.itemsDifferent.length - itemsDifferent.length,
    verdict: report.verdict === "different" && itemsDifferent.length === 0 ? "exact" : report.verdict,
    swept: [...(report.swept ?? []), ...removed], uncertain: [...new Set([...report.uncertain, ...reported])],
  };
}

/** The report of a target that cannot be read at the moment: what Microsoft 365 confirmed, as the journal has it. */
export async function confirmedReport(input: ConfirmedInput): Promise<RestoreReport> {
  return reportOf(input, await intentsOf(input), null);
}

async function intentsOf({ journal, plan }: ConfirmedInput): Promise<ReadonlyMap<number, Intent>> {
  const { intents } = await journal.open(plan.operations);
  return new Map(intents.map((intent) => [intent.seq, intent]));
}

interface Compared { exact: number; different: Different[] }

function reportOf({ plan, clock, cancelled, requests }: ConfirmedInput, bySeq: ReadonlyMap<number, Intent>, compared: Compared | null): RestoreReport {
  const listed = (state: Intent["state"]) => plan.operations.filter(({ seq }) => bySeq.get(seq)?.state === state)
    .map(({ seq, label }) => ({ seq, label, reason: bySeq.get(seq)?.problem ?? "" }));
  const failed = listed("failed");
  const notBegun = listed("pending").map((one) => ({ ...one, reason: cancelled ? "Cancelled before it was begun." : "Not begun." }));
  const skipped = [...listed("skipped"), ...notBegun].sort((a, b) => a.seq - b.seq);
  const unknown = listed("unknown");
  const incomplete = compared === null || failed.length + skipped.length + unknown.length > 0;
  return {
    verdict: cancelled ? "cancelled" : incomplete ? "incomplete" : compared.different.length > 0 ? "different" : "exact",
    finishedAt: new Date(clock.now()).toISOString(),
    planId: planIdOf(plan, bySeq), itemsExact: compared?.exact ?? 0, itemsDifferent: compared?.different ?? [], failed, skipped,
    created: createdObjects(plan, bySeq), changed: changedObjects(plan, bySeq), removed: removedObjects(plan, bySeq), inexact: plan.inexact,
    uncertain: [
      ...(compared === null ? ["The target could not be read back. What is listed is what Microsoft 365 confirmed."] : []),
      ...unknown.map(({ label }) => `${label}: Microsoft 365 did not say whether this was done.`),
      ...plan.operations.flatMap(({ seq, kind, label }) => (kind === "post_comment" && bySeq.get(seq)?.problem && bySeq.get(seq)?.state === "done" ? [`${label}: ${bySeq.get(seq)?.problem}`] : [])),
    ],
    requests,
  };
}

function planIdOf(plan: RestorePlan, intents: ReadonlyMap<number, Intent>): string | null {
  const operation = plan.operations.find(({ kind }) => kind === "create_plan");
  return plan.planId ?? (operation ? (intents.get(operation.seq)?.remoteId ?? null) : null);
}

async function compare(input: ReadBackInput, planId: string | null, intents: ReadonlyMap<number, Intent>): Promise<Compared> {
  const { plan, snapshot, request, graph, repository } = input;
  const results = new Results(intents);
  const expected = expectationOf({ plan, snapshot, request, intents, results });
  const done = plan.operations.filter(({ seq }) => intents.get(seq)?.state === "done");
  const items = planId === null ? 0 : 1 + expected.content.buckets.length + expected.content.tasks.length + expected.gone.length;
  for (let reading = 1; ; reading += 1) {
    const inPlan = planId === null ? [] : await comparePlan(input, planId, intents, expected);
    const around = await inspectAround({ graph, repository, results, attachments: snapshot.attachments, done, drill: request.drill === true });
    const different = [...inPlan, ...around.different];
    const missing = different.some(({ fields }) => fields.some(({ field, wanted, found }) => THINGS.has(field) && (wanted === null) !== (found === null)));
    if (!missing || reading === READINGS) return { exact: items + around.total - different.length, different };
    await input.clock.sleep(BETWEEN_READINGS_MS);
  }
}

async function comparePlan({ graph, plan }: ReadBackInput, planId: string, intents: ReadonlyMap<number, Intent>, expected: Expectation): Promise<Different[]> {
  const live = await readLivePlan(graph, planId, plan.extras, comparedOnly).then(({ content }) => content, (error: unknown) => {
    if (isPlanbackError(error, "graph_not_found")) return null;
    throw error;
  });
  const { content } = expected;
  if (!live) {
    const lost = [...content.buckets.map(({ id, name }) => absent("Bucket", id, name)), ...content.tasks.map(({ id, task }) => absent("Task", id, task.title))];
    return [absent("Plan", content.plan.id, content.plan.title), ...lost];
  }
  const found = underOldIds(live, plan, intents, content);
  const drift = await inTurns(diffSteps(content, plan.planId === null ? found : withoutExtras(found, content, expected)));
  const standing = new Set([...live.tasks, ...live.buckets].map(({ id }) => id));
  const stayed = expected.gone.filter(({ id }) => standing.has(id)).map(({ id, kind, label }): Different => ({ label, source: id, fields: [{ field: kind, wanted: null, found: "still there" }] }));
  const fields = drift.plan.filter(({ field }) => expected.planFields.has(field));
  return [
    ...(fields.length > 0 ? [{ label: content.plan.title, source: content.plan.id, fields: asFields(fields) }] : []),
    ...[...drift.buckets, ...withoutLeft(drift.tasks, content, found, plan)].map((item) => (item.change === "removed" ? absent(item.kind === "task" ? "Task" : "Bucket", item.id, item.label) : { label: item.label, source: item.id, fields: asFields(item.fields) })),
    ...stayed,
    ...inAddition(live, plan, intents),
  ];
}

/** In a plan that this restore made: what is like something that it made, and is not in its journal. The sweep removes it if it may. */
function inAddition(live: SnapshotContent, plan: RestorePlan, intents: ReadonlyMap<number, Intent>): Different[] {
  if (plan.planId !== null) return [];
  const results = new Results(intents);
  const made = new Set([...intents.values()].map(({ remoteId }) => remoteId));
  const isStranger = ({ id }: { id: string }) => !made.has(id);
  const like = (kind: "create_bucket" | "create_task", field: string, strangers: { id: string; object: GraphObject; label: string }[], fingerprint: (object: GraphObject) => string) => {
    const sent = strangers.length === 0 ? [] : plan.operations.filter((operation) => operation.kind === kind && (intents.get(operation.seq)?.attempt ?? 0) > 0);
    const prints = (isMeant: (state: Intent["state"]) => boolean) => new Set(sent.filter(({ seq }) => isMeant(intents.get(seq)!.state)).map((operation) => fingerprint(sentBody(operation, plan, results))));
    const [ours, doubtful] = [prints((state) => state === "done"), prints((state) => state === "unknown")];
    return strangers.filter(({ object }) => ours.has(fingerprint(object)) && !doubtful.has(fingerprint(object)))
      .map(({ id, label }): Different => ({ label, source: id, fields: [{ field, wanted: null, found: "there in addition" }] }));
  };
  return [
    ...like("create_bucket", "Bucket", live.buckets.filter(isStranger).map((bucket) => ({ id: bucket.id, object: { ...bucket }, label: bucket.name })), bucketFingerprint),
    ...like("create_task", "Task", live.tasks.filter(isStranger).map(({ id, task }) => ({ id, object: { ...task }, label: task.title })), withoutJoining(plan)),
  ];
}

const absent = (field: string, source: string, label: string): Different => ({ label, source, fields: [{ field, wanted: label, found: null }] });
const asFields = (changes: PlanDrift["plan"]): Different["fields"] => changes.map(({ name, from, to }) => ({ field: name, wanted: from, found: to }));

/** The live plan with what the restore created under the ids of the snapshot, and nothing that is not expected. */
function underOldIds(live: SnapshotContent, plan: RestorePlan, intents: ReadonlyMap<number, Intent>, expected: SnapshotContent): SnapshotContent {
  const buckets = new Map(expected.tasks.map(({ id, task }) => [id, task.bucketId]));
  const reused = plan.operations.filter(isOf("create_task")).flatMap(({ source, body }): [string, string][] => {
    const bucketId = buckets.get(source);
    return typeof body.bucketId === "string" && bucketId ? [[body.bucketId, bucketId]] : [];
  });
  const made = plan.operations.flatMap(({ kind, seq, source }): [string, string][] => {
    const id = intents.get(seq)?.remoteId;
    return id && (kind === "create_bucket" || kind === "create_task") ? [[id, source]] : [];
  });
  const sources = new Map([...reused, ...made]);
  const source = (id: string) => sources.get(id) ?? id;
  const task = ({ task: one }: TaskRecord): PlannerTask => ({ ...one, bucketId: one.bucketId ? source(one.bucketId) : null });
  const mine = new Set([...expected.buckets.map(({ id }) => id), ...expected.tasks.map(({ id }) => id)]);
  return {
    ...live, people: expected.people,
    buckets: live.buckets.map((bucket) => ({ ...bucket, id: source(bucket.id) })).filter(({ id }) => mine.has(id)),
    tasks: live.tasks.map((record) => altered(record, { task }, source(record.id))).filter(({ id }) => mine.has(id)),
  };
}

const ORDERS: ReadonlySet<FieldKey> = new Set<FieldKey>(["order", ...Object.values(BOARD_FIELDS)]);

/** Fields that the plan leaves as they are do not count; tasks whose place was not asked for say nothing about the order of others. */
function withoutLeft(tasks: ItemDrift[], wanted: SnapshotContent, found: SnapshotContent, { left }: RestorePlan): ItemDrift[] {
  if (Object.keys(left).length === 0) return tasks;
  const placed = ({ id }: TaskRecord) => !left[id]?.some((field) => ORDERS.has(field));
  const orders = new Map(diffPlans({ ...wanted, tasks: wanted.tasks.filter(placed) }, { ...found, tasks: found.tasks.filter(placed) }).tasks.map((item) => [item.id, item.fields.filter(({ field }) => ORDERS.has(field))]));
  return tasks.flatMap((item) => {
    if (item.change !== "changed") return [item];
    const fields = [...item.fields.filter(({ field }) => !ORDERS.has(field) && !left[item.id]?.includes(field)), ...(orders.get(item.id) ?? [])];
    return fields.length > 0 ? [{ ...item, fields }] : [];
  });
}

const CREATED = { create_group: "group", create_plan: "plan", create_bucket: "bucket", create_task: "task", post_comment: "comment", upload_file: "file", add_member: "member" } as const;

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
