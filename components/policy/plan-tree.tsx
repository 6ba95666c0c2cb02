"use client";

import { useDeferredValue, useMemo, useState } from "react";
import { Search, Sparkles, Users } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import { plural } from "@/components/ui/text";
import { TickTree } from "@/components/ui/tick-tree";
import type { Catalogue } from "@/lib/workspaces/types";
import { filterCatalogue, groupsWith, toggle, totals, treeRows, type Choices, type TreeRow } from "./tree";

/** So few groups are open at first. */
const FEW = 12;

interface PlanTreeProps { catalogue: Catalogue; choices: Choices; onChange: (choices: Choices) => void }

/** Groups and plans to choose from, with what cannot be chosen and why. */
export function PlanTree({ catalogue, choices, onChange }: PlanTreeProps) {
  const [query, setQuery] = useState("");
  // Of a policy that exists, what it holds comes first: among hundreds of groups it would have to be looked for.
  const [only, setOnly] = useState(() => groupsWith(choices));
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(() => new Set(catalogue.groups.length <= FEW ? catalogue.groups.map((group) => group.id) : only && only.size <= FEW ? only : []));
  const wanted = useDeferredValue(query);
  const searching = wanted.trim() !== "";
  // A search looks through all.
  const groups = useMemo(() => (only && !searching ? catalogue.groups.filter(({ id }) => only.has(id)) : filterCatalogue(catalogue, wanted)), [catalogue, wanted, only, searching]);
  const rows = useMemo(() => treeRows(catalogue, groups, choices, expanded, searching), [catalogue, groups, choices, expanded, searching]);
  const sums = useMemo(() => totals(catalogue, choices), [catalogue, choices]);
  const open = (row: TreeRow, on: boolean) => setExpanded((before) => {
    const next = new Set(before);
    if (on) next.add(row.group.id);
    else next.delete(row.group.id);
    return next;
  });

  return (
    <div>
      <div className="flex flex-wrap items-center gap-2">
        <div className="relative min-w-52 flex-1">
          <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted" />
          <Input type="search" aria-label="Search groups and plans" placeholder="Search groups and plans" value={query} onChange={(event) => setQuery(event.target.value)} className="pl-9" />
        </div>
        <Button size="small" variant="ghost" aria-pressed={only !== null} className={cn(only && "bg-subtle text-ink")} onClick={() => setOnly(only ? null : groupsWith(choices) ?? new Set())}>Only selected</Button>
        <Button size="small" variant="ghost" onClick={() => setExpanded(new Set(catalogue.groups.map((group) => group.id)))}>Open all</Button>
        <Button size="small" variant="ghost" onClick={() => setExpanded(new Set())}>Close all</Button>
      </div>
      <TickTree
        label="Groups and plans"
        rows={rows}
        onTick={(row) => onChange(toggle(choices, row))}
        onExpand={open}
        empty={catalogue.groups.length === 0 ? "The account sees no groups yet." : searching ? "Nothing matches this search." : "None of the groups in this list is selected."}
        estimate={(row) => (row.disabled ? 58 : 36)}
        className="mt-3 h-[26rem]"
      >
        {(row) => <Row row={row} />}
      </TickTree>
      <p role="status" className="mt-2 text-[0.8125rem] text-muted tabular-nums">
        <strong className="font-medium text-ink">{plural(sums.plans, "plan")} in {plural(sums.groups, "group")} selected</strong>
        {sums.newIn > 0 ? `, and new plans of ${plural(sums.newIn, "group")}` : ""}. {sums.reachable.toLocaleString("en")} can be selected{sums.unreachable > 0 ? `, ${sums.unreachable.toLocaleString("en")} cannot` : ""}.
      </p>
    </div>
  );
}

function Row({ row }: { row: TreeRow }) {
  if (row.kind === "group") {
    const { group } = row;
    return (
      <>
        <span className="min-w-0 flex-1">
          <span className={cn("flex items-center gap-2 font-medium", group.unreachable && "text-muted")}>
            <Users aria-hidden className="size-3.5 shrink-0 text-muted" /><span className="truncate">{group.name}</span>
            <span className="hidden text-xs font-normal text-muted sm:inline">{group.visibility === "HiddenMembership" ? "Hidden membership" : group.visibility}</span>
          </span>
          {group.unreachable ? <Reason {...group.unreachable} /> : null}
        </span>
        <span className={cn("shrink-0 text-[0.8125rem] text-muted tabular-nums", group.unreachable && "hidden sm:inline")}>{group.unreachable ? "Not reachable" : <>{row.selected} of {group.plans.length}<span className="sr-only"> selected</span></>}</span>
      </>
    );
  }
  if (row.kind === "new") {
    return <span className="flex min-w-0 items-center gap-1.5 text-muted"><Sparkles aria-hidden className="size-3.5 shrink-0" /><span className="truncate">Include new plans of this group</span><span className="sr-only">: {row.group.name}</span></span>;
  }
  // The reason of a whole group stands on its row; it is said again for those who hear only this one.
  return (
    <span className="min-w-0 flex-1">
      <span className={cn("block truncate", row.unreachable && "text-muted")}>{row.title}</span>
      {row.unreachable ? <Reason {...row.unreachable} hidden={row.group.unreachable !== null} /> : null}
    </span>
  );
}

function Reason({ reason, remedy, hidden = false }: { reason: string; remedy: string; hidden?: boolean }) {
  return <span className={hidden ? "sr-only" : "block text-[0.8125rem] font-normal text-muted"}>{reason} {remedy}</span>;
}
