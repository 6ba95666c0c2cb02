"use client";

import { useState, useTransition } from "react";
import { Plus } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { CheckboxLine } from "@/components/ui/checkbox";
import { CopyField } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Notice } from "@/components/ui/notice";
import { StepUpButton } from "@/components/ui/step-up-button";
import type { ApiScope } from "@/lib/workspaces/types";
import { SCOPE_WORDS } from "./scopes";

type Make = (input: unknown) => Promise<ActionResult<{ id: string; secret: string }>>;

const SCOPES = Object.keys(SCOPE_WORDS) as ApiScope[];
const DAYS = [30, 90, 180, 365];

/** Asks what a new key may do and for how long, and shows it once. `stepUp`: where the person signs in once more before that. */
export function MakeKey({ make, stepUp }: { make: Make; stepUp: string | null }) {
  const [open, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setOpen(false);
    setSecret(null);
  };
  return (
    <>
      <StepUpButton variant="primary" stepUp={open ? null : stepUp} onClick={() => setOpen(true)}><Plus aria-hidden />Make API key</StepUpButton>
      {open && secret === null ? <KeyForm make={make} onMade={setSecret} onClose={close} /> : null}
      {secret === null ? null : (
        <Dialog open onOpenChange={(now) => !now && close()} title="Your new API key" description="Whoever has it can do what you chose. It is shown only now: keep it where your program keeps its secrets." footer={<Button variant="primary" onClick={close}>I have kept it</Button>}>
          <CopyField label="API key" value={secret} />
        </Dialog>
      )}
    </>
  );
}

function KeyForm({ make, onMade, onClose }: { make: Make; onMade: (secret: string) => void; onClose: () => void }) {
  const [scopes, setScopes] = useState<ReadonlySet<ApiScope>>(new Set(["read:status"]));
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, start] = useTransition();
  const toggle = (scope: ApiScope) => setScopes((now) => new Set(now.has(scope) ? [...now].filter((one) => one !== scope) : [...now, scope]));
  const submit = (form: FormData) => start(async () => {
    const result = await settled(make({ name: String(form.get("name")), days: Number(form.get("days")), scopes: [...scopes] }));
    if (result.ok) onMade(result.value.secret);
    else setProblem(result.message);
  });
  return (
    <Dialog
      open kind="panel" onOpenChange={(now) => !now && onClose()} title="Make an API key" description="For one program. It acts in your name, and never with more rights than you have at the time."
      footer={<><Button onClick={onClose}>Cancel</Button><Button type="submit" form="key" variant="primary" disabled={pending} aria-busy={pending || undefined}>Make API key</Button></>}
    >
      <Form id="key" className="space-y-5" action={submit}>
        {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
        <Field label="Name" hint="What will use it, so that others know it in the activity log.">{(control) => <Input {...control} name="name" maxLength={80} required autoComplete="off" placeholder="Nightly report" />}</Field>
        <Field label="Valid for">{(control) => <Select {...control} name="days" defaultValue="90">{DAYS.map((days) => <option key={days} value={days}>{days} days</option>)}</Select>}</Field>
        <fieldset>
          <legend className="mb-2 font-medium">Scopes</legend>
          <div className="space-y-3">{SCOPES.map((scope) => <CheckboxLine key={scope} checked={scopes.has(scope)} disabled={scope === "restore:remove" && !scopes.has("restore")} onCheckedChange={() => toggle(scope)} label={<span className="font-mono text-[0.8125rem]">{scope}</span>} hint={SCOPE_WORDS[scope]} />)}</div>
        </fieldset>
      </Form>
    </Dialog>
  );
}
