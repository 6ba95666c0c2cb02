import fc from "fast-check";
import { expect, test } from "vitest";
import { expiredSnapshots, type Retained } from "./retention";
import type { Retention } from "./types";

const NOW = new Date("2026-06-01T00:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 24 * 3600_000);
const keeping = (some: Partial<Retention>): Retention => ({ keepCount: null, keepDays: null, keepDaily: null, keepWeekly: null, keepMonthly: null, keepYearly: null, ...some });
const taken = (...list: [days: number, state: string][]): Retained[] => list.map(([days, state]) => ({ id: `${days}`, takenAt: daysAgo(days), state }));

test("by count the newest stay, by age the young, and with both whichever keeps more", () => {
  const daily = taken(...Array.from({ length: 10 }, (_, i): [number, string] => [i, "complete"]));
  expect(expiredSnapshots(daily, [keeping({ keepCount: 3 })], NOW)).toEqual(["3", "4", "5", "6", "7", "8", "9"]);
  expect(expiredSnapshots(daily, [keeping({ keepDays: 7 })], NOW)).toEqual(["8", "9"]);
  expect(expiredSnapshots(daily, [keeping({ keepCount: 3, keepDays: 7 })], NOW)).toEqual(["8", "9"]);
  expect(expiredSnapshots(daily, [keeping({})], NOW)).toEqual([]);
});

test("of days, weeks, months and years the newest complete one stays, of so many as there were", () => {
  const day = (date: string, state = "complete"): Retained => ({ id: date, takenAt: new Date(`${date}T12:00:00Z`), state });
  const kept = (snapshots: Retained[], rule: Partial<Retention>) => {
    const expired = expiredSnapshots(snapshots, [keeping(rule)], NOW);
    return snapshots.map(({ id }) => id).filter((id) => !expired.includes(id));
  };
  const year = Array.from({ length: 400 }, (_, days) => day(new Date(Date.UTC(2026, 4, 31) - days * 24 * 3600_000).toISOString().slice(0, 10)));
  // The 31st of May 2026 is a Sunday.
  expect(kept(year, { keepDaily: 2, keepWeekly: 3, keepMonthly: 3, keepYearly: 2 })).toEqual(["2026-05-31", "2026-05-30", "2026-05-24", "2026-05-17", "2026-04-30", "2026-03-31", "2025-12-31"]);
  // Several a day, a partial one last, and days without any.
  const twice = [day("2026-05-30"), { ...day("2026-05-10", "partial"), id: "late" }, { ...day("2026-05-10"), id: "early", takenAt: new Date("2026-05-10T02:00:00Z") }, day("2026-05-01", "partial"), day("2026-04-01")];
  expect(kept(twice, { keepDaily: 3 })).toEqual(["2026-05-30", "early", "2026-05-01"]);
  expect(kept(twice, { keepDaily: 1, keepCount: 2 })).toEqual(["2026-05-30", "late"]);
});

test("a plan of two policies keeps what either keeps; a plan of no policy keeps everything", () => {
  const daily = taken([0, "complete"], [1, "complete"], [2, "complete"]);
  expect(expiredSnapshots(daily, [keeping({ keepCount: 1 }), keeping({ keepCount: 2 })], NOW)).toEqual(["2"]);
  expect(expiredSnapshots(daily, [], NOW)).toEqual([]);
});

test("the newest complete snapshot stays, however old it is and however many partial ones came after it", () => {
  const partial = taken([1, "partial"], [2, "partial"], [400, "complete"], [401, "complete"]);
  expect(expiredSnapshots(partial, [keeping({ keepCount: 1 })], NOW)).toEqual(["401"]);
  expect(expiredSnapshots(taken([400, "partial"], [500, "partial"]), [keeping({ keepCount: 1, keepDays: 1 })], NOW)).toEqual([]);
});

test("through 5,000 random histories the newest complete snapshot and everything newer are never removed", () => {
  const some = (max: number) => fc.option(fc.integer({ min: 1, max }));
  const rule: fc.Arbitrary<Retention> = fc.record({ keepCount: some(20), keepDays: some(50), keepDaily: some(20), keepWeekly: some(10), keepMonthly: some(5), keepYearly: some(2) });
  const run = fc.record({ after: fc.integer({ min: 0, max: 40 }), state: fc.constantFrom("complete", "partial"), rules: fc.array(rule, { maxLength: 3 }) });
  fc.assert(fc.property(fc.array(run, { maxLength: 30 }), (runs) => {
    let kept: Retained[] = [];
    let day = 0;
    let newestComplete = -1;
    for (const [id, { after, state, rules }] of runs.entries()) {
      day += after;
      const now = new Date(NOW.getTime() + day * 24 * 3600_000 + id);
      kept.push({ id: `${id}`, takenAt: now, state });
      if (state === "complete") newestComplete = id;
      const expired = new Set(expiredSnapshots(kept, rules, now));
      if ([...expired].some((one) => newestComplete < 0 || Number(one) >= newestComplete)) return false;
      kept = kept.filter((one) => !expired.has(one.id));
    }
    return true;
  }), { verbose: true, numRuns: 5000 });
});
