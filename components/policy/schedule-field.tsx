"use client";

import { useEffect, useState } from "react";
import type { ActionResult } from "@/components/action-result";
import { Field, Input, Select } from "@/components/ui/field";
import { RadioCards } from "@/components/ui/radio";
import type { PolicySchedule } from "@/lib/workspaces/types";

export type PreviewSchedule = (schedule: PolicySchedule) => Promise<ActionResult<{ text: string; nextRuns: string[] }>>;

type Kind = "manual" | "hourly" | "hours" | "daily" | "weekly";
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const EVERY = [2, 3, 4, 6, 8, 12];

interface ScheduleFieldProps { value: PolicySchedule; onChange: (value: PolicySchedule) => void; preview: PreviewSchedule }

/** How often: human choices first, and the next five runs from the scheduler's own parser. */
export function ScheduleField({ value, onChange, preview }: ScheduleFieldProps) {
  const kind: Kind = value.kind === "hours" && value.every === 1 ? "hourly" : value.kind;
  const at = "at" in value ? value.at : "02:00";
  const timeZone = "timeZone" in value ? value.timeZone : localZone();
  const choose = (next: Kind) => onChange(
    next === "manual" ? { kind: "manual" }
      : next === "hourly" ? { kind: "hours", every: 1 }
        : next === "hours" ? { kind: "hours", every: 6 }
          : next === "daily" ? { kind: "daily", at, timeZone }
            : { kind: "weekly", day: 1, at, timeZone },
  );
  return (
    <div className="space-y-4">
      <RadioCards
        name="schedule"
        label="Schedule"
        value={kind}
        onChange={choose}
        className="sm:grid-cols-5"
        choices={[{ value: "manual", label: "Manual" }, { value: "hourly", label: "Hourly" }, { value: "hours", label: "Every N hours" }, { value: "daily", label: "Daily" }, { value: "weekly", label: "Weekly" }]}
      />
      <div className="flex flex-wrap gap-4">
        {kind === "hours" && value.kind === "hours" ? (
          <Field label="Hours between backups">{(control) => <Select {...control} value={value.every} onChange={(event) => onChange({ kind: "hours", every: Number(event.target.value) })}>{EVERY.map((every) => <option key={every} value={every}>{every} hours</option>)}</Select>}</Field>
        ) : null}
        {value.kind === "weekly" ? (
          <Field label="Day">{(control) => <Select {...control} value={value.day} onChange={(event) => onChange({ ...value, day: Number(event.target.value) })}>{DAYS.map((day, index) => <option key={day} value={index}>{day}</option>)}</Select>}</Field>
        ) : null}
        {value.kind === "daily" || value.kind === "weekly" ? (
          <>
            <Field label="Time">{(control) => <Input {...control} type="time" required className="w-32" value={value.at} onChange={(event) => onChange({ ...value, at: event.target.value })} />}</Field>
            <Field label="Time zone" className="min-w-0">{(control) => <Select {...control} className="max-w-full" value={value.timeZone} onChange={(event) => onChange({ ...value, timeZone: event.target.value })}>{zones(value.timeZone).map((zone) => <option key={zone} value={zone}>{zone.replaceAll("_", " ")}</option>)}</Select>}</Field>
          </>
        ) : null}
      </div>
      <NextRuns schedule={value} preview={preview} />
    </div>
  );
}

function NextRuns({ schedule, preview }: { schedule: PolicySchedule; preview: PreviewSchedule }) {
  const [shown, setShown] = useState<{ text: string; nextRuns: string[]; problem?: string } | null>(null);
  const key = JSON.stringify(schedule);
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      void preview(JSON.parse(key) as PolicySchedule).then((result) => {
        if (!stale) setShown(result.ok ? result.value : { text: "", nextRuns: [], problem: result.message });
      });
    }, 250);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [key, preview]);
  const zone = "timeZone" in schedule ? schedule.timeZone : localZone();
  if (!shown) return null;
  if (shown.problem) return <p role="alert" className="text-danger">{shown.problem}</p>;
  return (
    <div className="rounded-lg bg-subtle px-4 py-3">
      <p role="status" className="font-medium">{shown.text}</p>
      {shown.nextRuns.length > 0 ? (
        <>
          <p className="mt-1 text-[0.8125rem] text-muted">Next runs ({zone.replaceAll("_", " ")})</p>
          <ol className="mt-1 flex flex-wrap gap-x-5 gap-y-1 text-[0.8125rem] tabular-nums">{shown.nextRuns.map((run) => <li key={run}>{inZone(run, zone)}</li>)}</ol>
        </>
      ) : <p className="text-[0.8125rem] text-muted">Nothing runs by itself: start it with “Back up now”.</p>}
    </div>
  );
}

function inZone(iso: string, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone }).format(new Date(iso));
  } catch {
    return iso;
  }
}

function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

function zones(current: string): string[] {
  return [...new Set([current, "UTC", ...Intl.supportedValuesOf("timeZone")])];
}
