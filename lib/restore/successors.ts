/**
 * A task that an in-place restore made again has a new id. Without memory a second restore of the same snapshot would
 * miss it under its old id and make it twice. So the creations of earlier restores are followed: where the original is
 * gone and something that was made for it lives, the snapshot is read as if it had that id. The same with files: where one is gone
 * and the copy that was uploaded for it is there, its attachment points to the copy.
 */
import type { GraphApi } from "@/lib/graph/types";
import { encodeReferenceKey } from "@/lib/planner";
import type { PlannerTaskDetails, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { altered, type Changes } from "@/lib/repository/packed";
import { fileKey, fileKeyIn } from "./ids";
import { targetGroupId } from "./live";
import type { Operation, OperationKind, RestoreRequest } from "./types";

/** Id in the snapshot -> ids that were created for it, oldest first; fileKey of an attachment -> addresses of its copies. */
export type Creations = ReadonlyMap<string, readonly string[]>;
/** Id in the snapshot -> the live id that stands for it now; fileKey -> reference key of the copy that stands for the file. */
export type Successors = Readonly<Record<string, string>>;

/** Kinds of operations that make what may stand for an original. */
export const CREATING: readonly OperationKind[] = ["create_plan", "create_bucket", "create_task", "upload_file"];

/** What earlier in-place restores of the same plan created; `restores` oldest first. */
export function creationsOf(restores: { operations: Pick<Operation, "seq" | "kind" | "source" | "body">[]; remoteIds: ReadonlyMap<number, string> }[]): Creations {
  const made = new Map<string, string[]>();
  for (const { operations, remoteIds } of restores) {
    for (const { seq, kind, source, body } of operations) {
      const id = remoteIds.get(seq);
      if (id === undefined || !CREATING.includes(kind)) continue;
      const original = kind === "upload_file" ? fileKeyIn(String(body.path)) : source;
      made.set(original, [...(made.get(original) ?? []), id]);
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

/**
 * The same for files between two snapshots: fileKeys of `newer` whose files were uploaded for one of `older` and hold the same,
 * with the reference key that this one has.
 */
export function originalsOfCopies(older: SnapshotContent, newer: SnapshotContent, creations: Creations): Record<string, string> {
  const originals = new Map<string, string>();
  for (const attachment of older.attachments) {
    for (const address of creations.get(fileKey(attachment)) ?? []) originals.set(`${encodeReferenceKey(address)} ${attachment.sha256}`, attachment.referenceKey);
  }
  return Object.fromEntries(newer.attachments.flatMap((attachment) => {
    const original = originals.get(`${attachment.referenceKey} ${attachment.sha256}`);
    return original === undefined ? [] : [[fileKey(attachment), original]];
  }));
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

/** The snapshot with other ids of its plan, buckets and tasks, and other addresses of its files. */
export function renamed(snapshot: SnapshotContent, ids: Successors): SnapshotContent {
  if (Object.keys(ids).length === 0) return snapshot;
  const now = <T extends string | null | undefined>(id: T): T | string => (typeof id === "string" ? (ids[id] ?? id) : id);
  const planId = now(snapshot.plan.id);
  const keys = new Map<string, Record<string, string>>();
  const attachments = snapshot.attachments.map((attachment) => {
    const { taskId, referenceKey } = attachment;
    const copy = ids[fileKey(attachment)];
    if (copy === undefined) return { ...attachment, taskId: now(taskId) };
    keys.set(taskId, { ...keys.get(taskId), [referenceKey]: copy });
    return { ...attachment, taskId: now(taskId), referenceKey: copy };
  });
  const changes: Changes = {
    task: ({ id, task }) => ({ ...task, id: now(id), planId, bucketId: now(task.bucketId) }),
    details: ({ id, details }) => details && { ...details, id: now(id), ...readdressed(details, keys.get(id)) },
  };
  const isSame = ({ id, task }: TaskRecord) => planId === snapshot.plan.id && now(id) === id && now(task.bucketId) === task.bucketId && !keys.has(id);
  return {
    ...snapshot,
    plan: { ...snapshot.plan, id: planId },
    planDetails: snapshot.planDetails && { ...snapshot.planDetails, id: planId },
    buckets: snapshot.buckets.map((bucket) => ({ ...bucket, id: now(bucket.id), planId })),
    tasks: snapshot.tasks.map((record) => (isSame(record) ? record : altered(record, changes, now(record.id)))),
    comments: snapshot.comments.map((comment) => ({ ...comment, taskId: now(comment.taskId) })),
    attachments,
  };
}

/** Never over another reference that is there. */
function readdressed({ references }: PlannerTaskDetails, keys: Record<string, string> | undefined): Pick<PlannerTaskDetails, "references"> {
  if (!references || !keys) return {};
  const now = (key: string) => (keys[key] === undefined || keys[key] in references ? key : keys[key]);
  return { references: Object.fromEntries(Object.entries(references).map(([key, value]) => [now(key), value])) };
}
