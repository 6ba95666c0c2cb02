import fc from "fast-check";
import { expect, test } from "vitest";
import { expiredSnapshots, type Retained, type RetentionRule } from "./retention";

const NOW = new Date("2026-06-01T00:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 24 * 3600_000);
const taken = (...list: [days: number, state: string][]): Retained[] => list.map(([days, state]) => ({ id: `${days}`, takenAt: daysAgo(days), state }));

test("by count the newest stay, by age the young, and with both whichever keeps more", () => {
  const daily = taken(...Array.from({ length: 10 }, (_, i): [number, string] => [i, "complete"]));
  expect(expiredSnapshots(daily, [{ keepCount: 3, keepDays: null }], NOW)).toEqual(["3", "4", "5", "6", "7", "8", "9"]);
  expect(expiredSnapshots(daily, [{ keepCount: null, keepDays: 7 }], NOW)).toEqual(["8", "9"]);
  expect(expiredSnapshots(daily, [{ keepCount: 3, keepDays: 7 }], NOW)).toEqual(["8", "9"]);
  expect(expiredSnapshots(daily, [{ keepCount: null, keepDays: null }], NOW)).toEqual([]);
});

test("a plan of two policies keeps what either keeps; a plan of no policy keeps everything", () => {
  const daily = taken([0, "complete"], [1, "complete"], [2, "complete"]);
  expect(expiredSnapshots(daily, [{ keepCount: 1, keepDays: null }, { keepCount: 2, keepDays: null }], NOW)).toEqual(["2"]);
  expect(expiredSnapshots(daily, [], NOW)).toEqual([]);
});

test("the newest complete snapshot stays, however old it is and however many partial ones came after it", () => {
  const partial = taken([1, "partial"], [2, "partial"], [400, "complete"], [401, "complete"]);
  expect(expiredSnapshots(partial, [{ keepCount: 1, keepDays: null }], NOW)).toEqual(["401"]);
  expect(expiredSnapshots(taken([400, "partial"], [500, "partial"]), [{ keepCount: 1, keepDays: 1 }], NOW)).toEqual([]);
});

test("through 5,000 random histories the newest complete snapshot and everything newer are never removed", () => {
  const rule: fc.Arbitrary<RetentionRule> = fc.record({ keepCount: fc.option(fc.integer({ min: 1, max: 20 })), keepDays: fc.option(fc.integer({ min: 1, max: 50 })) });
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
