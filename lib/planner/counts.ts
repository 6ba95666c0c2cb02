import type { SnapshotContent } from "./types";
import { type Progress, progressOf } from "./words";

export interface PlanCounts {
  buckets: number;
  tasks: Record<Progress, number> & { total: number };
  checklistItems: number;
  comments: number;
  files: number;
  fileBytes: number;
}

/** What a plan holds, in numbers. */
export function countPlan(content: SnapshotContent): PlanCounts {
  const tasks = { total: content.tasks.length, notStarted: 0, inProgress: 0, completed: 0 };
  let checklistItems = 0;
  for (const { task, details } of content.tasks) {
    tasks[progressOf(task.percentComplete)] += 1;
    checklistItems += Object.keys(details?.checklist ?? {}).filter((key) => !key.includes("@")).length;
  }
  const files = new Map(content.attachments.map((one) => [one.fileId, one.size]));
  return {
    buckets: content.buckets.length,
    tasks,
    checklistItems,
    comments: content.comments.length,
    files: files.size,
    fileBytes: [...files.values()].reduce((sum, size) => sum + size, 0),
  };
}
