"use client";

import { useEffect, useState } from "react";

const PAUSE = 250;

/** Ids of tasks that have the words in what the board does not hold: notes, checklist, comments. Null until the server has said so, and when it cannot. */
export function useElsewhere(url: string, text: string): ReadonlySet<string> | null {
  const [found, setFound] = useState<{ text: string; ids: ReadonlySet<string> } | null>(null);
  useEffect(() => {
    if (text.length < 2) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      fetch(`${url}?q=${encodeURIComponent(text)}`, { signal: controller.signal })
        .then(async (response) => response.ok && setFound({ text, ids: new Set(((await response.json()) as { ids: string[] }).ids) }))
        .catch(() => {}); // titles, labels and people are filtered all the same
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [url, text]);
  return found?.text === text ? found.ids : null;
}
