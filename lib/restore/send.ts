/** Sends one operation to Graph and says what became of it. Nothing here writes the journal. */
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { boardFormatPath } from "@/lib/graph";
import type { GraphApi, WithEtag, WriteOutcome } from "@/lib/graph/types";
import type { GraphObject } from "@/lib/planner/types";
import { released } from "@/lib/repository/frames";
import type { Repository } from "@/lib/repository/types";
import { arrangeColumn } from "./columns";
import { type Etags, readObject } from "./etags";
import { asCreated, isStill, isWritten, satisfies } from "./fingerprint";
import { complete, makeUp } from "./late";
import { detailsBody, type Results, taskBody } from "./resolve";
import type { Operation, OperationBodies, RestorePlan } from "./types";

export type Answered =
  | { kind: "done"; remoteId: string | null; etag: string | null; problem?: string }
  /** `soon`: refused only because Microsoft 365 does not know everywhere yet what was done before. */
  | { kind: "not_applied"; error: Error; soon?: boolean }
  | { kind: "unknown"; error: Error };
/** Skipped: nothing was sent, because a person's work would have been overwritten. */
export type Sent = Answered | { kind: "skipped"; reason: string };

export interface Sending {
  graph: GraphApi;
  plan: RestorePlan;
  results: Results;
  repository: Pick<Repository, "readFile">;
  etags: Etags;
  /** Paths of task details that will be changed soon. */
  ahead: () => string[];
  /** Attempts before this one: above 0, an earlier one may have been applied. */
  attempts: number;
}

const CREATES = new Set<Operation["kind"]>(["create_plan", "create_bucket", "create_task", "post_comment"]);

/** Creates may not be sent twice; everything else can be repeated without harm. */
export const isCreate = (operation: Operation): boolean => CREATES.has(operation.kind);

/** Never throws what Graph refuses; throws what ends the restore (cancelled, lease_lost). */
export async function send(sending: Sending, operation: Operation): Promise<Sent> {
  try {
    return await dispatch(sending, operation);
  } catch (error) {
    if (!(error instanceof PlanbackError) || isPlanbackError(error, "cancelled", "lease_lost", "internal")) throw error;
    // Only reads throw; what was written before is repeated without harm.
    return isPlanbackError(error, "graph_unknown_outcome") ? { kind: "unknown", error } : { kind: "not_applied", error };
  }
}

const e = encodeURIComponent;
const planPath = (id: string) => `/planner/plans/${e(id)}`;
const bucketPath = (id: string) => `/planner/buckets/${e(id)}`;
export const taskPath = (id: string) => `/planner/tasks/${e(id)}`;
export const detailsPath = (id: string) => `${taskPath(id)}/details`;
const LEFT_OUT = { assignees: "assignees could not be added to the group and are left out.", files: "files could not be uploaded; their attachments keep the old address." };

