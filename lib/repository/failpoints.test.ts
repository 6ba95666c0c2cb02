/** A crash or an error at any storage operation never harms an older snapshot and never shows a half one. */
import { describe, expect, it } from "vitest";
import { PlanbackError } from "@/lib/errors";
import { openRepository, type ObjectStore } from "./index";
import { createMemoryStore, inChunks, keysOf, samplePlan, snapshotOf } from "./testing";

const keys = keysOf("0b9f4d0e-0000-4000-8000-000000000001");

/** Fails at operation `failAt` and at every later one, as after a crash; before it, works. */
function failing(store: ObjectStore, failAt: number): ObjectStore & { operations(): number } {
  let done = 0;
  const step = () => { if (++done >= failAt) throw new Error("power cut"); };
  return {
    ...store,
    operations: () => done,
    has: async (key) => { step(); return store.has(key); },
    get: async (key) => { step(); return store.get(key); },
    put: async (key, bytes) => { step(); return store.put(key, bytes); },
  };
}

async function backUp(store: ObjectStore, previous: string | null, edition: number): Promise<string> {
  const repository = openRepository({ store, keys });
  const { fileId } = await repository.putFile(inChunks(Buffer.from(`attachment of edition ${edition}`)));
  return (await repository.writeSnapshot(snapshotOf(`s${edition}`, previous, [fileId]), samplePlan(400, { edition, edited: (index) => index % 40 === 0 }))).manifestId;
}

describe("a backup that fails at its Nth storage operation, for every N", () => {
  it("leaves older snapshots whole, shows nothing half, and the next run finishes", async () => {
    const base = createMemoryStore();
    const older = await backUp(base, null, 1);
    const untouched = failing(createMemoryStore(new Map(base.objects)), Infinity);
    const expected = await backUp(untouched, older, 2);
    expect(untouched.operations()).toBeGreaterThan(10);

    for (let failAt = 1; failAt <= untouched.operations(); failAt++) {
      const store = createMemoryStore(new Map(base.objects));
      await expect(backUp(failing(store, failAt), older, 2)).rejects.toThrow("power cut");
      const repository = openRepository({ store, keys });
      expect((await repository.verify([older])).damaged).toEqual([]);
      // The manifest is the last write: what failed before it has no manifest.
      await expect(repository.readManifest(expected)).rejects.toMatchObject({ code: "repository_damaged", facts: { problem: "missing" } });
      expect(await backUp(store, older, 2)).toBe(expected);
      expect((await repository.verify([older, expected])).damaged).toEqual([]);
    }
  });

  it("writes the manifest after everything it needs", async () => {
    const order: string[] = [];
    const store = createMemoryStore();
    await backUp({ ...store, put: (key, bytes) => { order.push(key.split("/")[1]!); return store.put(key, bytes); } }, null, 1);
    expect(order.indexOf("manifest")).toBe(order.length - 1);
    expect(order[0]).toBe("file");
  });
});

describe("a storage that does not answer", () => {
  it("is not taken for damage of the snapshots", async () => {
    const store = createMemoryStore();
    const manifest = await backUp(store, null, 1);
    const unavailable = () => Promise.reject(new PlanbackError("storage_unavailable", "down"));
    const repository = openRepository({ store: { ...store, get: unavailable }, keys });
    await expect(repository.verify([manifest])).rejects.toMatchObject({ code: "storage_unavailable" });

    // One object that cannot be read while others can is named.
    const { segments } = await openRepository({ store, keys }).readManifest(manifest);
    const one = segments.at(-1)!;
    const partly = openRepository({ store: { ...store, get: (key) => (key.endsWith(one.id) ? unavailable() : store.get(key)) }, keys });
    expect((await partly.verify([manifest])).damaged).toMatchObject([{ objectId: one.id, problem: "unreadable" }]);
    expect((await partly.readSnapshotParts(manifest)).damaged).toMatchObject([{ objectId: one.id, problem: "unreadable" }]);
  });
});
