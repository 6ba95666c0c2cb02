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
    case "add_member": {
      const { groupId, userId } = operation.body as OperationBodies["add_member"];
      return sent(await graph.addMember(groupId, userId));
    }
    case "create_plan": {
      const { groupId, title } = operation.body as OperationBodies["create_plan"];
      return sentObject(await graph.createPlan(groupId, title));
    }
    case "create_bucket":
      return sentObject(await graph.createBucket(results.body(body)));
    case "create_task": {
      const task = taskBody(operation, plan.operations, results);
      return noting(sentObject(await graph.createTask(task.body)), task.leftOut > 0 ? `${task.leftOut} assignees could not be added to the group and are left out.` : null);
    }
    case "update_plan":
      return patch(sending, operation, "/planner/plans/{id}", body, (id) => graph.plan(id));
    case "update_plan_details":
      return patch(sending, operation, "/planner/plans/{id}/details", body, (id) => graph.planDetails(id));
    case "update_bucket":
      return patch(sending, operation, "/planner/buckets/{id}", body, (id) => bucket(graph, id));
    case "update_task": {
      const task = taskBody(operation, plan.operations, results);
      return noting(await patch(sending, operation, "/planner/tasks/{id}", task.body, (id) => graph.task(id)), task.leftOut > 0 ? `${task.leftOut} assignees could not be added to the group and are left out.` : null);
    }
    case "update_task_details": {
      const details = detailsBody(operation, results);
      return noting(await patch(sending, operation, "/planner/tasks/{id}/details", details.body, (id) => graph.taskDetails(id)), details.leftOut > 0 ? `${details.leftOut} files could not be uploaded; their attachments keep the old address.` : null);
    }
    case "update_board_format":
      return arrangeColumn(graph, operation.body as OperationBodies["update_board_format"], results, boardFormatPath);
    case "upload_file":
      return uploadFile(sending, operation.body as OperationBodies["upload_file"]);
    case "post_comment":
      return postComment(sending, operation.body as OperationBodies["post_comment"]);
  }
}

async function uploadFile({ graph, repository }: Sending, { groupId, path, size, fileId }: OperationBodies["upload_file"]): Promise<Sent> {
  const outcome = await graph.upload(groupId, path, size, repository.readFile(fileId));
  return outcome.kind === "done" ? { kind: "done", remoteId: outcome.value.webUrl, etag: null } : outcome;
}

async function postComment({ graph, results }: Sending, body: OperationBodies["post_comment"]): Promise<Sent> {
  if (body.threadId === undefined) {
    const outcome = await graph.createThread(body.groupId, body.topic, body.html);
    return outcome.kind === "done" ? { kind: "done", remoteId: outcome.value.id, etag: null } : outcome;
  }
  return sent(await graph.replyToThread(body.groupId, results.of(body.threadId) ?? "", body.html));
}

/**
 * PATCH with If-Match. What existed before is only changed if it is still as the person saw it in the preview; what we made
 * ourselves is read again and patched as it is now.
 */
async function patch(sending: Sending, operation: Operation, template: string, body: GraphObject, read: (id: string) => Promise<WithEtag<GraphObject>>): Promise<Sent> {
  const id = sending.results.target(operation);
  const path = template.replace("{id}", encodeURIComponent(id));
  if (operation.ifMatch !== undefined) return patchExisting(sending, path, operation.ifMatch, body, () => read(id));
  for (let tries = 1; ; tries += 1) {
    const current = await read(id);
    const outcome = await sending.graph.patch(path, current["@odata.etag"], body);
    if (outcome.kind !== "not_applied" || !isPlanbackError(outcome.error, "graph_conflict") || tries === 4) return patched(outcome);
  }
}

async function patchExisting({ graph, attempts }: Sending, path: string, etag: string, body: GraphObject, read: () => Promise<WithEtag<GraphObject>>): Promise<Sent> {
  if (attempts > 0) {
    const current = await read();
    if (current["@odata.etag"] !== etag) return satisfies(current, body) ? done(current) : overtaken();
  }
  const outcome = await graph.patch(path, etag, body);
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
