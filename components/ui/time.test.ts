import { expect, it } from "vitest";
import { relativeText } from "./time";

const now = Date.parse("2026-11-28T10:00:00Z");
const after = (seconds: number) => relativeText(new Date(now + seconds * 1000).toISOString(), now);

it("counts the time between, and never names a day that it may not be", () => {
  expect([-20, -100, -3_600, -30 * 3_600, -35 * 3_600, -8 * 86_400].map(after)).toEqual(["just now", "2 minutes ago", "1 hour ago", "1 day ago", "1 day ago", "1 week ago"]);
  expect([40, 180, 35 * 3_600].map(after)).toEqual(["in less than a minute", "in 3 minutes", "in 1 day"]);
});

it("takes what ended by another clock's reckoning in a moment for what has just ended", () => {
  expect([5, 1, 0, -1].map(after)).toEqual(Array(4).fill("just now"));
});
