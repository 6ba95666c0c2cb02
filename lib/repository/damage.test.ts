/** What an attacker or a bad disk can do to stored bytes, tried on every object of a repository. */
import { beforeAll, describe, expect, it } from "vitest";
import { openRepository, type Damage, type Repository } from "./index";
import { createObjectAccess } from "./objects";
import { collect, createMemoryStore, inChunks, keysOf, plannerId, samplePlan, snapshotOf } from "./testing";

const W1 = "0b9f4d0e-0000-4000-8000-000000000001";
const W2 = "0b9f4d0e-0000-4000-8000-000000000002";
const SNAPSHOTS = 12;
const FILES = 150;

/** Which bits, and which objects stand in for which. Salts and nonces of the seals are fresh in each run all the same. */
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
console.log(`damage: SEED=${SEED}`);
let state = SEED;
function randomInt(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

async function fill(repository: Repository): Promise<string[]> {
  const files: string[] = [];
  for (let index = 0; index < FILES; index++) files.push((await repository.putFile(inChunks(Buffer.from(`file ${index} ${plannerId(String(index)).repeat(20)}`)))).fileId);
  const manifests: string[] = [];
  for (let edition = 0; edition < SNAPSHOTS; edition++) {
    const records = samplePlan(1500, { edition, edited: (index) => index % 70 === edition });
    manifests.push((await repository.writeSnapshot(snapshotOf(`s${edition}`, manifests.at(-1) ?? null, files), records)).manifestId);
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

  function readIt(key: string): Promise<unknown> {
    const type = typeOf(key);
    return type === "file" ? collect(repository.readFile(idOf(key))) : access.read(type, idOf(key));
  }

  it("finds nothing wrong with what is not damaged, again and again", async () => {
    expect(mine.length).toBeGreaterThan(300);
    for (let times = 0; times < 5; times++) {
      const report = await repository.verify(manifests);
      expect(report).toEqual({ snapshots: SNAPSHOTS, objects: mine.length, damaged: [], bytes: mine.reduce((sum, key) => sum + objects.get(key)!.length, 0) });
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

  it("of a segment leaves the rest of the snapshot readable, and names what is not", async () => {
    const { segments, counts } = await repository.readManifest(manifests[0]!);
    const all = Object.values(counts.records).reduce((a, b) => a + b);
    for (const segment of segments) {
      const key = `${W1}/segment/${segment.id.slice(0, 2)}/${segment.id}`;
      const original = objects.get(key)!;
      replace(key, flip(original, original.length - 20, 3));
      const { records, damaged } = await repository.readSnapshotParts(manifests[0]!);
      await expect(repository.readSnapshot(manifests[0]!)).rejects.toMatchObject({ code: "repository_damaged" });
      objects.set(key, original);
      expect(damaged.map(({ objectId, problem }) => [objectId, problem])).toEqual([[segment.id, "altered"]]);
      expect(records).toHaveLength(all - segment.records);
    }
  });

  it("is found by verify, object by object, with nothing else accused", async () => {
    const perRound = mutations(mine[0]!).length;
    for (let round = 0; round < perRound; round++) {
      // Damage every object of one type at once: verify must name each. Manifests last, because they hide what they list.
      for (const type of ["segment", "file", "manifest"] as const) {
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

  it("says which records are affected", async () => {
    const { segments } = await repository.readManifest(manifests[0]!);
    const segment = segments.find(({ kind, records }) => kind === "task" && records > 1)!;
    const key = `${W1}/segment/${segment.id.slice(0, 2)}/${segment.id}`;
    const original = objects.get(key)!;
    objects.delete(key);
    const { damaged } = await repository.verify([manifests[0]!]);
    objects.set(key, original);
    expect(damaged).toEqual([{ objectId: segment.id, type: "segment", problem: "missing", affects: `task ${segment.first}..${segment.last} (${segment.records} records)` }]);
  });

  it("can be looked for with progress, and stopped", async () => {
    const seen: [number, number][] = [];
    await repository.verify([manifests[0]!], { onProgress: (done, total) => seen.push([done, total]) });
    expect(seen.at(-1)![0]).toBe(seen.at(-1)![1]);
    const abort = new AbortController();
    const stopped = repository.verify(manifests, { signal: abort.signal, onProgress: (done) => { if (done === 20) abort.abort(); } });
    await expect(stopped).rejects.toMatchObject({ code: "cancelled" });
  });
});
