"use client";

import { CircleCheck, CircleX, Download, ExternalLink, Pencil, Printer, Trash2, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { Notice } from "@/components/ui/notice";
import { Time } from "@/components/ui/time";
import type { RestoreReport } from "@/lib/restore/types";
import type { RestoreView } from "@/lib/workspaces/types";
import { InexactList } from "./preview";
import { plannerLink } from "./view";

const VERDICTS = {
  exact: { tone: "ok", title: "Restored, and equal to the snapshot", text: "Read back from Microsoft 365 and compared, field by field." },
  different: { tone: "warn", title: "Restored, with differences", text: "Read back from Microsoft 365 and compared: some fields are not equal to the snapshot; each is listed." },
  incomplete: { tone: "danger", title: "Not everything could be restored", text: "Read back from Microsoft 365 and compared. What failed is listed with the reason. The snapshot is unchanged." },
  cancelled: { tone: "warn", title: "Cancelled", text: "What was written before stays and is listed." },
} as const;

const DRILL_VERDICTS = {
  exact: { tone: "ok", title: "Proven: it comes back equal to the snapshot", text: "Restored, read back from Microsoft 365 and compared, field by field." },
  different: { tone: "warn", title: "It comes back with differences", text: "Restored, read back from Microsoft 365 and compared: some fields are not equal to the snapshot; each is listed." },
  incomplete: { tone: "danger", title: "Not everything came back", text: "What failed is listed with the reason. The snapshot is unchanged." },
  cancelled: { tone: "warn", title: "Cancelled", text: "It proves nothing. What was written before is listed." },
} as const;

/** What exactly happened, read back from Microsoft 365. */
export function Report({ report, drill, tid, plannerOrigin, fileUrl, undo }: { report: RestoreReport; drill: RestoreView["drill"]; tid: string; plannerOrigin: string; /** The report as a file. */ fileUrl: string; undo: ReactNode }) {
  const verdict = (drill ? DRILL_VERDICTS : VERDICTS)[report.verdict];
  const planId = drill && drill.plan !== "there" ? null : report.planId;
  const link = (taskId?: string) => (planId ? plannerLink(plannerOrigin, tid, planId, taskId) : null);
  const ended = [...report.failed, ...report.skipped];
  const tasks = report.created.filter((created) => created.kind === "task");
  const others = report.created.filter((created) => created.kind !== "task");
  return (
    <section aria-label="Report" className="space-y-4">
      <Notice
        tone={verdict.tone}
        live
        title={verdict.title}
        actions={
          <div className="flex flex-wrap gap-2 print:hidden">
            {planId ? <Button asChild variant="primary"><a href={link()!} target="_blank" rel="noopener noreferrer">Open in Planner<ExternalLink aria-hidden /></a></Button> : null}
            <Button onClick={() => window.print()}><Printer aria-hidden />Print or save as PDF</Button>
            <Button asChild><a href={fileUrl} download><Download aria-hidden />Report as JSON</a></Button>
          </div>
        }
      >
        {verdict.text} Ended <Time value={report.finishedAt} />, with {report.requests.toLocaleString("en")} requests to Microsoft 365.
      </Notice>
      <Numbers report={report} />
      {undo}
      <List title="Failed and skipped" count={ended.length} open>{ended.map((item) => <Line key={item.seq} title={item.label}>{item.reason}</Line>)}</List>
      <List title="Different" count={report.itemsDifferent.length} open>
        {report.itemsDifferent.map((item) => <Line key={item.source} title={item.label}>{item.fields.map((field) => <span key={field.field} className="block">{field.field}: wanted {field.wanted ?? "empty"}, found {field.found ?? "empty"}</span>)}</Line>)}
      </List>
      <List title="Could not be proven" count={report.uncertain.length} open>{report.uncertain.map((text) => <Line key={text} title={text} />)}</List>
      <List title="Removed" count={report.removed.length} open>{report.removed.map((removed) => <Line key={removed.id} title={removed.label} />)}</List>
      <List title="Tasks created" count={tasks.length}>{tasks.map((task) => <Line key={task.id} title={task.label} href={link(task.id)} />)}</List>
      <List title="Also created" count={others.length}>{others.map((created) => <Line key={created.kind + created.id} title={created.label} />)}</List>
      <List title="Changed" count={report.changed.length}>{report.changed.map((changed) => <Line key={changed.kind + changed.id} title={changed.label} />)}</List>
      <InexactList inexact={report.inexact} title="Changed by necessity" />
    </section>
  );
}

/** The six outcomes side by side; each with a mark beside its number. */
function Numbers({ report }: { report: RestoreReport }) {
  const inexact = report.inexact.reduce((sum, { items }) => sum + items, 0);
  const rows = [
    { name: "Exact", value: report.itemsExact, Icon: CircleCheck, look: "text-ok" },
    { name: "Changed by necessity", value: inexact, Icon: Pencil, look: "text-muted" },
    { name: "Different", value: report.itemsDifferent.length, Icon: TriangleAlert, look: "text-warn" },
    { name: "Failed or skipped", value: report.failed.length + report.skipped.length, Icon: CircleX, look: "text-danger" },
    { name: "Removed", value: report.removed.length, Icon: Trash2, look: "text-danger" },
    { name: "Not proven", value: report.uncertain.length, Icon: TriangleAlert, look: "text-warn" },
  ];
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3 lg:grid-cols-6">
      {rows.map(({ name, value, Icon, look }) => (
        <div key={name} className="bg-surface px-4 py-3">
          <dt className="text-[0.8125rem] text-muted">{name}</dt>
          <dd className="flex items-center gap-1.5 text-xl font-semibold tabular-nums">{value > 0 ? <Icon aria-hidden className={cn("size-4", look)} /> : null}{value.toLocaleString("en")}</dd>
        </div>
      ))}
    </dl>
  );
}

/** On paper everything is open. */
function List({ title, count, open = false, children }: { title: string; count: number; open?: boolean; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <details open={open} className="printed-open rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      <summary className="rounded font-semibold">{title} <span className="font-normal text-muted tabular-nums">{count.toLocaleString("en")}</span></summary>
      <ul className="mt-3 max-h-96 space-y-2 overflow-y-auto print:max-h-none" tabIndex={0} aria-label={title}>{children}</ul>
    </details>
  );
}

function Line({ title, href, children }: { title: string; href?: string | null; children?: ReactNode }) {
  return (
    <li className="[overflow-wrap:anywhere]">
      {href ? <a href={href} target="_blank" rel="noopener noreferrer" className="rounded underline underline-offset-2">{title}</a> : <span className={cn(children ? "font-medium" : undefined)}>{title}</span>}
      {children ? <span className="block text-muted">{children}</span> : null}
    </li>
  );
}
