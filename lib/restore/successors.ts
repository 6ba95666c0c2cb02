/**
 * A task that an in-place restore made again has a new id. Without memory a second restore of the same snapshot would
 * miss it under its old id and make it twice. So the creations of earlier restores are followed: where the original is
 * gone and something that was made for it lives, the snapshot is read as if it had that id.
 */
import type { GraphApi } from "@/lib/graph/types";
import type { SnapshotContent } from "@/lib/planner/types";
import { altered, type Changes } from "@/lib/repository/packed";
import { targetGroupId } from "./live";
import type { Operation, RestoreRequest } from "./types";

/** Id in the snapshot -> ids that were created for it, oldest first. */
export type Creations = ReadonlyMap<string, readonly string[]>;
/** Id in the snapshot -> the live id that stands for it now. */
export type Successors = Readonly<Record<string, string>>;

/** What earlier in-place restores of the same plan created; `restores` oldest first. */
export function creationsOf(restores: { operations: Pick<Operation, "seq" | "kind" | "source">[]; remoteIds: ReadonlyMap<number, string> }[]): Creations {
  const made = new Map<string, string[]>();
  for (const { operations, remoteIds } of restores) {
    for (const { seq, kind, source } of operations) {
      const id = remoteIds.get(seq);
      if (id === undefined || (kind !== "create_plan" && kind !== "create_bucket" && kind !== "create_task")) continue;
      made.set(source, [...(made.get(source) ?? []), id]);
    }
  }
  return made;
}

/** The newest living creation for each id of the snapshot that does not live itself, also one that was made for a creation. Pure. */
export function successorsAmong(creations: Creations, live: ReadonlySet<string>): Record<string, string> {
  const living = (id: string): string | undefined => {
    for (const made of (creations.get(id) ?? []).toReversed()) {
      const found = live.has(made) ? made : living(made);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found: Record<string, string> = {};
  for (const original of creations.keys()) {
    const newest = live.has(original) ? undefined : living(original);
    if (newest !== undefined) found[original] = newest;
  }
  return found;
}

/** Asks Microsoft which originals and which creations live. No request when nothing was ever created. */
export async function readSuccessors(input: { graph: GraphApi; snapshot: SnapshotContent; request: RestoreRequest; creations: Creations }): Promise<Record<string, string>> {
  const { graph, snapshot, request, creations } = input;
  const groupId = targetGroupId(snapshot, request);
  if (request.target.kind !== "in_place" || creations.size === 0 || groupId === null) return {};
  const planIds = new Set((await graph.plansOfGroup(groupId)).map(({ id }) => id));
  const planId = planIds.has(snapshot.plan.id) ? snapshot.plan.id : successorsAmong(creations, planIds)[snapshot.plan.id];
  if (planId === undefined) return {};
  const [buckets, tasks] = await Promise.all([graph.buckets(planId), graph.tasks(planId, "v1.0", ({ id }) => id)]);
  return successorsAmong(creations, new Set([planId, ...buckets.map(({ id }) => id), ...tasks]));
}

/** The snapshot and the request with the ids of the living. */
export function followSuccessors(snapshot: SnapshotContent, request: RestoreRequest, successors: Successors): { snapshot: SnapshotContent; request: RestoreRequest } {
  const now = (id: string): string => successors[id] ?? id;
  return {
    snapshot: renamed(snapshot, successors),
    request: {
      ...request,
      ...(request.tasks === "all" ? {} : { tasks: request.tasks.map(now) }),
      ...(request.buckets ? { buckets: request.buckets.map(now) } : {}),
      ...(request.fields ? { fields: Object.fromEntries(Object.entries(request.fields).map(([id, keys]) => [now(id), keys])) } : {}),
    },
  };
}

/** The snapshot with other ids of its plan, buckets and tasks. */
export function renamed(snapshot: SnapshotContent, ids: Successors): SnapshotContent {
  if (Object.keys(ids).length === 0) return snapshot;
  const now = <T extends string | null | undefined>(id: T): T | string => (typeof id === "string" ? (ids[id] ?? id) : id);
  const planId = now(snapshot.plan.id);
  const changes: Changes = {
    task: ({ id, task }) => ({ ...task, id: now(id), planId, bucketId: now(task.bucketId) }),
    details: ({ id, details }) => details && { ...details, id: now(id) },
  };
  return {
    ...snapshot,
    plan: { ...snapshot.plan, id: planId },
    planDetails: snapshot.planDetails && { ...snapshot.planDetails, id: planId },
    buckets: snapshot.buckets.map((bucket) => ({ ...bucket, id: now(bucket.id), planId })),
    tasks: snapshot.tasks.map((record) => (planId === snapshot.plan.id && now(record.id) === record.id && now(record.task.bucketId) === record.task.bucketId ? record : altered(record, changes, now(record.id)))),
    comments: snapshot.comments.map((comment) => ({ ...comment, taskId: now(comment.taskId) })),
    attachments: snapshot.attachments.map((attachment) => ({ ...attachment, taskId: now(attachment.taskId) })),
  };
}
