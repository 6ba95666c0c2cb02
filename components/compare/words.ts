/** Differences of texts, word by word, in bounded time. Pure. */
import { diffWordsWithSpace } from "diff";

export interface Part { text: string; change: "same" | "removed" | "added" }

/** jsdiff can take seconds for two long texts that have little in common. */
const PATIENCE_MS = 60;

/** Null when comparing word by word takes too long: then the one text simply took the place of the other. */
export function wordParts(from: string, to: string, patienceMs = PATIENCE_MS): Part[] | null {
  const parts = diffWordsWithSpace(from, to, { timeout: patienceMs });
  return parts?.map(({ value, added, removed }): Part => ({ text: value, change: added ? "added" : removed ? "removed" : "same" })) ?? null;
}

/** Around what changed, so much of what did not is shown. */
const AROUND = 120;

/** Leaves out the middle of long unchanged stretches. */
export function shortened(parts: readonly Part[]): Part[] {
  return parts.map((part, index) => {
    if (part.change !== "same" || part.text.length <= 2 * AROUND + 20) return part;
    const [first, last] = [index === 0, index === parts.length - 1];
    return { ...part, text: `${first ? "" : part.text.slice(0, AROUND)} … ${last ? "" : part.text.slice(-AROUND)}` };
  });
}
