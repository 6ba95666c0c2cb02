import Link from "next/link";
import { ArchiveRestore, CloudOff, History } from "lucide-react";
import { taskUrl } from "@/components/history/address";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { shownTitle } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { SearchHit } from "@/lib/workspaces/types";

/** A task that was found, when it was there, and the two ways on. */
export function Hit({ hit, base, mayRestore }: { hit: SearchHit; base: string; mayRestore: boolean }) {
  const snapshot = `${base}/snapshots/${hit.snapshotId}`;
  const task = encodeURIComponent(hit.taskId);
  const title = shownTitle(hit.title);
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1 basis-64">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <Link href={`${snapshot}?task=${task}`} prefetch={false} className="inline-block min-h-6 py-0.5 font-medium [overflow-wrap:anywhere] hover:underline">{title}</Link>
          {hit.goneAt ? <Badge tone="warn" icon={<CloudOff aria-hidden />}>Gone</Badge> : null}
        </div>
        <p className="text-[0.8125rem] text-muted [overflow-wrap:anywhere]"><Link href={`${base}/plans/${hit.planId}`} prefetch={false} className="underline decoration-line-strong underline-offset-2 hover:text-ink">{hit.planTitle}</Link>{hit.bucket ? `, ${shownTitle(hit.bucket)}` : ""}; {hit.groupName}</p>
        <p className="text-[0.8125rem] text-muted">
          First seen <Time value={hit.firstAt} />; {hit.goneAt ? <>last seen in the snapshot of <Time value={hit.lastAt} />, gone by <Time value={hit.goneAt} /></> : <>still there in the snapshot of <Time value={hit.lastAt} /></>}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="small" asChild><Link href={`${snapshot}?task=${task}`} prefetch={false}>Open<span className="sr-only"> {title}</span></Link></Button>
        <Button size="small" asChild><Link href={taskUrl(`${base}/plans/${hit.planId}`, hit.taskId)} prefetch={false}><History aria-hidden />History<span className="sr-only"> of {title}</span></Link></Button>
        {mayRestore ? <Button size="small" variant={hit.goneAt ? "primary" : "secondary"} asChild><Link href={`${snapshot}/restore?tasks=${task}`} prefetch={false}><ArchiveRestore aria-hidden />Restore…<span className="sr-only"> {title}</span></Link></Button> : null}
      </div>
    </li>
  );
}
