"use client";

import { useEffect, useRef } from "react";
import { useRouter } from "next/navigation";
import { useLive } from "./live";

/** Renders the page again whenever the live route says something new. For pages that wait for somebody else. */
export function RefreshOnChange({ url, announce }: { url: string; announce?: string }) {
  const router = useRouter();
  const { state, ended } = useLive<unknown>(url, null);
  const seen = useRef<string | null>(null);
  useEffect(() => {
    if (state === null) return;
    const text = JSON.stringify(state);
    if (seen.current !== null && seen.current !== text) router.refresh();
    seen.current = text;
  }, [state, router]);
  // What is waited for may have come before the stream began: then its first word is its last.
  useEffect(() => {
    if (ended) router.refresh();
  }, [ended, router]);
  return announce ? <p role="status" className="sr-only">{announce}</p> : null;
}
