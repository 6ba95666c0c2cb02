"use client";

import { useEffect, useRef, useState } from "react";

/** Earlier than this an estimate is a guess. */
const SOONEST_MS = 5_000;
const LEAST_DONE = 0.05;

/** "about 3–5 min left", from what was done in `elapsedMs`; null while it is too early to say. Pure. */
export function timeLeftText({ elapsedMs, done, left, total }: { elapsedMs: number; done: number; left: number; total: number }): string | null {
  if (left <= 0 || done <= 0 || elapsedMs < SOONEST_MS || done / total < LEAST_DONE) return null;
  const ms = (elapsedMs / done) * left;
  const [low, high] = [ms * 0.8, ms * 1.4].map((each) => Math.max(1, Math.round(each / 60_000)));
  if (ms * 1.4 < 60_000) return "less than a minute left";
  if (low! >= 120) return `about ${Math.round(low! / 60)}–${Math.max(Math.round(low! / 60) + 1, Math.round(high! / 60))} hours left`;
  return low === high ? `about ${low} min left` : `about ${low}–${high} min left`;
}

/** How long the rest takes, from the pace since the page was opened; and the share in the title of the tab. `total` 0: nothing is counted. */
export function useTimeLeft(done: number, total: number): string | null {
  const [text, setText] = useState<string | null>(null);
  const latest = useRef({ done, total });
  useEffect(() => { latest.current = { done, total }; });
  const isCounted = total > 0;
  useEffect(() => {
    if (!isCounted) return;
    const start = { at: Date.now(), done: latest.current.done };
    const timer = setInterval(() => {
      const now = latest.current;
      setText(timeLeftText({ elapsedMs: Date.now() - start.at, done: now.done - start.done, left: now.total - now.done, total: now.total }));
    }, 1000);
    return () => clearInterval(timer);
  }, [isCounted]);
  useEffect(() => {
    if (total === 0) return;
    const title = document.title;
    document.title = `${Math.floor((done / total) * 100)} % · ${title}`;
    return () => { document.title = title; };
  }, [done, total]);
  return isCounted ? text : null;
}
