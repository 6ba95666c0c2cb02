import { Check, Minus, Pencil, Plus, Shapes } from "lucide-react";
import { cn } from "@/components/ui/cn";
import type { SnapshotDrift } from "@/lib/workspaces/types";

/** What changed since the snapshot before: signs and words, not colour alone. */
export function Drift({ drift, first }: { drift: SnapshotDrift | null; first: boolean }) {
  if (!drift) return <span className="text-[0.8125rem] text-muted">{first ? "First snapshot" : "Not compared with the one before"}</span>;
  const parts = [
    { count: drift.removed, word: "removed", tone: "text-danger", Icon: Minus },
    { count: drift.added, word: "added", tone: "text-ok", Icon: Plus },
    { count: drift.changed, word: "changed", tone: "text-info", Icon: Pencil },
    { count: drift.completed ?? 0, word: "completed", tone: "text-muted", Icon: Check },
    { count: drift.other ?? 0, word: drift.other === 1 ? "bucket or label" : "buckets or labels", tone: "text-muted", Icon: Shapes },
  ].filter(({ count }) => count > 0);
  if (parts.length === 0) return <span className="text-[0.8125rem] text-muted">Unchanged</span>;
  return (
    <ul aria-label="Since the snapshot before" className="flex flex-wrap gap-x-3 gap-y-0.5 text-[0.8125rem] tabular-nums">
      {parts.map(({ count, word, tone, Icon }) => (
        <li key={word} className={cn("inline-flex items-center gap-1", tone)}><Icon aria-hidden className="size-3.5" />{count.toLocaleString("en")} {word}</li>
      ))}
    </ul>
  );
}
