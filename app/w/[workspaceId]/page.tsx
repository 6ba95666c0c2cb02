import Link from "next/link";
import { ArrowRight, CircleCheck } from "lucide-react";
import { Policies } from "@/components/overview/policies";
import { Storage } from "@/components/overview/storage";
import { RefreshOnChange } from "@/components/refresh-on-change";
import { Onboarding } from "@/components/shell/onboarding";
import { RunList } from "@/components/run/run-list";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { bytesText, plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { getOverview } from "@/lib/workspaces";
import type { OverviewView } from "@/lib/workspaces/types";
import { load } from "../../load";
import { pageContext } from "../../page-context";

export const metadata = { title: "Overview" };

/** Is everything protected, and what needs me? */
export default async function OverviewPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base, may } = await pageContext(params);
  const overview = await load(() => getOverview(actor, workspace.id));
  const started = overview.onboarding.next === null;
  const runs = [...overview.activeRuns, ...(overview.lastRun && !overview.activeRuns.some((run) => run.id === overview.lastRun?.id) ? [overview.lastRun] : [])];
  return (
    <>
      <PageHeader title="Overview">{started ? <Summary overview={overview} /> : "Four steps, and your plans are protected."}</PageHeader>
      <div className="space-y-6">
        {started ? null : <Onboarding base={base} view={overview.onboarding} />}
        {started ? null : <RefreshOnChange url={`/api/w/${workspace.id}/onboarding/events`} />}
        <Attention overview={overview} started={started} />
        {started || overview.snapshots > 0 ? <Counts overview={overview} base={base} mayProtect={may("policy.manage")} /> : null}
        {started ? <Policies overview={overview} base={base} /> : null}
        {runs.length > 0 ? (
          <section aria-labelledby="runs-title">
            <h2 id="runs-title" className="mb-3 font-semibold">{overview.activeRuns.length > 0 ? "Running now" : "Last run"}</h2>
            <RunList runs={runs} base={base} />
          </section>
        ) : null}
        <Storage points={overview.storage} />
      </div>
    </>
  );
}

/** The page in a sentence. */
function Summary({ overview: { plans, lastCompleteAt, nextRunAt, attention } }: { overview: OverviewView }) {
  return (
    <>
      <strong className="font-medium text-ink">{plans.protected === plans.reachable ? plans.reachable === 1 ? "The one plan is" : `All ${plural(plans.reachable, "plan")} are` : `${plans.protected.toLocaleString("en")} of ${plural(plans.reachable, "plan")} ${plans.protected === 1 ? "is" : "are"}`} protected.</strong>{" "}
      {lastCompleteAt ? <>Last complete backup <Time value={lastCompleteAt} relative />{nextRunAt ? <>, next <Time value={nextRunAt} relative /></> : null}. </> : "No complete backup yet. "}
      {attention.length > 0 ? `${plural(attention.length, "thing needs", "things need")} you.` : "Nothing needs you."}
    </>
  );
}

function Attention({ overview: { attention, lookedAt, plans }, started }: { overview: OverviewView; started: boolean }) {
  if (attention.length === 0) {
    return started ? (
      <p className="flex items-start gap-2 rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
        <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
        <span>{plans.protected === plans.reachable ? "All" : "What is protected"} is well: no connection, policy or snapshot needs a person.{lookedAt ? <span className="text-muted"> Last checked <Time value={lookedAt} relative />.</span> : null}</span>
      </p>
    ) : null;
  }
  return (
    <Card aria-labelledby="attention-title">
      <CardHeader id="attention-title" title="Needs attention" />
      <ul className="divide-y divide-line">
        {attention.map((item) => (
          <li key={item.href + item.text} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 sm:px-5">
            <span className="min-w-0 flex-1 basis-64">{item.text}</span>
            <Button asChild size="small"><Link href={item.href}>{item.action}<ArrowRight aria-hidden /></Link></Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Counts({ overview, base, mayProtect }: { overview: OverviewView; base: string; mayProtect: boolean }) {
  const { plans } = overview;
  const cells = [
    { label: "Plans protected", value: plans.protected.toLocaleString("en"), href: `${base}/policies` },
    { label: "Plans not protected", value: plans.unprotected.toLocaleString("en"), href: mayProtect && plans.unprotected > 0 ? `${base}/policies/new` : `${base}/policies` },
    { label: plans.withSnapshot === 1 ? "Snapshots of 1 plan" : `Snapshots of ${plans.withSnapshot.toLocaleString("en")} plans`, value: overview.snapshots.toLocaleString("en"), href: `${base}/plans` },
    { label: "Stored", value: bytesText(overview.storedBytes), href: `${base}/storage` },
  ];
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-4">
      {cells.map((cell) => (
        <div key={cell.href + cell.label} className="relative bg-surface px-4 py-4 hover:bg-subtle sm:px-5">
          <dt className="text-muted"><Link href={cell.href} className="after:absolute after:inset-0">{cell.label}</Link></dt>
          <dd className="mt-1 text-2xl font-semibold tracking-tight tabular-nums">{cell.value}</dd>
        </div>
      ))}
    </dl>
  );
}
