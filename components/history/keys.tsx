"use client";

import { useEffect } from "react";
import { useRouter } from "next/navigation";
import { ChevronDown, ChevronUp } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Key } from "@/components/ui/key";
import { useKeys } from "@/components/ui/use-keys";

interface HistoryKeysProps {
  /** Where the next change beyond the page is shown; null at the ends. */
  newerUrl: string | null;
  olderUrl: string | null;
  /** Where the last snapshot with the followed task is shown; absent: none is followed. */
  lastUrl?: string;
  /** The link of the snapshot that was asked for: gets the focus. */
  focusId: string | null;
}

/** Jumps from change to change: `[` to the one before, `]` to the one after, `l` to the last snapshot with the followed task. */
export function HistoryKeys({ newerUrl, olderUrl, lastUrl, focusId }: HistoryKeysProps) {
  const router = useRouter();
  const jump = (direction: "older" | "newer") => {
    const changes = [...document.querySelectorAll<HTMLElement>("[data-change]")];
    const row = document.activeElement?.closest("li")?.querySelector("[data-change], a") ?? null;
    const isAfter = (element: HTMLElement) => row !== null && Boolean(row.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
    const isBefore = (element: HTMLElement) => row !== null && Boolean(row.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING);
    const onTimeline = row?.closest("[data-timeline]") != null;
    // The newest stands first.
    const next = !onTimeline ? changes[0] : direction === "older" ? changes.find(isAfter) : changes.findLast(isBefore);
    const url = direction === "older" ? olderUrl : newerUrl;
    if (next) next.focus();
    else if (url) router.push(url, { scroll: false });
  };
  useEffect(() => {
    if (focusId === null) return;
    const element = document.getElementById(focusId);
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "center" });
  }, [focusId]);
  useKeys({ "[": () => jump("older"), "]": () => jump("newer"), l: lastUrl ? () => router.push(lastUrl, { scroll: false }) : undefined });
  return (
    <div role="group" aria-label="Jump between changes" className="flex items-center gap-1">
      <Button size="small" variant="ghost" aria-keyshortcuts="[" onClick={() => jump("older")}><ChevronDown aria-hidden />Earlier change <Key>[</Key></Button>
      <Button size="small" variant="ghost" aria-keyshortcuts="]" onClick={() => jump("newer")}><ChevronUp aria-hidden />Later change <Key>]</Key></Button>
    </div>
  );
}
