/**
 * A workspace is moved between storages while backups go on: killed anywhere, cancelled anywhere, nothing that a snapshot needs is
 * ever missing where the workspace is.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import type { ObjectStore } from "@/lib/repository/types";
import type { StoreSettings } from "@/lib/repository";
import { collect, inChunks, samplePlan, snapshotOf } from "@/lib/repository/testing";
import { CloudServer } from "@/lib/repository/testing-servers";
import { cancelMove, createSession, createWorkspace, getStorage, readSession, removeOldCopies, startMove } from "@/lib/workspaces";
import { storeAt } from "@/lib/workspaces/places";
import { repositoryOf, storingRepositoryOf } from "@/lib/workspaces/repository";
import type { Actor } from "@/lib/workspaces/types";
import { watchWorkspace } from "@/lib/workspaces/watch";
import { mulberry32 } from "@/simulator/world";
import { storeMove } from "./storeMove";

/** Called before each request of the job to a storage. */
const disk = vi.hoisted(() => ({ before: async (_call: string, _key: string): Promise<void> => undefined }));
vi.mock("@/lib/repository", async (original) => {
  const real = await original<typeof import("@/lib/repository")>();
  const hooked = (store: ObjectStore): ObjectStore => ({
    put: async (key, bytes) => { await disk.before("put", key); return store.put(key, bytes); },
    get: async (key) => { await disk.before("get", key); return store.get(key); },
    getStream: async function* (key) { await disk.before("get", key); yield* store.getStream(key); },
    has: async (key) => { await disk.before("has", key); return store.has(key); },
    list: async function* (prefix) { await disk.before("list", prefix); yield* store.list(prefix); },
    remove: async (key) => { await disk.before("remove", key); return store.remove(key); },
  });
  return { ...real, openStore: async (settings: StoreSettings) => hooked(await real.openStore(settings)) };
});

/** Set for what the worker does, as against the backups beside it. */
const worker = new AsyncLocalStorage<boolean>();
const SEEDS = process.env.PLANBACK_LONG ? 100 : 6;
const TIMES = { requestMs: 500, leaseSeconds: 60, renewMs: 10_000, holdMs: 0, waitMs: 20 };
const context = (signal = new AbortController().signal) => ({ jobId: randomUUID(), attempt: 0, signal });

let database: TestDatabase;
let admin: pg.Client;
let server: CloudServer;
let actor: Actor;

beforeAll(async () => {
  server = await CloudServer.start("s3");
  const place = await server.place();
  if (place.driver !== "s3") throw new Error("not S3");
  Object.assign(process.env, { STORAGE: "files", S3_BUCKET: place.bucket, S3_REGION: place.region, S3_ENDPOINT: server.origin, S3_ACCESS_KEY_ID: place.accessKey!.id, S3_SECRET_ACCESS_KEY: place.accessKey!.secret });
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const { secret } = await createSession({ tid: randomUUID(), oid: randomUUID(), name: "Olga", username: "olga@contoso.example", authenticatedAt: new Date() });
  actor = (await readSession(secret))!;
});
afterAll(async () => {
  await admin?.end();
  await database?.close();
  await server?.close();
});
beforeEach(() => { disk.before = async () => undefined; });

