/**
 * What is not seen in a text of strangers, or turns the words around it: controls, ends of lines, zero-width spaces, embeddings and
 * overrides of direction. Joiners, which scripts and emoji need, are none.
 */
const UNSEEN = /[\p{Cc}\u200b\u2028-\u202e\u2060-\u2069\ufeff]+/gu;

/** The text on one line, well-formed, with `instead` for each stretch that is not seen. */
export const withoutUnseen = (text: string, instead = " "): string => text.toWellFormed().replace(UNSEEN, instead);
