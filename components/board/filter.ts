/** Which cards are shown: what somebody chose, kept in the address, so that it can be sent and survives the change of the snapshot. Pure. */
import { PRIORITY_WORDS, PROGRESS_WORDS } from "@/lib/planner/words";
import { isLate, type BoardModel, type CardModel } from "./model";

/** What can be chosen from, in the order of the page. Within one any choice fits, between them all have to. */
export const FACETS = ["bucket", "person", "label", "progress", "priority", "due"] as const;
export type Facet = (typeof FACETS)[number];
export const FACET_NAMES: Record<Facet, string> = { bucket: "Bucket", person: "Person", label: "Label", progress: "Progress", priority: "Priority", due: "Due" };

/** In an address: nobody, no label, no date. An id never looks like that. */
export const NONE = "-";

export const DUE_WORDS = { late: "Late", past: "Past, completed", today: "On the day of the snapshot", tomorrow: "The day after", week: "Within a week", later: "Later", [NONE]: "No due date" };
export type Due = keyof typeof DUE_WORDS;

export type Filter = Record<Facet, readonly string[]> & { text: string };

export interface Choice { value: string; label: string }

export function choicesOf(board: BoardModel): Record<Facet, Choice[]> {
  const words = (all: Record<string, string>): Choice[] => Object.entries(all).map(([value, label]) => ({ value, label }));
  const byName = (a: Choice, b: Choice) => a.label.localeCompare(b.label, "en");
  return {
    bucket: board.buckets.map(({ id, name }) => ({ value: id || NONE, label: name })),
    person: [...board.people.map(({ id, name }) => ({ value: id, label: name })).sort(byName), { value: NONE, label: "Not assigned" }],
    label: [...board.labels.map(({ category, name }) => ({ value: category, label: name })).sort(byName), { value: NONE, label: "No label" }],
    progress: words(PROGRESS_WORDS),
    priority: words(PRIORITY_WORDS),
    due: words(DUE_WORDS),
  };
}

/** `get`: a parameter of the address. */
export function readFilter(get: (name: string) => string | null): Filter {
  const chosen = Object.fromEntries(FACETS.map((facet) => [facet, (get(facet) ?? "").split(",").filter(Boolean)])) as Record<Facet, string[]>;
  return { ...chosen, text: get("q") ?? "" };
}

/** How many choices are made beside the text. */
export const countChoices = (filter: Filter): number => FACETS.reduce((sum, facet) => sum + filter[facet].length, 0);

export const wordsOf = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);

/**
 * Says of a card whether it is shown; made once for a board and a filter. `texts`: what the words are looked for in, a line for each card
 * (textsOf). `elsewhere`: ids of tasks whose notes, checklist or comments have all the words; null: not known (yet).
 */
export function matcher(board: BoardModel, texts: readonly string[], filter: Filter, elsewhere: ReadonlySet<string> | null): (card: CardModel, place: number) => boolean {
  const words = wordsOf(filter.text);
  const facets = FACETS.filter((facet) => filter[facet].length > 0).map((facet) => [new Set(filter[facet]), VALUES[facet]] as const);
  return (card, place) => facets.every(([wanted, values]) => values(card, board).some((value) => wanted.has(value)))
    && (words.every((word) => texts[place]!.includes(word)) || Boolean(elsewhere?.has(card.id)));
}

/** What the browser itself looks for words in: title, labels and people of each card. */
export function textsOf({ cards, labels, people }: BoardModel): string[] {
  return cards.map((card) => [card.title, ...card.labels.map((label) => labels[label]!.name), ...card.people.map((person) => people[person]!.name)].join("\n").toLowerCase());
}

export function dueOf(card: CardModel, takenOn: string): Due {
  if (card.due === null) return NONE;
  if (card.due < takenOn) return isLate(card, takenOn) ? "late" : "past";
  const days = Math.round((Date.parse(card.due) - Date.parse(takenOn)) / 86_400_000);
  return days === 0 ? "today" : days === 1 ? "tomorrow" : days <= 7 ? "week" : "later";
}

/** The values of a card in each facet. */
export const VALUES: Record<Facet, (card: CardModel, board: BoardModel) => readonly string[]> = {
  bucket: (card, { buckets }) => [buckets[card.bucket]!.id || NONE],
  person: (card, { people }) => (card.people.length === 0 ? [NONE] : card.people.map((person) => people[person]!.id)),
  label: (card, { labels }) => (card.labels.length === 0 ? [NONE] : card.labels.map((label) => labels[label]!.category)),
  progress: (card) => [card.progress],
  priority: (card) => [card.priority],
  due: (card, { takenOn }) => [dueOf(card, takenOn)],
};
