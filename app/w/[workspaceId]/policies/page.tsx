import Link from "next/link";
import { Plus, ShieldCheck } from "lucide-react";
import { BackUpNow } from "@/components/policy/back-up-now";
import { RunBadge } from "@/components/run/states";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { listPolicies } from "@/lib/workspaces";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { startRunAction } from "./actions";

export const metadata = { title: "Policies" };

export default async function PoliciesPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base, may } = await pageContext(params);
  const policies = await load(() => listPolicies(actor, workspace.id));
  const create = may("policy.manage") ? <Button asChild variant="primary"><Link href={`${base}/policies/new`}><Plus aria-hidden />New policy</Link></Button> : null;
  return (
    <>
      <PageHeader title="Policies" actions={policies.length > 0 ? create : undefined}>Which plans are backed up, how often, and how long snapshots are kept.</PageHeader>
      {policies.length === 0 ? (
        <Empty icon={ShieldCheck} title="No plan is protected yet" action={create}>A policy takes groups and plans, a schedule and a retention.</Empty>
      ) : (
        <ul className="space-y-3">
          {policies.map((policy) => (
            <li key={policy.id} className="flex flex-wrap items-center gap-x-5 gap-y-3 rounded-lg border border-line bg-surface px-4 py-4 sm:px-5">
              <div className="min-w-0 flex-1 basis-64">
                <h2 className="flex flex-wrap items-center gap-2 font-semibold">
                  <Link href={`${base}/policies/${policy.id}`} className="inline-block rounded py-0.5 underline-offset-2 [overflow-wrap:anywhere] hover:underline">{policy.name}</Link>
                  {policy.enabled ? null : <Badge>Paused</Badge>}
                </h2>
                <p className="text-muted">{plural(policy.planCount, "plan")} in {plural(policy.groupCount, "group")}. {policy.scheduleText}.</p>
                {policy.enabled && policy.nextRuns[0] ? <p className="text-[0.8125rem] text-muted">Next run <Time value={policy.nextRuns[0]} relative /></p> : null}
              </div>
              {policy.lastRun ? <Link href={`${base}/runs/${policy.lastRun.id}`} className="flex items-center gap-2 rounded text-[0.8125rem] text-muted hover:underline"><RunBadge state={policy.lastRun.state} /><Time value={policy.lastRun.createdAt} relative /></Link> : <span className="text-[0.8125rem] text-muted">Never run</span>}
              {may("backup.run") ? <BackUpNow action={startRunAction.bind(null, workspace.id, policy.id)} /> : null}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
