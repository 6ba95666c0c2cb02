/**
 * Bundles: the segments of a large plan once more, about two hundred in one object, so that opening a snapshot reads some
 * thirty objects instead of thousands. A bundle is made from segments, never instead of them, and any of its objects may be
 * missing, damaged or of a version to come: then the segments are read. No verification reads it, and no snapshot needs it.
 *
 *   part   = 16 random bytes | plaintexts of segments, one after the other
 *   bundle = canonical JSON  { "format": 1, "pages": { id: page }, "parts": [ { "id", "stored": number, "segments": [ [id, bytes] ] } ] }
 *
 * Both are objects of type "bundle". The random bytes give each an id that nothing had before: nobody relies on what lies
 * in storage already, and nothing there is replaced.
 */
import { randomBytes } from "node:crypto";
import { isPlanbackError } from "@/lib/errors";
import { isWhole, type ObjectAccess } from "./objects";
import { readPage, regionsOf, segmentsOf, type Page } from "./pages";
import { inOrder, inParallel } from "./parallel";
import { canonicalJson } from "./records";
import type { Manifest, Repository, SegmentEntry } from "./types";

const FORMAT = 1;
const SALT_BYTES = 16;
export interface BundleLimits {
  /** A part has so much, and the rest of its last segment. */
  partBytes: number;
  /** Plans with fewer segments are opened quickly without. One that has a bundle keeps it until it has half of that. */
  leastSegments: number;
}
const LIMITS: BundleLimits = { partBytes: 1024 * 1024, leastSegments: 500 };
/** So many of the snapshot's segments may be missing in the bundle before it is made again. */
const MISSING_SHARE = 0.05;
/** A part of which less is still needed is not kept when the bundle is made again. */
const LIVE_SHARE = 0.6;
/** A part is read when more of its segments are wanted than this: fewer are read as quickly one by one. */
const WANTED_SHARE = 1 / 8;
const PARALLEL = 8;

interface Part { id: string; stored: number; segments: [id: string, bytes: number][] }
export interface Bundle { pages: ReadonlyMap<string, Page>; parts: Part[] }

/** Segments that are read together: out of a part of a bundle, or (null) from their own objects. */
export interface Unit { part: string | null; wanted: { entry: SegmentEntry; at: number; bytes: number }[] }

/** Null when there is none that this version can use. */
export async function readBundle(objects: ObjectAccess, id: string | null): Promise<Bundle | null> {
  if (id === null) return null;
  try {
    const { format, pages, parts } = JSON.parse(Buffer.from((await objects.read("bundle", id)).plaintext).toString("utf8")) as { format: number; pages: Record<string, Page>; parts: Part[] };
    return format === FORMAT ? { pages: new Map(Object.entries(pages)), parts } : null;
  } catch (error) {
    if (isUseless(error)) return null;
    throw error;
  }
}

/** How segments are best read: each in exactly one unit. */
export function unitsOf(bundle: Bundle | null, entries: readonly SegmentEntry[]): Unit[] {
  const left = new Map(entries.map((entry) => [entry.id, entry]));
  const units: Unit[] = [];
  for (const { id: part, segments } of bundle?.parts ?? []) {
    let at = SALT_BYTES;
    const wanted: Unit["wanted"] = [];
    for (const [id, bytes] of segments) {
      const entry = left.get(id);
      if (entry) wanted.push({ entry, at, bytes });
      at += bytes;
    }
    if (wanted.length <= segments.length * WANTED_SHARE) continue;
    units.push({ part, wanted });
    for (const { entry } of wanted) left.delete(entry.id);
  }
  return [...units, ...left.values().map((entry): Unit => ({ part: null, wanted: [{ entry, at: 0, bytes: 0 }] }))];
}

/** Gives the segments of a unit to `take` as far as its part has them, and returns those that are to be read from their own objects. */
export async function takeFromPart(objects: ObjectAccess, { part, wanted }: Unit, take: (entry: SegmentEntry, plaintext: Uint8Array) => void): Promise<SegmentEntry[]> {
  const alone = wanted.map(({ entry }) => entry);
  if (part === null) return alone;
  try {
    const { plaintext } = await objects.read("bundle", part);
    for (const { entry, at, bytes } of wanted) {
      const segment = plaintext.subarray(at, at + bytes);
      if (objects.id("segment", segment) !== entry.id) return alone;
      take(entry, segment);
      alone.shift();
    }
  } catch (error) {
    if (!isUseless(error)) throw error;
  }
  return alone;
}