async function dispatch(sending: Sending, operation: Operation): Promise<Sent> {
  const { graph, plan, results } = sending;
  const body = operation.body as GraphObject;
  switch (operation.kind) {
    case "create_group": {
      const outcome = await graph.upsertGroup(operation.body as OperationBodies["create_group"]);
      return outcome.kind === "done" ? { kind: "done", remoteId: outcome.value.id, etag: null } : outcome;
    }
    case "add_owner":
    case "add_member": {
      const { groupId, userId } = operation.body as OperationBodies["add_member"];
      const id = results.of(groupId) ?? "";
      const outcome = sent(await (operation.kind === "add_owner" ? graph.addOwner(id, userId) : graph.addMember(id, userId)));
      return outcome.kind === "done" ? makeUp(sending, operation, null) : outcome;
    }
    case "create_plan": {
      const { groupId, title } = operation.body as OperationBodies["create_plan"];
      return created(sending, await graph.createPlan(results.of(groupId) ?? "", title), planPath);
    }
    case "create_bucket":
      return created(sending, await graph.createBucket(results.body(body)), bucketPath);
    case "create_task": {
      const task = taskBody(operation, plan.operations, results);
      return noting(created(sending, await graph.createTask(task.body), taskPath), task.leftOut, LEFT_OUT.assignees);
    }
    case "update_plan":
      return patch(sending, operation, planPath, body);
    case "update_plan_details":
      return patch(sending, operation, (id) => `${planPath(id)}/details`, body);
    case "update_bucket":
      return patch(sending, operation, bucketPath, body);
    case "update_task": {
      const task = taskBody(operation, plan.operations, results);
      const outcome = await patch(sending, operation, taskPath, task.body, taskBody(operation, plan.operations, results, true).body);
      return noting(outcome, task.leftOut, LEFT_OUT.assignees);
    }
    case "update_task_details": {
      const details = detailsBody(operation, results);
      const outcome = await patch(sending, operation, detailsPath, details.body, detailsBody(operation, results, true).body);
      return noting(outcome, details.leftOut, LEFT_OUT.files);
    }
    case "update_board_format":
      return arrangeColumn(graph, operation.body as OperationBodies["update_board_format"], results, boardFormatPath);
    case "upload_file":
      return uploadFile(sending, operation);
    case "post_comment":
      return postComment(sending, operation.body as OperationBodies["post_comment"]);
    case "set_recurrence":
      return patch(sending, { ...operation, version: "beta" }, taskPath, body);
    case "delete_task":
      return remove(sending, operation, taskPath);
    case "delete_bucket":
      return (await holdsOtherTasks(sending, operation)) ? overtaken() : remove(sending, operation, bucketPath);
    case "unarchive_plan":
    case "archive_plan":
      return setArchived(sending, operation, operation.kind === "archive_plan");
  }
}

/** Deletes what is still as the person saw it in the preview; what is gone already is as wanted. */
async function remove({ graph, results, attempts }: Sending, operation: Operation, pathOf: (id: string) => string): Promise<Sent> {
  const path = pathOf(results.target(operation));
  const gone: Sent = { kind: "done", remoteId: null, etag: null };
  let etag = operation.ifMatch;
  if (attempts > 0 || etag === undefined) {
    const current = await readObject(graph, path).catch((error: unknown) => {
      if (isPlanbackError(error, "graph_not_found")) return null;
      throw error;
    });
    if (current === null) return gone;
    if ((etag !== undefined && current["@odata.etag"] !== etag) || !isStill(current, operation.was ?? {})) return overtaken();
    etag = current["@odata.etag"];
  }
  const outcome = await graph.remove(path, etag);
  if (outcome.kind !== "not_applied") return sent(outcome);
  if (isPlanbackError(outcome.error, "graph_not_found")) return gone;
  return isPlanbackError(outcome.error, "graph_conflict") ? overtaken() : outcome;
}

/** Deleting a bucket deletes the tasks in it, and its etag says nothing of them: somebody may have put one there since the preview. */
async function holdsOtherTasks({ graph, plan, results }: Sending, operation: Operation): Promise<boolean> {
  const leaving = new Set(plan.operations.flatMap(({ kind, liveId }) => (liveId !== undefined && (kind === "delete_task" || kind === "update_task") ? [liveId] : [])));
  const id = results.target(operation);
  return (await graph.tasks(plan.planId ?? "")).some((task) => task.bucketId === id && !leaving.has(task.id));
}

async function setArchived({ graph, results }: Sending, operation: Operation, archived: boolean): Promise<Sent> {
  const id = results.target(operation);
  const current = await graph.plan(id, "beta");
  if (current.isArchived === archived) return done(current);
  return sent(await graph.setArchived(id, current["@odata.etag"], archived, String(operation.body.justification)));
}

async function uploadFile(sending: Sending, operation: Operation): Promise<Sent> {
  const { groupId, path, size, fileId } = operation.body as OperationBodies["upload_file"];
  const outcome = await sending.graph.upload(sending.results.of(groupId) ?? "", path, size, released(sending.repository.readFile(fileId)));
  if (outcome.kind !== "done") return outcome;
  const { webUrl } = outcome.value;
  const pointed = await makeUp(sending, operation, webUrl);
  return pointed.kind === "done" ? { ...pointed, remoteId: webUrl } : pointed;
}

async function postComment({ graph, results }: Sending, body: OperationBodies["post_comment"]): Promise<Sent> {
  const groupId = results.of(body.groupId) ?? "";
  if (body.threadId === undefined) {
    const outcome = await graph.createThread(groupId, body.topic, body.html);
    return outcome.kind === "done" ? { kind: "done", remoteId: outcome.value.id, etag: null } : outcome;
  }
  return sent(await graph.replyToThread(groupId, results.of(body.threadId) ?? "", body.html));
}

