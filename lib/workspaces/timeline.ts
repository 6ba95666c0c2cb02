/** The snapshots of a plan as a timeline: what changed stands alone, what did not is folded. Pure. */
import type { SnapshotDrift, TimelineDay, TimelineEntry, TimelineSnapshot } from "./types";

/** Entries on one page. */
export const PAGE = 40;
const DAY_MS = 24 * 3600_000;
/** Days that the calendar shows. */
export const CALENDAR_DAYS = 53 * 7;

/** How much changed, in items. */
export function changesIn(drift: SnapshotDrift | null): number {
  return drift ? drift.added + drift.removed + drift.changed + (drift.other ?? 0) : 0;
}

/** Newest first, as given. The first and the newest snapshot and whatever is out of the ordinary are never folded. */
export function timelineOf(snapshots: readonly TimelineSnapshot[]): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  snapshots.forEach((snapshot, index) => {
    const before = snapshots[index + 1]?.id ?? null;
    const isPlain = index > 0 && before !== null && snapshot.drift !== null && changesIn(snapshot.drift) === 0 && snapshot.state === "complete" && !snapshot.damaged && !snapshot.beforeRestore;
    const last = entries.at(-1);
    if (!isPlain) entries.push({ kind: "snapshot", snapshot, before });
    else if (last?.kind === "unchanged") last.snapshots.push(snapshot);
    else entries.push({ kind: "unchanged", snapshots: [snapshot] });
  });
  return entries;
}

const has = (entry: TimelineEntry, id: string): boolean => (entry.kind === "snapshot" ? entry.snapshot.id === id : entry.snapshots.some((snapshot) => snapshot.id === id));

/** The page, from 1, with that snapshot; null when the timeline does not have it. */
export function pageOf(entries: readonly TimelineEntry[], snapshotId: string): number | null {
  const at = entries.findIndex((entry) => has(entry, snapshotId));
  return at < 0 ? null : Math.floor(at / PAGE) + 1;
}

/** A change as the keys jump to it. */
export const isChange = (entry: TimelineEntry): boolean => entry.kind === "snapshot" && (entry.before === null || changesIn(entry.snapshot.drift) > 0);

/** The nearest snapshots before and after that one in which something changed; null at the ends, and for one that is not there. */
export function changesAround(snapshots: readonly TimelineSnapshot[], id: string): { earlier: string | null; later: string | null } {
  const at = snapshots.findIndex((snapshot) => snapshot.id === id);
  const isChanged = ({ drift }: TimelineSnapshot, place: number) => place === snapshots.length - 1 || changesIn(drift) > 0;
  const found = (place: number) => (at < 0 ? null : (snapshots[place]?.id ?? null));
  return { earlier: found(snapshots.findIndex((each, place) => place > at && isChanged(each, place))), later: found(snapshots.findLastIndex((each, place) => place < at && isChanged(each, place))) };
}

/** What the plan looked like at the end of a day (UTC): the last snapshot taken by then, else the first after it. */
export function snapshotAt(snapshots: readonly TimelineSnapshot[], day: string): string | null {
  const end = Date.parse(`${day}T00:00:00Z`) + DAY_MS;
  if (Number.isNaN(end)) return null;
  return (snapshots.find(({ takenAt }) => Date.parse(takenAt) < end) ?? snapshots.at(-1))?.id ?? null;
}

/** The days of the calendar (UTC), oldest first, from a Monday up to `now`. */
export function daysOf(snapshots: readonly TimelineSnapshot[], now: Date): TimelineDay[] {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const weekday = (new Date(today).getUTCDay() + 6) % 7;
  const first = today - (CALENDAR_DAYS - 7 + weekday) * DAY_MS;
  const days = Array.from({ length: (today - first) / DAY_MS + 1 }, (_, index): TimelineDay =>
    ({ day: new Date(first + index * DAY_MS).toISOString().slice(0, 10), snapshots: 0, changes: 0, removed: 0 }));
  for (const { takenAt, drift } of snapshots) {
    const day = days[Math.floor((Date.parse(takenAt) - first) / DAY_MS)];
    if (!day) continue;
    day.snapshots += 1;
    day.changes += changesIn(drift);
    day.removed += drift?.removed ?? 0;
  }
  return days;
}
