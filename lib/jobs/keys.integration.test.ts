/** Keys are rotated while everything goes on, killed anywhere; what lies beside the snapshots brings the rest back. */
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { config } from "@/lib/config";
import { closeDatabase, withWorkspace } from "@/lib/db";
import { closeQueue } from "@/lib/db/queue";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { installationKeyId } from "@/lib/keys";
import { samplePlan, snapshotOf } from "@/lib/repository/testing";
import { createSession, createWorkspace, getKeys, listActivity, readSession, rotateKeys, verifyActivity } from "@/lib/workspaces";
import { DUMP, dumpWorkspace, NOT_COPIED } from "@/lib/workspaces/dump";
import { readCopies } from "@/lib/workspaces/installation";
import { eraseWorkspace } from "@/lib/workspaces/erase";
import { careForKeys } from "@/lib/workspaces/keyCare";
import { forgetKeys, openBytes, openJson, sealJson } from "@/lib/workspaces/keys";
import { keepKit, openKits } from "@/lib/workspaces/kit";
import { findStored, recover } from "@/lib/workspaces/recovery";
import { installationStore } from "@/lib/workspaces/places";
import { repositoryOf, storingRepositoryOf } from "@/lib/workspaces/repository";
import { resealWorkspace, SEALED } from "@/lib/workspaces/reseal";
import { keyUse, refuseMissingKeys, rewrapKeys, staleKits } from "@/lib/workspaces/rewrap";
import { PLACE } from "@/lib/workspaces/sealed";
import { fill, things, type Things } from "@/lib/workspaces/testing";
import type { Actor } from "@/lib/workspaces/types";
import { mulberry32 } from "@/simulator/world";
import { driftOf } from "./drift";
import { whenKeysAreThere } from "./index";
import type { StoreSettings } from "@/lib/repository";
import { MODES, Watched, watchedStore, watchProcess } from "./testing/failpoints";

vi.mock("@/lib/repository", async (original) => {
  const real = await original<typeof import("@/lib/repository")>();
  return { ...real, openStore: async (settings: StoreSettings) => watchedStore(await real.openStore(settings)) };
});

const DAY_MS = 24 * 3600_000;
/** Of the places where something can go wrong, every so manieth is tried. */
const STRIDE = process.env.PLANBACK_LONG ? 1 : 5;
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const random = mulberry32(seed);
const never = new AbortController().signal;
const keys = [0, 1, 2].map(() => randomBytes(32)) as [Buffer, Buffer, Buffer];

let database: TestDatabase;
let admin: pg.Client;
let actor: Actor;
let ws: string;
let of: Things;
let endWatch: () => void;

/** As a process that was started with these. */
function startWith(...installationKeys: Uint8Array[]): void {
  Object.assign(config(), { keys: { provider: "environment", installationKeys, kms: null } });
  forgetKeys(ws);
}

beforeAll(async () => {
  console.info(`seed ${seed}`);
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const { secret } = await createSession({ tid: randomUUID(), oid: randomUUID(), name: "Olga", username: "olga@contoso.example", authenticatedAt: new Date() });
  actor = (await readSession(secret))!;
  endWatch = watchProcess();
});
beforeEach(async () => {
  startWith(keys[0]);
  of = things();
  ws = (await createWorkspace(actor, { name: "Contoso" })).id;
  await fill(ws, of);
});
afterAll(async () => {
  endWatch?.();
  await admin?.end();
  await database?.close();
});

const pickNames = async () => openJson<{ title: string }>(ws, "content", PLACE.planNames(of.id), (await withWorkspace(ws, (tx) => tx.plan.findFirstOrThrow({ where: { workspaceId: ws } }))).sealedNames);
const kitKeys = async () => (await Array.fromAsync((await installationStore()).list(`${ws}/kit/`))).map(({ key }) => key);
const fileOf = (key: string) => path.join(config().storage.files!.dir, key);

/** Every sealed value of the workspace, opened; and the versions it is sealed with. */
async function openAll(): Promise<Record<string, number[]>> {
  const versions: Record<string, number[]> = {};
  for (const { table, column, key, purpose, place } of SEALED) {
    const { rows } = await admin.query<Record<string, string> & { value: Buffer }>(`SELECT *, "${column}" AS value FROM "${table}" WHERE workspace_id = $1 AND "${column}" IS NOT NULL`, [ws]);
    for (const row of rows) {
      await openBytes(ws, purpose, place(...key.map(([name]) => row[name]!)), row.value);
      (versions[`${table}.${column}`] ??= []).push(row.value.readUInt32BE(6));
    }
  }
  return versions;
}

