/** A bundle makes opening quicker and changes nothing of what is opened, whatever becomes of it. */
import { beforeAll, describe, expect, it } from "vitest";
import { makeBundle, readBundle } from "./bundles";
import { OUTLINE_VERSION, outlineOf } from "@/lib/planner/outline";
import type { OutlineRecord, SnapshotRecord } from "@/lib/planner/types";
import { copyPart, MOVE_PARTS, openRepository } from "./index";
import { createObjectAccess, type ObjectAccess } from "./objects";
import { canonicalJson } from "./records";
import { readManifest } from "./snapshots";
import { createMemoryStore, keysOf, samplePlan, snapshotOf } from "./testing";

const W1 = "0b9f4d0e-0000-4000-8000-000000000001";
const W2 = "0b9f4d0e-0000-4000-8000-000000000002";
const keys = keysOf(W1);
const TASKS = 800;
const limits = { partBytes: 64 * 1024, leastSegments: 50 };

const store = createMemoryStore();
const repository = openRepository({ store, keys });
const objects = createObjectAccess(store, keys);
const bundleOf = async (manifestId: string, current: string | null = null, access: ObjectAccess = objects, workspaceId = W1) =>
  makeBundle(access, (await readManifest(access, workspaceId, manifestId)).manifest, current, { limits });
const edited = (share: number, edition = 1) => samplePlan(TASKS, { edition, edited: (index) => index < TASKS * share });
const keyOf = (id: string, type = "bundle") => `${W1}/${type}/${id.slice(0, 2)}/${id}`;
const partsOf = async (id: string) => (await readBundle(objects, id))!.parts.map((part) => part.id);
const outlinesOf = async (id: string) => (await readBundle(objects, id))!.parts.map((part) => part.outlines!);
const bundlesIn = (all: Iterable<string>) => [...all].filter((key) => key.split("/")[1] === "bundle");

/** Opens a snapshot, or its outline, and says how many objects of which type were read for it. */
async function opened(manifestId: string, bundleId: string | null, from = store.objects, how: "readSnapshotParts" | "readOutline" = "readSnapshotParts") {
  const reads: Record<string, number> = {};
  const counting = { ...createMemoryStore(from), get: async (key: string) => { const type = key.split("/")[1]!; reads[type] = (reads[type] ?? 0) + 1; return createMemoryStore(from).get(key); } };
  const { records, damaged } = await openRepository({ store: counting, keys })[how](manifestId, { bundleId });
  return { records, damaged, reads };
}

/** As it is after it was stored. */
const plainOutline = (record: OutlineRecord) => JSON.parse(JSON.stringify(outlineOf(record as SnapshotRecord))) as OutlineRecord;

let first: string;
let bundle: string;
let alone: Awaited<ReturnType<typeof opened>>;
beforeAll(async () => {
  first = (await repository.writeSnapshot(snapshotOf("s1"), edited(0))).manifestId;
  bundle = (await bundleOf(first))!.id!;
  alone = await opened(first, null);
});

