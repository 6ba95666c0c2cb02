import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unusualLoss, type LossFacts } from "./unusualLoss";

const LONG = process.env.PLANBACK_LONG === "1";
const SEED = Number(process.env.PLANBACK_SEED ?? (LONG ? Date.now() % 2 ** 31 : 20261125));
const days = (...removed: number[]) => removed.map((one) => ({ removed: one, hours: 24 }));
const quiet = days(...Array.from({ length: 30 }, (_, day) => (day % 7 === 0 ? 2 : 0)));
const of = (facts: Partial<LossFacts>) => unusualLoss({ removed: 38, hours: 24, before: 500, history: quiet, accepted: [], ...facts });

describe("what is unusual", () => {
  test("38 tasks where 0 to 2 go a day", () => expect(of({})).toEqual({ usual: 2 }));
  test("not 9 of 500, and not 6 of 12 where that is usual", () => {
    expect(of({ removed: 9 })).toBeNull();
    expect(of({ removed: 6, before: 12, history: days(6, 5, 6, 4, 6, 5, 6, 6) })).toBeNull();
  });
  test("in a small plan half of it, from five tasks on", () => {
    expect(of({ removed: 5, before: 9, history: days(0, 0, 0, 0, 0, 0, 0, 0) })).toEqual({ usual: 0 });
    expect(of({ removed: 4, before: 4 })).toBeNull();
  });
  test("before anybody can know what is usual: a quarter of the plan", () => {
    expect(of({ removed: 24, before: 100, history: [] })).toBeNull();
    expect(of({ removed: 25, before: 100, history: [] })).toEqual({ usual: null });
  });
  test("after a pause of a week a week's tasks are usual; however long it was, a plan that is gone is not", () => {
    const busy = days(...Array.from({ length: 30 }, () => 4));
    expect(of({ removed: 28, history: busy })).toEqual({ usual: 4 });
    expect(of({ removed: 28, hours: 7 * 24, history: busy })).toBeNull();
    expect(of({ removed: 500, hours: 10_000, history: busy })).toEqual({ usual: 120 });
  });
  test("what a person called intended is usual from then on", () => {
    expect(of({ removed: 50, accepted: [40] })).toBeNull();
    expect(of({ removed: 61, accepted: [40] })).toEqual({ usual: 2 });
  });
  test("one accident in the past hides no other", () => expect(of({ removed: 300, history: [...quiet, ...days(300)] })).toEqual({ usual: 2 }));
});

/** Counts as they come when each of many things happens or not by itself. */
function poisson(rate: number, random: () => number): number {
  let count = -1;
  for (let product = 1, end = Math.exp(-rate); product > end; product *= random()) count++;
  return count;
}
function mulberry(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("with tasks that come and go at random", () => {
  /** A year of daily backups with a clean-up each week; `accident` days lose most of the plan. */
  const year = fc.record({ seed: fc.integer(), rate: fc.double({ min: 0, max: 8, noNaN: true }), cleanup: fc.integer({ min: 0, max: 40 }), size: fc.integer({ min: 200, max: 2000 }), from: fc.integer({ min: 20, max: 300 }) });

  test(`usual churn raises no alarm, and an accident raises one (seed ${SEED})`, () => {
    let judged = 0;
    fc.assert(fc.property(year, ({ seed, rate, cleanup, size, from }) => {
      const random = mulberry(seed);
      const history: LossFacts["history"][number][] = [];
      for (let day = 0; day < 365; day++) {
        const removed = poisson(rate, random) + (day % 7 === 0 ? cleanup : 0);
        const facts = { hours: 24 + (random() < 0.02 ? 48 : 0), before: size, history: history.slice(-60), accepted: [] };
        if (unusualLoss({ ...facts, removed })) return false;
        if (day >= from && !unusualLoss({ ...facts, hours: 24, removed: Math.max(10, 3 * (cleanup + 30) + 1) })) return false;
        history.push({ removed, hours: facts.hours });
        judged++;
      }
      return true;
    }), { seed: SEED, numRuns: LONG ? 500 : 60, verbose: true });
    expect(judged, `seed ${SEED}`).toBeGreaterThanOrEqual(60 * 365);
  });

  test(`more deletions are never less unusual, and more churn never more so (seed ${SEED})`, () => {
    const readings = fc.array(fc.record({ removed: fc.nat(50), hours: fc.double({ min: 0.1, max: 500, noNaN: true }) }), { maxLength: 60 });
    fc.assert(fc.property(fc.record({ removed: fc.nat(300), more: fc.nat(300), hours: fc.double({ min: 0.1, max: 500, noNaN: true }), before: fc.nat(2000), history: readings, accepted: fc.array(fc.nat(100), { maxLength: 3 }) }), ({ more, ...facts }) => {
      const calm = unusualLoss(facts);
      if (calm) expect(unusualLoss({ ...facts, removed: facts.removed + more }), `seed ${SEED}`).not.toBeNull();
      else expect(unusualLoss({ ...facts, history: facts.history.map((one) => ({ ...one, removed: one.removed + more })) }), `seed ${SEED}`).toBeNull();
    }), { seed: SEED, numRuns: 3000 });
  });
});
