import { expect, it } from "vitest";
import { PHASES, shareDone } from "./share";

it("grows from phase to phase and is never whole while a plan is being captured", () => {
  const shares = Object.keys(PHASES).flatMap((phase) => [0, 1, 250, 500].map((done) => shareDone({ phase, done, total: 500 })));
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(new Set(shares).size).toBeGreaterThan(10);
  expect(Math.max(...shares)).toBeLessThan(100);
  expect(shareDone({ phase: null, done: 0, total: 0 })).toBe(0);
});
