/**
 * The words of the search, and their blind form. A word is stored as its beginnings, so that a search finds it while it is
 * typed; scripts without blanks are stored as pairs of characters. Pure.
 */
import { createHmac } from "node:crypto";

/** Lengths of the beginnings. A typed word of another length is looked for by the next shorter one. */
const LENGTHS = [2, 3, 4, 5, 6, 8, 12];
/** Words of one task beyond this are not searched. */
const MAX_WORDS = 1_500;
const MAX_QUERY_WORDS = 8;

/** Scripts that do not put blanks between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Letters and digits in lower case, without accents, in one form: "Übersicht ﬁnal" -> ["ubersicht", "final"]. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/ß/g, "ss").normalize("NFKC");
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** What is stored of a task's texts. */
export function storedTerms(texts: Iterable<string>): Set<string> {
  const words = new Set<string>();
  for (const text of texts) {
    for (const word of wordsOf(text)) {
      if (words.size >= MAX_WORDS) break;
      words.add(word);
    }
  }
  return new Set([...words].flatMap((word) => {
    const letters = [...word];
    if (UNSPACED.test(word)) return [...letters, ...pairs(letters)];
    return letters.length === 1 ? [word] : LENGTHS.filter((length) => length <= letters.length).map((length) => letters.slice(0, length).join(""));
  }));
}

/** What must all be stored of a task for it to be found; empty: nothing to look for. A single letter is looked for only alone. */
export function wantedTerms(query: string): Set<string> {
  return new Set(wordsOf(query).slice(0, MAX_QUERY_WORDS).flatMap((word) => {
    const letters = [...word];
    if (UNSPACED.test(word)) return letters.length === 1 ? letters : pairs(letters);
    const length = LENGTHS.findLast((each) => each <= letters.length);
    return length === undefined ? [word] : [letters.slice(0, length).join("")];
  }));
}

const pairs = (letters: string[]): string[] => letters.slice(1).map((letter, at) => letters[at]! + letter);

/** Terms as signed 64-bit numbers that say nothing without the key. */
export function blind(key: Uint8Array, terms: Iterable<string>): bigint[] {
  return [...terms].map((term) => createHmac("sha256", key).update(term).digest().readBigInt64BE(0));
}