async function openShop() {
  const ws = (await createWorkspace(actor, { name: "Shop" })).id;
  const planId = randomUUID();
  await withWorkspace(ws, async (tx) => {
    await tx.microsoftTenant.create({ data: { workspaceId: ws, id: planId, tid: actor.tid } });
    await tx.plan.create({ data: { workspaceId: ws, id: planId, microsoftTenantId: planId, graphPlanId: "p", groupId: randomUUID(), sealedNames: Buffer.alloc(1) } });
  });
  const move = () => getStorage(actor, ws).then((storage) => storage.move!);
  return {
    ws, move,
    /** As lib/jobs/capturePlan.ts does: the row first, then the repository, the objects, and the manifest's name at the end. */
    async begin(edition: number) {
      const id = randomUUID();
      await withWorkspace(ws, (tx) => tx.snapshot.create({ data: { workspaceId: ws, id, planId, state: "open", takenAt: new Date() } }));
      const repository = await storingRepositoryOf(ws);
      return async () => {
        const { fileId, size, sha256 } = await repository.putFile(inChunks(Buffer.from(`file of edition ${edition}`)));
        const attachment = { id: "a1", taskId: "t", referenceKey: "k", name: "x", size, sha256, fileId, contentType: null, driveItemId: null };
        const { manifestId } = await repository.writeSnapshot(snapshotOf(`edition ${edition}`), [...samplePlan(40, { edition, edited: (index) => index % 3 > 0 }), { kind: "attachment", id: "a1", attachment }]);
        await withWorkspace(ws, (tx) => tx.snapshot.update({ where: { workspaceId_id: { workspaceId: ws, id } }, data: { state: "complete", manifestId, counts: {}, newBytes: 1 } }));
      };
    },
    async backUp(edition: number): Promise<void> { await (await this.begin(edition))(); },
    work: async (times: Partial<typeof TIMES> = {}) => storeMove({ workspaceId: ws, moveId: (await move()).id }, context(), { ...TIMES, ...times }),
    /** What its snapshots lack where the workspace is now. */
    async damaged() {
      const rows = await withWorkspace(ws, (tx) => tx.snapshot.findMany({ where: { workspaceId: ws, state: "complete" } }));
      return (await (await repositoryOf(ws)).verify(rows.map(({ manifestId }) => manifestId!))).damaged;
    },
    snapshots: () => withWorkspace(ws, (tx) => tx.snapshot.count({ where: { workspaceId: ws, state: "complete" } })),
    /** But for what a killed worker leaves of looking whether two places are one. */
    allAt: async (place: string) => (await Array.fromAsync((await storeAt(ws, place)).list(`${ws}/`))).map(({ key }) => key).filter((key) => !key.includes("/probe/")).sort(),
    /** Objects of snapshots. */
    async keysAt(place: string) { return (await this.allAt(place)).filter((key) => !key.includes("/kit/")); },
    /** The worker is gone and its lease has run out; should it wake up, it is too late. */
    lose: () => withWorkspace(ws, (tx) => tx.storeMove.updateMany({ where: { workspaceId: ws }, data: { leaseUntil: null, leaseEpoch: { increment: 1 } } })),
  };
}