describe("the installation key", () => {
  test("is rotated with the other one at hand, killed anywhere; afterwards the new one alone opens everything, in database and storage", async () => {
    await keepKit(ws);
    let runs = 0;
    for (const mode of MODES) {
      for (let n = 1 + Math.floor(random() * STRIDE); ; n += STRIDE, runs++) {
        const [to, from] = runs % 2 ? [keys[0], keys[1]] : [keys[1], keys[0]];
        startWith(to, from);
        const watched = new Watched(n, mode);
        await watched.run(async () => {
          await rewrapKeys(ws);
          await keepKit(ws, { look: true });
        });
        startWith(to, from);
        expect((await pickNames()).title, `${mode} ${n} ${watched.hit}`).toBe("Launch");
        expect((await openKits(await installationStore(), ws, await kitKeys())).about?.name).toBe("Contoso");
        await rewrapKeys(ws);
        await keepKit(ws, { look: true });
        startWith(to);
        expect((await pickNames()).title).toBe("Launch");
        expect((await openKits(await installationStore(), ws, await kitKeys())).keys.map(({ keyId }) => keyId)).toEqual(Array(3).fill(installationKeyId(to)));
        expect(await kitKeys()).toHaveLength(1);
        if (watched.hit === null) break;
      }
    }
    expect(runs).toBeGreaterThan(8);
  });

  test("that something needs is missed before anything is served; one that nothing needs is not", async () => {
    await admin.query("DELETE FROM workspace_key WHERE workspace_id <> $1", [ws]);
    startWith(keys[1]);
    await expect(refuseMissingKeys()).rejects.toSatisfy((error) => isPlanbackError(error, "config") && error.message.includes(installationKeyId(keys[0])) && !error.message.includes(keys[0].toString("base64")));
    await expect(pickNames()).rejects.toSatisfy((error) => isPlanbackError(error, "config"));
    startWith(keys[1], keys[0]);
    await refuseMissingKeys();
    expect((await keyUse()).map(({ keyId, keys: count }) => [keyId, count])).toEqual([[installationKeyId(keys[0]), 3]]);
    await careForKeys(ws, never);
    expect(await staleKits()).toBe(0);
    startWith(keys[1]);
    await refuseMissingKeys();
    // As it was before ids were noted.
    await admin.query("UPDATE workspace_key SET key_id = ''");
    await refuseMissingKeys();
    expect((await pickNames()).title).toBe("Launch");
    startWith(keys[2]);
    await expect(refuseMissingKeys()).rejects.toSatisfy((error) => isPlanbackError(error, "config"));
  });

  test("wraps for one workspace only: a row that is moved to another does not open", async () => {
    const other = (await createWorkspace(actor, { name: "Other" })).id;
    await admin.query("UPDATE workspace_key k SET wrapped_key = o.wrapped_key FROM workspace_key o WHERE k.workspace_id = $1 AND o.workspace_id = $2 AND o.purpose = k.purpose", [ws, other]);
    forgetKeys(ws);
    await expect(pickNames()).rejects.toSatisfy((error) => isPlanbackError(error, "repository_damaged"));
  });
});

