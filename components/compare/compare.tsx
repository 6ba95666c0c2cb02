"use client";

import { useDeferredValue, useMemo, useState } from "react";
import Link from "next/link";
import { ArchiveRestore, Search, X } from "lucide-react";
import { useAddress } from "@/components/address";
import { Button } from "@/components/ui/button";
import { Input, Select } from "@/components/ui/field";
import { plural } from "@/components/ui/text";
import { TickTree } from "@/components/ui/tick-tree";
import { Line } from "./line";
import type { CompareModel } from "./model";
import { chooseAll, compareRows, filterBuckets, NOTHING, restoreParams, toggle, type Chosen, type CompareFilter, type CompareRow } from "./rows";

interface CompareProps {
  model: CompareModel;
  /** The restore form of the older snapshot; null when the role may not restore. */
  restoreUrl: string | null;
  /** The newer side is the plan's newest snapshot. */
  isNewest: boolean;
}

const ONLY: { value: CompareFilter["only"]; label: string }[] = [
  { value: "all", label: "Everything" }, { value: "removed", label: "Only deletions" }, { value: "changed", label: "Only changes" }, { value: "added", label: "Only additions" }, { value: "text", label: "Only texts" },
];
/** Up to so many tasks the fields are shown at once. */
const SMALL = 80;

/** Differences by bucket, task and field, with a filter and a selection to restore. The filter lives in the address. */
export function Compare({ model, restoreUrl, isNewest }: CompareProps) {
  const [get, set] = useAddress();
  const [filter, setFilter] = useState<CompareFilter>({ query: get("q") ?? "", only: ONLY.find(({ value }) => value === get("only"))?.value ?? "all" });
  const [chosen, setChosen] = useState<Chosen>(NOTHING);
  const [flipped, setFlipped] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(filter);
  const shown = useMemo(() => filterBuckets(model.buckets, wanted), [model, wanted]);
  const opened = model.tasks.added + model.tasks.changed + model.tasks.removed <= SMALL;
  const rows = useMemo(() => compareRows(shown, chosen, flipped, { opened, mayRestore: restoreUrl !== null }), [shown, chosen, flipped, opened, restoreUrl]);
  const change = (some: Partial<CompareFilter>) => {
    const next = { ...filter, ...some };
    setFilter(next);
    set({ q: next.query, only: next.only === "all" ? null : next.only });
  };
  const flip = (row: CompareRow) => setFlipped((before) => {
    const next = new Set(before);
    if (!next.delete(row.key)) next.add(row.key);
    return next;
  });
  const all = useMemo(() => chooseAll(shown), [shown]);
  const tasksShown = shown.reduce((sum, { tasks }) => sum + tasks.length, 0);
  return (
    <section aria-label="Differences">
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <div className="relative min-w-52 flex-1">
          <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted" />
          <Input type="search" aria-label="Filter differences" placeholder="Filter by task or bucket" value={filter.query} onChange={(event) => change({ query: event.target.value })} className="pl-9" />
        </div>
        <Select aria-label="Show" value={filter.only} onChange={(event) => change({ only: event.target.value as CompareFilter["only"] })}>{ONLY.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}</Select>
        <p role="status" className="text-muted tabular-nums">{plural(tasksShown, "task")}</p>
      </div>
      <TickTree label="Differences by bucket" rows={rows} onTick={(row) => setChosen(toggle(chosen, row))} onExpand={flip} empty="Nothing matches this filter." className="max-h-[70vh] min-h-32">
        {(row) => <Line row={row} />}
      </TickTree>
      {restoreUrl ? (
        <div className="mt-3 flex flex-wrap items-center gap-3">
          <Button size="small" onClick={() => setChosen(all)} disabled={all.tasks.size + all.buckets.size === 0}>Select all that can be restored</Button>
          <p className="text-[0.8125rem] text-muted">What was removed or changed can be restored as the older snapshot holds it; what was added stays.</p>
        </div>
      ) : null}
      <SelectionBar model={model} chosen={chosen} restoreUrl={restoreUrl} isNewest={isNewest} onClear={() => setChosen(NOTHING)} />
    </section>
  );
}

function SelectionBar({ model, chosen, restoreUrl, isNewest, onClear }: CompareProps & { chosen: Chosen; onClear: () => void }) {
  const tasks = chosen.tasks.size + chosen.fields.size;
  const parts = [...(chosen.buckets.size > 0 ? [plural(chosen.buckets.size, "bucket")] : []), ...(tasks > 0 || chosen.buckets.size === 0 ? [plural(tasks, "task")] : [])].join(" and ");
  const params = useMemo(() => restoreParams(model.buckets, chosen, isNewest), [model, chosen, isNewest]);
  if (!restoreUrl || tasks + chosen.buckets.size === 0) return null;
  return (
    <div role="region" aria-label="Selection" className="sticky bottom-4 z-20 mx-auto mt-3 flex w-fit max-w-full flex-wrap items-center gap-3 rounded-xl border border-line bg-surface px-4 py-2.5 shadow-lg">
      <span role="status" className="font-medium tabular-nums">{parts} selected</span>
      {params ? <Button variant="primary" asChild><Link href={`${restoreUrl}?${params}`} prefetch={false}><ArchiveRestore aria-hidden />Restore selected…</Link></Button>
        : <span className="max-w-80 text-[0.8125rem] text-muted">More than a link can hold. <Link href={restoreUrl} prefetch={false} className="underline underline-offset-2">Choose in the restore form</Link>, which offers what was deleted or changed at once.</span>}
      <Button variant="ghost" size="icon" aria-label="Clear selection" onClick={onClear}><X aria-hidden /></Button>
    </div>
  );
}
