/** One task through many snapshots. Each page and segment is read once, however many snapshots share it. */
import { isPlanbackError } from "@/lib/errors";
import type { RecordKind, TaskRecord } from "@/lib/planner/types";
import type { ObjectAccess } from "./objects";
import { regionsOf, segmentsOf, updated, type Region } from "./pages";
import { inParallel } from "./parallel";
import { bitsOf, positionOf } from "./records";
import { parseLine } from "./segments";
import { readManifest, readSegment } from "./snapshots";
import type { Repository, SegmentEntry } from "./types";

const PARALLEL = 8;
/** What belongs to a task and is stored apart from it. */
const BEHIND: readonly RecordKind[] = ["comment", "attachment"];

export async function traceTask(objects: ObjectAccess, workspaceId: string, manifestIds: readonly string[], taskId: string): ReturnType<Repository["traceTask"]> {
  const position = bitsOf(positionOf({ kind: "task", id: taskId }));
  const here = ({ prefix }: { prefix: string }) => position.startsWith(prefix);
  const pages = once((region: Region) => region.page!.id, (region) => segmentsOf(objects, { ...region, loose: [] }));
  const tasks = once((entry: SegmentEntry) => entry.id, (entry) => taskIn(objects, entry, taskId));
  return inParallel(manifestIds, PARALLEL, async (id) => {
    try {
      const regions = regionsOf((await readManifest(objects, workspaceId, id)).manifest);
      const behind = JSON.stringify(regions.filter(({ kind }) => BEHIND.includes(kind)).map(({ kind, page, loose }) => [kind, page?.id, loose.map((entry) => [entry.id, entry.prefix])]));
      for (const region of regions.filter(({ kind, page }) => kind === "task" && (page === null || here(page)))) {
        const entry = updated(region.page ? await pages(region) : [], region.loose).find(here);
        if (entry) return { task: await tasks(entry), behind };
      }
      return { task: null, behind };
    } catch (error) {
      if (isPlanbackError(error, "repository_damaged")) return null;
      throw error;
    }
  });
}

async function taskIn(objects: ObjectAccess, entry: SegmentEntry, taskId: string): Promise<TaskRecord | null> {
  const quoted = JSON.stringify(taskId);
  for (const line of (await readSegment(objects, entry)).lines) {
    if (!line.includes(quoted)) continue;
    const record = parseLine(line, entry);
    if (record.kind === "task" && record.id === taskId) return record;
  }
  return null;
}

function once<T, R>(keyOf: (item: T) => string, read: (item: T) => Promise<R>): (item: T) => Promise<R> {
  const known = new Map<string, Promise<R>>();
  return (item) => {
    const key = keyOf(item);
    const found = known.get(key) ?? read(item);
    known.set(key, found);
    return found;
  };
}
