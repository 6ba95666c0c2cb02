/**
 * Recurrence of a task (beta). A client gives a pattern and its start; Planner answers with the date of the next task.
 * https://learn.microsoft.com/graph/api/resources/plannerrecurrenceschedule
 */
import { canonicalDate } from "./dates";
import type { GraphObject, PlannerTask } from "./types";

export interface Recurrence {
  /** Only what the pattern's type uses: Planner fills the rest with defaults that mean nothing. */
  pattern: GraphObject;
  /** When the next task is due; null: not known. */
  next: string | null;
  start: string | null;
}

const USED: Record<string, readonly string[]> = {
  daily: [],
  weekly: ["daysOfWeek", "firstDayOfWeek"],
  absoluteMonthly: ["dayOfMonth"],
  relativeMonthly: ["daysOfWeek", "index"],
  absoluteYearly: ["dayOfMonth", "month"],
  relativeYearly: ["daysOfWeek", "index", "month"],
};
const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const INDEXES = ["first", "second", "third", "fourth"];
const DAY_MS = 86_400_000;

/**
 * The active recurrence of a task; null: none. A completed task has none, nor one whose series has gone on to its next task.
 * undefined: the task was read without it.
 */
export function recurrenceOf(task: PlannerTask): Recurrence | null | undefined {
  if (task.recurrence === undefined) return undefined;
  const schedule = task.recurrence?.schedule;
  if (!schedule?.pattern || task.recurrence?.nextInSeriesTaskId || (task.percentComplete ?? 0) >= 100) return null;
  return { pattern: usedPattern(schedule.pattern), next: canonicalDate(schedule.nextOccurrenceDateTime), start: canonicalDate(schedule.patternStartDateTime) };
}

/** What is equal when two tasks recur alike: the pattern and the next date (its start, when that is not known). */
export function sameRecurrence({ pattern, next, start }: Recurrence): unknown {
  return [Object.entries(pattern).sort(([a], [b]) => (a < b ? -1 : 1)), next ?? start];
}

/** "Every 2 weeks on Monday, Friday, next on 2026-12-07" */
export function describeRecurrence({ pattern, next, start }: Recurrence): string {
  const interval = Number(pattern.interval ?? 1);
  const unit = { daily: "day", weekly: "week", absoluteMonthly: "month", relativeMonthly: "month", absoluteYearly: "year", relativeYearly: "year" }[String(pattern.type)] ?? String(pattern.type);
  const days = daysOf(pattern).map((day) => day.charAt(0).toUpperCase() + day.slice(1)).join(", ");
  const month = pattern.month === undefined ? "" : ` of month ${String(pattern.month)}`;
  const on = pattern.dayOfMonth !== undefined ? ` on day ${String(pattern.dayOfMonth)}${month}`
    : pattern.index !== undefined ? ` on the ${String(pattern.index)} ${days}${month}`
      : days === "" ? "" : ` on ${days}`;
  const date = next ? `, next on ${next.slice(0, 10)}` : start ? `, from ${start.slice(0, 10)}` : "";
  return `Every ${interval === 1 ? unit : `${interval} ${unit}s`}${on}${date}`;
}

/**
 * A start for the pattern from which Planner finds the same next date: "the next date after the pattern start date, according
 * to the pattern". So it is the date before the next one in the series.
 */
export function patternStart({ pattern, next, start }: Recurrence): string | null {
  const at = next === null ? Number.NaN : Date.parse(next);
  const before = Number.isNaN(at) ? null : dateBefore(new Date(at), pattern, Math.max(1, Number(pattern.interval ?? 1)));
  return before === null ? (start ?? next) : canonicalDate(before.toISOString());
}

function usedPattern(pattern: GraphObject): GraphObject {
  const used = USED[String(pattern.type)];
  const kept = Object.entries(pattern).filter(([key, value]) => !key.includes("@odata") && value !== null && (!used || key === "type" || key === "interval" || used.includes(key)));
  return Object.fromEntries(kept.map(([key, value]) => [key, key === "daysOfWeek" && Array.isArray(value) ? inWeekOrder(value as string[]) : value]));
}

const inWeekOrder = (days: string[]): string[] => [...days].sort((a, b) => DAYS.indexOf(a) - DAYS.indexOf(b));
const daysOf = (pattern: GraphObject): string[] => (Array.isArray(pattern.daysOfWeek) ? (pattern.daysOfWeek as string[]) : []);

function dateBefore(next: Date, pattern: GraphObject, interval: number): Date | null {
  const back = (days: number) => new Date(next.getTime() - days * DAY_MS);
  const days = daysOf(pattern);
  switch (pattern.type) {
    case "daily":
      return back(interval);
    case "weekly":
      for (let ago = 1; days.length > 1 && ago < 7; ago += 1) if (days.includes(DAYS[back(ago).getUTCDay()] ?? "")) return back(ago);
      return back(7 * interval);
    case "absoluteMonthly":
    case "absoluteYearly": {
      const month = monthsBefore(next, pattern.type === "absoluteYearly" ? 12 * interval : interval);
      return new Date(month.getTime() + (Math.min(Number(pattern.dayOfMonth ?? next.getUTCDate()), daysIn(month)) - 1) * DAY_MS);
    }
    case "relativeMonthly":
    case "relativeYearly":
      return relativeDay(monthsBefore(next, pattern.type === "relativeYearly" ? 12 * interval : interval), DAYS.indexOf(days[0] ?? ""), String(pattern.index ?? "first"));
    default:
      return null;
  }
}

/** The first of a month, at the time of day of `date`. */
function monthsBefore(date: Date, months: number): Date {
  const first = new Date(date);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() - months);
  return first;
}

const daysIn = (month: Date): number => new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate();

/** "The second Tuesday" of the month that `first` is the first day of. */
function relativeDay(first: Date, weekday: number, index: string): Date | null {
  if (weekday < 0) return null;
  const offset = (weekday - first.getUTCDay() + 7) % 7;
  const last = offset + 7 * Math.floor((daysIn(first) - 1 - offset) / 7);
  const at = index === "last" ? last : offset + 7 * INDEXES.indexOf(index);
  return INDEXES.includes(index) || index === "last" ? new Date(first.getTime() + at * DAY_MS) : null;
}
