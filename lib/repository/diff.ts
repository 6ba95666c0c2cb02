/**
 * What differs between two snapshots. Pages and segments that both have are not read; of the segments that are read,
 * lines that both have are not parsed. Where segments of one snapshot overlap some of the other they are compared as a
 * cluster, cluster by cluster, so memory holds a few clusters.
 */
import type { RecordKind, SnapshotRecord } from "@/lib/planner/types";
import type { ObjectAccess } from "./objects";
import { byPrefix, regionsOf, segmentsOf, type Region } from "./pages";
import { inOrder, inParallel } from "./parallel";
import { compareRecords, recordKey } from "./records";
import { parseLine } from "./segments";
import { readManifest, readSegment } from "./snapshots";
import type { Repository, SegmentEntry } from "./types";

const PARALLEL = 8;

interface Cluster { before: SegmentEntry[]; after: SegmentEntry[] }

export async function* differences(
  objects: ObjectAccess, workspaceId: string, ...[olderId, newerId, kinds]: Parameters<Repository["differences"]>
): ReturnType<Repository["differences"]> {
  const wanted = ({ kind }: Region) => !kinds || kinds.includes(kind);
  const [older, newer] = await Promise.all([olderId, newerId].map(async (id) => regionsOf((await readManifest(objects, workspaceId, id)).manifest).filter(wanted)));
  const [before, after] = await Promise.all([entriesNotIn(objects, older!, newer!), entriesNotIn(objects, newer!, older!)]);
  for await (const { removed, added } of inOrder(clusters(before, after), PARALLEL, (cluster) => compare(objects, cluster))) {
    for (const [key, record] of added) yield { before: removed.get(key) ?? null, after: record };
    for (const [key, record] of removed) if (!added.has(key)) yield { before: record, after: null };
  }
}

export async function diffSnapshots(...args: Parameters<typeof differences>): ReturnType<Repository["diffSnapshots"]> {
  const result: Awaited<ReturnType<Repository["diffSnapshots"]>> = { added: [], removed: [], changed: [] };
  for await (const { before, after } of differences(...args)) {
    if (before && after) result.changed.push({ before, after });
    else if (after) result.added.push(after);
    else if (before) result.removed.push(before);
  }
  result.added.sort(compareRecords);
  result.removed.sort(compareRecords);
  result.changed.sort((a, b) => compareRecords(a.after, b.after));
  return result;
}

/** Segments in regions that `other` does not have just so. */
async function entriesNotIn(objects: ObjectAccess, regions: Region[], other: Region[]): Promise<SegmentEntry[]> {
  const key = ({ kind, page, loose }: Region) => JSON.stringify([kind, page?.id, loose.map(({ id, prefix }) => [id, prefix])]);
  const shared = new Set(other.map(key));
  return (await inParallel(regions.filter((region) => !shared.has(key(region))), PARALLEL, (region) => segmentsOf(objects, region))).flat();
}

/** Segments that only one side has, those that overlap together. */
function* clusters(before: SegmentEntry[], after: SegmentEntry[]): Generator<Cluster> {
  const key = ({ id, kind, prefix }: SegmentEntry) => `${kind} ${prefix} ${id}`;
  const [inBefore, inAfter] = [new Set(before.map(key)), new Set(after.map(key))];
  const sides = [
    ...before.filter((entry) => !inAfter.has(key(entry))).map((entry) => ({ entry, side: "before" as const })),
    ...after.filter((entry) => !inBefore.has(key(entry))).map((entry) => ({ entry, side: "after" as const })),
  ];
  sides.sort((a, b) => (a.entry.kind < b.entry.kind ? -1 : a.entry.kind > b.entry.kind ? 1 : byPrefix(a.entry, b.entry)));
  let root: { kind: RecordKind; prefix: string } | null = null;
  let cluster: Cluster = { before: [], after: [] };
  for (const { entry, side } of sides) {
    if (!root || entry.kind !== root.kind || !entry.prefix.startsWith(root.prefix)) {
      if (root) yield cluster;
      root = entry;
      cluster = { before: [], after: [] };
    }
    cluster[side].push(entry);
  }
  if (root) yield cluster;
}

/** Records that only one side has in these bytes. */
async function compare(objects: ObjectAccess, { before, after }: Cluster): Promise<{ removed: Map<string, SnapshotRecord>; added: Map<string, SnapshotRecord> }> {
  const linesOf = async (entries: SegmentEntry[]) =>
    new Map((await Promise.all(entries.map(async (entry) => (await readSegment(objects, entry)).lines.map((line): [string, SegmentEntry] => [line, entry])))).flat());
  const [old, current] = await Promise.all([linesOf(before), linesOf(after)]);
  const only = (lines: Map<string, SegmentEntry>, other: Map<string, SegmentEntry>) => new Map([...lines].filter(([line]) => !other.has(line)).map(([line, entry]) => {
    const record = parseLine(line, entry);
    return [recordKey(record), record];
  }));
  return { removed: only(old, current), added: only(current, old) };
}
