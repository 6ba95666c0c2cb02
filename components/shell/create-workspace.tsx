"use client";

import { useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Form } from "@/components/ui/form";

export function CreateWorkspaceForm({ action, suggestion }: { action: (name: string) => Promise<ActionResult<never>>; suggestion: string }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, start] = useTransition();
  const submit = (form: FormData) => start(async () => {
    setProblem(null);
    const result = await settled(action(String(form.get("name") ?? "")));
    if (result && !result.ok) setProblem(result.message);
  });
  return (
    <Form action={submit} className="mt-6 rounded-lg border border-line bg-surface p-5">
      <Field label="Workspace name" hint="Usually the name of your organization." error={problem}>
        {(control) => <Input {...control} name="name" defaultValue={suggestion} maxLength={120} autoComplete="organization" />}
      </Field>
      <Button type="submit" variant="primary" className="mt-4" disabled={pending} aria-busy={pending || undefined}>Create workspace</Button>
    </Form>
  );
}
