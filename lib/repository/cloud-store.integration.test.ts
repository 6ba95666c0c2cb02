/** The clouds' drivers against an S3 server and Azurite, with connections that break. */
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CloudOptions } from "./cloud-store";
import { storeSuite } from "./store-suite";
import { openStore, type CloudSettings } from "./stores";
import { collect, inChunks } from "./testing";
import { CloudServer, QUICK, type Asked, type Trouble } from "./testing-servers";
import type { ObjectStore } from "./types";

const MIB = 1024 * 1024;
const unavailable = (reason: string) => ({ code: "storage_unavailable", facts: { reason } });

describe.each(["s3", "azure"] as const)("%s", (kind) => {
  let server: CloudServer;
  beforeAll(async () => { server = await CloudServer.start(kind); });
  afterAll(() => server?.close());

  storeSuite(kind, async () => openStore(await server.place(), { ...QUICK, pageSize: 2 }));

  describe("in trouble", () => {
    let place: CloudSettings;
    let store: ObjectStore;
    const open = async (settings: Partial<CloudSettings> = {}, options: CloudOptions = {}) => {
      place = { ...(await server.place()), ...settings } as CloudSettings;
      return openStore(place, { ...QUICK, ...options });
    };
    beforeEach(async () => { store = await open(); });
    afterEach(() => { server.trouble = () => null; });
    /** The first `times` requests like this one have it. */
    const first = (times: number, trouble: Trouble, like: (asked: Asked) => boolean = () => true) => {
      let seen = 0;
      server.trouble = (asked) => (like(asked) && seen++ < times ? trouble : null);
    };

    it.each(["cut", "cut answer", 503, 500, 429] as const)("goes on after a request that ends with: %s", async (trouble) => {
      first(2, trouble);
      await store.put("a/one", Buffer.from("one"));
      first(2, trouble);
      expect(Buffer.from(await store.get("a/one")).toString()).toBe("one");
      first(2, trouble);
      expect(await store.has("a/one")).toBe(true);
      first(2, trouble);
      expect((await Array.fromAsync(store.list("a/"))).map(({ key }) => key)).toEqual(["a/one"]);
      first(2, trouble);
      await store.remove("a/one");
      expect(await store.has("a/one")).toBe(false);
    });

    it.each([["cut", "unreachable"], ["cut answer", "unreachable"], ["stall", "unreachable"], [503, "unreachable"], [403, "forbidden"], [400, "rejected"]] as const)("gives up, with the reason, when every request ends with: %s", async (trouble, reason) => {
      await store.put("a/one", Buffer.from("one"));
      store = await openStore(place, { ...QUICK, timeoutMs: 200 });
      server.trouble = () => trouble;
      await expect(store.put("a/two", Buffer.from("two"))).rejects.toMatchObject(unavailable(reason));
      await expect(store.get("a/one")).rejects.toMatchObject(unavailable(reason));
      await expect(collect(store.getStream("a/one"))).rejects.toMatchObject(unavailable(reason));
      await expect(store.has("a/one")).rejects.toMatchObject(unavailable(reason));
      await expect(Array.fromAsync(store.list(""))).rejects.toMatchObject(unavailable(reason));
      await expect(store.remove("a/one")).rejects.toMatchObject(unavailable(reason));
      server.trouble = () => null;
      // What was asked may have been done, though nobody heard of it.
      expect(await store.has("a/one")).toBe(trouble !== "cut answer");
    });

    it("stores and reads a large file in parts, of which each may break", async () => {
      const bytes = randomBytes(20 * MIB);
      let count = 0;
      server.trouble = () => (++count % 2 === 1 ? (["cut", "cut answer", 503] as const)[count % 3]! : null);
      await store.put("a/large", inChunks(bytes, 300_000));
      expect(Buffer.compare(await collect(store.getStream("a/large")), bytes)).toBe(0);
      expect(await store.put("a/large", inChunks(bytes, 300_000))).toBe(false);
    });

    it("shows nothing of a large file whose upload or source breaks", async () => {
      const bytes = randomBytes(20 * MIB);
      let parts = 0;
      server.trouble = ({ method, headers }) => (method === "PUT" && Number(headers["content-length"]) > MIB && ++parts > 1 ? "cut" : null);
      await expect(store.put("a/large", inChunks(bytes))).rejects.toMatchObject(unavailable("unreachable"));
      expect(parts).toBeGreaterThan(1);
      server.trouble = () => null;
      async function* broken() { yield bytes; throw new Error("source broke"); }
      await expect(store.put("a/large", broken())).rejects.toThrow("source broke");
      expect(await store.has("a/large")).toBe(false);
      expect(await Array.fromAsync(store.list(""))).toEqual([]);
      expect(await store.put("a/large", inChunks(bytes))).toBe(true);
    });

    it("lets one of several writers of a large file be the first, and keeps it whole", async () => {
      const wrote = await Promise.all([1, 2, 3].map((fill) => store.put("a/large", inChunks(Buffer.alloc(9 * MIB, fill)))));
      expect(wrote.filter(Boolean)).toHaveLength(1);
      expect(new Set(await store.get("a/large"))).toEqual(new Set([wrote.indexOf(true) + 1]));
    });

    it("tells a place that does not exist and keys that are refused from an object that is missing", async () => {
      const elsewhere = await open(kind === "s3" ? { bucket: "nobody-has-this" } : { container: "nobody-has-this" });
      await expect(elsewhere.get("a/one")).rejects.toMatchObject(unavailable("no_place"));
      await expect(elsewhere.put("a/one", Buffer.from("x"))).rejects.toMatchObject(unavailable("no_place"));
      const stranger = await open(kind === "s3" ? { accessKey: { id: "nobody", secret: "wrong" } } : { credential: { key: Buffer.alloc(64).toString("base64") } });
      const refused = await stranger.put("a/one", Buffer.from("x")).catch((error: unknown) => error);
      expect(refused).toMatchObject(unavailable("forbidden"));
      expect(String((refused as Error).message)).not.toContain(server.origin);
    });

    it("refuses names that could mean something else", async () => {
      for (const key of ["", "../x", "a//b", "a/", ".tmp/x", "a?b", "a#b", "é"]) {
        await expect(store.put(key, Buffer.from("x")), key).rejects.toMatchObject({ code: "internal" });
        await expect(store.get(key), key).rejects.toMatchObject({ code: "internal" });
        await expect(store.remove(key), key).rejects.toMatchObject({ code: "internal" });
      }
    });

    it("dials no address that is not allowed", async () => {
      const asked: string[] = [];
      const settings = kind === "s3" ? { endpoint: "http://storage.invalid:9" } : { endpoint: "http://storage.invalid:9/account" };
      store = await open(settings, { lookup: (host, _options, done) => { asked.push(host); done(Object.assign(new Error("refused"), { code: "EPRIVATE" }), "", 0); } });
      await expect(store.get("a/one")).rejects.toMatchObject({ code: "storage_unavailable", facts: { service: "EPRIVATE" } });
      expect(new Set(asked)).toEqual(new Set(["storage.invalid"]));
    });

    // The test servers keep no locks: what is sent is looked at.
    it("locks what it stores for as many days as it is told", async () => {
      store = await openStore(await server.place(30), QUICK);
      server.asked = [];
      const before = Date.now();
      await store.put("a/small", Buffer.from("x")).catch(() => undefined);
      await store.put("a/large", inChunks(Buffer.alloc(9 * MIB))).catch(() => undefined);
      const [mode, until] = kind === "s3" ? ["x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"] : ["x-ms-immutability-policy-mode", "x-ms-immutability-policy-until-date"];
      const locked = server.asked.filter(({ headers }) => headers[mode]);
      expect(locked.map(({ headers }) => String(headers[mode]).toLowerCase())).toEqual(Array(2).fill(kind === "s3" ? "compliance" : "locked"));
      for (const { headers } of locked) {
        expect(Date.parse(String(headers[until]))).toBeGreaterThanOrEqual(Math.floor((before + 30 * 86_400_000) / 1000) * 1000);
        expect(Date.parse(String(headers[until]))).toBeLessThanOrEqual(Date.now() + 30 * 86_400_000 + 1000);
      }
    });
  });
});
