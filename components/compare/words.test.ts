import { expect, test } from "vitest";
import { shortened, wordParts } from "./words";

const marks = (from: string, to: string) => wordParts(from, to)!.map(({ text, change }) => (change === "same" ? text : change === "removed" ? `[-${text}-]` : `[+${text}+]`)).join("");

test("texts are compared word by word", () => {
  expect(marks("Book the venue in Lisbon", "Book the venue in Porto")).toBe("Book the venue in [-Lisbon-][+Porto+]");
  expect(marks("a b", "a b c")).toBe("a b[+ c+]");
});

test("two long texts that have little in common are given up, not waited for", () => {
  const words = (seed: number) => Array.from({ length: 20_000 }, (_, i) => `w${(i * seed) % 9_973}`).join(" ");
  expect(wordParts(words(7), words(31), 1)).toBeNull();
});

test("long unchanged stretches keep their ends", () => {
  const text = "0123456789".repeat(100);
  const [first, , middle, , last] = shortened([{ text, change: "same" }, { text: "x", change: "added" }, { text, change: "same" }, { text: "y", change: "removed" }, { text, change: "same" }]);
  expect([first!.text.startsWith(" … "), middle!.text.includes(" … "), last!.text.endsWith(" … ")]).toEqual([true, true, true]);
  expect(Math.max(first!.text.length, middle!.text.length, last!.text.length)).toBeLessThan(260);
});
