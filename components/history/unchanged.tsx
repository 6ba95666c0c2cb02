"use client";

import { useState } from "react";
import Link from "next/link";
import { ChevronRight } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { plural, type Fineness } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { TimelineSnapshot } from "@/lib/workspaces/types";

/** Snapshots in a row that found nothing changed, folded into one line. */
export function Unchanged({ snapshots, fine, base, open: initially }: { snapshots: TimelineSnapshot[]; /** Of each of them. */ fine: Fineness[]; base: string; open: boolean }) {
  const [open, setOpen] = useState(initially);
  const [newest, oldest] = [snapshots[0]!, snapshots.at(-1)!];
  return (
    <li>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex min-h-9 w-full flex-wrap items-center gap-x-2 px-4 py-1.5 text-left text-[0.8125rem] text-muted hover:bg-subtle hover:text-ink sm:px-5">
        <ChevronRight aria-hidden className={cn("size-3.5 transition-transform", open && "rotate-90")} />
        <span className="tabular-nums">{snapshots.length.toLocaleString("en")} unchanged</span>
        <span>{snapshots.length === 1 ? null : <><Time value={oldest.takenAt} fine={fine.at(-1)} /> to </>}<Time value={newest.takenAt} fine={fine[0]} /></span>
      </button>
      {open ? (
        <ol aria-label={plural(snapshots.length, "unchanged snapshot")} className="border-t border-line bg-subtle/40 pb-1">
          {snapshots.map((snapshot, index) => (
            <li key={snapshot.id} className="[contain-intrinsic-size:auto_2rem] [content-visibility:auto]"><Link href={`${base}/snapshots/${snapshot.id}`} id={`snapshot-${snapshot.id}`} prefetch={false} className="flex min-h-8 items-center gap-3 py-1 pr-4 pl-10 text-[0.8125rem] hover:bg-subtle"><Time value={snapshot.takenAt} fine={fine[index]} /><span className="text-muted tabular-nums">{plural(snapshot.tasks, "task")}</span></Link></li>
          ))}
        </ol>
      ) : null}
    </li>
  );
}
