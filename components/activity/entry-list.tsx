import Link from "next/link";
import { Bot, CircleX, Hand } from "lucide-react";
import { initials } from "@/components/board/initials";
import { Badge } from "@/components/ui/badge";
import { Time } from "@/components/ui/time";
import type { ActivityEntry } from "@/lib/workspaces/types";
import { actionText, detailTexts, targetPath } from "./words";

export function EntryList({ entries, base }: { entries: ActivityEntry[]; base: string }) {
  return (
    <ol aria-label="Entries, newest first" className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
      {entries.map((entry) => <Entry key={entry.seq} entry={entry} base={base} />)}
    </ol>
  );
}

function Entry({ entry, base }: { entry: ActivityEntry; base: string }) {
  const details = detailTexts(entry);
  const target = entry.target?.name === entry.actor ? null : entry.target; // who joins is named already
  const path = target && targetPath(target);
  return (
    <li className="flex gap-3 px-4 py-3 sm:px-5">
      <span aria-hidden className="flex size-8 shrink-0 items-center justify-center rounded-full bg-subtle text-xs font-semibold text-muted">{entry.isPlanback ? <Bot className="size-4" /> : initials(entry.actor)}</span>
      <div className="min-w-0 flex-1">
        <p className="[overflow-wrap:anywhere]">
          <span className="font-medium">{entry.actor}</span> {actionText(entry.action, Boolean(target?.name))}
          {target?.name ? <>{" "}{path ? <Link href={base + path} className="underline decoration-line-strong underline-offset-2 hover:decoration-ink">{target.name}</Link> : target.name}</> : null}
          {details.length > 0 ? <span className="text-muted">, {details.join(", ")}</span> : null}
        </p>
        <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-[0.8125rem] text-muted">
          <Time value={entry.at} />
          {entry.ip ? <><span aria-hidden>·</span><span className="font-mono [overflow-wrap:anywhere]">{entry.ip}</span></> : null}
          <span aria-hidden>·</span><span className="tabular-nums">No. {entry.seq.toLocaleString("en")}</span>
        </p>
      </div>
      {entry.outcome === "refused" ? <Badge tone="warn" icon={<Hand aria-hidden />}>Refused</Badge> : entry.outcome === "failed" ? <Badge tone="danger" icon={<CircleX aria-hidden />}>Failed</Badge> : null}
    </li>
  );
}
