"use client";

import Link from "next/link";
import type { ActionResult } from "@/components/action-result";
import { tenantLabel } from "@/components/connection/state";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { RestoreTargets } from "@/lib/workspaces/types";
import type { Choices, Where as Kind } from "./choices";
import { GroupPicker, PlanPicker } from "./pickers";
import type { RestoreItems } from "./items";

export interface WhereProps {
  choices: Choices;
  items: RestoreItems;
  targets: RestoreTargets;
  /** Of the plan the snapshot was taken of. */
  source: { tid: string; graphPlanId: string };
  consentHref: string;
  connectionsHref: string;
  mayConnect: boolean;
  connect: (connectionId: string, tid: string) => Promise<ActionResult<unknown>>;
  onChange: (change: Partial<Choices>) => void;
}

/** Where to: the account, hence the Microsoft tenant, then the plan. */
export function Where({ choices, items, targets, source, onChange, ...access }: WhereProps) {
  const connection = targets.connections.find(({ id }) => id === choices.connectionId);
  const sameTenant = connection?.tid === source.tid;
  const groups = targets.groups.filter((group) => group.connectionId === choices.connectionId);
  const title = <Field label="Title of the new plan">{(control) => <Input {...control} value={choices.title} maxLength={240} onChange={(event) => onChange({ title: event.target.value })} />}</Field>;
  return (
    <Card aria-labelledby="where-title">
      <CardHeader id="where-title" title="Where" />
      <CardBody className="space-y-4">
        {targets.connections.length === 0 ? <Notice tone="warn">No account is connected. The snapshot can be looked at; to restore, connect an account first.</Notice> : (
          <Field label="Connection account" hint={connection && !sameTenant ? "An account of another Microsoft tenant: the plan is made there, and people are matched to that directory." : undefined}>
            {(control) => <Select {...control} className="w-full max-w-md" value={choices.connectionId} onChange={(event) => onChange({ connectionId: event.target.value })}>{targets.connections.map((each) => <option key={each.id} value={each.id}>{each.name} ({tenantLabel(each)}){each.kind === "app_only" ? ", only reads" : each.restoreState === "active" ? "" : ", no write access"}</option>)}</Select>}
          </Field>
        )}
        {connection?.kind === "app_only" ? <OnlyReads connection={connection} targets={targets} connectionsHref={access.connectionsHref} onChange={onChange} /> : null}
        {connection?.kind === "account" && connection.restoreState !== "active" ? <NoAccess connection={connection} {...access} /> : null}
        {connection?.kind === "app_only" ? null : (
          <>
            <RadioCards<Kind>
              name="where"
              label="Where to restore"
              value={choices.where}
              onChange={(where) => onChange({ where })}
              className="md:grid-cols-2"
              choices={[
                { value: "new_plan", label: "Into a new plan", hint: "In the same group or another one. Touches nothing that exists." },
                { value: "in_place", label: "In place", disabled: !sameTenant, hint: sameTenant ? "What is gone is made again, what changed is set back. The preview shows each field." : "Only with an account of the Microsoft tenant that the plan is in." },
                { value: "existing_plan", label: "Into another plan", hint: "Everything chosen is made in a plan that exists; what is there stays as it is." },
                { value: "new_group", label: "Into a new group", disabled: !targets.mayMakeGroup, hint: targets.mayMakeGroup ? "A Microsoft 365 group is made for it, for instance because the old one is gone." : "Only by a person who sees all groups: you would not see the new one." },
              ]}
            />
            {choices.where === "new_plan" ? <div className="grid gap-4 md:grid-cols-2"><GroupPicker groups={groups} value={choices.groupId} sourceGroupId={targets.sourceGroupId} onChange={(groupId) => onChange({ groupId })} />{title}</div> : null}
            {choices.where === "in_place" ? <Added choices={choices} items={items} onChange={onChange} /> : null}
            {choices.where === "existing_plan" ? <PlanPicker groups={groups} value={choices.planId} withoutPlan={source.graphPlanId} onChange={onChange} /> : null}
            {connection?.catalogueAt && (choices.where === "new_plan" || choices.where === "existing_plan") ? (
              <p className="text-[0.8125rem] text-muted">Groups and plans as read <Time value={connection.catalogueAt} relative />. To see newer ones, <Link href={`${access.connectionsHref}/${connection.id}`} className="rounded underline underline-offset-2 hover:text-ink">check the account again</Link>.</p>
            ) : null}
            {choices.where === "new_group" ? <div className="grid gap-4 md:grid-cols-2"><NewGroup choices={choices} onChange={onChange} />{title}</div> : null}
          </>
        )}
      </CardBody>
    </Card>
  );
}

