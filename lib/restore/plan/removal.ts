/**
 * What was added since the snapshot is removed: tasks, then their buckets. Deleting a bucket deletes the tasks in it, so a
 * bucket only goes when every task that stands in it is deleted or moved out before.
 */
import { recurrenceOf } from "@/lib/planner";
import type { LivePlan } from "../live";
import type { Planning } from "./context";
import { TASK_FIELDS } from "./fields";
import { asSeen } from "./in-place";
import { recurrenceBody, recurrenceChange } from "./task-bodies";

/** What says that a task is as it was seen, but for its recurrence. */
const SEEN = [...Object.keys(TASK_FIELDS).filter((name) => name !== "recurrence"), "hasDescription", "referenceCount", "checklistItemCount", "activeChecklistItemCount"];

/** Returns the ids of what goes. */
export function removeAdded(planning: Planning, live: LivePlan): Set<string> {
  const { snapshot, choice, draft } = planning;
  const known = new Set([...snapshot.tasks, ...snapshot.buckets].map(({ id }) => id));
  const goes = ({ id }: { id: string }) => !known.has(id) && choice.removes(id);
  const leaving = movedOut(planning);
  for (const record of live.content.tasks.filter(goes)) leaving.set(record.id, removeTask(planning, live, record));
  const removed = new Set(live.content.tasks.filter(goes).map(({ id }) => id));
  for (const bucket of live.content.buckets.filter(goes)) {
    const inside = live.content.tasks.filter(({ task }) => task.bucketId === bucket.id);
    if (inside.some(({ id }) => !leaving.has(id))) {
      draft.warnings.push(`Bucket “${bucket.name}” stays, because it holds tasks that stay.`);
      continue;
    }
    removed.add(bucket.id);
    draft.add("delete_bucket", {
      source: bucket.id, label: `Delete bucket “${bucket.name}”`, liveId: bucket.id, ...asSeen(live, live.etags.buckets[bucket.id], bucket, ["name"]), after: inside.map(({ id }) => leaving.get(id)),
      body: {}, changes: [{ field: "Bucket", from: bucket.name, to: null }],
    });
  }
  return removed;
}

/** Tasks that go back to another bucket -> the operation that moves them. */
function movedOut({ draft }: Planning): Map<string, number> {
  return new Map(draft.operations.flatMap(({ kind, liveId, body, seq }): [string, number][] => (kind === "update_task" && liveId !== undefined && "bucketId" in body ? [[liveId, seq]] : [])));
}

/** A task that repeats is stopped first: deleting it would make the next one. */
function removeTask({ draft, extras }: Planning, live: LivePlan, { id, task }: LivePlan["content"]["tasks"][number]): number {
  const series = extras ? (recurrenceOf({ ...task, percentComplete: 0 }) ?? null) : null;
  const stopped = series === null || task.recurrence?.nextInSeriesTaskId ? null : draft.add("set_recurrence", {
    source: id, label: `Let “${task.title}” not repeat any more`, liveId: id, version: "beta", ...asSeen(live, live.etags.tasks[id], task, ["recurrence"]), body: recurrenceBody(null), changes: recurrenceChange(series, null),
  });
  return draft.add("delete_task", {
    source: id, label: `Delete task “${task.title}”`, liveId: id, ...asSeen(live, live.etags.tasks[id], task, SEEN, stopped !== null), after: [stopped], body: {}, changes: [{ field: "Title", from: task.title, to: null }],
  });
}