describe("the commands", () => {
  /** A process with this configuration; gives what it says and how it ends. */
  async function run(file: string, args: string[], env: Record<string, string>, input = ""): Promise<{ said: string; code: number }> {
    const child = spawn(process.execPath, ["--import", "tsx", file, ...args], { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(input);
    const ended = once(child, "exit");
    const said = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { said: said.join(""), code: ((await ended) as [number])[0] };
  }
  const base64 = (key: Buffer) => key.toString("base64");

  test("say which key is needed and which is not, wrap anew, and put the keys on paper; without a key that is needed no worker starts", async () => {
    await admin.query("DELETE FROM workspace_key WHERE workspace_id <> $1", [ws]);
    await keepKit(ws);
    const [old, current] = [installationKeyId(keys[0]), installationKeyId(keys[1])];
    const alone = { INSTALLATION_KEY: base64(keys[1]) };
    const both = { ...alone, INSTALLATION_KEYS_OLD: base64(keys[0]) };
    const worker = await run("worker/main.ts", [], alone);
    expect([worker.code, worker.said]).toEqual([1, expect.stringContaining(old)]);
    expect((await run("scripts/keys.ts", ["status"], alone))).toMatchObject({ code: 1, said: expect.stringContaining(`${old}  MISSING`) });
    expect((await run("scripts/keys.ts", ["status"], both)).said).toContain(`${old}  readable, wraps 3 keys of 1 workspace: npm run keys -- rotate`);
    expect(await run("scripts/keys.ts", ["rotate"], both)).toMatchObject({ code: 0, said: expect.stringContaining(`3 keys wrapped anew by ${current}`) });
    const after = await run("scripts/keys.ts", ["status"], both);
    expect(after.said).toContain(`${old}  readable, wraps nothing: can be taken out`);
    expect(after.said).toContain("Every recovery kit in storage is as the database says.");
    expect((await run("scripts/keys.ts", ["status"], alone)).code).toBe(0);

    const paper = path.join(mkdtempSync(path.join(os.tmpdir(), "planback-escrow-")), "escrow.txt");
    expect((await run("scripts/keys.ts", ["escrow", paper], both, "too short\n")).code).toBe(1);
    expect((await run("scripts/keys.ts", ["escrow", paper], both, "a passphrase that is long\n")).code).toBe(0);
    const opened = await run("scripts/keys.ts", ["open", paper], {}, "a passphrase that is long\n");
    expect(opened.said).toContain(`INSTALLATION_KEY=${base64(keys[1])}\nINSTALLATION_KEYS_OLD=${base64(keys[0])}\n`);
    expect((await run("scripts/recover.ts", ["list", "--workspace", ws], both)).said).toMatch(new RegExp(`^${ws}  kit, 0 snapshots, no copy of its rows$`, "m"));
  });
});

test("a job waits for the service that holds the keys, and for nothing else, until it is stopped", async () => {
  const away = new PlanbackError("keys_unavailable", "Away.");
  let tries = 0;
  const stop = new AbortController();
  await whenKeysAreThere(async () => { if (++tries < 4) throw away; }, stop.signal, () => undefined, 1);
  expect(tries).toBe(4);
  await expect(whenKeysAreThere(() => Promise.reject(new PlanbackError("storage_unavailable", "Away.")), stop.signal, () => undefined, 1)).rejects.toThrow("Away.");
  const waits = whenKeysAreThere(() => Promise.reject(away), stop.signal, () => stop.abort(), 60_000);
  await expect(waits).rejects.toThrow();
});

describe("the keys of a workspace", () => {
  const rotate = () => rotateKeys(actor, ws);

  test("are rotated by an owner who has just signed in; two presses are one rotation, and the log says who", async () => {
    await expect(rotateKeys({ ...actor, authenticatedAt: new Date(Date.now() - 3600_000) }, ws)).rejects.toSatisfy((error) => isPlanbackError(error, "step_up_required"));
    expect((await getKeys(actor, ws)).version).toBe(1);
    await Promise.all([rotate(), rotate(), rotate()]);
    expect(await getKeys(actor, ws)).toMatchObject({ version: 2, isResealing: true });
    expect((await listActivity(actor, ws)).entries.filter(({ action }) => action === "workspace.keys_rotated")).toHaveLength(1);
    const { keys: kept } = await openKits(await installationStore(), ws, await kitKeys());
    expect(kept.map(({ purpose, version }) => `${purpose} ${version}`).sort()).toEqual(["content 1", "content 2", "index 1", "token 1", "token 2"]);
  });

  test("are not rotated when they cannot be laid beside the snapshots", async () => {
    const watched = new Watched(1, "error before");
    const store = vi.spyOn(watched, "step").mockImplementation(async (name, io, broken) => (name === "store put" ? broken() : io()));
    let problem: unknown;
    await watched.run(async () => { await rotate().catch((error: unknown) => void (problem = error)); });
    store.mockRestore();
    expect(isPlanbackError(problem, "storage_unavailable")).toBe(true);
    expect((await getKeys(actor, ws)).version).toBe(1);
  });

  test("open for whoever read them before: what others seal with the new ones, and the other way round", async () => {
    const early = await storingRepositoryOf(ws);
    vi.resetModules();
    const elsewhere = await import("@/lib/workspaces/keys"); // another process, which has read the keys
    Object.assign((await import("@/lib/config")).config(), { keys: config().keys });
    const before = await elsewhere.sealJson(ws, "token", ["test"], "before");
    const { manifestId: first } = await early.writeSnapshot(snapshotOf("first"), samplePlan(40, { edition: 1 }));
    await rotate();
    const late = await storingRepositoryOf(ws);
    const { manifestId: second } = await late.writeSnapshot(snapshotOf("second"), samplePlan(40, { edition: 2 }));
    const { fileId } = await late.putFile((async function* () { yield randomBytes(3_000_000); })());
    const version = (id: string, type = "manifest") => readFileSync(fileOf(`${ws}/${type}/${id.slice(0, 2)}/${id}`)).readUInt32BE(6);
    expect([version(first), version(second), version(fileId, "file")]).toEqual([1, 2, 2]);
    expect((await early.readSnapshot(second)).content).toEqual((await (await repositoryOf(ws)).readSnapshot(second)).content);
    expect((await late.readSnapshot(first)).manifest.snapshotId).toBe(snapshotOf("first").snapshotId);
    let size = 0;
    for await (const piece of early.readFile(fileId)) size += piece.length;
    expect(size).toBe(3_000_000);
    expect((await early.verify([first, second])).damaged).toEqual([]);
    // Unchanged content is not stored again under the new key: names follow from the index key.
    expect((await late.writeSnapshot(snapshotOf("first"), samplePlan(40, { edition: 1 }))).newObjects).toBe(0);

    const after = await sealJson(ws, "token", ["test"], "after");
    expect(await elsewhere.openJson(ws, "token", ["test"], after)).toBe("after");
    expect(await openJson(ws, "token", ["test"], before)).toBe("before");
    after[9]! = 200; // a version that nobody has
    await expect(openJson(ws, "token", ["test"], after)).rejects.toSatisfy((error) => isPlanbackError(error, "repository_damaged"));
  });

  test("every sealed column is in the list", async () => {
    const { rows } = await admin.query<{ name: string }>("SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name LIKE 'sealed%' ORDER BY 1");
    expect(SEALED.map(({ table, column }) => `${table}.${column}`).sort()).toEqual(rows.map(({ name }) => name));
  });

  test("seal the database anew, killed anywhere and beside writers; nothing is left of the old ones, and nothing is lost", async () => {
    const w = { workspaceId: ws };
    const id = of.id;
    const content = (place: readonly string[], value: unknown) => sealJson(ws, "content", place, value);
    const sealed = { cache: await sealJson(ws, "token", PLACE.tokenCache(id, "backup"), "a"), plan: await content(PLACE.restorePlan(id), { operations: Array.from({ length: 500 }, (_, i) => i) }), report: await content(PLACE.verifyReport(id), { damaged: [] }) };
    await withWorkspace(ws, async (tx) => {
      await tx.tokenCache.create({ data: { ...w, connectionId: id, purpose: "backup", sealedCache: sealed.cache } });
      await tx.restore.updateMany({ where: w, data: { sealedPlan: sealed.plan } });
      await tx.verification.updateMany({ where: w, data: { sealedReport: sealed.report, state: "clean", finishedAt: new Date() } });
    });
    const count = Object.keys(await openAll()).length;
    expect(count).toBeGreaterThanOrEqual(9);
    let version = 1;
    let kills = 0;
    for (const mode of MODES) {
      for (let n = 1 + Math.floor(random() * STRIDE); ; n += STRIDE * 3) {
        await admin.query("UPDATE workspace_key SET created_at = created_at - interval '2 minutes' WHERE workspace_id = $1", [ws]);
        await rotate();
        version++;
        const watched = new Watched(n, mode);
        await watched.run(({ signal }) => resealWorkspace(ws, signal).then(() => undefined));
        expect(Object.values(await openAll()).flat().every((one) => one >= version - 1), `${mode} ${n} ${watched.hit}`).toBe(true);
        const written = await sealJson(ws, "token", PLACE.tokenCache(id, "backup"), `written ${version}`);
        await Promise.all([
          resealWorkspace(ws, never),
          withWorkspace(ws, (tx) => tx.tokenCache.updateMany({ where: w, data: { sealedCache: written, version: { increment: 1 } } })),
        ]);
        await resealWorkspace(ws, never);
        const versions = await openAll();
        expect(Object.keys(versions)).toHaveLength(count);
        expect(new Set(Object.values(versions).flat())).toEqual(new Set([version]));
        expect(await openJson(ws, "token", PLACE.tokenCache(id, "backup"), (await withWorkspace(ws, (tx) => tx.tokenCache.findFirstOrThrow({ where: w }))).sealedCache)).toBe(`written ${version}`);
        if (watched.hit === null) break;
        kills++;
      }
    }
    expect(kills).toBeGreaterThan(4);
    expect((await getKeys(actor, ws)).isResealing).toBe(true); // somebody may still seal with the old ones
    await resealWorkspace(ws, never, { keysInMemoryMs: 0 });
    expect((await getKeys(actor, ws)).isResealing).toBe(false);
  });
});

describe("the copy of the rows", () => {
  const rowsOf = async (client: pg.Client) => {
    const { rows: tables } = await client.query<{ name: string }>("SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('session', 'erasure') ORDER BY 1");
    const all: Record<string, unknown[]> = {};
    for (const { name } of tables.filter((table) => !NOT_COPIED.includes(table.name))) {
      const { rows } = await client.query<{ row: unknown }>(`SELECT to_jsonb(t) AS row FROM "${name}" t WHERE ${name === "workspace" ? "id" : "workspace_id"} = $1 ORDER BY to_jsonb(t)::text`, [ws]);
      all[name] = rows.map(({ row }) => row);
    }
    return all;
  };

  async function inEmptyDatabase<T>(work: (adminUrl: string) => Promise<T>): Promise<T> {
    const name = `planback_test_${randomUUID().replaceAll("-", "")}`;
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(database.adminUrl);
    url.pathname = `/${name}`;
    const before = config().databaseUrl;
    const switchTo = async (databaseUrl: string) => {
      await closeQueue();
      await closeDatabase();
      Object.assign(config(), { databaseUrl });
      forgetKeys(ws);
    };
    await switchTo(url.toString());
    try {
      return await work(url.toString());
    } finally {
      await switchTo(before);
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    }
  }
  const bringBack = async (adminUrl: string) => recover({ store: await installationStore(), place: "files", adminUrl, workspaces: (await findStored(await installationStore())).filter(({ workspaceId }) => workspaceId === ws), from: "dump", driftOf, signal: never, tell: () => undefined });

  test("brings every row back as it was, in an empty database; what was under way is ended; a second time changes nothing", async () => {
    await keepKit(ws);
    await withWorkspace(ws, (tx) => tx.run.updateMany({ where: { workspaceId: ws }, data: { state: "complete", finishedAt: new Date() } }));
    await withWorkspace(ws, (tx) => tx.snapshot.updateMany({ where: { workspaceId: ws }, data: { newBytes: 9_007_199_254_740_993n } }));
    const moving = randomUUID();
    await admin.query("INSERT INTO restore (workspace_id, id, snapshot_id, connection_id, target_group_id, started_by, state, started_at, sealed_request) SELECT workspace_id, $2, snapshot_id, connection_id, target_group_id, 'x', 'running', now(), sealed_request FROM restore WHERE workspace_id = $1", [ws, moving]);
    const before = await rowsOf(admin);
    await dumpWorkspace(ws, never);
    await inEmptyDatabase(async (adminUrl) => {
      expect((await bringBack(adminUrl)).map(({ workspaceId }) => workspaceId)).toEqual([ws]);
      const client = new pg.Client({ connectionString: adminUrl });
      client.on("error", () => undefined); // the database is dropped under it when something below fails
      await client.connect();
      const after = await rowsOf(client);
      for (const table of Object.keys(before)) if (!["workspace", "audit", "run_plan", "verification", "plan", "restore"].includes(table)) expect(after[table], table).toEqual(before[table]);
      expect(after.audit).toHaveLength(before.audit!.length + 1);
      expect(await verifyActivity(actor, ws, "")).toMatchObject({ problem: null });
      expect((await client.query("SELECT state, started_at FROM restore ORDER BY id = $1", [moving])).rows).toEqual([{ state: "planned", started_at: null }, { state: "failed", started_at: null }]);
      expect((await client.query("SELECT state FROM run_plan UNION ALL SELECT state FROM verification")).rows).toEqual([{ state: "failed" }, { state: "failed" }]);
      expect((await client.query("SELECT name, key FROM jobs.schedule WHERE key = $1", [ws])).rows).toEqual([{ name: "watch", key: ws }]);
      expect((await pickNames()).title).toBe("Launch");
      const once = await rowsOf(client);
      expect(await bringBack(adminUrl)).toEqual([]);
      expect(await rowsOf(client)).toEqual(once);
      await client.end();
    });
  });

  test("that was altered, cut or moved brings nothing back", async () => {
    await keepKit(ws);
    const file = fileOf(`${ws}/${DUMP}/${await dumpWorkspace(ws, never)}`);
    const whole = readFileSync(file);
    const earlier = readFileSync(fileOf(`${ws}/${DUMP}/${await dumpWorkspace(ws, never, new Date(Date.now() - 60_000))}`));
    const flipped = Buffer.from(whole);
    flipped[60 + Math.floor(random() * (whole.length - 60))]! ^= 1;
    const other = (await createWorkspace(actor, { name: "Other" })).id;
    const foreign = readFileSync(fileOf(`${other}/${DUMP}/${await dumpWorkspace(other, never)}`));
    await inEmptyDatabase(async (adminUrl) => {
      for (const [what, bytes] of [["flipped", flipped], ["cut", whole.subarray(0, whole.length - 40)], ["empty", Buffer.alloc(0)], ["an earlier one", earlier], ["of another workspace", foreign]] as const) {
        writeFileSync(file, bytes);
        await expect(bringBack(adminUrl), what).rejects.toSatisfy((error) => isPlanbackError(error, "repository_damaged"));
      }
      writeFileSync(file, whole);
      expect(await bringBack(adminUrl)).toHaveLength(1);
    });
  });

  test("is made once a night, kept for two weeks, and the newest always", async () => {
    const copies = async () => (await findStored(await installationStore())).find(({ workspaceId }) => workspaceId === ws)?.dumps.map((name) => name.slice(0, 8)) ?? [];
    const at = (day: number) => new Date(Date.UTC(2026, 0, day, 2));
    for (const day of [1, 1, 2, 3, 10, 16]) await careForKeys(ws, never, at(day));
    expect(await copies()).toEqual(["20260102", "20260103", "20260110", "20260116"]);
    writeFileSync(fileOf((await kitKeys())[0]!), "{"); // rot is noticed the next night
    await careForKeys(ws, never, at(20));
    expect((await openKits(await installationStore(), ws, await kitKeys())).keys).toHaveLength(3);
    await dumpWorkspace(ws, never, new Date(at(20).getTime() + 90 * DAY_MS));
    expect(await copies()).toHaveLength(1);
    expect((await getKeys(actor, ws)).copiedAt).not.toBeNull();
  });

  test("that fails is known to the operator by its code, until the next one succeeds", async () => {
    const folder = fileOf(`${ws}/${DUMP}`);
    await withWorkspace(ws, (tx) => tx.workspace.update({ where: { id: ws }, data: { copiedAt: null } }));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.dirname(folder), { recursive: true });
    writeFileSync(folder, "in the way");
    await expect(careForKeys(ws, never)).rejects.toMatchObject({ code: "storage_unavailable" });
    expect((await readCopies()).find(({ workspaceId }) => workspaceId === ws)).toMatchObject({ problem: "storage_unavailable" });
    rmSync(folder);
    await careForKeys(ws, never);
    expect((await readCopies()).find(({ workspaceId }) => workspaceId === ws)).toBeUndefined();
  });

  test("and the kit go at once when the keys of a workspace are destroyed", async () => {
    await careForKeys(ws, never);
    const found = async () => (await findStored(await installationStore())).find(({ workspaceId }) => workspaceId === ws);
    expect(await found()).toMatchObject({ kits: [expect.any(String)], dumps: [expect.any(String)] });
    const now = new Date();
    await withWorkspace(ws, (tx) => tx.workspace.update({ where: { id: ws }, data: { deleteAt: now, deleteAskedAt: now, deleteAskedBy: "Olga", deleteAskedTid: actor.tid, deleteAskedOid: actor.oid } }));
    await eraseWorkspace(ws, never, { now });
    await keepKit(ws, { look: true }); // by a backup that was under way
    expect(await found()).toBeUndefined();
  });
});
