import Link from "next/link";
import { CloudOff, GitCompareArrows, History } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { taskUrl, timelineUrl } from "@/components/history/address";
import { Calendar } from "@/components/history/calendar";
import { FindTask } from "@/components/history/find-task";
import { HistoryKeys } from "@/components/history/keys";
import { Pages } from "@/components/history/pages";
import { TaskTrace } from "@/components/history/task-trace";
import { snapshotLinkId, Timeline } from "@/components/history/timeline";
import { LossNotice } from "@/components/plan/loss-notice";
import { ActionButton } from "@/components/ui/action-button";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { getHistory, listLosses } from "@/lib/workspaces";
import type { HistoryView } from "@/lib/workspaces/types";
import { load } from "../../../../load";
import { pageContext } from "../../../../page-context";
import { acceptEmptyAction, releaseHoldAction } from "../actions";

export const metadata = { title: "Plan history" };

type Params = Record<"at" | "day" | "item" | "page", string | string[] | undefined>;
interface Props { params: Promise<{ workspaceId: string; planId: string }>; searchParams: Promise<Partial<Params>> }

/** What changed when: every kept snapshot of a plan. */
export default async function PlanPage({ params, searchParams }: Props) {
  const { actor, workspace, base, may } = await pageContext(params);
  const { planId } = await params;
  const query = await searchParams;
  const text = (name: keyof Params) => (typeof query[name] === "string" && query[name] !== "" ? query[name] : null);
  const item = text("item");
  const [history, losses] = await load(() => Promise.all([
    getHistory(actor, workspace.id, planId, { at: text("at"), day: text("day"), taskId: item, page: Number(text("page") ?? 1) }),
    listLosses(actor, workspace.id, planId),
  ]));
  const { plan, newestId, page, pages } = history;
  const here = `${base}/plans/${plan.id}`;
  const url = (to: { at?: string; page?: number }) => timelineUrl(here, { ...to, item });
  const lastUrl = history.task ? url({ at: history.task.snapshotId }) : undefined;
  const newest = history.page === 1 ? history.entries[0] : undefined;
  return (
    <>
      <PageHeader
        title={plan.title}
        crumbs={[{ label: "Plans", href: `${base}/plans` }]}
        badge={plan.goneAt ? <Badge tone="warn" icon={<CloudOff aria-hidden />}>Gone in Microsoft 365</Badge> : undefined}
        actions={newestId ? (
          <>
            <Button asChild><Link href={`${here}/compare`}><GitCompareArrows aria-hidden />Compare…</Link></Button>
            <Button asChild variant="primary"><Link href={`${base}/snapshots/${newestId}`}>Open the newest</Link></Button>
          </>
        ) : undefined}
      >
        {plan.groupName}{plan.tenantName ? `, ${plan.tenantName}` : ""}. {plan.policyNames.length > 0 ? `Protected by ${plan.policyNames.join(", ")}.` : "No policy protects it now."}
        {history.proof ? <> Proven restorable <Time value={history.proof.at} relative /> by <Link href={`${base}/restores/${history.proof.restoreId}`} className="underline underline-offset-2">a restore drill</Link>.</> : null}
      </PageHeader>
      <div className="mb-4 space-y-4 empty:hidden">
        {plan.goneAt ? <Notice tone="warn" title="This plan does not exist in Microsoft 365 any more">Noticed <Time value={plan.goneAt} relative />. Its snapshots stay; open one and choose Restore… to bring it back.</Notice> : null}
        {plan.suspiciouslyEmpty ? <LooksEmpty lost={newest?.kind === "snapshot" ? newest.snapshot.lost : null} accept={may("backup.run") ? acceptEmptyAction.bind(null, workspace.id, plan.id) : null} /> : null}
        {losses.map((loss) => <LossNotice key={loss.id} loss={loss} base={base} mayRestore={may("restore.run")} release={may("policy.manage") ? releaseHoldAction.bind(null, workspace.id, plan.id, loss.id) : null} />)}
        {history.task && lastUrl ? <TaskTrace trace={history.task} base={base} lastUrl={lastUrl} lifeUrl={taskUrl(here, history.task.taskId)} clearUrl={timelineUrl(here, { page })} mayRestore={may("restore.run")} /> : null}
        {item && !history.task ? <Notice title="No kept backup that the search knows holds this task">A backup that just ended is known a moment later. <Link href={here} className="underline underline-offset-2">Show the history without it</Link></Notice> : null}
      </div>
      {history.total === 0 ? <Empty icon={History} title="No snapshot yet" action={<Button asChild><Link href={`${base}/policies`}>Open policies</Link></Button>}>The next run of its policy takes the first one.</Empty> : (
        <section aria-labelledby="snapshots-title" className="space-y-4">
          {history.total > 1 ? <Calendar days={history.days} /> : <p className="text-muted">This is the first snapshot. What changes from now on is shown here from the next backup on.</p>}
          <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
            <h2 id="snapshots-title" className="font-semibold">{plural(history.total, "snapshot")}<span className="font-normal text-muted">, {plural(history.changes, "change")}</span></h2>
            <FindTask base={base} planId={plan.id} here={here} item={item} day={text("day")} />
          </div>
          <HistoryKeys newerUrl={history.newerChange && url({ at: history.newerChange })} olderUrl={history.olderChange && url({ at: history.olderChange })} lastUrl={lastUrl} focusId={history.at && snapshotLinkId(history.at)} />
          <div data-timeline><Timeline history={history} base={base} at={history.at} /></div>
          <Pages page={page} pages={pages} url={(to) => url({ page: to })} />
        </section>
      )}
    </>
  );
}

type Lost = Extract<HistoryView["entries"][number], { kind: "snapshot" }>["snapshot"]["lost"];

function LooksEmpty({ lost, accept }: { lost: Lost; accept: (() => Promise<ActionResult>) | null }) {
  return (
    <Notice
      tone="danger" title="The plan looks empty"
      actions={accept ? <ActionButton action={accept} done="Accepted" question={{ title: "Was this plan emptied on purpose?", text: "From the next backup on, finding nothing in it counts as complete. Earlier snapshots stay.", confirm: "It was emptied on purpose" }}>It was emptied on purpose…</ActionButton> : undefined}
    >
      The newest backup found nothing in it{lost ? `; the last complete one held ${lost.tasks > 0 ? plural(lost.tasks, "task") : plural(lost.buckets, "bucket")}` : ""}. That may be a lost permission or trouble at Microsoft, so its snapshots stay partial until somebody says that it was emptied on purpose.
    </Notice>
  );
}
