"use client";

import { useDeferredValue, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Check, ChevronRight, Minus, Search, Sparkles, Users } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import { plural } from "@/components/ui/text";
import type { Catalogue } from "@/lib/workspaces/types";
import { filterCatalogue, isDisabled, toggle, totals, treeRows, type Choices, type Tick, type TreeRow } from "./tree";

interface PlanTreeProps { catalogue: Catalogue; choices: Choices; onChange: (choices: Choices) => void }

/**
 * Groups and plans with tri-state boxes. One tab stop; arrows move and open, Space ticks (WAI-ARIA tree pattern). The
 * focus stays on the tree and `aria-activedescendant` names the row, because rows out of view do not exist.
 */
export function PlanTree({ catalogue, choices, onChange }: PlanTreeProps) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(() => new Set(catalogue.groups.length <= 12 ? catalogue.groups.map((group) => group.id) : []));
  const [active, setActive] = useState(0);
  const wanted = useDeferredValue(query);
  const groups = useMemo(() => filterCatalogue(catalogue, wanted), [catalogue, wanted]);
  const rows = useMemo(() => treeRows(catalogue, groups, choices, expanded, wanted.trim() !== ""), [catalogue, groups, choices, expanded, wanted]);
  const sums = useMemo(() => totals(catalogue, choices), [catalogue, choices]);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are used in this component only
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index] && isDisabled(rows[index]) ? 58 : 36),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
  });
  const current = Math.min(active, Math.max(0, rows.length - 1));

  const open = (groupId: string, on: boolean) => setExpanded((before) => {
    const next = new Set(before);
    if (on) next.add(groupId);
    else next.delete(groupId);
    return next;
  });
  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const shownDisabled = (row: TreeRow) => row.kind !== "group" && isDisabled(row);
  const flip = (row: TreeRow) => onChange(toggle(choices, row));
  const onKey = (event: KeyboardEvent) => {
    const row = rows[current];
    if (!row) return;
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(current + 1),
      ArrowUp: () => go(current - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      PageDown: () => go(current + 10),
      PageUp: () => go(current - 10),
      ArrowRight: () => (row.kind === "group" && !row.expanded ? open(row.group.id, true) : go(current + 1)),
      ArrowLeft: () => (row.kind === "group" ? open(row.group.id, false) : go(rows.findIndex((each) => each.kind === "group" && each.group.id === row.group.id))),
      " ": () => flip(row),
      Enter: () => flip(row),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  return (
    <div>
      <div className="flex flex-wrap items-center gap-2">
        <div className="relative min-w-52 flex-1">
          <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted" />
          <Input type="search" aria-label="Search groups and plans" placeholder="Search groups and plans" value={query} onChange={(event) => { setQuery(event.target.value); setActive(0); }} className="pl-9" />
        </div>
        <Button size="small" variant="ghost" onClick={() => setExpanded(new Set(catalogue.groups.map((group) => group.id)))}>Open all</Button>
        <Button size="small" variant="ghost" onClick={() => setExpanded(new Set())}>Close all</Button>
      </div>
      <div ref={scroller} className="mt-3 h-[26rem] overflow-auto rounded-lg border border-line bg-surface">
        {rows.length === 0 ? <p className="px-4 py-10 text-center text-muted">{catalogue.groups.length === 0 ? "The account sees no groups yet." : "Nothing matches this search."}</p> : (
          <div
            role="tree"
            aria-label="Groups and plans"
            tabIndex={0}
            aria-activedescendant={`${id}-${current}`}
            onKeyDown={onKey}
            className="group/tree relative w-full outline-none"
            style={{ height: virtual.getTotalSize() }}
          >
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              if (!row) return null;
              return (
                <div
                  key={item.key}
                  id={`${id}-${item.index}`}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  role="treeitem"
                  aria-level={row.kind === "group" ? 1 : 2}
                  aria-posinset={row.position}
                  aria-setsize={row.siblings}
                  aria-expanded={row.kind === "group" ? row.expanded : undefined}
                  aria-checked={row.tick === "mixed" ? "mixed" : row.tick === "checked"}
                  aria-disabled={isDisabled(row) || undefined}
                  aria-selected={item.index === current}
                  aria-label={rowName(row)}
                  onClick={() => { setActive(item.index); flip(row); }}
                  className={cn("absolute top-0 left-0 flex w-full items-start gap-2.5 border-b border-line/60 px-3 py-2 hover:bg-subtle", row.kind !== "group" && "pl-11", shownDisabled(row) && "cursor-default", item.index === current && "group-focus-visible/tree:bg-subtle group-focus-visible/tree:outline-2 group-focus-visible/tree:-outline-offset-2 group-focus-visible/tree:outline-accent")}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <Row row={row} onOpen={open} />
                </div>
              );
            })}
          </div>
        )}
      </div>
      <p role="status" className="mt-2 text-[0.8125rem] text-muted tabular-nums">
        <strong className="font-medium text-ink">{plural(sums.plans, "plan")} in {plural(sums.groups, "group")} selected</strong>
        {sums.newIn > 0 ? `, and new plans of ${plural(sums.newIn, "group")}` : ""}. {sums.reachable.toLocaleString("en")} can be selected{sums.unreachable > 0 ? `, ${sums.unreachable.toLocaleString("en")} cannot` : ""}.
      </p>
    </div>
  );
}

