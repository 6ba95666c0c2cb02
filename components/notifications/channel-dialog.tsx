"use client";

import { useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { CheckboxLine } from "@/components/ui/checkbox";
import { CopyField } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Textarea } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio";
import type { ChannelKind } from "@/lib/notify";
import { EVENT_NAMES } from "@/lib/workspaces/alertWords";
import { EVENTS, type EventName } from "@/lib/workspaces/events";
import type { ChannelView } from "@/lib/workspaces/types";
import { KINDS } from "./kinds";

export type SaveChannel = (channelId: string | null, input: unknown) => Promise<ActionResult<{ id: string; secret: string | null }>>;

interface ChannelDialogProps { channel: ChannelView | null; canSendEmail: boolean; save: SaveChannel; onClose: () => void }

/** Adds or changes a channel; a new webhook's secret is shown here once. */
export function ChannelDialog({ channel, canSendEmail, save, onClose }: ChannelDialogProps) {
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? (canSendEmail ? "email" : "teams"));
  const [events, setEvents] = useState<ReadonlySet<EventName>>(() => new Set(channel?.events ?? EVENTS));
  const [secret, setSecret] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, start] = useTransition();
  const submit = (form: FormData) => start(async () => {
    const text = (name: string) => String(form.get(name) ?? "");
    const rest = kind === "email" ? { to: text("to").split(/[\s,;]+/).filter(Boolean) } : { url: text("url") };
    const result = await settled(save(channel?.id ?? null, { kind, name: text("name"), events: EVENTS.filter((event) => events.has(event)), ...rest }));
    if (!result.ok) setProblem(result.message);
    else if (result.value.secret) setSecret(result.value.secret);
    else onClose();
  });
  const toggle = (event: EventName) => setEvents((now) => new Set(now.has(event) ? [...now].filter((one) => one !== event) : [...now, event]));
  if (secret) return <SecretDialog secret={secret} onClose={onClose} />;
  return (
    <Dialog
      open kind="panel" onOpenChange={(open) => !open && onClose()} title={channel ? `Change “${channel.name}”` : "Add a channel"}
      footer={<><Button onClick={onClose}>Cancel</Button><Button type="submit" form="channel" variant="primary" disabled={pending} aria-busy={pending || undefined}>{channel ? "Save channel" : "Add channel"}</Button></>}
    >
      <Form id="channel" className="space-y-5" action={submit}>
        {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
        {channel ? null : (
          <RadioCards name="kind" label="Kind of channel" value={kind} onChange={setKind} choices={(Object.keys(KINDS) as ChannelKind[]).map((value) => ({
            value, label: KINDS[value].name, disabled: value === "email" && !canSendEmail,
            hint: value === "email" && !canSendEmail ? "Not available: the operator of this installation has set no mail server." : KINDS[value].hint,
          }))} />
        )}
        <Field label="Name">{(control) => <Input {...control} name="name" defaultValue={channel?.name ?? ""} maxLength={100} required placeholder="IT operations" />}</Field>
        <Address kind={kind} channel={channel} />
        <fieldset>
          <legend className="mb-2 font-medium">Tell this channel</legend>
          <div className="space-y-3">{EVENTS.map((event) => <CheckboxLine key={event} checked={events.has(event)} onCheckedChange={() => toggle(event)} label={EVENT_NAMES[event].name} hint={EVENT_NAMES[event].hint} />)}</div>
        </fieldset>
      </Form>
    </Dialog>
  );
}

function Address({ kind, channel }: { kind: ChannelKind; channel: ChannelView | null }) {
  if (kind === "email") {
    return <Field key="to" label="Addresses" hint="One on each line, or with commas between.">{(control) => <Textarea {...control} name="to" rows={3} required defaultValue={channel?.to.join("\n")} placeholder="it@contoso.com" autoComplete="off" />}</Field>;
  }
  const field = (hint: string, placeholder: string) => (
    <Field key={kind} label={kind === "teams" ? "Address of the workflow" : "Address"} hint={hint}>{(control) => <Input {...control} name="url" type="url" required defaultValue={channel?.url ?? ""} placeholder={placeholder} autoComplete="off" spellCheck={false} className="font-mono text-[0.8125rem]" />}</Field>
  );
  if (kind === "webhook") return field("Each message is signed as Standard Webhooks describe; the secret is shown after adding.", "https://hooks.contoso.com/planback");
  return (
    <div className="space-y-3">
      <ol className="list-decimal space-y-1 pl-5 text-muted">
        <li>In Teams, open the menu of the channel and choose <strong className="font-medium text-ink">Workflows</strong>.</li>
        <li>Choose <strong className="font-medium text-ink">Send webhook alerts to a channel</strong> (trigger “When a Teams webhook request is received”, from anyone) and go through its steps.</li>
        <li>Copy the address that it shows at the end.</li>
      </ol>
      {field("A workflow belongs to who made it: give it a second owner, so that it does not stop when they leave.", "https://….api.powerplatform.com/…")}
    </div>
  );
}

function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="The secret of this webhook" description="Your tool needs it to check that messages come from here. It is shown only now." footer={<Button variant="primary" onClick={onClose}>I have kept it</Button>}>
      <CopyField label="Secret" value={secret} />
    </Dialog>
  );
}
