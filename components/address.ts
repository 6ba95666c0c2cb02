"use client";

import { useCallback } from "react";
import { usePathname, useSearchParams } from "next/navigation";

type Changes = Record<string, string | readonly string[] | null>;

/**
 * The parameters of the address, and a way to change some: empty ones are left out. `push` makes a step that "back" undoes. The page is not asked again.
 * Nothing is written when nothing changes: a write takes back the navigation that a click has just begun.
 */
export function useAddress(): [get: (name: string) => string | null, set: (changes: Changes, push?: boolean) => void] {
  const params = useSearchParams();
  const pathname = usePathname();
  const get = useCallback((name: string) => params.get(name), [params]);
  const set = useCallback((changes: Changes, push = false) => {
    const next = new URLSearchParams(window.location.search); // two changes may come before a render
    for (const [name, value] of Object.entries(changes)) {
      if (value && value.length > 0) next.set(name, typeof value === "string" ? value : value.join(","));
      else next.delete(name);
    }
    if (next.toString() === new URLSearchParams(window.location.search).toString()) return;
    const url = next.size > 0 ? `${pathname}?${next}` : pathname;
    if (push) window.history.pushState(null, "", url);
    else window.history.replaceState(null, "", url);
  }, [pathname]);
  return [get, set];
}
