/**
 * Snapshots: written objects first and manifest last, read the other way round. Until the manifest is stored and its
 * id is kept in the database, nothing refers to the other objects; a crash leaves unused objects and never a half snapshot.
 */
import { isPlanbackError } from "@/lib/errors";
import type { OutlineRecord, RecordKind, SnapshotRecord } from "@/lib/planner/types";
import { outlineOf } from "@/lib/planner/outline";
import { readBundle, takeFromPart, takeOutlines, unitsOf, type Unit } from "./bundles";
import { damaged as damagedError } from "./header";
import { readLines } from "./lines";
import type { ObjectAccess } from "./objects";
import { pageSegments, regionsOf, segmentsOf } from "./pages";
import { inOrder, inParallel } from "./parallel";
import { bitsOf, canonicalJson, compareRecords, groupRecords, positionOf } from "./records";
import { cutSegments, parseSegment, splitSegment } from "./segments";
import type { Damage, Manifest, PageEntry, ReadFrom, ReadParts, Repository, SegmentEntry } from "./types";

const PARALLEL = 8;

export async function writeSnapshot(
  objects: ObjectAccess, workspaceId: string, ...[snapshot, records]: Parameters<Repository["writeSnapshot"]>
): ReturnType<Repository["writeSnapshot"]> {
  const { kinds, counts } = await readLines(records);
  const earlier = await earlierPages(objects, workspaceId, snapshot.previous);
  const pages: PageEntry[] = [];
  const segments: SegmentEntry[] = [];
  const written: number[] = [];
  for (const [kind, lines] of kinds) {
    const all: SegmentEntry[] = [];
    const stored = inOrder(cutSegments(kind, lines), PARALLEL, async ({ plaintext, ...entry }) => ({ entry, ...(await objects.write("segment", plaintext)) }));
    for await (const { entry, id, newBytes } of stored) {
      all.push({ id, ...entry });
      if (newBytes > 0) written.push(newBytes);
    }
    const paged = await pageSegments(objects, kind, all, earlier);
    pages.push(...paged.pages);
    segments.push(...paged.segments);
    written.push(...paged.newBytes);
  }
  const { snapshotId, planId, microsoftTenantId, takenAt, consistency, complete, gaps, previous } = snapshot;
  const manifest: Manifest = {
    format: 1, workspaceId, snapshotId, planId, microsoftTenantId, takenAt, consistency, complete, gaps, counts, pages, segments, previous,
  };
  const { id: manifestId, newBytes } = await objects.write("manifest", Buffer.from(canonicalJson(manifest), "utf8"));
  if (newBytes > 0) written.push(newBytes);
  return { manifestId, newObjects: written.length, newBytes: written.reduce((sum, bytes) => sum + bytes, 0), counts };
}

/** The pages of the snapshot before; none when its manifest cannot be read. */
async function earlierPages(objects: ObjectAccess, workspaceId: string, previous: string | null): Promise<PageEntry[]> {
  if (previous === null) return [];
  try {
    return (await readManifest(objects, workspaceId, previous)).manifest.pages;
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return [];
    throw error;
  }
}

export async function readManifest(objects: ObjectAccess, workspaceId: string, id: string): Promise<{ manifest: Manifest; storedBytes: number }> {
  const { plaintext, storedBytes } = await objects.read("manifest", id);
  const manifest = JSON.parse(Buffer.from(plaintext).toString("utf8")) as Manifest;
  if (manifest.format !== 1 || manifest.workspaceId !== workspaceId) throw damagedError("altered", "a manifest that this version cannot read");
  return { manifest, storedBytes };
}

export async function readSegment(objects: ObjectAccess, entry: SegmentEntry): Promise<{ lines: string[]; storedBytes: number }> {
  const { plaintext, storedBytes } = await objects.read("segment", entry.id);
  return { lines: splitSegment(plaintext, entry), storedBytes };
}

async function recordsIn(objects: ObjectAccess, entry: SegmentEntry): Promise<SnapshotRecord[]> {
  return parseSegment((await objects.read("segment", entry.id)).plaintext, entry);
}

/** Records of some kinds; a few segments are read ahead. */
export async function* readRecords(objects: ObjectAccess, workspaceId: string, id: string, kinds: readonly RecordKind[]): AsyncGenerator<SnapshotRecord> {
  const { manifest } = await readManifest(objects, workspaceId, id);
  const regions = regionsOf(manifest).filter(({ kind }) => kinds.includes(kind));
  const entries = (await inParallel(regions, PARALLEL, (region) => segmentsOf(objects, region))).flat();
  for await (const records of inOrder(entries, PARALLEL, (entry) => recordsIn(objects, entry))) yield* records;
}

/** The records of one kind that have these ids, as far as the snapshot has them; only the segments where they would lie are read. */
export async function findRecords(objects: ObjectAccess, workspaceId: string, id: string, kind: RecordKind, ids: Iterable<string>): Promise<SnapshotRecord[]> {
  const wanted = new Map([...ids].map((each) => [each, bitsOf(positionOf({ kind, id: each }))]));
  const bits = [...wanted.values()];
  const mayHold = (prefix: string) => bits.some((position) => position.startsWith(prefix));
  const { manifest } = await readManifest(objects, workspaceId, id);
  const regions = regionsOf(manifest).filter((region) => region.kind === kind && (region.page === null || mayHold(region.page.prefix)));
  const entries = (await inParallel(regions, PARALLEL, (region) => segmentsOf(objects, region))).flat().filter(({ prefix }) => mayHold(prefix));
  return (await inParallel(entries, PARALLEL, (entry) => recordsIn(objects, entry))).flat().filter((record) => wanted.has(record.id));
}

