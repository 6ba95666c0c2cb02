"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import type { ActionResult } from "@/components/action-result";
import { useLive } from "@/components/live";
import { isRestoreAtRest, isRestoreFinished, RestoreBadge } from "@/components/run/states";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { RestoreRequest } from "@/lib/restore/types";
import { RestoreActions } from "./actions";
import { chosenText } from "./choices";
import { DrillPlan } from "./drill-plan";
import { Preview } from "./preview";
import { RestoreProgress } from "./progress";
import { Report } from "./report";
import { Undo } from "./undo";
import type { ShownRestore } from "./view";

export interface RestoreLiveProps {
  url: string;
  initial: ShownRestore;
  base: string;
  plannerOrigin: string;
  /** What the viewer may do; each is refused by the server again when it does not fit the state. */
  actions: {
    /** Null while there is no preview to confirm. */
    run: (() => Promise<ActionResult>) | null;
    cancel: () => Promise<ActionResult>;
    resume: () => Promise<ActionResult>;
    /** Of a drill that has left its plan. */
    removePlan: () => Promise<ActionResult>;
    undo: (requestKey: string) => Promise<ActionResult<unknown>>;
    connect: () => Promise<ActionResult<unknown>>;
    create: (input: { snapshotId: string; connectionId: string; request: RestoreRequest; requestKey: string; insteadOf: string }) => Promise<ActionResult<unknown>>;
  } | null;
}

/** One restore from planning to report: preview, progress, read-back. */
export function RestoreLive({ url, initial, base, plannerOrigin, actions }: RestoreLiveProps) {
  const router = useRouter();
  const moving = !isRestoreAtRest(initial.state);
  const { state: restore, connected } = useLive(url, initial, moving);
  const plan = restore.plan ?? initial.plan;
  const finished = isRestoreFinished(restore.state);
  const paused = restore.state === "waiting" && restore.phase === "paused";
  useEffect(() => {
    // The preview is there: its hash, which the run button carries, comes with the page.
    if (moving && isRestoreAtRest(restore.state)) router.refresh();
  }, [moving, restore.state, router]);
  const changePeople = actions && (restore.state === "planned" || restore.state === "blocked") && restore.undoOf === null
    ? (people: RestoreRequest["people"]) => actions.create({
        snapshotId: restore.snapshotId, connectionId: restore.connectionId, request: { ...restore.request, people }, requestKey: crypto.randomUUID(), insteadOf: restore.id,
      })
    : null;
  const { drill } = restore;
  const undo = finished && restore.startedAt && !drill ? <Undo restore={restore} base={base} undo={actions?.undo ?? null} /> : null;
  const preview = plan ? <Preview plan={plan} request={restore.request} changePeople={changePeople} /> : null;
  return (
    <>
      <PageHeader
        title={drill ? `Restore drill of ${restore.planTitle}` : restore.undoOf ? `Undo of a restore of ${restore.planTitle}` : restore.request.tasks === "all" ? `Restore of ${restore.planTitle}` : `Restore of ${chosenText(restore.request)} from ${restore.planTitle}`}
        crumbs={[{ label: "Restores", href: `${base}/restores` }]}
        badge={<RestoreBadge state={restore.state} isDrill={drill !== null} />}
        actions={<div className="flex flex-wrap items-center gap-2 print:hidden"><RestoreActions restore={restore} plan={plan} base={base} actions={actions} /></div>}
      >
        {restore.undoOf ? <>Takes back <Link href={`${base}/restores/${restore.undoOf}`} className="underline underline-offset-2">that restore</Link>: only what it made is removed, only what it changed is set back, to </> : "From "}the snapshot of <Link href={`${base}/snapshots/${restore.snapshotId}`} className="underline underline-offset-2"><Time value={restore.takenAt} /></Link>. {drill ? <>For the policy <Link href={`${base}/policies/${drill.policyId}#drills`} className="underline underline-offset-2">{drill.policyName}</Link>. </> : null}Started by {restore.startedBy} <Time value={restore.createdAt} />{restore.finishedAt ? <>, ended <Time value={restore.finishedAt} /></> : null}.
      </PageHeader>
      <div className="space-y-4">
        {restore.problem && !plan?.difference && !paused ? <Notice tone="danger" live title={drill ? "The drill has a problem" : "The restore has a problem"}>{restore.problem}</Notice> : null}
        {paused ? (
          <Notice tone="warn" live title="Paused: the connection account must sign in" actions={actions ? <ActionButton variant="primary" action={actions.connect}>Sign in the account</ActionButton> : null}>
            {restore.problem} {restore.total > 0 ? `${restore.done.toLocaleString("en")} of ${plural(restore.total, "operation is", "operations are")} done. ` : null}What was written stays, nothing is lost and nothing is done twice. When the account has signed in, come back here and press Resume.
          </Notice>
        ) : null}
        {drill ? <DrillPlan drill={drill} plan={plan} finished={finished} remove={actions?.removePlan ?? null} /> : null}
        {finished || paused ? null : <RestoreProgress restore={restore} base={base} connected={connected} />}
        {restore.report ? <Report report={restore.report} drill={drill} tid={restore.tid} plannerOrigin={plannerOrigin} fileUrl={`${base}/restores/${restore.id}/report`} undo={undo} /> : undo}
        {restore.state === "cancelled" && !restore.report && !drill ? <Notice>This restore was cancelled before anything was written. <Button asChild size="small" className="ml-2"><Link href={`${base}/snapshots/${restore.snapshotId}/restore?from=${restore.id}`}>Preview again…</Link></Button></Notice> : null}
        {preview && restore.state !== "planned" && restore.state !== "blocked" ? <details className="print:hidden"><summary className="w-fit rounded font-semibold">What the preview said</summary><div className="mt-3">{preview}</div></details> : preview}
      </div>
    </>
  );
}
