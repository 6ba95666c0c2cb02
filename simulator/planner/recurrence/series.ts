import type { SimWorld } from "../../model";
import type { Actor, TaskRecord } from "../records";
import type { PlannerStore } from "../store";
import { nextAfter, type RecurrencePattern } from "./pattern";

export interface WantedSchedule {
  pattern: RecurrencePattern;
  patternStartDateTime: string;
}

/** https://learn.microsoft.com/graph/api/resources/plannertaskrecurrence?view=graph-rest-beta */
export interface RecurrenceRecord {
  seriesId: string;
  occurrenceId: number;
  previousInSeriesTaskId: string | null;
  nextInSeriesTaskId: string | null;
  recurrenceStartDateTime: string;
  /** null: the series was ended here. */
  schedule: (WantedSchedule & { nextOccurrenceDateTime: string }) | null;
}

const iso = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

const scheduled = (wanted: WantedSchedule, anchor: string) => ({ ...wanted, nextOccurrenceDateTime: iso(nextAfter(wanted.pattern, Date.parse(anchor))) });

/** Recurrence as a seed gives it to a task. */
export const firstOfSeries = (seriesId: string, wanted: WantedSchedule): RecurrenceRecord => ({
  seriesId, occurrenceId: 1, previousInSeriesTaskId: null, nextInSeriesTaskId: null, recurrenceStartDateTime: wanted.patternStartDateTime, schedule: scheduled(wanted, wanted.patternStartDateTime),
});

/** The recurrence of a task after its schedule was set; the first of a series moves the start of it, too. */
export function withSchedule(world: SimWorld, known: RecurrenceRecord | null, wanted: WantedSchedule | null): RecurrenceRecord | null {
  if (!wanted) return known && { ...known, schedule: null };
  const made = firstOfSeries(known?.seriesId ?? Buffer.from(world.guid().replaceAll("-", ""), "hex").toString("base64url"), wanted);
  return known && known.occurrenceId > 1 ? { ...known, schedule: made.schedule } : made;
}

/**
 * Completing a task with an active schedule, or deleting it, makes the next one of the series. Its due date is the
 * scheduled one, whatever became of the due date before it. Comments, progress and start date stay behind.
 */
export function continueSeries(store: PlannerStore, task: TaskRecord, by: Actor): void {
  const { recurrence, details } = task;
  if (!recurrence?.schedule || recurrence.nextInSeriesTaskId || task.plan.archival?.archived) return;
  const { schedule } = recurrence;
  const ids = new Map([...details.checklist.keys()].map((id) => [id, store.world.guid()]));
  const next = store.addTask({
    planId: task.plan.id, bucketId: task.bucketId, title: task.title, createdBy: by, priority: task.priority, dueDateTime: schedule.nextOccurrenceDateTime,
    appliedCategories: [...task.categories], assignees: [...task.assignments.keys()],
    description: details.description, previewType: details.previewType,
    checklist: [...details.checklist].map(([id, item]) => ({ id: ids.get(id)!, title: item.title })),
    recurrence: {
      ...recurrence, occurrenceId: recurrence.occurrenceId + 1, previousInSeriesTaskId: task.id, nextInSeriesTaskId: null,
      schedule: scheduled(schedule, schedule.nextOccurrenceDateTime),
    },
  });
  const modified = { modifiedBy: by, modifiedAt: next.createdAt };
  next.details.notes = details.notes;
  next.details.requiredItems = details.requiredItems && details.requiredItems.map((id) => ids.get(id)!);
  for (const [key, reference] of details.references) next.details.references.set(key, { ...reference, ...modified });
  recurrence.nextInSeriesTaskId = next.id;
  task.revision.touch(["recurrence"]);
}
