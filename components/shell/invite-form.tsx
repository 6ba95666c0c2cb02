"use client";

import { useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { CopyField } from "@/components/ui/copy";
import { Field, Input, Select } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Notice } from "@/components/ui/notice";
import type { GroupView, Role } from "@/lib/workspaces/types";
import { GroupsButton } from "./groups-button";
import { ROLE_NAMES, ROLE_SENTENCES } from "./roles";

/** `canMail`: the installation can send the link itself. `groups`: the groups to choose from; null: not this person's choice. */
export function InviteForm({ roles, groups: known, canMail, create }: { roles: Role[]; groups: GroupView[] | null; canMail: boolean; create: (role: Role, email?: string, groups?: string[] | null) => Promise<ActionResult<{ id: string; link: string }>> }) {
  const [role, setRole] = useState<Role>("operator");
  const [result, setResult] = useState<ActionResult<{ link: string }> | null>(null);
  const [pending, start] = useTransition();
  const [email, setEmail] = useState("");
  const [chosen, setChosen] = useState<string[] | null>(null);
  const groups = role === "owner" ? null : chosen;
  const submit = () => start(async () => {
    const made = await settled(create(role, email.trim() || undefined, groups));
    if (made.ok) setEmail("");
    setResult(made);
  });
  return (
    <div className="space-y-4">
      <Form action={submit} className="flex flex-wrap items-end gap-3">
        <Field label="Role">{(control) => <Select {...control} value={role} onChange={(event) => setRole(event.target.value as Role)}>{roles.map((each) => <option key={each} value={each}>{ROLE_NAMES[each]}</option>)}</Select>}</Field>
        {known && role !== "owner" ? <GroupsButton stepUp={null} whose="the invited person" known={known} value={groups} apply={(next) => { setChosen(next); return { ok: true, value: undefined }; }} /> : null}
        {canMail ? <Field label="E-mail (optional)">{(control) => <Input {...control} type="email" value={email} autoComplete="off" onChange={(event) => setEmail(event.target.value)} />}</Field> : null}
        <Button type="submit" variant="primary" disabled={pending} aria-busy={pending || undefined}>{email.trim() ? "Send invitation" : "Make invitation link"}</Button>
      </Form>
      <p className="text-muted">{ROLE_SENTENCES[role]}</p>
      {result?.ok ? <div role="status" className="space-y-2"><p className="font-medium">The link is ready. It is shown only now.</p><CopyField label="Invitation link" value={result.value.link} /></div> : null}
      {result && !result.ok ? <Notice tone="danger" live>{result.message}</Notice> : null}
    </div>
  );
}
