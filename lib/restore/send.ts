/** Sends one operation to Graph and says what became of it. Nothing here writes the journal. */
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { boardFormatPath } from "@/lib/graph";
import type { GraphApi, WithEtag, WriteOutcome } from "@/lib/graph/types";
import type { GraphObject } from "@/lib/planner/types";
import type { Repository } from "@/lib/repository/types";
import { arrangeColumn } from "./columns";
import { satisfies } from "./fingerprint";
import { detailsBody, type Results, taskBody } from "./resolve";
import type { Operation, OperationBodies, RestorePlan } from "./types";

export type Sent =
  | { kind: "done"; remoteId: string | null; etag: string | null; problem?: string }
  | { kind: "not_applied"; error: Error }
  | { kind: "unknown"; error: Error };

export interface Sending {
  graph: GraphApi;
  plan: RestorePlan;
  results: Results;
  repository: Pick<Repository, "readFile">;
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
      return sent(await (operation.kind === "add_owner" ? graph.addOwner(id, userId) : graph.addMember(id, userId)));
    }
    case "create_plan": {
      const { groupId, title } = operation.body as OperationBodies["create_plan"];
      return sentObject(await graph.createPlan(results.of(groupId) ?? "", title));
    }
    case "create_bucket":
      return sentObject(await graph.createBucket(results.body(body)));
    case "create_task": {
      const task = taskBody(operation, plan.operations, results);
      return noting(sentObject(await graph.createTask(task.body)), task.leftOut > 0 ? `${task.leftOut} assignees could not be added to the group and are left out.` : null);
    }
    case "update_plan":
      return patch(sending, operation, "/planner/plans/{id}", body, (id) => graph.plan(id, operation.version));
    case "update_plan_details":
      return patch(sending, operation, "/planner/plans/{id}/details", body, (id) => graph.planDetails(id, operation.version));
    case "update_bucket":
      return patch(sending, operation, "/planner/buckets/{id}", body, (id) => bucket(graph, id));
    case "update_task": {
      const task = taskBody(operation, plan.operations, results);
      return noting(await patch(sending, operation, "/planner/tasks/{id}", task.body, (id) => graph.task(id, operation.version)), task.leftOut > 0 ? `${task.leftOut} assignees could not be added to the group and are left out.` : null);
    }
    case "update_task_details": {
      const details = detailsBody(operation, results);
      return noting(await patch(sending, operation, "/planner/tasks/{id}/details", details.body, (id) => graph.taskDetails(id, operation.version)), details.leftOut > 0 ? `${details.leftOut} files could not be uploaded; their attachments keep the old address.` : null);
    }
    case "update_board_format":
      return arrangeColumn(graph, operation.body as OperationBodies["update_board_format"], results, boardFormatPath);
    case "upload_file":
      return uploadFile(sending, operation.body as OperationBodies["upload_file"]);
    case "post_comment":
      return postComment(sending, operation.body as OperationBodies["post_comment"]);
    case "set_recurrence":
      return patch(sending, operation, "/planner/tasks/{id}", body, (id) => graph.task(id, "beta"));
    case "delete_task":
      return remove(sending, operation, "/planner/tasks/{id}", (id) => graph.task(id));
    case "delete_bucket":
      return remove(sending, operation, "/planner/buckets/{id}", (id) => bucket(graph, id));
    case "unarchive_plan":
    case "archive_plan":
      return setArchived(sending, operation, operation.kind === "archive_plan");
  }
}

/** Deletes what is still as the person saw it in the preview; what is gone already is as wanted. */
async function remove({ graph, results }: Sending, operation: Operation, template: string, read: (id: string) => Promise<WithEtag<GraphObject>>): Promise<Sent> {
  const id = results.target(operation);
  const current = await read(id).catch((error: unknown) => {
    if (isPlanbackError(error, "graph_not_found")) return null;
    throw error;
  });
  if (current === null) return { kind: "done", remoteId: null, etag: null };
  if (operation.ifMatch !== undefined && current["@odata.etag"] !== operation.ifMatch) return overtaken();
  const outcome = await graph.remove(template.replace("{id}", encodeURIComponent(id)), current["@odata.etag"]);
  if (outcome.kind !== "not_applied") return sent(outcome);
  if (isPlanbackError(outcome.error, "graph_not_found")) return { kind: "done", remoteId: null, etag: null };
  return isPlanbackError(outcome.error, "graph_conflict") ? overtaken() : outcome;
}

