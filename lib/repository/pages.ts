/**
 * The list of a snapshot's segments. Written out it would be most of what an unchanged snapshot costs, so it lies in
 * pages of up to 64 entries that snapshots share. A manifest names its pages, and beside them the segments that no page
 * holds or that are newer than what a page says. A page is written anew when the entries that snapshots carried beside it
 * are as many as it has itself: then writing it would have cost the same, whether much changes or little.
 *
 * A segment that a page names is part of the snapshot unless a segment of the same kind in the manifest overlaps it: one
 * prefix begins with the other. An entry of the manifest with 0 records says only that there is nothing any more.
 */
import { isPlanbackError } from "@/lib/errors";
import type { RecordKind } from "@/lib/planner/types";
import { damaged } from "./header";
import type { ObjectAccess } from "./objects";
import { canonicalJson } from "./records";
import type { Manifest, PageEntry, SegmentEntry } from "./types";

const PAGE_SEGMENTS = 64;
/** So few segments stay in the manifest. */
const LOOSE_SEGMENTS = 8;

/** A page with the entries of the manifest that overlap it; or, without a page, the other entries of one kind. */
export interface Region {
  kind: RecordKind;
  page: PageEntry | null;
  loose: SegmentEntry[];
}

/** What a manifest says, region by region. */
export function regionsOf({ pages, segments }: Pick<Manifest, "pages" | "segments">): Region[] {
  const regions = new Map(pages.map((page): [string, Region] => [`${page.kind} ${page.prefix}`, { kind: page.kind, page, loose: [] }]));
  const others = new Map<RecordKind, Region>();
  for (const entry of segments) {
    let region: Region | undefined;
    for (let length = 0; !region && length <= entry.prefix.length; length++) region = regions.get(`${entry.kind} ${entry.prefix.slice(0, length)}`);
    region ??= others.get(entry.kind) ?? { kind: entry.kind, page: null, loose: [] };
    if (!region.page) others.set(entry.kind, region);
    region.loose.push(entry);
  }
  return [...regions.values(), ...others.values()];
}

/** What lies in a page. */
export interface Page { kind: RecordKind; prefix: string; segments: Omit<SegmentEntry, "kind">[] }

/** The segments of a region, by prefix. Pages that are known are not read. Throws repository_damaged when its page cannot be read. */
export async function segmentsOf(objects: ObjectAccess, { page, loose }: Region, known?: ReadonlyMap<string, Page>): Promise<SegmentEntry[]> {
  if (!page) return updated([], loose);
  const listed = known?.get(page.id) ?? (await readPage(objects, page)).listed;
  return updated(entriesOf(page, listed), loose);
}

/** What a page lists, less what the manifest knows better. */
export function updated(listed: readonly SegmentEntry[], loose: readonly SegmentEntry[]): SegmentEntry[] {
  const current = listed.filter((entry) => !loose.some((newer) => overlap(entry, newer)));
  return [...current, ...loose.filter(({ records }) => records > 0)].sort(byPrefix);
}

export async function readPage(objects: ObjectAccess, page: PageEntry): Promise<{ listed: Page; segments: SegmentEntry[]; storedBytes: number }> {
  const { plaintext, storedBytes } = await objects.read("page", page.id);
  const listed = JSON.parse(Buffer.from(plaintext).toString("utf8")) as Page;
  return { listed, segments: entriesOf(page, listed), storedBytes };
}

function entriesOf(page: PageEntry, { kind, prefix, segments }: Page): SegmentEntry[] {
  if (kind !== page.kind || prefix !== page.prefix) throw damaged("altered", "a page that does not hold what its manifest says");
  return segments.map((entry) => ({ kind, ...entry }));
}

/**
 * Finds pages for the segments of one kind (by prefix): those of the snapshot before where they still say most of it, new
 * ones elsewhere. Returns what the manifest names, and the sizes of new objects.
 */
export async function pageSegments(
  objects: ObjectAccess, kind: RecordKind, segments: readonly SegmentEntry[], earlier: readonly PageEntry[],
): Promise<{ pages: PageEntry[]; segments: SegmentEntry[]; newBytes: number[] }> {
  const result = { pages: [] as PageEntry[], segments: [] as SegmentEntry[], newBytes: [] as number[] };
  const before = new Map(earlier.filter((page) => page.kind === kind).map((page) => [page.prefix, page]));
  for (const { prefix, entries } of cutPages(segments)) {
    const old = before.get(prefix);
    const listed = old ? await readIfWhole(objects, old) : null;
    const newer = listed ? differences(listed, entries) : entries;
    const carried = (old?.carried ?? 0) + newer.length;
    if (old && listed && carried <= listed.length && (await objects.has("page", old.id))) {
      result.pages.push({ ...old, carried });
      result.segments.push(...newer);
    } else if (entries.length <= LOOSE_SEGMENTS) {
      result.segments.push(...entries);
    } else {
      const text = canonicalJson({ kind, prefix, segments: entries.map(({ id, prefix: own, records }) => ({ id, prefix: own, records })) });
      const { id, newBytes } = await objects.write("page", Buffer.from(text, "utf8"));
      result.pages.push({ id, kind, prefix, records: entries.reduce((sum, { records }) => sum + records, 0), carried: 0 });
      if (newBytes > 0) result.newBytes.push(newBytes);
    }
  }
  return result;
}

/** The same rule that cuts segments, by the number of entries. */
function* cutPages(entries: readonly SegmentEntry[], prefix = ""): Generator<{ prefix: string; entries: readonly SegmentEntry[] }> {
  if (entries.length === 0) return;
  if (entries.length <= PAGE_SEGMENTS) {
    yield { prefix, entries };
    return;
  }
  yield* cutPages(entries.filter((entry) => entry.prefix[prefix.length] === "0"), `${prefix}0`);
  yield* cutPages(entries.filter((entry) => entry.prefix[prefix.length] === "1"), `${prefix}1`);
}

/** The entries that make a page that lists `old` say `now`. */
function differences(old: readonly SegmentEntry[], now: readonly SegmentEntry[]): SegmentEntry[] {
  const key = ({ prefix, id }: SegmentEntry) => `${prefix} ${id}`;
  const known = new Set(old.map(key));
  const current = new Set(now.map(key));
  const added = now.filter((entry) => !known.has(key(entry)));
  const gone = old.filter((entry) => !current.has(key(entry)) && !added.some((newer) => overlap(entry, newer)));
  return [...added, ...gone.map((entry) => ({ ...entry, id: "", records: 0 }))].sort(byPrefix);
}

/** A page of the snapshot before is only a saving: one that is damaged is written anew. */
async function readIfWhole(objects: ObjectAccess, page: PageEntry): Promise<SegmentEntry[] | null> {
  try {
    return (await readPage(objects, page)).segments;
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return null;
    throw error;
  }
}

const overlap = (a: SegmentEntry, b: SegmentEntry) => a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
export const byPrefix = (a: SegmentEntry, b: SegmentEntry) => (a.prefix < b.prefix ? -1 : a.prefix > b.prefix ? 1 : 0);
