/** What a capture found changed since the snapshot before, in numbers. Reads only the segments that differ. */
import { isPlanbackError } from "@/lib/errors";
import { diffParts } from "@/lib/planner/diff";
import type { RecordKind, SnapshotContent, SnapshotRecord, TaskRecord } from "@/lib/planner/types";
import type { Difference, Repository } from "@/lib/repository/types";
import type { SnapshotDrift } from "@/lib/workspaces/types";

/** null for a first snapshot, and when the one before is damaged in storage: the new one must not be lost for that. */
export async function driftOf(repository: Repository, older: string | null, newer: string): Promise<SnapshotDrift | null> {
  if (older === null) return null;
  try {
    const others = await Array.fromAsync(repository.differences(older, newer, OTHERS));
    return await countDrift(others, repository.differences(older, newer, ["task"]));
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return null;
    throw error;
  }
}

const OTHERS: RecordKind[] = ["attachment", "bucket", "comment", "plan", "planDetails"];

/** Counts what came, went and changed; comments and the content of files are fields of their tasks, which are looked at one by one. */
async function countDrift(others: Difference[], tasks: AsyncIterable<Difference>): Promise<SnapshotDrift> {
  const behind = Map.groupBy(others.filter((one) => taskOf(one) !== null), (one) => taskOf(one)!);
  const counted = { added: 0, removed: 0, changed: 0, fields: 0, completed: 0 };
  const change = (fields: number) => {
    if (fields === 0) return;
    counted.changed += 1;
    counted.fields += fields;
  };
  for await (const one of tasks) {
    const { before, after } = one as { before: TaskRecord | null; after: TaskRecord | null };
    const id = (after ?? before)!.id;
    const parts = behind.get(id) ?? [];
    behind.delete(id);
    if (!before) counted.added += 1;
    else if (!after) counted.removed += 1;
    else {
      const both = [one, ...parts];
      change(diffParts(contentOf(both.map((each) => each.before)), contentOf(both.map((each) => each.after))).tasks.reduce((sum, { fields }) => sum + fields.length, 0));
      if (isDone(after.task) && !isDone(before.task)) counted.completed += 1;
    }
  }
  // Comments and files also change behind a task whose own record stays as it is, and was not read.
  for (const parts of behind.values()) change(new Set(parts.map(({ before, after }) => (after ?? before)!.kind)).size);
  return { ...counted, other: countOther(others) };
}

function taskOf({ before, after }: Difference): string | null {
  const record = after ?? before;
  if (record?.kind === "comment") return record.comment.taskId;
  return record?.kind === "attachment" ? record.attachment.taskId : null;
}

const isDone = ({ percentComplete }: TaskRecord["task"]): boolean => percentComplete === 100;

/** Buckets that came, went, were renamed or moved; one for the plan's title, one for the names of its labels. */
function countOther(others: Difference[]): number {
  return others.filter(({ before, after }) => {
    if (!before || !after) return (before ?? after)!.kind === "bucket";
    if (before.kind === "bucket" && after.kind === "bucket") return before.bucket.name !== after.bucket.name || before.bucket.orderHint !== after.bucket.orderHint;
    if (before.kind === "plan" && after.kind === "plan") return before.plan.title !== after.plan.title;
    return before.kind === "planDetails" && after.kind === "planDetails" && JSON.stringify(before.details.categoryDescriptions) !== JSON.stringify(after.details.categoryDescriptions);
  }).length;
}

/** The records of tasks and of what belongs to them, in the shape that plans are compared in. */
function contentOf(records: (SnapshotRecord | null)[]): SnapshotContent {
  return {
    group: null, plan: { id: "", title: "" }, planDetails: null, buckets: [], people: [],
    tasks: records.flatMap((record) => (record?.kind === "task" ? [record] : [])),
    comments: records.flatMap((record) => (record?.kind === "comment" ? [record.comment] : [])),
    attachments: records.flatMap((record) => (record?.kind === "attachment" ? [record.attachment] : [])),
  };
}
