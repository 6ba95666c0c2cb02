import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { SnapshotRecord } from "@/lib/planner/types";
import { contentToRecords, createFileStore, groupRecords, openRepository, type ObjectStore } from "./index";
import { canonicalJson, compareRecords } from "./records";
import { bufferBytes, collect, createMemoryStore, inChunks, keysOf, samplePlan, snapshotOf } from "./testing";

let dir = "";
beforeAll(async () => { dir = await mkdtemp(path.join(tmpdir(), "planback-repository-")); });
afterAll(() => rm(dir, { recursive: true, force: true }));

const W1 = "0b9f4d0e-0000-4000-8000-000000000001";
const W2 = "0b9f4d0e-0000-4000-8000-000000000002";
const repositoryOf = (store: ObjectStore, workspace = W1) => openRepository({ store, keys: keysOf(workspace) });
const plain = <T>(value: T): T => JSON.parse(canonicalJson(value)) as T;

/** Any text a person or a broken client may have typed: emoji, right-to-left, controls, lone surrogates, 10,000 characters. */
const text = fc.oneof(
  fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), fc.constantFrom("", "\u202Eevil", "a\u0000b", "\uD800", "__proto__", "\r\n\u2028"),
  fc.constant("ü".repeat(10_000)),
);
const id = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 28 });
const task = fc.record({ id, title: text, description: text, keys: fc.dictionary(text, fc.record({ title: text }), { maxKeys: 3 }) }).map((it): SnapshotRecord => ({
  kind: "task", id: it.id, task: { id: it.id, title: it.title }, details: { id: it.id, description: it.description, checklist: it.keys }, formats: {},
}));
const bucket = fc.record({ id, name: text }).map((it): SnapshotRecord => ({ kind: "bucket", id: it.id, bucket: it }));
const person = fc.record({ id, displayName: text }).map((it): SnapshotRecord => ({ kind: "person", id: it.id, person: it }));
const snapshotRecords = fc.record({
  plan: fc.record({ id, title: text, future: fc.jsonValue() }).map((it): SnapshotRecord => ({ kind: "plan", id: it.id, plan: it })),
  more: fc.uniqueArray(fc.oneof(task, bucket, person), { maxLength: 60, selector: (it) => `${it.kind} ${it.id}` }),
}).map(({ plan, more }) => [...more, plan]);

