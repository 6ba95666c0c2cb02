import Link from "next/link";
import { Notice } from "@/components/ui/notice";
import { plural, shownTitle } from "@/components/ui/text";
import type { Gap } from "@/lib/planner/types";

/** What exists in Microsoft 365 and is not in the snapshot, each with its reason. */
export function Gaps({ gaps, tasks }: { gaps: Gap[]; tasks: { id: string; title: string }[] }) {
  const missing = gaps.filter((gap) => !gap.permanent);
  const never = gaps.filter((gap) => gap.permanent);
  if (gaps.length === 0) return null;
  const titles = new Map(tasks.map((task) => [task.id, shownTitle(task.title)]));
  const list = (items: Gap[]) => (
    <ul className="mt-2 max-h-72 space-y-1.5 overflow-y-auto" tabIndex={0} aria-label="Missing items">
      {items.map((gap, index) => (
        <li key={index} className="[overflow-wrap:anywhere]">{titles.has(gap.taskId ?? gap.id) ? <strong className="font-medium">{titles.get(gap.taskId ?? gap.id)}: </strong> : null}{gap.detail}</li>
      ))}
    </ul>
  );
  return (
    <div id="gaps" className="space-y-3">
      {missing.length > 0 ? (
        <Notice tone="warn" title={`Partial: ${plural(missing.length, "thing is", "things are")} missing`}>
          <p className="mb-1">Everything else can be looked at and restored. <Link href="/help#partial" className="underline underline-offset-2">What partial means</Link></p>
          <details open={missing.length <= 3}><summary className="w-fit rounded">Which, and why</summary>{list(missing)}</details>
        </Notice>
      ) : null}
      {never.length > 0 ? (
        <details className="rounded-lg border border-line bg-surface px-4 py-3">
          <summary className="rounded text-muted">{plural(never.length, "thing cannot", "things cannot")} be backed up by anyone (a link to a web page has no content); this does not make the snapshot partial</summary>
          {list(never)}
        </details>
      ) : null}
    </div>
  );
}
