"use client";

import { ExternalLink } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { RestoreReport } from "@/lib/restore/types";
import { InexactList } from "./preview";
import { plannerLink } from "./view";

const VERDICTS = {
  exact: { tone: "ok", title: "Restored, and equal to the snapshot", text: "Read back from Microsoft 365 and compared, field by field." },
  different: { tone: "warn", title: "Restored, with differences", text: "Read back from Microsoft 365 and compared: some fields are not equal to the snapshot; each is listed." },
  incomplete: { tone: "danger", title: "Not everything could be restored", text: "Read back from Microsoft 365 and compared. What failed is listed with the reason. Nothing was deleted; the snapshot is unchanged." },
  cancelled: { tone: "warn", title: "Cancelled", text: "What was written before stays and is listed. Nothing was deleted." },
} as const;

/** What exactly happened, read back from Microsoft 365. */
export function Report({ report, tid, plannerOrigin }: { report: RestoreReport; tid: string; plannerOrigin: string }) {
  const verdict = VERDICTS[report.verdict];
  const { planId } = report;
  const tasks = report.created.filter((created) => created.kind === "task");
  const others = report.created.filter((created) => created.kind !== "task");
  return (
    <section aria-label="Report" className="space-y-4">
      <Notice
        tone={verdict.tone}
        live
        title={verdict.title}
        actions={planId ? <Button asChild variant="primary"><a href={plannerLink(plannerOrigin, tid, planId)} target="_blank" rel="noopener noreferrer">Open in Planner<ExternalLink aria-hidden /></a></Button> : undefined}
      >
        {verdict.text}
      </Notice>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-4">
        {[["Equal to the snapshot", report.itemsExact], ["Different", report.itemsDifferent.length], ["Failed or skipped", report.failed.length + report.skipped.length], ["Requests to Microsoft", report.requests]].map(([name, value]) => (
          <div key={name} className="bg-surface px-4 py-3"><dt className="text-[0.8125rem] text-muted">{name}</dt><dd className="text-xl font-semibold tabular-nums">{Number(value).toLocaleString("en")}</dd></div>
        ))}
      </dl>
      {report.failed.length + report.skipped.length > 0 ? (
        <List title="Failed and skipped" count={report.failed.length + report.skipped.length} open>
          {[...report.failed, ...report.skipped].map((item) => <li key={item.seq}><span className="font-medium">{item.label}</span><span className="block text-muted">{item.reason}</span></li>)}
        </List>
      ) : null}
      {report.itemsDifferent.length > 0 ? (
        <List title="Different" count={report.itemsDifferent.length} open>
          {report.itemsDifferent.map((item) => (
            <li key={item.source}>
              <span className="font-medium [overflow-wrap:anywhere]">{item.label}</span>
              <ul className="text-muted">{item.fields.map((field) => <li key={field.field} className="[overflow-wrap:anywhere]">{field.field}: wanted {field.wanted ?? "empty"}, found {field.found ?? "empty"}</li>)}</ul>
            </li>
          ))}
        </List>
      ) : null}
      {report.uncertain.length > 0 ? <Notice tone="warn" title="Could not be proven"><ul className="list-disc pl-4">{report.uncertain.map((text) => <li key={text}>{text}</li>)}</ul></Notice> : null}
      {tasks.length > 0 ? (
        <List title="Tasks created" count={tasks.length}>
          {tasks.map((task) => <li key={task.id}>{planId ? <a href={plannerLink(plannerOrigin, tid, planId, task.id)} target="_blank" rel="noopener noreferrer" className="rounded underline underline-offset-2 [overflow-wrap:anywhere]">{task.label}</a> : task.label}</li>)}
        </List>
      ) : null}
      {others.length > 0 ? <List title="Also created" count={others.length}>{others.map((created) => <li key={created.kind + created.id} className="[overflow-wrap:anywhere]">{created.label}</li>)}</List> : null}
      {report.changed.length > 0 ? <List title="Changed" count={report.changed.length}>{report.changed.map((changed) => <li key={changed.kind + changed.id} className="[overflow-wrap:anywhere]">{changed.label}</li>)}</List> : null}
      <InexactList inexact={report.inexact} />
    </section>
  );
}

function List({ title, count, open = false, children }: { title: string; count: number; open?: boolean; children: React.ReactNode }) {
  return (
    <details open={open} className="rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      <summary className="rounded font-semibold">{title} <span className="font-normal text-muted tabular-nums">{count.toLocaleString("en")}</span></summary>
      <ul className="mt-3 max-h-96 space-y-2 overflow-y-auto" tabIndex={0} aria-label={title}>{children}</ul>
    </details>
  );
}
