"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { Notice } from "@/components/ui/notice";
import { plural } from "@/components/ui/text";
import type { OperationKind } from "@/lib/restore/types";
import { KIND_TITLES, type ShownPlan } from "./view";

/** The dry run: everything that would happen, and what cannot come back exactly. */
export function Preview({ plan }: { plan: ShownPlan }) {
  const kinds = (Object.keys(KIND_TITLES) as OperationKind[]).filter((kind) => plan.operations.some((operation) => operation.kind === kind));
  return (
    <div className="space-y-4">
      {plan.blockers.length > 0 ? <Notice tone="danger" title="This restore cannot run"><ul className="mt-1 list-disc space-y-1 pl-4">{plan.blockers.map((blocker) => <li key={blocker.id + blocker.message}>{blocker.message}</li>)}</ul></Notice> : null}
      {plan.warnings.length > 0 ? <Notice tone="warn" title="Good to know"><ul className="mt-1 list-disc space-y-1 pl-4">{plan.warnings.map((warning) => <li key={warning}>{warning}</li>)}</ul></Notice> : null}
      <Card aria-labelledby="happens-title">
        <CardHeader id="happens-title" title="What will happen">In <strong className="font-medium text-ink">{plan.targetPlanTitle}</strong>, group <strong className="font-medium text-ink">{plan.targetGroupName}</strong>.</CardHeader>
        {kinds.length === 0 ? <CardBody>Nothing: the target already equals the snapshot.</CardBody> : <ul className="divide-y divide-line">{kinds.map((kind) => <Kind key={kind} kind={kind} operations={plan.operations.filter((operation) => operation.kind === kind)} />)}</ul>}
      </Card>
      <People plan={plan} />
      <InexactList inexact={plan.inexact} />
    </div>
  );
}

/** Rows shown at once; more on demand. */
const STEP = 50;

function Kind({ kind, operations }: { kind: OperationKind; operations: ShownPlan["operations"] }) {
  const [shown, setShown] = useState(STEP);
  const { one, many, sign } = KIND_TITLES[kind];
  return (
    <li className="px-4 py-3 sm:px-5">
      <details>
        <summary className="rounded py-0.5">
          <span aria-hidden className={cn("mr-2 inline-block w-3 text-center font-mono font-semibold", sign === "+" ? "text-ok" : "text-info")}>{sign}</span>
          <span className="font-medium tabular-nums">{operations.length.toLocaleString("en")} {operations.length === 1 ? one : many}</span>
        </summary>
        <ul className="mt-2 space-y-2 pl-5">
          {operations.slice(0, shown).map((operation) => (
            <li key={operation.seq}>
              <p className="[overflow-wrap:anywhere]">{operation.label}</p>
              {operation.changes.length > 0 ? <Changes changes={operation.changes} /> : null}
            </li>
          ))}
        </ul>
        {operations.length > shown ? <Button size="small" className="mt-2 ml-5" onClick={() => setShown(shown + 4 * STEP)}>Show more ({operations.length - shown} left)</Button> : null}
      </details>
    </li>
  );
}

function Changes({ changes }: { changes: ShownPlan["operations"][number]["changes"] }) {
  return (
    <dl className="mt-1 grid gap-x-4 gap-y-1 rounded-md bg-subtle px-3 py-2 text-[0.8125rem] sm:grid-cols-[10rem_1fr]">
      {changes.map((change) => (
        <div key={change.field} className="contents">
          <dt className="text-muted">{change.field}</dt>
          <dd className="min-w-0 [overflow-wrap:anywhere]">
            {change.from === null ? null : <><del className="text-danger">{clip(change.from)}</del><span aria-hidden> → </span></>}
            {change.to === null ? <span className="text-muted">empty</span> : <ins className="text-ok no-underline">{clip(change.to)}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const clip = (text: string): string => (text.length > 600 ? `${text.slice(0, 600)}…` : text);

function People({ plan }: { plan: ShownPlan }) {
  if (plan.newMembers.length + plan.droppedAssignments.length === 0) return null;
  return (
    <Card aria-labelledby="people-title">
      <CardHeader id="people-title" title="People" />
      <CardBody className="space-y-3">
        {plan.newMembers.length > 0 ? <p><strong className="font-medium">{plural(plan.newMembers.length, "person becomes a member", "people become members")} of the group:</strong> {plan.newMembers.map((member) => member.name).join(", ")}</p> : null}
        {plan.droppedAssignments.length > 0 ? (
          <div>
            <p className="font-medium">Assignments that are left out</p>
            <ul className="mt-1 list-disc pl-5">{plan.droppedAssignments.map((dropped) => <li key={dropped.name + dropped.reason}>{dropped.name}, {plural(dropped.tasks, "task")}: {dropped.reason}</li>)}</ul>
          </div>
        ) : null}
      </CardBody>
    </Card>
  );
}

export function InexactList({ inexact }: { inexact: ShownPlan["inexact"] }) {
  if (inexact.length === 0) return null;
  return (
    <Card aria-labelledby="inexact-title">
      <CardHeader id="inexact-title" title="What cannot be restored exactly">Microsoft 365 does not let anyone write these.</CardHeader>
      <ul className="divide-y divide-line">
        {inexact.map((item) => <li key={item.field} className="px-4 py-2.5 sm:px-5"><span className="font-medium">{item.field}</span> <span className="text-muted">({plural(item.items, "item")})</span><span className="block text-muted">{item.instead}</span></li>)}
      </ul>
    </Card>
  );
}
