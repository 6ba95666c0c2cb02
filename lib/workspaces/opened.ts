import type { OutlineRecord, SnapshotRecord } from "@/lib/planner/types";
import type { ReadParts, ReadSegments } from "@/lib/repository/types";

/** All of a snapshot, or the outlines of its records (lib/planner/outline.ts). */
interface Shapes { whole: SnapshotRecord; outline: OutlineRecord }
type Shape = keyof Shapes;
interface Kept<R = OutlineRecord> { shape: Shape; workspaceId: string; parts: Promise<ReadParts<R>>; records: number; segments: ReadSegments<R> | null }

/** So long the content of an opened snapshot stays in memory: less than the keys that opened it (keys.ts). */
const KEPT_MS = 2 * 60_000;
/** In all snapshots that are kept: two of the largest plans that Planner allows. */
const MOST_RECORDS = 30_000;

/** Next bundles routes apart, each with its own copy of this module: a page and its panels share what is kept through globalThis. */
const shared = globalThis as typeof globalThis & { planbackOpened?: Map<string, Kept> };
const kept = (shared.planbackOpened ??= new Map<string, Kept>());

const keyOf = (shape: Shape, workspaceId: string, manifestId: string) => `${shape} ${workspaceId} ${manifestId}`;
const keptIn = <S extends Shape>(shape: S, workspaceId: string, manifestId: string) => kept.get(keyOf(shape, workspaceId, manifestId)) as Kept<Shapes[S]> | undefined;

/** All of the snapshot, if it is in memory. Authorise before every call. */
export const keptWhole = (workspaceId: string, manifestId: string): Promise<ReadParts> | undefined => keptIn("whole", workspaceId, manifestId)?.parts;

/**
 * What `read` reads of a snapshot, and for a moment afterwards the same without reading: opening a large one is followed by
 * its panels and filters, and by the snapshots before and after it, which share most segments. The records belong to all
 * callers: nobody changes them. Authorise before every call.
 */
export function openedParts<S extends Shape>(shape: S, workspaceId: string, manifestId: string, read: (known: ReadSegments<Shapes[S]>[]) => Promise<ReadParts<Shapes[S]>>): Promise<ReadParts<Shapes[S]>> {
  const found = keptIn(shape, workspaceId, manifestId);
  if (found) return found.parts;
  const known = [...(kept.values() as MapIterator<Kept<Shapes[S]>>)].flatMap((each) => (each.shape === shape && each.workspaceId === workspaceId && each.segments ? [each.segments] : []));
  const parts = read(known);
  const key = keyOf(shape, workspaceId, manifestId);
  const entry: Kept<Shapes[S]> = { shape, workspaceId, parts, records: 0, segments: null };
  const forget = () => {
    if (kept.get(key) === entry) kept.delete(key);
  };
  kept.set(key, entry);
  setTimeout(forget, KEPT_MS).unref();
  // What is damaged may be mended any moment; what failed is tried again; what is too large would push out all others.
  parts.then(({ records, damaged, segments }) => {
    if (damaged.length > 0 || records.length > MOST_RECORDS) return forget();
    Object.assign(entry, { records: records.length, segments });
    makeRoom();
  }, forget);
  return parts;
}

/** The longest kept go first. */
function makeRoom(): void {
  let sum = kept.values().reduce((all, each) => all + each.records, 0);
  for (const [key, each] of kept) {
    if (sum <= MOST_RECORDS) return;
    kept.delete(key);
    sum -= each.records;
  }
}
