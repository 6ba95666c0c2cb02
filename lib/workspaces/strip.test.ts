import { describe, expect, test } from "vitest";
import { coverageOf } from "./coverage";
import { STRIP_DAYS, stripOf, type StripRun } from "./strip";
import type { Catalogue, PolicySchedule } from "./types";

/** Due 137 minutes after midnight, where there is room for that. */
const ID = "00000089-0000-4000-8000-000000000000";
const now = new Date("2026-03-30T12:00:00Z");
const run = (createdAt: string, state = "complete", minutes: number | null = 5): StripRun =>
  ({ createdAt: new Date(createdAt), finishedAt: minutes === null ? null : new Date(Date.parse(createdAt) + minutes * 60_000), state });
const daily: PolicySchedule = { kind: "daily", at: "02:30", timeZone: "Europe/Berlin" };
const missed = (schedule: PolicySchedule, runs: StripRun[], dueSince: string | null = "2026-03-26T12:00:00Z") =>
  Object.fromEntries(stripOf({ policyId: ID, schedule, dueSince: dueSince === null ? null : new Date(dueSince), runs }, now).filter((day) => day.missed > 0).map((day) => [day.day.slice(5), day.missed]));

describe("the month of a policy", () => {
  test("counts runs on the day they began, by outcome", () => {
    const days = stripOf({ policyId: ID, schedule: { kind: "manual" }, dueSince: now, runs: [run("2026-03-29T23:59:00Z"), run("2026-03-30T01:00:00Z", "partial"), run("2026-03-30T02:00:00Z", "running", null), run("2026-01-01T00:00:00Z")] }, now);
    expect(days).toHaveLength(STRIP_DAYS);
    expect(days.slice(-2)).toEqual([
      { day: "2026-03-29", complete: 1, partial: 0, failed: 0, cancelled: 0, running: 0, missed: 0 },
      { day: "2026-03-30", complete: 0, partial: 1, failed: 0, cancelled: 0, running: 1, missed: 0 },
    ]);
  });

  test("a backup that was due and never came is missed, also on the day that clocks jump; any run until the next is due makes it good", () => {
    const runs = [run("2026-03-27T01:30:02Z"), run("2026-03-28T20:00:00Z", "failed")];
    expect(missed(daily, runs)).toEqual({ "03-29": 1 }); // today's is not late enough yet
    expect(missed(daily, [])).toEqual({ "03-27": 1, "03-28": 1, "03-29": 1 });
    expect(missed(daily, [run("2026-03-27T01:00:00Z", "complete", 60 * 48)])).toEqual({ "03-29": 1 }); // one was under way for two days
  });

  test("nothing is missed before the schedule was made, while it is paused, and by hand", () => {
    expect(missed(daily, [], "2026-03-29T06:00:00Z")).toEqual({});
    expect(missed(daily, [], null)).toEqual({});
    expect(missed({ kind: "manual" }, [])).toEqual({});
  });

  test("of hours is missed as often as it was due", () => {
    expect(missed({ kind: "hours", every: 6 }, [run("2026-03-30T02:17:01Z"), run("2026-03-30T08:17:01Z")], "2026-03-29T10:00:00Z")).toEqual({ "03-29": 2 });
  });
});

test("a plan that several accounts see and several policies take counts once; a paused policy protects nothing", () => {
  const catalogue = (plans: string[], unreachable: string[] = []): Catalogue => ({
    readAt: "", groups: [{ id: "g", name: "G", visibility: "Private", isMember: true, isOwner: false, unreachable: null, plans: [...plans.map((id) => ({ id, title: id, unreachable: null })), ...unreachable.map((id) => ({ id, title: id, unreachable: { reason: "", remedy: "" } }))] }],
  });
  const takes = (connectionId: string, ...planIds: string[]) => ({ connectionId, enabled: true, selection: { groups: [{ groupId: "g", planIds, includeNew: false, known: [] }] } });
  const accounts = [{ id: "a", microsoftTenantId: "t" }, { id: "b", microsoftTenantId: "t" }, { id: "c", microsoftTenantId: "other" }];
  const catalogues = new Map([["a", catalogue(["1", "2"], ["9"])], ["b", catalogue(["2", "3"])], ["c", catalogue(["1"])]]);
  expect(coverageOf(accounts, catalogues, [takes("a", "1", "9"), takes("b", "1", "2")])).toEqual({ reachable: 4, protected: 2 });
  expect(coverageOf(accounts, catalogues, [{ ...takes("a", "1"), enabled: false }])).toEqual({ reachable: 4, protected: 0 });
  expect(coverageOf(accounts, new Map(), [takes("a", "1")])).toEqual({ reachable: 0, protected: 0 });
});
