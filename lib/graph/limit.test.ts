import { describe, expect, test } from "vitest";
import { Latencies, Limit } from "./limit";
import { FakeClock } from "./testing/fakes";

/** A service that works on `places` requests at once in `serviceMs` each; what is more waits. Returns the limit after each round. */
function rounds(count: number, { places, serviceMs, noise = 0, seed = 1, limit = new Limit(4, 16), latencies = new Latencies() }: { places: number; serviceMs: number; noise?: number; seed?: number; limit?: Limit; latencies?: Latencies }): number[] {
  const { random } = new FakeClock(seed);
  return Array.from({ length: count }, () => {
    const parallel = limit.value;
    for (let i = 1; i <= parallel; i++) limit.leaves(i);
    for (let i = 1; i <= parallel; i++) limit.good(latencies.load("GET", serviceMs * Math.max(1, parallel / places) * (1 + noise * random()), parallel));
    return limit.value;
  });
}

test("doubles at first, so that short work is fast too, up to the maximum", () => {
  expect(rounds(3, { places: 100, serviceMs: 100 })).toEqual([8, 16, 16]);
});

test("after the first refusal: half, then one more a round", () => {
  const limit = new Limit(4, 16);
  rounds(2, { places: 100, serviceMs: 100, limit });
  limit.refused(limit.leaves(1));
  expect(limit.value).toBe(8);
  expect(rounds(3, { places: 100, serviceMs: 100, limit })).toEqual([9, 10, 11]);
});

test("refusals of one round halve once, and never below 1", () => {
  const limit = new Limit(16, 16);
  const sent = Array.from({ length: 16 }, (_, i) => limit.leaves(i + 1));
  for (const number of sent) limit.refused(number);
  expect(limit.value).toBe(8);
  for (let i = 0; i < 9; i++) limit.refused(limit.leaves(1));
  expect(limit.value).toBe(1);
});

test("what is not used does not grow", () => {
  const limit = new Limit(4, 16);
  for (let i = 0; i < 100; i++) {
    limit.leaves(1);
    limit.good(0);
  }
  expect(limit.value).toBe(4);
});

describe("latency", () => {
  test("growth stops where requests only wait for each other", () => {
    const limit = new Limit(2, 64);
    const seen = rounds(300, { places: 6, serviceMs: 200, limit });
    expect(Math.max(...seen.slice(20))).toBeLessThanOrEqual(24);
    expect(Math.min(...seen.slice(20))).toBeGreaterThanOrEqual(6);
  });

  test("a noisy but unloaded service does not hold growth back", () => {
    for (let seed = 1; seed <= 50; seed++) expect(rounds(40, { places: 100, serviceMs: 120, noise: 1.5, seed }).at(-1), `seed ${seed}`).toBe(16);
  });

  test("a service that became slower for good is believed in the end, and meanwhile some requests run", () => {
    const limit = new Limit(4, 16);
    const latencies = new Latencies();
    rounds(20, { places: 100, serviceMs: 100, limit, latencies });
    const slow = rounds(1500, { places: 100, serviceMs: 700, limit, latencies });
    expect(Math.min(...slow)).toBe(2);
    expect(slow.at(-1)).toBe(16);
  });

  test("kinds of requests are compared with their own kind", () => {
    const limit = new Limit(4, 16);
    const latencies = new Latencies();
    for (let i = 0; i < 400; i++) {
      for (let n = 1; n <= limit.value; n++) limit.leaves(n);
      limit.good(latencies.load("GET", 20, limit.value));
      limit.good(latencies.load("$batch", 900, limit.value));
    }
    expect(limit.value).toBe(16);
  });
});
