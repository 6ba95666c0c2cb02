"use client";

import { useEffect, useState } from "react";
import Link from "next/link";
import { ArchiveRestore, Download, ExternalLink, History, SquareCheck, Square } from "lucide-react";
import { taskUrl } from "@/components/history/address";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { bytesText, dayText } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { cardId } from "./card";
import { LabelChip } from "./marks";
import type { PanelModel } from "./panel";

type Loaded = { id: string; panel: PanelModel } | { id: string; problem: string };

interface TaskPanelProps { taskId: string | null; panelUrl: string; fileUrl: string; planUrl: string; restoreUrl: string | null; onClose: () => void }

/** Everything the snapshot holds of one task, in a dialog. */
export function TaskPanel({ taskId, panelUrl, fileUrl, planUrl, restoreUrl, onClose }: TaskPanelProps) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    if (!taskId) return;
    const controller = new AbortController();
    readPanel(`${panelUrl}/${encodeURIComponent(taskId)}`, controller.signal)
      .then((result) => setLoaded({ id: taskId, ...result }))
      .catch(() => {});
    return () => controller.abort();
  }, [taskId, panelUrl]);
  const current = loaded?.id === taskId ? loaded : null;
  const panel = current && "panel" in current ? current.panel : null;
  return (
    <Dialog
      kind="panel"
      open={taskId !== null}
      onOpenChange={(open) => !open && onClose()}
      returnTo={() => (loaded ? document.getElementById(cardId(loaded.id)) : null)}
      title={panel?.title ?? "Task"}
      description={panel?.bucket ? `Bucket: ${panel.bucket}` : undefined}
      footer={panel ? (
        <>
          <Button asChild><Link href={taskUrl(planUrl, panel.id)} prefetch={false}><History aria-hidden />History of this task</Link></Button>
          {restoreUrl ? <Button variant="primary" asChild><Link href={`${restoreUrl}?tasks=${encodeURIComponent(panel.id)}`}><ArchiveRestore aria-hidden />Restore…</Link></Button> : null}
        </>
      ) : undefined}
    >
      {panel ? <PanelBody panel={panel} fileUrl={fileUrl} /> : current && "problem" in current ? <Notice tone="danger" live>{current.problem}</Notice> : <PanelSkeleton />}
    </Dialog>
  );
}

async function readPanel(url: string, signal: AbortSignal): Promise<{ panel: PanelModel } | { problem: string }> {
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  });
  const body = (await response?.json().catch(() => null)) as { message?: string } | PanelModel | null | undefined;
  if (response?.ok && body) return { panel: body as PanelModel };
  return { problem: (body as { message?: string } | null)?.message ?? "The task could not be read. The snapshot is not affected; close this and try again." };
}

function PanelSkeleton() {
  return <div role="status" aria-label="Loading the task" className="space-y-4"><Skeleton className="h-5 w-2/3" /><Skeleton className="h-20 w-full" /><Skeleton className="h-5 w-1/2" /><Skeleton className="h-32 w-full" /></div>;
}

