import { Columns3, Minus, Pencil, Plus, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { cn } from "@/components/ui/cn";
import { plural } from "@/components/ui/text";
import { FieldChange } from "./changes";
import type { Kind } from "./model";
import type { CompareRow } from "./rows";

export const KINDS: Record<Kind, { label: string; tone: Tone; Icon: LucideIcon }> = {
  removed: { label: "Removed", tone: "danger", Icon: Minus },
  changed: { label: "Changed", tone: "info", Icon: Pencil },
  added: { label: "Added", tone: "ok", Icon: Plus },
};

/** A bucket, a task or a field that differs. */
export function Line({ row }: { row: CompareRow }) {
  if (row.kind === "field") return <FieldChange change={row.change} />;
  const item = row.kind === "bucket" ? row.bucket : row.task;
  const look = item.kind ? KINDS[item.kind] : null;
  const names = [...new Set(item.fields.map(({ name }) => name))];
  return (
    <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-0.5">
      <span className={cn("min-w-0 flex-1 basis-40 [overflow-wrap:anywhere]", row.kind === "bucket" && "font-medium")}>
        {row.kind === "bucket" ? <><Columns3 aria-hidden className="mr-1.5 inline size-4 align-text-bottom text-muted" />{row.bucket.name}<span className="ml-2 text-[0.8125rem] font-normal text-muted tabular-nums">{plural(row.bucket.tasks.length, "task")}</span></> : row.task.title}
      </span>
      {row.kind === "task" && names.length > 0 ? <span className="text-[0.8125rem] text-muted">{names.join(", ")}</span> : null}
      {look ? <Badge tone={look.tone} icon={<look.Icon aria-hidden />}>{look.label}</Badge> : null}
    </span>
  );
}