export async function readSnapshot(objects: ObjectAccess, workspaceId: string, id: string, bundleId: string | null = null, hold?: (record: SnapshotRecord) => SnapshotRecord): ReturnType<Repository["readSnapshot"]> {
  const { manifest, records } = await readParts(objects, workspaceId, id, { bundleId }, parsed(objects, hold ?? ((record) => record)), (error) => { throw error; });
  return { manifest, content: groupRecords(records) };
}

export function readSnapshotParts(objects: ObjectAccess, workspaceId: string, id: string, from: ReadFrom = {}): ReturnType<Repository["readSnapshotParts"]> {
  return readParts(objects, workspaceId, id, from, parsed(objects, (record) => record));
}

export function readOutline(objects: ObjectAccess, workspaceId: string, id: string, from: ReadFrom<OutlineRecord> = {}): ReturnType<Repository["readOutline"]> {
  const { parse, takeUnit } = parsed(objects, outlineOf);
  return readParts(objects, workspaceId, id, from, {
    parse,
    takeUnit: async (unit, take) => ((await takeOutlines(objects, unit, take)) ? [] : takeUnit(unit, take)),
  });
}

/** How segments become records: from their own plaintext, or from a unit of a bundle, which returns those that it does not have. */
interface Reading<R> {
  parse(entry: SegmentEntry, plaintext: Uint8Array): R[];
  takeUnit(unit: Unit, take: (entry: SegmentEntry, records: R[]) => void): Promise<SegmentEntry[]>;
}

function parsed<R>(objects: ObjectAccess, hold: (record: SnapshotRecord) => R): Reading<R> {
  const parse = (entry: SegmentEntry, plaintext: Uint8Array) => parseSegment(plaintext, entry).map(hold);
  return { parse, takeUnit: (unit, take) => takeFromPart(objects, unit, (entry, plaintext) => take(entry, parse(entry, plaintext))) };
}

async function readParts<R extends OutlineRecord>(
  objects: ObjectAccess, workspaceId: string, id: string, { known = [], bundleId = null }: ReadFrom<R>, { parse, takeUnit }: Reading<R>, onDamage?: (error: unknown) => void,
): Promise<ReadParts<R>> {
  const [{ manifest }, bundle] = await Promise.all([readManifest(objects, workspaceId, id), readBundle(objects, bundleId)]);
  const damaged: Damage[] = [];
  const whole = async <T>(item: T, read: (item: T) => Promise<void>, damageOf: (item: T) => Omit<Damage, "problem">): Promise<void> => {
    try {
      await read(item);
    } catch (error) {
      onDamage?.(error);
      damaged.push({ ...damageOf(item), problem: problemOf(error) });
    }
  };
  const entries: SegmentEntry[] = [];
  await inParallel(regionsOf(manifest), PARALLEL, (region) =>
    whole(region, async () => void entries.push(...(await segmentsOf(objects, region, bundle?.pages))), ({ page }) => damageOf("page", page!)));
  const segments = new Map(entries.flatMap(({ id: each }): [string, R[]][] => { const found = known.find((read) => read.has(each))?.get(each); return found ? [[each, found]] : []; }));
  const take = (entry: SegmentEntry, records: R[]) => void segments.set(entry.id, records);
  await inParallel(unitsOf(bundle, entries.filter((entry) => !segments.has(entry.id))), PARALLEL, async (unit) => {
    for (const entry of await takeUnit(unit, take)) {
      await whole(entry, async () => take(entry, parse(entry, (await objects.read("segment", entry.id)).plaintext)), () => damageOf("segment", entry));
    }
  });
  return { manifest, records: [...segments.values()].flat().sort(compareRecords), damaged, segments };
}

/** What a failed read says about the object. Errors that are neither damage nor storage trouble are thrown on. */
export function problemOf(error: unknown): Damage["problem"] {
  if (isPlanbackError(error, "storage_unavailable")) return "unreadable";
  if (isPlanbackError(error, "repository_damaged")) return error.facts.problem === "missing" ? "missing" : "altered";
  throw error;
}

const NOUNS: Record<RecordKind, [one: string, many: string]> = {
  group: ["the facts of the group", ""], plan: ["the plan's own record", ""], planDetails: ["the names of the labels", ""], bucket: ["bucket", "buckets"], task: ["task", "tasks"],
  comment: ["comment", "comments"], attachment: ["attached file", "attached files"], person: ["person", "people"],
};

export function damageOf(type: "page" | "segment", { id, kind, records }: SegmentEntry): Omit<Damage, "problem"> {
  const [one, many] = NOUNS[kind];
  return { objectId: id, type, affects: many === "" ? one : `${records} ${records === 1 ? one : many}` };
}
