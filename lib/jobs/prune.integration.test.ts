/**
 * Storage is given back, and nothing that a snapshot needs is ever touched: beside backups, in any order, killed anywhere.
 * Times are moved instead of waited for; files keep the time they were written, so that they look older than they are.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { withWorkspace } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import type { StoreSettings } from "@/lib/repository";
import { samplePlan, snapshotOf } from "@/lib/repository/testing";
import { createSession, createWorkspace, getOverview, getPruning, readSession } from "@/lib/workspaces";
import { bundlePlan } from "@/lib/workspaces/bundles";
import { pruneWorkspace } from "@/lib/workspaces/prune";
import { repositoryOf, storingRepositoryOf } from "@/lib/workspaces/repository";
import { sealJson } from "@/lib/workspaces/keys";
import { PLACE } from "@/lib/workspaces/sealed";
import { watchWorkspace } from "@/lib/workspaces/watch";
import type { Actor } from "@/lib/workspaces/types";
import { mulberry32 } from "@/simulator/world";

/** What happens when an object is removed, and until when it cannot be. */
const removal = vi.hoisted(() => ({ before: async (): Promise<void> => undefined, lockedUntil: null as Date | null }));
vi.mock("@/lib/repository", async (original) => {
  const real = await original<typeof import("@/lib/repository")>();
  return { ...real, openStore: async (settings: StoreSettings) => {
    const store = await real.openStore(settings);
    return { ...store, locks: { keep: store.has, until: async () => removal.lockedUntil }, remove: async (key: string) => {
      await removal.before();
      return store.remove(key);
    } };
  } };
});

const DAY_MS = 24 * 3600_000;
const SEEDS = process.env.PLANBACK_LONG ? 100 : 12;
const never = new AbortController().signal;

let database: TestDatabase;
let actor: Actor;
let connectionId: string;
let admin: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const { secret } = await createSession({ tid: randomUUID(), oid: randomUUID(), name: "Olga", username: "olga@contoso.example", authenticatedAt: new Date() });
  actor = (await readSession(secret))!;
});
afterAll(async () => {
  await admin?.end();
  await database?.close();
});

/** A workspace with one plan, whose backups and clock the test drives. */
async function openShop() {
  const ws = (await createWorkspace(actor, { name: "Shop" })).id;
  const planId = randomUUID();
  connectionId = randomUUID();
  await withWorkspace(ws, async (tx) => {
    await tx.microsoftTenant.create({ data: { workspaceId: ws, id: planId, tid: actor.tid } });
    await tx.connection.create({ data: { workspaceId: ws, id: connectionId, microsoftTenantId: planId, oid: randomUUID(), name: "Backup", username: "backup", backupState: "active", restoreState: "active" } });
    await tx.plan.create({ data: { workspaceId: ws, id: planId, microsoftTenantId: planId, graphPlanId: "p", groupId: randomUUID(), sealedNames: Buffer.alloc(1) } });
  });
  const clock = { at: Date.now() };
  const now = () => new Date(clock.at);
  const visible = () => withWorkspace(ws, (tx) => tx.snapshot.findMany({ where: { workspaceId: ws, manifestId: { not: null } }, orderBy: { takenAt: "asc" } }));
  return {
    ws, planId, now, visible,
    pass: (days: number) => void (clock.at += days * DAY_MS),
    /** As lib/jobs/capturePlan.ts does: the row first, then the repository, the objects, and the manifest's name at the end. */
    async begin(edition: number) {
      const id = randomUUID();
      await withWorkspace(ws, (tx) => tx.snapshot.create({ data: { workspaceId: ws, id, planId, state: "open", takenAt: now() } }));
      const repository = await storingRepositoryOf(ws);
      let manifestId = "";
      return {
        store: async () => ({ manifestId } = await repository.writeSnapshot(snapshotOf(`edition ${edition}`), samplePlan(60, { edition, edited: (index) => index % 3 > 0 }))),
        end: () => withWorkspace(ws, (tx) => tx.snapshot.update({ where: { workspaceId_id: { workspaceId: ws, id } }, data: { state: "complete", manifestId, counts: {}, newBytes: 1 } })),
        fail: () => withWorkspace(ws, (tx) => tx.snapshot.delete({ where: { workspaceId_id: { workspaceId: ws, id } } })),
      };
    },
    async backUp(edition: number): Promise<void> {
      const backup = await this.begin(edition);
      await backup.store();
      await backup.end();
    },
    prune: () => pruneWorkspace(ws, never, { now: now() }),
    takeOff: async (id: string) => withWorkspace(ws, (tx) => tx.snapshot.update({ where: { workspaceId_id: { workspaceId: ws, id } }, data: { removedAt: now() } })),
    /** As if ten minutes had passed since a worker died. */
    forgetClaims: () => withWorkspace(ws, (tx) => tx.condemned.updateMany({ where: { workspaceId: ws, sweepingAt: { not: null } }, data: { sweepingAt: new Date(0) } })),
    async damaged() {
      const manifests = (await visible()).map(({ manifestId }) => manifestId!);
      return (await (await repositoryOf(ws)).verify(manifests)).damaged;
    },
    /** Objects that no snapshot needs. */
    async left() {
      const repository = await repositoryOf(ws);
      const needed = await repository.findNeeded((await visible()).map(({ manifestId }) => manifestId!));
      return (await Array.fromAsync(repository.listStored())).filter(({ id }) => !needed.has(id));
    },
  };
}

