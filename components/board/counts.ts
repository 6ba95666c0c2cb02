/** The numbers behind Planner's charts. Pure. */
import { PRIORITY_WORDS, PROGRESS_WORDS, type Priority } from "@/lib/planner/words";
import { isLate, type BoardModel, type CardModel } from "./model";

/** How Planner divides tasks in its charts: late ones are a part of their own. */
export const PARTS = ["completed", "late", "inProgress", "notStarted"] as const;
export type Part = (typeof PARTS)[number];
export const PART_WORDS: Record<Part, string> = { ...PROGRESS_WORDS, late: "Late" };

export type PartCounts = Record<Part, number>;
export interface Row { name: string; total: number; parts: PartCounts }

const nothing = (): PartCounts => ({ completed: 0, late: 0, inProgress: 0, notStarted: 0 });
const total = (parts: PartCounts) => PARTS.reduce((sum, part) => sum + parts[part], 0);
const partOf = (card: CardModel, takenOn: string): Part => (isLate(card, takenOn) ? "late" : card.progress);

export function countParts(cards: Iterable<CardModel>, takenOn: string): PartCounts {
  const counts = nothing();
  for (const card of cards) counts[partOf(card, takenOn)] += 1;
  return counts;
}

/** One row for each bucket, priority and person. A task of several people counts for each of them. */
export function countRows(cards: readonly CardModel[], board: BoardModel): { buckets: Row[]; priorities: Row[]; people: Row[] } {
  const rows = (names: readonly string[], groupsOf: (card: CardModel) => readonly string[]): Row[] => {
    const parts = new Map(names.map((name) => [name, nothing()]));
    for (const card of cards) for (const group of groupsOf(card)) parts.get(group)![partOf(card, board.takenOn)] += 1;
    return [...parts].map(([name, counts]) => ({ name, total: total(counts), parts: counts }));
  };
  const buckets = board.buckets.map((_, place) => String(place));
  const people = [...board.people.map((_, place) => String(place)), "nobody"];
  return {
    buckets: rows(buckets, (card) => [String(card.bucket)]).map((row) => ({ ...row, name: board.buckets[Number(row.name)]!.name })),
    priorities: rows(Object.keys(PRIORITY_WORDS), (card) => [card.priority]).map((row) => ({ ...row, name: PRIORITY_WORDS[row.name as Priority] })),
    people: rows(people, (card) => (card.people.length === 0 ? ["nobody"] : card.people.map(String)))
      .map((row) => ({ ...row, name: row.name === "nobody" ? "Not assigned" : board.people[Number(row.name)]!.name }))
      .filter((row) => row.total > 0).sort((a, b) => b.total - a.total),
  };
}