/** An app-only connection is chosen: which account to take instead. */
function OnlyReads({ connection, targets, connectionsHref, onChange }: { connection: RestoreTargets["connections"][number] } & Pick<WhereProps, "targets" | "connectionsHref" | "onChange">) {
  const accounts = targets.connections.filter(({ kind, tid }) => kind === "account" && tid === connection.tid);
  return (
    <Notice
      tone="warn"
      title="This connection only reads"
      actions={accounts.length > 0
        ? accounts.map((account) => <Button key={account.id} type="button" onClick={() => onChange({ connectionId: account.id })}>Use {account.name}</Button>)
        : <Button asChild><Link href={connectionsHref}>Connect an account</Link></Button>}
    >It backs up as an application, without an account. A restore is written by a connection account of the Microsoft tenant; comments can be posted in no other way. {accounts.length > 0 ? "Choose one; what was backed up app-only can be restored by it." : "None is connected yet: connect one, then come back to this snapshot."}</Notice>
  );
}

function NoAccess({ connection, consentHref, mayConnect, connect }: { connection: RestoreTargets["connections"][number] } & Pick<WhereProps, "consentHref" | "mayConnect" | "connect">) {
  const lost = connection.restoreState === "consent_missing";
  return (
    <Notice
      tone="warn"
      title={lost ? "Consent for Restore is missing" : "This account has no write access now"}
      actions={lost || !mayConnect ? <Button asChild><Link href={consentHref}>See the consent</Link></Button> : (
        <>
          <ActionButton variant="primary" action={() => connect(connection.id, connection.tid)}>Connect for restore</ActionButton>
          <Button asChild><Link href={consentHref}>See the consent for Restore</Link></Button>
        </>
      )}
    >Backups only read. Sign in the account once more with the Restore permissions; the write access is erased by itself afterwards. It needs the consent for Restore.</Notice>
  );
}

function Added({ choices, items, onChange }: Pick<WhereProps, "choices" | "items" | "onChange">) {
  const known = items.compared && items.added.tasks + items.added.buckets > 0 ? ` When last looked at: ${plural(items.added.tasks, "task")}, ${plural(items.added.buckets, "bucket")}.` : "";
  return (
    <RadioCards
      name="added"
      label="What is new in the plan since the snapshot"
      labelShown
      value={choices.what === "all" ? choices.added : "keep"}
      onChange={(added) => onChange({ added })}
      className="md:grid-cols-2"
      choices={[
        { value: "keep", label: "Keep what is new", hint: "Tasks and buckets that were added since stay." },
        { value: "remove", label: "Delete what is new", disabled: choices.what !== "all", hint: choices.what === "all" ? `The plan becomes as it was. Each deletion is shown before, and must be confirmed in words.${known}` : "Only when the whole plan is restored." },
      ]}
    />
  );
}

function NewGroup({ choices, onChange }: Pick<WhereProps, "choices" | "onChange">) {
  return (
    <>
      <Field label="Name of the new group">{(control) => <Input {...control} value={choices.groupName} maxLength={256} onChange={(event) => onChange({ groupName: event.target.value })} />}</Field>
      <Field label="Mail name" hint="The part of its address before the @. It must be free in the directory.">{(control) => <Input {...control} value={choices.mailNickname} maxLength={64} spellCheck={false} autoCapitalize="none" onChange={(event) => onChange({ mailNickname: event.target.value })} />}</Field>
      <Field label="Visibility">
        {(control) => (
          <Select {...control} className="w-full" value={choices.visibility} onChange={(event) => onChange({ visibility: event.target.value as Choices["visibility"] })}>
            <option value="Private">Private: members see it</option>
            <option value="Public">Public: everybody in the organization sees it</option>
          </Select>
        )}
      </Field>
    </>
  );
}