test("what is locked is not removed before the lock ends, and the page says until when", async () => {
  const shop = await openShop();
  for (const edition of [1, 2]) await shop.backUp(edition);
  const [first] = await shop.visible();
  await shop.takeOff(first!.id);
  shop.pass(15);
  const lockedUntil = (removal.lockedUntil = new Date(shop.now().getTime() + 15 * DAY_MS));
  await shop.prune();
  removal.lockedUntil = null;
  const left = await shop.left();
  shop.pass(14);
  await shop.prune();
  expect([(await shop.left()).length, (await getPruning(actor, shop.ws)).waiting]).toEqual([left.length, expect.objectContaining({ objects: left.length, lockedUntil: lockedUntil.toISOString() })]);
  shop.pass(2);
  await shop.prune();
  expect([await shop.left(), await shop.damaged()]).toEqual([[], []]);
});

test("an object that the storage does not let go is left for tomorrow, and the others go", async () => {
  const shop = await openShop();
  for (const edition of [1, 2]) await shop.backUp(edition);
  await shop.takeOff((await shop.visible())[0]!.id);
  shop.pass(15);
  await shop.prune();
  shop.pass(3);
  let refusals = 0;
  removal.before = async () => { if (refusals++ === 0) throw new PlanbackError("storage_unavailable", "It is locked.", { facts: { reason: "rejected" } }); };
  await expect(shop.prune()).rejects.toThrow("It is locked.");
  await shop.prune();
  expect((await shop.left()).length).toBe(1);
  removal.before = async () => undefined;
  shop.pass(2);
  await shop.prune();
  expect([await shop.left(), await shop.damaged()]).toEqual([[], []]);
});

test("what was taken off a timeline is held for two weeks, then condemned, then removed; the rest is whole, and the numbers say so", async () => {
  const shop = await openShop();
  for (const edition of [1, 2, 3]) await shop.backUp(edition);
  const [first] = await shop.visible();
  await shop.takeOff(first!.id);
  shop.pass(13);
  await shop.prune();
  expect([await shop.left(), await getPruning(actor, shop.ws)]).toMatchObject([[], { held: 1, waiting: { objects: 0 }, last: { state: "done", objects: 0 } }]);
  shop.pass(2);
  await shop.prune();
  const left = await shop.left();
  const bytes = left.reduce((sum, object) => sum + object.bytes, 0);
  expect(left.length).toBeGreaterThan(3);
  expect(await getPruning(actor, shop.ws)).toMatchObject({ held: 0, waiting: { objects: left.length, bytes } });
  shop.pass(1);
  await shop.prune();
  expect((await shop.left()).length).toBe(left.length);
  shop.pass(2);
  await shop.prune();
  expect([await shop.left(), await shop.damaged(), (await shop.visible()).length]).toEqual([[], [], 2]);
  expect(await getPruning(actor, shop.ws)).toMatchObject({ waiting: { objects: 0 }, last: { state: "done", objects: left.length, bytes } });
  expect((await getOverview(actor, shop.ws)).storage.at(-1)!.bytes).toBe(3 - bytes); // each backup said that it added one byte
});

