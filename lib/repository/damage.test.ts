/** What an attacker or a bad disk can do to stored bytes, tried on every object of a repository. */
import { beforeAll, describe, expect, it } from "vitest";
import type { SnapshotRecord } from "@/lib/planner/types";
import { openRepository, type Damage, type NeededObject, type Repository } from "./index";
import { createObjectAccess } from "./objects";
import { canonicalJson } from "./records";
import { collect, createMemoryStore, inChunks, keysOf, plannerId, randomFrom, samplePlan, snapshotOf } from "./testing";

const W1 = "0b9f4d0e-0000-4000-8000-000000000001";
const W2 = "0b9f4d0e-0000-4000-8000-000000000002";
const SNAPSHOTS = 8;
const FILES = 100;

/** Which bits, and which objects stand in for which. Salts and nonces of the seals are fresh in each run all the same. */
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
console.log(`damage: SEED=${SEED}`);
const randomInt = randomFrom(SEED);

async function fill(repository: Repository): Promise<string[]> {
  const attachments: SnapshotRecord[] = [];
  for (let index = 0; index < FILES; index++) {
    const { fileId, size, sha256 } = await repository.putFile(inChunks(Buffer.from(`file ${index} ${plannerId(String(index)).repeat(20)}`)));
    const attachment = { id: `a${index}`, taskId: plannerId(`task ${index}`), referenceKey: "k", name: "x", size, sha256, fileId, contentType: null, driveItemId: null };
    attachments.push({ kind: "attachment", id: attachment.id, attachment });
  }
  const manifests: string[] = [];
  for (let edition = 0; edition < SNAPSHOTS; edition++) {
    const records = [...samplePlan(700, { edition, edited: (index) => index % 50 < edition }), ...attachments];
    manifests.push((await repository.writeSnapshot(snapshotOf(`s${edition}`, manifests.at(-1) ?? null), records)).manifestId);
  }
  return manifests;
}

