import Link from "next/link";
import { CalendarSearch, CloudOff, History } from "lucide-react";
import { taskUrl, timelineUrl } from "@/components/history/address";
import { TaskLife } from "@/components/history/task-life";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { plural, shownTitle } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { getTaskHistory } from "@/lib/workspaces";
import { load } from "../../../../../../load";
import { pageContext } from "../../../../../../page-context";

export const metadata = { title: "Task history" };

interface Props { params: Promise<{ workspaceId: string; planId: string; taskId: string }>; searchParams: Promise<{ before?: string | string[] }> }

/** The life of one task over the snapshots of its plan. */
export default async function TaskPage({ params, searchParams }: Props) {
  const { actor, workspace, base, may } = await pageContext(params);
  const { planId, taskId } = await params;
  const { before } = await searchParams;
  const history = await load(() => getTaskHistory(actor, workspace.id, planId, taskId, typeof before === "string" ? before : null));
  const { plan, trace, events, next, until, damaged } = history;
  const planUrl = `${base}/plans/${plan.id}`;
  const here = taskUrl(planUrl, history.taskId);
  return (
    <>
      <PageHeader
        title={shownTitle(history.title ?? "A task")}
        crumbs={[{ label: "Plans", href: `${base}/plans` }, { label: plan.title, href: planUrl }]}
        badge={trace?.goneAt ? <Badge tone="warn" icon={<CloudOff aria-hidden />}>Gone</Badge> : undefined}
        actions={trace ? <Button asChild><Link href={timelineUrl(planUrl, { at: trace.snapshotId, item: history.taskId })}><CalendarSearch aria-hidden />Show in the plan’s history</Link></Button> : undefined}
      >
        {trace ? <>First seen <Time value={trace.firstAt} />{trace.bucket ? <>, last in the bucket {shownTitle(trace.bucket)}</> : null}. {trace.goneAt ? <>There until <Time value={trace.lastAt} />, gone by <Time value={trace.goneAt} />.</> : <>The newest complete backup, of <Time value={trace.lastAt} />, still has it.</>}</> : "Its life over the snapshots of the plan."}
      </PageHeader>
      <div className="space-y-4">
        {damaged > 0 ? <Notice tone="warn" title={`${plural(damaged, "snapshot is", "snapshots are")} damaged where this task lies`}>What they held of it is left out here. <Link href={`${base}/storage`} className="underline underline-offset-2">Verify the storage</Link></Notice> : null}
        {events.length > 0 ? <TaskLife history={history} base={base} planUrl={planUrl} mayRestore={may("restore.run")} /> : <Empty icon={History} title="Nothing happened to it here">{next && until ? <>Looked back to <Time value={until} />; older snapshots come next.</> : "No kept snapshot before shows another state of it."}</Empty>}
        {before || next ? (
          <nav aria-label="Pages of the task’s history" className="flex items-center justify-between gap-3">
            {before ? <Button asChild><Link href={here}>Newest</Link></Button> : <span />}
            {next ? <Button asChild><Link href={`${here}?before=${next}`}>Older</Link></Button> : null}
          </nav>
        ) : null}
      </div>
    </>
  );
}
