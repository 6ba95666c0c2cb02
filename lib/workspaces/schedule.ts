/** A policy's schedule as cron expression, in words, and as the next times. Pure. */
import { CronExpressionParser } from "cron-parser";
import { z } from "zod";
import { parseInput } from "./input";
import type { DrillSchedule, PolicySchedule, Schedule } from "./types";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
/** Divisors of 24, so that the pauses are equal across midnight. */
const EVERY = [1, 2, 3, 4, 6, 8, 12];

const at = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Give the time as hours and minutes, such as 02:30.");
const timeZone = z.string().max(64).refine(isTimeZone, { error: "This time zone is not known. Choose one from the list.", abort: true })
  .refine(movesByHours, "In this time zone the clock moves by half an hour, which schedules cannot follow. Choose a zone nearby.");

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

/** The cron expression and the time zone it is read in; null when nothing runs by itself. */
export function cronOf(schedule: Schedule, policyId: string): { cron: string; timeZone: string } | null {
  switch (schedule.kind) {
    case "manual":
      return null;
    case "hours": {
      const first = firstMinute(schedule.every, policyId);
      return { cron: `${first % 60} ${Math.floor(first / 60)}-23/${schedule.every} * * *`, timeZone: "UTC" };
    }
    case "daily":
      return { cron: `${minuteAndHour(schedule.at)} * * *`, timeZone: schedule.timeZone };
    case "weekly":
      return { cron: `${minuteAndHour(schedule.at)} * * ${schedule.day}`, timeZone: schedule.timeZone };
    case "monthly":
      return { cron: `${minuteAndHour(schedule.at)} ${schedule.day} * *`, timeZone: schedule.timeZone };
  }
}

export function scheduleText(schedule: Schedule, policyId: string): string {
  switch (schedule.kind) {
    case "manual":
      return "Only when started by hand";
    case "hours": {
      const time = new Date(firstMinute(schedule.every, policyId) * 60_000).toISOString().slice(11, 16);
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

/** The next times after `from`, read exactly as the queue reads them. */
export function nextRuns(schedule: Schedule, policyId: string, count: number, from = new Date()): string[] {
  const recurrence = cronOf(schedule, policyId);
  if (!recurrence) return [];
  const times = CronExpressionParser.parse(recurrence.cron, { tz: recurrence.timeZone, strict: false, currentDate: from });
  return Array.from({ length: count }, () => times.next().toDate().toISOString());
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

function minuteAndHour(time: string): string {
  const [hour, minute] = time.split(":").map(Number);
  return `${minute} ${hour}`;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** cron-parser finds no next time where the clock does otherwise, as on Lord Howe Island in the days before its summer time ends. */
function movesByHours(timeZone: string): boolean {
  const minutes = (month: number) => /:(\d\d)/.exec(new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).format(Date.UTC(new Date().getUTCFullYear(), month)))?.[1] ?? "00";
  return minutes(0) === minutes(6);
}
