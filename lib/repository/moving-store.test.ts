import { expect, it } from "vitest";
import { createMovingStore } from "./moving-store";
import { collect, createMemoryStore, inChunks } from "./testing";

const text = async (bytes: AsyncIterable<Uint8Array> | Promise<Uint8Array>) => Buffer.from(bytes instanceof Promise ? await bytes : await collect(bytes)).toString();

it("stores in both places, whole and streamed, and counts as stored only what is in both", async () => {
  const [from, to] = [createMemoryStore(), createMemoryStore()];
  const store = createMovingStore(from, to);
  await from.put("a/old", Buffer.from("old"));
  await to.put("a/new", Buffer.from("new"));
  expect([await store.has("a/old"), await store.has("a/new")]).toEqual([false, false]);
  expect(await store.put("a/old", Buffer.from("old again"))).toBe(true);
  expect(await store.put("a/new", inChunks(Buffer.from("new again")))).toBe(true);
  expect(await store.put("a/stream", inChunks(Buffer.from("streamed"), 3))).toBe(true);
  for (const key of ["a/old", "a/new", "a/stream"]) {
    expect([await from.has(key), await to.has(key), await store.has(key)]).toEqual([true, true, true]);
    expect(await store.put(key, Buffer.from("no"))).toBe(false);
  }
  expect([await text(from.getStream("a/stream")), await text(to.getStream("a/stream"))]).toEqual(["streamed", "streamed"]);
});

it("reads from either place, and removes from both", async () => {
  const [from, to] = [createMemoryStore(), createMemoryStore()];
  const store = createMovingStore(from, to);
  await from.put("a/old", Buffer.from("old"));
  await to.put("a/new", Buffer.from("new"));
  expect([await text(store.get("a/old")), await text(store.get("a/new")), await text(store.getStream("a/old")), await text(store.getStream("a/new"))]).toEqual(["old", "new", "old", "new"]);
  await expect(store.get("a/none")).rejects.toMatchObject({ facts: { problem: "missing" } });
  await store.put("a/old", Buffer.from("old"));
  await store.remove("a/old");
  expect([await from.has("a/old"), await to.has("a/old")]).toEqual([false, false]);
});
