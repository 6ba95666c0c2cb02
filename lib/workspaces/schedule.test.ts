import { describe, expect, test } from "vitest";
import { cronOf, nextRuns, previewSchedule } from "./schedule";

describe("a schedule", () => {
  test("says in words what it means", () => {
    expect(previewSchedule({ kind: "manual" })).toEqual({ text: "Only when started by hand", nextRuns: [] });
    expect(previewSchedule({ kind: "hours", every: 6 }).text).toBe("Every 6 hours");
    expect(previewSchedule({ kind: "weekly", day: 1, at: "02:30", timeZone: "Europe/Berlin" }).text).toBe("Every Monday at 02:30 (Europe/Berlin)");
  });

  test("is the cron expression that the queue reads", () => {
    expect(cronOf({ kind: "hours", every: 1 })).toEqual({ cron: "0 * * * *", timeZone: "UTC" });
    expect(cronOf({ kind: "weekly", day: 0, at: "09:05", timeZone: "Asia/Tokyo" })).toEqual({ cron: "5 9 * * 0", timeZone: "Asia/Tokyo" });
  });

  test("a monthly drill is due on its day, in its time zone, also when the clocks change", () => {
    const monthly = { kind: "monthly", day: 28, at: "03:00", timeZone: "Europe/Berlin" } as const;
    expect(previewSchedule(monthly).text).toBe("Every month on day 28 at 03:00 (Europe/Berlin)");
    expect(nextRuns(monthly, 3, new Date("2027-02-01T00:00:00Z"))).toEqual(["2027-02-28T02:00:00.000Z", "2027-03-28T01:00:00.000Z", "2027-04-28T01:00:00.000Z"]);
  });

  test("keeps its local time when the clocks change", () => {
    const runs = nextRuns({ kind: "daily", at: "12:00", timeZone: "Europe/Berlin" }, 3, new Date("2026-10-23T12:00:00Z"));
    expect(runs).toEqual(["2026-10-24T10:00:00.000Z", "2026-10-25T11:00:00.000Z", "2026-10-26T11:00:00.000Z"]);
  });

  test("at an hour that a spring night skips runs once that day", () => {
    const runs = nextRuns({ kind: "daily", at: "02:30", timeZone: "Europe/Berlin" }, 3, new Date("2026-03-28T12:00:00Z"));
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
    expect(() => previewSchedule(schedule)).toThrow(message);
  });
});
