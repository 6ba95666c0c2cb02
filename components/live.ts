"use client";

import { useEffect, useState } from "react";

/** Events of a live route (app/live.ts): `state` carries the whole new state, `end` says that nothing more will come. */
export function useLive<T>(url: string, initial: T, active = true): { state: T; connected: boolean; ended: boolean } {
  const [state, setState] = useState(initial);
  const [seen, setSeen] = useState(initial);
  const [connected, setConnected] = useState(true);
  const [ended, setEnded] = useState(false);

  // The server rendered something newer (after an action): it wins over what the stream said before, and begins a new one.
  if (seen !== initial) {
    setSeen(initial);
    setState(initial);
    setEnded(false);
  }

  const listening = active && !ended;
  useEffect(() => {
    if (!listening) return;
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const open = () => {
      source = new EventSource(url);
      source.addEventListener("open", () => {
        failures = 0;
        setConnected(true);
      });
      source.addEventListener("state", (event) => setState(JSON.parse((event as MessageEvent<string>).data) as T));
      source.addEventListener("end", () => {
        source?.close();
        setEnded(true);
      });
      source.addEventListener("error", () => {
        setConnected(false);
        source?.close();
        failures += 1;
        timer = setTimeout(open, Math.min(15_000, 500 * 2 ** failures));
      });
    };
    open();
    return () => {
      source?.close();
      clearTimeout(timer);
    };
  }, [url, listening]);

  return { state, connected, ended };
}
