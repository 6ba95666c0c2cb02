/**
 * The rehearsal of a disaster: everything is backed up, then database and configuration are lost. With the storage and the escrow of the
 * installation key Planback comes back, from the nightly copies or from the manifests alone, and gives plans back that are equal to the bit.
 * Before that, keys of every kind are rotated under running jobs.
 */
import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { config, forgetConfig } from "@/lib/config";
import { closeDatabase, withWorkspace } from "@/lib/db";
import { closeQueue } from "@/lib/db/queue";
import { openEscrow, sealEscrow } from "@/lib/keys/escrow";
import { ACCOUNT, startFakeKms, type FakeKms } from "@/lib/keys/testing/fakeKms";
import {
  createSession, getConnection, getOverview, getPlan, getRestore, getRun, getSnapshot, getVerification, getWorkspace, listActivity, listMembers, listPlans, listPolicies, readSession, rotateKeys, search, startVerification, verifyActivity,
} from "@/lib/workspaces";
import { careForKeys } from "@/lib/workspaces/keyCare";
import { forgetKeys } from "@/lib/workspaces/keys";
import { pruneWorkspace } from "@/lib/workspaces/prune";
import { findStored, recover, type Recovered } from "@/lib/workspaces/recovery";
import { installationStore } from "@/lib/workspaces/places";
import { keyUse, refuseMissingKeys } from "@/lib/workspaces/rewrap";
import { GROUPS } from "@/simulator/fixtures";
import { driftOf } from "./drift";
import { startWorker, type RunningWorker } from "./index";
import { SHORT_TIMES } from "./testing/times";
import { backUp, begin, connect, ended, openWorld, protect, restoreBeside, restored, until, type World } from "./testing/world";

const PASSPHRASE = "six words that nobody would guess";
const never = new AbortController().signal;
const problems: object[] = [];
let world: World;
let kms: FakeKms;
let worker: RunningWorker;
let connectionId: string;
let policyId: string;
let server: pg.Client;
const databases: string[] = [];

const start = async () => { worker = await startWorker({ log: { info: () => undefined, error: (facts) => void problems.push(facts) }, restoreTimes: SHORT_TIMES }); };

beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: ACCOUNT.accessKeyId, AWS_SECRET_ACCESS_KEY: ACCOUNT.secretAccessKey });
  kms = await startFakeKms();
  world = await openWorld();
  server = new pg.Client({ connectionString: world.database.adminUrl });
  await server.connect();
  await start();
  connectionId = await connect(world, "backup");
  await connect(world, "restore");
  policyId = await protect(world, connectionId, GROUPS.marketing);
  expect((await backUp(world, policyId)).state).toBe("complete");
});
afterAll(async () => {
  await worker?.stop(5000);
  await closeQueue();
  await closeDatabase();
  for (const name of databases) await server?.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await server?.end();
  await world?.close();
  await kms?.stop();
});

/** What every snapshot holds, by its id. */
async function contents(): Promise<Map<string, unknown>> {
  const { actor, ws } = world;
  (globalThis as { planbackOpened?: Map<string, unknown> }).planbackOpened?.clear();
  const plans = await Promise.all((await listPlans(actor, ws)).map(({ id }) => getPlan(actor, ws, id)));
  const found = new Map<string, unknown>();
  for (const { id } of plans.flatMap(({ snapshots }) => snapshots)) {
    const { content, damaged, takenAt } = await getSnapshot(actor, ws, id);
    found.set(id, { content, damaged, takenAt });
  }
  return found;
}

/** Changes Microsoft 365 a little, so that snapshots differ. */
function change(title: string): void {
  const { planner } = world.simulator.stores;
  const [plan] = planner.plansOfGroup(GROUPS.marketing);
  planner.addTask({ planId: plan!.id, bucketId: [...plan!.buckets.keys()][0]!, title, createdBy: plan!.createdBy });
}

const newestSnapshot = async () => {
  const { actor, ws } = world;
  const plans = await Promise.all((await listPlans(actor, ws)).map((plan) => getSnapshot(actor, ws, plan.lastSnapshot!.id)));
  return plans.sort((a, b) => b.content.tasks.length - a.content.tasks.length)[0]!;
};