describe("a bundle", () => {
  it("gives the same records by a few reads", async () => {
    const { records, damaged, reads } = await opened(first, bundle);
    expect([records, damaged]).toEqual([alone.records, []]);
    expect(alone.reads.segment).toBeGreaterThan(70);
    expect(reads).toEqual({ manifest: 1, bundle: 1 + (await partsOf(bundle)).length });
    expect(reads.bundle).toBeGreaterThan(4);
    expect((await repository.readSnapshot(first, bundle)).content).toEqual((await repository.readSnapshot(first)).content);
  });

  it("has outlines, a fifth of the records, which need no part; what they lack is made of segments", async () => {
    const outline = await opened(first, bundle, store.objects, "readOutline");
    expect(outline.records).toEqual(alone.records.map(plainOutline));
    expect(outline.reads).toEqual({ manifest: 1, bundle: 1 + (await partsOf(bundle)).length });
    const withoutParts = new Map(store.objects);
    for (const id of await partsOf(bundle)) withoutParts.delete(keyOf(id));
    expect((await opened(first, bundle, withoutParts, "readOutline")).reads).toEqual(outline.reads);
    const withoutOne = new Map(store.objects);
    withoutOne.delete(keyOf((await outlinesOf(bundle))[0]!));
    const { records, reads } = await opened(first, bundle, withoutOne, "readOutline");
    expect([records, reads]).toEqual([outline.records, { manifest: 1, bundle: outline.reads.bundle! + 1 }]);
    const other = (await repository.writeSnapshot(snapshotOf("o2", first), edited(0.02, 7))).manifestId;
    expect((await opened(other, bundle, store.objects, "readOutline")).records).toEqual((await opened(other, null)).records.map(plainOutline));
  });

  it("without outlines, or with those of another version, is read as ever and made anew", async () => {
    const { pages, parts } = (await readBundle(objects, bundle))!;
    for (const outlines of [undefined, 99]) {
      const there = new Map(store.objects);
      const access = createObjectAccess(createMemoryStore(there), keys);
      const { id } = await access.write("bundle", Buffer.from(canonicalJson({ format: 1, outlines, pages: Object.fromEntries(pages), parts })));
      const { records, reads } = await opened(first, id, there, "readOutline");
      expect([records, reads]).toEqual([alone.records.map(plainOutline), { manifest: 1, bundle: 1 + parts.length }]);
      expect((await bundleOf(first, id, access))!.id).not.toBe(id);
    }
  });

  it("serves what another snapshot shares with its own; the rest is read as ever, and what is in memory is not read at all", async () => {
    const other = (await repository.writeSnapshot(snapshotOf("s2", first), edited(0.02))).manifestId;
    const single = await opened(other, null);
    const { records, reads } = await opened(other, bundle);
    expect(records).toEqual(single.records);
    expect(reads.segment).toBeGreaterThan(0);
    expect(reads.segment).toBeLessThan(single.reads.segment! / 3);
    const { segments } = await repository.readSnapshotParts(other);
    const known = await openRepository({ store: { ...store, get: (key) => { if (/bundle\/(?!..\/)/.test(key)) throw new Error(key); return store.get(key); } }, keys }).readSnapshotParts(other, { known: [segments], bundleId: bundle });
    expect(known.records).toEqual(single.records);
  });

  it("is not made for a small plan, and let go when a plan has become small", async () => {
    const small = (await repository.writeSnapshot(snapshotOf("small"), samplePlan(100))).manifestId;
    expect(await bundleOf(small)).toBeNull();
    expect(await bundleOf(small, bundle)).toEqual({ id: null, stored: 0 });
  });

  it("is made again only when more than a twentieth is missing, and keeps the parts that are still needed", async () => {
    expect(await bundleOf(first, bundle)).toBeNull();
    const little = (await repository.writeSnapshot(snapshotOf("s3", first), samplePlan(TASKS, { edition: 3, edited: (index) => index < 3 }))).manifestId;
    expect(await bundleOf(little, bundle)).toBeNull();
    const more = (await repository.writeSnapshot(snapshotOf("s4", first), edited(0.015, 4))).manifestId;
    const made = (await bundleOf(more, bundle))!;
    const [before, after] = [await partsOf(bundle), await partsOf(made.id!)];
    expect(after.slice(0, before.length)).toEqual(before);
    expect([1, 2]).toContain(after.length - before.length);
    expect(made.stored).toBe([made.id!, ...after, ...(await outlinesOf(made.id!))].reduce((sum, id) => sum + store.objects.get(keyOf(id))!.length, 0));
    expect((await opened(more, made.id)).reads).toEqual({ manifest: 1, bundle: 1 + after.length });
    const all = (await repository.writeSnapshot(snapshotOf("s5", first), edited(1, 5))).manifestId;
    expect((await partsOf((await bundleOf(all, bundle))!.id!)).filter((id) => before.includes(id)).length).toBeLessThan(2); // people and buckets did not change
  });

  it("is mended when a part is gone, and when a damaged one is met", async () => {
    const [gone] = await partsOf(bundle);
    const without = createMemoryStore(new Map(store.objects));
    without.objects.delete(keyOf(gone!));
    const mended = (await bundleOf(first, bundle, createObjectAccess(without, keys)))!;
    without.objects.set(keyOf((await partsOf(bundle))[1]!), Buffer.from("damaged"));
    without.objects.delete(keyOf((await partsOf(bundle))[2]!));
    const again = (await bundleOf(first, mended.id, createObjectAccess(without, keys)))!;
    expect((await opened(first, again.id, without.objects)).reads).toEqual({ manifest: 1, bundle: expect.any(Number) });
  });

  it("says nothing about what is damaged, and hides nothing that it does not have", async () => {
    const damaged = new Map([...store.objects].filter(([key]) => !key.includes("/segment/")));
    expect((await opened(first, bundle, damaged)).damaged).toEqual([]);
    expect((await opened(first, null, damaged)).damaged.length).toBe(alone.reads.segment);
    const report = await openRepository({ store: createMemoryStore(damaged), keys }).verify([first]);
    expect(report.damaged.length).toBe(alone.reads.segment);
    for (const key of bundlesIn(damaged.keys())) damaged.set(key, Buffer.from("damaged"));
    expect((await opened(first, bundle, damaged)).damaged.length).toBe(alone.reads.segment);
    const whole = new Map([...store.objects].filter(([key]) => !key.includes("/bundle/")));
    expect((await openRepository({ store: createMemoryStore(whole), keys }).verify([first])).damaged).toEqual([]);
  });

  it("names what of it the cleaning must keep", async () => {
    const stored = (await Array.fromAsync(repository.listStored())).filter(({ type }) => type === "bundle").map(({ id }) => id);
    const needed = await repository.findNeeded([first], { bundleIds: [bundle, "0".repeat(32)] });
    expect(new Set(stored.filter((id) => needed.has(id)))).toEqual(new Set([bundle, ...(await partsOf(bundle)), ...(await outlinesOf(bundle))]));
    const none = await repository.findNeeded([first]);
    expect(stored.filter((id) => none.has(id))).toEqual([]);
  });

  it("moves with the rest, and is not missed when it is damaged", async () => {
    const to = createMemoryStore();
    const from = createMemoryStore(new Map(store.objects));
    from.objects.set(keyOf(bundle), Buffer.from("damaged"));
    let damaged = 0;
    for (let part = 0; part < MOVE_PARTS; part++) damaged += (await copyPart(from, to, keys, part, { check: () => undefined })).damaged;
    expect(damaged).toBe(0);
    expect(bundlesIn(to.objects.keys()).length).toBe(bundlesIn(from.objects.keys()).length - 1);
  });
});

