import { describe, expect, test } from "vitest";
import { backoff, parseRetryAfter, throttleDelay } from "./retryAfter";

const now = Date.parse("2026-11-23T12:00:00Z");

describe("parseRetryAfter", () => {
  test.each([
    ["seconds", "7", 7_000],
    ["zero", "0", 0],
    ["an hour", "3600", 3_600_000],
    ["spaces around", " 12 ", 12_000],
    ["a date ahead", new Date(now + 90_000).toUTCString(), 90_000],
    ["a date in the past", new Date(now - 90_000).toUTCString(), 0],
    ["more than a day", "99999999999", 24 * 3_600_000],
    ["missing", null, null],
    ["empty", "", null],
    ["negative", "-5", null],
    ["junk", "soon", null],
    ["junk with a number", "5 apples", null],
    ["hexadecimal", "0x10", null],
    ["an ISO date", "2026-11-23T12:00:05Z", null],
  ])("%s: %s", (_name, header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});

test("the delay is never shorter than asked and grows when too little is asked", () => {
  for (const random of [() => 0, () => 0.5, () => 0.999]) {
    expect(throttleDelay("30", 1, now, random)).toBeGreaterThanOrEqual(30_000);
    expect(throttleDelay("30", 1, now, random)).toBeLessThanOrEqual(32_000);
    expect(throttleDelay("0", 1, now, random)).toBeGreaterThanOrEqual(250);
    expect(throttleDelay("0", 6, now, random)).toBeGreaterThanOrEqual(8_000);
    expect(throttleDelay("junk", 3, now, random)).toBeGreaterThanOrEqual(1_000);
  }
  expect(backoff(50, () => 0.9)).toBeLessThanOrEqual(60_000);
  expect(new Set([0.1, 0.4, 0.9].map((r) => backoff(3, () => r))).size).toBe(3);
});
