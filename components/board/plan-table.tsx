"use client";

import Link from "next/link";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { CloudOff, CircleCheck, TriangleAlert } from "lucide-react";
import { useAddress } from "@/components/address";
import { Badge } from "@/components/ui/badge";
import { Input } from "@/components/ui/field";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { PlanRow } from "./plan-rows";

/** More rows than this ask for the filter. */
const SHOWN = 100;
/** The address follows the typing, at the pace that browsers allow. */
const TYPING = 300;

/** `packed`: packPlans() of all plans. The filter lives in the address. */
export function PlanTable({ packed, base }: { packed: string; base: string }) {
  const plans = useMemo(() => JSON.parse(packed) as PlanRow[], [packed]);
  const [get, set] = useAddress();
  const [query, setQuery] = useState(get("q") ?? "");
  useEffect(() => {
    const timer = setTimeout(() => set({ q: query.trim() }), TYPING);
    return () => clearTimeout(timer);
  }, [query, set]);
  const wanted = useDeferredValue(query.trim().toLowerCase());
  const found = useMemo(() => plans.filter((plan) => `${plan.title} ${plan.groupName} ${plan.policyNames.join(" ")}`.toLowerCase().includes(wanted)), [plans, wanted]);
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <Input type="search" aria-label="Filter plans" placeholder="Filter by plan, group or policy" value={query} onChange={(event) => setQuery(event.target.value)} className="max-w-sm" />
        <p role="status" className="text-muted tabular-nums">{wanted ? `${found.length} of ${plural(plans.length, "plan")}` : plural(plans.length, "plan")}</p>
      </div>
      {found.length === 0 ? <p className="rounded-lg border border-dashed border-line px-4 py-10 text-center text-muted">No plan matches this filter.</p> : (
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {found.slice(0, SHOWN).map((plan) => (
            <li key={plan.id}>
              <Link href={`${base}/plans/${plan.id}`} className="flex flex-wrap items-center gap-x-5 gap-y-1 px-4 py-3 hover:bg-subtle sm:px-5">
                <span className="min-w-0 flex-1 basis-56">
                  <span className="block truncate font-medium">{plan.title}</span>
                  <span className="block truncate text-[0.8125rem] text-muted">{plan.groupName}{plan.tenantName ? `, ${plan.tenantName}` : ""}</span>
                </span>
                {plan.isGone ? <Badge tone="warn" icon={<CloudOff aria-hidden />}>Gone in Microsoft 365</Badge> : plan.policyNames.length === 0 ? <Badge>Not protected any more</Badge> : null}
                <span className="text-[0.8125rem] text-muted tabular-nums">{plural(plan.snapshots, "snapshot")}{plan.last ? `, ${plural(plan.last.tasks, "task")}` : ""}</span>
                <span className="text-[0.8125rem] text-muted">{plan.last ? <>Last <Time value={plan.last.takenAt} relative /></> : "No snapshot yet"}</span>
                {plan.last ? <SnapshotBadge state={plan.last.state} /> : null}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {found.length > SHOWN ? <p className="mt-2 text-muted">{plural(found.length - SHOWN, "more plan")}: filter to see them.</p> : null}
    </>
  );
}

export function SnapshotBadge({ state }: { state: "complete" | "partial" }) {
  return state === "complete" ? <Badge tone="ok" icon={<CircleCheck aria-hidden />}>Complete</Badge> : <Badge tone="warn" icon={<TriangleAlert aria-hidden />}>Partial</Badge>;
}