describe("snapshots", () => {
  it("give back every record as it was, in canonical order", async () => {
    const repository = repositoryOf(createFileStore(path.join(dir, "round-trip")));
    await fc.assert(fc.asyncProperty(snapshotRecords, async (records) => {
      const { manifestId, counts } = await repository.writeSnapshot(snapshotOf("s"), records);
      const { manifest, records: read, damaged } = await repository.readSnapshotParts(manifestId);
      expect(damaged).toEqual([]);
      expect(read).toEqual([...records].sort(compareRecords).map(plain));
      expect(manifest.counts).toEqual(counts);
      expect(Object.values(counts.records).reduce((a, b) => a + b)).toBe(records.length);
      const { content } = await repository.readSnapshot(manifestId);
      expect(contentToRecords(content)).toEqual(read);
      expect(contentToRecords(groupRecords(read))).toEqual(read);
    }), { numRuns: 200 });
  });

  it("are read without the segments that an opened one has, and come out the same", async () => {
    const store = createMemoryStore();
    const repository = repositoryOf(store);
    const records = samplePlan(1000);
    const older = await repository.writeSnapshot(snapshotOf("s1"), records);
    const edited = structuredClone(records);
    const changed = edited.find((record) => record.kind === "task")!;
    if (changed.kind === "task") changed.task.title = "changed";
    const newer = await repository.writeSnapshot(snapshotOf("s2", older.manifestId), edited);
    const { segments } = await repository.readSnapshotParts(older.manifestId);
    const reads = vi.spyOn(store, "get");
    const fresh = await repository.readSnapshotParts(newer.manifestId);
    const all = reads.mock.calls.length;
    reads.mockClear();
    expect(await repository.readSnapshotParts(newer.manifestId, { known: [segments] })).toEqual(fresh);
    expect(reads.mock.calls.length).toBe(all - fresh.segments.size + 1);
  });

  it("store nothing new but a manifest when nothing changed, in whatever order records come", async () => {
    const store = createMemoryStore();
    const repository = repositoryOf(store);
    const records = samplePlan(1000);
    const first = await repository.writeSnapshot(snapshotOf("s1"), records);
    expect(first.newObjects).toBe(store.objects.size);
    expect(first.newBytes).toBe([...store.objects.values()].reduce((sum, bytes) => sum + bytes.length, 0));
    const second = await repository.writeSnapshot(snapshotOf("s2", first.manifestId), [...records].reverse());
    expect(second.newObjects).toBe(1);
    const same = await repository.writeSnapshot(snapshotOf("s2", first.manifestId), records);
    expect(same).toMatchObject({ manifestId: second.manifestId, newObjects: 0, newBytes: 0 });
  });

  it("store one segment for one edited task, and few for one added or removed", async () => {
    const repository = repositoryOf(createMemoryStore());
    const { manifestId } = await repository.writeSnapshot(snapshotOf("s0"), samplePlan(1000));
    const segments = async (id: string) => new Set((await Array.fromAsync(repository.objectsOf(id))).filter(({ type }) => type === "segment").map(({ id: own }) => own));
    const before = await segments(manifestId);
    for (let index = 0; index < 50; index++) {
      const edited = await repository.writeSnapshot(snapshotOf(`e${index}`, manifestId), samplePlan(1000, { edition: index, edited: (n) => n === index * 20 }));
      // Manifest, segment, and where the longer title makes it too long: the other half.
      expect(edited.newObjects).toBeLessThanOrEqual(3);
      expect((await segments(edited.manifestId)).difference(before).size).toBe(edited.newObjects - 1);
      const removed = await repository.writeSnapshot(snapshotOf(`r${index}`, manifestId), samplePlan(1000).filter((record) => record.kind !== "task" || record.task.title !== `Task ${index * 20}`));
      expect(removed.newObjects).toBeLessThanOrEqual(2);
    }
  });

  it("cost at most three times the share that changed, day after day", async () => {
    const repository = repositoryOf(createMemoryStore());
    const full = await repository.writeSnapshot(snapshotOf("s0"), samplePlan(3000));
    let { manifestId } = full;
    let newBytes = 0;
    for (let day = 1; day <= 15; day++) {
      const next = await repository.writeSnapshot(snapshotOf(`s${day}`, manifestId), samplePlan(3000, { edition: day, edited: (n) => n % 100 === day }));
      ({ manifestId } = next);
      newBytes += next.newBytes;
      // What was edited the day before is as it was again: 60 tasks a day.
      expect(next.newObjects).toBeLessThan(60 * 2);
    }
    expect(newBytes / 15 / full.newBytes).toBeLessThan(3 * 0.02 * 2);
  });

  it("take memory for compact records, not for all of their text or the objects they come in", async () => {
    const repository = repositoryOf(createFileStore(path.join(dir, "stream")));
    const html = (n: number) => Array.from({ length: 1000 }, (_, word) => `<p>${(n * 7919 + word * 104_729) % 99_991} words of a mail</p>`).join("");
    const before = bufferBytes();
    let peak = 0;
    async function* records(): AsyncGenerator<SnapshotRecord> {
      yield { kind: "plan", id: "p", plan: { id: "p", title: "P" } };
      for (let n = 0; n < 2500; n++) {
        if (n % 800 === 799) peak = Math.max(peak, bufferBytes() - before);
        yield { kind: "comment", id: `c${n}`, comment: { id: `c${n}`, taskId: "t", threadId: "x", authorName: null, authorAddress: null, createdDateTime: "", text: "", original: { contentType: "html", content: html(n) } } };
      }
    }
    const { manifestId, counts } = await repository.writeSnapshot(snapshotOf("s"), records());
    let bytes = 0;
    let read = 0;
    for await (const record of repository.readRecords(manifestId, ["comment"])) {
      bytes += record.kind === "comment" ? record.comment.original.content.length : 0;
      if (++read % 800 === 0) peak = Math.max(peak, bufferBytes() - before);
    }
    expect([read, counts.records.comment]).toEqual([2500, 2500]);
    expect(bytes).toBeGreaterThan(60e6);
    expect(peak).toBeLessThan(32e6);
  }, 300_000);

  it("give single records by their ids, reading few objects", async () => {
    const memory = createMemoryStore();
    let reads = 0;
    const repository = repositoryOf({ ...memory, get: (key) => { reads += 1; return memory.get(key); } });
    const plan = samplePlan(800);
    const { manifestId } = await repository.writeSnapshot(snapshotOf("s"), plan);
    const wanted = plan.filter(({ kind }) => kind === "task").filter((_, index) => index % 300 === 7);
    reads = 0;
    const found = await repository.findRecords(manifestId, "task", [...wanted.map((record) => record.id), "none"]);
    expect(found.sort(compareRecords)).toEqual(plain(wanted).sort(compareRecords));
    expect(wanted).toHaveLength(3);
    expect(reads).toBeLessThan(20);
    expect(await repository.findRecords(manifestId, "bucket", [wanted[0]!.id])).toEqual([]);
  });

  it("refuse records that are not one snapshot of one plan, and store nothing", async () => {
    const store = createMemoryStore();
    const repository = repositoryOf(store);
    const plan = samplePlan(3);
    const bad = [plan.filter(({ kind }) => kind !== "plan"), [...plan, plan[1]!], [...plan, { kind: "plan" as const, id: "other", plan: { id: "other", title: "x" } }]];
    for (const records of bad) await expect(repository.writeSnapshot(snapshotOf("s"), records)).rejects.toMatchObject({ code: "invalid_input" });
    const stray = { id: "a", taskId: "t", referenceKey: "k", name: "x", size: 1, sha256: "", fileId: "../x", contentType: null, driveItemId: null };
    await expect(repository.writeSnapshot(snapshotOf("s"), [...plan, { kind: "attachment", id: "a", attachment: stray }])).rejects.toMatchObject({ code: "invalid_input" });
    expect(store.objects.size).toBe(0);
  });
});

