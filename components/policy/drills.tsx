import Link from "next/link";
import { CircleCheck, CircleX } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { RestoreBadge } from "@/components/run/states";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Time } from "@/components/ui/time";
import type { DrillInput, DrillsView } from "@/lib/workspaces/types";
import { DrillForm } from "./drill-form";
import { DrillNow } from "./drill-now";
import type { PreviewSchedule } from "./schedule-field";

interface DrillsProps {
  drills: DrillsView;
  base: string;
  /** Null for who may only look. */
  actions: { save: (input: DrillInput) => Promise<ActionResult>; start: (requestKey: string) => Promise<ActionResult>; preview: PreviewSchedule; /** Where the person signs in once more before the form. */ stepUp: string | null } | null;
}

/** Whether what is backed up can be restored: the last proof, what a drill does, and when. */
export function Drills({ drills, base, actions }: DrillsProps) {
  const group = drills.groups.find(({ id }) => id === drills.groupId) ?? null;
  const isReady = group !== null && drills.next !== null && drills.account?.restoreState === "active";
  return (
    <Card aria-labelledby="drills" className="scroll-mt-4">
      <CardHeader id="drills" title="Restore drills" actions={actions && isReady ? <DrillNow plan={drills.next!.title} group={group.name} start={actions.start} /> : undefined}>
        {drills.proof
          ? <>Last proven restorable <Time value={drills.proof.at} relative />: <Link href={`${base}/restores/${drills.proof.restoreId}`} className="underline underline-offset-2">{drills.proof.planTitle}</Link>.</>
          : "Not proven restorable yet."}{" "}
        {drills.scheduleText}{drills.nextRuns[0] ? <>, next <Time value={drills.nextRuns[0]} relative /></> : null}.
      </CardHeader>
      <CardBody className="space-y-4">
        <ol className="list-decimal space-y-1 pl-5 text-muted">
          <li>The newest complete backup of one plan{drills.next ? <> (next: <strong className="font-medium text-ink">{drills.next.title}</strong>)</> : null} is restored as a new plan into {group ? <strong className="font-medium text-ink">{group.name}</strong> : "the sandbox group"}. Members of that group may see it for a while, with all it holds.</li>
          <li>It is read back and compared with the backup, field by field. Nobody is assigned, so nobody gets a message; comments and files are not written, stored files are read instead.</li>
          <li>That one plan is removed again. Nothing else in the group is touched or removed, ever; a plan that somebody has worked in stays, and you are told.</li>
        </ol>
        <Requirements drills={drills} base={base} hasGroup={group !== null} />
        {actions ? <DrillForm drills={drills} save={actions.save} preview={actions.preview} stepUp={actions.stepUp} /> : null}
        {drills.drills.length > 0 ? (
          <div>
            <h3 className="mb-2 font-semibold">Last drills</h3>
            <ul className="divide-y divide-line rounded-lg border border-line">
              {drills.drills.map((drill) => (
                <li key={drill.restoreId}>
                  <Link href={`${base}/restores/${drill.restoreId}`} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-subtle">
                    <span className="min-w-0 flex-1 basis-48">
                      <span className="font-medium [overflow-wrap:anywhere]">{drill.planTitle}</span>
                      <span className="block text-[0.8125rem] text-muted"><Time value={drill.finishedAt ?? drill.createdAt} relative />, started by {drill.startedBy}{drill.isPlanLeft ? <span className="text-warn">. Its plan is still there</span> : null}</span>
                    </span>
                    <RestoreBadge state={drill.state} isDrill />
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
      </CardBody>
    </Card>
  );
}

/** What a drill needs, each met or not. */
function Requirements({ drills: { account, groupId, next }, base, hasGroup }: { drills: DrillsView; base: string; hasGroup: boolean }) {
  const rows = [
    { met: account?.restoreState === "active", text: "Consent for restores, and write access of the connection account", href: account ? `${base}/connections/${account.id}` : `${base}/connections`, remedy: account?.restoreState === "consent_missing" ? "Consent is missing: grant it, then allow restores on the connection" : "Connect the account for restore" },
    { met: hasGroup, text: "A sandbox group that the account is a member of; owning it is not needed, because a drill adds nobody", href: account ? `${base}/connections/${account.id}` : null, remedy: groupId === null ? "Choose one below" : "It is not a member of the chosen group any more, or the group is gone" },
    { met: next !== null, text: "A complete backup", href: null, remedy: "Back up first" },
  ];
  return (
    <ul aria-label="What a drill needs" className="space-y-1">
      {rows.map(({ met, text, href, remedy }) => (
        <li key={text} className="flex items-start gap-2">
          {met ? <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" /> : <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />}
          <span><span className="sr-only">{met ? "Met: " : "Not met: "}</span>{text}.{met ? null : <> {href && remedy !== "Choose one below" ? <Link href={href} className="underline underline-offset-2">{remedy}</Link> : remedy}.</>}</span>
        </li>
      ))}
    </ul>
  );
}
