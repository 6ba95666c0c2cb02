/** What the board shows of a snapshot. It travels to the browser packed: no name of a field, nothing that a task does not have. */
import type { Priority, Progress } from "@/lib/planner/words";

export interface LabelModel { category: string; name: string }

export interface CardModel {
  id: string;
  title: string;
  /** Place in `buckets`; the same with labels and people below. */
  bucket: number;
  progress: Progress;
  priority: Priority;
  /** Days: "2026-11-19". */
  start: string | null;
  due: string | null;
  labels: number[];
  people: number[];
  checklist: { done: number; total: number } | null;
  attachments: number;
  comments: number;
}

export interface BoardModel {
  /** The day on which the snapshot was taken: what is due is judged from there. */
  takenOn: string;
  buckets: { id: string; name: string }[];
  labels: LabelModel[];
  people: { id: string; name: string }[];
  /** In the order of the list. */
  cards: CardModel[];
  /** Places of the cards in the order of each of Planner's boards; of the board by person for each person, "" is nobody. */
  byBucket: number[];
  byProgress: number[];
  byPerson: Record<string, number[]>;
}

const PROGRESS: readonly Progress[] = ["notStarted", "inProgress", "completed"];
const PRIORITY: readonly Priority[] = ["medium", "urgent", "important", "low"];

type Packed = (string | number | number[])[];

/** What is absent is 0; zeros at the end are left out. */
function packCard(card: CardModel): Packed {
  const packed: Packed = [
    card.id, card.title, card.bucket, PROGRESS.indexOf(card.progress), PRIORITY.indexOf(card.priority), card.due ?? 0, card.people.length > 0 ? card.people : 0,
    card.labels.length > 0 ? card.labels : 0, card.start ?? 0, card.checklist?.total ?? 0, card.checklist?.done ?? 0, card.attachments, card.comments,
  ];
  return packed.slice(0, packed.findLastIndex((value) => value !== 0) + 1);
}

function unpackCard([id, title, bucket, progress, priority, due, people, labels, start, total, done, attachments, comments]: Packed): CardModel {
  return {
    id: id as string, title: title as string, bucket: (bucket as number | undefined) ?? 0,
    progress: PROGRESS[(progress as number | undefined) ?? 0]!, priority: PRIORITY[(priority as number | undefined) ?? 0]!,
    due: (due as string | undefined) || null, start: (start as string | undefined) || null,
    people: (people as number[] | undefined) || [], labels: (labels as number[] | undefined) || [],
    checklist: total ? { total: total as number, done: (done as number | undefined) ?? 0 } : null,
    attachments: (attachments as number | undefined) ?? 0, comments: (comments as number | undefined) ?? 0,
  };
}

/** One string, so that React neither walks through thousands of objects on the server nor in the browser. */
export const packBoard = (board: BoardModel): string => JSON.stringify({ ...board, cards: board.cards.map(packCard) });

export function unpackBoard(packed: string): BoardModel {
  const board = JSON.parse(packed) as Omit<BoardModel, "cards"> & { cards: Packed[] };
  return { ...board, cards: board.cards.map(unpackCard) };
}

/** Due before the day of the snapshot, and not completed. */
export const isLate = (card: CardModel, takenOn: string): boolean => card.progress !== "completed" && card.due !== null && card.due < takenOn;
