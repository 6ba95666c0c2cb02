import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { cronOf, dueTimes, nextRuns, previewSchedule, scheduleInput } from "./schedule";
import type { Schedule } from "./types";

/** 0x89 = 137 minutes: 02:17. */
const ID = "00000089-0000-4000-8000-000000000000";

const HOUR = 3600_000;
const offset = (format: Intl.DateTimeFormat, time: number): number => Date.parse(`${format.format(time).replace(" ", "T")}:00Z`) - Math.floor(time / 60_000) * 60_000;
const shows = (format: Intl.DateTimeFormat, time: number, local: number): boolean => time + offset(format, time) === local;

/** Days after the beginning of 2026 on which clocks change within three years; one day where they never do. */
function changesOf(format: Intl.DateTimeFormat): number[] {
  const noon = (day: number) => offset(format, Date.UTC(2026, 0, 1 + day, 12));
  const changes: number[] = [];
  for (let [from, before] = [0, noon(0)]; from < 3 * 365; from += 15) {
    if (noon(from + 15) === before) continue;
    let day = from;
    while (noon(day) === before) day += 1;
    changes.push(day);
    before = noon(from + 15);
  }
  return changes.length > 0 ? changes : [100];
}

/** The first time after `now` at which a cron expression in UTC of ours is due: plain numbers and stars. */
function firesAfter(cron: string, now: number): number {
  const [minute, hour, date, month, weekday] = cron.split(" ");
  for (let day = Math.floor(now / (24 * HOUR)); ; day += 1) {
    const time = new Date(day * 24 * HOUR + Number(hour) * HOUR + Number(minute) * 60_000);
    const fits = (field: string | undefined, value: number) => field === "*" || Number(field) === value;
    if (time.getTime() > now && fits(date, time.getUTCDate()) && fits(month, time.getUTCMonth() + 1) && fits(weekday, time.getUTCDay())) return time.getTime();
  }
}

