import Link from "next/link";
import { Time } from "@/components/ui/time";
import { plural } from "@/components/ui/text";
import type { RunSummary } from "@/lib/workspaces/types";
import { RunBadge } from "./states";

/** What became of the plans of a run: "58 complete, 2 partial, 1 failed of 61 plans". */
export function runResult({ plans }: Pick<RunSummary, "plans">): string {
  const parts = [
    plans.complete > 0 || plans.total === 0 ? `${plans.complete} complete` : null,
    plans.partial > 0 ? `${plans.partial} partial` : null,
    plans.failed > 0 ? `${plans.failed} failed` : null,
    plans.cancelled > 0 ? `${plans.cancelled} cancelled` : null,
  ].filter(Boolean);
  return parts.length > 0 ? `${parts.join(", ")} of ${plural(plans.total, "plan")}` : plural(plans.total, "plan");
}

export function RunList({ runs, base }: { runs: RunSummary[]; base: string }) {
  return (
    <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
      {runs.map((run) => (
        <li key={run.id}>
          <Link href={`${base}/runs/${run.id}`} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-subtle">
            <span className="min-w-0 flex-1 basis-60">
              <span className="block truncate font-medium">{run.policyName}</span>
              <span className="block text-[0.8125rem] text-muted">
                {run.trigger === "schedule" ? "On schedule" : `By ${run.startedBy ?? "a former member"}`}, <Time value={run.createdAt} relative />
              </span>
            </span>
            <span className="text-[0.8125rem] text-muted tabular-nums">{runResult(run)}</span>
            <RunBadge state={run.state} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