describe("objects that were damaged", () => {
  const flipAll = (objects: Map<string, Uint8Array>, keys: string[]) => {
    for (const key of keys) { const copy = Buffer.from(objects.get(key)!); copy[copy.length - 3]! ^= 4; objects.set(key, copy); }
  };

  it("are written again by a backup that needs the same, when a verification named them", async () => {
    const store = createMemoryStore();
    const records = samplePlan(1000);
    const { manifestId } = await repositoryOf(store).writeSnapshot(snapshotOf("s1"), records);
    flipAll(store.objects, [...store.objects.keys()].filter((key) => key.includes("/segment/") || key.includes("/page/")));
    const { damaged } = await repositoryOf(store).verify([manifestId]);
    expect(damaged.some(({ type }) => type === "page")).toBe(true);
    const mending = openRepository({ store, keys: keysOf(W1), suspects: new Set(damaged.map(({ objectId }) => objectId)) });
    const second = await mending.writeSnapshot(snapshotOf("s2", manifestId), records);
    // Behind the pages that the first verification could not read are segments that it could not name.
    const left = (await repositoryOf(store).verify([manifestId, second.manifestId])).damaged;
    expect(left.every(({ type }) => type === "segment")).toBe(true);
    await openRepository({ store, keys: keysOf(W1), suspects: new Set(left.map(({ objectId }) => objectId)) }).writeSnapshot(snapshotOf("s3", second.manifestId), records);
    expect((await repositoryOf(store).verify([manifestId, second.manifestId])).damaged).toEqual([]);
  });

  it("are written again also when only this backup noticed: a new snapshot never names a page that could not be read", async () => {
    const store = createMemoryStore();
    const records = samplePlan(1000);
    const { manifestId } = await repositoryOf(store).writeSnapshot(snapshotOf("s1"), records);
    flipAll(store.objects, [...store.objects.keys()].filter((key) => key.includes("/page/")));
    const second = await repositoryOf(store).writeSnapshot(snapshotOf("s2", manifestId), records);
    expect(second.newObjects).toBeGreaterThan(1);
    expect((await repositoryOf(store).verify([manifestId, second.manifestId])).damaged).toEqual([]);
  });
});

