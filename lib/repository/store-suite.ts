/** What every storage driver must do. Call it in the driver's test file: `storeSuite("file system", () => createFileStore(dir))`. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { collect, inChunks } from "./testing";
import type { ObjectStore } from "./types";

const W = "0b9f4d0e-0000-4000-8000-000000000001";

/** `make` returns an empty store each time. */
export function storeSuite(name: string, make: () => ObjectStore | Promise<ObjectStore>): void {
  describe(`object store: ${name}`, () => {
    it("gives back what was put, whole and streamed", async () => {
      const store = await make();
      for (const size of [0, 1, 100_000, 3_000_000]) {
        const bytes = randomBytes(size);
        expect(await store.put(`${W}/segment/aa/whole-${size}`, bytes)).toBe(true);
        expect(await store.put(`${W}/file/aa/stream-${size}`, inChunks(bytes, 70_001))).toBe(true);
        for (const key of [`${W}/segment/aa/whole-${size}`, `${W}/file/aa/stream-${size}`]) {
          expect(Buffer.compare(await store.get(key), bytes)).toBe(0);
          expect(Buffer.compare(await collect(store.getStream(key)), bytes)).toBe(0);
        }
      }
    });

    it("leaves an existing object as it is", async () => {
      const store = await make();
      expect(await store.put("a/b", Buffer.from("one"))).toBe(true);
      expect(await store.put("a/b", Buffer.from("two"))).toBe(false);
      expect(Buffer.from(await store.get("a/b")).toString()).toBe("one");
    });

    it("lets exactly one of many simultaneous writers of a key be the first", async () => {
      const store = await make();
      const results = await Promise.all(Array.from({ length: 16 }, (_, index) => store.put("a/race", Buffer.alloc(10_000, index))));
      expect(results.filter(Boolean)).toHaveLength(1);
      const stored = await store.get("a/race");
      expect(stored).toHaveLength(10_000);
      expect(new Set(stored).size).toBe(1);
    });

    it("says what is missing", async () => {
      const store = await make();
      expect(await store.has("a/none")).toBe(false);
      await expect(store.get("a/none")).rejects.toMatchObject({ code: "repository_damaged", facts: { problem: "missing" } });
      await expect(collect(store.getStream("a/none"))).rejects.toMatchObject({ code: "repository_damaged", facts: { problem: "missing" } });
    });

    it("shows nothing of a write whose source failed", async () => {
      const store = await make();
      async function* broken() {
        yield Buffer.alloc(100_000);
        throw new Error("source broke");
      }
      await expect(store.put("a/broken", broken())).rejects.toThrow("source broke");
      expect(await store.has("a/broken")).toBe(false);
      expect(await Array.fromAsync(store.list(""))).toEqual([]);
    });

    it("lists by prefix with sizes", async () => {
      const store = await make();
      for (const key of ["w1/file/aa/1", "w1/file/ab/2", "w1/segment/aa/3", "w2/file/aa/4"]) await store.put(key, Buffer.alloc(7));
      const keys = async (prefix: string) => (await Array.fromAsync(store.list(prefix))).map(({ key }) => key).sort();
      expect(await keys("w1/")).toEqual(["w1/file/aa/1", "w1/file/ab/2", "w1/segment/aa/3"]);
      expect(await keys("w1/file/")).toEqual(["w1/file/aa/1", "w1/file/ab/2"]);
      expect(await keys("w1/file/ab")).toEqual(["w1/file/ab/2"]);
      expect(await keys("none/")).toEqual([]);
      const first = (await Array.fromAsync(store.list("w2/")))[0];
      expect(first).toMatchObject({ key: "w2/file/aa/4", size: 7 });
      expect(first?.modified).toBeInstanceOf(Date);
    });

    it("removes, also what is not there", async () => {
      const store = await make();
      await store.put("a/gone", Buffer.from("x"));
      await store.remove("a/gone");
      await store.remove("a/gone");
      expect(await store.has("a/gone")).toBe(false);
      expect(await store.put("a/gone", Buffer.from("y"))).toBe(true);
    });
  });
}