test("keys of the installation and of the workspace are rotated, to AWS KMS and back, while backups, a restore, a verification and a cleaning run: none of them fails", async () => {
  const { actor, ws, simulator } = world;
  const source = await newestSnapshot();
  const before = await contents();
  const [first, second] = [config().keys.installationKeys[0]!, randomBytes(32)];
  const withKms = { key: kms.addKey("one"), endpoint: kms.endpoint };
  simulator.settings.latencyMs = 60;
  problems.length = 0;
  const restoreId = await restoreBeside(world, source.id, connectionId, GROUPS.marketing, "Made while keys were rotated");
  const runs: string[] = [];
  const verifications: string[] = [];
  for (const keys of [
    { provider: "environment", installationKeys: [second, first], kms: null }, { provider: "aws-kms", installationKeys: [second, first], kms: withKms },
    { provider: "environment", installationKeys: [first, second], kms: withKms },
  ] as const) {
    change(`Before ${keys.provider} ${runs.length}`);
    runs.push(await begin(world, policyId));
    verifications.push((await startVerification(actor, ws)).verificationId);
    await until(() => getRun(actor, ws, runs.at(-1)!), (run) => run.finishedAt !== null || run.items.some((item) => item.requests > 0));
    Object.assign(config(), { keys });
    await Promise.all([careForKeys(ws, never), rotateKeys(actor, ws), pruneWorkspace(ws, never)]);
    forgetKeys(ws);
    await withWorkspace(ws, (tx) => tx.$executeRaw`UPDATE workspace_key SET created_at = created_at - interval '2 minutes'`);
    await careForKeys(ws, never);
  }
  for (const runId of runs) expect((await ended(world, runId)).state).toBe("complete");
  expect((await restored(world, restoreId)).state).toBe("verified");
  for (const id of new Set(verifications)) expect((await until(() => getVerification(actor, ws, id), (one) => one.finishedAt !== null)).state).toBe("clean");
  simulator.settings.latencyMs = 0;
  expect(problems).toEqual([]);
  const { verificationId } = await startVerification(actor, ws);
  expect((await until(() => getVerification(actor, ws, verificationId), (one) => one.finishedAt !== null)).state).toBe("clean");
  const after = await contents();
  for (const [id, content] of before) expect(after.get(id)).toEqual(content);
  const used = await keyUse();
  expect(used).toHaveLength(1);
  Object.assign(config(), { keys: { provider: "environment", installationKeys: [first], kms: null } });
  forgetKeys(ws);
  await refuseMissingKeys();
  expect(await contents()).toEqual(after);
});

test("while AWS KMS is away a backup waits, and goes on by itself", async () => {
  const { actor, ws } = world;
  const [first] = config().keys.installationKeys;
  Object.assign(config(), { keys: { provider: "aws-kms", installationKeys: [first], kms: { key: kms.addKey("two"), endpoint: kms.endpoint } } });
  await careForKeys(ws, never);
  await kms.stop();
  forgetKeys(ws);
  const runId = await begin(world, policyId);
  await until(() => problems, (said) => said.some((facts) => "runId" in facts && facts.runId === runId));
  expect((await getRun(actor, ws, runId)).finishedAt).toBeNull();
  await kms.start();
  expect((await ended(world, runId)).state).toBe("complete");
  expect(problems.filter((facts) => "runId" in facts && "reason" in facts)).toEqual([]);
  Object.assign(config(), { keys: { ...config().keys, provider: "environment" } });
  await careForKeys(ws, never);
  forgetKeys(ws);
});

/** Everything but the storage and the escrow is gone: database, configuration, processes. Gives an empty database. */
async function loseEverything(escrow: string): Promise<string> {
  await worker.stop(5000);
  await closeQueue();
  await closeDatabase();
  const lost = new URL(process.env.DATABASE_URL!).pathname.slice(1);
  if (databases.includes(lost)) await server.query(`DROP DATABASE ${lost} WITH (FORCE)`);
  const name = `planback_test_${randomUUID().replaceAll("-", "")}`;
  databases.push(name);
  await server.query(`CREATE DATABASE ${name}`);
  const url = new URL(world.database.adminUrl);
  url.pathname = `/${name}`;
  const { installationKeys: [key] } = openEscrow(PASSPHRASE, escrow);
  Object.assign(process.env, { DATABASE_URL: url.toString(), INSTALLATION_KEY: key });
  forgetConfig();
  forgetKeys(world.ws);
  return url.toString();
}

async function comeBack(from: "dump" | "manifests", adminUrl: string): Promise<Recovered> {
  const store = await installationStore();
  const [one] = await recover({ store, place: "files", adminUrl, workspaces: await findStored(store), from, driftOf, signal: never, tell: () => undefined });
  await refuseMissingKeys();
  const { tid, oid, name, username } = world.actor;
  const { secret } = await createSession({ tid, oid, name, username, authenticatedAt: new Date() });
  world.actor = (await readSession(secret))!;
  await start();
  return one!;
}