describe("records of some kinds", () => {
  it("come without anything else being read, and stop at damage", async () => {
    const store = createMemoryStore();
    const repository = repositoryOf(store);
    const records = samplePlan(300);
    const { manifestId } = await repository.writeSnapshot(snapshotOf("s"), records);
    const segments = (await Array.fromAsync(repository.objectsOf(manifestId))).filter(({ type }) => type === "segment");
    const reads: string[] = [];
    const watched = repositoryOf({ ...store, get: (key) => { reads.push(key); return store.get(key); } });
    const read = await Array.fromAsync(watched.readRecords(manifestId, ["task", "bucket"]));
    expect(read.sort(compareRecords)).toEqual(records.filter(({ kind }) => kind === "task" || kind === "bucket").sort(compareRecords).map(plain));
    expect(reads.filter((key) => key.includes("/segment/"))).toHaveLength(segments.filter(({ kind }) => kind === "task" || kind === "bucket").length);
    expect(await Array.fromAsync(repository.readRecords(manifestId, []))).toEqual([]);

    const last = segments.findLast(({ kind }) => kind === "task")!;
    store.objects.delete(`${W1}/segment/${last.id.slice(0, 2)}/${last.id}`);
    await expect(Array.fromAsync(repository.readRecords(manifestId, ["task"]))).rejects.toMatchObject({ code: "repository_damaged" });
    expect(await Array.fromAsync(repository.readRecords(manifestId, ["bucket"]))).toHaveLength(8);
  });
});

describe("diff", () => {
  it("equals a comparison of all records, and reads only segments that differ", async () => {
    const store = createMemoryStore();
    const repository = repositoryOf(store);
    const older = samplePlan(600);
    const newer = samplePlan(605, { edition: 2, edited: (n) => n === 7 || n === 300 }).filter((record) => record.kind !== "task" || record.task.title !== "Task 11");
    const a = await repository.writeSnapshot(snapshotOf("a"), older);
    const b = await repository.writeSnapshot(snapshotOf("b"), newer);
    const [segmentsA, segmentsB] = await Promise.all([a, b].map(async ({ manifestId }) => new Set((await Array.fromAsync(repository.objectsOf(manifestId))).filter(({ type }) => type === "segment").map(({ id: own }) => own))));
    const differing = segmentsA!.symmetricDifference(segmentsB!);
    expect(differing.size).toBeLessThan(20);

    const reads: string[] = [];
    const watched = repositoryOf({ ...store, get: (key) => { reads.push(key); return store.get(key); } });
    const { added, removed, changed } = await watched.diffSnapshots(a.manifestId, b.manifestId);
    const titles = (records: SnapshotRecord[]) => records.map((record) => (record.kind === "task" ? record.task.title : record.kind)).sort();
    expect(titles(added)).toEqual(["Task 600", "Task 601", "Task 602", "Task 603", "Task 604"]);
    expect(titles(removed)).toEqual(["Task 11"]);
    expect(titles(changed.map(({ after }) => after))).toEqual(["Task 300 (edition 2)", "Task 7 (edition 2)"]);
    expect(titles(changed.map(({ before }) => before))).toEqual(["Task 300", "Task 7"]);
    expect(new Set(reads.filter((key) => key.includes("/segment/")).map((key) => key.split("/").at(-1)))).toEqual(differing);
    expect(await repository.diffSnapshots(a.manifestId, a.manifestId)).toEqual({ added: [], removed: [], changed: [] });
  });

  it("is right for generated pairs of snapshots", async () => {
    const repository = repositoryOf(createMemoryStore());
    const plan: SnapshotRecord = { kind: "plan", id: "p", plan: { id: "p", title: "P" } };
    const bucketsOf = fc.dictionary(fc.stringMatching(/^[a-f]{1,3}$/), fc.constantFrom("x", "y"), { maxKeys: 80 });
    await fc.assert(fc.asyncProperty(bucketsOf, bucketsOf, async (older, newer) => {
      const records = (names: Record<string, string>) => [plan, ...Object.entries(names).map(([key, name]): SnapshotRecord => ({ kind: "bucket", id: key, bucket: { id: key, name } }))];
      const a = await repository.writeSnapshot(snapshotOf("a"), records(older));
      const b = await repository.writeSnapshot(snapshotOf("b"), records(newer));
      const { added, removed, changed } = await repository.diffSnapshots(a.manifestId, b.manifestId);
      expect(added.map((it) => it.id)).toEqual(Object.keys(newer).filter((key) => !(key in older)).sort());
      expect(removed.map((it) => it.id)).toEqual(Object.keys(older).filter((key) => !(key in newer)).sort());
      expect(changed.map(({ after }) => after.id)).toEqual(Object.keys(newer).filter((key) => key in older && older[key] !== newer[key]).sort());
    }), { numRuns: 100 });
  });
});

