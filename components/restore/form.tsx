"use client";

import { usePathname } from "next/navigation";
import { useEffect, useMemo, useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { Form } from "@/components/ui/form";
import { Notice } from "@/components/ui/notice";
import type { RestoreRequest } from "@/lib/restore/types";
import type { RestoreTargets } from "@/lib/workspaces/types";
import { paramsOf, requestOf, type Choices } from "./choices";
import { Comments } from "./comments";
import { unpackItems, type Assignee } from "./items";
import { People } from "./people";
import { What } from "./what";
import { Where } from "./where";

export interface RestoreFormProps {
  snapshotId: string;
  source: { tid: string; graphPlanId: string };
  /** packItems() of the snapshot. */
  packedItems: string;
  assignees: Assignee[];
  comments: number;
  defaults: Choices;
  initial: Choices;
  /** A preview that a new one takes the place of. */
  insteadOf?: string;
  boardHref: string;
  consentHref: string;
  connectionsHref: string;
  targets: RestoreTargets;
  mayConnect: boolean;
  connect: (connectionId: string, tid: string) => Promise<ActionResult<unknown>>;
  create: (input: { snapshotId: string; connectionId: string; request: RestoreRequest; requestKey: string; insteadOf?: string }) => Promise<ActionResult<unknown>>;
}

/** The choices without those that the chosen account cannot do. */
function possible(choices: Choices, targets: RestoreTargets, sameTenant: boolean): Choices {
  const groups = targets.groups.filter(({ connectionId }) => connectionId === choices.connectionId);
  return {
    ...choices,
    where: choices.where === "in_place" && !sameTenant ? "new_plan" : choices.where,
    groupId: groups.some(({ id, isMember }) => isMember && id === choices.groupId) ? choices.groupId : "",
    planId: groups.some(({ plans }) => plans.some(({ id }) => id === choices.planId)) ? choices.planId : "",
  };
}

/** What, where, who and how. Nothing is written before the preview that follows was seen. The choices live in the address. */
export function RestoreForm(props: RestoreFormProps) {
  const { packedItems, defaults, targets, source } = props;
  const items = useMemo(() => unpackItems(packedItems), [packedItems]);
  const pathname = usePathname();
  const [chosen, setChosen] = useState(props.initial);
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, start] = useTransition();
  const connection = targets.connections.find(({ id }) => id === chosen.connectionId);
  const sameTenant = connection?.tid === source.tid;
  const choices = possible(chosen, targets, sameTenant);
  const change = (some: Partial<Choices>) => setChosen((before) => ({ ...before, ...some }));

  useEffect(() => {
    // A change of the address would throw away the way to the preview.
    if (pending || chosen === props.initial) return;
    const timer = setTimeout(() => {
      const params = paramsOf(chosen, defaults, items);
      window.history.replaceState(null, "", params.size > 0 ? `${pathname}?${params}` : pathname);
    }, 200);
    return () => clearTimeout(timer);
  }, [pending, chosen, props.initial, defaults, items, pathname]);

  const submit = () => start(async () => {
    if (connection?.kind === "app_only") return setProblem("An app-only connection only reads. Choose a connection account of this Microsoft tenant; if there is none, connect one on the Connections page. Nothing was changed.");
    setProblem(null);
    const result = await settled(props.create({
      snapshotId: props.snapshotId, connectionId: choices.connectionId, request: requestOf(choices, items), requestKey: crypto.randomUUID(),
      ...(props.insteadOf ? { insteadOf: props.insteadOf } : {}),
    }));
    if (result && !result.ok) setProblem(result.message);
  });

  return (
    <Form action={submit} className="space-y-4">
      <What items={items} choices={choices} boardHref={props.boardHref} onChange={change} />
      <Where choices={choices} items={items} targets={targets} source={source} consentHref={props.consentHref} connectionsHref={props.connectionsHref} mayConnect={props.mayConnect} connect={props.connect} onChange={change} />
      <People choices={choices} assignees={props.assignees} sameTenant={sameTenant} onChange={change} />
      <Comments choices={choices} count={props.comments} onChange={change} />
      {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" disabled={pending} aria-busy={pending || undefined}>Preview</Button>
        <p className="text-muted">Nothing is written to Microsoft 365 by the preview.</p>
      </div>
    </Form>
  );
}
