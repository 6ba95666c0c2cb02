/**
 * Verify: reads every byte that the given snapshots need, opens it and checks it against its id. It repairs nothing
 * and changes nothing. Objects that no given snapshot needs are not looked at. It goes snapshot by snapshot and reads no
 * object twice; memory holds the pages of two snapshots and the ids of everything.
 */
import { PlanbackError } from "@/lib/errors";
import { throwIfCancelled } from "./files";
import type { ObjectAccess } from "./objects";
import { readPage, regionsOf, segmentsOf, updated } from "./pages";
import { inOrder, inParallel } from "./parallel";
import { parseLine } from "./segments";
import { damageOf, problemOf, readManifest, readSegment } from "./snapshots";
import type { Damage, NeededObject, PageEntry, Repository, SegmentEntry, VerifyReport } from "./types";

const PARALLEL = 8;
const MANIFESTS_AHEAD = 4;

/** One object to read, and what is lost without it. */
interface Check<T> extends Omit<Damage, "problem"> {
  read(): Promise<{ storedBytes: number; found: T }>;
}

export async function verify(
  objects: ObjectAccess, workspaceId: string, ...[manifestIds, options = {}]: Parameters<Repository["verify"]>
): Promise<VerifyReport> {
  const ids = [...new Set(manifestIds)];
  const report: VerifyReport = { snapshots: ids.length, objects: 0, bytes: 0, damaged: [], damagedManifests: [] };
  const seen = new Set<string>();
  let total = ids.length;

  /** What was found; null when it is damaged, which is then in the report. */
  async function check<T>({ read, ...object }: Check<T>): Promise<T | null> {
    throwIfCancelled(options.signal);
    let found: T | null = null;
    try {
      const result = await read();
      report.bytes += result.storedBytes;
      found = result.found;
    } catch (error) {
      report.damaged.push({ ...object, problem: problemOf(error) });
    }
    report.objects++;
    options.onProgress?.(report.objects, total);
    return found;
  }

  /** Checks those of the objects that no snapshot before needed. */
  async function checkNew<T>(checks: Check<T>[]): Promise<(T | null)[]> {
    const fresh = checks.filter(({ objectId }) => !seen.has(objectId) && seen.add(objectId));
    total += fresh.length;
    return inParallel(fresh, PARALLEL, check);
  }

  const manifests = inOrder(ids, MANIFESTS_AHEAD, (objectId) => check({
    objectId, type: "manifest", affects: "a whole snapshot",
    read: async () => { const { manifest, storedBytes } = await readManifest(objects, workspaceId, objectId); return { storedBytes, found: manifest }; },
  }));
  let pagesBefore = new Map<string, SegmentEntry[]>();
  for await (const manifest of manifests) {
    if (!manifest) continue;
    const pages = new Map<string, SegmentEntry[]>();
    for (const { id } of manifest.pages) if (pagesBefore.has(id)) pages.set(id, pagesBefore.get(id)!);
    const unknown = manifest.pages.filter(({ id }) => !pages.has(id));
    const read = async (page: PageEntry) => { const { segments, storedBytes } = await readPage(objects, page); pages.set(page.id, segments); return { storedBytes, found: null }; };
    await checkNew(unknown.map((page) => ({ ...damageOf("page", page), read: () => read(page) })));
    // Pages of a snapshot before the one before: known to be whole, or in the report.
    await inParallel(unknown.filter(({ id }) => !pages.has(id)), PARALLEL, (page) => read(page).catch(problemOf));
    pagesBefore = pages;

    const segments = regionsOf(manifest).flatMap(({ page, loose }) => updated((page && pages.get(page.id)) ?? [], loose));
    const files = await checkNew(segments.map((entry) => ({
      ...damageOf("segment", entry),
      read: async () => { const { lines, storedBytes } = await readSegment(objects, entry); return { storedBytes, found: filesIn(entry, lines) }; },
    })));
    await checkNew(files.flatMap((found) => found ?? []).map((objectId) => ({
      objectId, type: "file", affects: "an attached file",
      read: async () => ({ storedBytes: await readWholeFile(objects, objectId, options.signal), found: null }),
    })));
  }

  const unreadable = report.damaged.filter(({ problem }) => problem === "unreadable").length;
  if (unreadable > 0 && unreadable === report.objects) {
    throw new PlanbackError("storage_unavailable", "The backup storage does not answer, so nothing could be verified. This says nothing about the snapshots; try again when the storage works.");
  }
  report.damagedManifests = await manifestsThatNeed(objects, workspaceId, ids, new Set(report.damaged.map(({ objectId }) => objectId)));
  return report;
}

/** Every object that a snapshot needs, as far as it can be read. Throws repository_damaged where it cannot. */
export async function* objectsOf(objects: ObjectAccess, workspaceId: string, manifestId: string): AsyncGenerator<NeededObject> {
  yield { type: "manifest", id: manifestId, kind: null };
  const { manifest } = await readManifest(objects, workspaceId, manifestId);
  for (const { id, kind } of manifest.pages) yield { type: "page", id, kind };
  const files = new Set<string>();
  for (const region of regionsOf(manifest)) {
    for (const entry of await segmentsOf(objects, region)) {
      yield { type: "segment", id: entry.id, kind: entry.kind };
      if (entry.kind === "attachment") for (const file of filesIn(entry, (await readSegment(objects, entry)).lines)) files.add(file);
    }
  }
  for (const id of files) yield { type: "file", id, kind: null };
}

async function manifestsThatNeed(objects: ObjectAccess, workspaceId: string, manifestIds: string[], damaged: ReadonlySet<string>): Promise<string[]> {
  if (damaged.size === 0) return [];
  const needing = await inParallel(manifestIds, MANIFESTS_AHEAD, async (manifestId) => {
    try {
      for await (const { id } of objectsOf(objects, workspaceId, manifestId)) if (damaged.has(id)) return [manifestId];
      return [];
    } catch (error) {
      problemOf(error);
      return [manifestId];
    }
  });
  return needing.flat();
}

/** The files that the records of a segment name. */
export function filesIn(entry: SegmentEntry, lines: string[]): string[] {
  if (entry.kind !== "attachment") return [];
  return lines.flatMap((line) => { const record = parseLine(line, entry); return record.kind === "attachment" ? [record.attachment.fileId] : []; });
}

async function readWholeFile(objects: ObjectAccess, id: string, signal?: AbortSignal): Promise<number> {
  let stored = 0;
  const pieces = objects.readStream("file", id, (bytes) => {
    throwIfCancelled(signal);
    stored += bytes;
  })[Symbol.asyncIterator]();
  for (let done = false; !done;) done = (await pieces.next()).done === true;
  return stored;
}