test("the bundle that a plan names is kept and counted; those of before, and what was stored and never named, are removed", async () => {
  const shop = await openShop();
  const limits = { leastSegments: 4, partBytes: 8 * 1024 };
  const repository = await repositoryOf(shop.ws);
  const plan = () => withWorkspace(shop.ws, (tx) => tx.plan.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId: shop.ws, id: shop.planId } } }));
  const bundles = async () => (await Array.fromAsync(repository.listStored())).filter(({ type }) => type === "bundle");
  const cleaned = async () => { for (const days of [3, 3]) { shop.pass(days); await shop.prune(); } };
  const isKept = async () => {
    const { bundleId, bundleBytes } = await plan();
    const stored = await bundles();
    expect(stored.map(({ id }) => id)).toContain(bundleId);
    expect(stored.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(Number(bundleBytes));
    return stored;
  };
  await shop.backUp(1);
  const { manifestId } = (await shop.visible())[0]!;
  await repository.makeBundle(manifestId!, null, { limits }); // and the worker dies
  await bundlePlan(shop.ws, shop.planId, { limits });
  expect((await bundles()).length).toBeGreaterThan(6);
  await cleaned();
  const first = await isKept();
  expect((await repository.readSnapshot(manifestId!, (await plan()).bundleId)).content).toEqual((await repository.readSnapshot(manifestId!)).content);
  await bundlePlan(shop.ws, shop.planId, { limits });
  expect(await isKept()).toEqual(first);

  await shop.backUp(2);
  await bundlePlan(shop.ws, shop.planId, { limits });
  expect((await bundles()).length).toBeGreaterThan(first.length);
  await cleaned();
  const second = await isKept();
  expect(second.map(({ id }) => id)).not.toEqual(first.map(({ id }) => id));
  expect([await shop.damaged(), (await getPruning(actor, shop.ws)).last]).toMatchObject([[], { objects: 0, bytes: 0 }]);
  expect((await getOverview(actor, shop.ws)).storage.at(-1)!.bytes).toBe(2 + Number((await plan()).bundleBytes)); // each backup said that it added one byte

  for (const { id } of await shop.visible()) await shop.takeOff(id);
  shop.pass(15);
  await shop.prune();
  await cleaned();
  expect([await bundles(), (await getOverview(actor, shop.ws)).storage.at(-1)!.bytes < 0]).toEqual([[], true]);
}, 60_000);

test("a snapshot that a restore reads, or that is the way back of one, stays until the restore has ended", async () => {
  const shop = await openShop();
  for (const edition of [1, 2, 3]) await shop.backUp(edition);
  const [source, before] = await shop.visible();
  const id = randomUUID();
  const sealedRequest = await sealJson(shop.ws, "content", PLACE.restoreRequest(id), {});
  await withWorkspace(shop.ws, (tx) => tx.restore.create({ data: { workspaceId: shop.ws, id, snapshotId: source!.id, beforeSnapshotId: before!.id, connectionId, startedBy: "x", state: "waiting", startedAt: shop.now(), sealedRequest } }));
  for (const { id: snapshotId } of [source!, before!]) await shop.takeOff(snapshotId);
  shop.pass(30);
  await shop.prune();
  expect((await shop.visible()).length).toBe(3);
  await withWorkspace(shop.ws, (tx) => tx.restore.update({ where: { workspaceId_id: { workspaceId: shop.ws, id } }, data: { finishedAt: shop.now() } }));
  await shop.prune();
  expect((await shop.visible()).length).toBe(1);
});

test("a backup that began before an object was condemned keeps it, however long it takes", async () => {
  const shop = await openShop();
  await shop.backUp(1);
  await shop.backUp(2);
  await shop.takeOff((await shop.visible())[0]!.id);
  shop.pass(15);
  const slow = await shop.begin(1);
  await slow.store(); // finds everything there
  await shop.prune();
  shop.pass(5);
  await shop.prune();
  await slow.end();
  expect(await shop.damaged()).toEqual([]);
  await shop.prune();
  expect([await shop.damaged(), await shop.left()]).toEqual([[], []]);
});

test("a backup that finds an object condemned takes the sentence back; one that is being removed is waited for and stored anew", async () => {
  const shop = await openShop();
  await shop.backUp(1);
  await shop.backUp(2);
  await shop.takeOff((await shop.visible())[0]!.id);
  shop.pass(15);
  await shop.prune();
  shop.pass(3);
  await shop.backUp(1); // between the sentence and its end
  await shop.prune();
  expect([await shop.damaged(), await shop.left()]).toEqual([[], []]);

  await shop.takeOff((await shop.visible())[1]!.id);
  shop.pass(15);
  await shop.prune();
  shop.pass(3);
  let removing = () => undefined as void;
  const begun = new Promise<void>((resolve) => { removing = resolve; });
  removal.before = async () => {
    removing();
    await sleep(700);
  };
  const pruning = shop.prune();
  await begun;
  await shop.backUp(1);
  await pruning;
  removal.before = async () => undefined;
  expect([await shop.damaged(), await shop.left()]).toEqual([[], []]);
});

