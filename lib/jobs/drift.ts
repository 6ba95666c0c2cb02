/** What a capture found changed since the snapshot before, in numbers. Reads only the segments that differ. */
import { isPlanbackError } from "@/lib/errors";
import { diffPlans, type FieldKey } from "@/lib/planner/diff";
import type { SnapshotContent, SnapshotRecord, TaskRecord } from "@/lib/planner/types";
import type { Repository } from "@/lib/repository/types";
import type { SnapshotDrift } from "@/lib/workspaces/types";

/** null for a first snapshot, and when the one before is damaged in storage: the new one must not be lost for that. */
export async function driftOf(repository: Repository, older: string | null, newer: string): Promise<SnapshotDrift | null> {
  if (older === null) return null;
  try {
    return countDrift(await repository.diffSnapshots(older, newer));
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return null;
    throw error;
  }
}

/** Tasks that came, went and changed, and how many of their fields changed; comments and the content of files are fields too. Pure. */
export function countDrift({ added, removed, changed }: Awaited<ReturnType<Repository["diffSnapshots"]>>): SnapshotDrift {
  const before = contentOf([...removed, ...changed.map((pair) => pair.before)]);
  const after = contentOf([...added, ...changed.map((pair) => pair.after)]);
  const older = new Map(before.tasks.map((task) => [task.id, task]));
  const came = new Set(after.tasks.flatMap(({ id }) => (older.has(id) ? [] : [id])));
  const went = new Set(before.tasks.map(({ id }) => id));
  for (const { id } of after.tasks) went.delete(id);
  const fields = new Map<string, number>();
  for (const { id, change, fields: found } of diffPlans(before, after).tasks) if (change === "changed") fields.set(id, found.filter(({ field }) => !PLACES.has(field)).length);
  // Among the few tasks that were read, an order means nothing: a place has changed when its hint has.
  for (const task of after.tasks) fields.set(task.id, (fields.get(task.id) ?? 0) + movedPlaces(older.get(task.id), task));
  // Comments and files also change behind a task whose own record stays as it is, and was not read.
  for (const parts of [[...before.comments, ...after.comments], [...before.attachments, ...after.attachments]]) {
    for (const id of new Set(parts.map(({ taskId }) => taskId))) if (!older.has(id) && !came.has(id)) fields.set(id, (fields.get(id) ?? 0) + 1);
  }
  const counts = [...fields].filter(([id]) => !came.has(id) && !went.has(id)).map(([, count]) => count).filter((count) => count > 0);
  return { added: came.size, removed: went.size, changed: counts.length, fields: counts.reduce((sum, count) => sum + count, 0) };
}

const PLACES: ReadonlySet<FieldKey> = new Set(["order", "bucketBoardOrder", "progressBoardOrder", "assignedToBoardOrder"]);

function movedPlaces(before: TaskRecord | undefined, after: TaskRecord): number {
  if (!before) return 0;
  return hintsOf(before).filter((hint, place) => {
    const now = hintsOf(after)[place];
    return hint !== undefined && now !== undefined && hint !== now;
  }).length;
}

const hintsOf = ({ task, formats: { bucket, progress, assignedTo } }: TaskRecord): unknown[] =>
  [task.orderHint, bucket?.["orderHint"], progress?.["orderHint"], assignedTo && JSON.stringify(assignedTo)];

/** The records of tasks and of what belongs to them, in the shape that plans are compared in. */
function contentOf(records: SnapshotRecord[]): SnapshotContent {
  return {
    group: null, plan: { id: "", title: "" }, planDetails: null, buckets: [], people: [],
    tasks: records.flatMap((record) => (record.kind === "task" ? [record] : [])),
    comments: records.flatMap((record) => (record.kind === "comment" ? [record.comment] : [])),
    attachments: records.flatMap((record) => (record.kind === "attachment" ? [record.attachment] : [])),
  };
}
