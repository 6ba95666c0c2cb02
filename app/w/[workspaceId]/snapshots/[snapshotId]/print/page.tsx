import { notFound } from "next/navigation";
import { tasksByBucket } from "@/components/board/make-model";
import { panelModel, type PanelModel } from "@/components/board/panel";
import { PrintButton } from "@/components/board/print-button";
import { PrintedTask } from "@/components/board/printed-task";
import { PageHeader } from "@/components/ui/page-header";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { byTask } from "@/lib/planner/by-task";
import { getSnapshot } from "@/lib/workspaces";
import type { SnapshotView } from "@/lib/workspaces/types";
import { load } from "../../../../../load";
import { pageContext } from "../../../../../page-context";

export const metadata = { title: "Print" };

interface Props { params: Promise<{ workspaceId: string; snapshotId: string }>; searchParams: Promise<{ tasks?: string | string[] }> }

/** Every chosen task with all that the snapshot holds of it, bucket by bucket: for paper, or for a PDF that the browser makes. */
export default async function PrintPage({ params, searchParams }: Props) {
  const { actor, workspace, base } = await pageContext(params);
  const { snapshotId } = await params;
  const snapshot = await load(() => getSnapshot(actor, workspace.id, snapshotId));
  const { tasks } = await searchParams;
  const chosen = tasks === undefined ? null : new Set(String(tasks).split(","));
  const buckets = tasksByBucket({ ...snapshot.content, tasks: snapshot.content.tasks.filter(({ id }) => !chosen || chosen.has(id)) });
  const count = buckets.reduce((sum, bucket) => sum + bucket.tasks.length, 0);
  if (chosen && count === 0) notFound();
  const panelOf = panels(snapshot);
  return (
    <>
      <PageHeader
        title={snapshot.planTitle}
        crumbs={[{ label: snapshot.planTitle, href: `${base}/plans/${snapshot.planId}` }, { label: "Snapshot", href: `${base}/snapshots/${snapshot.id}` }]}
        actions={<PrintButton />}
      >
        {chosen ? `${count} of ${plural(snapshot.content.tasks.length, "task")}` : plural(count, "task")}, as on <Time value={snapshot.takenAt} /> in {snapshot.groupName}.
        {snapshot.state === "partial" || snapshot.damaged ? " The snapshot is partial: something is missing from it." : ""}
      </PageHeader>
      {buckets.map((bucket) => (
        <section key={bucket.id} aria-label={bucket.name} className="mb-8">
          <h2 className="mb-3 border-b border-line pb-1.5 text-base font-semibold [overflow-wrap:anywhere]">{bucket.name} <span className="font-normal text-muted tabular-nums">{bucket.tasks.length}</span></h2>
          <ul className="space-y-5">
            {bucket.tasks.map(({ id }) => <PrintedTask key={id} panel={panelOf(id)} />)}
          </ul>
        </section>
      ))}
    </>
  );
}

/** The panels of all tasks in one pass. */
function panels({ content, gapList }: SnapshotView): (taskId: string) => PanelModel {
  const tasks = new Map(content.tasks.map((record) => [record.id, record]));
  const comments = byTask(content.comments);
  const attachments = byTask(content.attachments);
  return (id) => panelModel({ ...content, tasks: [tasks.get(id)!], comments: [...comments(id)], attachments: [...attachments(id)] }, gapList, id)!;
}
