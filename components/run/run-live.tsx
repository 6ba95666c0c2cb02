"use client";

import Link from "next/link";
import { useDeferredValue, useMemo, useState } from "react";
import type { ActionResult } from "@/components/action-result";
import { useLive } from "@/components/live";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Progress } from "@/components/ui/progress";
import { useTimeLeft } from "@/components/ui/time-left";
import { bytesText, plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { RunPlanView, RunView } from "@/lib/workspaces/types";
import { runResult } from "./run-list";
import { PHASES, shareDone } from "./share";
import { isRunFinished, RunBadge } from "./states";
import { Waiting } from "./waiting";

interface RunLiveProps { url: string; initial: RunView; base: string; cancel: (() => Promise<ActionResult>) | null }

/** A backup while it runs, and its report when it is over. */
export function RunLive({ url, initial, base, cancel }: RunLiveProps) {
  const { state: run, connected } = useLive(url, initial, !isRunFinished(initial.state));
  const finished = isRunFinished(run.state);
  const over = run.items.filter((item) => isRunFinished(item.state)).length;
  const left = useTimeLeft(over, finished ? 0 : run.items.length);
  return (
    <>
      <PageHeader
        title={run.policyName}
        crumbs={[{ label: "Runs", href: `${base}/runs` }]}
        badge={<RunBadge state={run.state} />}
        actions={
          finished ? <Button asChild variant="primary"><Link href={`${base}/plans`}>See the plans</Link></Button>
            : cancel ? <ActionButton disabled={run.cancelRequested} action={cancel} question={{ title: "Cancel this run?", text: "Plans that are done keep their snapshots. Plans that are being read are not stored.", confirm: "Cancel run" }}>{run.cancelRequested ? "Cancelling…" : "Cancel…"}</ActionButton> : null
        }
      >
        {run.trigger === "schedule" ? "Started on schedule" : `Started by ${run.startedBy ?? "a former member"}`} <Time value={run.createdAt} />
        {run.finishedAt ? <>, finished <Time value={run.finishedAt} /></> : null}
      </PageHeader>
      <div className="space-y-4">
        {run.problem ? <Notice tone={run.state === "failed" ? "danger" : "warn"} title="About this run">{run.problem}</Notice> : null}
        <section aria-label="Progress" className="rounded-lg border border-line bg-surface px-4 py-4 sm:px-5">
          <div className="mb-2 flex flex-wrap items-baseline justify-between gap-2">
            <p className="font-medium tabular-nums">{finished ? runResult(run) : run.items.length === 0 ? "Finding the plans" : `${over} of ${plural(run.items.length, "plan")} done${left ? `, ${left}` : ""}`}</p>
            {connected || finished ? null : <p className="text-warn">Connection lost. Trying again; the backup goes on.</p>}
          </div>
          {finished ? null : <Progress label="Plans done" done={over} total={run.items.length} text={`${over} of ${plural(run.items.length, "plan")} done`} />}
          <p role="status" className="sr-only">{finished ? `The run is over: ${runResult(run)}` : over > 0 ? `${plural(over, "plan")} done` : "The run has started"}</p>
        </section>
        <Items items={run.items} base={base} />
      </div>
    </>
  );
}

const ORDER = { running: 0, failed: 1, partial: 2, queued: 3, cancelled: 4, complete: 5 };
/** More rows than this ask for the filter. */
const SHOWN = 100;

function Items({ items, base }: { items: RunPlanView[]; base: string }) {
  const [query, setQuery] = useState("");
  const wanted = useDeferredValue(query.trim().toLowerCase());
  const found = useMemo(
    () => items.filter((item) => `${item.title} ${item.groupName}`.toLowerCase().includes(wanted)).sort((a, b) => ORDER[a.state] - ORDER[b.state] || a.title.localeCompare(b.title)),
    [items, wanted],
  );
  if (items.length === 0) return null;
  return (
    <section aria-label="Plans of this run">
      {items.length > 20 ? <Input type="search" aria-label="Filter plans" placeholder="Filter plans" value={query} onChange={(event) => setQuery(event.target.value)} className="mb-3 max-w-sm" /> : null}
      <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">{found.slice(0, SHOWN).map((item) => <Item key={item.planId} item={item} base={base} />)}</ul>
      {found.length > SHOWN ? <p className="mt-2 text-muted">{plural(found.length - SHOWN, "more plan")}: filter to see them.</p> : null}
    </section>
  );
}

function Item({ item, base }: { item: RunPlanView; base: string }) {
  const running = item.state === "running";
  const share = shareDone(item);
  const [most, setMost] = useState(share);
  if (share > most) setMost(share); // what moved meanwhile is read again, which takes nothing back
  const doing = `${PHASES[item.phase ?? ""] ?? "Starting"}${item.total > 0 ? ` ${item.done}/${item.total}` : ""}`;
  return (
    <li className="px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <div className="min-w-0 flex-1 basis-56">
          <p className="truncate font-medium">{item.snapshotId ? <Link href={`${base}/snapshots/${item.snapshotId}`} className="inline-block min-h-6 max-w-full truncate rounded py-0.5 align-bottom hover:underline">{item.title}</Link> : item.title}</p>
          <p className="truncate text-[0.8125rem] text-muted">{item.groupName}</p>
        </div>
        <p className="text-[0.8125rem] text-muted tabular-nums">
          {running ? doing : item.snapshotId ? (item.newBytes > 0 ? `${bytesText(item.newBytes)} new` : "Nothing new to store") : null}
        </p>
        <RunBadge state={item.state} />
      </div>
      {running ? <Progress className="mt-2" label={`Progress of ${item.title}`} done={most} total={100} text={doing} /> : null}
      {item.waiting ? <Waiting waiting={item.waiting} /> : null}
      {item.problem ? <p className="mt-1.5 text-danger">{item.problem}</p> : null}
      {running ? null : <Captured item={item} />}
      {item.warning ? <p className="mt-1.5 text-danger">{WARNINGS[item.warning](item)} <Link href={`${base}/plans/${item.planId}`} className="underline underline-offset-2">Open the plan</Link></p> : null}
      {item.gaps > 0 ? <p className="mt-1.5 text-warn">{plural(item.gaps, "thing is", "things are")} not in the snapshot. {item.snapshotId ? <Link href={`${base}/snapshots/${item.snapshotId}#gaps`} className="underline underline-offset-2">See which and why</Link> : null}</p> : null}
    </li>
  );
}

/** How many tasks and fields had changed, and how the plan was read. */
function Captured({ item: { drift, reading } }: { item: RunPlanView }) {
  const parts = [
    ...(drift ? [
      drift.changed > 0 ? `${plural(drift.changed, "task")} changed${drift.fields === undefined ? "" : ` (${plural(drift.fields, "field")})`}` : null,
      drift.added > 0 ? `${drift.added.toLocaleString("en")} added` : null,
      drift.removed > 0 ? `${drift.removed.toLocaleString("en")} removed` : null,
    ].filter((part) => part !== null) : []),
    ...(drift && drift.added + drift.removed + drift.changed === 0 ? ["No task changed"] : []),
    ...(reading && !reading.full ? [`${plural(reading.takenOver, "unchanged task")} not read again`] : []),
  ];
  return (
    <>
      {parts.length > 0 ? <p className="mt-1 text-[0.8125rem] text-muted tabular-nums">{parts.join(", ")}</p> : null}
      {reading && reading.disagreements > 0 ? <p className="mt-1.5 text-warn">{plural(reading.disagreements, "task")} had changed although Microsoft’s beta interface said otherwise. Everything was read; it is not relied on again until it proves true.</p> : null}
    </>
  );
}

const WARNINGS: Record<NonNullable<RunPlanView["warning"]>, (item: RunPlanView) => string> = {
  suspiciously_empty: ({ reading }) => `Nothing was found in this plan; an earlier backup held ${reading?.lost?.tasks ? plural(reading.lost.tasks, "task") : "buckets"}.`,
  unusual_loss: ({ drift }) => `${plural(drift?.removed ?? 0, "task")} went since the backup before, far more than usual. All snapshots of the plan are kept until somebody has looked.`,
};
