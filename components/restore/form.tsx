"use client";

import Link from "next/link";
import { useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { CheckboxLine } from "@/components/ui/checkbox";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio";
import { plural } from "@/components/ui/text";
import type { RestoreRequest } from "@/lib/restore/types";
import type { RestoreTargets } from "@/lib/workspaces/types";
import { tenantLabel } from "@/components/connection/state";
import { GroupPicker } from "./group-picker";

export interface RestoreFormProps {
  snapshotId: string;
  planTitle: string;
  tid: string;
  taskCount: number;
  chosen: { id: string; title: string }[];
  /** Title that a new plan gets unless changed. */
  newTitle: string;
  hasComments: boolean;
  boardHref: string;
  consentHref: string;
  targets: RestoreTargets;
  mayConnect: boolean;
  connect: (connectionId: string, tid: string) => Promise<ActionResult<unknown>>;
  create: (input: { snapshotId: string; connectionId: string; request: RestoreRequest; requestKey: string }) => Promise<ActionResult<unknown>>;
}

/** What, where and how. Nothing is written before the preview that follows was seen. */
export function RestoreForm(props: RestoreFormProps) {
  const { chosen, taskCount, targets, hasComments } = props;
  const [what, setWhat] = useState<"all" | "tasks">(chosen.length > 0 ? "tasks" : "all");
  const ready = targets.connections.find((connection) => connection.restoreState === "active" && connection.tid === props.tid) ?? targets.connections.find((connection) => connection.restoreState === "active");
  const [connectionId, setConnectionId] = useState((ready ?? targets.connections.find((connection) => connection.tid === props.tid) ?? targets.connections[0])?.id ?? "");
  const connection = targets.connections.find((each) => each.id === connectionId);
  const sameTenant = connection?.tid === props.tid;
  const [where, setWhere] = useState<"new_plan" | "in_place">("new_plan");
  const groups = targets.groups.filter((group) => group.connectionId === connectionId);
  const [groupId, setGroupId] = useState(targets.sourceGroupId);
  const group = groups.find((each) => each.id === groupId);
  const [title, setTitle] = useState(props.newTitle);
  const [comments, setComments] = useState<RestoreRequest["comments"]>("none");
  const [addMembers, setAddMembers] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, start] = useTransition();

  const submit = () => start(async () => {
    setProblem(null);
    const target = where === "in_place" && sameTenant ? { kind: "in_place" as const } : { kind: "new_plan" as const, groupId: group?.id ?? "", title };
    const request: RestoreRequest = { tasks: what === "all" ? "all" : chosen.map((task) => task.id), target, addMembers, comments };
    const result = await props.create({ snapshotId: props.snapshotId, connectionId, request, requestKey: crypto.randomUUID() });
    if (result && !result.ok) setProblem(result.message);
  });

  return (
    <form action={submit} className="space-y-4">
      <Card aria-labelledby="what-title">
        <CardHeader id="what-title" title="What" />
        <CardBody className="space-y-3">
          <RadioCards
            name="what"
            label="What to restore"
            value={what}
            onChange={setWhat}
            choices={[
              { value: "all", label: "The whole plan", hint: `${plural(taskCount, "task")} with buckets and labels` },
              { value: "tasks", label: chosen.length > 0 ? `${plural(chosen.length, "selected task")}` : "Selected tasks", disabled: chosen.length === 0, hint: chosen.length > 0 ? "With the buckets they are in" : "Select them on the board first" },
            ]}
          />
          {what === "tasks" ? <ul className="max-h-48 list-disc overflow-y-auto pl-5 text-muted" aria-label="Selected tasks" tabIndex={0}>{chosen.map((task) => <li key={task.id} className="[overflow-wrap:anywhere]">{task.title}</li>)}</ul> : null}
          <Link href={props.boardHref} className="inline-block rounded text-muted underline underline-offset-2 hover:text-ink">Choose tasks on the board</Link>
        </CardBody>
      </Card>
      <Card aria-labelledby="with-title">
        <CardHeader id="with-title" title="With which account" />
        <CardBody className="space-y-3">
          {targets.connections.length === 0 ? <Notice tone="warn">No account is connected. The snapshot can be looked at; to restore, connect an account first.</Notice> : (
            <Field label="Connection account">
              {(control) => <Select {...control} className="w-full max-w-md" value={connectionId} onChange={(event) => setConnectionId(event.target.value)}>{targets.connections.map((each) => <option key={each.id} value={each.id}>{each.name} ({tenantLabel(each)}){each.restoreState === "active" ? "" : ", no write access"}</option>)}</Select>}
            </Field>
          )}
          {connection && connection.restoreState !== "active" ? (
            <Notice
              tone="warn"
              title={connection.restoreState === "consent_missing" ? "Consent for Restore is missing" : "This account has no write access now"}
              actions={connection.restoreState === "consent_missing" || !props.mayConnect ? <Button asChild><Link href={props.consentHref}>See the consent</Link></Button> : (
                <>
                  <ActionButton variant="primary" action={() => props.connect(connection.id, connection.tid)}>Connect for restore</ActionButton>
                  <Button asChild><Link href={props.consentHref}>See the consent for Restore</Link></Button>
                </>
              )}
            >Backups only read. Sign in the account once more with the Restore permissions; the write access is erased by itself afterwards. It needs the consent for Restore.</Notice>
          ) : null}
        </CardBody>
      </Card>
      <Card aria-labelledby="where-title">
        <CardHeader id="where-title" title="Where" />
        <CardBody className="space-y-4">
          <RadioCards
            name="where"
            label="Where to restore"
            value={where === "in_place" && sameTenant ? "in_place" : "new_plan"}
            onChange={setWhere}
            choices={[
              { value: "new_plan", label: "Into a new plan", hint: "Touches nothing that exists. Compare, then move or delete what you do not need." },
              { value: "in_place", label: "In place", disabled: !sameTenant, hint: "What is gone is created again, what changed is set back to the snapshot. What is new stays. The preview shows each field." },
            ]}
          />
          {where === "new_plan" || !sameTenant ? (
            <div className="grid gap-4 md:grid-cols-2">
              <GroupPicker groups={groups} value={group?.id ?? null} sourceGroupId={targets.sourceGroupId} onChange={setGroupId} />
              <Field label="Title of the new plan">{(control) => <Input {...control} value={title} maxLength={240} onChange={(event) => setTitle(event.target.value)} />}</Field>
            </div>
          ) : null}
        </CardBody>
      </Card>
      <Card aria-labelledby="how-title">
        <CardHeader id="how-title" title="People and comments" />
        <CardBody className="space-y-4">
          <CheckboxLine label="Add assignees to the group when they are not members" hint="Only members can be assigned. Without this their assignment is left out; the preview names each person." checked={addMembers} onCheckedChange={(on) => setAddMembers(on === true)} />
          <RadioCards
            name="comments"
            label="Comments"
            value={comments}
            onChange={setComments}
            className="md:grid-cols-2"
            choices={[
              { value: "none", label: "Leave comments out", hint: "They stay in the snapshot." },
              { value: "quoted", label: "Post comments as quoted text", disabled: !hasComments, hint: hasComments ? "With author and time, in the name of the connection account. Members of the group may get an e-mail for each. The account needs an Exchange Online licence." : "This snapshot holds no comments." },
            ]}
          />
        </CardBody>
      </Card>
      {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" disabled={pending} aria-busy={pending || undefined}>Preview</Button>
        <p className="text-muted">Nothing is written to Microsoft 365 by the preview.</p>
      </div>
    </form>
  );
}
