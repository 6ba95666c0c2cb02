/**
 * Looks for creates whose outcome nobody knows. A container is listed completely; what the journal or any other restore
 * holds, what was there before and what others made is put aside; the rest is paired by fingerprint, each object once.
 */
import { isPlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import type { GraphObject } from "@/lib/planner/types";
import { bucketFingerprint, type Candidate, madeByUs, match, planFingerprint, type Sought, taskFingerprint } from "./fingerprint";
import type { Journal } from "./journal";
import { type Results, taskBody } from "./resolve";
import type { Operation, OperationBodies, RestorePlan } from "./types";

export interface Looking {
  graph: GraphApi;
  plan: RestorePlan;
  journal: Journal;
  results: Results;
  accountId: string;
  startedAt: number;
}

export interface Found {
  seq: number;
  remoteId: string | null;
  etag: string | null;
  /** It was sent before somebody became a member, and is there without them. */
  lacksPeople?: boolean;
}

/** Finds what exists of the parked operations; those not returned were not in the listing. */
export async function lookFor(looking: Looking, parked: readonly Operation[]): Promise<Found[]> {
  const of = (kind: Operation["kind"]) => parked.filter((operation) => operation.kind === kind);
  const found: Found[] = [];
  found.push(...(await lookForPlans(looking, of("create_plan"))));
  for (const [planId, operations] of byContainer(looking, of("create_bucket"))) {
    found.push(...(await pair(looking, operations, await looking.graph.buckets(planId), looking.plan.existing.bucketIds, bucketFingerprint)));
  }
  for (const [planId, operations] of byContainer(looking, of("create_task"))) {
    found.push(...(await pairTasks(looking, operations, await looking.graph.tasks(planId))));
  }
  found.push(...(await lookForComments(looking, of("post_comment"))));
  return found;
}

/** What was sent for a create, for comparison with what is there. */
export function sentBody(operation: Operation, plan: RestorePlan, results: Results): GraphObject {
  return operation.kind === "create_task" ? taskBody(operation, plan.operations, results).body : results.body(operation.body);
}

async function pairTasks(looking: Looking, operations: Operation[], listed: GraphObject[]): Promise<Found[]> {
  const { plan } = looking;
  const found = await pair(looking, operations, listed, plan.existing.taskIds, taskFingerprint);
  const paired = new Set(found.map(({ seq }) => seq));
  const joining = operations.filter(({ seq, afterSettled }) => !paired.has(seq) && afterSettled?.some((one) => plan.operations[one]?.kind === "add_member"));
  if (joining.length === 0) return found;
  const held = new Set(found.map(({ remoteId }) => remoteId));
  const lacking = await pair(looking, joining, listed.filter(({ id }) => !held.has(String(id))), plan.existing.taskIds, withoutJoining(plan));
  return [...found, ...lacking.map((one) => ({ ...one, lacksPeople: true }))];
}

/** The fingerprint of a task without those whom this restore makes members: it may have been sent before they were. */
export function withoutJoining({ operations }: RestorePlan): (task: GraphObject) => string {
  const joining = new Set(operations.flatMap(({ kind, source }) => (kind === "add_member" ? [source] : [])));
  return (task) => {
    const assignments = Object.entries((task.assignments as GraphObject | null | undefined) ?? {}).filter(([id]) => !joining.has(id));
    return taskFingerprint({ ...task, assignments: Object.fromEntries(assignments) });
  };
}

function byContainer({ results, plan }: Looking, operations: Operation[]): Map<string, Operation[]> {
  const containers = new Map<string, Operation[]>();
  for (const operation of operations) {
    const planId = String(sentBody(operation, plan, results).planId);
    containers.set(planId, [...(containers.get(planId) ?? []), operation]);
  }
  return containers;
}

async function pair(looking: Looking, operations: Operation[], listed: GraphObject[], existing: string[], fingerprint: (object: GraphObject) => string): Promise<Found[]> {
  const before = new Set(existing);
  const possible = listed.filter((object) => !before.has(String(object.id)) && madeByUs(object, looking.accountId, looking.startedAt));
  const claimed = await looking.journal.claimed(possible.map(({ id }) => String(id)));
  const candidates = possible.filter(({ id }) => !claimed.has(String(id))).map((object): Candidate => ({ id: String(object.id), etag: String(object["@odata.etag"] ?? ""), object }));
  const sought = operations.map((operation): Sought => ({ seq: operation.seq, body: sentBody(operation, looking.plan, looking.results) }));
  return [...match(sought, candidates, fingerprint)].map(([seq, candidate]) => ({ seq, remoteId: candidate.id, etag: candidate.etag }));
}

/** The group that a plan is created in; it may have been made by the same restore. */
export const groupOf = ({ body }: Operation, results: Results): string => results.of((body as OperationBodies["create_plan"]).groupId) ?? "";

/** A plan is only adopted while it is empty: ours cannot hold anything before we know its id. */
async function lookForPlans(looking: Looking, operations: Operation[]): Promise<Found[]> {
  const empty: Found[] = [];
  for (const operation of operations) {
    const listed = await looking.graph.plansOfGroup(groupOf(operation, looking.results));
    const found = await pair(looking, [operation], listed, looking.plan.existing.planIds, planFingerprint);
    for (const one of found) if ((await looking.graph.tasks(one.remoteId ?? "")).length === 0) empty.push(one);
  }
  return empty;
}

/** Comments have no id in the answer; the reference in their text finds them. */
async function lookForComments(looking: Looking, operations: Operation[]): Promise<Found[]> {
  const found: Found[] = [];
  const threads = new Map<string, string[]>();
  for (const operation of operations) {
    const { groupId, threadId, reference } = operation.body as OperationBodies["post_comment"];
    if (threadId === undefined) {
      const id = await findThread(looking.graph, looking.results.of(groupId) ?? "", operation);
      if (id !== null) found.push({ seq: operation.seq, remoteId: id, etag: null });
      continue;
    }
    const thread = looking.results.of(threadId) ?? "";
    const texts = threads.get(thread) ?? (await looking.graph.threadPosts(looking.results.of(groupId) ?? "", thread)).map((post) => JSON.stringify(post.body ?? ""));
    threads.set(thread, texts);
    if (texts.some((text) => text.includes(reference))) found.push({ seq: operation.seq, remoteId: null, etag: null });
  }
  return found;
}

/** https://learn.microsoft.com/graph/api/group-list-threads; only threads with our topic are opened. */
async function findThread(graph: GraphApi, groupId: string, operation: Operation): Promise<string | null> {
  const { topic, reference } = operation.body as OperationBodies["post_comment"];
  let url: string | null = `/groups/${encodeURIComponent(groupId)}/threads`;
  while (url !== null) {
    const [answer] = await graph.batchGet([{ id: "threads", url }]);
    if (!answer || answer.error) return null; // cannot be looked up: counted as uncertain when it is sent again
    const page = answer.body as { value?: GraphObject[]; "@odata.nextLink"?: string };
    for (const thread of (page.value ?? []).filter((one) => one.topic === topic)) {
      const posts = await graph.threadPosts(groupId, String(thread.id)).catch((error: unknown) => {
        if (isPlanbackError(error, "graph_not_found")) return [];
        throw error;
      });
      if (posts.some((post) => JSON.stringify(post.body ?? "").includes(reference))) return String(thread.id);
    }
    url = nextPath(page["@odata.nextLink"]);
  }
  return null;
}

/** The path below the version of a nextLink: requests of a batch are relative. */
function nextPath(link: string | undefined): string | null {
  if (!link) return null;
  const { pathname, search } = new URL(link);
  return `${pathname.replace(/^\/(v1\.0|beta)/, "")}${search}`;
}