/**
 * PATCH with If-Match. What existed before is only changed if it is still as the person saw it in the preview; what we made
 * ourselves, if it is still as it was made: read again unless its etag is known. What came out of the archive, or is changed a second time, is compared. `least`: what an earlier attempt may have
 * sent, before all was there that is there now; the rest is then added.
 */
async function patch(sending: Sending, operation: Operation, pathOf: (id: string) => string, body: GraphObject, least = body): Promise<Sent> {
  const path = pathOf(sending.results.target(operation));
  const outcome = await (operation.ifMatch === undefined ? patchNow(sending, path, operation, body, least) : patchExisting(sending, path, operation, body, least));
  if (outcome.kind !== "done" || sending.attempts === 0 || least === body) return outcome;
  const completed = await complete(sending, operation);
  return completed.kind === "done" ? outcome : completed;
}

async function patchNow({ graph, etags, ahead, attempts }: Sending, path: string, operation: Operation, body: GraphObject, least: GraphObject): Promise<Sent> {
  const { was, version, kind, on } = operation;
  for (let tries = 1; ; tries += 1) {
    const seen = was ? await readObject(graph, path, version) : await etags.take(path, version, kind === "update_task_details" ? ahead : () => []);
    if (was && !isStill(seen, was)) return satisfies(seen, least) ? done(seen) : overtaken();
    if (on && !asCreated(kind, seen, body)) return attempts > 0 && isWritten(seen, least) ? done(seen) : EDITED;
    const outcome = await graph.patch(path, seen["@odata.etag"], body, version);
    const isConflict = outcome.kind === "not_applied" && isPlanbackError(outcome.error, "graph_conflict");
    if (isConflict && tries < 4) continue;
    return isConflict && was ? overtaken() : patched(etags, path, outcome);
  }
}

async function patchExisting({ graph, attempts, etags }: Sending, path: string, { ifMatch: etag = "", version }: Operation, body: GraphObject, least: GraphObject): Promise<Sent> {
  if (attempts > 0) {
    const current = await readObject(graph, path, version);
    if (current["@odata.etag"] !== etag) return satisfies(current, least) ? done(current) : overtaken();
  }
  const outcome = await graph.patch(path, etag, body, version);
  if (outcome.kind !== "not_applied" || !isPlanbackError(outcome.error, "graph_conflict")) return patched(etags, path, outcome);
  const current = await readObject(graph, path, version);
  return satisfies(current, body) ? done(current) : overtaken();
}

const done = (object: GraphObject): Sent => ({ kind: "done", remoteId: null, etag: String(object["@odata.etag"] ?? "") });
const overtaken = (): Sent => ({
  kind: "not_applied",
  error: new PlanbackError("graph_conflict", "Somebody changed this in Microsoft 365 after the preview. It was not overwritten; make a new preview to see how it is now."),
});

const EDITED: Sent = { kind: "skipped", reason: "Somebody changed this in Microsoft 365 after the restore had made it and before this was written. It was not overwritten; the snapshot still has what would have been written." };

const sent = (outcome: WriteOutcome<null>): Sent => (outcome.kind === "done" ? { kind: "done", remoteId: null, etag: null } : outcome);

function patched(etags: Etags, path: string, outcome: WriteOutcome<WithEtag<GraphObject>>): Sent {
  if (outcome.kind !== "done") return outcome;
  etags.set(path, outcome.value["@odata.etag"]);
  return done(outcome.value);
}

function created({ etags }: Sending, outcome: WriteOutcome<WithEtag<GraphObject & { id: string }>>, pathOf: (id: string) => string): Sent {
  if (outcome.kind !== "done") return outcome;
  const { id, "@odata.etag": etag } = outcome.value;
  etags.set(pathOf(id), etag);
  return { kind: "done", remoteId: id, etag: etag ?? null };
}

const noting = (outcome: Sent, leftOut: number, what: string): Sent => (outcome.kind === "done" && leftOut > 0 ? { ...outcome, problem: `${leftOut} ${what}` } : outcome);
