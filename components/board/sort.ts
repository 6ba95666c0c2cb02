import type { Priority, Progress } from "@/lib/planner/words";
import type { BoardModel, CardModel } from "./model";

export type SortKey = "title" | "bucket" | "progress" | "priority" | "start" | "due" | "person" | "label";

const PROGRESS: Record<Progress, number> = { notStarted: 0, inProgress: 1, completed: 2 };
const PRIORITY: Record<Priority, number> = { urgent: 0, important: 1, medium: 2, low: 3 };
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** A sorted copy. Cards without a value come last, whichever the direction; equal ones stay in the order of the list. */
export function sortCards(cards: readonly CardModel[], board: BoardModel, key: SortKey, descending: boolean): CardModel[] {
  const names = (places: readonly number[], all: readonly { name: string }[]) => places.map((place) => all[place]!.name).sort(collator.compare).join(", ") || null;
  const VALUE: Record<SortKey, (card: CardModel) => string | number | null> = {
    title: (card) => card.title,
    bucket: (card) => card.bucket,
    progress: (card) => PROGRESS[card.progress],
    priority: (card) => PRIORITY[card.priority],
    start: (card) => card.start,
    due: (card) => card.due,
    person: (card) => names(card.people, board.people),
    label: (card) => names(card.labels, board.labels),
  };
  const keyed = cards.map((card) => ({ card, value: VALUE[key](card) }));
  const compare = (a: string | number, b: string | number) => (typeof a === "number" ? a - (b as number) : key === "start" || key === "due" ? (a < b ? -1 : a > b ? 1 : 0) : collator.compare(a, b as string));
  return keyed.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    return descending ? compare(b.value, a.value) : compare(a.value, b.value);
  }).map(({ card }) => card);
}
