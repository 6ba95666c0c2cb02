"use client";

import { useMemo, useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Field, Input } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Notice } from "@/components/ui/notice";
import type { Catalogue, PolicyInput, Retention, RetentionPreview } from "@/lib/workspaces/types";
import { PlanTree } from "./plan-tree";
import { RetentionField, retentionOf } from "./retention-field";
import { ScheduleField, type PreviewSchedule } from "./schedule-field";
import { choicesOf, selectionOf } from "./tree";
import { Unprotectable } from "./unprotectable";

interface PolicyEditorProps {
  initial: PolicyInput;
  catalogue: Catalogue;
  save: (input: PolicyInput) => Promise<ActionResult>;
  preview: PreviewSchedule;
  /** Of a policy that exists: what would leave the timelines. */
  previewRetention?: (retention: Retention) => Promise<ActionResult<RetentionPreview>>;
}

/** Plans, schedule, retention and name of a policy on one page. */
export function PolicyEditor({ initial, catalogue, save, preview, previewRetention }: PolicyEditorProps) {
  const [choices, setChoices] = useState(() => choicesOf(initial.selection));
  const [schedule, setSchedule] = useState(initial.schedule);
  const [name, setName] = useState(initial.name);
  const [retention, setRetention] = useState<Retention>(() => retentionOf(initial));
  const [result, setResult] = useState<ActionResult | null>(null);
  const [pending, start] = useTransition();
  const selection = useMemo(() => selectionOf(choices), [choices]);
  const submit = () => start(async () => {
    setResult(null);
    const answer = await settled(save({ name, connectionId: initial.connectionId, selection, schedule, ...retention }));
    if (answer) setResult(answer);
  });
  return (
    <Form className="space-y-4" action={submit}>
      <Card aria-labelledby="plans-title">
        <CardHeader id="plans-title" title="Plans">What is greyed cannot be read by the account; the reason and the remedy stand beside it.</CardHeader>
        <CardBody><PlanTree catalogue={catalogue} choices={choices} onChange={setChoices} /></CardBody>
      </Card>
      <Unprotectable catalogue={catalogue} />
      <Card aria-labelledby="schedule-title">
        <CardHeader id="schedule-title" title="Schedule" />
        <CardBody><ScheduleField label="Schedule" kinds={["manual", "hourly", "hours", "daily", "weekly"]} value={schedule} onChange={setSchedule} preview={preview} idle="Nothing runs by itself: start it with “Back up now”." /></CardBody>
      </Card>
      <RetentionField initial={retentionOf(initial)} value={retention} onChange={setRetention} preview={previewRetention} />
      <Card aria-labelledby="name-title">
        <CardHeader id="name-title" title="Name" />
        <CardBody><Field label="Policy name">{(control) => <Input {...control} value={name} maxLength={120} onChange={(event) => setName(event.target.value)} className="max-w-md" />}</Field></CardBody>
      </Card>
      {result && !result.ok ? <Notice tone="danger" live>{result.message}</Notice> : null}
      {result?.ok ? <Notice tone="ok" live>Saved.</Notice> : null}
      <Button type="submit" variant="primary" disabled={pending} aria-busy={pending || undefined}>Save policy</Button>
    </Form>
  );
}
