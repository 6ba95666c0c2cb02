import Link from "next/link";
import { CircleCheck, CirclePause, Clock, Hand, TriangleAlert, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { Time } from "@/components/ui/time";
import type { OverviewView, PolicyHealth, PolicyHealthState } from "@/lib/workspaces/types";
import { Strip, StripLegend } from "./strip";

const STATES: Record<PolicyHealthState, { label: string; tone: Tone; Icon: LucideIcon }> = {
  ok: { label: "On time", tone: "ok", Icon: CircleCheck },
  waiting: { label: "Waiting for its first", tone: "neutral", Icon: Clock },
  late: { label: "Late", tone: "warn", Icon: TriangleAlert },
  overdue: { label: "Overdue", tone: "danger", Icon: TriangleAlert },
  stopped: { label: "Without access", tone: "danger", Icon: TriangleAlert },
  paused: { label: "Paused", tone: "neutral", Icon: CirclePause },
  manual: { label: "By hand", tone: "neutral", Icon: Hand },
};

/** Each policy against its own promise, with its last month. */
export function Policies({ overview: { policies, policyCount }, base }: { overview: OverviewView; base: string }) {
  if (policies.length === 0) return null;
  return (
    <Card aria-labelledby="policies-title">
      <CardHeader id="policies-title" title="Policies, last 30 days" actions={<StripLegend />} />
      <ul className="divide-y divide-line">{policies.map((policy) => <Policy key={policy.id} policy={policy} base={base} />)}</ul>
      {policyCount > policies.length ? <p className="border-t border-line px-4 py-2.5 text-muted sm:px-5"><Link href={`${base}/policies`} className="underline underline-offset-2">{(policyCount - policies.length).toLocaleString("en")} more</Link>, none of them in more trouble than these.</p> : null}
    </Card>
  );
}

function Policy({ policy, base }: { policy: PolicyHealth; base: string }) {
  const { label, tone, Icon } = STATES[policy.state];
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1 basis-52">
        <Link href={`${base}/policies/${policy.id}`} className="inline-block min-h-6 py-0.5 font-medium [overflow-wrap:anywhere] hover:underline">{policy.name}</Link>
        <p className="text-[0.8125rem] text-muted">
          {policy.scheduleText}. {policy.lastCompleteAt ? <>Last complete backup <Time value={policy.lastCompleteAt} relative /></> : "No complete backup yet"}{policy.nextRunAt ? <>, next <Time value={policy.nextRunAt} relative /></> : null}.{" "}
          {policy.proof ? <>Last proven restorable <Time value={policy.proof.at} relative /> (<Link href={`${base}/restores/${policy.proof.restoreId}`} className="underline underline-offset-2 [overflow-wrap:anywhere]">{policy.proof.planTitle}</Link>).</> : "Not proven restorable yet."}
        </p>
      </div>
      <div className="w-full sm:w-auto sm:flex-1 sm:basis-72"><Strip days={policy.days} label={policy.name} /></div>
      <span className="min-w-28"><Badge tone={tone} icon={<Icon aria-hidden />}>{label}</Badge></span>
    </li>
  );
}
