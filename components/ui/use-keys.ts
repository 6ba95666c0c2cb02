"use client";

import { useEffect } from "react";

const TYPED_IN = "input, textarea, select, [contenteditable], [role=dialog], [role=menu]";

/** What single keys do on this page, except while somebody types or a dialog is open. A key without an action is left alone. */
export function useKeys(actions: Readonly<Record<string, (() => void) | undefined>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // Some keyboards have the brackets behind Alt; with a letter it is the browser's.
      const isOther = event.ctrlKey || event.metaKey || event.repeat || (event.altKey && /^\w$/.test(event.key));
      const act = isOther || (event.target as Element | null)?.closest?.(TYPED_IN) ? undefined : actions[event.key];
      if (!act) return;
      act();
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}
