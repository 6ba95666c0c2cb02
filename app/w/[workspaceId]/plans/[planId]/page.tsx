import Link from "next/link";
import { ArchiveRestore, ChevronRight, CloudOff, History, TriangleAlert } from "lucide-react";
import { SnapshotBadge } from "@/components/board/plan-table";
import { LossNotice } from "@/components/plan/loss-notice";
import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { bytesText, plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { getPlan, listLosses } from "@/lib/workspaces";
import type { SnapshotSummary } from "@/lib/workspaces/types";
import { load } from "../../../../load";
import { pageContext } from "../../../../page-context";
import { acceptEmptyAction, releaseHoldAction } from "../actions";

export const metadata = { title: "Plan" };

export default async function PlanPage({ params }: { params: Promise<{ workspaceId: string; planId: string }> }) {
  const { actor, workspace, base, may } = await pageContext(params);
  const { planId } = await params;
  const [{ plan, snapshots }, losses] = await load(() => Promise.all([getPlan(actor, workspace.id, planId), listLosses(actor, workspace.id, planId)]));
  // What was captured because a restore was about to write is often the damage itself.
  const newest = snapshots.find((snapshot) => snapshot.beforeRestoreId === null) ?? snapshots[0];
  return (
    <>
      <PageHeader
        title={plan.title}
        crumbs={[{ label: "Plans", href: `${base}/plans` }]}
        badge={plan.goneAt ? <Badge tone="warn" icon={<CloudOff aria-hidden />}>Gone in Microsoft 365</Badge> : undefined}
        actions={newest ? <Button asChild variant="primary"><Link href={`${base}/snapshots/${newest.id}`}>Open the newest</Link></Button> : undefined}
      >
        {plan.groupName}{plan.tenantName ? `, ${plan.tenantName}` : ""}. {plan.policyNames.length > 0 ? `Protected by ${plan.policyNames.join(", ")}.` : "No policy protects it now."}
      </PageHeader>
      {plan.goneAt ? <Notice tone="warn" className="mb-4" title="This plan does not exist in Microsoft 365 any more">Noticed <Time value={plan.goneAt} relative />. Its snapshots stay; open one and choose Restore… to bring it back.</Notice> : null}
      {plan.suspiciouslyEmpty ? <LooksEmpty lost={newest?.reading?.lost} accept={may("backup.run") ? acceptEmptyAction.bind(null, workspace.id, plan.id) : null} /> : null}
      {losses.map((loss) => <LossNotice key={loss.id} loss={loss} base={base} mayRestore={may("restore.run")} release={may("policy.manage") ? releaseHoldAction.bind(null, workspace.id, plan.id, loss.id) : null} />)}
      {snapshots.length === 0 ? <Empty icon={History} title="No snapshot yet" action={<Button asChild><Link href={`${base}/policies`}>Open policies</Link></Button>}>The next run of its policy takes the first one.</Empty> : (
        <section aria-labelledby="snapshots-title">
          <h2 id="snapshots-title" className="mb-3 font-semibold">{plural(snapshots.length, "snapshot")}</h2>
          <ol className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">{snapshots.map((snapshot) => <Snapshot key={snapshot.id} snapshot={snapshot} href={`${base}/snapshots/${snapshot.id}`} />)}</ol>
        </section>
      )}
    </>
  );
}

function LooksEmpty({ lost, accept }: { lost: { tasks: number; buckets: number } | undefined; accept: (() => Promise<ActionResult>) | null }) {
  return (
    <Notice
      tone="danger" className="mb-4" title="The plan looks empty"
      actions={accept ? <ActionButton action={accept} done="Accepted" question={{ title: "Was this plan emptied on purpose?", text: "From the next backup on, finding nothing in it counts as complete. Earlier snapshots stay.", confirm: "It was emptied on purpose" }}>It was emptied on purpose…</ActionButton> : undefined}
    >
      The newest backup found nothing in it; the last complete one held {lost && lost.tasks > 0 ? plural(lost.tasks, "task") : plural(lost?.buckets ?? 0, "bucket")}. That may be a lost permission or trouble at Microsoft, so its snapshots stay partial until somebody says that it was emptied on purpose.
    </Notice>
  );
}

function Snapshot({ snapshot, href }: { snapshot: SnapshotSummary; href: string }) {
  return (
    <li>
      <Link href={href} className="flex flex-wrap items-center gap-x-5 gap-y-1 px-4 py-3 hover:bg-subtle sm:px-5">
        <span className="min-w-0 flex-1 basis-56">
          <span className="block font-medium"><Time value={snapshot.takenAt} /></span>
          <span className="block text-[0.8125rem] text-muted"><Time value={snapshot.takenAt} relative />, {plural(snapshot.counts.records.task, "task")}{snapshot.gaps > 0 ? `, ${plural(snapshot.gaps, "gap")}` : ""}</span>
        </span>
        <Drift drift={snapshot.drift} />
        <span className="text-[0.8125rem] text-muted tabular-nums">{snapshot.newBytes > 0 ? `${bytesText(snapshot.newBytes)} new` : "Nothing new stored"}</span>
        {snapshot.beforeRestoreId ? <Badge icon={<ArchiveRestore aria-hidden />}>Before a restore</Badge> : null}
        {snapshot.damaged ? <Badge tone="danger" icon={<TriangleAlert aria-hidden />}>Damaged</Badge> : null}
        <SnapshotBadge state={snapshot.state} />
        <ChevronRight aria-hidden className="hidden size-4 text-muted sm:block" />
      </Link>
    </li>
  );
}

/** What changed since the snapshot before: signs and words, not colour alone. */
function Drift({ drift }: { drift: SnapshotSummary["drift"] }) {
  if (!drift) return <span className="text-[0.8125rem] text-muted">First snapshot</span>;
  if (drift.added + drift.removed + drift.changed === 0) return <span className="text-[0.8125rem] text-muted">Unchanged</span>;
  return (
    <span className="flex gap-2.5 text-[0.8125rem] tabular-nums" title="Since the snapshot before">
      {drift.added > 0 ? <span className="text-ok">+{drift.added} added</span> : null}
      {drift.changed > 0 ? <span className="text-info">~{drift.changed} changed{drift.fields ? ` (${plural(drift.fields, "field")})` : ""}</span> : null}
      {drift.removed > 0 ? <span className="text-danger">−{drift.removed} removed</span> : null}
    </span>
  );
}
