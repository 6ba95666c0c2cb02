/** Which snapshots of a plan leave the timeline. Pure. */
import type { Retention } from "./types";

export interface Retained { id: string; takenAt: Date; state: string }

const DAY_MS = 24 * 3600_000;
/** The 1st of January 1970 was a Thursday; weeks begin on Mondays. */
const MONDAY = 3;

const PERIODS: { keep: "keepDaily" | "keepWeekly" | "keepMonthly" | "keepYearly"; of: (at: Date) => number }[] = [
  { keep: "keepDaily", of: (at) => Math.floor(at.getTime() / DAY_MS) },
  { keep: "keepWeekly", of: (at) => Math.floor((at.getTime() / DAY_MS + MONDAY) / 7) },
  { keep: "keepMonthly", of: (at) => at.getUTCFullYear() * 12 + at.getUTCMonth() },
  { keep: "keepYearly", of: (at) => at.getUTCFullYear() },
];

/**
 * A snapshot leaves when nothing that is set keeps it: it is beyond the newest `keepCount`, older than `keepDays`, and not the
 * one of its day, week, month or year (UTC) among the newest periods that have a snapshot. The one of a period is the newest complete one, else
 * the newest. With several policies on one plan the most generous wins. The newest complete snapshot and everything after
 * it stays, whatever the rules say.
 */
export function expiredSnapshots(snapshots: readonly Retained[], rules: readonly Retention[], now: Date): string[] {
  if (rules.length === 0) return [];
  const newestFirst = [...snapshots].sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
  const lastComplete = newestFirst.findIndex((snapshot) => snapshot.state === "complete");
  if (lastComplete < 0) return [];
  const kept = rules.map((rule) => keptBy(newestFirst, rule, now));
  return newestFirst
    .filter((snapshot, position) => position > lastComplete && !kept.some((ids) => ids === null || ids.has(snapshot.id)))
    .map((snapshot) => snapshot.id);
}

/** Null: all of them. */
function keptBy(newestFirst: readonly Retained[], rule: Retention, now: Date): Set<string> | null {
  const { keepCount, keepDays } = rule;
  const periods = PERIODS.filter(({ keep }) => rule[keep] !== null);
  if (keepCount === null && keepDays === null && periods.length === 0) return null;
  const kept = newestFirst.filter(({ takenAt }, position) =>
    (keepCount !== null && position < keepCount) || (keepDays !== null && now.getTime() - takenAt.getTime() <= keepDays * DAY_MS));
  for (const { keep, of } of periods) {
    const all = [...Map.groupBy(newestFirst, ({ takenAt }) => of(takenAt)).values()].slice(0, rule[keep]!);
    kept.push(...all.map((period) => period.find(({ state }) => state === "complete") ?? period[0]!));
  }
  return new Set(kept.map(({ id }) => id));
}
