/**
 * JSON for the database. What has long lists (the restore plan of 9,000 tasks is 25 MiB of text) is compressed, an element
 * at a time, so that it is nowhere in memory as one text: a first line without them, then a line for each element.
 */
import { buffer } from "node:stream/consumers";
import { createGunzip, createGzip } from "node:zlib";
import { release } from "@/lib/repository/frames";

const LONG = 100;
const BATCH = 64 * 1024;
const NEWLINE = 10;

type Lists = Record<string, unknown[]>;

export async function pack(value: unknown): Promise<Uint8Array> {
  const lists = longLists(value);
  if (lists.length === 0) return Buffer.from(JSON.stringify(value));
  const gzip = createGzip({ level: 3 });
  const packed = buffer(gzip);
  const first = `${JSON.stringify({ ...(value as object), ...Object.fromEntries(lists.map(([key]) => [key, []])) })}\n`;
  for (const bytes of batched(first, lists)) await new Promise<void>((resolve, reject) => gzip.write(bytes, (error) => (error ? reject(error) : resolve())));
  gzip.end();
  return packed;
}

/** The lines, in one and the same buffer again and again: buffers are only given back when V8 has seen tens of MiB of them. */
function* batched(first: string, lists: [string, unknown[]][]): Generator<Uint8Array> {
  const batch = Buffer.allocUnsafeSlow(BATCH);
  let length = 0;
  for (const line of linesOf(first, lists)) {
    const bytes = Buffer.byteLength(line);
    if (length + bytes > BATCH) {
      yield batch.subarray(0, length);
      length = 0;
    }
    if (bytes > BATCH) yield Buffer.from(line);
    else length += batch.write(line, length);
  }
  yield batch.subarray(0, length);
}

function* linesOf(first: string, lists: [string, unknown[]][]): Generator<string> {
  yield first;
  for (const [key, list] of lists) for (const element of list) yield `${JSON.stringify({ [key]: element ?? null })}\n`;
}

/** `hold` is given each element of a long list as it comes, and what it returns is held instead. */
export async function unpack(bytes: Uint8Array, hold: (element: unknown) => unknown = (element) => element): Promise<unknown> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return JSON.parse(Buffer.from(bytes).toString("utf8"));
  const gunzip = createGunzip({ chunkSize: BATCH });
  gunzip.end(bytes);
  let value: Lists | null = null;
  let begun: Buffer[] = [];
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      const text = begun.length === 0 ? chunk.toString("utf8", start, at) : Buffer.concat([...begun, chunk.subarray(start, at)]).toString("utf8");
      begun = [];
      const line = JSON.parse(text) as Lists;
      if (value === null) value = line;
      else for (const [key, element] of Object.entries(line)) value[key]!.push(hold(element));
      start = at + 1;
    }
    if (start < chunk.length) begun.push(Buffer.from(chunk.subarray(start)));
    release(chunk);
  }
  return value;
}

function longLists(value: unknown): [string, unknown[]][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length >= LONG);
}
