"use client";

import { useLayoutEffect, useRef, useState } from "react";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { TaskCard, type CardContext } from "./card";
import type { CardModel } from "./model";

/** Fewer cards are simply all there. */
const LARGE = 50;
/** Height of a card with one line and one label, and the gap to the next; each is measured when it is there. */
const ESTIMATE = 108;
const GAP = 8;
/** What the server renders before it knows the screen. */
const FIRST = { width: 288, height: 900 };

interface CardsProps { cards: CardModel[]; context: CardContext; selected: ReadonlySet<string> }

/** The cards of one column, from top to bottom; of many only those near the screen are in the page. */
export function Cards(props: CardsProps) {
  if (props.cards.length > LARGE) return <VirtualCards {...props} />;
  return <ul className="space-y-2">{props.cards.map((card) => <li key={card.id}><TaskCard card={card} context={props.context} selected={props.selected.has(card.id)} /></li>)}</ul>;
}

function VirtualCards({ cards, context, selected }: CardsProps) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setTop(Math.round((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
    measure();
    const observer = new ResizeObserver(measure); // what stands above came or went
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: cards.length,
    estimateSize: () => ESTIMATE,
    getItemKey: (place) => cards[place]?.id ?? place,
    gap: GAP,
    overscan: 3,
    scrollMargin: top,
    initialRect: FIRST,
  });
  return (
    <ul ref={list} className="relative" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, key, start }) => {
        const card = cards[index];
        return card ? (
          <li key={key} data-index={index} ref={virtual.measureElement} aria-setsize={cards.length} aria-posinset={index + 1} className="absolute inset-x-0 top-0" style={{ transform: `translateY(${start - top}px)` }}>
            <TaskCard card={card} context={context} selected={selected.has(card.id)} />
          </li>
        ) : null;
      })}
    </ul>
  );
}
