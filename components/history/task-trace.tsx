import Link from "next/link";
import { ArchiveRestore, CornerDownRight, History, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Key } from "@/components/ui/key";
import { shownTitle } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { TaskTrace as Trace } from "@/lib/workspaces/types";

interface TaskTraceProps { trace: Trace; base: string; /** Shows the last snapshot with it in the timeline. */ lastUrl: string; /** All that happened to it. */ lifeUrl: string; /** The timeline without it. */ clearUrl: string; mayRestore: boolean }

/** When a task was there, and the ways to the last snapshot that has it. */
export function TaskTrace({ trace, base, lastUrl, lifeUrl, clearUrl, mayRestore }: TaskTraceProps) {
  const snapshot = `${base}/snapshots/${trace.snapshotId}`;
  const task = encodeURIComponent(trace.taskId);
  return (
    <section aria-labelledby="trace-title" className="rounded-lg border border-accent bg-accent-tint px-4 py-3 sm:px-5">
      <div className="flex items-start justify-between gap-3">
        <h2 id="trace-title" className="min-w-0 font-semibold [overflow-wrap:anywhere]">{shownTitle(trace.title)}</h2>
        <Button asChild variant="ghost" size="icon" className="-my-1.5 -mr-2"><Link href={clearUrl} aria-label="Stop following this task"><X aria-hidden /></Link></Button>
      </div>
      <p>
        First seen <Time value={trace.firstAt} />{trace.bucket ? <>, last in the bucket {shownTitle(trace.bucket)}</> : null}.{" "}
        {trace.goneAt ? <><strong className="font-medium">It was there until <Time value={trace.lastAt} />, and gone by <Time value={trace.goneAt} />.</strong></> : <>The newest complete backup, of <Time value={trace.lastAt} />, still has it.</>}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button size="small" asChild><Link href={lastUrl} scroll={false} aria-keyshortcuts="l"><CornerDownRight aria-hidden />Show the last snapshot with it <Key>l</Key></Link></Button>
        <Button size="small" asChild><Link href={lifeUrl} prefetch={false}><History aria-hidden />Every change</Link></Button>
        <Button size="small" asChild><Link href={`${snapshot}?task=${task}`} prefetch={false}>Open it there</Link></Button>
        {mayRestore ? <Button size="small" variant={trace.goneAt ? "primary" : "secondary"} asChild><Link href={`${snapshot}/restore?tasks=${task}`} prefetch={false}><ArchiveRestore aria-hidden />Restore…</Link></Button> : null}
      </div>
    </section>
  );
}