/**
 * A bundle that holds nearly all segments of the snapshot; parts of the current one that are still needed are parts of it. Null while
 * the current one does, and for a snapshot that is small and has none. Holds one part at a time.
 */
export async function makeBundle(
  objects: ObjectAccess, manifest: Manifest, current: string | null, { limits = LIMITS, signal }: { limits?: BundleLimits; signal?: AbortSignal } = {},
): ReturnType<Repository["makeBundle"]> {
  const old = await readBundle(objects, current);
  const pages = new Map(await inParallel(manifest.pages, PARALLEL, async (page): Promise<[string, Page]> => [page.id, old?.pages.get(page.id) ?? (await readPage(objects, page)).listed]));
  const entries = (await Promise.all(regionsOf(manifest).map((region) => segmentsOf(objects, region, pages)))).flat();
  if (entries.length < limits.leastSegments * (old ? 0.5 : 1)) return current === null ? null : { id: null, stored: 0 };
  const needed = new Set(entries.map(({ id }) => id));
  const isLive = ({ segments }: Part) => segments.filter(([id]) => needed.has(id)).length >= segments.length * LIVE_SHARE;
  const missing = (parts: Part[]) => {
    const there = new Set(parts.flatMap(({ segments }) => segments.map(([id]) => id)));
    return entries.filter(({ id }) => !there.has(id));
  };
  const there = await select(old?.parts ?? [], ({ id }) => objects.has("bundle", id));
  if (old && missing(there).length <= entries.length * MISSING_SHARE) return null;
  const kept = await select(there.filter(isLive), ({ id }) => isWhole(objects, "bundle", id));
  const parts = [...kept, ...(await Array.fromAsync(writeParts(objects, missing(kept), limits.partBytes, signal)))];
  const { id, newBytes } = await objects.write("bundle", Buffer.from(canonicalJson({ format: FORMAT, pages: Object.fromEntries(pages), parts }), "utf8"));
  return { id, stored: parts.reduce((sum, { stored }) => sum + stored, newBytes) };
}

/** What is damaged is left out. */
async function* writeParts(objects: ObjectAccess, entries: SegmentEntry[], partBytes: number, signal?: AbortSignal): AsyncGenerator<Part> {
  let segments: Part["segments"] = [];
  let texts: Uint8Array[] = [];
  let bytes = 0;
  const write = async (): Promise<Part> => {
    const { id, newBytes } = await objects.write("bundle", Buffer.concat([randomBytes(SALT_BYTES), ...texts]));
    return { id, stored: newBytes, segments };
  };
  const read = async ({ id }: SegmentEntry) => ({ id, plaintext: (await objects.read("segment", id).catch(nullIfDamaged))?.plaintext });
  for await (const { id, plaintext } of inOrder(entries, PARALLEL, read)) {
    signal?.throwIfAborted();
    if (!plaintext) continue;
    segments.push([id, plaintext.length]);
    texts.push(plaintext);
    bytes += plaintext.length;
    if (bytes < partBytes) continue;
    yield await write();
    [segments, texts, bytes] = [[], [], 0];
  }
  if (segments.length > 0) yield await write();
}

async function select(parts: Part[], holds: (part: Part) => Promise<boolean>): Promise<Part[]> {
  const held = await inParallel(parts, PARALLEL, holds);
  return parts.filter((_, index) => held[index]);
}

function nullIfDamaged(error: unknown): null {
  if (isPlanbackError(error, "repository_damaged")) return null;
  throw error;
}

/** Whatever is wrong with a bundle, or with getting it, says nothing about the snapshot: its segments will tell. */
const isUseless = (error: unknown) => error instanceof SyntaxError || isPlanbackError(error, "repository_damaged") || isPlanbackError(error, "storage_unavailable");