/** What a screen reader says of a row, with the reason when it cannot be ticked. */
function rowName(row: TreeRow): string {
  if (row.kind === "new") return `Include new plans of ${row.group.name}`;
  const name = row.kind === "group" ? `${row.group.name}, ${row.group.unreachable ? "not reachable" : `${row.selected} of ${row.group.plans.length} selected`}` : row.title;
  const why = row.kind === "group" ? row.group.unreachable : row.unreachable;
  return why ? `${name}. ${why.reason} ${why.remedy}` : name;
}

function Row({ row, onOpen }: { row: TreeRow; onOpen: (groupId: string, open: boolean) => void }) {
  if (row.kind === "group") {
    const { group } = row;
    return (
      <>
        <span
          aria-hidden
          onClick={(event) => { event.stopPropagation(); onOpen(group.id, !row.expanded); }}
          className="-m-1.5 rounded p-1.5 text-muted hover:text-ink"
        ><ChevronRight className={cn("mt-0.5 size-4 transition-transform", row.expanded && "rotate-90")} /></span>
        <Box tick={row.tick} disabled={group.unreachable !== null} />
        <span className="min-w-0 flex-1">
          <span className={cn("flex items-center gap-2 font-medium", group.unreachable && "text-muted")}>
            <Users aria-hidden className="size-3.5 shrink-0 text-muted" /><span className="truncate">{group.name}</span>
            <span className="hidden text-xs font-normal text-muted sm:inline">{group.visibility === "HiddenMembership" ? "Hidden membership" : group.visibility}</span>
          </span>
          {group.unreachable ? <Reason {...group.unreachable} /> : null}
        </span>
        <span className={cn("shrink-0 text-[0.8125rem] text-muted tabular-nums", group.unreachable && "hidden sm:inline")}>{group.unreachable ? "Not reachable" : `${row.selected} of ${group.plans.length}`}</span>
      </>
    );
  }
  if (row.kind === "new") {
    return (
      <>
        <Box tick={row.tick} />
        <span className="flex min-w-0 items-center gap-1.5 text-muted"><Sparkles aria-hidden className="size-3.5 shrink-0" /><span className="truncate">Include new plans of this group</span><span className="sr-only">: {row.group.name}</span></span>
      </>
    );
  }
  return (
    <>
      <Box tick={row.tick} disabled={row.unreachable !== null} />
      <span className="min-w-0 flex-1"><span className={cn("block truncate", row.unreachable && "text-muted")}>{row.title}</span>{row.unreachable && !row.group.unreachable ? <Reason {...row.unreachable} /> : null}</span>
    </>
  );
}

function Reason({ reason, remedy }: { reason: string; remedy: string }) {
  return <span className="block text-[0.8125rem] font-normal text-muted">{reason} {remedy}</span>;
}

function Box({ tick, disabled = false }: { tick: Tick; disabled?: boolean }) {
  return (
    <span aria-hidden className={cn("mt-px flex size-[1.125rem] shrink-0 items-center justify-center rounded-[5px] border", tick === "unchecked" ? "border-line-strong bg-surface" : "border-accent bg-accent text-accent-ink", disabled && "border-line bg-subtle")}>
      {tick === "checked" ? <Check className="size-3.5" /> : tick === "mixed" ? <Minus className="size-3.5" /> : null}
    </span>
  );
}
