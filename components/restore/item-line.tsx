import { Pencil, Trash2 } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/components/ui/cn";
import { plural } from "@/components/ui/text";
import type { ItemRow } from "./item-rows";
import type { ItemState } from "./items";

/** A bucket, a task or a changed field in the list of what can be restored. */
export function ItemLine({ row, compared }: { row: ItemRow; compared: boolean }) {
  if (row.kind === "field") {
    const { name, from, to } = row.change;
    return (
      <span className="min-w-0 flex-1 text-[0.8125rem] [overflow-wrap:anywhere]">
        <span className="font-medium">{name}</span>: <span className="sr-only">back from </span><span className="text-muted line-through">{to ?? "empty"}</span><span aria-hidden> → </span><span className="sr-only"> to </span>{from ?? "empty"}
      </span>
    );
  }
  const item = row.kind === "bucket" ? row.bucket : row.task;
  const fields = [...new Set(item.fields.map(({ name }) => name))];
  return (
    <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-0.5">
      <span className={cn("min-w-0 flex-1 basis-40 [overflow-wrap:anywhere]", row.kind === "bucket" && "font-medium")}>
        {row.kind === "bucket" ? row.bucket.name : row.task.title}
        {row.kind === "bucket" ? <span className="ml-2 text-[0.8125rem] font-normal text-muted tabular-nums">{row.taken} of {plural(row.whole.tasks.length, "task")}</span> : null}
      </span>
      {item.state === "changed" ? <span className="text-[0.8125rem] text-muted">{fields.join(", ")}</span> : null}
      <StateMark state={item.state} compared={compared} />
    </span>
  );
}

function StateMark({ state, compared }: { state: ItemState; compared: boolean }) {
  if (!compared) return null;
  if (state === "deleted") return <Badge tone="danger" icon={<Trash2 aria-hidden />}>Deleted since</Badge>;
  if (state === "changed") return <Badge tone="info" icon={<Pencil aria-hidden />}>Changed since</Badge>;
  return <span className="text-xs text-muted">Unchanged</span>;
}
