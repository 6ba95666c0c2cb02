"use client";

import Link from "next/link";
import { useDeferredValue, useMemo, useState } from "react";
import { Search, SquareDashedMousePointer } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio";
import { plural } from "@/components/ui/text";
import { TickTree } from "@/components/ui/tick-tree";
import { Time } from "@/components/ui/time";
import type { Choices } from "./choices";
import { ItemLine } from "./item-line";
import { filterItems, itemRows, toggleItem, type ItemFilter, type ItemRow } from "./item-rows";
import { damageSelection, sameSelection, type RestoreItems, type Selection } from "./items";

interface WhatProps {
  items: RestoreItems;
  choices: Choices;
  boardHref: string;
  onChange: (change: Partial<Choices>) => void;
}

/** What to restore: everything, or buckets, tasks and single fields, with what became of each since the snapshot. */
export function What({ items, choices, boardHref, onChange }: WhatProps) {
  const { selection } = choices;
  return (
    <Card aria-labelledby="what-title">
      <CardHeader id="what-title" title="What" />
      <CardBody className="space-y-4">
        <Damage items={items} choices={choices} onChange={onChange} />
        <RadioCards
          name="what"
          label="What to restore"
          value={choices.what}
          onChange={(what) => onChange({ what })}
          className="md:grid-cols-2"
          choices={[
            { value: "all", label: "The whole plan", hint: `${plural(items.taskCount, "task")} with buckets and labels` },
            { value: "chosen", label: "Chosen buckets and tasks", hint: selection.tasks.size + selection.buckets.size > 0 ? `${selectedText(selection)} selected` : "Tick them in a list, or on the board" },
          ]}
        />
        {choices.what === "chosen" ? <Chooser items={items} selection={selection} withFields={choices.where === "in_place"} boardHref={boardHref} onChange={(next) => onChange({ selection: next })} /> : null}
      </CardBody>
    </Card>
  );
}

/** What was lost since, in a sentence, and one click that selects it. */
function Damage({ items, choices, onChange }: Pick<WhatProps, "items" | "choices" | "onChange">) {
  const { compared, damaged, added } = items;
  if (!compared) return <p className="text-muted">This is the newest snapshot of the plan. What changed since it was taken is found by the preview of a restore in place, which reads Planner as it is now.</p>;
  const parts = [
    ...(damaged.deleted > 0 ? [`${plural(damaged.deleted, "task")} deleted`] : []),
    ...(damaged.changed > 0 ? [`${plural(damaged.changed, "task")} changed`] : []),
    ...(damaged.buckets > 0 ? [`${plural(damaged.buckets, "bucket")} deleted or changed`] : []),
  ];
  const newer = <>compared with the newest snapshot, of <Time value={compared.takenAt} />{compared.beforeRestore ? ", taken right before a restore: what that restore mended is still counted, and the preview leaves it out" : ""}</>;
  const also = added.tasks + added.buckets > 0 ? ` ${[...(added.tasks > 0 ? [plural(added.tasks, "task")] : []), ...(added.buckets > 0 ? [plural(added.buckets, "bucket")] : [])].join(" and ")} new since.` : "";
  if (parts.length === 0) return <p className="text-muted">Nothing was deleted or changed since, {newer}.{also}</p>;
  const select = damageSelection(items);
  const selected = choices.what === "chosen" && sameSelection(choices.selection, select);
  return (
    <Notice
      title={`Since this snapshot: ${parts.join(", ")}`}
      actions={<Button size="small" className="h-auto min-h-8 max-w-full py-1 whitespace-normal" aria-pressed={selected} disabled={selected} onClick={() => onChange({ what: "chosen", selection: select })}><SquareDashedMousePointer aria-hidden />{selected ? "Selected: what was deleted or changed" : "Select what was deleted or changed"}</Button>}
    >
      As {newer}.{also}
    </Notice>
  );
}

const STATES: { value: ItemFilter["state"]; label: string }[] = [
  { value: "all", label: "All" },
  { value: "damaged", label: "Deleted or changed" },
  { value: "deleted", label: "Deleted since" },
  { value: "changed", label: "Changed since" },
  { value: "unchanged", label: "Unchanged" },
];
/** Up to so many tasks all buckets are open at first. */
const SMALL = 60;

function Chooser({ items, selection, withFields, boardHref, onChange }: { items: RestoreItems; selection: Selection; withFields: boolean; boardHref: string; onChange: (selection: Selection) => void }) {
  const [filter, setFilter] = useState<ItemFilter>({ query: "", state: "all" });
  const [flipped, setFlipped] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(filter);
  const shown = useMemo(() => filterItems(items.buckets, wanted), [items, wanted]);
  const opened = items.taskCount <= SMALL || wanted.query.trim() !== "" || wanted.state !== "all";
  const rows = useMemo(() => itemRows(items.buckets, shown, selection, flipped, { opened, withFields }), [items, shown, selection, flipped, opened, withFields]);
  const flip = (row: ItemRow) => setFlipped((before) => {
    const next = new Set(before);
    if (!next.delete(row.key)) next.add(row.key);
    return next;
  });
  const partial = selection.fields.size;
  return (
    <div>
      <div className="flex flex-wrap items-center gap-2">
        <div className="relative min-w-52 flex-1">
          <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted" />
          <Input type="search" aria-label="Search buckets and tasks" placeholder="Search buckets and tasks" value={filter.query} onChange={(event) => setFilter({ ...filter, query: event.target.value })} className="pl-9" />
        </div>
        {items.compared ? <Select aria-label="Show" value={filter.state} onChange={(event) => setFilter({ ...filter, state: event.target.value as ItemFilter["state"] })}>{STATES.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}</Select> : null}
      </div>
      <TickTree label="Buckets and tasks" rows={rows} onTick={(row) => onChange(toggleItem(selection, row))} onExpand={flip} empty="Nothing matches." className="mt-3 max-h-96 min-h-24">
        {(row) => <ItemLine row={row} compared={items.compared !== null} />}
      </TickTree>
      <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-[0.8125rem] text-muted">
        <p role="status" className="tabular-nums"><strong className="font-medium text-ink">{selectedText(selection)} selected</strong>{partial > 0 ? withFields ? `, ${plural(partial, "task")} with single fields only` : `. Single fields can only be set back in place; elsewhere the whole task is made` : ""}</p>
        <Link href={boardHref} className="rounded py-1 underline underline-offset-2 hover:text-ink">Choose tasks on the board</Link>
      </div>
    </div>
  );
}

function selectedText({ tasks, buckets }: Selection): string {
  return `${buckets.size > 0 ? `${plural(buckets.size, "bucket")}, ` : ""}${plural(tasks.size, "task")}`;
}