/** What takes the place of the bundle, and in which objects. */
const ways: [name: string, (objects: Map<string, Uint8Array>) => Promise<string>][] = [
  ["is missing", async (all) => { all.delete(keyOf(bundle)); return bundle; }],
  ["is cut", async (all) => { all.set(keyOf(bundle), all.get(keyOf(bundle))!.subarray(0, -1)); return bundle; }],
  ["has no parts", async (all) => { for (const id of await partsOf(bundle)) all.delete(keyOf(id)); return bundle; }],
  ["has outlines that were exchanged", async (all) => { const [a, b] = await outlinesOf(bundle); all.set(keyOf(a!), store.objects.get(keyOf(b!))!); all.set(keyOf(b!), store.objects.get(keyOf(a!))!); return bundle; }],
  ["has the outlines of other segments", async (all) => {
    const { pages, parts } = (await readBundle(objects, bundle))!;
    const turned = parts.map((part, index) => ({ ...part, outlines: parts[(index + 1) % parts.length]!.outlines }));
    return (await createObjectAccess(createMemoryStore(all), keys).write("bundle", Buffer.from(canonicalJson({ format: 1, outlines: OUTLINE_VERSION, pages: Object.fromEntries(pages), parts: turned })))).id;
  }],
  ["has outlines that are none", async (all) => {
    const { pages, parts } = (await readBundle(objects, bundle))!;
    return (await createObjectAccess(createMemoryStore(all), keys).write("bundle", Buffer.from(canonicalJson({ format: 1, outlines: OUTLINE_VERSION, pages: Object.fromEntries(pages), parts: parts.map((part) => ({ ...part, outlines: part.id })) })))).id;
  }],
  ["has parts that were altered", async (all) => { for (const id of await partsOf(bundle)) { const bytes = Buffer.from(all.get(keyOf(id))!); bytes[bytes.length >> 1]! ^= 1; all.set(keyOf(id), bytes); } return bundle; }],
  ["has parts that were exchanged", async (all) => { const [a, b] = await partsOf(bundle); all.set(keyOf(a!), store.objects.get(keyOf(b!))!); all.set(keyOf(b!), store.objects.get(keyOf(a!))!); return bundle; }],
  ["is no id", async () => "../../etc/passwd"],
  ["is a part", async () => (await partsOf(bundle))[0]!],
  ["is a segment's id", async () => (await readBundle(objects, bundle))!.parts[0]!.segments[0]![0]],
  ["is of a version to come", async (all) => (await createObjectAccess(createMemoryStore(all), keys).write("bundle", Buffer.from('{"format":2,"parts":null}'))).id],
  ["names its segments wrongly", async (all) => {
    const { pages, parts } = (await readBundle(objects, bundle))!;
    const shifted = parts.map(({ segments, ...part }) => ({ ...part, segments: segments.map(([, bytes], index): [string, number] => [segments[(index + 1) % segments.length]![0], bytes]) }));
    return (await createObjectAccess(createMemoryStore(all), keys).write("bundle", Buffer.from(canonicalJson({ format: 1, pages: Object.fromEntries(pages), parts: shifted })))).id;
  }],
  ["puts one segment in the place of another", async (all) => {
    const { pages, parts } = (await readBundle(objects, bundle))!;
    const there = createObjectAccess(createMemoryStore(all), keys);
    const older = await openRepository({ store: createMemoryStore(all), keys }).writeSnapshot(snapshotOf("older"), edited(1, 9));
    const { parts: theirs } = (await readBundle(there, (await bundleOf(older.manifestId, null, there))!.id))!;
    const lying = theirs.map((part, at) => ({ ...part, segments: part.segments.map(([, bytes], index): [string, number] => [parts[at]?.segments[index]?.[0] ?? "", bytes]) }));
    return (await there.write("bundle", Buffer.from(canonicalJson({ format: 1, pages: Object.fromEntries(pages), parts: lying })))).id;
  }],
  ["is of another plan", async (all) => {
    const there = createMemoryStore(all);
    const other = (await openRepository({ store: there, keys }).writeSnapshot(snapshotOf("other"), edited(1, 99))).manifestId;
    return (await bundleOf(other, null, createObjectAccess(there, keys)))!.id!;
  }],
  ["is of another workspace", async (all) => {
    const there = createMemoryStore(all);
    const theirs = createObjectAccess(there, keysOf(W2));
    const { manifestId } = await openRepository({ store: there, keys: keysOf(W2) }).writeSnapshot(snapshotOf("s1"), edited(0));
    const { id } = (await bundleOf(manifestId, null, theirs, W2))!;
    for (const key of bundlesIn(all.keys()).filter((each) => each.startsWith(W2))) all.set(key.replace(W2, W1), all.get(key)!);
    return id!;
  }],
];

it.each(ways)("a bundle that %s is passed over", async (_, change) => {
  const all = new Map(store.objects);
  const id = await change(all);
  const { records, damaged } = await opened(first, id, all);
  expect([records, damaged]).toEqual([alone.records, []]);
  const outline = await opened(first, id, all, "readOutline");
  expect([outline.records, outline.damaged]).toEqual([alone.records.map(plainOutline), []]);
});
