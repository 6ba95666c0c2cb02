import { expect, test } from "vitest";
import { finenessAmong, shownTitle, withoutTowers } from "./text";

test("a title that no list can show is cut, never within a character; any that Planner takes is not", () => {
  expect(shownTitle("x".repeat(300))).toBe("x".repeat(300));
  expect(shownTitle("x".repeat(301))).toBe(`${"x".repeat(300)}…`);
  expect(shownTitle("x".repeat(299) + "😀")).toBe(`${"x".repeat(299)}…`);
});

test("marks piled on a letter are spread, and nothing is left out; writing that people use stays as it is", () => {
  const tower = `Z${"\u0301".repeat(100_000)}`;
  expect(withoutTowers(tower).split("\u25cc").every((part) => part.length <= 31)).toBe(true);
  expect(withoutTowers(tower).replaceAll("\u25cc", "")).toBe(tower);
  for (const text of ["Tiếng Việt", "नमस्ते दुनिया", "שָׁלוֹם", "ภาษาไทยที่นี่", "👩‍👩‍👧‍👦 Família", "e\u0301".repeat(1000)]) expect(withoutTowers(text)).toBe(text);
});

test("moments are told as finely as tells them apart", () => {
  const moments = ["2026-11-28T06:57:01.000Z", "2026-11-28T06:57:09.120Z", "2026-11-28T06:57:09.480Z", "2026-11-28T06:58:09.480Z"];
  expect(moments.map(finenessAmong(moments))).toEqual(["second", "millisecond", "millisecond", "minute"]);
  expect(finenessAmong([moments[0]!, moments[0]!])(moments[0]!)).toBe("minute"); // the same one twice
});
