"use client";

import { memo, useRef, useState, type KeyboardEvent } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { CardContext } from "./card";
import { Cards } from "./cards";
import type { ColumnModel } from "./columns";

/** More columns than this do not fit on any screen. */
const MANY = 12;
const WIDTH = 288;
const GAP = 12;

interface BoardProps { columns: ColumnModel[]; planTitle: string; context: CardContext; selected: ReadonlySet<string> }

/** Planner's board, read-only. Arrow keys go from card to card and from column to column. Not drawn again by a letter that is typed into the filter. */
export const Board = memo(function Board({ columns, planTitle, context, selected }: BoardProps) {
  const region = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are used in this component only
  const virtual = useVirtualizer({
    horizontal: true,
    enabled: columns.length > MANY,
    count: columns.length,
    estimateSize: () => WIDTH,
    gap: GAP,
    overscan: 1,
    getScrollElement: () => region.current,
    initialRect: { width: 1280, height: 900 },
  });
  const column = (each: ColumnModel) => <Column key={each.id} column={each} context={context} selected={selected} />;
  return (
    <div ref={region} role="region" aria-label={`Board of ${planTitle}`} tabIndex={0} onKeyDown={moveFocus} className="-mx-4 overflow-x-auto px-4 pb-4 sm:-mx-8 sm:px-8">
      {columns.length <= MANY ? <div className="flex w-max items-start gap-3">{columns.map(column)}</div> : (
        <div className="relative flex items-start" style={{ width: virtual.getTotalSize() }}>
          <div className="flex items-start gap-3" style={{ marginLeft: virtual.getVirtualItems()[0]?.start ?? 0 }}>{virtual.getVirtualItems().map(({ index }) => columns[index] && column(columns[index]))}</div>
        </div>
      )}
    </div>
  );
});

function Column({ column, context, selected }: { column: ColumnModel; context: CardContext; selected: ReadonlySet<string> }) {
  const [showDone, setShowDone] = useState(column.id === "completed");
  const open = column.cards.filter((card) => card.progress !== "completed");
  const done = column.cards.filter((card) => card.progress === "completed");
  return (
    <section aria-label={column.name} className="w-72 shrink-0 rounded-lg bg-subtle p-2">
      <div className="flex items-baseline gap-2 px-1.5 pt-1 pb-2.5">
        <h2 className="min-w-0 font-semibold [overflow-wrap:anywhere]">{column.name}</h2>
        <span className="text-muted tabular-nums">{column.cards.length.toLocaleString("en")}</span>
      </div>
      {column.cards.length === 0 ? <p className="px-1.5 pb-2 text-muted">No tasks</p> : null}
      {open.length > 0 ? <Cards cards={open} context={context} selected={selected} /> : null}
      {done.length > 0 ? (
        <>
          <button type="button" aria-expanded={showDone} onClick={() => setShowDone(!showDone)} className="my-1 flex h-8 w-full items-center rounded-md px-1.5 text-left text-muted hover:text-ink">
            {showDone ? "Hide completed" : "Show completed"} <span className="ml-1.5 tabular-nums">{done.length.toLocaleString("en")}</span>
          </button>
          {showDone ? <Cards cards={done} context={context} selected={selected} /> : null}
        </>
      ) : null}
    </section>
  );
}

/** From the card that has the focus to the one in this direction; to the nearest of the next column sideways. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const from = (event.target as HTMLElement).closest<HTMLElement>("[data-card]");
  if (!from || event.ctrlKey || event.altKey || event.metaKey) return;
  const section = from.closest("section")!;
  const cardsIn = (element: Element | null) => [...(element?.querySelectorAll<HTMLElement>("[data-card]") ?? [])].sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
  const top = from.getBoundingClientRect().top;
  const nearest = (cards: HTMLElement[]) => cards.toSorted((a, b) => Math.abs(a.getBoundingClientRect().top - top) - Math.abs(b.getBoundingClientRect().top - top))[0];
  const sideways = (next: (element: Element) => Element | null): HTMLElement | undefined => {
    for (let other = next(section); other; other = next(other)) {
      const card = nearest(cardsIn(other));
      if (card) return card;
    }
    return undefined;
  };
  const own = cardsIn(section);
  const to = { ArrowDown: () => own[own.indexOf(from) + 1], ArrowUp: () => own[own.indexOf(from) - 1], ArrowRight: () => sideways((element) => element.nextElementSibling), ArrowLeft: () => sideways((element) => element.previousElementSibling) }[event.key];
  if (!to) return;
  event.preventDefault();
  to()?.focus();
}
