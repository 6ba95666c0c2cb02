import Link from "next/link";
import { ArrowRight, CircleCheck } from "lucide-react";
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

export default async function OverviewPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base } = await pageContext(params);
  const overview = await load(() => getOverview(actor, workspace.id));
  const started = Object.values(overview.onboarding).every(Boolean);
  const runs = [...overview.activeRuns, ...(overview.lastRun && !overview.activeRuns.some((run) => run.id === overview.lastRun?.id) ? [overview.lastRun] : [])];
  return (
    <>
      <PageHeader title="Overview">{started ? <Summary overview={overview} /> : "Four steps, and your plans are protected."}</PageHeader>
      <div className="space-y-6">
        {started ? null : <Onboarding base={base} steps={overview.onboarding} />}
        <Attention overview={overview} started={started} />
        {started || overview.snapshots > 0 ? <Counts overview={overview} base={base} /> : null}
        {runs.length > 0 ? (
          <section aria-labelledby="runs-title">
            <h2 id="runs-title" className="mb-3 font-semibold">{overview.activeRuns.length > 0 ? "Running now" : "Last run"}</h2>
            <RunList runs={runs} base={base} />
          </section>
        ) : null}
      </div>
    </>
  );
}

function Summary({ overview: { plans, lastRun, attention } }: { overview: OverviewView }) {
  return (
    <>
      <strong className="font-medium text-ink">{plans.protected} of {plural(plans.reachable, "reachable plan")} protected.</strong>{" "}
      {lastRun?.finishedAt ? <>Last backup <Time value={lastRun.finishedAt} relative />. </> : null}
      {attention.length > 0 ? `${plural(attention.length, "thing needs", "things need")} you.` : "Nothing needs you."}
    </>
  );
}

function Attention({ overview: { attention }, started }: { overview: OverviewView; started: boolean }) {
  if (attention.length === 0) {
    return started ? (
      <p className="flex items-center gap-2 rounded-lg border border-line bg-surface px-4 py-3"><CircleCheck aria-hidden className="size-4 text-ok" />All is well: no connection, policy or snapshot needs a person.</p>
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

function Counts({ overview, base }: { overview: OverviewView; base: string }) {
  const cells = [
    { label: "Plans protected", value: overview.plans.protected.toLocaleString("en"), href: `${base}/policies` },
    { label: "Plans with a snapshot", value: overview.plans.withSnapshot.toLocaleString("en"), href: `${base}/plans` },
    { label: "Snapshots", value: overview.snapshots.toLocaleString("en"), href: `${base}/plans` },
    { label: "Stored", value: bytesText(overview.storedBytes), href: `${base}/storage` },
  ];
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-4">
      {cells.map((cell) => (
        <div key={cell.label} className="relative bg-surface px-4 py-4 hover:bg-subtle sm:px-5">
          <dt className="text-muted"><Link href={cell.href} className="after:absolute after:inset-0">{cell.label}</Link></dt>
          <dd className="mt-1 text-2xl font-semibold tracking-tight tabular-nums">{cell.value}</dd>
        </div>
      ))}
    </dl>
  );
}
