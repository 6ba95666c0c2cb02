import type { Actor, TaskRecord } from "./records";
import { continueSeries, withSchedule } from "./recurrence/series";
import type { PlannerStore } from "./store";
import type { TaskFields } from "./taskFields";

/** Writes checked fields into a task, with what the service derives from them. The etag is the caller's to move. */
export function applyTaskFields(store: PlannerStore, task: TaskRecord, fields: TaskFields, by: Actor): void {
  const now = store.world.now();
  const { categories, assignments, schedule, ...plain } = fields;
  const completes = fields.percentComplete === 100 && !task.completed;
  Object.assign(task, plain);
  setCompletion(task, by, now);
  if (schedule !== undefined) task.recurrence = withSchedule(store.world, task.recurrence, schedule);
  for (const [category, applied] of categories) {
    if (applied) task.categories.add(category);
    else task.categories.delete(category);
  }
  for (const [userId, hint] of assignments) {
    if (hint === null) store.unassign(task, userId);
    else store.assign(task, { userId, by, at: now, orderHint: hint });
  }
  if (completes) continueSeries(store, task, by);
  if (task.assignments.size > 0 && task.assigneePriority === "") task.assigneePriority = store.hints.nextPlain();
  store.modified(task, by);
}

/** 100 percent stamps who completed the task and when; anything less takes the stamp away. */
function setCompletion(task: TaskRecord, by: Actor, now: number): void {
  if (task.percentComplete < 100) task.completed = null;
  else task.completed ??= { by, at: now };
}