function PanelBody({ panel, fileUrl }: { panel: PanelModel; fileUrl: string }) {
  return (
    <div className="space-y-6">
      {panel.gaps.length > 0 ? <Notice tone="warn" title="Not everything of this task is in the snapshot"><ul className="list-disc pl-4">{panel.gaps.map((gap) => <li key={gap}>{gap}</li>)}</ul></Notice> : null}
      {panel.labels.length > 0 ? <div className="flex flex-wrap gap-1.5">{panel.labels.map((label) => <LabelChip key={label.category} label={label} />)}</div> : null}
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
        <Fact name="Progress">{panel.progress}</Fact>
        <Fact name="Priority">{panel.priority}</Fact>
        <Fact name="Start date">{panel.start ? dayText(panel.start) : "None"}</Fact>
        <Fact name="Due date">{panel.due ? dayText(panel.due) : "None"}</Fact>
        <Fact name="Assigned to" wide>{panel.assignees.length > 0 ? panel.assignees.join(", ") : "Nobody"}</Fact>
      </dl>
      {panel.wholeTitle ? <Section title="Whole title"><p className="max-h-96 overflow-y-auto [overflow-wrap:anywhere]" tabIndex={0}>{panel.wholeTitle}</p></Section> : null}
      <Section title="Notes">{panel.description ? <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{panel.description}</p> : <p className="text-muted">No notes</p>}</Section>
      {panel.checklist.length > 0 ? (
        <Section title={`Checklist ${panel.checklist.filter((item) => item.done).length}/${panel.checklist.length}`}>
          <ul className="space-y-1.5">
            {panel.checklist.map((item) => (
              <li key={item.id} className="flex items-start gap-2">
                {item.done ? <SquareCheck role="img" aria-label="Done" className="mt-0.5 size-4 shrink-0 text-ok" /> : <Square role="img" aria-label="Not done" className="mt-0.5 size-4 shrink-0 text-muted" />}
                <span className={`min-w-0 [overflow-wrap:anywhere] ${item.done ? "text-muted line-through" : ""}`}>{item.title}</span>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      {panel.links.length > 0 ? <Section title="Attachments"><Links links={panel.links} fileUrl={fileUrl} /></Section> : null}
      <Section title={panel.comments.length > 0 ? `Comments ${panel.comments.length}` : "Comments"}>
        {panel.comments.length === 0 ? <p className="text-muted">No comments</p> : (
          <ul className="space-y-4">
            {panel.comments.map((comment) => (
              <li key={comment.id}>
                <p className="text-[0.8125rem]"><strong className="font-medium">{comment.author}</strong> <span className="text-muted"><Time value={comment.at} /></span></p>
                <p className="mt-0.5 whitespace-pre-wrap [overflow-wrap:anywhere]">{comment.text}</p>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Facts">
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-2">
          {panel.facts.map((fact) => <Fact key={fact.name} name={fact.name}>{fact.isTime ? <Time value={fact.value} /> : <span className="[overflow-wrap:anywhere]">{fact.value}</span>}</Fact>)}
        </dl>
      </Section>
    </div>
  );
}

function Links({ links, fileUrl }: { links: PanelModel["links"]; fileUrl: string }) {
  return (
    <ul className="divide-y divide-line rounded-lg border border-line">
      {links.map((link) => (
        <li key={link.key} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2.5">
          <span className="min-w-0 flex-1 basis-48">
            {link.href ? (
              <a href={link.href} target="_blank" rel="noopener noreferrer nofollow" className="inline-flex min-h-6 max-w-full items-center gap-1.5 rounded font-medium underline decoration-line-strong underline-offset-2 hover:decoration-current">
                <span className="truncate">{link.name}</span><ExternalLink aria-hidden className="size-3.5 shrink-0" /><span className="sr-only">(opens the live address in a new tab)</span>
              </a>
            ) : <span className="block truncate font-medium">{link.name}</span>}
            <span className="block truncate text-[0.8125rem] text-muted" title={link.address}>{link.address}</span>
          </span>
          {link.file ? (
            <Button size="small" asChild><a href={`${fileUrl}/${link.file.id}`} download><Download aria-hidden />Download<span className="sr-only"> {link.file.name}</span><span className="text-muted">{bytesText(link.file.size)}</span></a></Button>
          ) : <span className="text-[0.8125rem] text-muted">Link only</span>}
        </li>
      ))}
    </ul>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return <section><h3 className="mb-2 font-semibold">{title}</h3>{children}</section>;
}

function Fact({ name, wide = false, children }: { name: string; wide?: boolean; children: React.ReactNode }) {
  return <div className={wide ? "col-span-full" : undefined}><dt className="text-[0.8125rem] text-muted">{name}</dt><dd>{children}</dd></div>;
}
