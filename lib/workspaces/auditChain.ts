/** Checks the chain of the activity log. Pure. */
import { entryHash, GENESIS } from "./audit";

type Entry = Parameters<typeof entryHash>[1] & { prevHash: Uint8Array; hash: Uint8Array };

/** The end of a chain that somebody noted elsewhere: with it, entries cut off at the end show too. */
export interface Anchor { seq: number; hash: string }

export type ChainProblem =
  | { kind: "empty" }
  /** Entries between are missing. */
  | { kind: "gap"; seq: number; expected: number }
  /** The entry is not what was written. */
  | { kind: "altered"; seq: number }
  /** The entry does not follow the one before it. */
  | { kind: "unlinked"; seq: number }
  | { kind: "anchor_missing"; seq: number; last: number }
  | { kind: "anchor_differs"; seq: number };

export interface ChainCheck { entries: number; head: Anchor | null; problem: ChainProblem | null }

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Reads entries in order and stops at the first that is not as it was written. */
export async function checkChain(batches: AsyncIterable<readonly Entry[]>, anchor: Anchor | null = null): Promise<ChainCheck> {
  let head: Anchor | null = null;
  let before: Uint8Array = GENESIS;
  let entries = 0;
  const found = (problem: ChainProblem | null): ChainCheck => ({ entries, head, problem });
  for await (const batch of batches) {
    for (const entry of batch) {
      if (entry.seq !== entries + 1) return found({ kind: "gap", seq: entry.seq, expected: entries + 1 });
      if (!same(entry.prevHash, before)) return found({ kind: "unlinked", seq: entry.seq });
      if (!same(entryHash(entry.prevHash, entry), entry.hash)) return found({ kind: "altered", seq: entry.seq });
      entries = entry.seq;
      before = entry.hash;
      head = { seq: entry.seq, hash: Buffer.from(entry.hash).toString("hex") };
      if (anchor?.seq === entry.seq && anchor.hash !== head.hash) return found({ kind: "anchor_differs", seq: entry.seq });
    }
  }
  if (!head) return found({ kind: "empty" });
  if (anchor && anchor.seq > head.seq) return found({ kind: "anchor_missing", seq: anchor.seq, last: head.seq });
  return found(null);
}

/** The form in which an anchor is printed and given: "1234:" and 64 hexadecimal digits. */
export const anchorText = ({ seq, hash }: Anchor): string => `${seq}:${hash}`;
