"use client";

import { useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Form } from "@/components/ui/form";

export function RenameForm({ name, rename }: { name: string; rename: (name: string) => Promise<ActionResult> }) {
  const [result, setResult] = useState<ActionResult | null>(null);
  const [pending, start] = useTransition();
  const submit = (form: FormData) => start(async () => setResult(await settled(rename(String(form.get("name") ?? "")))));
  return (
    <Form action={submit} className="max-w-md">
      <Field label="Workspace name" error={result && !result.ok ? result.message : null}>{(control) => <Input {...control} name="name" defaultValue={name} maxLength={120} />}</Field>
      <div className="mt-3 flex items-center gap-3">
        <Button type="submit" disabled={pending} aria-busy={pending || undefined}>Rename</Button>
        <span role="status" className="text-muted">{result?.ok ? "Renamed." : ""}</span>
      </div>
    </Form>
  );
}
