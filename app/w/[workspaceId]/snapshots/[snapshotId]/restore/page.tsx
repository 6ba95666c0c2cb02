import { choicesOf, choicesOfRequest } from "@/components/restore/choices";
import { defaultChoices } from "@/components/restore/defaults";
import { RestoreForm } from "@/components/restore/form";
import { assigneesOfSnapshot, keptItems } from "@/components/restore/items-of-snapshot";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Time } from "@/components/ui/time";
import { getPlan, getRestore, getSnapshot, restoreTargets } from "@/lib/workspaces";
import { load } from "../../../../../load";
import { pageContext } from "../../../../../page-context";
import { connectForRestoreAction, createRestoreAction } from "../../../restores/actions";

export const metadata = { title: "Restore" };

interface Props { params: Promise<{ workspaceId: string; snapshotId: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

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
  const [{ plan, snapshots }, targets] = await load(() => Promise.all([getPlan(actor, workspace.id, snapshot.planId), restoreTargets(actor, workspace.id, snapshot.id)]));
  const newest = snapshots[0] && snapshots[0].id !== snapshot.id ? await load(() => getSnapshot(actor, workspace.id, snapshots[0]!.id)) : null;
  const { items, packed } = keptItems(snapshot.content, newest, targets.creations);
  const defaults = defaultChoices({ content: snapshot.content, planTitle: snapshot.planTitle, tid: plan.tid, targets, today: new Date().toISOString().slice(0, 10) });
  const query = new URLSearchParams(Object.entries(await searchParams).flatMap(([name, value]) => [value ?? []].flat().map((each) => [name, each])));
  const from = query.get("from");
  const earlier = from ? await load(() => getRestore(actor, workspace.id, from)) : null;
  return (
    <>
      {header}
      {snapshot.state === "partial" ? <Notice tone="warn" className="mb-4">This snapshot is partial: what it lacks cannot be restored from it.</Notice> : null}
      <RestoreForm
        snapshotId={snapshot.id}
        source={{ tid: plan.tid, graphPlanId: plan.graphPlanId }}
        packedItems={packed}
        assignees={assigneesOfSnapshot(snapshot.content)}
        comments={snapshot.content.comments.length}
        defaults={defaults}
        initial={earlier?.snapshotId === snapshot.id ? choicesOfRequest(earlier.request, earlier.connectionId, defaults, items) : choicesOf(query, defaults, items)}
        insteadOf={earlier && (earlier.state === "planned" || earlier.state === "blocked") ? earlier.id : undefined}
        boardHref={here}
        consentHref={`${base}/consent`}
        connectionsHref={`${base}/connections`}
        targets={{ ...targets, creations: {} }}
        mayConnect={may("connection.manage")}
        connect={connectForRestoreAction.bind(null, workspace.id)}
        create={createRestoreAction.bind(null, workspace.id)}
      />
    </>
  );
}
