import { choicesOf, NONE, VALUES, type Facet } from "./filter";
import type { BoardModel, CardModel } from "./model";

export interface ColumnModel { id: string; name: string; cards: CardModel[] }

/**
 * The columns of the board grouped by a facet, as Planner orders them. `shown`: the places of the cards that the filter leaves. Buckets, progress,
 * priorities stay with nothing in them; of people, labels and due dates only those that have a card.
 */
export function columnsBy(group: Facet, board: BoardModel, shown: ReadonlySet<number>): ColumnModel[] {
  const columns = new Map(choicesOf(board)[group].map(({ value, label }) => [value, { id: value, name: label, cards: [] as CardModel[] }]));
  const put = (column: string, place: number) => shown.has(place) && columns.get(column)?.cards.push(board.cards[place]!);
  if (group === "person") {
    for (const [person, places] of Object.entries(board.byPerson)) for (const place of places) put(person || NONE, place);
  } else {
    for (const place of orderOf(group, board)) for (const column of VALUES[group](board.cards[place]!, board)) put(column, place);
  }
  const sparse = group === "person" || group === "label" || group === "due";
  return [...columns.values()].filter(({ cards }) => !sparse || cards.length > 0);
}

function orderOf(group: Facet, board: BoardModel): Iterable<number> {
  return group === "bucket" ? board.byBucket : group === "progress" ? board.byProgress : board.cards.keys();
}
