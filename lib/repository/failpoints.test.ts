/** A crash or an error at any operation, down to single calls of the file system, never harms an older snapshot and never shows a half one. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PlanbackError } from "@/lib/errors";
import type { SnapshotRecord } from "@/lib/planner/types";
import { createFileStore, openRepository, type ObjectStore } from "./index";
import { createObjectAccess, type ObjectType } from "./objects";
import { collect, createMemoryStore, inChunks, keysOf, samplePlan, snapshotOf } from "./testing";
import { disk } from "./testing-disk";

vi.mock("node:fs/promises", async (original) => (await import("./testing-disk")).disk.around(await original()));

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
  const { fileId, size, sha256 } = await repository.putFile(inChunks(Buffer.from(`attachment of edition ${edition}`)));
  const attachment = { id: "a1", taskId: "t", referenceKey: "k", name: "x", size, sha256, fileId, contentType: null, driveItemId: null };
  const records: SnapshotRecord[] = [...samplePlan(120, { edition, edited: (index) => index % 60 === 0 }), { kind: "attachment", id: "a1", attachment }];
  return (await repository.writeSnapshot(snapshotOf(`s${edition}`, previous), records)).manifestId;
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

describe("a backup into files that fails at its Nth call of the file system, for every N", () => {
  let base = "";
  let older = "";
  let work = "";
  beforeAll(async () => {
    base = await mkdtemp(path.join(tmpdir(), "planback-failpoints-"));
    work = `${base}-work`;
    older = await backUp(createFileStore(base), null, 1);
  });
  afterAll(() => Promise.all([base, work].map((dir) => rm(dir, { recursive: true, force: true }))));

  const fresh = async () => {
    await rm(work, { recursive: true, force: true });
    await cp(base, work, { recursive: true });
    return createFileStore(work);
  };

  // One call fails; the process ends there; the power goes, and with it what was not flushed.
  it.each(["error", "exit", "power cut"] as const)("%s", async (mode) => {
    const calls = await disk.count(await fresh(), (store) => backUp(store, older, 2));
    const expected = await backUp(await fresh(), older, 2);
    expect(calls).toBeGreaterThan(60);
    for (let failAt = 1; failAt <= calls; failAt++) {
      const outcome = await disk.fail(await fresh(), mode, failAt, (store) => backUp(store, older, 2));
      expect(outcome.hit, `call ${failAt} of ${calls}`).toBe(true);
      const where = `${mode} at call ${failAt}: ${outcome.call}`;

      const store = createFileStore(work);
      const repository = openRepository({ store, keys });
      expect((await repository.verify([older])).damaged, where).toEqual([]);
      // Whatever has a name is whole; a manifest that is there has everything it needs.
      const access = createObjectAccess(store, keys);
      for await (const { key } of store.list("")) {
        const [, type, , id] = key.split("/") as [string, ObjectType, string, string];
        await (type === "file" ? collect(access.readStream(type, id)) : access.read(type, id)).catch((error: unknown) => { throw new Error(`${where}: ${key}`, { cause: error }); });
        if (type === "manifest") expect((await repository.verify([id])).damaged, where).toEqual([]);
      }
      if (outcome.manifestId) expect(outcome.manifestId, where).toBe(expected);
      expect(await backUp(store, older, 2), where).toBe(expected);
      expect((await repository.verify([older, expected])).damaged, where).toEqual([]);
    }
  }, 120_000);
});

describe("a storage that does not answer", () => {
  it("is not taken for damage of the snapshots", async () => {
    const store = createMemoryStore();
    const manifest = await backUp(store, null, 1);
    const unavailable = () => Promise.reject(new PlanbackError("storage_unavailable", "down"));
    const repository = openRepository({ store: { ...store, get: unavailable }, keys });
    await expect(repository.verify([manifest])).rejects.toMatchObject({ code: "storage_unavailable" });

    // One object that cannot be read while others can is named.
    const needed = await Array.fromAsync(openRepository({ store, keys }).objectsOf(manifest));
    const one = needed.findLast(({ type }) => type === "segment")!;
    const partly = openRepository({ store: { ...store, get: (key) => (key.endsWith(one.id) ? unavailable() : store.get(key)) }, keys });
    expect((await partly.verify([manifest])).damaged).toMatchObject([{ objectId: one.id, problem: "unreadable" }]);
    expect((await partly.readSnapshotParts(manifest)).damaged).toMatchObject([{ objectId: one.id, problem: "unreadable" }]);
  });
});
