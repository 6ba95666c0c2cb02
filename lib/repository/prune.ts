/** What the snapshots of a workspace need of its storage, or its bundles are of, and what lies there besides. Removes nothing. */
import { objectsOfBundle, readBundle } from "./bundles";
import { throwIfCancelled } from "./files";
import { isObjectId, type ObjectAccess, type ObjectType } from "./objects";
import { readPage, regionsOf, updated } from "./pages";
import { inOrder, inParallel } from "./parallel";
import { readManifest, readSegment } from "./snapshots";
import type { ObjectStore, Repository, SegmentEntry, StoredObject } from "./types";
import { filesIn } from "./verify";

const PARALLEL = 8;
const MANIFESTS_AHEAD = 4;
const TYPES: readonly ObjectType[] = ["manifest", "page", "segment", "file", "bundle"];

/**
 * Ids are keyed hashes, so 52 of their bits tell them apart: should two ever agree, one object more is kept. Pages of two snapshots and
 * 50 bytes for each object are in memory.
 */
const short = (id: string) => parseInt(id.slice(0, 13), 16);

/** Throws repository_damaged when a manifest, page or list of files cannot be read: then nobody knows what is needed. */
export async function findNeeded(
  objects: ObjectAccess, workspaceId: string, ...[manifestIds, { bundleIds = [], signal } = {}]: Parameters<Repository["findNeeded"]>
): ReturnType<Repository["findNeeded"]> {
  const needed = new Set<number>();
  const isNew = (id: string) => !needed.has(short(id)) && needed.add(short(id));
  const manifests = inOrder(manifestIds, MANIFESTS_AHEAD, async (id) => ({ id, ...(await readManifest(objects, workspaceId, id)) }));
  let pagesBefore = new Map<string, SegmentEntry[]>();
  for await (const { id, manifest } of manifests) {
    throwIfCancelled(signal);
    needed.add(short(id));
    const pages = new Map<string, SegmentEntry[]>();
    await inParallel(manifest.pages, PARALLEL, async (page) => {
      needed.add(short(page.id));
      pages.set(page.id, pagesBefore.get(page.id) ?? (await readPage(objects, page)).segments);
    });
    pagesBefore = pages;
    const segments = regionsOf(manifest).flatMap(({ page, loose }) => updated(page ? pages.get(page.id)! : [], loose));
    const fresh = segments.filter((entry) => isNew(entry.id) && entry.kind === "attachment");
    await inParallel(fresh, PARALLEL, async (entry) => {
      for (const file of filesIn(entry, (await readSegment(objects, entry)).lines)) needed.add(short(file));
    });
  }
  await inParallel(bundleIds, PARALLEL, async (id) => {
    for (const each of [id, ...objectsOfBundle(await readBundle(objects, id))]) needed.add(short(each));
  });
  return { has: (id) => needed.has(short(id)) };
}

/** Every object of the workspace in storage, in no order. What is not named like one is left out. */
export async function* listStored(store: ObjectStore, workspaceId: string): AsyncGenerator<StoredObject> {
  for (const type of TYPES) {
    for await (const { key, size, modified } of store.list(`${workspaceId}/${type}/`)) {
      const id = key.slice(key.lastIndexOf("/") + 1);
      if (isObjectId(id)) yield { type, id, bytes: size, modified };
    }
  }
}
