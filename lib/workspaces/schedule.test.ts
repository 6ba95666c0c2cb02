import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { cronOf, nextRuns, previewSchedule, scheduleInput } from "./schedule";

/** 0x89 = 137 minutes: 02:17. */
const ID = "00000089-0000-4000-8000-000000000000";

describe("a schedule", () => {
  test("says in words what it means", () => {
    expect(previewSchedule({ kind: "manual" }, null)).toEqual({ text: "Only when started by hand", nextRuns: [] });
    expect(previewSchedule({ kind: "hours", every: 6 }, ID).text).toBe("Every 6 hours from 02:17 (UTC)");
    expect(previewSchedule({ kind: "hours", every: 1 }, ID).text).toBe("Every hour at minute 17");
    expect(previewSchedule({ kind: "weekly", day: 1, at: "02:30", timeZone: "Europe/Berlin" }, null).text).toBe("Every Monday at 02:30 (Europe/Berlin)");
  });

  test("is the cron expression that the queue reads", () => {
    expect(cronOf({ kind: "hours", every: 1 }, ID)).toEqual({ cron: "17 0-23/1 * * *", timeZone: "UTC" });
    expect(cronOf({ kind: "hours", every: 6 }, ID)).toEqual({ cron: "17 2-23/6 * * *", timeZone: "UTC" });
    expect(cronOf({ kind: "weekly", day: 0, at: "09:05", timeZone: "Asia/Tokyo" }, ID)).toEqual({ cron: "5 9 * * 0", timeZone: "Asia/Tokyo" });
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

  test("of hours has no times while its policy is not saved", () => {
    expect(previewSchedule({ kind: "hours", every: 1 }, null)).toEqual({ text: expect.stringMatching(/^Every hour\. The minute is chosen when you save/), nextRuns: [] });
  });

  test("is not taken in a zone whose clock moves by half an hour, where the next time is not found", () => {
    const refused = Intl.supportedValuesOf("timeZone").filter((timeZone) => !scheduleInput.safeParse({ kind: "daily", at: "02:00", timeZone }).success);
    expect(refused).toEqual(["Australia/Lord_Howe"]);
    expect(() => previewSchedule({ kind: "daily", at: "02:00", timeZone: "Australia/Lord_Howe" }, null)).toThrow(/moves by half an hour/);
    expect(() => previewSchedule({ kind: "daily", at: "02:00", timeZone: "Mars/Olympus" }, null)).toThrow(/not known/);
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
