/**
 * When a recurring task comes next.
 * https://learn.microsoft.com/graph/api/resources/plannerrecurrenceschedule?view=graph-rest-beta,
 * https://learn.microsoft.com/graph/api/resources/recurrencepattern
 */
export const PATTERN_TYPES = ["daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"] as const;
export const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
export const INDEXES = ["first", "second", "third", "fourth", "last"] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** What a type does not use has the default that Graph shows: 0, [], sunday, first. */
export interface RecurrencePattern {
  type: (typeof PATTERN_TYPES)[number];
  interval: number;
  month: number;
  dayOfMonth: number;
  daysOfWeek: Weekday[];
  firstDayOfWeek: Weekday;
  index: (typeof INDEXES)[number];
}

const DAY = 86_400_000;

/** The first moment of the pattern after `anchor` (ms), which is a moment of the pattern or the start of it. The time of day stays. */
export function nextAfter(pattern: RecurrencePattern, anchor: number): number {
  const timeOfDay = anchor % DAY;
  const day = anchor - timeOfDay;
  for (let step = 0; ; step += pattern.interval) {
    const found = daysOf(pattern, day, step).find((candidate) => candidate > day);
    if (found !== undefined) return found + timeOfDay;
  }
}

/** Days of the pattern in the period (day, week, month, year) that is `step` periods after the one of `day`, in order. */
function daysOf(pattern: RecurrencePattern, day: number, step: number): number[] {
  const date = new Date(day);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (pattern.type) {
    case "daily":
      return [day + step * DAY];
    case "weekly": {
      const first = WEEKDAYS.indexOf(pattern.firstDayOfWeek);
      const week = day - ((date.getUTCDay() - first + 7) % 7) * DAY + step * 7 * DAY;
      return pattern.daysOfWeek.map((name) => week + ((WEEKDAYS.indexOf(name) - first + 7) % 7) * DAY).sort((a, b) => a - b);
    }
    case "absoluteMonthly":
      return [absolute(year, month + step, pattern.dayOfMonth)];
    case "relativeMonthly":
      return [relative(year, month + step, pattern)];
    case "absoluteYearly":
      return [absolute(year + step, pattern.month - 1, pattern.dayOfMonth)];
    case "relativeYearly":
      return [relative(year + step, pattern.month - 1, pattern)];
  }
}

/** A day that the month does not have is its last. */
function absolute(year: number, month: number, dayOfMonth: number): number {
  return Math.min(Date.UTC(year, month, dayOfMonth), Date.UTC(year, month + 1, 0));
}

function relative(year: number, month: number, { daysOfWeek, index }: RecurrencePattern): number {
  const wanted = WEEKDAYS.indexOf(daysOfWeek[0]!);
  if (index === "last") {
    const end = new Date(Date.UTC(year, month + 1, 0));
    return end.getTime() - ((end.getUTCDay() - wanted + 7) % 7) * DAY;
  }
  const start = new Date(Date.UTC(year, month, 1));
  return start.getTime() + (((wanted - start.getUTCDay() + 7) % 7) + 7 * INDEXES.indexOf(index)) * DAY;
}
