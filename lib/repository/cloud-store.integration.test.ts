/** The clouds' drivers against an S3 server and Azurite, with connections that break. */
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CloudOptions } from "./cloud-store";
import { openRepository } from "./index";
import { storeSuite } from "./store-suite";
import { openStore, type CloudSettings } from "./stores";
import { collect, inChunks, keysOf, samplePlan, snapshotOf } from "./testing";
import { CloudServer, LOCK, QUICK, type Asked, type Trouble } from "./testing-servers";
import type { ObjectStore } from "./types";

const W = "0b9f4d0e-0000-4000-8000-000000000001";
const MIB = 1024 * 1024;
const nameOf = (place: CloudSettings) => (place.driver === "s3" ? place.bucket : place.container);
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

    describe("with a lock of 30 days", () => {
      const DAY_MS = 86_400_000;
      const { mode, until, locked } = LOCK[kind];
      const ends = () => [...server.locks].filter(([path]) => path.includes(nameOf(place))).map(([path, end]) => [path.slice(path.lastIndexOf("/") + 1), (end.getTime() - Date.now()) / DAY_MS] as const);
      const setLocks = (days: number) => { for (const path of server.locks.keys()) if (path.includes(nameOf(place))) server.locks.set(path, new Date(Date.now() + days * DAY_MS)); };
      const lengthened = () => server.asked.filter(({ method, url }) => method === "PUT" && /retention|immutabilityPolicies/.test(url)).length;
      beforeEach(async () => {
        store = await openStore((place = await server.place(30)), QUICK);
        server.asked = [];
      });

      it("locks what it stores for that long, and a quarter more", async () => {
        await store.put("a/small", Buffer.from("x"));
        await store.put("a/large", inChunks(Buffer.alloc(9 * MIB)));
        const asked = server.asked.filter(({ headers }) => headers[until]);
        expect(asked.map(({ headers }) => headers[mode])).toEqual([locked, locked]);
        expect(ends().map(([name]) => name).sort()).toEqual(["large", "small"]);
        for (const [, days] of ends()) expect(days).toSatisfy((left: number) => left > 37.9 && left < 38.1);
      });

      it("makes the lock of what a snapshot still needs longer before it is too short, and no request more than that needs", async () => {
        await store.put("a/one", Buffer.from("x"));
        setLocks(31);
        expect([await store.locks!.keep("a/one"), await store.locks!.keep("a/none"), lengthened()]).toEqual([true, false, 0]);
        setLocks(29);
        for (let snapshot = 0; snapshot < 3; snapshot++) expect(await store.locks!.keep("a/one")).toBe(true);
        expect([lengthened(), Math.round(ends()[0]![1])]).toEqual([1, 38]);
        expect((await store.locks!.until("a/one"))!.getTime() - Date.now()).toBeGreaterThan(37.9 * DAY_MS);
      });

      it("locks what was stored before there was a lock, and says so when it may not", async () => {
        await (await openStore({ ...place, lockDays: null }, QUICK)).put("a/one", Buffer.from("x"));
        expect(await store.locks!.until("a/one")).toBeNull();
        server.trouble = ({ method }) => (method === "PUT" ? 403 : null);
        await expect(store.locks!.keep("a/one")).rejects.toMatchObject(unavailable("forbidden"));
        server.trouble = () => null;
        await store.locks!.keep("a/one");
        expect(Math.round(ends()[0]![1])).toBe(38);
      });

      it("takes it that another writer has locked it for longer", async () => {
        await store.put("a/one", Buffer.from("x"));
        setLocks(1);
        server.trouble = ({ method }) => { if (method === "PUT") setLocks(50); return null; };
        expect(await store.locks!.keep("a/one")).toBe(true);
        expect(Math.round(ends()[0]![1])).toBe(50);
      });

      it("holds all that a snapshot needs for as long as it promises, also what it shares with the one before", async () => {
        const condemned = { has: () => false, pardon: () => Promise.resolve() };
        const repository = openRepository({ store, keys: keysOf(W), condemned });
        const records = (edition: number) => samplePlan(900, { edition, edited: (index) => index === 0 });
        const write = async (name: string, previous: string | null, edition: number) => {
          const file = await repository.putFile(inChunks(Buffer.from("an attached file")));
          const attachment = { id: "a1", taskId: "t", referenceKey: "k", name: "x", size: file.size, sha256: file.sha256, fileId: file.fileId, contentType: null, driveItemId: null };
          return repository.writeSnapshot(snapshotOf(name, previous), [...records(edition), { kind: "attachment", id: "a1", attachment }]);
        };
        const first = await write("s1", null, 1);
        setLocks(2);
        const second = await write("s2", first.manifestId, 2);
        const needed = await Array.fromAsync(repository.objectsOf(second.manifestId));
        expect(new Set(needed.map(({ type }) => type))).toEqual(new Set(["manifest", "page", "segment", "file"]));
        const left = new Map(ends());
        expect(needed.filter(({ id }) => left.get(id)! < 30)).toEqual([]);
        // What only the older one needs is not locked anew.
        expect([...left.values()].filter((days) => days < 3)).toHaveLength(left.size - needed.length);
        // A reader's repository asks without locking.
        setLocks(2);
        await openRepository({ store, keys: keysOf(W) }).hasFile(needed.find(({ type }) => type === "file")!.id);
        expect(ends().every(([, days]) => days < 3)).toBe(true);
      });
    });
  });
});
