/** The way through the product on real parts: PostgreSQL, the queue, a worker, MSAL and Graph against the simulator. */
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { config } from "@/lib/config";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { withWorkspace } from "@/lib/db";
import { APPS, BACKUP_SCOPES, CONTOSO, GROUPS, PEOPLE, RESTORE_SCOPES } from "@/simulator/fixtures";
import { SignInBrowser } from "@/simulator/entra/browser";
import { startSimulator, type Simulator } from "@/simulator/server";
import {
  createRestore, createWorkspace, finishConnect, getConnection, getOverview, getPlan, getRestore, getRun, getSnapshot, getVerification, listPlans, openFile,
  readCatalogue, restoreTargets, runRestore, savePolicy, startConnect, startRun, startVerification, createSession, readSession,
} from "@/lib/workspaces";
import { recordProof } from "@/lib/workspaces/consentState";
import type { Actor, Purpose } from "@/lib/workspaces/types";
import { startWorker, type RunningWorker } from "./index";

let database: TestDatabase;
let simulator: Simulator;
let worker: RunningWorker;
let actor: Actor;
let ws: string;
let connectionId: string;
let snapshotId: string;
const log: object[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ size: "small", appOrigin: "http://127.0.0.1:3000" });
  Object.assign(process.env, {
    LOGIN_ORIGIN: simulator.origin, GRAPH_ORIGIN: simulator.origin, SHAREPOINT_URL: `${simulator.origin}/sharepoint/{host}`,
    BACKUP_CLIENT_ID: APPS.backup.clientId, BACKUP_CLIENT_SECRET: APPS.backup.secret,
    RESTORE_CLIENT_ID: APPS.restore.clientId, RESTORE_CLIENT_SECRET: APPS.restore.secret,
  });
  database = await testDatabase();
  worker = await startWorker({ log: { info: (facts) => log.push(facts), error: (facts) => log.push(facts) } });
  const { secret } = await createSession({ tid: CONTOSO.tenantId, oid: PEOPLE.alice.id, name: PEOPLE.alice.displayName, username: PEOPLE.alice.userPrincipalName, authenticatedAt: new Date() });
  actor = (await readSession(secret))!;
  ws = (await createWorkspace(actor, { name: "Contoso backups" })).id;
});

afterAll(async () => {
  await worker?.stop(5000);
  await database?.close();
  await simulator?.close();
});

async function until<T>(what: () => Promise<T>, isDone: (value: T) => boolean, ms = 90_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await what();
    if (isDone(value)) return value;
    if (Date.now() > end) throw new Error(`Still ${JSON.stringify(value).slice(0, 600)} ${JSON.stringify(log.slice(-5))}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

async function control(action: string, body: object): Promise<void> {
  const response = await fetch(`${simulator.origin}/_simulator/${action}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  expect(response.status, await response.text()).toBeLessThan(300);
}

async function connect(purpose: Purpose): Promise<string> {
  const scopes = purpose === "backup" ? BACKUP_SCOPES : RESTORE_SCOPES;
  await control("grant-consent", { tenantId: CONTOSO.tenantId, clientId: APPS[purpose].clientId, scopes });
  await withWorkspace(ws, (tx) => recordProof(tx, ws, CONTOSO.tenantId, purpose, [...scopes]));
  const { url, flowCookie } = await startConnect(actor, ws, { purpose, tid: CONTOSO.tenantId });
  const browser = new SignInBrowser();
  await browser.open(url);
  const { location } = await browser.press(PEOPLE.backup.displayName);
  const outcome = await finishConnect({ query: location!.searchParams, flowCookie, sessionHash: actor.sessionHash });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: "connected" });
  return outcome.connectionId!;
}

test("a connection account is connected and checked, and its catalogue says what can be backed up and what not", async () => {
  connectionId = await connect("backup");
  const view = await until(() => getConnection(actor, ws, connectionId), (connection) => !connection.checking && connection.checkedAt !== null);
  expect(view.backupState).toBe("active");
  expect(Object.fromEntries(view.requirements.map((row) => [row.id, row.state]))).toMatchObject({
    "backup.consent": "met", "backup.scopes": "met", "backup.account": "met", "backup.token": "met", "backup.groups": "met", "backup.plans": "met", "backup.users": "met",
    "backup.membership": "unmet", "restore.token": "not_needed", "restore.exchange": "not_needed",
  });
  const catalogue = (await readCatalogue(actor, ws, connectionId))!;
  expect(catalogue.groups.find((group) => group.id === GROUPS.marketing)).toMatchObject({ isMember: true, unreachable: null });
  expect(catalogue.groups.find((group) => group.id === GROUPS.executiveBoard)?.unreachable?.remedy).toContain("Add");
});

