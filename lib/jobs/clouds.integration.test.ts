/** Each of Microsoft's clouds end to end: consent, connect, capture, restore; and a tenant that is looked for in the wrong one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { config } from "@/lib/config";
import type { Cloud } from "@/lib/config/clouds";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { SignInBrowser } from "@/simulator/entra/browser";
import { selfSignedCertificate } from "@/simulator/entra/certificate";
import { APPS, CHINA_TENANT, CONTOSO, CONTOSO_DOD, CONTOSO_GOV, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { startSimulator, type Simulator } from "@/simulator/server";
import {
  connectAppOnly, createSession, createWorkspace, finishConnect, finishConsent, getConnection, getSnapshot, listPlans, listTenants, readCatalogue, readSession, setExtras, startConnect, startConsent, type ConsentOutcome,
} from "@/lib/workspaces";
import type { Actor, Grant, Purpose } from "@/lib/workspaces/types";
import { startWorker, type RunningWorker } from "./index";
import { backUp, checked, protect, restoreBeside, restored, type World } from "./testing/world";

const CLOUDS = { global: CONTOSO, usGov: CONTOSO_GOV, usGovDod: CONTOSO_DOD };
/** No two clouds give the same id to what is made in them. */
const SEEDS = { global: 1, usGov: 2, usGovDod: 3 };
const PREFIXES = { global: "", usGov: "GCC_HIGH_", usGovDod: "DOD_" };
const files = mkdtempSync(path.join(os.tmpdir(), "planback-clouds-"));
const simulators = {} as Record<Cloud, Simulator>;
let database: TestDatabase;
let worker: RunningWorker;
let actor: Actor;
let world: World;

beforeAll(async () => {
  const { certificate, privateKey } = selfSignedCertificate("planback");
  const file = path.join(files, "app-only.pem");
  writeFileSync(file, certificate + privateKey);
  Object.assign(process.env, { GCC_HIGH_APP_ONLY_CLIENT_ID: APPS.appOnly.clientId, GCC_HIGH_APP_ONLY_CLIENT_CERTIFICATE_FILE: file });
  for (const cloud of Object.keys(CLOUDS) as Cloud[]) {
    const simulator = (simulators[cloud] = await startSimulator({ size: "small", seed: SEEDS[cloud], appOrigin: "http://127.0.0.1:3000", cloud, certificates: cloud === "usGov" ? { [APPS.appOnly.clientId]: [certificate] } : {} }));
    const own = {
      BACKUP_CLIENT_ID: APPS.backup.clientId, BACKUP_CLIENT_SECRET: APPS.backup.secret, RESTORE_CLIENT_ID: APPS.restore.clientId, RESTORE_CLIENT_SECRET: APPS.restore.secret,
      LOGIN_ORIGIN: simulator.origin, GRAPH_ORIGIN: simulator.origin, SHAREPOINT_URL: `${simulator.origin}/sharepoint/{host}`,
    };
    Object.assign(process.env, Object.fromEntries(Object.entries(own).map(([name, value]) => [PREFIXES[cloud] + name, value])));
  }
  database = await testDatabase();
  worker = await startWorker({ log: { info: () => undefined, error: () => undefined } });
  const { alice } = PEOPLE;
  const { secret } = await createSession({ tid: CONTOSO.tenantId, oid: alice.id, name: alice.displayName, username: alice.userPrincipalName, authenticatedAt: new Date() });
  actor = (await readSession(secret))!;
  world = { simulator: simulators.global, database, actor, ws: (await createWorkspace(actor, { name: "Clouds" })).id, close: async () => undefined };
});
afterAll(async () => {
  rmSync(files, { recursive: true, force: true });
  await worker?.stop(5000);
  await database?.close();
  for (const simulator of Object.values(simulators)) await simulator.close();
});

const choice = (cloud: Cloud) => (cloud === "global" ? undefined : { cloud, tid: CLOUDS[cloud].tenantId });

async function consent(cloud: Cloud, purpose: Grant): Promise<ConsentOutcome> {
  const { url, flowCookie } = await startConsent(actor, world.ws, purpose, choice(cloud));
  expect(new URL(url).origin).toBe(simulators[cloud].origin);
  const browser = new SignInBrowser();
  await browser.open(url);
  await browser.press(PEOPLE.priya.displayName);
  const back = (location: URL) => finishConsent({ query: location.searchParams, flowCookie, sessionHash: actor.sessionHash });
  let outcome = await back((await browser.press("Accept")).location!);
  while (outcome.kind === "proving") {
    const { location } = await browser.open(outcome.url);
    outcome = await back(location ?? (await browser.press(PEOPLE.priya.displayName)).location!);
  }
  return outcome;
}

async function connect(cloud: Cloud, purpose: Purpose): Promise<string> {
  const { url, flowCookie } = await startConnect(actor, world.ws, { purpose, tid: CLOUDS[cloud].tenantId });
  const browser = new SignInBrowser();
  await browser.open(url);
  const { location } = await browser.press(PEOPLE.backup.displayName);
  const outcome = await finishConnect({ query: location!.searchParams, flowCookie, sessionHash: actor.sessionHash });
  expect(outcome).toMatchObject({ kind: "connected" });
  await checked(world, outcome.connectionId!);
  return outcome.connectionId!;
}

