/**
 * Cutting a snapshot into segments, so that what did not change is stored and compared as it was before.
 *
 *   for each kind, its records by id:  a record ends its segment when
 *     the first four bytes of SHA-256("<kind> <id>") are divisible by 64     (expected length 64)
 *     or the segment has 512 records or 4 MiB                                (bounds memory)
 *
 * The decision looks at the record's kind and id only, never at its content or its neighbours: an edited record
 * changes one segment; an added or removed one changes one, or two when it is itself a boundary. After a boundary
 * that was forced by size, the next natural one brings old and new cuts together again. There is no lower bound,
 * because that would make boundaries depend on what stands before them. Kinds never mix in one segment, so that the
 * manifest says what each segment is about.
 *
 * The plaintext of a segment is its records' canonical JSON, each followed by a line feed.
 */
import { createHash } from "node:crypto";
import type { RecordKind, SnapshotRecord } from "@/lib/planner/types";
import { damaged } from "./header";
import { canonicalJson, recordKey } from "./records";

export const EXPECTED_RECORDS = 64;
export const MAX_RECORDS = 512;
export const MAX_BYTES = 4 * 1024 * 1024;

export interface SegmentText {
  kind: RecordKind;
  records: number;
  /** Ids of the first and the last record. */
  first: string;
  last: string;
  plaintext: Uint8Array;
}

/** True when the record's kind and id alone make it the last of its segment. */
export function endsSegment(record: { kind: RecordKind; id: string }): boolean {
  return createHash("sha256").update(recordKey(record), "utf8").digest().readUInt32BE() % EXPECTED_RECORDS === 0;
}

/** Cuts records that are in canonical order. */
export function* cutSegments(ordered: readonly SnapshotRecord[]): Generator<SegmentText> {
  let from = 0;
  let lines: Buffer[] = [];
  let bytes = 0;
  for (const [index, record] of ordered.entries()) {
    const line = Buffer.from(`${canonicalJson(record)}\n`, "utf8");
    lines.push(line);
    bytes += line.length;
    const full = lines.length === MAX_RECORDS || bytes >= MAX_BYTES;
    if (!full && ordered[index + 1]?.kind === record.kind && !endsSegment(record)) continue;
    yield { kind: record.kind, records: lines.length, first: ordered[from]!.id, last: record.id, plaintext: Buffer.concat(lines) };
    from = index + 1;
    lines = [];
    bytes = 0;
  }
}

/** The records of a segment. Throws repository_damaged unless they are those that the manifest announces. */
export function parseSegment(plaintext: Uint8Array, announced: Omit<SegmentText, "plaintext">): SnapshotRecord[] {
  const lines = Buffer.from(plaintext).toString("utf8").split("\n").slice(0, -1);
  const records = lines.map((line) => JSON.parse(line) as SnapshotRecord);
  const right = records.length === announced.records
    && records.every((record) => record.kind === announced.kind)
    && records[0]?.id === announced.first && records.at(-1)?.id === announced.last;
  if (!right) throw damaged("altered", "a segment that does not hold what its manifest says");
  return records;
}
