/** What is needed is exactly what the snapshots that are left are read from: compared with what reading them touches. */
import { expect, it } from "vitest";
import type { SnapshotRecord } from "@/lib/planner/types";
import { createObjectAccess } from "./objects";
import { openRepository, type ObjectStore } from "./index";
import { createMemoryStore, inChunks, keysOf, samplePlan, snapshotOf } from "./testing";

const keys = keysOf("0b9f4d0e-0000-4000-8000-000000000001");
const idOf = (key: string) => key.slice(key.lastIndexOf("/") + 1);

/** Some days of a plan in which a tenth of the tasks changes and files come and go. Gives the manifests, oldest first. */
async function history(store: ObjectStore, days: number): Promise<string[]> {
  const repository = openRepository({ store, keys });
  const manifests: string[] = [];
  for (let day = 0; day < days; day++) {
    const { fileId, size, sha256 } = await repository.putFile(inChunks(Buffer.from(`file of day ${day >> 1}`)));
    const attachment = { id: `a${day % 3}`, taskId: "t", referenceKey: "k", name: "x", size, sha256, fileId, contentType: null, driveItemId: null };
    const records: SnapshotRecord[] = [...samplePlan(700, { edition: day, edited: (index) => index % 10 === day % 10 }), { kind: "attachment", id: attachment.id, attachment }];
    manifests.push((await repository.writeSnapshot(snapshotOf(`s${day}`, manifests.at(-1) ?? null), records)).manifestId);
  }
  return manifests;
}

it("names every object that is read for the snapshots that are left, and no other", async () => {
  const store = createMemoryStore();
  const manifests = await history(store, 12);
  const repository = openRepository({ store, keys });
  for (const kept of [manifests, manifests.slice(-1), manifests.slice(0, 3), manifests.filter((_, day) => day % 4 === 1), []]) {
    const touched = new Set<string>();
    const reading = openRepository({ keys, store: { ...store, get: (key) => { touched.add(idOf(key)); return store.get(key); }, getStream: (key) => { touched.add(idOf(key)); return store.getStream(key); } } });
    expect((await reading.verify(kept)).damaged).toEqual([]);
    const needed = await repository.findNeeded(kept);
    const stored = await Array.fromAsync(repository.listStored());
    expect(stored.length).toBe(store.objects.size);
    expect(new Set(stored.filter(({ id }) => needed.has(id)).map(({ id }) => id))).toEqual(touched);
    if (kept.length < manifests.length) expect(touched.size).toBeLessThan(stored.length);
  }
});

it("says nothing when a manifest, a page or a list of files cannot be read", async () => {
  const store = createMemoryStore();
  const [manifest] = await history(store, 1);
  const repository = openRepository({ store, keys });
  const lists: string[] = [];
  for await (const { type, id, kind } of repository.objectsOf(manifest!)) if (type === "manifest" || type === "page" || kind === "attachment") lists.push(`${keys.workspaceId}/${type}/${id.slice(0, 2)}/${id}`);
  expect(lists.length).toBeGreaterThan(3);
  for (const key of lists) {
    const damaged = openRepository({ keys, store: createMemoryStore(new Map([...store.objects].filter(([each]) => each !== key))) });
    await expect(damaged.findNeeded([manifest!])).rejects.toMatchObject({ code: "repository_damaged" });
  }
});

it("what is condemned is pardoned before a writer relies on it, and stored anew when it was removed by then", async () => {
  const store = createMemoryStore();
  const write = (condemned?: Parameters<typeof createObjectAccess>[3]) => createObjectAccess(store, keys, new Set(), condemned).write("segment", Buffer.from("a segment"));
  const { id } = await write();
  const pardoned: string[] = [];
  expect(await write({ has: (each) => each === id, pardon: async (type, each) => void pardoned.push(`${type} ${each}`) })).toEqual({ id, newBytes: 0 });
  expect(pardoned).toEqual([`segment ${id}`]);
  const objects = createObjectAccess(store, keys, new Set(), { has: () => true, pardon: () => objects.remove("segment", id) });
  expect((await objects.write("segment", Buffer.from("a segment"))).newBytes).toBeGreaterThan(0);
  await expect(objects.read("segment", id)).resolves.toBeDefined();
});
