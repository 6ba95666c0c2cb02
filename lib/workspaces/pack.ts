/**
 * JSON for the database. What has long lists (the restore plan of 9,000 tasks is 25 MiB of text) is compressed, an element
 * at a time, so that it is nowhere in memory as one text: a first line without them, then a line for each element.
 */
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { createGzip, gunzipSync } from "node:zlib";

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

export function unpack(bytes: Uint8Array): unknown {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return JSON.parse(Buffer.from(bytes).toString("utf8"));
  const lines = gunzipSync(bytes);
  let at = lines.indexOf(NEWLINE);
  const value = JSON.parse(lines.toString("utf8", 0, at)) as Lists;
  for (let start = at + 1; start < lines.length; start = at + 1) {
    at = lines.indexOf(NEWLINE, start);
    for (const [key, element] of Object.entries(JSON.parse(lines.toString("utf8", start, at)) as object)) value[key]!.push(element);
  }
  return value;
}

function longLists(value: unknown): [string, unknown[]][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length >= LONG);
}
