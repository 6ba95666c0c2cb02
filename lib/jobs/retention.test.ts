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

test("whatever the rules, the newest complete snapshot and everything newer are never removed", () => {
  const rule: fc.Arbitrary<RetentionRule> = fc.record({ keepCount: fc.option(fc.integer({ min: 1, max: 20 })), keepDays: fc.option(fc.integer({ min: 1, max: 50 })) });
  const snapshots = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 30 }).chain((days) =>
    fc.tuple(...days.map((day) => fc.constantFrom("complete", "partial").map((state): [number, string] => [day, state]))).map((list) => taken(...list)));
  fc.assert(fc.property(snapshots, fc.array(rule, { maxLength: 3 }), (list, rules) => {
    const expired = new Set(expiredSnapshots(list, rules, NOW));
    const newestComplete = Math.min(...list.filter((one) => one.state === "complete").map((one) => Number(one.id)));
    return list.every((one) => Number(one.id) > newestComplete || !expired.has(one.id));
  }), { verbose: true, numRuns: 5000 });
});
