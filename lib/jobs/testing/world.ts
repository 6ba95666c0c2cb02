/** For integration tests: a workspace with a connected account, a simulated Microsoft 365, and workers that can be killed. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import {
  connectAppOnly, createRestore, createSession, createWorkspace, finishConnect, finishConsent, getConnection, getRestore, getRun, readCatalogue, readSession, runRestore, savePolicy, startConnect, startConsent, startRun, type ConsentOutcome,
} from "@/lib/workspaces";
import { WORKER_ENV, WORKER_FLAGS } from "@/scripts/workerLaunch.mjs";
import { recordProof } from "@/lib/workspaces/consentState";
import type { RestoreRequest } from "@/lib/restore/types";
import type { Actor, Catalogue, ConnectionView, Purpose, RestoreView, RunView } from "@/lib/workspaces/types";
import { SignInBrowser } from "@/simulator/entra/browser";
import { selfSignedCertificate } from "@/simulator/entra/certificate";
import { APPS, BACKUP_SCOPES, CONTOSO, PEOPLE, RESTORE_SCOPES } from "@/simulator/fixtures";
import { startSimulator, type Simulator } from "@/simulator/server";

export interface World {
  simulator: Simulator;
  database: TestDatabase;
  actor: Actor;
  ws: string;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** With a registration for app-only connections, whose certificate ends in so many days. */
  appOnlyDays?: number;
}

export async function openWorld({ appOnlyDays }: WorldOptions = {}): Promise<World> {
  const files = mkdtempSync(path.join(os.tmpdir(), "planback-app-only-"));
  const certificates: string[] = [];
  if (appOnlyDays !== undefined) {
    const made = selfSignedCertificate("planback", appOnlyDays);
    certificates.push(made.certificate);
    const file = path.join(files, "app-only.pem");
    writeFileSync(file, made.certificate + made.privateKey);
    Object.assign(process.env, { APP_ONLY_CLIENT_ID: APPS.appOnly.clientId, APP_ONLY_CLIENT_CERTIFICATE_FILE: file });
  }
  const simulator = await startSimulator({ size: "small", appOrigin: "http://127.0.0.1:3000", certificates: { [APPS.appOnly.clientId]: certificates } });
  Object.assign(process.env, {
    LOGIN_ORIGIN: simulator.origin, GRAPH_ORIGIN: simulator.origin, SHAREPOINT_URL: `${simulator.origin}/sharepoint/{host}`,
    BACKUP_CLIENT_ID: APPS.backup.clientId, BACKUP_CLIENT_SECRET: APPS.backup.secret,
    RESTORE_CLIENT_ID: APPS.restore.clientId, RESTORE_CLIENT_SECRET: APPS.restore.secret,
  });
  const database = await testDatabase();
  const { alice } = PEOPLE;
  const { secret } = await createSession({ tid: CONTOSO.tenantId, oid: alice.id, name: alice.displayName, username: alice.userPrincipalName, authenticatedAt: new Date() });
  const actor = (await readSession(secret))!;
  const ws = (await createWorkspace(actor, { name: "Contoso backups" })).id;
  return {
    simulator, database, actor, ws,
    close: async () => {
      rmSync(files, { recursive: true, force: true });
      await database.close();
      await simulator.close();
    },
  };
}

