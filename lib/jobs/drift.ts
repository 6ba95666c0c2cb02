/** What a capture found changed since the snapshot before, in numbers. Reads only the segments that differ. */
import { isPlanbackError } from "@/lib/errors";
import { diffParts } from "@/lib/planner/diff";
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

type Differences = Awaited<ReturnType<Repository["diffSnapshots"]>>;

/** Counts what came, went and changed; comments and the content of files are fields of their tasks. Pure. */
export function countDrift({ added, removed, changed }: Differences): SnapshotDrift {
  const before = contentOf([...removed, ...changed.map((pair) => pair.before)]);
  const after = contentOf([...added, ...changed.map((pair) => pair.after)]);
  const older = new Map(before.tasks.map((task) => [task.id, task]));
  const came = new Set(after.tasks.flatMap(({ id }) => (older.has(id) ? [] : [id])));
  const went = new Set(before.tasks.map(({ id }) => id));
  for (const { id } of after.tasks) went.delete(id);
  const fields = new Map(diffParts(before, after).tasks.flatMap(({ id, change, fields: found }) => (change === "changed" ? [[id, found.length] as const] : [])));
  // Comments and files also change behind a task whose own record stays as it is, and was not read.
  for (const parts of [[...before.comments, ...after.comments], [...before.attachments, ...after.attachments]]) {
    for (const id of new Set(parts.map(({ taskId }) => taskId))) if (!older.has(id) && !came.has(id)) fields.set(id, (fields.get(id) ?? 0) + 1);
  }
  const counts = [...fields].filter(([id]) => !came.has(id) && !went.has(id)).map(([, count]) => count).filter((count) => count > 0);
  const completed = after.tasks.filter(({ id, task }) => isDone(task) && older.has(id) && !isDone(older.get(id)!.task)).length;
  return { added: came.size, removed: went.size, changed: counts.length, fields: counts.reduce((sum, count) => sum + count, 0), completed, other: countOther({ added, removed, changed }) };
}

const isDone = ({ percentComplete }: TaskRecord["task"]): boolean => percentComplete === 100;

/** Buckets that came, went, were renamed or moved; one for the plan's title, one for the names of its labels. */
function countOther({ added, removed, changed }: Differences): number {
  const buckets = [...added, ...removed].filter(({ kind }) => kind === "bucket").length;
  return buckets + changed.filter(({ before, after }) => {
    if (before.kind === "bucket" && after.kind === "bucket") return before.bucket.name !== after.bucket.name || before.bucket.orderHint !== after.bucket.orderHint;
    if (before.kind === "plan" && after.kind === "plan") return before.plan.title !== after.plan.title;
    return before.kind === "planDetails" && after.kind === "planDetails" && JSON.stringify(before.details.categoryDescriptions) !== JSON.stringify(after.details.categoryDescriptions);
  }).length;
}

/** The records of tasks and of what belongs to them, in the shape that plans are compared in. */
function contentOf(records: SnapshotRecord[]): SnapshotContent {
  return {
    group: null, plan: { id: "", title: "" }, planDetails: null, buckets: [], people: [],
    tasks: records.flatMap((record) => (record.kind === "task" ? [record] : [])),
    comments: records.flatMap((record) => (record.kind === "comment" ? [record.comment] : [])),
    attachments: records.flatMap((record) => (record.kind === "attachment" ? [record.attachment] : [])),
  };
}