describe("files", () => {
  it("come back byte for byte, are stored once, and in frames", async () => {
    const repository = repositoryOf(createFileStore(path.join(dir, "files")));
    for (const size of [0, 1, 1024 * 1024, 5 * 1024 * 1024 + 3]) {
      const bytes = randomBytes(size);
      const put = await repository.putFile(inChunks(bytes));
      expect(put).toMatchObject({ size, sha256: createHash("sha256").update(bytes).digest("hex"), isNew: true });
      expect(Buffer.compare(await collect(repository.readFile(put.fileId)), bytes)).toBe(0);
      expect(await repository.putFile(inChunks(bytes, 1000))).toEqual({ ...put, isNew: false });
    }
  });

  it("give different ids and bytes in two workspaces for the same content, and do not open in the other", async () => {
    const store = createMemoryStore();
    const [one, two] = [repositoryOf(store, W1), repositoryOf(store, W2)];
    for (let index = 0; index < 200; index++) {
      const bytes = randomBytes(100 + index);
      const a = await one.putFile(inChunks(bytes));
      const b = await two.putFile(inChunks(bytes));
      expect(a.fileId).not.toBe(b.fileId);
      await expect(collect(two.readFile(a.fileId))).rejects.toMatchObject({ code: "repository_damaged" });
    }
    expect(new Set([...store.objects.values()].map((bytes) => bytes.toString())).size).toBe(400);
  });

  it("that fail half way, or are cancelled, store nothing", async () => {
    const store = createMemoryStore();
    const repository = repositoryOf(store);
    for (const chunks of [1, 8]) {
      async function* broken() { for (let index = 0; index < chunks; index++) yield randomBytes(1024 * 1024); throw new Error("connection cut"); }
      await expect(repository.putFile(broken())).rejects.toThrow("connection cut");
      const abort = new AbortController();
      async function* cancelled() { for (let index = 0; index < 100; index++) { if (index === chunks) abort.abort(); yield randomBytes(1024 * 1024); } }
      await expect(repository.putFile(cancelled(), abort.signal)).rejects.toMatchObject({ code: "cancelled" });
    }
    expect(store.objects.size).toBe(0);
  });

  it("take memory for frames, not for the file", async () => {
    const repository = repositoryOf(createFileStore(path.join(dir, "big")));
    const before = bufferBytes();
    let peak = 0;
    const look = (index: number) => { if (index % 8 === 0) peak = Math.max(peak, bufferBytes() - before); };
    async function* big() { for (let index = 0; index < 100; index++) { look(index); yield Buffer.alloc(1024 * 1024, index); } }
    const { fileId } = await repository.putFile(big());
    let pieces = 0;
    for await (const piece of repository.readFile(fileId)) look(pieces += piece.length / (1024 * 1024));
    expect(pieces).toBe(100);
    // Buffers on their way through a few stages; the same for a file of any size.
    expect(peak).toBeLessThan(64 * 1024 * 1024);
  }, 120_000);
});

describe("content keys", () => {
  it("of an older version still open what they sealed", async () => {
    const store = createMemoryStore();
    const old = keysOf(W1);
    const a = await openRepository({ store, keys: old }).writeSnapshot(snapshotOf("a"), samplePlan(100));
    const rotated = openRepository({ store, keys: { ...old, contentKeyVersion: 2, contentKeys: new Map([...old.contentKeys, [2, randomBytes(32)]]) } });
    const b = await rotated.writeSnapshot(snapshotOf("b"), samplePlan(100));
    expect(b.newObjects).toBe(1);
    expect((await rotated.verify([a.manifestId, b.manifestId])).damaged).toEqual([]);
  });
});
