import { Trash2 } from "lucide-react";
import { BackUpNow } from "@/components/policy/back-up-now";
import { Drills } from "@/components/policy/drills";
import { PolicyEditor } from "@/components/policy/editor";
import { RunList } from "@/components/run/run-list";
import { ActionButton } from "@/components/ui/action-button";
import { Badge } from "@/components/ui/badge";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { getDrills, getPolicy, readCatalogue } from "@/lib/workspaces";
import { isPlanbackError } from "@/lib/errors";
import { load } from "../../../../load";
import { pageContext } from "../../../../page-context";
import { previewRetentionAction, previewScheduleAction, removePolicyAction, saveDrillsAction, savePolicyAction, setPolicyEnabledAction, startDrillAction, startRunAction } from "../actions";

export const metadata = { title: "Policy" };

export default async function PolicyPage({ params }: { params: Promise<{ workspaceId: string; policyId: string }> }) {
  const { actor, workspace, base, may, stepUp } = await pageContext(params);
  const { policyId } = await params;
  const [policy, drills] = await load(() => Promise.all([getPolicy(actor, workspace.id, policyId), getDrills(actor, workspace.id, policyId)]));
  const manage = may("policy.manage");
  const catalogue = manage
    ? await load(() => readCatalogue(actor, workspace.id, policy.connectionId).catch((error: unknown) => {
        if (isPlanbackError(error, "not_found", "conflict")) return null;
        throw error;
      }))
    : null;
  return (
    <>
      <PageHeader
        title={policy.name}
        crumbs={[{ label: "Policies", href: `${base}/policies` }]}
        badge={policy.enabled ? undefined : <Badge>Paused</Badge>}
        actions={
          <>
            {manage ? <ActionButton action={setPolicyEnabledAction.bind(null, workspace.id, policy.id, !policy.enabled)}>{policy.enabled ? "Pause" : "Resume"}</ActionButton> : null}
            {may("backup.run") ? <BackUpNow action={startRunAction.bind(null, workspace.id, policy.id)} /> : null}
          </>
        }
      >
        {plural(policy.planCount, "plan")} in {plural(policy.groupCount, "group")}. {policy.scheduleText}.
        {policy.enabled && policy.nextRuns[0] ? <> Next run <Time value={policy.nextRuns[0]} relative />.</> : null}
      </PageHeader>
      <div className="space-y-6">
        {policy.lastRun ? <section aria-labelledby="last-title"><h2 id="last-title" className="mb-3 font-semibold">Last run</h2><RunList runs={[policy.lastRun]} base={base} /></section> : null}
        <Drills
          drills={drills} base={base}
          actions={may("restore.run") ? { save: saveDrillsAction.bind(null, workspace.id, policy.id), start: startDrillAction.bind(null, workspace.id, policy.id), preview: previewScheduleAction.bind(null, policy.id), stepUp: await stepUp() } : null}
        />
        {catalogue ? (
          <PolicyEditor
            initial={policy}
            catalogue={catalogue}
            save={savePolicyAction.bind(null, workspace.id, policy.id)}
            preview={previewScheduleAction.bind(null, policy.id)}
            previewRetention={previewRetentionAction.bind(null, workspace.id, policy.id)}
          />
        ) : manage ? <Notice tone="warn" title="The list of plans is not available">The connection of this policy was removed, or its groups and plans were not read yet. Snapshots are not affected.</Notice> : null}
        {manage ? (
          <ActionButton
            variant="ghost"
            action={removePolicyAction.bind(null, workspace.id, policy.id)}
            question={{ title: `Remove ${policy.name}?`, text: "Its plans are not backed up any more. Snapshots that exist stay.", confirm: "Remove policy" }}
          ><Trash2 aria-hidden />Remove policy…</ActionButton>
        ) : null}
      </div>
    </>
  );
}
