"use client";

import { useEffect, useState } from "react";
import type { ActionResult } from "@/components/action-result";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { CheckboxLine } from "@/components/ui/checkbox";
import { Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { plural } from "@/components/ui/text";
import type { PolicyInput, Retention, RetentionPreview } from "@/lib/workspaces/types";

const RULES: { rule: keyof Retention; label: string; unit: string; fallback: number }[] = [
  { rule: "keepCount", label: "Keep a number of the newest snapshots", unit: "Newest snapshots", fallback: 60 },
  { rule: "keepDays", label: "Keep all snapshots of a number of days", unit: "Days with all snapshots", fallback: 90 },
  { rule: "keepDaily", label: "Keep one snapshot a day", unit: "Days with one snapshot", fallback: 30 },
  { rule: "keepWeekly", label: "Keep one snapshot a week", unit: "Weeks with one snapshot", fallback: 52 },
  { rule: "keepMonthly", label: "Keep one snapshot a month", unit: "Months with one snapshot", fallback: 24 },
  { rule: "keepYearly", label: "Keep one snapshot a year", unit: "Years with one snapshot", fallback: 10 },
];
const UNKNOWN: ActionResult<RetentionPreview> = { ok: false, code: "internal", message: "Planback did not answer, so it is not known what this would take away. Look at your connection before you save." };
/** Typing a number asks once. */
const PAUSE_MS = 400;

export function retentionOf({ keepCount, keepDays, keepDaily = null, keepWeekly = null, keepMonthly = null, keepYearly = null }: PolicyInput): Retention {
  return { keepCount, keepDays, keepDaily, keepWeekly, keepMonthly, keepYearly };
}

interface RetentionFieldProps {
  initial: Retention;
  value: Retention;
  onChange: (value: Retention) => void;
  preview?: (retention: Retention) => Promise<ActionResult<RetentionPreview>>;
}

/** What is kept; and of a policy that exists, what a change would take away before it is saved. */
export function RetentionField({ initial, value, onChange, preview }: RetentionFieldProps) {
  const [answer, setAnswer] = useState<{ key: string; result: ActionResult<RetentionPreview> } | null>(null);
  const [first] = useState(() => JSON.stringify(initial));
  const key = JSON.stringify(value);
  const isChanged = key !== first;
  useEffect(() => {
    if (!preview || !isChanged) return;
    let stale = false;
    const timer = setTimeout(async () => {
      const result = await preview(JSON.parse(key) as Retention).catch(() => UNKNOWN);
      if (!stale) setAnswer({ key, result });
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [preview, isChanged, key]);
  const result = isChanged && answer?.key === key ? answer.result : null;
  return (
    <Card aria-labelledby="retention-title">
      <CardHeader id="retention-title" title="Retention">A snapshot goes when nothing that is ticked keeps it. The latest complete snapshot of a plan always stays.</CardHeader>
      <CardBody className="space-y-4">
        {RULES.map(({ rule, label, unit, fallback }) => {
          const number = value[rule];
          return (
            <div key={rule} className="space-y-2">
              <CheckboxLine label={label} checked={number !== null} onCheckedChange={(on) => onChange({ ...value, [rule]: on === true ? fallback : null })} />
              {number !== null ? <Input type="number" min={1} max={36_500} required aria-label={unit} value={number} onChange={(event) => onChange({ ...value, [rule]: Number(event.target.value) })} className="ml-8 w-28" /> : null}
            </div>
          );
        })}
        {Object.values(value).every((number) => number === null) ? <p className="text-muted">Without a limit every snapshot is kept.</p> : null}
        {result?.ok ? <Consequence preview={result.value} /> : null}
        {result && !result.ok ? <Notice tone="danger" live>{result.message}</Notice> : null}
      </CardBody>
    </Card>
  );
}

function Consequence({ preview: { snapshots, plans, kept } }: { preview: RetentionPreview }) {
  if (snapshots === 0) return <Notice tone="ok" live>No snapshot that exists goes with this: {plural(kept, "snapshot stays", "snapshots stay")}.</Notice>;
  return (
    <Notice tone="warn" live title={`${plural(snapshots, "snapshot")} of ${plural(plans, "plan")} would go`}>
      They leave the timelines with the next backup of each plan, and storage 14 days later. {plural(kept, "snapshot stays", "snapshots stay")}.
    </Notice>
  );
}
