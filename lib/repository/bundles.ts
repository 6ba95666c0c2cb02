/**
 * Bundles: the segments of a large plan once more, about two hundred in one object, so that opening a snapshot reads some
 * thirty objects instead of thousands. A bundle is made from segments, never instead of them, and any of its objects may be
 * missing, damaged or of a version to come: then the segments are read. No verification reads it, and no snapshot needs it.
 *
 *   part     = 16 random bytes | plaintexts of segments, one after the other
 *   outlines = canonical JSON  { "salt": 16 random bytes in hex, "segments": [ [id, [ outline of a record ] ] ] }, those of a part
 *   bundle   = canonical JSON  { "format": 1, "outlines": version, "pages": { id: page }, "parts": [ { "id", "outlines": id, "stored": number, "segments": [ [id, bytes] ] } ] }
 *
 * All are objects of type "bundle". The random bytes give each an id that nothing had before: nobody relies on what lies
 * in storage already, and nothing there is replaced.
 */
import { randomBytes } from "node:crypto";
import { isPlanbackError } from "@/lib/errors";
import { OUTLINE_VERSION, outlineOf } from "@/lib/planner/outline";
import type { OutlineRecord } from "@/lib/planner/types";
import { isWhole, type ObjectAccess } from "./objects";
import { readPage, regionsOf, segmentsOf, type Page } from "./pages";
import { inOrder, inParallel } from "./parallel";
import { canonicalJson } from "./records";
import { parseSegment } from "./segments";
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

/** `outlines`: of this version's kind; null: none that it can use. `stored`: bytes of both. */
interface Part { id: string; outlines: string | null; stored: number; segments: [id: string, bytes: number][] }
export interface Bundle { pages: ReadonlyMap<string, Page>; parts: Part[] }

/** Segments that are read together: out of a part of a bundle, or (null) from their own objects. */
export interface Unit { part: string | null; outlines: string | null; wanted: { entry: SegmentEntry; at: number; bytes: number }[] }

/** Null when there is none that this version can use. */
export async function readBundle(objects: ObjectAccess, id: string | null): Promise<Bundle | null> {
  if (id === null) return null;
  try {
    const { format, outlines, pages, parts } = await readJson<{ format: number; outlines?: number; pages: Record<string, Page>; parts: Part[] }>(objects, id);
    if (format !== FORMAT) return null;
    return { pages: new Map(Object.entries(pages)), parts: outlines === OUTLINE_VERSION ? parts : parts.map((part) => ({ ...part, outlines: null })) };
  } catch (error) {
    if (isUseless(error)) return null;
    throw error;
  }
}

async function readJson<T>(objects: ObjectAccess, id: string): Promise<T> {
  return JSON.parse(Buffer.from((await objects.read("bundle", id)).plaintext).toString("utf8")) as T;
}

/** How segments are best read: each in exactly one unit. */
export function unitsOf(bundle: Bundle | null, entries: readonly SegmentEntry[]): Unit[] {
  const left = new Map(entries.map((entry) => [entry.id, entry]));
  const units: Unit[] = [];
  for (const { id: part, outlines, segments } of bundle?.parts ?? []) {
    let at = SALT_BYTES;
    const wanted: Unit["wanted"] = [];
    for (const [id, bytes] of segments) {
      const entry = left.get(id);
      if (entry) wanted.push({ entry, at, bytes });
      at += bytes;
    }
    if (wanted.length <= segments.length * WANTED_SHARE) continue;
    units.push({ part, outlines, wanted });
    for (const { entry } of wanted) left.delete(entry.id);
  }
  return [...units, ...left.values().map((entry): Unit => ({ part: null, outlines: null, wanted: [{ entry, at: 0, bytes: 0 }] }))];
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

/** Gives the outlines of all segments of a unit to `take`; false, and none given, unless all are there. */
export async function takeOutlines(objects: ObjectAccess, { outlines, wanted }: Unit, take: (entry: SegmentEntry, records: OutlineRecord[]) => void): Promise<boolean> {
  if (outlines === null) return false;
  try {
    const found = new Map((await readJson<{ segments: [string, OutlineRecord[]][] }>(objects, outlines)).segments);
    if (wanted.some(({ entry }) => found.get(entry.id)?.length !== entry.records)) return false;
    for (const { entry } of wanted) take(entry, found.get(entry.id)!);
    return true;
  } catch (error) {
    if (isUseless(error)) return false;
    throw error;
  }
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
  const there = await select(old?.parts ?? [], async ({ id, outlines }) => outlines !== null && (await objects.has("bundle", id)) && objects.has("bundle", outlines));
  if (old && missing(there).length <= entries.length * MISSING_SHARE) return null;
  const kept = await select(there.filter(isLive), async ({ id, outlines }) => (await isWhole(objects, "bundle", id)) && isWhole(objects, "bundle", outlines!));
  const parts = [...kept, ...(await Array.fromAsync(writeParts(objects, missing(kept), limits.partBytes, signal)))];
  const { id, newBytes } = await objects.write("bundle", Buffer.from(canonicalJson({ format: FORMAT, outlines: OUTLINE_VERSION, pages: Object.fromEntries(pages), parts }), "utf8"));
  return { id, stored: parts.reduce((sum, { stored }) => sum + stored, newBytes) };
}

/** What is damaged is left out. */
async function* writeParts(objects: ObjectAccess, entries: SegmentEntry[], partBytes: number, signal?: AbortSignal): AsyncGenerator<Part> {
  let read: { id: string; plaintext: Uint8Array; outlines: OutlineRecord[] }[] = [];
  let bytes = 0;
  const write = async (): Promise<Part> => {
    const part = await objects.write("bundle", Buffer.concat([randomBytes(SALT_BYTES), ...read.map(({ plaintext }) => plaintext)]));
    const segments = read.map(({ id, outlines }) => [id, outlines]);
    const outlines = await objects.write("bundle", Buffer.from(canonicalJson({ salt: randomBytes(SALT_BYTES).toString("hex"), segments }), "utf8"));
    return { id: part.id, outlines: outlines.id, stored: part.newBytes + outlines.newBytes, segments: read.map(({ id, plaintext }) => [id, plaintext.length]) };
  };
  const readOne = async (entry: SegmentEntry) => {
    const { plaintext } = await objects.read("segment", entry.id);
    return { id: entry.id, plaintext, outlines: parseSegment(plaintext, entry).map(outlineOf) };
  };
  for await (const one of inOrder(entries, PARALLEL, (entry) => readOne(entry).catch(nullIfDamaged))) {
    signal?.throwIfAborted();
    if (!one) continue;
    read.push(one);
    bytes += one.plaintext.length;
    if (bytes < partBytes) continue;
    yield await write();
    [read, bytes] = [[], 0];
  }
  if (read.length > 0) yield await write();
}

/** What is in storage for it, besides the bundle itself. */
export const objectsOfBundle = (bundle: Bundle | null): string[] => bundle?.parts.flatMap(({ id, outlines }) => (outlines === null ? [id] : [id, outlines])) ?? [];

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
