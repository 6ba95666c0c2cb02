"use client";

import { useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { Disclosure } from "@/components/ui/disclosure";
import { Field, Select } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Notice } from "@/components/ui/notice";
import { StepUpButton } from "@/components/ui/step-up-button";
import type { DrillInput, DrillsView } from "@/lib/workspaces/types";
import { ScheduleField, type PreviewSchedule } from "./schedule-field";

/** Where a policy's drills make their plan, of which plan, and when. */
export function DrillForm({ drills, save, preview, stepUp }: { drills: DrillsView; save: (input: DrillInput) => Promise<ActionResult>; preview: PreviewSchedule; stepUp: string | null }) {
  // As it was when the page came: what is saved later must not take the form away.
  const [isFresh] = useState(stepUp === null);
  const [groupId, setGroupId] = useState(drills.groupId ?? "");
  const [planId, setPlanId] = useState(drills.planId ?? "");
  const [schedule, setSchedule] = useState(drills.schedule);
  const [result, setResult] = useState<ActionResult | null>(null);
  const [pending, start] = useTransition();
  const submit = () => start(async () => {
    setResult(null);
    const answer = await settled(save({ schedule, groupId: groupId || null, planId: planId || null }));
    if (answer) setResult(answer);
  });
  const isUnknown = groupId !== "" && !drills.groups.some(({ id }) => id === groupId);
  const offered = drills.plans.some(({ id }) => id === planId) || planId === "" ? drills.plans : [...drills.plans, { id: planId, title: "The chosen plan, without a complete backup", provenAt: null }];
  const title = "Sandbox group, plan and schedule";
  if (!isFresh) return <StepUpButton stepUp={stepUp}>{title}…</StepUpButton>;
  return (
    <Disclosure summary={title} className="font-semibold" open={drills.groupId === null && drills.account !== null}>
      <Form className="space-y-4" action={submit}>
        <div className="flex flex-wrap gap-4">
          <Field label="Sandbox group" className="min-w-0" hint="A group for tests, with few members: they can read the restored plan while the drill runs.">
            {(control) => (
              <Select {...control} className="max-w-full" value={groupId} onChange={(event) => setGroupId(event.target.value)}>
                <option value="">Choose a group</option>
                {isUnknown ? <option value={groupId}>A group that the account is not in any more</option> : null}
                {drills.groups.map(({ id, name, isPrivate }) => <option key={id} value={id}>{name}{isPrivate ? " (private)" : ""}</option>)}
              </Select>
            )}
          </Field>
          <Field label="Plan to drill" className="min-w-0">
            {(control) => (
              <Select {...control} className="max-w-full" value={planId} onChange={(event) => setPlanId(event.target.value)}>
                <option value="">Each plan in its turn</option>
                {offered.map(({ id, title, provenAt }) => <option key={id} value={id}>{title}{provenAt ? ` (proven ${provenAt.slice(0, 10)})` : ""}</option>)}
              </Select>
            )}
          </Field>
        </div>
        <ScheduleField label="Drill schedule" kinds={["manual", "weekly", "monthly"]} value={schedule} onChange={setSchedule} preview={preview} timeZone={drills.timeZone} idle="No drill runs by itself: start one with “Run a drill now”." />
        {schedule.kind !== "manual" ? <Notice tone="warn" title="The write access stays">Otherwise it is erased eight hours after the sign-in. For as long as drills run on a schedule, the connection account keeps it; when you switch them off, it is erased within eight hours.</Notice> : null}
        {result && !result.ok ? <Notice tone="danger" live>{result.message}</Notice> : null}
        {result?.ok ? <Notice tone="ok" live>Saved.</Notice> : null}
        <Button type="submit" variant="primary" disabled={pending} aria-busy={pending || undefined}>Save drills</Button>
      </Form>
    </Disclosure>
  );
}
