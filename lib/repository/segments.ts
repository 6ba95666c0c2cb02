/**
 * Cutting a snapshot into segments, so that what did not change is stored and compared as it was before.
 *
 *   position of a record = SHA-256("<kind> <id>")
 *   all records of a kind are one segment when they have at most 8 KiB of plaintext, or when it is a single record;
 *   else those whose position begins with the bit 0 and those with 1 are cut apart, each by the same rule with the next bit
 *
 * So a segment is all records of its kind whose position begins with its prefix, whatever stands elsewhere and whatever
 * was before: an edited record changes one segment; one that is added, removed, or grows past the limit splits or joins
 * two. Segments are of about equal length, unlike those between marks in a row, where most edits fall into the long ones.
 *
 * The plaintext of a segment is its records' canonical JSON, each followed by a line feed.
 */
import type { RecordKind, SnapshotRecord } from "@/lib/planner/types";
import { damaged } from "./header";
import type { Line } from "./lines";
import { positionOf } from "./records";
import type { SegmentEntry } from "./types";

export const SEGMENT_BYTES = 8 * 1024;

export type SegmentText = Omit<SegmentEntry, "id"> & { plaintext: Uint8Array };

/** Cuts the records of one kind, in the order of their positions. */
export function* cutSegments(kind: RecordKind, lines: readonly Line[], prefix = ""): Generator<SegmentText> {
  if (lines.length === 0) return;
  const bytes = lines.reduce((sum, line) => sum + line.size, 0);
  if (bytes <= SEGMENT_BYTES || lines.length === 1) {
    const inIdOrder = lines.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    yield { kind, prefix, records: lines.length, plaintext: Buffer.concat(inIdOrder.map((line) => line.text())) };
    return;
  }
  const one = firstWithBit(lines, prefix.length);
  yield* cutSegments(kind, lines.slice(0, one), `${prefix}0`);
  yield* cutSegments(kind, lines.slice(one), `${prefix}1`);
}

/** The records of a segment, as text. Throws repository_damaged unless they are as many as announced. */
export function splitSegment(plaintext: Uint8Array, { records }: SegmentEntry): string[] {
  const lines = Buffer.from(plaintext.buffer, plaintext.byteOffset, plaintext.length).toString("utf8").split("\n").slice(0, -1);
  if (lines.length !== records) throw notAsAnnounced();
  return lines;
}

/** Throws repository_damaged unless it holds what was announced. */
export const parseSegment = (plaintext: Uint8Array, entry: SegmentEntry): SnapshotRecord[] => splitSegment(plaintext, entry).map((line) => parseLine(line, entry));

/** Throws repository_damaged unless the record belongs into the segment. */
export function parseLine(line: string, { kind, prefix }: SegmentEntry): SnapshotRecord {
  const record = JSON.parse(line) as SnapshotRecord;
  if (record.kind !== kind || !startsWith(positionOf(record), prefix)) throw notAsAnnounced();
  return record;
}

const notAsAnnounced = () => damaged("altered", "a segment that does not hold what its manifest says");

const bitOf = (position: Uint8Array, index: number) => (position[index >> 3]! >> (7 - (index & 7))) & 1;

function startsWith(position: Uint8Array, prefix: string): boolean {
  for (let index = 0; index < prefix.length; index++) if (bitOf(position, index) !== Number(prefix[index])) return false;
  return true;
}

/** Index of the first line whose position has the bit set; all of them agree in the bits before it. */
function firstWithBit(lines: readonly Line[], bit: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bitOf(lines[middle]!.position, bit)) high = middle;
    else low = middle + 1;
  }
  return low;
}
