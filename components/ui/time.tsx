"use client";

import { useSyncExternalStore } from "react";
import type { Fineness } from "./text";

const subscribe = () => () => {};

/** What a clock that was read this long ago may still say: all times of one rendering stand against the same moment. */
const STALE_MS = 1_000;

/** A clock shared by all relative times of the page, which are looked at anew twice a minute. */
const clock = {
  now: 0,
  listeners: new Set<() => void>(),
  timer: undefined as ReturnType<typeof setInterval> | undefined,
  subscribe(listener: () => void) {
    clock.listeners.add(listener);
    clock.timer ??= setInterval(() => {
      for (const each of clock.listeners) each();
    }, 30_000);
    return () => {
      clock.listeners.delete(listener);
      if (clock.listeners.size === 0) {
        clearInterval(clock.timer);
        clock.timer = undefined;
      }
    };
  },
  get: () => {
    const now = Date.now();
    if (now - clock.now >= STALE_MS || now < clock.now) clock.now = now;
    return clock.now;
  },
};

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** Clocks of server and browser differ by so much: what ended "in two seconds" has just ended. */
const SKEW_SECONDS = 5;

/** "5 minutes ago", "in 2 hours". Counted, never "yesterday": 30 hours before is often the day before that. Pure. */
export function relativeText(iso: string, now: number): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat("en");
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return seconds > SKEW_SECONDS ? "in less than a minute" : "just now";
}

function absoluteText(iso: string, timeZone: string | undefined, dateOnly: boolean, fine: Fineness): string {
  const format: Intl.DateTimeFormatOptions = dateOnly ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: fine === "minute" ? "short" : "medium" };
  const text = new Intl.DateTimeFormat("en-GB", { ...format, timeZone }).format(new Date(iso)) + (fine === "millisecond" ? `.${iso.slice(20, 23)}` : "");
  return timeZone === "UTC" && !dateOnly ? `${text} UTC` : text;
}

/** For where only text fits, such as an option: moments in the viewer's own zone (UTC until the script runs). */
export function useTimeText(): (iso: string, fine?: Fineness) => string {
  const inBrowser = useSyncExternalStore(subscribe, () => true, () => false);
  return (iso, fine = "minute") => absoluteText(iso, inBrowser ? undefined : "UTC", false, fine);
}

const zoned = new Intl.DateTimeFormat("en-GB", { hour: "numeric", timeZoneName: "short" });
const zoneOf = (iso: string): string => zoned.formatToParts(new Date(iso)).find(({ type }) => type === "timeZoneName")!.value;

/** A moment in the viewer's own zone (UTC until the script runs); the exact time is in the title, and the zone on paper, where nothing hovers. */
export function Time({ value, relative = false, dateOnly = false, fine = "minute" }: { value: string; relative?: boolean; dateOnly?: boolean; fine?: Fineness }) {
  const inBrowser = useSyncExternalStore(subscribe, () => true, () => false);
  const now = useSyncExternalStore(clock.subscribe, clock.get, () => 0);
  const absolute = absoluteText(value, inBrowser ? undefined : "UTC", dateOnly, fine);
  return (
    <time dateTime={value} title={inBrowser ? new Date(value).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" }) : absolute} data-zone={inBrowser && !dateOnly && !relative ? ` ${zoneOf(value)}` : undefined} className="whitespace-nowrap tabular-nums print:after:content-[attr(data-zone)]">
      {relative && inBrowser ? relativeText(value, now) : absolute}
    </time>
  );
}