describe.each(Object.keys(CLOUDS) as Cloud[])("%s", (cloud) => {
  test("consent, connect, capture and restore, at the hosts of this cloud only", async () => {
    const others = Object.entries(simulators).filter(([name]) => name !== cloud).map(([, simulator]) => simulator.requestLog.entries().length);
    expect(await consent(cloud, "backup")).toMatchObject({ kind: "granted" });
    expect(await consent(cloud, "restore")).toMatchObject({ kind: "granted" });
    expect((await listTenants(actor, world.ws)).find(({ tid }) => tid === CLOUDS[cloud].tenantId)).toMatchObject({ cloud, consent: { backup: { state: "granted" } } });
    const id = await connect(cloud, "backup");
    await connect(cloud, "restore");
    expect(await getConnection(actor, world.ws, id)).toMatchObject({ cloud, backupState: "active", tenantName: CLOUDS[cloud].displayName, extras: cloud === "global" ? false : null });
    if (cloud !== "global") await expect(setExtras(actor, world.ws, id, true)).rejects.toThrow(/not there in this cloud/);

    const run = await backUp(world, await protect(world, id, GROUPS.marketing));
    expect([run.state, run.items.map((item) => item.problem).filter(Boolean)]).toEqual(["complete", []]);
    const plans = (await listPlans(actor, world.ws)).filter(({ tid }) => tid === CLOUDS[cloud].tenantId);
    const snapshots = await Promise.all(plans.map((plan) => getSnapshot(actor, world.ws, plan.lastSnapshot!.id)));
    const fullest = snapshots.sort((a, b) => b.content.attachments.length - a.content.attachments.length)[0]!;
    expect(fullest.content.attachments.length).toBeGreaterThan(0); // read at the cloud's own SharePoint hosts
    expect(fullest.content.comments.length).toBeGreaterThan(0);
    const restore = await restored(world, await restoreBeside(world, fullest.id, id, GROUPS.marketing, "Back again"));
    expect([restore.state, restore.problem]).toEqual(["verified", null]);
    expect(Object.entries(simulators).filter(([name]) => name !== cloud).map(([, simulator]) => simulator.requestLog.entries().length)).toEqual(others);
  });
});

test("a whole tenant of GCC High, app-only, by the certificate that is registered there", async () => {
  expect(await consent("usGov", "app_only")).toMatchObject({ kind: "granted" });
  const { connectionId } = await connectAppOnly(actor, world.ws, CONTOSO_GOV.tenantId);
  const view = await checked(world, connectionId);
  expect([view.kind, view.cloud, view.requirements.filter(({ state }) => state === "unmet" || state === "unknown")]).toEqual(["app_only", "usGov", []]);
  expect((await readCatalogue(actor, world.ws, connectionId))!.groups.some(({ id }) => id === GROUPS.executiveBoard)).toBe(true);
  const run = await backUp(world, await protect(world, connectionId, GROUPS.executiveBoard));
  expect(run.state).toBe("complete");
  await expect(startConsent(actor, world.ws, "app_only")).rejects.toMatchObject({ code: "config" }); // none is registered in the global cloud
});

test("a token of one cloud is worth nothing in another", async () => {
  const token = await simulators.usGov.token({ tenantId: CONTOSO_GOV.tenantId, userId: PEOPLE.backup.id, clientId: APPS.backup.clientId, scopes: ["User.Read"] });
  for (const [cloud, simulator] of Object.entries(simulators)) {
    const answer = await fetch(`${simulator.origin}/v1.0/me`, { headers: { authorization: `Bearer ${token}` } });
    expect([cloud, answer.status]).toEqual([cloud, cloud === "usGov" ? 200 : 401]);
  }
});

describe("a tenant in another cloud than was chosen is refused with what to do", () => {
  const attempt = (cloud: string, tid: string) => startConsent(actor, world.ws, "backup", { cloud: cloud as Cloud, tid });
  test.each([
    ["a GCC High tenant asked for in DoD", "usGovDod", "60a7050a-0000-4d6b-9f2a-5b8e7d4c1a01", /knows no tenant with this id/],
    ["a DoD tenant asked for in GCC High", "usGov", CONTOSO_DOD.tenantId, /Microsoft's cloud DoD|knows the tenant in/],
    ["a global tenant asked for in GCC High", "usGov", CONTOSO.tenantId, /Global/],
    ["a tenant of 21Vianet", "usGov", CHINA_TENANT, /China.*no Planner/],
    ["21Vianet's cloud itself", "china", CHINA_TENANT, /no Planner/],
    ["another tenant of the cloud that people sign in to", "global", "fab21ca0-2d4f-4e7c-8a3b-6c9f8e5d2b02", /your own account/],
    ["something that is no id", "usGov", "contoso.example", /must look like/],
  ])("%s", async (_, cloud, tid, message) => {
    await expect(attempt(cloud, tid)).rejects.toMatchObject({ code: "invalid_input", message: expect.stringMatching(message) as unknown });
  });
  test("a cloud without registrations is named", async () => {
    const { clouds } = config();
    const dod = clouds.usGovDod;
    delete clouds.usGovDod;
    await expect(attempt("usGovDod", CONTOSO_DOD.tenantId)).rejects.toMatchObject({ code: "config", message: expect.stringContaining("no registrations in Microsoft's cloud DoD") as unknown });
    clouds.usGovDod = dod!;
  });
});
