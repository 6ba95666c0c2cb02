"use client";

import { useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { CheckboxLine } from "@/components/ui/checkbox";
import { Notice } from "@/components/ui/notice";

export function NamesSwitch({ allowed, disabled, set }: { allowed: boolean; disabled: boolean; set: (allowed: boolean) => Promise<ActionResult> }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, start] = useTransition();
  const change = (next: boolean) => start(async () => {
    const result = await settled(set(next));
    setProblem(result.ok ? null : result.message);
  });
  return (
    <div className="space-y-3">
      <CheckboxLine checked={allowed} disabled={disabled} aria-busy={pending || undefined} onCheckedChange={(checked) => !pending && change(checked === true)} label="Name policies, accounts, Microsoft tenants and plans in messages" hint="Else a message says what kind of thing it is about and holds a link. Titles of tasks, comments and files are never in messages." />
      {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
    </div>
  );
}
