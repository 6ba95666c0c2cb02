"use client";

import { useState, useTransition } from "react";
import { ShieldCheck } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy";
import { Field, Input } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Notice } from "@/components/ui/notice";
import { plural } from "@/components/ui/text";
import type { ActivityCheck } from "@/lib/workspaces";

type Problem = NonNullable<ActivityCheck["problem"]>;

export function VerifyChain({ head, verify }: { head: string; verify: (anchor: string) => Promise<ActionResult<ActivityCheck>> }) {
  const [result, setResult] = useState<ActionResult<ActivityCheck> | null>(null);
  const [pending, start] = useTransition();
  const submit = (form: FormData) => start(async () => setResult(await settled(verify(String(form.get("anchor") ?? "")))));
  return (
    <Card aria-labelledby="chain-title">
      <CardHeader id="chain-title" title="Is the log as it was written?">Each entry holds the hash of the one before. Verifying computes them all again: an entry that was changed, taken out or put between shows.</CardHeader>
      <CardBody className="space-y-4">
        <Form action={submit} className="flex flex-wrap items-end gap-3">
          <Field label="Anchor noted earlier (optional)" hint="With it, entries cut off at the end show too. Exports and weekly digests hold one." className="min-w-0 flex-1 basis-72">{(control) => <Input {...control} name="anchor" autoComplete="off" spellCheck={false} placeholder="1234:9f86d081…" className="font-mono" />}</Field>
          <Button type="submit" disabled={pending} aria-busy={pending || undefined} className="sm:mb-[1.65rem]"><ShieldCheck aria-hidden />Verify chain</Button>
        </Form>
        {result ? <Result result={result} /> : null}
        <p aria-hidden className="mb-1.5 font-medium">The end of the log now, to note elsewhere</p>
        <CopyField label="The end of the log now, to note elsewhere" value={result?.ok && result.value.head ? `${result.value.head.seq}:${result.value.head.hash}` : head} />
      </CardBody>
    </Card>
  );
}

function Result({ result }: { result: ActionResult<ActivityCheck> }) {
  if (!result.ok) return <Notice tone="danger" live>{result.message}</Notice>;
  const { problem, entries } = result.value;
  if (problem) return <Notice tone="danger" live title="The log is not as it was written">{problemText(problem)} Tell the operator of this installation, and compare with an export from before.</Notice>;
  return <Notice tone="ok" live title="The chain is whole">{plural(entries, "entry", "entries")}: every one is there and unaltered.</Notice>;
}

function problemText(problem: Problem): string {
  switch (problem.kind) {
    case "empty":
      return "It is empty, although every workspace begins with an entry.";
    case "gap":
      return `After entry ${problem.expected - 1}, entry ${problem.seq} follows: what was between is missing.`;
    case "altered":
      return `Entry ${problem.seq} was changed after it was written.`;
    case "unlinked":
      return `Entry ${problem.seq} does not follow the entry before it: that one was written anew.`;
    case "anchor_missing":
      return `The anchor is of entry ${problem.seq}, but the log ends with ${problem.last}: the end was cut off.`;
    case "anchor_differs":
      return `Entry ${problem.seq} is not the one that the anchor was taken of: the log was written anew.`;
  }
}