/** Asks until the answer is the wanted one; fails with the last answer. */
export async function until<T>(what: () => T | Promise<T>, isDone: (value: T) => boolean, ms = 90_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await what();
    if (isDone(value)) return value;
    if (Date.now() > end) throw new Error(`Still ${JSON.stringify(value).slice(0, 600)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function control(simulator: Simulator, action: string, body: object): Promise<void> {
  const response = await fetch(`${simulator.origin}/_simulator/${action}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

/** Who signs in: the connection account of Contoso, unless told otherwise. */
export interface Account { tenantId: string; displayName: string }
const CONTOSO_ACCOUNT: Account = { tenantId: CONTOSO.tenantId, displayName: PEOPLE.backup.displayName };

/** Grants consent and signs the account in; gives the connection's id. */
export async function signIn({ simulator, actor, ws }: World, purpose: Purpose, { tenantId, displayName } = CONTOSO_ACCOUNT): Promise<string> {
  const scopes = purpose === "backup" ? BACKUP_SCOPES : RESTORE_SCOPES;
  await control(simulator, "grant-consent", { tenantId, clientId: APPS[purpose].clientId, scopes });
  await withWorkspace(ws, (tx) => recordProof(tx, ws, tenantId, purpose, [...scopes]));
  const { url, flowCookie } = await startConnect(actor, ws, { purpose, tid: tenantId });
  const browser = new SignInBrowser();
  await browser.open(url);
  const { location } = await browser.press(displayName);
  const outcome = await finishConnect({ query: location!.searchParams, flowCookie, sessionHash: actor.sessionHash });
  if (outcome.kind !== "connected") throw new Error(JSON.stringify(outcome));
  return outcome.connectionId;
}

/** Signs in and waits for the check of the account. A worker must be running. */
export async function connect(world: World, purpose: Purpose, account = CONTOSO_ACCOUNT): Promise<string> {
  const id = await signIn(world, purpose, account);
  await until(() => getConnection(world.actor, world.ws, id), (connection) => !connection.checking && connection.checkedAt !== null);
  return id;
}

/** An administrator grants app-only backup in a browser of his own: the consent page, then the visit that proves who he is. */
export async function grantAppOnly({ actor, ws }: World, admin = PEOPLE.priya.displayName, browser = new SignInBrowser()): Promise<ConsentOutcome> {
  const { url, flowCookie } = await startConsent(actor, ws, "app_only");
  await browser.open(url);
  await browser.press(admin);
  const back = (location: URL) => finishConsent({ query: location.searchParams, flowCookie, sessionHash: actor.sessionHash });
  let outcome = await back((await browser.press("Accept")).location!);
  while (outcome.kind === "proving") {
    const { location } = await browser.open(outcome.url);
    outcome = await back(location ?? (await browser.press(admin)).location!);
  }
  return outcome;
}

/** The whole of Contoso, app-only, granted and checked. A worker must be running. */
export async function connectTenant(world: World): Promise<string> {
  const granted = await grantAppOnly(world);
  if (granted.kind !== "granted") throw new Error(JSON.stringify(granted));
  const { connectionId } = await connectAppOnly(world.actor, world.ws, CONTOSO.tenantId);
  await checked(world, connectionId);
  return connectionId;
}

/** Waits for the check of a connection. */
export function checked({ actor, ws }: World, id: string): Promise<ConnectionView> {
  return until(() => getConnection(actor, ws, id), (connection) => !connection.checking && connection.checkedAt !== null);
}

/** A policy on the given plans of a group (all by default). */
export async function protect({ actor, ws }: World, connectionId: string, groupId: string, planIds?: string[]): Promise<string> {
  const catalogue: Catalogue = (await readCatalogue(actor, ws, connectionId))!;
  const group = catalogue.groups.find((one) => one.id === groupId)!;
  const { id } = await savePolicy(actor, ws, {
    name: `Policy ${randomUUID()}`, connectionId, schedule: { kind: "manual" }, keepCount: 30, keepDays: null,
    selection: { groups: [{ groupId, planIds: planIds ?? group.plans.map((plan) => plan.id), includeNew: false }] },
  });
  return id;
}

export async function begin({ actor, ws }: World, policyId: string): Promise<string> {
  return (await startRun(actor, ws, policyId, randomUUID())).runId;
}

export function ended({ actor, ws }: World, runId: string, ms?: number): Promise<RunView> {
  return until(() => getRun(actor, ws, runId), (run) => run.finishedAt !== null, ms);
}

export async function backUp(world: World, policyId: string): Promise<RunView> {
  return ended(world, await begin(world, policyId));
}

/** Asks for a restore of everything; gives its id. */
export async function asked({ actor, ws }: World, snapshotId: string, connectionId: string, target: RestoreRequest["target"], requestKey: string = randomUUID(), comments: RestoreRequest["comments"] = "none"): Promise<string> {
  const request: RestoreRequest = { tasks: "all", target, addMembers: true, comments };
  return (await createRestore(actor, ws, { snapshotId, connectionId, requestKey, request })).restoreId;
}

/** Waits for its preview; fails when there is none that could run. */
export async function planned({ actor, ws }: World, restoreId: string): Promise<RestoreView> {
  const restore = await until(() => getRestore(actor, ws, restoreId), ({ state }) => state !== "planning");
  if (restore.state !== "planned") throw new Error(`The preview is ${restore.state}: ${restore.problem} ${JSON.stringify(restore.plan?.blockers)}`);
  return restore;
}

/** A restore of everything to a new plan, previewed and started. */
export async function restoreBeside(world: World, snapshotId: string, connectionId: string, groupId: string, title: string, comments?: RestoreRequest["comments"]): Promise<string> {
  const { actor, ws } = world;
  const { id, planHash } = await planned(world, await asked(world, snapshotId, connectionId, { kind: "new_plan", groupId, title }, undefined, comments));
  await runRestore(actor, ws, id, planHash);
  await runRestore(actor, ws, id, planHash); // a second press is the same run
  return id;
}

export function restored({ actor, ws }: World, restoreId: string, ms = 150_000): Promise<RestoreView> {
  return until(() => getRestore(actor, ws, restoreId), (restore) => restore.finishedAt !== null, ms);
}

export interface WorkerProcess {
  env?: Record<string, string>;
  /** Is given all that it says. */
  hear?: (text: string) => void;
  /** What it is started by, such as a command that puts it into a network of its own. */
  prefix?: string[];
  /** In a process group of its own. */
  detached?: boolean;
}

/** A worker in a process of its own, as in production; unless told otherwise with SHORT_TIMES. */
export async function startWorkerProcess(entry = "lib/jobs/testing/worker.ts", { env, hear, prefix = [], detached = false }: WorkerProcess = {}): Promise<ChildProcess> {
  const [command, ...args] = [...prefix, process.execPath, ...WORKER_FLAGS, "--import", "tsx", entry];
  const child = spawn(command!, args, { detached, stdio: ["ignore", "pipe", hear ? "pipe" : "inherit"], env: { ...WORKER_ENV, ...process.env, LOG_LEVEL: "info", ...env } });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => hear?.(chunk.toString("utf8")));
  const ready = once(child.stdout!, "data"); // the first line of either says that it is ready
  const gone = once(child, "exit").then(() => {
    throw new Error("The worker ended before it was ready.");
  });
  await Promise.race([ready, gone]);
  gone.catch(() => undefined);
  child.stdout!.resume();
  return child;
}

/** Ends it without any warning and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
