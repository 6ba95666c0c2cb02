/**
 * Snapshots: written objects first and manifest last, read the other way round. Until the manifest is stored and its
 * id is kept in the database, nothing refers to the segments; a crash leaves unused objects and never a half snapshot.
 */
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { RECORD_KINDS, type RecordKind, type SnapshotRecord } from "@/lib/planner/types";
import { damaged as damagedError } from "./header";
import { isObjectId, type ObjectAccess } from "./objects";
import { inOrder, inParallel } from "./parallel";
import { canonicalJson, compareRecords, groupRecords, orderRecords, recordKey } from "./records";
import { cutSegments, parseSegment } from "./segments";
import type { Damage, Manifest, Repository, SnapshotCounts } from "./types";

const PARALLEL = 8;

export type ManifestSegment = Manifest["segments"][number];

export async function writeSnapshot(
  objects: ObjectAccess, workspaceId: string, ...[snapshot, records]: Parameters<Repository["writeSnapshot"]>
): ReturnType<Repository["writeSnapshot"]> {
  const ordered = orderRecords(records);
  const files = fileIds(snapshot.files, ordered);
  const counts = count(ordered);
  const segments: ManifestSegment[] = [];
  let newObjects = 0;
  let newBytes = 0;
  for (const { plaintext, ...segment } of cutSegments(ordered)) {
    const written = await objects.write("segment", plaintext);
    segments.push({ id: written.id, ...segment });
    newObjects += written.newBytes > 0 ? 1 : 0;
    newBytes += written.newBytes;
  }
  const { snapshotId, planId, microsoftTenantId, takenAt, consistency, complete, gaps, previous } = snapshot;
  const manifest: Manifest = {
    format: 1, workspaceId, snapshotId, planId, microsoftTenantId, takenAt, consistency, complete, gaps, counts, segments, files, previous,
  };
  const { id: manifestId, newBytes: manifestBytes } = await objects.write("manifest", Buffer.from(canonicalJson(manifest), "utf8"));
  return { manifestId, newObjects: newObjects + (manifestBytes > 0 ? 1 : 0), newBytes: newBytes + manifestBytes, counts };
}

export async function readManifest(objects: ObjectAccess, workspaceId: string, id: string): Promise<{ manifest: Manifest; storedBytes: number }> {
  const { plaintext, storedBytes } = await objects.read("manifest", id);
  const manifest = JSON.parse(Buffer.from(plaintext).toString("utf8")) as Manifest;
  if (manifest.format !== 1 || manifest.workspaceId !== workspaceId) throw damagedError("altered", "a manifest that this version cannot read");
  return { manifest, storedBytes };
}

export async function readSegment(objects: ObjectAccess, segment: ManifestSegment): Promise<{ records: SnapshotRecord[]; storedBytes: number }> {
  const { plaintext, storedBytes } = await objects.read("segment", segment.id);
  return { records: parseSegment(plaintext, segment), storedBytes };
}

export async function readSnapshot(objects: ObjectAccess, workspaceId: string, id: string): ReturnType<Repository["readSnapshot"]> {
  const { manifest } = await readManifest(objects, workspaceId, id);
  return { manifest, content: groupRecords(await recordsOf(objects, manifest.segments)) };
}

export async function* readRecords(objects: ObjectAccess, workspaceId: string, id: string, kinds: readonly RecordKind[]): AsyncGenerator<SnapshotRecord> {
  const { manifest } = await readManifest(objects, workspaceId, id);
  const segments = manifest.segments.filter(({ kind }) => kinds.includes(kind));
  for await (const { records } of inOrder(segments, PARALLEL, (segment) => readSegment(objects, segment))) yield* records;
}

export async function readSnapshotParts(objects: ObjectAccess, workspaceId: string, id: string): ReturnType<Repository["readSnapshotParts"]> {
  const { manifest } = await readManifest(objects, workspaceId, id);
  const damaged: Damage[] = [];
  const parts = await inParallel(manifest.segments, PARALLEL, async (segment) => {
    try {
      return (await readSegment(objects, segment)).records;
    } catch (error) {
      damaged.push({ objectId: segment.id, type: "segment", problem: problemOf(error), affects: describeSegment(segment) });
      return [];
    }
  });
  return { manifest, records: parts.flat(), damaged };
}

export async function diffSnapshots(objects: ObjectAccess, workspaceId: string, olderId: string, newerId: string): ReturnType<Repository["diffSnapshots"]> {
  const [older, newer] = await Promise.all([readManifest(objects, workspaceId, olderId), readManifest(objects, workspaceId, newerId)]);
  const only = async (one: Manifest, other: Manifest) => {
    const shared = new Set(other.segments.map(({ id }) => id));
    const records = await recordsOf(objects, one.segments.filter(({ id }) => !shared.has(id)));
    return new Map(records.map((record) => [recordKey(record), record]));
  };
  const before = await only(older.manifest, newer.manifest);
  const after = await only(newer.manifest, older.manifest);
  const added = [...after.values()].filter((record) => !before.has(recordKey(record)));
  const removed = [...before.values()].filter((record) => !after.has(recordKey(record)));
  const changed = [...after.values()].flatMap((record) => {
    const was = before.get(recordKey(record));
    return was && canonicalJson(was) !== canonicalJson(record) ? [{ before: was, after: record }] : [];
  });
  return { added: added.sort(compareRecords), removed: removed.sort(compareRecords), changed: changed.sort((a, b) => compareRecords(a.after, b.after)) };
}

/** What a failed read says about the object. Errors that are neither damage nor storage trouble are thrown on. */
export function problemOf(error: unknown): Damage["problem"] {
  if (isPlanbackError(error, "storage_unavailable")) return "unreadable";
  if (isPlanbackError(error, "repository_damaged")) return error.facts.problem === "missing" ? "missing" : "altered";
  throw error;
}

export function describeSegment({ kind, first, last, records }: ManifestSegment): string {
  return records === 1 ? `${kind} ${first}` : `${kind} ${first}..${last} (${records} records)`;
}

async function recordsOf(objects: ObjectAccess, segments: readonly ManifestSegment[]): Promise<SnapshotRecord[]> {
  return (await inParallel(segments, PARALLEL, async (segment) => (await readSegment(objects, segment)).records)).flat();
}

/** Every file that the snapshot needs, once each: those announced and those that attachments point to. */
function fileIds(announced: readonly string[], records: readonly SnapshotRecord[]): string[] {
  const attached = records.flatMap((record) => (record.kind === "attachment" ? [record.attachment.fileId] : []));
  const ids = [...new Set([...announced, ...attached])].sort();
  if (!ids.every(isObjectId)) throw new PlanbackError("invalid_input", "An attachment names a file that was never stored. Nothing was stored.");
  return ids;
}

function count(records: readonly SnapshotRecord[]): SnapshotCounts {
  const counts = Object.fromEntries(RECORD_KINDS.map((kind) => [kind, 0])) as Record<RecordKind, number>;
  const sizes = new Map<string, number>();
  for (const record of records) {
    counts[record.kind]++;
    if (record.kind === "attachment") sizes.set(record.attachment.fileId, record.attachment.size);
  }
  return { records: counts, files: sizes.size, fileBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
}
