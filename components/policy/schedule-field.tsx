"use client";

import { useEffect, useRef, useState } from "react";
import type { ActionResult } from "@/components/action-result";
import { Field, Input, Select } from "@/components/ui/field";
import { RadioCards } from "@/components/ui/radio";
import type { Schedule } from "@/lib/workspaces/types";

export type PreviewSchedule = (schedule: Schedule) => Promise<ActionResult<{ text: string; nextRuns: string[] }>>;

type Kind = "manual" | "hourly" | "hours" | "daily" | "weekly" | "monthly";
const KINDS: Record<Kind, string> = { manual: "Manual", hourly: "Hourly", hours: "Every N hours", daily: "Daily", weekly: "Weekly", monthly: "Monthly" };
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/** The words follow the typing at this pace. */
const TYPING = 250;
const EVERY = [2, 3, 4, 6, 8, 12];

interface ScheduleFieldProps<S extends Schedule> {
  label: string;
  /** What can be chosen, of those that `S` has. */
  kinds: readonly Kind[];
  value: S;
  onChange: (value: S) => void;
  preview: PreviewSchedule;
  /** What is said where nothing runs by itself. */
  idle: string;
  /** The time zone offered first; else the viewer's. */
  timeZone?: string;
}

/** How often: human choices first, and the next five runs as the scheduler reckons them. */
export function ScheduleField<S extends Schedule>({ label, kinds, value: given, onChange, preview, idle, timeZone: offered }: ScheduleFieldProps<S>) {
  const value: Schedule = given;
  const kind: Kind = value.kind === "hours" && value.every === 1 ? "hourly" : value.kind;
  const at = "at" in value ? value.at : "02:00";
  const timeZone = "timeZone" in value ? value.timeZone : (offered ?? localZone());
  const change = (next: Schedule) => onChange(next as S);
  const choose = (next: Kind) => change(
    next === "manual" ? { kind: "manual" }
      : next === "hourly" ? { kind: "hours", every: 1 }
        : next === "hours" ? { kind: "hours", every: 6 }
          : next === "daily" ? { kind: "daily", at, timeZone }
            : { kind: next, day: 1, at, timeZone },
  );
  return (
    <div className="space-y-4">
      <RadioCards
        name={label}
        label={label}
        value={kind}
        onChange={choose}
        className={kinds.length > 3 ? "sm:grid-cols-5" : "sm:grid-cols-3"}
        choices={kinds.map((one) => ({ value: one, label: KINDS[one] }))}
      />
      <div className="flex flex-wrap gap-4">
        {kind === "hours" && value.kind === "hours" ? (
          <Field label="Hours between backups">{(control) => <Select {...control} value={value.every} onChange={(event) => change({ kind: "hours", every: Number(event.target.value) })}>{EVERY.map((every) => <option key={every} value={every}>{every} hours</option>)}</Select>}</Field>
        ) : null}
        {value.kind === "weekly" ? (
          <Field label="Day">{(control) => <Select {...control} value={value.day} onChange={(event) => change({ ...value, day: Number(event.target.value) })}>{DAYS.map((day, index) => <option key={day} value={index}>{day}</option>)}</Select>}</Field>
        ) : null}
        {value.kind === "monthly" ? (
          <Field label="Day of the month">{(control) => <Input {...control} type="number" min={1} max={28} required className="w-24" value={value.day} onChange={(event) => change({ ...value, day: Number(event.target.value) })} />}</Field>
        ) : null}
        {value.kind === "daily" || value.kind === "weekly" || value.kind === "monthly" ? (
          <>
            <Field label="Time">{(control) => <Input {...control} type="time" required className="w-32" value={value.at} onChange={(event) => change({ ...value, at: event.target.value })} />}</Field>
            <Field label="Time zone" className="min-w-0">{(control) => <Select {...control} className="max-w-full" value={value.timeZone} onChange={(event) => change({ ...value, timeZone: event.target.value })}>{zones(value.timeZone).map((zone) => <option key={zone} value={zone}>{zone.replaceAll("_", " ")}</option>)}</Select>}</Field>
          </>
        ) : null}
      </div>
      <NextRuns schedule={value} preview={preview} idle={idle} />
    </div>
  );
}

function NextRuns({ schedule, preview, idle }: { schedule: Schedule; preview: PreviewSchedule; idle: string }) {
  const [shown, setShown] = useState<{ text: string; nextRuns: string[]; problem?: string } | null>(null);
  const key = JSON.stringify(schedule);
  const pause = useRef(0); // what the page came with is said at once
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      const unknown = { ok: false as const, message: "Planback did not answer, so the next runs are not known. Look at your connection; what was chosen is kept." };
      void preview(JSON.parse(key) as Schedule).catch(() => unknown).then((result) => {
        if (!stale) setShown(result.ok ? result.value : { text: "", nextRuns: [], problem: result.message });
      });
    }, pause.current);
    pause.current = TYPING;
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
      ) : schedule.kind === "manual" ? <p className="text-[0.8125rem] text-muted">{idle}</p> : null}
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