describe("a schedule", () => {
  test("says in words what it means", () => {
    expect(previewSchedule({ kind: "manual" }, null)).toEqual({ text: "Only when started by hand", nextRuns: [] });
    expect(previewSchedule({ kind: "hours", every: 6 }, ID).text).toBe("Every 6 hours from 02:17 (UTC)");
    expect(previewSchedule({ kind: "hours", every: 1 }, ID).text).toBe("Every hour at minute 17");
    expect(previewSchedule({ kind: "weekly", day: 1, at: "02:30", timeZone: "Europe/Berlin" }, null).text).toBe("Every Monday at 02:30 (Europe/Berlin)");
  });

  test("is told to the queue in UTC, for the next time", () => {
    const cron = (schedule: Schedule, now = "2026-11-28T12:00:00Z") => cronOf(schedule, ID, new Date(now));
    expect(cron({ kind: "manual" })).toBeNull();
    expect(cron({ kind: "hours", every: 1 })).toBe("17 0-23/1 * * *");
    expect(cron({ kind: "hours", every: 6 })).toBe("17 2-23/6 * * *");
    expect(cron({ kind: "weekly", day: 1, at: "08:05", timeZone: "Asia/Tokyo" })).toBe("5 23 * * 0");
    expect(cron({ kind: "monthly", day: 1, at: "00:30", timeZone: "Europe/Berlin" })).toBe("30 23 30 * *");
    const daily = { kind: "daily", at: "02:30", timeZone: "Europe/Berlin" } as const;
    // The night before summer time, the night that skips 02:30, and the one after it.
    expect(["2026-03-27", "2026-03-28", "2026-03-29"].map((day) => cron(daily, `${day}T12:00:00Z`))).toEqual(["30 1 * * *", "30 1 * * *", "30 0 * * *"]);
  });

  test("of hours is due at times that differ from policy to policy, each as far from the next as it says, also across midnight", () => {
    for (const every of [1, 2, 3, 4, 6, 8, 12]) {
      const minutes = Array.from({ length: 180 }, () => {
        const runs = nextRuns({ kind: "hours", every }, randomUUID(), 5 + 24 / every, new Date("2026-10-24T12:00:00Z")).map((run) => Date.parse(run));
        expect(new Set(runs.slice(1).map((run, index) => run - runs[index]!))).toEqual(new Set([every * 3600_000]));
        return new Date(runs[0]!).getUTCMinutes();
      });
      const most = Math.max(...Array.from({ length: 60 }, (_, minute) => minutes.filter((one) => one === minute).length));
      expect(most).toBeLessThan(18); // 3 on average
    }
  });

  test("was due up to a time as often as it will be after it", () => {
    const hours = { kind: "hours", every: 4 } as const;
    const [from, to] = [new Date("2026-03-30T00:00:00Z"), new Date("2026-03-30T10:17:00Z")];
    expect(dueTimes(hours, ID, from, to).map((time) => time.toISOString())).toEqual(nextRuns(hours, ID, 3, from));
    expect(dueTimes({ kind: "daily", at: "10:17", timeZone: "UTC" }, ID, from, to)).toEqual([to]);
    expect(dueTimes({ kind: "daily", at: "10:17", timeZone: "UTC" }, ID, to, to)).toEqual([]);
  });

  test("of hours has no times while its policy is not saved", () => {
    expect(previewSchedule({ kind: "hours", every: 1 }, null)).toEqual({ text: expect.stringMatching(/^Every hour\. The minute is chosen when you save/), nextRuns: [] });
  });

  test("in any zone of the world is due once each calendar day, at its time; at one that clocks skip, as much later as they skip; at a time shown twice, the first", () => {
    const wrong: string[] = [];
    for (const timeZone of Intl.supportedValuesOf("timeZone")) {
      expect(scheduleInput.safeParse({ kind: "daily", at: "02:00", timeZone }).success).toBe(true);
      const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
      // Where clocks change within these three years, the days around it; else any.
      for (const change of changesOf(format)) {
        for (const at of ["00:00", "00:30", "01:30", "02:00", "02:30", "12:00", "22:30", "23:00", "23:59"]) {
          const from = Date.UTC(2026, 0, 1 + change - 3, 12) - offset(format, Date.UTC(2026, 0, 1 + change - 3, 12));
          const runs = nextRuns({ kind: "daily", at, timeZone }, ID, 6, new Date(from)).map((run) => Date.parse(run));
          for (const [index, run] of runs.entries()) {
            const wanted = Date.UTC(2026, 0, 1 + change - 3 + index + (at > "12:00" ? 0 : 1), ...(at.split(":").map(Number) as [number, number]));
            const late = run + offset(format, run) - wanted;
            const skipped = Math.max(0, offset(format, run) - offset(format, run - 3 * HOUR));
            const isFirst = ![0.5, 1, 2].some((hours) => shows(format, run - hours * HOUR, wanted));
            const isRight = isFirst && (late === 0 || late === skipped);
            if (index > 0 && firesAfter(cronOf({ kind: "daily", at, timeZone }, ID, new Date(runs[index - 1]! + 2_000))!, runs[index - 1]! + 2_000) !== run) wrong.push(`${timeZone} ${at}: the queue is not told of ${new Date(run).toISOString()}`);
            if (!isRight) wrong.push(`${timeZone} ${at} ${new Date(wanted).toISOString()}: ${new Date(run).toISOString()}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(() => previewSchedule({ kind: "daily", at: "02:00", timeZone: "Mars/Olympus" }, null)).toThrow(/not known/);
  });

  test.each([[{ kind: "weekly", day: 0 }], [{ kind: "monthly", day: 25 }]] as const)("%j is told to the queue for the next time also where clocks go back on that day", (when) => {
    const schedule = { ...when, at: "02:30", timeZone: "Europe/Berlin" };
    let now = Date.UTC(2026, 8, 1);
    for (const run of nextRuns(schedule, ID, 14, new Date(now)).map((each) => Date.parse(each))) {
      expect(new Date(firesAfter(cronOf(schedule, ID, new Date(now))!, now))).toEqual(new Date(run));
      now = run + 2_000;
    }
  });

  test("in a zone that goes to summer time before midnight, or by half an hour, skips no night", () => {
    const runs = (timeZone: string, at: string, from: string) => nextRuns({ kind: "daily", at, timeZone }, ID, 3, new Date(from));
    expect(runs("America/Nuuk", "23:30", "2026-03-28T12:00:00Z")).toEqual(["2026-03-29T01:30:00.000Z", "2026-03-30T00:30:00.000Z", "2026-03-31T00:30:00.000Z"]);
    expect(runs("Australia/Lord_Howe", "02:15", "2026-10-03T00:00:00Z")).toEqual(["2026-10-03T15:45:00.000Z", "2026-10-04T15:15:00.000Z", "2026-10-05T15:15:00.000Z"]);
  });

  test("a monthly drill is due on its day, in its time zone, also when the clocks change", () => {
    const monthly = { kind: "monthly", day: 28, at: "03:00", timeZone: "Europe/Berlin" } as const;
    expect(previewSchedule(monthly, ID).text).toBe("Every month on day 28 at 03:00 (Europe/Berlin)");
    expect(nextRuns(monthly, ID, 3, new Date("2027-02-01T00:00:00Z"))).toEqual(["2027-02-28T02:00:00.000Z", "2027-03-28T01:00:00.000Z", "2027-04-28T01:00:00.000Z"]);
  });

  test("keeps its local time when the clocks change", () => {
    const runs = nextRuns({ kind: "daily", at: "12:00", timeZone: "Europe/Berlin" }, ID, 3, new Date("2026-10-23T12:00:00Z"));
    expect(runs).toEqual(["2026-10-24T10:00:00.000Z", "2026-10-25T11:00:00.000Z", "2026-10-26T11:00:00.000Z"]);
  });

  test("at an hour that a spring night skips runs once that day", () => {
    const runs = nextRuns({ kind: "daily", at: "02:30", timeZone: "Europe/Berlin" }, ID, 3, new Date("2026-03-28T12:00:00Z"));
    expect(runs.map((run) => run.slice(0, 10))).toEqual(["2026-03-29", "2026-03-30", "2026-03-31"]);
  });

  test.each([
    [{ kind: "hours", every: 5 }, /1, 2, 3, 4, 6, 8 or 12/],
    [{ kind: "daily", at: "25:00", timeZone: "UTC" }, /hours and minutes/],
    [{ kind: "daily", at: "02:00", timeZone: "Mars/Olympus" }, /time zone/],
    [{ kind: "yearly" }, /when it runs/],
    [null, /when it runs/],
    [{ kind: "monthly", day: 31, at: "02:00", timeZone: "UTC" }, /from 1 to 28/],
  ])("%j is refused in words", (schedule, message) => {
    expect(() => previewSchedule(schedule, null)).toThrow(message);
  });
});
