"use client";

import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Check, ChevronRight, Minus } from "lucide-react";
import { cn } from "./cn";

export type Tick = "checked" | "unchecked" | "mixed";

/** A row in view: what the tree itself must know of it. */
export interface TickRow {
  key: string;
  level: number;
  position: number;
  siblings: number;
  tick: Tick;
  /** Cannot be ticked. */
  disabled?: boolean;
  /** Absent: nothing below it. */
  expanded?: boolean;
}

interface TickTreeProps<Row extends TickRow> {
  label: string;
  rows: Row[];
  onTick: (row: Row) => void;
  onExpand: (row: Row, open: boolean) => void;
  children: (row: Row) => ReactNode;
  /** Shown when there is no row. */
  empty: ReactNode;
  className?: string;
  estimate?: (row: Row) => number;
}

/** A chevron and its gap: a row without one begins where the box of a row with one stands. */
const STEP = 26;
const indent = (row: TickRow): number => 12 + STEP * (row.expanded === undefined ? row.level : row.level - 1);

/**
 * Thousands of rows with tri-state boxes. One tab stop; arrows move and open, Space ticks (WAI-ARIA tree pattern). The
 * focus stays on the tree and `aria-activedescendant` names the row, because rows out of view do not exist. A row is
 * called what it shows.
 */
export function TickTree<Row extends TickRow>({ label, rows, onTick, onExpand, children, empty, className, estimate = () => 36 }: TickTreeProps<Row>) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are used in this component only
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index] ? estimate(rows[index]) : 36),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
  });
  const current = Math.min(active, Math.max(0, rows.length - 1));

  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const parentOf = (index: number) => {
    const parent = rows.slice(0, index).findLastIndex(({ level }) => level < rows[index]!.level);
    return parent < 0 ? index : parent;
  };
  const flip = (row: Row) => {
    if (!row.disabled) onTick(row);
  };
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
      ArrowRight: () => (row.expanded === false ? onExpand(row, true) : go(current + 1)),
      ArrowLeft: () => (row.expanded ? onExpand(row, false) : go(parentOf(current))),
      " ": () => flip(row),
      Enter: () => flip(row),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  return (
    <div ref={scroller} className={cn("overflow-auto rounded-lg border border-line bg-surface", className)}>
      {rows.length === 0 ? <p className="px-4 py-10 text-center text-muted">{empty}</p> : (
        <div
          role="tree"
          aria-label={label}
          tabIndex={0}
          aria-activedescendant={virtual.getVirtualItems().some(({ index }) => index === current) ? `${id}-${current}` : undefined}
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
                aria-level={row.level}
                aria-posinset={row.position}
                aria-setsize={row.siblings}
                aria-expanded={row.expanded}
                aria-checked={row.tick === "mixed" ? "mixed" : row.tick === "checked"}
                aria-disabled={row.disabled || undefined}
                aria-selected={item.index === current}
                onClick={() => { setActive(item.index); flip(row); }}
                className={cn(
                  "absolute top-0 left-0 flex w-full items-start gap-2.5 border-b border-line/60 py-2 pr-3 hover:bg-subtle",
                  row.disabled && "cursor-default!",
                  item.index === current && "group-focus-visible/tree:bg-subtle group-focus-visible/tree:outline-2 group-focus-visible/tree:-outline-offset-2 group-focus-visible/tree:outline-accent",
                )}
                style={{ transform: `translateY(${item.start}px)`, paddingLeft: indent(row) }}
              >
                {row.expanded === undefined ? null : (
                  <span
                    aria-hidden
                    onClick={(event) => { event.stopPropagation(); onExpand(row, !row.expanded); }}
                    className="-m-1.5 rounded p-1.5 text-muted hover:text-ink"
                  ><ChevronRight className={cn("mt-0.5 size-4 transition-transform", row.expanded && "rotate-90")} /></span>
                )}
                <Box tick={row.tick} disabled={row.disabled} />
                {children(row)}
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}

function Box({ tick, disabled = false }: { tick: Tick; disabled?: boolean }) {
  return (
    <span aria-hidden className={cn("mt-px flex size-[1.125rem] shrink-0 items-center justify-center rounded-[5px] border", tick === "unchecked" ? "border-line-strong bg-surface" : "border-accent bg-accent text-accent-ink", disabled && "border-line bg-subtle")}>
      {tick === "checked" ? <Check className="size-3.5" /> : tick === "mixed" ? <Minus className="size-3.5" /> : null}
    </span>
  );
}
