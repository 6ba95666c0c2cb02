/**
 * Records on their way into segments: as canonical bytes, which take far less memory than the objects they came from.
 * Large ones (comments with the mail they came in) wait compressed.
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { PlanbackError } from "@/lib/errors";
import { RECORD_KINDS, type RecordKind, type SnapshotRecord } from "@/lib/planner/types";
import { isObjectId } from "./objects";
import { canonicalJson, positionOf } from "./records";
import type { SnapshotCounts } from "./types";

const LARGE = 4 * 1024;

export class Line {
  readonly id: string;
  readonly position: Buffer;
  /** Bytes of the text, with its line feed. */
  readonly size: number;
  readonly #bytes: Buffer;

  constructor(record: SnapshotRecord) {
    const text = Buffer.from(`${canonicalJson(record)}\n`, "utf8");
    this.id = record.id;
    this.position = positionOf(record);
    this.size = text.length;
    this.#bytes = alone(text.length > LARGE ? zstdCompressSync(text) : text);
  }

  text(): Buffer {
    return this.size > LARGE ? zstdDecompressSync(this.#bytes) : this.#bytes;
  }
}

/** A copy outside Node's pool: a small part of a pooled slab that is kept for long would keep all of it. */
function alone(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

export interface Lines {
  /** Each kind in the order of positions. */
  kinds: Map<RecordKind, Line[]>;
  counts: SnapshotCounts;
}

/** Throws invalid_input unless each record is there once, there is exactly one plan, and files were stored before. */
export async function readLines(records: Iterable<SnapshotRecord> | AsyncIterable<SnapshotRecord>): Promise<Lines> {
  const kinds = new Map<RecordKind, Line[]>(RECORD_KINDS.map((kind) => [kind, []]));
  const files = new Map<string, number>();
  for await (const record of records) {
    kinds.get(record.kind)!.push(new Line(record));
    if (record.kind === "attachment") files.set(record.attachment.fileId, record.attachment.size);
  }
  for (const [kind, lines] of kinds) {
    lines.sort((a, b) => Buffer.compare(a.position, b.position));
    if (lines.some((line, index) => index > 0 && line.position.equals(lines[index - 1]!.position))) {
      throw new PlanbackError("invalid_input", `A snapshot cannot hold the same ${kind} twice. Nothing was stored.`);
    }
  }
  const number = (kind: RecordKind) => kinds.get(kind)!.length;
  if (number("plan") !== 1 || number("planDetails") > 1 || number("group") > 1) {
    throw new PlanbackError("invalid_input", "A snapshot holds exactly one plan, with at most one group and one set of plan details. Nothing was stored.");
  }
  if (![...files.keys()].every(isObjectId)) throw new PlanbackError("invalid_input", "An attachment names a file that was never stored. Nothing was stored.");
  return {
    kinds,
    counts: {
      records: Object.fromEntries(RECORD_KINDS.map((kind) => [kind, number(kind)])) as SnapshotCounts["records"],
      files: files.size, fileBytes: [...files.values()].reduce((sum, size) => sum + size, 0),
    },
  };
}
