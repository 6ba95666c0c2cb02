import Link from "next/link";
import { ArchiveRestore, FileWarning, GitCompareArrows, TriangleAlert } from "lucide-react";
import { SnapshotBadge } from "@/components/board/plan-table";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { bytesText, finenessAmong, plural, shownTitle, type Fineness } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { isChange } from "@/lib/workspaces/timeline";
import type { HistoryView, TimelineEntry, TimelineSnapshot } from "@/lib/workspaces/types";
import { compareUrl } from "./address";
import { Drift } from "./drift";
import { Unchanged } from "./unchanged";

/** Id of the link that opens a snapshot: the keys put the focus there. */
export const snapshotLinkId = (id: string): string => `snapshot-${id}`;

interface TimelineProps { history: HistoryView; base: string; /** The snapshot that was asked for: marked. */ at: string | null }

/** Newest first. What did not change is folded. */
export function Timeline({ history, base, at }: TimelineProps) {
  const fineness = finenessAmong(history.entries.flatMap((entry) => (entry.kind === "snapshot" ? [entry.snapshot] : entry.snapshots)).map(({ takenAt }) => takenAt));
  return (
    <ol aria-label="Snapshots, newest first" className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
      {history.entries.map((entry) => (
        entry.kind === "snapshot"
          ? <Change key={entry.snapshot.id} entry={entry} history={history} base={base} marked={entry.snapshot.id === at} fine={fineness(entry.snapshot.takenAt)} />
          : <Folded key={entry.snapshots[0]!.id} snapshots={entry.snapshots} fine={entry.snapshots.map(({ takenAt }) => fineness(takenAt))} base={base} at={at} />
      ))}
    </ol>
  );
}

/** Open anew when a snapshot in it is asked for. */
function Folded({ snapshots, fine, base, at }: { snapshots: TimelineSnapshot[]; fine: Fineness[]; base: string; at: string | null }) {
  const open = snapshots.some(({ id }) => id === at);
  return <Unchanged key={open ? at : "closed"} snapshots={snapshots} fine={fine} base={base} open={open} />;
}

function Change({ entry, history, base, marked, fine }: { entry: Extract<TimelineEntry, { kind: "snapshot" }>; history: HistoryView; base: string; marked: boolean; fine: Fineness }) {
  const { snapshot, before } = entry;
  const gone = history.gone[snapshot.id] ?? [];
  const planUrl = `${base}/plans/${history.plan.id}`;
  return (
    <li className={cn("flex flex-wrap items-start gap-x-5 gap-y-2 px-4 py-3 sm:px-5", marked && "bg-accent-tint")} aria-current={marked ? "true" : undefined}>
      <div className="min-w-0 flex-1 basis-64">
        <Link id={snapshotLinkId(snapshot.id)} data-change={isChange(entry) ? "" : undefined} href={`${base}/snapshots/${snapshot.id}`} prefetch={false} className="inline-block min-h-6 py-0.5 font-medium hover:underline"><Time value={snapshot.takenAt} fine={fine} /></Link>
        <p className="text-[0.8125rem] text-muted"><Time value={snapshot.takenAt} relative />, {plural(snapshot.tasks, "task")}{snapshot.newBytes > 0 ? `, ${bytesText(snapshot.newBytes)} new` : ""}</p>
        <div className="mt-1"><Drift drift={snapshot.drift} first={before === null} /></div>
        {gone.length > 0 ? (
          <p className="mt-1 text-[0.8125rem] [overflow-wrap:anywhere]">
            <span className="text-muted">Gone: </span>
            {gone.map(({ id, title }, index) => <span key={id}>{index > 0 ? ", " : ""}<Link href={`${planUrl}?item=${encodeURIComponent(id)}`} prefetch={false} className="underline decoration-line-strong underline-offset-2 hover:decoration-ink">{shownTitle(title)}</Link></span>)}
            {snapshot.drift && snapshot.drift.removed > gone.length ? <span className="text-muted"> and {(snapshot.drift.removed - gone.length).toLocaleString("en")} more</span> : null}
          </p>
        ) : null}
        {snapshot.state === "partial" && snapshot.drift && snapshot.drift.removed > 0 ? <p className="mt-1 text-[0.8125rem] text-warn">What is counted as removed may only have been unreadable.</p> : null}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <Marks snapshot={snapshot} />
        {before && isChange(entry) ? <Button size="small" variant="ghost" asChild><Link href={compareUrl(planUrl, before, snapshot.id)} prefetch={false}><GitCompareArrows aria-hidden />What changed<span className="sr-only"> until <Time value={snapshot.takenAt} /></span></Link></Button> : null}
      </div>
    </li>
  );
}

export function Marks({ snapshot }: { snapshot: TimelineSnapshot }) {
  return (
    <>
      {snapshot.beforeRestore ? <Badge tone="info" icon={<ArchiveRestore aria-hidden />}>Before a restore</Badge> : null}
      {snapshot.lost ? <Badge tone="danger" icon={<FileWarning aria-hidden />}>Found empty</Badge> : null}
      {snapshot.damaged ? <Badge tone="danger" icon={<TriangleAlert aria-hidden />}>Damaged</Badge> : null}
      {snapshot.state === "partial" ? <span className="text-[0.8125rem] text-warn tabular-nums">{plural(snapshot.gaps, "gap")}</span> : null}
      <SnapshotBadge state={snapshot.state} />
    </>
  );
}
