/**
 * Verify: reads every byte that the given snapshots need, opens it and checks it against its id. It repairs nothing
 * and changes nothing. Objects that no given snapshot needs are not looked at.
 */
import { PlanbackError } from "@/lib/errors";
import { throwIfCancelled } from "./files";
import type { ObjectAccess } from "./objects";
import { inParallel } from "./parallel";
import { describeSegment, problemOf, readManifest, readSegment, type ManifestSegment } from "./snapshots";
import type { Damage, Repository, VerifyReport } from "./types";

const PARALLEL = 4;

/** One object to read, and what is lost without it. */
interface Check {
  objectId: string;
  type: Damage["type"];
  affects: string;
  /** Returns the stored bytes read. */
  read(): Promise<number>;
}

export async function verify(
  objects: ObjectAccess, workspaceId: string, ...[manifestIds, options = {}]: Parameters<Repository["verify"]>
): Promise<VerifyReport> {
  const ids = [...new Set(manifestIds)];
  const segments = new Map<string, ManifestSegment>();
  const files = new Map<string, number>();
  const report: VerifyReport = { snapshots: ids.length, objects: 0, bytes: 0, damaged: [] };
  let total = ids.length;

  async function run(checks: Check[]): Promise<void> {
    await inParallel(checks, PARALLEL, async ({ read, ...object }) => {
      throwIfCancelled(options.signal);
      try {
        const stored = await read(); // on its own line: `+= await` would add to the sum of before the wait
        report.bytes += stored;
      } catch (error) {
        report.damaged.push({ ...object, problem: problemOf(error) });
      }
      report.objects++;
      options.onProgress?.(report.objects, total);
    });
  }

  await run(ids.map((objectId) => ({
    objectId, type: "manifest", affects: "a whole snapshot",
    async read() {
      const { manifest, storedBytes } = await readManifest(objects, workspaceId, objectId);
      for (const segment of manifest.segments) segments.set(segment.id, segment);
      for (const file of manifest.files) files.set(file, (files.get(file) ?? 0) + 1);
      return storedBytes;
    },
  })));
  total += segments.size + files.size;
  await run([...segments.values()].map((segment) => ({
    objectId: segment.id, type: "segment", affects: describeSegment(segment),
    read: async () => (await readSegment(objects, segment)).storedBytes,
  })));
  await run([...files].map(([objectId, snapshots]) => ({
    objectId, type: "file", affects: snapshots === 1 ? "an attached file in 1 snapshot" : `an attached file in ${snapshots} snapshots`,
    read: () => readWholeFile(objects, objectId, options.signal),
  })));

  const unreadable = report.damaged.filter(({ problem }) => problem === "unreadable").length;
  if (unreadable > 0 && unreadable === report.objects) {
    throw new PlanbackError("storage_unavailable", "The backup storage does not answer, so nothing could be verified. This says nothing about the snapshots; try again when the storage works.");
  }
  return report;
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
