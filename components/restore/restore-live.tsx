"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { ArchiveRestore } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { useLive } from "@/components/live";
import { isRestoreAtRest, isRestoreFinished, RestoreBadge } from "@/components/run/states";
import { Waiting } from "@/components/run/waiting";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Progress } from "@/components/ui/progress";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { Preview } from "./preview";
import { Report } from "./report";
import { tasksTouched, type ShownPlan, type ShownRestore } from "./view";

interface RestoreLiveProps {
  url: string;
  initial: ShownRestore;
  base: string;
  plannerOrigin: string;
  run: (() => Promise<ActionResult>) | null;
  cancel: (() => Promise<ActionResult>) | null;
}

/** One restore from planning to report: preview, progress, read-back. */
export function RestoreLive({ url, initial, base, plannerOrigin, run, cancel }: RestoreLiveProps) {
  const router = useRouter();
  const moving = !isRestoreAtRest(initial.state);
  const { state: restore, connected } = useLive(url, initial, moving);
  const plan = restore.plan ?? initial.plan;
  const finished = isRestoreFinished(restore.state);
  const again = `${base}/snapshots/${restore.snapshotId}/restore${restore.request.tasks === "all" ? "" : `?tasks=${restore.request.tasks.map(encodeURIComponent).join(",")}`}`;
  useEffect(() => {
    // The preview is there: its hash, which the run button carries, comes with the page.
    if (moving && isRestoreAtRest(restore.state)) router.refresh();
  }, [moving, restore.state, router]);
  return (
    <>
      <PageHeader
        title={restore.request.tasks === "all" ? `Restore of ${restore.planTitle}` : `Restore of ${plural(restore.request.tasks.length, "task")} from ${restore.planTitle}`}
        crumbs={[{ label: "Restores", href: `${base}/restores` }]}
        badge={<RestoreBadge state={restore.state} />}
        actions={<Actions restore={restore} plan={plan} run={run} cancel={cancel} again={again} />}
      >
        From the snapshot of <Link href={`${base}/snapshots/${restore.snapshotId}`} className="underline underline-offset-2"><Time value={restore.takenAt} /></Link>. Started by {restore.startedBy} <Time value={restore.createdAt} />.
      </PageHeader>
      <div className="space-y-4">
        {restore.problem ? <Notice tone="danger" live title="The restore has a problem">{restore.problem}</Notice> : null}
        {finished ? null : <MovingState restore={restore} connected={connected} />}
        {restore.report ? <Report report={restore.report} tid={restore.tid} plannerOrigin={plannerOrigin} /> : null}
        {restore.state === "cancelled" && !restore.report ? <Notice>This restore was cancelled before anything was written.</Notice> : null}
        {plan ? restore.report ? <details><summary className="w-fit rounded font-semibold">What the preview said</summary><div className="mt-3"><Preview plan={plan} /></div></details> : <Preview plan={plan} /> : null}
      </div>
    </>
  );
}

function Actions({ restore, plan, run, cancel, again }: { restore: ShownRestore; plan: ShownPlan | null; run: RestoreLiveProps["run"]; cancel: RestoreLiveProps["cancel"]; again: string }) {
  if (isRestoreFinished(restore.state) || restore.state === "blocked") return <Button asChild><Link href={again}>Restore again…</Link></Button>;
  if (restore.state === "planned" && plan) {
    const tasks = tasksTouched(plan);
    return (
      <>
        <Button asChild><Link href={again}>Change…</Link></Button>
        {run && plan.operations.length > 0 ? <ActionButton variant="primary" action={run}><ArchiveRestore aria-hidden />{tasks > 0 ? `Restore ${plural(tasks, "task")}` : `Restore ${plural(plan.operations.length, "change")}`}</ActionButton> : null}
      </>
    );
  }
  if (!cancel) return null;
  return <ActionButton disabled={restore.cancelRequested} action={cancel} question={{ title: "Cancel this restore?", text: "What was written stays, and the report names it. Nothing is deleted.", confirm: "Cancel restore" }}>{restore.cancelRequested ? "Cancelling…" : "Cancel…"}</ActionButton>;
}

const TEXTS: Partial<Record<ShownRestore["state"], string>> = {
  planning: "Reading the target and computing what would happen. Nothing is written.",
  running: "Writing to Microsoft 365",
  waiting: "Waiting",
  verifying: "Reading back and comparing with the snapshot",
};

function MovingState({ restore, connected }: { restore: ShownRestore; connected: boolean }) {
  const text = TEXTS[restore.state];
  if (!text) return null;
  return (
    <section aria-label="Progress" className="rounded-lg border border-line bg-surface px-4 py-4 sm:px-5">
      <div className="mb-2 flex flex-wrap justify-between gap-2">
        <p role="status" className="font-medium">{text}</p>
        {restore.total > 0 ? <p className="text-muted tabular-nums">{restore.done} of {restore.total}</p> : null}
      </div>
      <Progress label="Restore progress" done={restore.done} total={restore.total} />
      {restore.waiting ? <Waiting waiting={restore.waiting} /> : null}
      {connected ? null : <p className="mt-2 text-warn">Connection lost. Trying again; the restore goes on.</p>}
    </section>
  );
}
