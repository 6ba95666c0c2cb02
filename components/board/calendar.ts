/** The schedule as days and weeks. Pure; days are "2026-11-19", months "2026-11", weeks begin on Monday. */
import type { CardModel } from "./model";

const DAY_MS = 86_400_000;
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

export const addDays = (day: string, days: number): string => dayOf(Date.parse(day) + days * DAY_MS);

export function addMonths(month: string, months: number): string {
  const date = new Date(`${month}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString().slice(0, 7);
}

/** The weeks that have a day of the month, each by its Monday. */
export function weeksOf(month: string): string[] {
  const first = `${month}-01`;
  const weeks: string[] = [];
  let monday = addDays(first, -((new Date(first).getUTCDay() + 6) % 7));
  for (const end = addMonths(month, 1); monday < `${end}-01`; monday = addDays(monday, 7)) weeks.push(monday);
  return weeks;
}

/** A task in a week: from which column to which (0 Monday ... 6 Sunday), in which line; whether it goes on before and after. */
export interface Bar { card: CardModel; from: number; to: number; lane: number; begins: boolean; ends: boolean }

/** First and last day of a task; null: it has no date. Of one with a due date before its start both are taken as they lie. */
export function spanOf({ start, due }: CardModel): [from: string, to: string] | null {
  const days = [start, due].filter((day) => day !== null).sort();
  return days.length === 0 ? null : [days[0]!, days.at(-1)!];
}

/** The tasks of a week in as few lines as possible: what begins first comes first, long ones above short ones. */
export function barsOf(cards: readonly CardModel[], monday: string): Bar[] {
  const sunday = addDays(monday, 6);
  const spans = cards.flatMap((card) => {
    const span = spanOf(card);
    return span && span[0] <= sunday && span[1] >= monday ? [{ card, from: span[0], to: span[1] }] : [];
  }).sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.to > b.to ? -1 : a.to < b.to ? 1 : 0));
  const ends: number[] = []; // the last column taken in each line
  const column = (day: string) => Math.round((Date.parse(day) - Date.parse(monday)) / DAY_MS);
  return spans.map(({ card, from, to }) => {
    const [first, last] = [Math.max(0, column(from)), Math.min(6, column(to))];
    const free = ends.findIndex((end) => end < first);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = last;
    return { card, from: first, to: last, lane, begins: from >= monday, ends: to <= sunday };
  });
}
