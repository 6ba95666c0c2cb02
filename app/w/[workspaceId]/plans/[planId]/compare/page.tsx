import { Suspense } from "react";
import Link from "next/link";
import { Equal, GitCompareArrows } from "lucide-react";
import { Compare } from "@/components/compare/compare";
import { compareModel } from "@/components/compare/model";
import { Picker } from "@/components/compare/picker";
import { Totals } from "@/components/compare/totals";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { finenessAmong } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { isPlanbackError } from "@/lib/errors";
import { compareChoices, comparePlan } from "@/lib/workspaces";
import type { Actor, ComparedSide, CompareView } from "@/lib/workspaces/types";
import { load } from "../../../../../load";
import { pageContext } from "../../../../../page-context";

export const metadata = { title: "Compare" };

interface Props { params: Promise<{ workspaceId: string; planId: string }>; searchParams: Promise<Partial<Record<"from" | "to", string | string[]>>> }

/** What differs between two moments of a plan. */
export default async function ComparePage({ params, searchParams }: Props) {
  const { actor, workspace, base, may } = await pageContext(params);
  const { planId } = await params;
  const query = await searchParams;
  const choices = await load(() => compareChoices(actor, workspace.id, planId));
  const here = `${base}/plans/${choices.plan.id}`;
  const from = typeof query.from === "string" ? query.from : choices.from ?? choices.newestId;
  const to = typeof query.to === "string" ? query.to : choices.from ? choices.to : "live";
  return (
    <>
      <PageHeader title={`Compare ${choices.plan.title}`} crumbs={[{ label: "Plans", href: `${base}/plans` }, { label: choices.plan.title, href: here }]}>What is different between two snapshots, or between one and the plan as it is now.</PageHeader>
      {from === null || to === null ? (
        <Empty icon={GitCompareArrows} title="There is nothing to compare yet" action={<Button asChild><Link href={here}>Back to the history</Link></Button>}>This plan has no snapshot. The next run of its policy takes the first one.</Empty>
      ) : (
        <>
          <Picker key={`choice ${from} ${to}`} planUrl={here} offered={choices.offered} from={from} to={to} live={choices.plan.goneAt === null} />
          {choices.total === 1 && typeof query.to !== "string" ? (
            <Notice>There is one snapshot so far: compare it with the plan as it is now, or come back after the next backup.</Notice>
          ) : (
            <Suspense key={`differences ${from} ${to}`} fallback={<Reading live={to === "live"} />}>
              <Differences actor={actor} workspaceId={workspace.id} planId={choices.plan.id} from={from} to={to} newestId={choices.newestId} base={base} mayRestore={may("restore.run")} />
            </Suspense>
          )}
        </>
      )}
    </>
  );
}

function Reading({ live }: { live: boolean }) {
  return (
    <div role="status" aria-label={live ? "Reading the plan as it is now" : "Comparing"} className="space-y-3">
      {live ? <p className="text-muted">Reading the plan from Microsoft 365 …</p> : null}
      <Skeleton className="h-20 w-full" />
      <Skeleton className="h-96 w-full" />
    </div>
  );
}

interface DifferencesProps { actor: Actor; workspaceId: string; planId: string; from: string; to: string; newestId: string | null; base: string; mayRestore: boolean }

async function Differences({ actor, workspaceId, planId, from, to, newestId, base, mayRestore }: DifferencesProps) {
  const found = await load(() => comparePlan(actor, workspaceId, planId, from, to).catch(unread));
  if ("problem" in found) return <Notice tone="warn" title="The plan could not be read as it is now" actions={<Button size="small" asChild><Link href={`${base}/connections`}>Open connections</Link></Button>}>{found.problem}</Notice>;
  const { from: older, to: newer, drift } = found;
  const model = compareModel(drift);
  const isSame = model.buckets.length + model.plan.length === 0;
  return (
    <>
      <p className="mb-4 text-muted">From <Side side={older} other={newer} base={base} /> to <Side side={newer} other={older} base={base} />.</p>
      {newer.id === "live" ? <Notice className="mb-4">Comments and the content of files are not read now, so they are not compared.</Notice> : null}
      {older.state === "partial" || newer.state === "partial" ? <Notice tone="warn" className="mb-4">A partial snapshot lacks what could not be read: that shows here as removed or added.</Notice> : null}
      {isSame ? (
        <Empty icon={Equal} title="No differences" action={<Button asChild><Link href={`${base}/plans/${planId}`}>Back to the history</Link></Button>}>{older.id === newer.id ? "This is the same snapshot twice." : "Both hold the same plan, buckets, labels and tasks, down to the last field."}</Empty>
      ) : (
        <>
          <Totals model={model} />
          {model.buckets.length > 0 ? <Compare model={model} restoreUrl={mayRestore ? `${base}/snapshots/${older.id}/restore` : null} isNewest={newer.id === newestId} /> : null}
        </>
      )}
    </>
  );
}

function Side({ side, other, base }: { side: ComparedSide; other: ComparedSide; base: string }) {
  const time = <Time value={side.at} fine={finenessAmong([side.at, other.at])(side.at)} />;
  return side.id === "live" ? <strong className="font-medium text-ink">now ({time})</strong> : <Link href={`${base}/snapshots/${side.id}`} prefetch={false} className="font-medium text-ink underline decoration-line-strong underline-offset-2">{time}</Link>;
}

/** What keeps the live plan from being read is said in place: the snapshots can still be compared. */
function unread(error: unknown): { problem: string } | CompareView {
  if (isPlanbackError(error, "conflict")) return { problem: error.message };
  throw error;
}
