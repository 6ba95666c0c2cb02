/**
 * JSON for the database. What has long lists (the restore plan of 9,000 tasks is 25 MiB of text) is compressed, an element
 * at a time, so that it is nowhere in memory as one text: a first line without them, then a line for each element.
 */
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { createGunzip, createGzip } from "node:zlib";

const LONG = 100;
const BATCH = 64 * 1024;
const NEWLINE = 10;

type Lists = Record<string, unknown[]>;

export async function pack(value: unknown): Promise<Uint8Array> {
  const lists = longLists(value);
  if (lists.length === 0) return Buffer.from(JSON.stringify(value));
  const gzip = createGzip({ level: 3 });
  const packed = buffer(gzip);
  let batch = `${JSON.stringify({ ...(value as object), ...Object.fromEntries(lists.map(([key]) => [key, []])) })}\n`;
  for (const [key, list] of lists) {
    for (const element of list) {
      batch += `${JSON.stringify({ [key]: element ?? null })}\n`;
      if (batch.length < BATCH) continue;
      if (!gzip.write(batch)) await once(gzip, "drain");
      batch = "";
    }
  }
  gzip.end(batch);
  return packed;
}

/** `hold` is given each element of a long list as it comes, and what it returns is held instead. */
export async function unpack(bytes: Uint8Array, hold: (element: unknown) => unknown = (element) => element): Promise<unknown> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return JSON.parse(Buffer.from(bytes).toString("utf8"));
  const gunzip = createGunzip({ chunkSize: BATCH });
  gunzip.end(bytes);
  let value: Lists | null = null;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of gunzip) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE, start)) {
      const line = JSON.parse(rest.toString("utf8", start, at)) as Lists;
      if (value === null) value = line;
      else for (const [key, element] of Object.entries(line)) value[key]!.push(hold(element));
      start = at + 1;
    }
    rest = rest.subarray(start);
  }
  return value;
}

function longLists(value: unknown): [string, unknown[]][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length >= LONG);
}