test("plans are protected and backed up; the snapshot is complete and readable from storage", async () => {
  const catalogue = (await readCatalogue(actor, ws, connectionId))!;
  const group = catalogue.groups.find((one) => one.id === GROUPS.marketing)!;
  const { id } = await savePolicy(actor, ws, {
    name: "Marketing", connectionId, schedule: { kind: "daily", at: "02:00", timeZone: "Europe/Berlin" }, keepCount: 30, keepDays: null,
    selection: { groups: [{ groupId: group.id, planIds: group.plans.map((plan) => plan.id), includeNew: true }] },
  });
  const requestKey = randomUUID();
  const { runId } = await startRun(actor, ws, id, requestKey);
  expect(await startRun(actor, ws, id, requestKey)).toEqual({ runId });
  const run = await until(() => getRun(actor, ws, runId), (one) => one.finishedAt !== null);
  expect([run.state, run.problem, run.items.map((item) => item.problem)]).toEqual(["complete", null, run.items.map(() => null)]);
  expect(run.items).toHaveLength(group.plans.length);

  const plans = await listPlans(actor, ws);
  expect(plans.map((plan) => plan.title).sort()).toEqual(group.plans.map((plan) => plan.title).sort());
  expect(plans.every((plan) => plan.policyNames.includes("Marketing"))).toBe(true);
  const snapshots = await Promise.all(plans.map((plan) => getSnapshot(actor, ws, plan.lastSnapshot!.id)));
  const fullest = snapshots.sort((a, b) => b.content.tasks.length - a.content.tasks.length)[0]!;
  snapshotId = fullest.id;
  expect(fullest.content.tasks.length).toBe(fullest.counts.records.task);
  expect(fullest.content.tasks.length).toBeGreaterThan(0);
  const attachment = snapshots.flatMap((one) => one.content.attachments.map((file) => ({ snapshot: one.id, file })))[0];
  if (attachment) {
    const opened = await openFile(actor, ws, attachment.snapshot, attachment.file.id);
    let bytes = 0;
    for await (const chunk of opened.stream) bytes += chunk.length;
    expect(bytes).toBe(attachment.file.size);
  }
  expect((await getOverview(actor, ws)).onboarding.done).toMatchObject({ connection: true, policy: true, firstBackup: true });
});

test("a second run of unchanged plans stores no new segment", async () => {
  const [plan] = await listPlans(actor, ws);
  const policyId = (await getOverview(actor, ws)).lastRun!.policyId;
  const { runId } = await startRun(actor, ws, policyId, randomUUID());
  await until(() => getRun(actor, ws, runId), (one) => one.finishedAt !== null);
  const { snapshots } = await getPlan(actor, ws, plan!.id);
  expect(snapshots).toHaveLength(2);
  expect(snapshots[0]).toMatchObject({ drift: { added: 0, removed: 0, changed: 0 }, newObjects: 1 });
});

test("verification reads everything and finds nothing wrong", async () => {
  const { verificationId } = await startVerification(actor, ws);
  const view = await until(() => getVerification(actor, ws, verificationId), (one) => one.finishedAt !== null);
  expect(view.state).toBe("clean");
  expect(view.report!.snapshots).toBeGreaterThan(0);
});

test("a plan is restored beside the original and read back", async () => {
  expect(await connect("restore")).toBe(connectionId);
  await until(() => getConnection(actor, ws, connectionId), (connection) => !connection.checking);
  const targets = await restoreTargets(actor, ws, snapshotId);
  expect(targets.groups.find((group) => group.id === targets.sourceGroupId)).toMatchObject({ isMember: true });
  const { restoreId } = await createRestore(actor, ws, {
    snapshotId, connectionId, requestKey: randomUUID(),
    request: { tasks: "all", target: { kind: "new_plan", groupId: targets.sourceGroupId, title: "Restored" }, addMembers: true, comments: "quoted" },
  });
  const planned = await until(() => getRestore(actor, ws, restoreId), (restore) => restore.state !== "planning");
  expect([planned.state, planned.problem, planned.plan?.blockers]).toEqual(["planned", null, []]);
  await expect(runRestore(actor, ws, restoreId, "another hash")).rejects.toMatchObject({ code: "conflict" });
  await runRestore(actor, ws, restoreId, planned.planHash);
  await runRestore(actor, ws, restoreId, planned.planHash);
  const done = await until(() => getRestore(actor, ws, restoreId), (restore) => restore.finishedAt !== null, 180_000);
  expect([done.state, done.problem, done.report?.itemsDifferent, done.report?.failed]).toEqual(["verified", null, [], []]);
  expect(done.report!.created.filter((one) => one.kind === "plan")).toHaveLength(1);
}, 240_000);

test("after all this no title, text, token or client secret lies open: not in a table, not in storage, not in the log", async () => {
  const { content, planTitle } = await getSnapshot(actor, ws, snapshotId);
  const texts = content.tasks.map(({ task }) => task.title).filter((title) => title.length > 8);
  const canaries = [planTitle, ...texts, "eyJhbGciOi", "eyJ0eXAiOi", "refresh_token", APPS.backup.secret, APPS.restore.secret];
  expect(texts.length).toBeGreaterThan(2);
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>("SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_schema IN ('public', 'jobs') AND table_type = 'BASE TABLE'");
  const dump: string[] = [];
  for (const { name } of tables) dump.push(...(await client.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} t`)).rows.map((row) => row.row));
  await client.end();
  expect(dump.join()).toContain("Contoso backups"); // the dump is a dump: names of workspaces are not secret
  const storageDir = config().storage.files!.dir;
  const files = readdirSync(storageDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(path.join(entry.parentPath, entry.name)));
  expect(files.length).toBeGreaterThan(0);
  for (const canary of canaries) {
    const hex = Buffer.from(canary).toString("hex");
    expect(dump.filter((row) => row.includes(canary) || row.includes(hex)), `the database holds ${canary}`).toEqual([]);
    expect(files.some((file) => file.includes(canary)), `storage holds ${canary}`).toBe(false);
    expect(JSON.stringify(log).includes(canary), `the log holds ${canary}`).toBe(false);
  }
});
