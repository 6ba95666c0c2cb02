"use client";

import Link from "next/link";
import type { ActionResult } from "@/components/action-result";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { plural } from "@/components/ui/text";
import type { Blocker, RestoreRequest } from "@/lib/restore/types";
import { Difference } from "./difference";
import { Operations } from "./operations";
import { PreviewPeople } from "./preview-people";
import type { ShownPlan } from "./view";

interface PreviewProps {
  plan: ShownPlan;
  request: RestoreRequest;
  changePeople: ((people: RestoreRequest["people"]) => Promise<ActionResult<unknown>>) | null;
}

/** The dry run: everything that would happen, and what cannot come back exactly. */
export function Preview({ plan, request, changePeople }: PreviewProps) {
  return (
    <div className="space-y-4">
      {plan.difference ? <Difference difference={plan.difference} /> : null}
      <Blockers blockers={plan.blockers} />
      {plan.warnings.length > 0 ? <Notice tone="warn" title="Good to know"><ul className="mt-1 list-disc space-y-1 pl-4">{plan.warnings.map((warning) => <li key={warning}>{warning}</li>)}</ul></Notice> : null}
      <Card aria-labelledby="happens-title">
        <CardHeader id="happens-title" title="What will happen">In <strong className="font-medium text-ink">{plan.targetPlanTitle}</strong>{plan.targetGroupName ? <>, group <strong className="font-medium text-ink">{plan.targetGroupName}</strong></> : null}.</CardHeader>
        {plan.operations.length === 0 ? <CardBody>Nothing: the target already equals the snapshot.</CardBody> : <Operations operations={plan.operations} />}
      </Card>
      <PreviewPeople plan={plan} request={request} change={changePeople} />
      <InexactList inexact={plan.inexact} />
    </div>
  );
}

/** Planner's own limits by the name of their rule, and requirements of the account that are not met. */
function Blockers({ blockers }: { blockers: Blocker[] }) {
  if (blockers.length === 0) return null;
  return (
    <Notice tone="danger" title={`This restore cannot run: ${plural(blockers.length, "thing stands", "things stand")} in the way`}>
      <ul className="mt-1 space-y-2">
        {blockers.map(({ id, message }) => (
          <li key={id + message}>{id.startsWith("Maximum") ? <><strong className="font-medium">Limit of Planner <code className="font-mono text-[0.8125rem]">{id}</code>:</strong> </> : null}{message}</li>
        ))}
      </ul>
    </Notice>
  );
}

export function InexactList({ inexact, title = "What will not be exactly as it was" }: { inexact: ShownPlan["inexact"]; title?: string }) {
  if (inexact.length === 0) return null;
  return (
    <Card aria-labelledby="inexact-title">
      <CardHeader id="inexact-title" title={title} actions={<Link href="/help/restore" className="rounded py-1 text-[0.8125rem] underline decoration-line-strong underline-offset-2">What can be restored</Link>}>Microsoft 365 lets nobody write it, or it was chosen so.</CardHeader>
      <ul className="divide-y divide-line">
        {inexact.map((item) => <li key={item.field} className="px-4 py-2.5 sm:px-5"><span className="font-medium">{item.field}</span> <span className="text-muted">({plural(item.items, "item")})</span><span className="block text-muted">{item.instead}</span></li>)}
      </ul>
    </Card>
  );
}
