import Link from "next/link";
import { ArchiveRestore } from "lucide-react";
import { ExportMenu } from "@/components/board/export-menu";
import { Gaps } from "@/components/board/gaps";
import { packedBoard } from "@/components/board/make-model";
import { OtherSnapshots } from "@/components/board/other-snapshots";
import { SnapshotBadge } from "@/components/board/plan-table";
import { SnapshotView } from "@/components/board/snapshot-view";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Time } from "@/components/ui/time";
import { getChangesAround, getSnapshotOutline } from "@/lib/workspaces";
import { load } from "../../../../load";
import { pageContext } from "../../../../page-context";

export const metadata = { title: "Snapshot" };

/** The plan as it was. Read from storage only: it opens with Microsoft 365 gone. */
export default async function SnapshotPage({ params }: { params: Promise<{ workspaceId: string; snapshotId: string }> }) {
  const { actor, workspace, base, may } = await pageContext(params);
  const { snapshotId } = await params;
  const [snapshot, around] = await load(() => Promise.all([getSnapshotOutline(actor, workspace.id, snapshotId), getChangesAround(actor, workspace.id, snapshotId)]));
  const pageOf = (id: string | null) => id && `${base}/snapshots/${id}`;
  const here = `${base}/snapshots/${snapshot.id}`;
  const restoreUrl = may("restore.run") ? `${here}/restore` : null;
  return (
    <>
      <PageHeader
        title={snapshot.planTitle}
        crumbs={[{ label: "Plans", href: `${base}/plans` }, { label: snapshot.planTitle, href: `${base}/plans/${snapshot.planId}` }]}
        badge={<SnapshotBadge state={snapshot.state} />}
        actions={
          <>
            <OtherSnapshots earlierUrl={pageOf(around.earlier)} laterUrl={pageOf(around.later)} />
            <ExportMenu snapshotUrl={here} />
            {restoreUrl ? <Button asChild variant="primary"><Link href={restoreUrl}><ArchiveRestore aria-hidden />Restore…</Link></Button> : null}
          </>
        }
      >
        As it was on <strong className="font-medium text-ink"><Time value={snapshot.takenAt} /></strong> in {snapshot.groupName}. Read-only.{snapshot.beforeRestoreId ? <> Taken right before <Link href={`${base}/restores/${snapshot.beforeRestoreId}`} className="underline underline-offset-2">a restore</Link>.</> : null}
      </PageHeader>
      <div className="mb-4 space-y-3 empty:hidden">
        {snapshot.planGone ? <Notice tone="warn">This plan does not exist in Microsoft 365 any more. Choose Restore… to bring it back.</Notice> : null}
        {snapshot.damaged ? (
          <Notice tone="danger" title="Part of this snapshot is damaged in the storage">
            What can be read is shown; the rest is not lost in other snapshots that hold it.
            {snapshot.missing.length > 0 ? <ul className="mt-1 list-disc pl-4">{snapshot.missing.map((what) => <li key={what}>{what}</li>)}</ul> : null}
          </Notice>
        ) : null}
        {snapshot.consistency.kind === "window" ? <Notice>People worked in the plan while it was read: what you see may mix states between <Time value={snapshot.consistency.from} /> and <Time value={snapshot.consistency.to} />.</Notice> : null}
        <Gaps gaps={snapshot.gapList} tasks={snapshot.content.tasks.map((record) => ({ id: record.id, title: record.task.title }))} />
      </div>
      <SnapshotView
        packed={packedBoard(snapshot.content, snapshot.takenAt)}
        planTitle={snapshot.planTitle}
        apiUrl={`/api/w/${workspace.id}/snapshots/${snapshot.id}`}
        snapshotUrl={here}
        planUrl={`${base}/plans/${snapshot.planId}`}
        restoreUrl={restoreUrl}
      />
    </>
  );
}