async function setArchived({ graph, results }: Sending, operation: Operation, archived: boolean): Promise<Sent> {
  const id = results.target(operation);
  const current = await graph.plan(id, "beta");
  if (current.isArchived === archived) return done(current);
  return sent(await graph.setArchived(id, current["@odata.etag"], archived, String(operation.body.justification)));
}

async function uploadFile({ graph, repository, results }: Sending, { groupId, path, size, fileId }: OperationBodies["upload_file"]): Promise<Sent> {
  const outcome = await graph.upload(results.of(groupId) ?? "", path, size, repository.readFile(fileId));
  return outcome.kind === "done" ? { kind: "done", remoteId: outcome.value.webUrl, etag: null } : outcome;
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
 * ourselves is read again and patched as it is now.
 */
async function patch(sending: Sending, operation: Operation, template: string, body: GraphObject, read: (id: string) => Promise<WithEtag<GraphObject>>): Promise<Sent> {
  const id = sending.results.target(operation);
  const path = template.replace("{id}", encodeURIComponent(id));
  if (operation.ifMatch !== undefined) return patchExisting(sending, path, operation, body, () => read(id));
  for (let tries = 1; ; tries += 1) {
    const current = await read(id);
    const outcome = await sending.graph.patch(path, current["@odata.etag"], body, operation.version);
    if (outcome.kind !== "not_applied" || !isPlanbackError(outcome.error, "graph_conflict") || tries === 4) return patched(outcome);
  }
}

async function patchExisting({ graph, attempts }: Sending, path: string, { ifMatch: etag = "", version }: Operation, body: GraphObject, read: () => Promise<WithEtag<GraphObject>>): Promise<Sent> {
  if (attempts > 0) {
    const current = await read();
    if (current["@odata.etag"] !== etag) return satisfies(current, body) ? done(current) : overtaken();
  }
  const outcome = await graph.patch(path, etag, body, version);
  if (outcome.kind !== "not_applied" || !isPlanbackError(outcome.error, "graph_conflict")) return patched(outcome);
  const current = await read();
  return satisfies(current, body) ? done(current) : overtaken();
}

const done = (object: GraphObject): Sent => ({ kind: "done", remoteId: null, etag: String(object["@odata.etag"] ?? "") });
const overtaken = (): Sent => ({
  kind: "not_applied",
  error: new PlanbackError("graph_conflict", "Somebody changed this in Microsoft 365 after the preview. It was not overwritten; make a new preview to see how it is now."),
});

const sent = (outcome: WriteOutcome<null>): Sent => (outcome.kind === "done" ? { kind: "done", remoteId: null, etag: null } : outcome);
const patched = (outcome: WriteOutcome<WithEtag<GraphObject>>): Sent => (outcome.kind === "done" ? done(outcome.value) : outcome);
const sentObject = (outcome: WriteOutcome<WithEtag<GraphObject & { id: string }>>): Sent =>
  outcome.kind === "done" ? { kind: "done", remoteId: outcome.value.id, etag: outcome.value["@odata.etag"] ?? null } : outcome;
const noting = (outcome: Sent, problem: string | null): Sent => (outcome.kind === "done" && problem ? { ...outcome, problem } : outcome);

async function bucket(graph: GraphApi, id: string): Promise<WithEtag<GraphObject>> {
  const [answer] = await graph.batchGet([{ id: "bucket", url: `/planner/buckets/${encodeURIComponent(id)}` }]);
  if (!answer || answer.error) throw answer?.error ?? new PlanbackError("graph_unavailable", "Microsoft 365 did not answer. Nothing was lost.");
  return answer.body as WithEtag<GraphObject>;
}