test("a removal that fails at any place leaves every snapshot whole, and the next cleaning ends it", async () => {
  const shop = await openShop();
  await shop.backUp(1);
  for (let failAt = 1; ; failAt += 4) {
    await shop.backUp(2);
    await shop.takeOff((await shop.visible()).at(-1)!.id);
    shop.pass(15);
    await shop.prune();
    shop.pass(3);
    let removals = 0;
    removal.before = async () => { if (++removals === failAt) throw new Error("power cut"); };
    const outcome = await shop.prune().then(() => "done", () => "failed");
    removal.before = async () => undefined;
    expect(await shop.damaged()).toEqual([]);
    if (outcome === "failed") expect((await getPruning(actor, shop.ws)).last).toMatchObject({ state: "failed", problem: expect.stringContaining("Nothing that a snapshot needs was removed") });
    await shop.forgetClaims();
    await shop.prune();
    expect([await shop.damaged(), await shop.left()]).toEqual([[], []]);
    if (outcome === "done") {
      expect(failAt).toBeGreaterThan(4);
      return;
    }
  }
});

test("when a manifest cannot be read nothing is removed, and the reason is said", async () => {
  const shop = await openShop();
  await shop.backUp(1);
  await shop.backUp(2);
  const [first, second] = await shop.visible();
  await shop.takeOff(first!.id);
  shop.pass(15);
  await shop.prune();
  shop.pass(3);
  const repository = await repositoryOf(shop.ws);
  await repository.removeObject("manifest", second!.manifestId!);
  const stored = (await Array.fromAsync(repository.listStored())).length;
  await expect(shop.prune()).rejects.toMatchObject({ code: "repository_damaged" });
  expect((await Array.fromAsync(repository.listStored())).length).toBe(stored);
  expect((await getPruning(actor, shop.ws)).last).toMatchObject({ state: "failed", objects: 0 });
});

test("it is asked for once a day", async () => {
  const shop = await openShop();
  const queued = async () => (await admin.query<{ n: number }>("SELECT count(*)::int AS n FROM jobs.job WHERE name = 'prune' AND data->>'workspaceId' = $1 AND state = 'created'", [shop.ws])).rows[0]!.n;
  await watchWorkspace(shop.ws, shop.now());
  expect(await queued()).toBe(1);
  await shop.prune();
  await admin.query("DELETE FROM jobs.job WHERE name = 'prune'");
  shop.pass(0.5);
  await watchWorkspace(shop.ws, shop.now());
  expect(await queued()).toBe(0);
  shop.pass(0.6);
  await watchWorkspace(shop.ws, shop.now());
  expect(await queued()).toBe(1);
});

const seed = Number(process.env.PLANBACK_SEED ?? Date.now() % 2 ** 31);
test(`random histories: backups that begin, end and fail, cleanings beside them, snapshots that go (seed ${seed})`, async () => {
  const next = mulberry32(seed);
  const random = (limit: number) => Math.floor(next() * limit);
  const did = { backups: 0, prunes: 0, removed: 0 };
  for (let round = 0; round < SEEDS; round++) {
    const shop = await openShop();
    await shop.backUp(0);
    const running: Awaited<ReturnType<typeof shop.begin>>[] = [];
    for (let step = 0; step < 24; step++) {
      const dice = random(10);
      const some = running.length > 0 ? random(running.length) : 0;
      if (dice < 3 && running.length < 3) {
        const backup = await shop.begin(random(4)); // few editions: what was condemned comes back
        await backup.store();
        running.push(backup);
        did.backups++;
      } else if (dice < 5 && running.length > 0) {
        const [backup] = running.splice(some, 1);
        await (random(4) === 0 ? backup!.fail() : backup!.end());
      } else if (dice < 6) {
        const kept = (await shop.visible()).filter(({ removedAt }) => removedAt === null);
        if (kept.length > 1) await shop.takeOff(kept[random(kept.length - 1)]!.id);
      } else if (dice < 8) shop.pass(0.5 + random(8));
      else {
        const beside = random(2) === 0 ? shop.backUp(random(4)) : null;
        await Promise.all([shop.prune(), beside]);
        did.prunes++;
        expect(await shop.damaged(), `seed ${seed}, round ${round}, step ${step}`).toEqual([]);
      }
    }
    for (const backup of running) await backup.end();
    expect(await shop.damaged(), `seed ${seed}, round ${round}`).toEqual([]);
    for (let rest = 0; rest < 3; rest++) {
      shop.pass(16);
      await shop.prune();
    }
    did.removed += await withWorkspace(shop.ws, async (tx) => (await tx.prune.aggregate({ where: { workspaceId: shop.ws }, _sum: { objects: true } }))._sum.objects ?? 0);
    expect([await shop.damaged(), await shop.left()], `seed ${seed}, round ${round}`).toEqual([[], []]);
  }
  expect(Math.min(did.backups, did.prunes, did.removed)).toBeGreaterThan(SEEDS);
}, 120_000);