describe("a move", () => {
  test("takes everything along, reads it back, holds the old copies, and removes them", async () => {
    const shop = await openShop();
    await shop.backUp(1);
    await shop.backUp(2);
    const before = await shop.keysAt("files");
    expect(await getStorage(actor, shop.ws)).toMatchObject({ here: { place: "files" }, others: [{ place: "s3" }], move: null });
    await startMove(actor, shop.ws, "s3");
    await shop.work({ holdMs: 60_000 });
    expect(await getStorage(actor, shop.ws)).toMatchObject({ here: { place: "s3" }, move: { state: "held", objects: before.length, damaged: 0, problem: null } });
    expect(await shop.keysAt("s3")).toEqual(before);
    expect(await shop.keysAt("files")).toEqual(before);
    expect(await shop.damaged()).toEqual([]);
    await shop.work();
    expect((await shop.move()).state).toBe("held");
    await removeOldCopies(actor, shop.ws, (await shop.move()).id);
    await shop.work();
    expect([(await shop.move()).state, await shop.allAt("files"), await shop.damaged()]).toEqual(["done", [], []]);
    await shop.backUp(3);
    expect([await shop.allAt("files"), await shop.damaged()]).toEqual([[], []]);
    // The recovery kit lies with the objects.
    expect((await shop.allAt("s3")).filter((key) => key.includes("/kit/"))).toHaveLength(1);
  });

  test("waits for jobs that store in the old place only; those that begin meanwhile store in both", async () => {
    const shop = await openShop();
    await shop.backUp(1);
    const early = await shop.begin(2);
    await startMove(actor, shop.ws, "s3");
    const moving = shop.work({ holdMs: 60_000 });
    await vi.waitFor(async () => expect((await shop.move()).state).toBe("closing"), 20_000);
    // The job reads what is under way after it has closed.
    await vi.waitFor(async () => expect((await withWorkspace(shop.ws, (tx) => tx.storeMove.findFirst()))?.waits).toMatchObject({ snapshots: [expect.any(String)] }), 20_000);
    const late = await shop.begin(3);
    await late();
    await early();
    await moving;
    expect(await getStorage(actor, shop.ws)).toMatchObject({ here: { place: "s3" }, move: { state: "held" } });
    expect([await shop.damaged(), await shop.snapshots()]).toEqual([[], 3]);
    await removeOldCopies(actor, shop.ws, (await shop.move()).id);
    await shop.work();
    expect([await shop.keysAt("files"), await shop.damaged()]).toEqual([[], []]);
  });

  test("that is cancelled leaves the backups where they were and nothing where they went", async () => {
    const shop = await openShop();
    await shop.backUp(1);
    const before = await shop.keysAt("files");
    await startMove(actor, shop.ws, "s3");
    let calls = 0;
    disk.before = async (call) => { if (call === "put" && ++calls === 5) await cancelMove(actor, shop.ws, (await shop.move()).id); };
    await shop.work();
    expect([(await shop.move()).state, await shop.keysAt("s3"), await shop.keysAt("files"), await shop.damaged()]).toEqual(["cancelled", [], before, []]);
    await expect(cancelMove(actor, shop.ws, (await shop.move()).id)).rejects.toMatchObject({ code: "conflict" });
    await startMove(actor, shop.ws, "s3");
    await shop.work();
    expect([(await shop.move()).state, await shop.damaged()]).toEqual(["done", []]);
  });

  test("that was switched can be taken back; the copies that were held are read again and stay", async () => {
    const shop = await openShop();
    await shop.backUp(1);
    await startMove(actor, shop.ws, "s3");
    await shop.work({ holdMs: 60_000 });
    await shop.backUp(2);
    await startMove(actor, shop.ws, "files");
    await shop.work();
    expect([(await getStorage(actor, shop.ws)).here.place, (await shop.move()).state, await shop.keysAt("s3"), await shop.damaged()]).toEqual(["files", "done", [], []]);
  });

  test("leaves behind what was damaged before, and says so; what is damaged on the way is copied again", async () => {
    const shop = await openShop();
    await shop.backUp(1);
    const [broken, wounded] = (await shop.keysAt("files")).filter((key) => key.includes("/segment/"));
    const files = await storeAt(shop.ws, "files");
    await files.remove(broken!);
    await files.put(broken!, Buffer.from("not what it was"));
    await startMove(actor, shop.ws, "s3");
    let isHurt = false;
    const s3 = await storeAt(shop.ws, "s3");
    disk.before = async (call, key) => {
      if (call !== "put" || key !== wounded || isHurt) return;
      isHurt = true;
      await s3.put(key, Buffer.from("what a bad network made of it"));
    };
    await shop.work({ holdMs: 60_000 });
    expect(await shop.move()).toMatchObject({ state: "held", damaged: 1 });
    expect(isHurt).toBe(true);
    expect(await shop.damaged()).toMatchObject([{ objectId: broken!.split("/").at(-1), problem: "missing" }]);
    expect(await collect(s3.getStream(wounded!))).toEqual(await collect(files.getStream(wounded!)));
  });

  test("to a storage that does not answer does not stop backups, says so, and goes on later", async () => {
    const shop = await openShop();
    await shop.backUp(1);
    await startMove(actor, shop.ws, "s3");
    server.trouble = () => 403;
    try {
      await expect(shop.work()).rejects.toMatchObject({ code: "storage_unavailable" });
      expect(await shop.move()).toMatchObject({ state: "copying", problem: expect.stringContaining("refuses the credentials") });
      await shop.backUp(2);
    } finally {
      server.trouble = () => null;
    }
    await admin.query("DELETE FROM jobs.job WHERE name = 'store-move'");
    await watchWorkspace(shop.ws);
    const { rows } = await admin.query("SELECT 1 FROM jobs.job WHERE name = 'store-move' AND data->>'workspaceId' = $1", [shop.ws]);
    expect(rows).toHaveLength(1);
    await shop.work();
    expect([(await shop.move()).state, (await shop.move()).problem, await shop.damaged()]).toEqual(["done", null, []]);
  });

  test("to the same place by another name changes nothing", async () => {
    const shop = await openShop();
    await shop.backUp(1);
    const before = await shop.keysAt("files");
    await startMove(actor, shop.ws, "s3");
    const s3 = await storeAt(shop.ws, "s3");
    const files = await storeAt(shop.ws, "files");
    disk.before = async (call, key) => { if (call === "put" && key.includes("/probe/")) { disk.before = async () => undefined; await files.put(key, Buffer.from("planback")); } };
    await shop.work();
    expect(await shop.move()).toMatchObject({ state: "cancelled", problem: expect.stringContaining("under another name") });
    expect(await shop.keysAt("files")).toEqual(before);
    expect(await Array.fromAsync(s3.list(`${shop.ws}/segment/`))).toEqual([]);
  });

  test("is for who manages the storage, has signed in lately, and only one at a time", async () => {
    const shop = await openShop();
    await expect(startMove({ ...actor, authenticatedAt: new Date(0) }, shop.ws, "s3")).rejects.toMatchObject({ code: "step_up_required" });
    await expect(startMove(actor, shop.ws, "azure")).rejects.toMatchObject({ code: "not_found" });
    await expect(startMove(actor, shop.ws, "files")).rejects.toMatchObject({ code: "conflict" });
    await startMove(actor, shop.ws, "s3");
    await expect(startMove(actor, shop.ws, "s3")).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("killed at any request, with backups between", () => {
  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))("seed %i", async (seed) => {
    const random = mulberry32(seed);
    const shop = await openShop();
    await shop.backUp(1);
    await startMove(actor, shop.ws, "s3");
    const isCancelled = seed % 4 === 3;
    const open: (() => Promise<void>)[] = [];
    let edition = 1;
    for (let life = 0; life < 40 && !(await shop.move()).finishedAt; life++) {
      const dies = life < 6 ? 1 + Math.floor(random() * 250) : Infinity;
      let calls = 0;
      const buried: (() => void)[] = [];
      let died: () => void = () => undefined;
      const death = new Promise<void>((resolve) => { died = resolve; });
      disk.before = async () => {
        if (!worker.getStore() || ++calls < dies) return;
        died();
        await new Promise<void>((_, reject) => buried.push(() => reject(new Error("dead"))));
      };
      const working = worker.run(true, () => shop.work().catch(() => undefined));
      // What it waits for goes on.
      const others = (async () => { while (open.length > 0) await open.shift()!(); })();
      await Promise.all([others, Promise.race([working, death])]);
      disk.before = async () => undefined;
      await shop.lose();
      for (const end of buried.splice(0)) end();
      await working;
      if (random() < 0.7) open.push(await shop.begin(++edition));
      if (isCancelled && life === 3 && ["copying", "closing"].includes((await shop.move()).state)) await cancelMove(actor, shop.ws, (await shop.move()).id);
      expect(await shop.damaged()).toEqual([]);
    }
    while (open.length > 0) await open.shift()!();
    const { here, move } = await getStorage(actor, shop.ws);
    expect(here.place).toBe(move!.state === "cancelled" ? "files" : "s3");
    expect(["done", "cancelled"]).toContain(move!.state);
    expect([await shop.damaged(), await shop.snapshots()]).toEqual([[], edition]);
    if (move!.state === "done") expect(await shop.allAt("files")).toEqual([]);
  });
});
