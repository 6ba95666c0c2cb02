import { RestoreForm } from "@/components/restore/form";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Time } from "@/components/ui/time";
import { getPlan, getSnapshot, restoreTargets } from "@/lib/workspaces";
import { load } from "../../../../../load";
import { pageContext } from "../../../../../page-context";
import { connectForRestoreAction, createRestoreAction } from "../../../restores/actions";

export const metadata = { title: "Restore" };

interface Props { params: Promise<{ workspaceId: string; snapshotId: string }>; searchParams: Promise<{ tasks?: string | string[] }> }

export default async function RestoreFormPage({ params, searchParams }: Props) {
  const { actor, workspace, base, may } = await pageContext(params);
  const { snapshotId } = await params;
  const snapshot = await load(() => getSnapshot(actor, workspace.id, snapshotId));
  const here = `${base}/snapshots/${snapshot.id}`;
  const header = (
    <PageHeader title={`Restore from ${snapshot.planTitle}`} crumbs={[{ label: "Plans", href: `${base}/plans` }, { label: snapshot.planTitle, href: `${base}/plans/${snapshot.planId}` }, { label: "Snapshot", href: here }]}>
      As it was on <Time value={snapshot.takenAt} />. You see everything that would happen before anything is written.
    </PageHeader>
  );
  if (!may("restore.run")) return <>{header}<Notice tone="warn">Your role does not allow restores. Ask an owner or admin of the workspace.</Notice></>;
  const [{ plan }, targets] = await load(() => Promise.all([getPlan(actor, workspace.id, snapshot.planId), restoreTargets(actor, workspace.id, snapshot.id)]));
  const wanted = new Set(String((await searchParams).tasks ?? "").split(",").filter(Boolean));
  const chosen = snapshot.content.tasks.filter((record) => wanted.has(record.id)).map((record) => ({ id: record.id, title: record.task.title }));
  return (
    <>
      {header}
      {snapshot.state === "partial" ? <Notice tone="warn" className="mb-4">This snapshot is partial: what it lacks cannot be restored from it.</Notice> : null}
      <RestoreForm
        snapshotId={snapshot.id}
        planTitle={snapshot.planTitle}
        tid={plan.tid}
        taskCount={snapshot.content.tasks.length}
        chosen={chosen}
        newTitle={`${snapshot.planTitle.slice(0, 200)} (restored ${new Date().toISOString().slice(0, 10)})`}
        hasComments={snapshot.content.comments.length > 0}
        boardHref={here}
        consentHref={`${base}/consent`}
        targets={targets}
        mayConnect={may("connection.manage")}
        connect={connectForRestoreAction.bind(null, workspace.id)}
        create={createRestoreAction.bind(null, workspace.id)}
      />
    </>
  );
}
