"use client";

import { useMemo, useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { CheckboxLine } from "@/components/ui/checkbox";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { Catalogue, PolicyInput } from "@/lib/workspaces/types";
import { PlanTree } from "./plan-tree";
import { ScheduleField, type PreviewSchedule } from "./schedule-field";
import { choicesOf, selectionOf } from "./tree";
import { Unprotectable } from "./unprotectable";

interface PolicyEditorProps {
  initial: PolicyInput;
  catalogue: Catalogue;
  save: (input: PolicyInput) => Promise<ActionResult>;
  preview: PreviewSchedule;
}

/** Plans, schedule, retention and name of a policy on one page. */
export function PolicyEditor({ initial, catalogue, save, preview }: PolicyEditorProps) {
  const [choices, setChoices] = useState(() => choicesOf(initial.selection));
  const [schedule, setSchedule] = useState(initial.schedule);
  const [name, setName] = useState(initial.name);
  const [keepCount, setKeepCount] = useState(initial.keepCount);
  const [keepDays, setKeepDays] = useState(initial.keepDays);
  const [result, setResult] = useState<ActionResult | null>(null);
  const [pending, start] = useTransition();
  const selection = useMemo(() => selectionOf(choices), [choices]);
  const submit = () => start(async () => {
    setResult(null);
    const answer = await save({ name, connectionId: initial.connectionId, selection, schedule, keepCount, keepDays });
    if (answer) setResult(answer);
  });
  return (
    <form className="space-y-4" action={submit}>
      <Card aria-labelledby="plans-title">
        <CardHeader id="plans-title" title="Plans">What is greyed cannot be read by the account; the reason and the remedy stand beside it.</CardHeader>
        <CardBody><PlanTree catalogue={catalogue} choices={choices} onChange={setChoices} /></CardBody>
      </Card>
      <Unprotectable catalogue={catalogue} />
      <Card aria-labelledby="schedule-title">
        <CardHeader id="schedule-title" title="Schedule" />
        <CardBody><ScheduleField label="Schedule" kinds={["manual", "hourly", "hours", "daily", "weekly"]} value={schedule} onChange={setSchedule} preview={preview} idle="Nothing runs by itself: start it with “Back up now”." /></CardBody>
      </Card>
      <Card aria-labelledby="retention-title">
        <CardHeader id="retention-title" title="Retention">With both limits set, a snapshot goes only when it is beyond both. The latest complete snapshot of a plan always stays.</CardHeader>
        <CardBody className="space-y-4">
          <Keep label="Keep at most a number of snapshots of each plan" unit="Snapshots of each plan" value={keepCount} fallback={60} onChange={setKeepCount} />
          <Keep label="Keep snapshots for a number of days" unit="Days" value={keepDays} fallback={90} onChange={setKeepDays} />
          {keepCount === null && keepDays === null ? <p className="text-muted">Without a limit every snapshot is kept.</p> : null}
        </CardBody>
      </Card>
      <Card aria-labelledby="name-title">
        <CardHeader id="name-title" title="Name" />
        <CardBody><Field label="Policy name">{(control) => <Input {...control} value={name} maxLength={120} onChange={(event) => setName(event.target.value)} className="max-w-md" />}</Field></CardBody>
      </Card>
      {result && !result.ok ? <Notice tone="danger" live>{result.message}</Notice> : null}
      {result?.ok ? <Notice tone="ok" live>Saved.</Notice> : null}
      <Button type="submit" variant="primary" disabled={pending} aria-busy={pending || undefined}>Save policy</Button>
    </form>
  );
}

function Keep({ label, unit, value, fallback, onChange }: { label: string; unit: string; value: number | null; fallback: number; onChange: (value: number | null) => void }) {
  return (
    <div className="space-y-2">
      <CheckboxLine label={label} checked={value !== null} onCheckedChange={(on) => onChange(on === true ? fallback : null)} />
      {value !== null ? <Input type="number" min={1} max={10_000} required aria-label={unit} value={value} onChange={(event) => onChange(Number(event.target.value))} className="ml-8 w-28" /> : null}
    </div>
  );
}
