import { expect, it } from "vitest";
import { timeLeftText } from "./time-left";

const after = (seconds: number, done: number, total: number) => timeLeftText({ elapsedMs: seconds * 1000, done, left: total - done, total });

it("says a range that holds the time at an even pace, and nothing too early", () => {
  expect(after(4, 50, 100)).toBeNull();
  expect(after(60, 4, 100)).toBeNull();
  expect(after(60, 100, 100)).toBeNull();
  expect(after(30, 50, 100)).toBe("less than a minute left");
  expect(after(60, 20, 100)).toBe("about 3–6 min left");
  expect(after(60, 45, 100)).toBe("about 1–2 min left");
  expect(after(3600, 10, 100)).toBe("about 7–13 hours left");
});
