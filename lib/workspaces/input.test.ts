import { expect, test } from "vitest";
import { nameOf, parseInput } from "./input";

const read = (text: string) => parseInput(nameOf("policy", 10), text);

test.each([
  ["Nightly ", "Nightly"],
  ["a\u0000b\r\nc", "a b c"], // Postgres keeps no NUL
  ["\u202egnp.exe", "gnp.exe"],
  ["a\u2066\u200b\ufeffb", "a b"],
  ["\ud800x", "\ufffdx"],
  ["\u{1f468}\u200d\u{1f469}", "\u{1f468}\u200d\u{1f469}"],
  ["تست", "تست"],
])("a name is what others see of it: %j", (given, kept) => expect(read(given)).toBe(kept));

test("a name that nobody sees is none, and a long one is refused", () => {
  expect(() => read("\u200b \u202e\n")).toThrow("Give the policy a name.");
  expect(() => read("x".repeat(11))).toThrow("The name may have at most 10 characters.");
});
