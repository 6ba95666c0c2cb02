import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFileStore } from "./file-store";
import { storeSuite } from "./store-suite";

let base = "";
let made = 0;
const freshDir = () => path.join(base, `store-${made++}`);
beforeAll(async () => { base = await mkdtemp(path.join(tmpdir(), "planback-store-")); });
afterAll(() => rm(base, { recursive: true, force: true }));

storeSuite("file system", () => createFileStore(freshDir()));

describe("file store", () => {
  it("refuses keys that could leave its directory or reach its temporary files", async () => {
    const dir = freshDir();
    const store = createFileStore(dir);
    const bad = ["", "/etc/passwd", "../x", "a/../../x", "a/..", "./a", "a//b", "a/", "a\\..\\b", ".tmp/x", "a/.hidden", "a\0b", "é", "a b", "C:/x", `a/${"x".repeat(500)}`];
    for (const key of bad) {
      await expect(store.put(key, Buffer.from("x")), key).rejects.toMatchObject({ code: "internal" });
      await expect(store.get(key), key).rejects.toMatchObject({ code: "internal" });
      await expect(store.remove(key), key).rejects.toMatchObject({ code: "internal" });
      await expect(Array.fromAsync(store.getStream(key)), key).rejects.toMatchObject({ code: "internal" });
    }
    await expect(Array.fromAsync(store.list("../"))).rejects.toMatchObject({ code: "internal" });
    expect(existsSync(dir)).toBe(false);
  });

  it("ignores temporary files of a crash and removes them after a day", async () => {
    const dir = freshDir();
    await createFileStore(dir).put("a/one", Buffer.from("1"));
    const old = path.join(dir, ".tmp", "old");
    const recent = path.join(dir, ".tmp", "recent");
    await writeFile(old, "half");
    await writeFile(recent, "half");
    const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
    await utimes(old, twoDaysAgo, twoDaysAgo);

    const store = createFileStore(dir);
    expect((await Array.fromAsync(store.list(""))).map(({ key }) => key)).toEqual(["a/one"]);
    await store.put("a/two", Buffer.from("2"));
    expect(await readdir(path.join(dir, ".tmp"))).toEqual(["recent"]);
  });

  it("leaves no temporary file behind", async () => {
    const dir = freshDir();
    const store = createFileStore(dir);
    await store.put("a/one", Buffer.from("1"));
    async function* broken() { yield Buffer.alloc(10); throw new Error("broke"); }
    await store.put("a/two", broken()).catch(() => {});
    expect(await readdir(path.join(dir, ".tmp"))).toEqual([]);
  });

  it("says in plain words that the storage cannot be used", async () => {
    const file = path.join(base, "not-a-directory");
    await writeFile(file, "x");
    const error = await createFileStore(path.join(file, "store")).put("a/b", Buffer.from("x")).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "PlanbackError" });
    expect((error as Error).message).not.toContain(base);
  });
});
