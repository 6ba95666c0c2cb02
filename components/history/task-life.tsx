import Link from "next/link";
import { ArchiveRestore, CloudOff, Flag, GitCompareArrows, Pencil, Undo2, type LucideIcon } from "lucide-react";
import { FieldChange } from "@/components/compare/changes";
import { fieldRows } from "@/components/compare/model";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Time } from "@/components/ui/time";
import type { TaskEvent, TaskHistoryView } from "@/lib/workspaces/types";
import { compareUrl } from "./address";

const KINDS: Record<TaskEvent["kind"], { label: string; tone: Tone; Icon: LucideIcon }> = {
  first: { label: "First seen", tone: "ok", Icon: Flag },
  changed: { label: "Changed", tone: "info", Icon: Pencil },
  gone: { label: "Gone", tone: "warn", Icon: CloudOff },
  back: { label: "Back again", tone: "ok", Icon: Undo2 },
};

interface TaskLifeProps { history: Pick<TaskHistoryView, "taskId" | "events">; base: string; planUrl: string; mayRestore: boolean }

/** What happened to a task, newest first, with the ways to each of its versions. */
export function TaskLife({ history: { taskId, events }, base, planUrl, mayRestore }: TaskLifeProps) {
  const task = encodeURIComponent(taskId);
  return (
    <ol aria-label="What happened to it, newest first" className="divide-y divide-line rounded-lg border border-line bg-surface">
      {events.map((event) => {
        const { kind, snapshotId, at, before, fields } = event;
        const look = KINDS[kind];
        // What is gone is restored from where it last was.
        const version = kind === "gone" && before ? before : { id: snapshotId, at };
        return (
          <li key={snapshotId} className="space-y-2 px-4 py-3 sm:px-5">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <Badge tone={look.tone} icon={<look.Icon aria-hidden />}>{look.label}</Badge>
              <h2 className="font-medium"><Time value={at} /></h2>
              {before ? <span className="text-[0.8125rem] text-muted">{kind === "gone" ? "last there" : "before:"} <Time value={before.at} /></span> : null}
            </div>
            {fields === null ? <p className="text-muted">What changed cannot be read: the storage is damaged there.</p> : fields.length > 0 ? (
              <ul aria-label="Changes" className="space-y-1">{fieldRows(fields).map((change) => <li key={change.name} className="flex"><FieldChange change={change} /></li>)}</ul>
            ) : null}
            <div className="flex flex-wrap gap-2">
              <Button size="small" asChild><Link href={`${base}/snapshots/${version.id}?task=${task}`} prefetch={false}>{kind === "gone" ? "Open where it last was" : "Open this version"}<span className="sr-only">, <Time value={version.at} /></span></Link></Button>
              {before ? <Button size="small" variant="ghost" asChild><Link href={compareUrl(planUrl, before.id, snapshotId)} prefetch={false}><GitCompareArrows aria-hidden />Compare the snapshots</Link></Button> : null}
              {mayRestore ? <Button size="small" variant={kind === "gone" ? "primary" : "secondary"} asChild><Link href={`${base}/snapshots/${version.id}/restore?where=in_place&tasks=${task}`} prefetch={false}><ArchiveRestore aria-hidden />{kind === "gone" ? "Restore the last version…" : "Restore this version…"}<span className="sr-only"> <Time value={version.at} /></span></Link></Button> : null}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