/** A restore of the fullest snapshot into a new plan, compared by what Planner holds afterwards. */
async function restoreExactly(account: string, title: string): Promise<void> {
  const { actor, ws, simulator } = world;
  const source = await newestSnapshot();
  const restoreId = await restoreBeside(world, source.id, account, GROUPS.marketing, title);
  const { state, report } = await restored(world, restoreId);
  expect([state, report!.verdict]).toEqual(["verified", "exact"]);
  const plan = simulator.stores.planner.plansOfGroup(GROUPS.marketing).find((one) => one.title === title)!;
  expect(plan.tasks.size).toBe(source.content.tasks.length);
  expect((await getRestore(actor, ws, restoreId)).state).toBe("verified");
}

test("from the nightly copy and what the storage has since: every row, every snapshot, the sign-ins, and a restore that is exact", async () => {
  const { ws } = world;
  await careForKeys(ws, never, new Date(Date.now() + 25 * 3600_000)); // the night
  const policies = (await listPolicies(world.actor, ws)).map(({ id, name }) => ({ id, name }));
  const members = (await listMembers(world.actor, ws)).map(({ id, role }) => ({ id, role }));
  change("After the copy");
  expect((await backUp(world, policyId)).state).toBe("complete");
  const before = await contents();
  const escrow = sealEscrow(PASSPHRASE, { writtenAt: new Date().toISOString(), installationKeys: [Buffer.from(config().keys.installationKeys[0]!).toString("base64")], provider: "environment", kmsKey: null });
  const empty = await loseEverything(escrow);
  const started = performance.now();
  const found = await comeBack("dump", empty);
  console.info(`from the copy: ${Math.round(performance.now() - started)} ms`);
  expect(found).toMatchObject({ workspaceId: ws, name: "Contoso backups" });
  expect(found.snapshots).toBeGreaterThan(0);
  expect(await contents()).toEqual(before);
  expect((await listPolicies(world.actor, ws)).map(({ id, name }) => ({ id, name }))).toEqual(policies);
  expect((await listMembers(world.actor, ws)).map(({ id, role }) => ({ id, role }))).toEqual(members);
  expect(await verifyActivity(world.actor, ws, "")).toMatchObject({ problem: null });
  expect((await listActivity(world.actor, ws)).entries.map(({ action }) => action)).toContain("workspace.recovered");
  expect((await getConnection(world.actor, ws, connectionId)).backupState).toBe("active");
  change("After the disaster");
  expect((await backUp(world, policyId)).state).toBe("complete");
  await restoreExactly(connectionId, "Back from the copy");
  await until(() => search(world.actor, ws, { text: "After the copy", planId: null, goneOnly: false, page: 1 }), ({ hits }) => hits.length > 0);
  expect((await getOverview(world.actor, ws))).toBeDefined();
});

test("from the manifests alone: owners, plans and every snapshot, and after connecting anew a restore that is exact", async () => {
  const { ws } = world;
  const before = await contents();
  const escrow = sealEscrow(PASSPHRASE, { writtenAt: new Date().toISOString(), installationKeys: [process.env.INSTALLATION_KEY!], provider: "environment", kmsKey: null });
  const empty = await loseEverything(escrow);
  const started = performance.now();
  const found = await comeBack("manifests", empty);
  console.info(`from the manifests: ${Math.round(performance.now() - started)} ms for ${found.snapshots} snapshots`);
  expect(found).toMatchObject({ workspaceId: ws, name: "Contoso backups", unreadable: 0 });
  const after = await contents();
  for (const [id, content] of before) expect(after.get(id), id).toEqual(content);
  expect((await getWorkspace(world.actor, ws)).role).toBe("owner");
  expect((await listPolicies(world.actor, ws))).toEqual([]);
  const account = await connect(world, "backup");
  await connect(world, "restore");
  await restoreExactly(account, "Back from the manifests");
  // What was found stays when retention runs, and new backups follow on it.
  const policy = await protect(world, account, GROUPS.marketing);
  change("A new beginning");
  expect((await backUp(world, policy)).state).toBe("complete");
  const now = await contents();
  for (const id of before.keys()) expect(now.has(id), id).toBe(true);
  await until(() => search(world.actor, ws, { text: "A new beginning", planId: null, goneOnly: false, page: 1 }), ({ hits }) => hits.length > 0);
});
