/** A policy's schedule in words, as its times, and as what the queue is told. Pure. */
import { z } from "zod";
import { parseInput } from "./input";
import type { DrillSchedule, PolicySchedule, Schedule } from "./types";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Divisors of 24, so that the pauses are equal across midnight. */
const EVERY = [1, 2, 3, 4, 6, 8, 12];

const at = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Give the time as hours and minutes, such as 02:30.");
const timeZone = z.string().max(64).refine(isTimeZone, "This time zone is not known. Choose one from the list.");

const manual = z.strictObject({ kind: z.literal("manual") });
const hours = z.strictObject({ kind: z.literal("hours"), every: z.number().refine((n) => EVERY.includes(n), "Choose every 1, 2, 3, 4, 6, 8 or 12 hours.") });
const daily = z.strictObject({ kind: z.literal("daily"), at, timeZone });
const weekly = z.strictObject({ kind: z.literal("weekly"), day: z.number().int().min(0).max(6), at, timeZone });
/** Days that every month has. */
const monthly = z.strictObject({ kind: z.literal("monthly"), day: z.number().int().min(1, "Choose a day from 1 to 28.").max(28, "Choose a day from 1 to 28."), at, timeZone });

export const scheduleInput: z.ZodType<PolicySchedule> = z.discriminatedUnion("kind", [manual, hours, daily, weekly], { error: "Choose when the backup runs." });
export const drillScheduleInput: z.ZodType<DrillSchedule> = z.discriminatedUnion("kind", [manual, weekly, monthly], { error: "Choose when a drill runs." });
const anySchedule: z.ZodType<Schedule> = z.discriminatedUnion("kind", [manual, hours, daily, weekly, monthly], { error: "Choose when it runs." });

/** Minutes after midnight (UTC) at which a schedule of hours is due first: spread by the policy, so that not all are due at once. */
export function firstMinute(every: number, policyId: string): number {
  return parseInt(policyId.slice(0, 8), 16) % (every * 60);
}

/**
 * The cron expression (UTC) that is due at the next time after `now`; null when nothing runs by itself. It says the hour of UTC that the
 * local time next is, so it must be set anew each time it was due: cron in a time zone does not find the times that a change of the clocks skips.
 */
export function cronOf(schedule: Schedule, policyId: string, now = new Date()): string | null {
  if (schedule.kind === "hours") {
    const first = firstMinute(schedule.every, policyId);
    return `${first % 60} ${Math.floor(first / 60)}-23/${schedule.every} * * *`;
  }
  const next = times(schedule, policyId, now).next().value;
  if (!next) return null;
  const days = schedule.kind === "weekly" ? `* * ${next.getUTCDay()}` : schedule.kind === "monthly" ? `${next.getUTCDate()} * *` : "* * *";
  // When clocks go back, the new hour comes once more before that: then the day is said, too.
  if (periodBefore(schedule.kind, next) > now) return `${next.getUTCMinutes()} ${next.getUTCHours()} ${next.getUTCDate()} ${next.getUTCMonth() + 1} *`;
  return `${next.getUTCMinutes()} ${next.getUTCHours()} ${days}`;
}

function periodBefore(kind: Schedule["kind"], time: Date): Date {
  if (kind === "monthly") return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() - 1, time.getUTCDate(), time.getUTCHours(), time.getUTCMinutes()));
  return new Date(time.getTime() - (kind === "weekly" ? 7 : 1) * DAY_MS);
}

export function scheduleText(schedule: Schedule, policyId: string): string {
  switch (schedule.kind) {
    case "manual":
      return "Only when started by hand";
    case "hours": {
      const time = new Date(firstMinute(schedule.every, policyId) * MINUTE_MS).toISOString().slice(11, 16);
      return schedule.every === 1 ? `Every hour at minute ${Number(time.slice(3))}` : `Every ${schedule.every} hours from ${time} (UTC)`;
    }
    case "daily":
      return `Every day at ${schedule.at} (${schedule.timeZone})`;
    case "weekly":
      return `Every ${DAYS[schedule.day]} at ${schedule.at} (${schedule.timeZone})`;
    case "monthly":
      return `Every month on day ${schedule.day} at ${schedule.at} (${schedule.timeZone})`;
  }
}

/** The next times after `from`. */
export function nextRuns(schedule: Schedule, policyId: string, count: number, from = new Date()): string[] {
  return times(schedule, policyId, from).take(count).map((time) => time.toISOString()).toArray();
}

/** When the schedule is due, after `from` and up to `to`. */
export function dueTimes(schedule: Schedule, policyId: string, from: Date, to: Date): Date[] {
  const due: Date[] = [];
  for (const time of times(schedule, policyId, from)) {
    if (time > to) break;
    due.push(time);
  }
  return due;
}

/** All times after `from`, one after the other. */
function* times(schedule: Schedule, policyId: string, from: Date): Generator<Date, undefined> {
  if (schedule.kind === "manual") return;
  if (schedule.kind === "hours") {
    const [step, offset] = [schedule.every * HOUR_MS, firstMinute(schedule.every, policyId) * MINUTE_MS];
    for (let time = (Math.floor((from.getTime() - offset) / step) + 1) * step + offset; ; time += step) yield new Date(time);
  }
  const [hour, minute] = schedule.at.split(":").map(Number) as [number, number];
  // From the day before: at any moment the calendars of the world differ by that.
  for (let day = Math.floor(from.getTime() / DAY_MS) - 1; ; day += 1) {
    const date = new Date(day * DAY_MS);
    if (schedule.kind === "weekly" && date.getUTCDay() !== schedule.day) continue;
    if (schedule.kind === "monthly" && date.getUTCDate() !== schedule.day) continue;
    const time = momentOf(day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS, schedule.timeZone);
    if (time > from.getTime()) yield new Date(time);
  }
}

/** When clocks of the zone show `local` (milliseconds as if it were UTC): the first time when they show it twice; when they skip it, as much later as they skip. */
function momentOf(local: number, timeZone: string): number {
  const [before, after] = [local - offsetAt(local - DAY_MS, timeZone), local - offsetAt(local + DAY_MS, timeZone)];
  const shown = [before, after].filter((time) => time + offsetAt(time, timeZone) === local);
  return shown.length > 0 ? Math.min(...shown) : before;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** By how much clocks of the zone are ahead of UTC, in milliseconds. */
function offsetAt(time: number, timeZone: string): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  formats.set(timeZone, format);
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(time)) ?? [];
  return sign ? (sign === "-" ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS) : 0;
}

/** What a schedule means, for the form; `policyId`: null while the policy is not saved. Throws `invalid_input`. */
export function previewSchedule(schedule: unknown, policyId: unknown): { text: string; nextRuns: string[] } {
  const parsed = parseInput(anySchedule, schedule);
  const id = parseInput(z.guid().nullable(), policyId);
  if (parsed.kind === "hours" && id === null) {
    return { text: `Every ${parsed.every === 1 ? "hour" : `${parsed.every} hours`}. The minute is chosen when you save, so that not all backups begin at once.`, nextRuns: [] };
  }
  return { text: scheduleText(parsed, id ?? ""), nextRuns: nextRuns(parsed, id ?? "", 5) };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