describe("damage", () => {
  const store = createMemoryStore();
  const { objects } = store;
  const repository = openRepository({ store, keys: keysOf(W1) });
  const access = createObjectAccess(store, keysOf(W1));
  let manifests: string[] = [];
  let mine: string[] = [];
  beforeAll(async () => {
    manifests = await fill(repository);
    await fill(openRepository({ store, keys: keysOf(W2) }));
    mine = [...objects.keys()].filter((key) => key.startsWith(W1));
  });

  const typeOf = (key: string) => key.split("/")[1] as Damage["type"];
  const idOf = (key: string) => key.split("/")[3]!;
  const pick = (keys: string[]) => objects.get(keys[randomInt(keys.length)]!)!;
  const replace = (key: string, bytes: Uint8Array | null) => { if (bytes) objects.set(key, bytes); else objects.delete(key); };
  const flip = (bytes: Uint8Array, at: number, bit: number) => { const copy = Buffer.from(bytes); copy[at]! ^= 1 << bit; return copy; };

  /** Name of the mutation and the bytes that take the object's place; null deletes it. */
  function mutations(key: string): [string, Uint8Array | null][] {
    const bytes = objects.get(key)!;
    const others = mine.filter((other) => other !== key);
    const [, type, shard, id] = key.split("/");
    return [
      ...Array.from({ length: 8 }, (): [string, Uint8Array] => { const at = randomInt(bytes.length); const bit = randomInt(8); return [`bit ${bit} of byte ${at}`, flip(bytes, at, bit)]; }),
      ["first byte", flip(bytes, 0, 0)],
      ["last byte", flip(bytes, bytes.length - 1, 7)],
      ["cut by one", bytes.subarray(0, -1)],
      ["cut to nothing", new Uint8Array(0)],
      ["one appended", Buffer.concat([bytes, Buffer.from([0])])],
      ["itself appended", Buffer.concat([bytes, bytes])],
      ["deleted", null],
      ["another of its type", pick(others.filter((other) => typeOf(other) === type))],
      ["one of another type", pick(others.filter((other) => typeOf(other) !== type))],
      ["one of another workspace", pick([...objects.keys()].filter((other) => other.startsWith(`${W2}/${type}/`)))],
      ["an older version replayed", type === "manifest" && id !== manifests[0] ? objects.get(`${W1}/manifest/${manifests[0]!.slice(0, 2)}/${manifests[0]}`)! : flip(bytes, 9, 0)],
      ["the key version of its header", flip(bytes, 9, 1)],
      ["a header of another object", Buffer.concat([pick(others.filter((other) => other.split("/")[2] !== shard)).subarray(0, 54), bytes.subarray(54)])],
    ];
  }

  const readAs = (type: Damage["type"], id: string): Promise<unknown> => (type === "file" ? collect(repository.readFile(id)) : access.read(type, id));
  const readIt = (key: string) => readAs(typeOf(key), idOf(key));
  const keyOf = ({ type, id }: Pick<NeededObject, "type" | "id">) => `${W1}/${type}/${id.slice(0, 2)}/${id}`;
  const neededBy = (manifest: string) => Array.fromAsync(repository.objectsOf(manifest));

  it("finds nothing wrong with what is not damaged, again and again", async () => {
    expect(mine.length).toBeGreaterThan(300);
    for (let times = 0; times < 5; times++) {
      const report = await repository.verify(manifests);
      expect(report).toEqual({ snapshots: SNAPSHOTS, objects: mine.length, damaged: [], damagedManifests: [], bytes: mine.reduce((sum, key) => sum + objects.get(key)!.length, 0) });
    }
  });

  it("is refused on reading, whatever was done to whichever object", async () => {
    let tried = 0;
    for (const key of mine) {
      const original = objects.get(key)!;
      for (const [name, bytes] of mutations(key)) {
        replace(key, bytes);
        await expect(readIt(key), `${key}: ${name}`).rejects.toMatchObject({ code: "repository_damaged", facts: { problem: bytes ? "altered" : "missing" } });
        tried++;
      }
      objects.set(key, original);
    }
    expect(tried).toBeGreaterThan(5000);
  }, 120_000);

  it("is refused when an object is passed off as one of another type", async () => {
    for (const key of mine) {
      for (const type of ["manifest", "page", "segment", "file"] as const) {
        const other = keyOf({ type, id: idOf(key) });
        if (objects.has(other)) continue;
        objects.set(other, objects.get(key)!);
        await expect(readAs(type, idOf(key)), `${key} as ${type}`).rejects.toMatchObject({ code: "repository_damaged", facts: { problem: "altered" } });
        objects.delete(other);
      }
    }
  });

  it("of any page or segment leaves all other records of the snapshot readable, and names how many are not", async () => {
    const manifest = manifests.at(-1)!;
    const whole = (await repository.readSnapshotParts(manifest)).records.map((record) => canonicalJson(record));
    const parts = (await neededBy(manifest)).filter(({ type }) => type === "page" || type === "segment");
    expect(new Set(parts.map(({ type }) => type)).size).toBe(2);
    for (const part of parts) {
      const original = objects.get(keyOf(part))!;
      const [name, bytes] = mutations(keyOf(part))[randomInt(mutations(keyOf(part)).length)]!;
      replace(keyOf(part), bytes);
      const { records, damaged } = await repository.readSnapshotParts(manifest);
      await expect(repository.readSnapshot(manifest), name).rejects.toMatchObject({ code: "repository_damaged" });
      objects.set(keyOf(part), original);
      expect(damaged.map(({ objectId, type }) => [objectId, type]), name).toEqual([[part.id, part.type]]);
      const read = new Set(records.map((record) => canonicalJson(record)));
      const lost = whole.filter((record) => !read.has(record));
      expect(read.size).toBe(whole.length - lost.length);
      expect(lost.every((record) => (JSON.parse(record) as SnapshotRecord).kind === part.kind)).toBe(true);
      // A page may list more than it is still needed for.
      if (part.type === "segment") expect(/^\d+/.exec(damaged[0]!.affects)?.[0] ?? "1").toBe(String(lost.length));
      else expect(lost.length).toBeLessThanOrEqual(Number(/^\d+/.exec(damaged[0]!.affects)![0]));
    }
  }, 120_000);

  it("is found by verify, object by object, with nothing else accused", async () => {
    const perRound = mutations(mine[0]!).length;
    for (let round = 0; round < perRound; round++) {
      // Damage every object of one type at once: verify must name each. Manifests last, because they hide what they list.
      for (const type of ["segment", "file", "page", "manifest"] as const) {
        const keys = mine.filter((key) => typeOf(key) === type);
        const originals = new Map(keys.map((key) => [key, objects.get(key)!]));
        const changed = new Map(keys.map((key) => [key, mutations(key)[round]!]));
        for (const [key, [, bytes]] of changed) replace(key, bytes);
        const report = await repository.verify(manifests);
        for (const [key, bytes] of originals) objects.set(key, bytes);
        expect(new Set(report.damaged.map(({ objectId }) => objectId)), changed.get(keys[0]!)![0]).toEqual(new Set(keys.map(idOf)));
        expect(report.damaged.every((it) => it.type === type && it.problem === (changed.get(keys[0]!)![1] ? "altered" : "missing"))).toBe(true);
      }
    }
    expect((await repository.verify(manifests)).damaged).toEqual([]);
  }, 120_000);

  it("says which snapshots are affected", async () => {
    const needs = await Promise.all(manifests.map(async (manifest) => new Set((await neededBy(manifest)).map(keyOf))));
    const sample = Array.from({ length: 12 }, () => mine[randomInt(mine.length)]!);
    for (const key of [...sample, keyOf({ type: "manifest", id: manifests[2]! })]) {
      const original = objects.get(key)!;
      objects.delete(key);
      const { damaged, damagedManifests } = await repository.verify(manifests);
      objects.set(key, original);
      expect(damaged).toMatchObject([{ objectId: idOf(key), type: typeOf(key), problem: "missing" }]);
      expect(damagedManifests).toEqual(manifests.filter((_, index) => needs[index]!.has(key)));
    }
  }, 60_000);

  it("can be looked for with progress, and stopped", async () => {
    const seen: [number, number][] = [];
    await repository.verify([manifests[0]!], { onProgress: (done, total) => seen.push([done, total]) });
    expect(seen.at(-1)![0]).toBe(seen.at(-1)![1]);
    const abort = new AbortController();
    const stopped = repository.verify(manifests, { signal: abort.signal, onProgress: (done) => { if (done === 20) abort.abort(); } });
    await expect(stopped).rejects.toMatchObject({ code: "cancelled" });
  });
});
