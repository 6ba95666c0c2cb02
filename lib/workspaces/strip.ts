/** A month of a policy's backups, day by day, with those that were due and never came. Pure. */
import { intervalHours } from "./conditions";
import { dueTimes } from "./schedule";
import type { PolicySchedule, StripDay } from "./types";

export const STRIP_DAYS = 30;
const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of the interval: so long after its time a backup is not yet called missed. */
const PATIENCE = 0.5;

export interface StripRun { createdAt: Date; finishedAt: Date | null; state: string }

interface StripFacts {
  policyId: string;
  schedule: PolicySchedule;
  /** Backups are due from then on; null: none are, because the policy is paused. */
  dueSince: Date | null;
  runs: readonly StripRun[];
}

/** The last days (UTC), oldest first. */
export function stripOf({ policyId, schedule, dueSince, runs }: StripFacts, now: Date): StripDay[] {
  const first = (Math.floor(now.getTime() / DAY_MS) - STRIP_DAYS + 1) * DAY_MS;
  const days = Array.from({ length: STRIP_DAYS }, (_, index): StripDay =>
    ({ day: new Date(first + index * DAY_MS).toISOString().slice(0, 10), complete: 0, partial: 0, failed: 0, cancelled: 0, running: 0, missed: 0 }));
  const dayOf = (at: Date) => days[Math.floor((at.getTime() - first) / DAY_MS)];
  for (const { createdAt, state } of runs) {
    const day = dayOf(createdAt);
    if (!day) continue;
    if (state === "complete" || state === "partial" || state === "failed" || state === "cancelled") day[state] += 1;
    else day.running += 1;
  }
  if (dueSince) for (const due of missedTimes(policyId, schedule, runs, new Date(Math.max(dueSince.getTime(), first)), now)) dayOf(due)!.missed += 1;
  return days;
}

/** Times at which a backup was due and none ran until the next one was. */
function missedTimes(policyId: string, schedule: PolicySchedule, runs: readonly StripRun[], from: Date, now: Date): Date[] {
  const every = intervalHours(schedule);
  if (every === null) return [];
  const times = dueTimes(schedule, policyId, from, now);
  const sorted = [...runs].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  let at = 0;
  return times.filter((due, index) => {
    const until = times[index + 1]?.getTime() ?? Infinity;
    while (at < sorted.length && (sorted[at]!.finishedAt ?? now) < due) at += 1;
    const came = sorted.slice(at).some(({ createdAt }) => createdAt.getTime() < until);
    return !came && (until < Infinity || now.getTime() - due.getTime() > every * PATIENCE * HOUR_MS);
  });
}
