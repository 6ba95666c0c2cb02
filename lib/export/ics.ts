import ical from "ical-generator";
import { appliedLabels, describePriority, describeProgress, labelName } from "@/lib/planner";
import { plain } from "./text";
import { chosenTasks } from "./rows";
import type { ExportSource } from "./types";

const DAY_MS = 24 * 3600_000;

/** Tasks with a start or due date as whole days of a calendar; Planner's dates are days. Tasks without a date are left out. */
export function* ics(source: ExportSource): Generator<Uint8Array> {
  const calendar = ical({ name: plain(source.planTitle), prodId: "-//Planback//Planner snapshot//EN" });
  const buckets = new Map(source.content.buckets.map(({ id, name }) => [id, name]));
  for (const { id, task, details } of chosenTasks(source)) {
    const days = [task.startDateTime, task.dueDateTime].map(dayOf).filter((day) => day !== null);
    if (days.length === 0) continue;
    const labels = appliedLabels(task.appliedCategories).map((category) => labelName(category, source.content.planDetails?.categoryDescriptions));
    const facts = [`Progress: ${describeProgress(task.percentComplete)}`, `Priority: ${describePriority(task.priority)}`, `Bucket: ${buckets.get(task.bucketId ?? "") ?? "none"}`];
    calendar.createEvent({
      id: `${id}@planback`, stamp: new Date(source.takenAt), allDay: true, start: new Date(Math.min(...days)), end: new Date(Math.max(...days) + DAY_MS), timezone: "UTC",
      summary: plain(task.title), description: plain([...facts, ...(details?.description ? ["", details.description] : [])].join("\n")),
      categories: labels.map(plain).filter(Boolean).map((name) => ({ name })),
    });
  }
  yield Buffer.from(`${calendar.toString()}\r\n`);
}

function dayOf(value: string | null | undefined): number | null {
  const day = Date.parse((value ?? "").slice(0, 10));
  return Number.isNaN(day) ? null : day;
}
