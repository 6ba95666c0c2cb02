/**
 * Building on the snapshot before. In beta a task's list entry carries the time of the last change of anything of it:
 * https://learn.microsoft.com/graph/api/resources/plannertask?view=graph-rest-beta. While that signal holds, details and
 * board places of a task whose entry is what it was are not read again. Nobody promises that the signal holds, so it is
 * tried out: now and then everything is read, and tasks that it called unchanged and that were not are counted.
 */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { isPlanbackError } from "@/lib/errors";
import type { TaskRecord } from "@/lib/planner/types";
import { canonicalJson } from "@/lib/repository/records";
import type { Repository } from "@/lib/repository/types";
import { withoutAnnotations } from "./annotations";
import { FORMAT_NAMES, type ListedTask } from "./listing";
import type { ReadingFacts } from "./types";

/** Of so many captures of a plan in a row, one reads everything anew. */
export const FULL_EVERY = 7;

/**
 * True when the next capture may take over: the last full reading found the signal true, and is not long ago. `history`:
 * facts of the plan's snapshots, newest first; null where there are none.
 */
export function mayTakeOver(history: readonly (ReadingFacts | null)[]): boolean {
  const since = history.findIndex((facts) => !facts?.extras || facts.full);
  const full = history[since];
  return full?.extras === true && full.disagreements === 0 && since < FULL_EVERY - 1;
}

/** Calls `same` for each listed task that the signal calls unchanged, with its record of the snapshot before. */
export async function compareWithPrevious(repository: Repository, manifestId: string, tasks: ListedTask[], same: (listed: ListedTask, before: TaskRecord) => void): Promise<void> {
  const listed = new Map(tasks.map((one) => [one.task.id, one]));
  try {
    for await (const record of repository.readRecords(manifestId, ["task"])) {
      const now = record.kind === "task" ? listed.get(record.id) : undefined;
      if (record.kind === "task" && now && isSame(now, record)) same(now, record);
    }
  } catch (error) {
    // The snapshot before is only a short cut: what cannot be read of it is read from Microsoft 365.
    if (!isPlanbackError(error, "repository_damaged")) throw error;
  }
}

function isSame({ task }: ListedTask, before: TaskRecord): boolean {
  const isWhole = before.details !== null && FORMAT_NAMES.every((format) => before.formats[format]);
  return isWhole && typeof task.lastModifiedDateTime === "string" && isDeepStrictEqual(withoutAnnotations(task), before.task);
}

/** Stands for what is behind a task, to compare it without keeping it. */
export function digestOf({ details, formats }: Pick<TaskRecord, "details" | "formats">): string {
  return createHash("sha256").update(canonicalJson({ details, formats })).digest("base64");
}
