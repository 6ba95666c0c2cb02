"use client";

import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/components/ui/cn";
import { dayText } from "@/components/ui/text";
import { PRIORITY_WORDS, PROGRESS_WORDS } from "@/lib/planner/words";
import { cardId, DueMark, type CardContext } from "./card";
import { Avatars, LabelChip, PriorityMark, ProgressMark } from "./marks";
import { sortCards, type SortKey } from "./sort";
import type { BoardModel, CardModel } from "./model";

const COLUMNS: { key: SortKey; label: string; className?: string }[] = [
  { key: "title", label: "Task" },
  { key: "bucket", label: "Bucket" },
  { key: "progress", label: "Progress" },
  { key: "priority", label: "Priority" },
  { key: "start", label: "Start", className: "xl:hidden 2xl:block" },
  { key: "due", label: "Due" },
  { key: "person", label: "Assigned to" },
  { key: "label", label: "Labels" },
];
const ROW = "xl:grid xl:grid-cols-[minmax(0,2.4fr)_minmax(0,1.1fr)_7rem_6rem_7rem_5.5rem_minmax(0,1.3fr)] xl:items-center xl:gap-3 2xl:grid-cols-[minmax(0,2.4fr)_minmax(0,1.1fr)_7rem_6rem_6rem_7rem_5.5rem_minmax(0,1.3fr)]";
const ESTIMATE = 45;

interface GridProps { cards: CardModel[]; board: BoardModel; context: CardContext; selected: ReadonlySet<string>; sort: string; onSort: (sort: string | null) => void }

/** Planner's grid: a line for each task, in the order of the list or of a column. On a small screen each task is a block. */
export function Grid({ cards, board, context, selected, sort, onSort }: GridProps) {
  const descending = sort.startsWith("-");
  const key = COLUMNS.find((column) => column.key === sort.replace(/^-/, ""))?.key ?? null;
  const sorted = useMemo(() => (key ? sortCards(cards, board, key, descending) : cards), [cards, board, key, descending]);
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setTop(Math.round((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: sorted.length, estimateSize: () => ESTIMATE, getItemKey: (place) => sorted[place]?.id ?? place, overscan: 8, scrollMargin: top, initialRect: { width: 1280, height: 900 },
  });
  if (cards.length === 0) return null;
  return (
    <div role="table" aria-label="Tasks" aria-rowcount={sorted.length + 1} className="rounded-lg border border-line bg-surface">
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={cn("border-b border-line px-3 py-1 text-[0.8125rem] text-muted max-xl:flex max-xl:flex-wrap", ROW)}>
          {COLUMNS.map((column) => (
            <div key={column.key} role="columnheader" className={column.className} aria-sort={column.key !== key ? "none" : descending ? "descending" : "ascending"}>
              <button
                type="button"
                onClick={() => onSort(column.key !== key ? column.key : descending ? null : `-${column.key}`)}
                className={cn("flex min-h-7 items-center gap-1 rounded px-1 hover:text-ink", column.key === key && "font-medium text-ink")}
              >
                {column.label}{column.key === key ? descending ? <ArrowDown aria-hidden className="size-3.5" /> : <ArrowUp aria-hidden className="size-3.5" /> : null}
              </button>
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" ref={body} className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key: itemKey, start }) => {
          const card = sorted[index];
          if (!card) return null;
          return (
            <div key={itemKey} role="row" aria-rowindex={index + 2} data-index={index} ref={virtual.measureElement} className={cn("absolute inset-x-0 top-0 border-b border-line px-3 py-2 hover:bg-subtle max-xl:flex max-xl:flex-wrap max-xl:gap-x-3 max-xl:gap-y-1", ROW, selected.has(card.id) && "bg-accent-tint")} style={{ transform: `translateY(${start - top}px)` }}>
              <div role="cell" className="flex min-w-0 items-center gap-3 max-xl:w-full">
                <Checkbox aria-label={`Select ${card.title}`} checked={selected.has(card.id)} onCheckedChange={(value) => context.onSelect(card.id, value === true)} />
                <button type="button" id={cardId(card.id)} onClick={() => context.onOpen(card.id)} className="min-h-6 min-w-0 flex-1 rounded text-left font-medium hover:underline"><span className="block truncate max-xl:whitespace-normal max-xl:[overflow-wrap:anywhere]">{card.title}</span></button>
              </div>
              <div role="cell" className="min-w-0 truncate text-muted">{board.buckets[card.bucket]!.name}</div>
              <div role="cell" className="flex items-center gap-1.5"><ProgressMark progress={card.progress} silent />{PROGRESS_WORDS[card.progress]}</div>
              <div role="cell" className="flex items-center gap-1.5"><PriorityMark priority={card.priority} silent />{PRIORITY_WORDS[card.priority]}</div>
              <div role="cell" className={cn("text-muted whitespace-nowrap xl:hidden 2xl:block", !card.start && "max-xl:hidden")}>{card.start ? <><span className="xl:hidden">Starts </span>{dayText(card.start)}</> : null}</div>
              <div role="cell" className={cn(!card.due && "max-xl:hidden")}><DueMark card={card} takenOn={board.takenOn} /></div>
              <div role="cell" className={cn(card.people.length === 0 && "max-xl:hidden")}><Avatars names={card.people.map((person) => board.people[person]!.name)} max={3} /></div>
              <div role="cell" className={cn("flex min-w-0 flex-wrap gap-1", card.labels.length === 0 && "max-xl:hidden")}>{card.labels.map((label) => <LabelChip key={label} label={board.labels[label]!} />)}</div>
            </div>
          );
        })}
      </div>
    </div>
  );
}
