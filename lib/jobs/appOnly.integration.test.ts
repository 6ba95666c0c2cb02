/** A whole Microsoft tenant, read by Planback as an application: granted, connected, captured, lost; and restored by an account. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { SignInBrowser } from "@/simulator/entra/browser";
import { APP_ONLY_ROLES, APPS, CONTOSO, FABRIKAM, GROUPS, PEOPLE } from "@/simulator/fixtures";
import {
  connectAppOnly, createConsentLink, createSession, createWorkspace, finishConsent, getConnection, getSnapshot, listPlans, listTenants, openFile, readCatalogue, readSession, recheckConnection, restoreTargets, savePolicy, startConsent,
} from "@/lib/workspaces";
import type { Actor } from "@/lib/workspaces/types";
import { startWorker, type RunningWorker } from "./index";
import { asked, backUp, checked, connect, connectTenant, control, grantAppOnly, openWorld, planned, restoreBeside, restored, type World } from "./testing/world";

let world: World;
let worker: RunningWorker;
let connectionId: string;
const log: object[] = [];

beforeAll(async () => {
  world = await openWorld({ appOnlyDays: 365 });
  worker = await startWorker({ log: { info: (facts) => log.push(facts), error: (facts) => log.push(facts) } });
});
afterAll(async () => {
  await worker?.stop(5000);
  await world?.close();
});

const states = async (id = connectionId) => Object.fromEntries((await getConnection(world.actor, world.ws, id)).requirements.map((row) => [row.id, row.state]));
async function recheck(): Promise<void> {
  await recheckConnection(world.actor, world.ws, connectionId);
  await checked(world, connectionId);
}
const appOnlyState = async () => (await listTenants(world.actor, world.ws)).find(({ tid }) => tid === CONTOSO.tenantId)!.appOnly?.state;
const setRoles = (roles: readonly string[]) => control(world.simulator, "set-roles", { tenantId: CONTOSO.tenantId, clientId: APPS.appOnly.clientId, roles });

test("without a grant nothing is connected, and a role that may not grant it is refused by Microsoft", async () => {
  await expect(connectAppOnly(world.actor, world.ws, CONTOSO.tenantId)).rejects.toMatchObject({ code: "consent_missing" });
  const { url } = await startConsent(world.actor, world.ws, "app_only");
  const browser = new SignInBrowser();
  await browser.open(url);
  expect((await browser.press(PEOPLE.marco.displayName)).text).toContain("admin"); // a Cloud Application Administrator
  expect(await appOnlyState()).toBe("not_granted");
});

test("a global admin grants it; the tenant is connected, checked and wholly seen, with no membership", async () => {
  connectionId = await connectTenant(world);
  expect(await appOnlyState()).toBe("granted");
  const view = await getConnection(world.actor, world.ws, connectionId);
  expect(view).toMatchObject({ kind: "app_only", backupState: "active", restoreState: "none", tenantName: CONTOSO.domain });
  expect(await states()).toEqual({
    "backup.certificate": "met", "backup.consent": "met", "backup.scopes": "met", "backup.token": "met", "backup.groups": "met", "backup.plans": "met", "backup.users": "met",
    "backup.membership": "not_needed", "backup.exchange": "not_needed", "restore.account": "unmet",
  });
  const catalogue = (await readCatalogue(world.actor, world.ws, connectionId))!;
  expect(catalogue.groups.map(({ id }) => id).sort()).toEqual([...world.simulator.world.tenants.get(CONTOSO.tenantId)!.groups.keys()].sort());
  expect(catalogue.groups.every(({ unreachable }) => unreachable === null)).toBe(true);
  expect(await connectAppOnly(world.actor, world.ws, CONTOSO.tenantId)).toEqual({ connectionId }); // pressed twice: one connection
});

test("an employee who forges the redirect gets nothing, though another workspace has the grant", async () => {
  const { ben } = PEOPLE;
  const { secret } = await createSession({ tid: CONTOSO.tenantId, oid: ben.id, name: ben.displayName, username: ben.userPrincipalName, authenticatedAt: new Date() });
  const actor: Actor = (await readSession(secret))!;
  const other = (await createWorkspace(actor, { name: "Ben's own" })).id;
  const { url, flowCookie } = await startConsent(actor, other, "app_only");
  const state = new URL(url).searchParams.get("state")!;
  const back = (query: URLSearchParams) => finishConsent({ query, flowCookie, sessionHash: actor.sessionHash });
  let outcome = await back(new URLSearchParams({ admin_consent: "True", tenant: CONTOSO.tenantId, state }));
  const browser = new SignInBrowser();
  while (outcome.kind === "proving") {
    const { location } = await browser.open(outcome.url);
    outcome = await back((location ?? (await browser.press(ben.displayName)).location!).searchParams);
  }
  expect(outcome.kind).toBe("not_admin");
  await expect(connectAppOnly(actor, other, CONTOSO.tenantId)).rejects.toMatchObject({ code: "consent_missing" });
  expect((await listTenants(actor, other))[0]!.appOnly!.state).toBe("not_granted");
});

test("an old sign-in is not enough to connect a whole tenant", async () => {
  await expect(connectAppOnly({ ...world.actor, authenticatedAt: new Date(Date.now() - 3600_000) }, world.ws, CONTOSO.tenantId)).rejects.toMatchObject({ code: "step_up_required" });
});

test("the whole tenant is captured: also groups nobody is in, with comments, files and hidden members", async () => {
  const catalogue = (await readCatalogue(world.actor, world.ws, connectionId))!;
  const { id } = await savePolicy(world.actor, world.ws, {
    name: "Everything", connectionId, schedule: { kind: "manual" }, keepCount: 30, keepDays: null,
    selection: { groups: catalogue.groups.map((group) => ({ groupId: group.id, planIds: group.plans.map((plan) => plan.id), includeNew: true })) },
  });
  const run = await backUp(world, id);
  expect([run.state, run.items.map((item) => item.problem).filter(Boolean)]).toEqual(["complete", []]);
  const plans = await listPlans(world.actor, world.ws);
  expect(plans).toHaveLength(catalogue.groups.reduce((sum, group) => sum + group.plans.length, 0));
  const snapshots = await Promise.all(plans.map((plan) => getSnapshot(world.actor, world.ws, plan.lastSnapshot!.id)));
  expect(plans.some(({ groupId }) => groupId === GROUPS.executiveBoard)).toBe(true);
  expect(snapshots.reduce((sum, { content }) => sum + content.comments.length, 0)).toBeGreaterThan(0);
  const withFile = snapshots.find(({ content }) => content.attachments.length > 0)!;
  expect((await openFile(world.actor, world.ws, withFile.id, withFile.content.attachments[0]!.id)).size).toBe(withFile.content.attachments[0]!.size);
  const larch = snapshots.find(({ content }) => content.group?.id === GROUPS.mergerRoom)!;
  expect(larch.content.group!.memberIds).toEqual([PEOPLE.backup.id, PEOPLE.priya.id].sort());
});

test("what was captured app-only is restored by an account of the tenant, comments too; the app-only connection says which to use", async () => {
  const plans = await listPlans(world.actor, world.ws);
  const snapshots = await Promise.all(plans.filter(({ groupId }) => groupId === GROUPS.marketing).map((plan) => getSnapshot(world.actor, world.ws, plan.lastSnapshot!.id)));
  const snapshot = snapshots.sort((a, b) => b.content.comments.length - a.content.comments.length)[0]!;
  await expect(asked(world, snapshot.id, connectionId, { kind: "in_place" })).rejects.toThrow(/only reads.*Choose a connection account/);
  expect((await restoreTargets(world.actor, world.ws, snapshot.id)).connections.map(({ kind }) => kind)).toEqual(["app_only"]);

  await connect(world, "backup");
  const account = await connect(world, "restore");
  await recheck();
  expect((await states())["restore.account"]).toBe("met");
  const restore = await restored(world, await restoreBeside(world, snapshot.id, account, GROUPS.marketing, "Back again", "quoted"));
  expect([restore.state, restore.problem]).toEqual(["verified", null]);
  expect(snapshot.content.comments.length).toBeGreaterThan(0);
  expect(world.simulator.requestLog.entries().filter(({ method, template }) => method === "POST" && template?.startsWith("/groups/{id}/threads")).length).toBeGreaterThan(0);
  const inPlace = await planned(world, await asked(world, snapshot.id, account, { kind: "in_place" }));
  expect(inPlace.plan!.operations).toEqual([]); // nothing differs: app-only read the same as the account sees
});

test.each(APP_ONLY_ROLES)("without %s the check says so, backups stop, and only an admin in this workspace brings it back", async (missing) => {
  await setRoles(APP_ONLY_ROLES.filter((role) => role !== missing));
  await recheck();
  const view = await getConnection(world.actor, world.ws, connectionId);
  expect(view.backupState).toBe("consent_missing");
  expect(view.requirements.find(({ id }) => id === "backup.scopes")).toMatchObject({ state: "unmet", items: [{ label: missing, detail: "Not granted" }] });
  expect(await appOnlyState()).toBe("lost");
  await setRoles(APP_ONLY_ROLES);
  await recheck();
  expect((await getConnection(world.actor, world.ws, connectionId)).backupState).toBe("consent_missing");
  expect(await grantAppOnly(world)).toMatchObject({ kind: "granted" });
  expect((await checked(world, connectionId)).backupState).toBe("active");
});

test("a consent that lacks a permission at the grant is refused, by name", async () => {
  const app = world.simulator.world.apps.get(APPS.appOnly.clientId)!;
  const all = app.requiredRoles;
  app.requiredRoles = all.filter((role) => role !== "Tasks.Read.All");
  expect(await grantAppOnly(world)).toMatchObject({ kind: "missing_scopes", missing: ["Tasks.Read.All"] });
  app.requiredRoles = all;
  expect(await grantAppOnly(world)).toMatchObject({ kind: "granted" });
  await checked(world, connectionId);
});

test("a consent that was removed stops backups with a reason", async () => {
  await control(world.simulator, "revoke-consent", { tenantId: CONTOSO.tenantId, clientId: APPS.appOnly.clientId });
  await recheck();
  expect(await states()).toMatchObject({ "backup.certificate": "met", "backup.consent": "unmet", "backup.scopes": "unknown", "backup.plans": "unknown" });
  expect(await appOnlyState()).toBe("lost");
  expect(await grantAppOnly(world)).toMatchObject({ kind: "granted" });
  expect((await checked(world, connectionId)).backupState).toBe("active");
});

test("a certificate that is not registered is the operator's matter: the consent is not called lost", async () => {
  const app = world.simulator.world.apps.get(APPS.appOnly.clientId)!;
  const registered = app.certificates;
  app.certificates = [];
  await recheck();
  expect(await states()).toMatchObject({ "backup.certificate": "unmet", "backup.consent": "unknown", "backup.token": "unknown" });
  expect(await appOnlyState()).toBe("granted");
  app.certificates = registered;
  await recheck();
  expect((await states())["backup.certificate"]).toBe("met");
});

test("a grant says nothing of another Microsoft tenant", async () => {
  await withWorkspace(world.ws, (tx) => tx.microsoftTenant.create({ data: { workspaceId: world.ws, id: crypto.randomUUID(), tid: FABRIKAM.tenantId, appOnlyProvenAt: new Date() } }));
  await expect(connectAppOnly(world.actor, world.ws, FABRIKAM.tenantId)).rejects.toMatchObject({ code: "consent_missing" });
  await expect(createConsentLink(world.actor, world.ws, "everything" as never)).rejects.toMatchObject({ code: "invalid_input" });
});
