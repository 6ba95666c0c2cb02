/** Which snapshots of a plan leave the timeline. Pure. */

export interface Retained { id: string; takenAt: Date; state: string }
export interface RetentionRule { keepCount: number | null; keepDays: number | null }

const DAY_MS = 24 * 3600_000;

/**
 * A snapshot leaves when it is both beyond the newest `keepCount` and older than `keepDays`, as far as each is set.
 * With several policies on one plan the most generous wins. The newest complete snapshot and everything after it
 * stays, whatever the rules say.
 */
export function expiredSnapshots(snapshots: readonly Retained[], rules: readonly RetentionRule[], now: Date): string[] {
  if (rules.length === 0) return [];
  const newestFirst = [...snapshots].sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
  const lastComplete = newestFirst.findIndex((snapshot) => snapshot.state === "complete");
  if (lastComplete < 0) return [];
  return newestFirst
    .filter((snapshot, position) => position > lastComplete && rules.every((rule) => isExpired(snapshot, position, rule, now)))
    .map((snapshot) => snapshot.id);
}

function isExpired(snapshot: Retained, position: number, { keepCount, keepDays }: RetentionRule, now: Date): boolean {
  if (keepCount === null && keepDays === null) return false;
  const beyondCount = keepCount === null || position >= keepCount;
  const beyondDays = keepDays === null || now.getTime() - snapshot.takenAt.getTime() > keepDays * DAY_MS;
  return beyondCount && beyondDays;
}
