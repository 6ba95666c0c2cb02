import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, type APIRequestContext, type Page } from "@playwright/test";
import { ask, callAction, fillIn, inventedIds, parametersOf, routesOf, serverActions, visible, type Ids } from "./isolation.support";
import { ALICE, APP, BACKUP, FIONA, PRIYA, connectAccount, control, grantConsent, newWorkspace, passMicrosoft, person, pickAccount, signIn } from "./support";

/**
 * Priya's workspace has one of everything. Fiona, of another company, has a workspace of her own and knows every id of
 * Priya's. Whatever she asks, she gets the answer that ids get which exist nowhere.
 */
test.describe.configure({ mode: "serial" });

const NAME = "Contoso behind the wall";
const POLICY = "Policy behind the wall";
const WORDS = [NAME, POLICY, "Pager behind the wall", "Key behind the wall", "Product launch", "press release", "Backup Account", BACKUP, "contoso.example"];
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

let priya: Page;
let fiona: Page;
let viewer: Page;
let anonymous: APIRequestContext;
let theirs: Ids = {};
let own = "";
/** An API key of Fiona's. */
let ownKey = "";
let tid = "";
let viewerId = "";
const actions = serverActions();

/** Runs an action as Priya would, and returns what came of it. */
async function asPriya(name: string, ...args: unknown[]) {
  return callAction(priya.request, actions.get(name)!, { ...inventedIds(theirs), workspaceId: theirs.workspaceId! }, args);
}
/** A page as the server sent it to Priya; data for the browser lies in it as JSON. */
const source = async (address: string): Promise<string> => (await (await priya.request.get(address)).text()).replaceAll('\\"', '"');
const idIn = (address: string | null): string => address!.match(UUID)!.at(-1)!;

const receiver = http.createServer((_request, response) => response.writeHead(204).end());
async function aReceiver(): Promise<string> {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
}
test.afterAll(() => void receiver.close());

test.beforeAll(async ({ browser, playwright }) => {
  await control("/reset", {});
  [priya, fiona, viewer] = [await person(browser), await person(browser), await person(browser)];
  anonymous = await playwright.request.newContext({ baseURL: APP });
});

test("a workspace gets one of everything", async () => {
  const workspaceId = await newWorkspace(priya, PRIYA, NAME);
  theirs = { workspaceId };
  await grantConsent(priya, workspaceId, "Backup", PRIYA);
  await grantConsent(priya, workspaceId, "Restore", PRIYA);
  theirs.connectionId = idIn(await connectAccount(priya, workspaceId, BACKUP));
  await priya.getByRole("button", { name: "Connect for restore" }).click();
  await pickAccount(priya, BACKUP);
  await passMicrosoft(priya);

  await priya.getByRole("link", { name: "Choose plans" }).click();
  await priya.getByRole("searchbox", { name: "Search groups and plans" }).fill("Product launch");
  await priya.getByRole("treeitem", { name: "Product launch" }).click();
  await priya.getByLabel("Policy name").fill(POLICY);
  await priya.getByRole("button", { name: "Save policy" }).click();
  await priya.waitForURL(/\/policies\/[0-9a-f-]{36}/);
  theirs.policyId = idIn(priya.url());
  await priya.getByRole("button", { name: "Back up now" }).click();
  await priya.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  theirs.runId = idIn(priya.url());
  await expect(priya.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });

  await priya.goto(`/w/${workspaceId}/plans`);
  await priya.getByRole("link", { name: /Product launch/ }).first().click();
  await priya.waitForURL(/\/plans\/[0-9a-f-]{36}/);
  theirs.planId = idIn(priya.url());
  await priya.getByRole("link", { name: "Open the newest" }).click();
  await priya.waitForURL(/\/snapshots\/[0-9a-f-]{36}$/);
  theirs.snapshotId = idIn(priya.url());
  const panel = priya.waitForRequest(/\/tasks\//);
  await priya.getByRole("button", { name: "Write the press release" }).click();
  theirs.taskId = (await panel).url().split("/tasks/")[1]!;
  const file = await priya.getByRole("dialog").getByRole("link", { name: /^Download / }).first().getAttribute("href");
  theirs.attachment = decodeURIComponent(file!.split("/files/")[1]!);

  const { tenants } = await control<{ tenants: { id: string; domain: string }[] }>("");
  tid = tenants.find((tenant) => tenant.domain === "contoso.example")!.id;
  const request = { tasks: "all", target: { kind: "in_place" }, addMembers: false, comments: "none" };
  const restore = await asPriya("createRestoreAction", workspaceId, { snapshotId: theirs.snapshotId, connectionId: theirs.connectionId, request, requestKey: "isolation-restore" });
  theirs.restoreId = idIn(restore.redirect);
  await priya.goto(`/w/${workspaceId}/storage`);
  await priya.getByRole("button", { name: /verify/i }).first().click();
  await expect(priya.getByText("Every one is there and unaltered.")).toBeVisible({ timeout: 60_000 });
  theirs.verificationId = /storage\/([0-9a-f-]{36})\/events/.exec(await source(`/w/${workspaceId}/storage`))![1]!;

  theirs.lossId = theirs.planId; // nothing was lost, so any id serves
  const channel = await asPriya("saveChannelAction", workspaceId, null, { kind: "webhook", name: "Pager behind the wall", url: await aReceiver(), events: [] });
  theirs.channelId = (channel.value as { id: string }).id;
  theirs.deliveryId = ((await asPriya("testChannelAction", workspaceId, theirs.channelId)).value as { id: string }).id;
  const invitation = (await asPriya("createInvitationAction", workspaceId, "viewer")).value as { id: string; link: string };
  await signIn(viewer, ALICE);
  await viewer.goto(invitation.link);
  await viewer.getByRole("button", { name: "Join workspace" }).click();
  await viewer.waitForURL(new RegExp(`/w/${workspaceId}`));
  theirs.invitationId = ((await asPriya("createInvitationAction", workspaceId, "operator")).value as { id: string }).id;
  theirs.linkId = ((await asPriya("createConsentLinkAction", workspaceId, "backup")).value as { id: string }).id;
  const members = await source(`/w/${workspaceId}/members`);
  theirs.memberId = /"id":"([0-9a-f-]{36})","name":"Priya/.exec(members)![1]!;
  viewerId = /"id":"([0-9a-f-]{36})","name":"Alice/.exec(members)![1]!;

  own = await newWorkspace(fiona, FIONA, "Fabrikam");
  const scopes = ["read:status", "read:content", "backup", "restore", "restore:remove", "manage"];
  theirs.keyId = ((await asPriya("createKeyAction", workspaceId, { name: "Key behind the wall", scopes, days: 1 })).value as { id: string }).id;
  ownKey = ((await callAction(fiona.request, actions.get("createKeyAction")!, { workspaceId: own }, [own, { name: "Own", scopes, days: 1 }])).value as { secret: string }).secret;
});

test("an address that is no UTF-8 is answered by a page of ours", async () => {
  for (const address of ["/%ff", "/w/%ff", `/w/${theirs.workspaceId}/plans/%c3`, "/api/v1/%ff"]) {
    const answer = await fiona.request.get(address);
    expect([answer.status(), (await answer.text()).includes("There is nothing at this address")], address).toEqual([404, true]);
  }
});

/** Public addresses, and what leads to Microsoft: they take no id of a workspace. */
const PUBLIC = new Set(["/", "/sign-in", "/welcome", "/consent/result", "/livez", "/readyz", "/api/auth/[...nextauth]", "/api/connect/callback", "/api/consent/callback", "/api/v1/[...path]"]);
/** A secret is the right itself; an id must not serve as one. */
const BY_SECRET = new Set(["/invite/[secret]", "/consent/[secret]"]);

test("every route answers for foreign ids as for ids that do not exist", async () => {
  const routes = routesOf().filter(({ pattern }) => !PUBLIC.has(pattern));
  expect(routes.length).toBeGreaterThan(20);
  for (const { pattern, kind } of routes) {
    const names = parametersOf(pattern);
    const secrets = { secret: theirs.invitationId! };
    const foreign: Ids = BY_SECRET.has(pattern) ? secrets : theirs;
    for (const name of names) expect(foreign[name], `${pattern}: a probe for [${name}]`).toBeDefined();
    const used = Object.fromEntries(names.map((name) => [name, foreign[name]!]));
    const malformed = Object.fromEntries(names.map((name) => [name, `${name}'";<x>`]));
    const silent = (raw: string, what: string) => {
      for (const word of WORDS) expect(raw.includes(word), `${pattern} ${what} says ${word}`).toBe(false);
    };
    const missing = (await ask(fiona.request, pattern, inventedIds(used))).answer;
    const tries: [what: string, ids: Ids, expected: typeof missing][] = [["with foreign ids", used, missing]];
    if (names.length > 1) {
      tries.push(["in the own workspace, with a foreign object", { ...used, workspaceId: own }, (await ask(fiona.request, pattern, { ...inventedIds(used), workspaceId: own })).answer]);
    }
    for (const [what, ids, expected] of tries) {
      const { answer, raw } = await ask(fiona.request, pattern, ids);
      expect(answer, `${pattern} ${what}`).toEqual(expected);
      silent(raw, what);
    }
    expect((await ask(fiona.request, pattern, malformed)).answer.status, `${pattern} with malformed ids`).toBe(missing.status);
    const nobody = await ask(anonymous, pattern, used);
    expect(nobody.answer, `${pattern} anonymously`).toEqual((await ask(anonymous, pattern, inventedIds(used))).answer);
    silent(nobody.raw, "anonymously");
    if (kind === "page" && !BY_SECRET.has(pattern)) {
      expect((await priya.request.get(fillIn(pattern, theirs))).status(), `${pattern} for those whose it is`).toBe(200);
    }
  }
});

test("the page about the installation is not there for others, and tells its operators ids and counts without a word of anybody", async () => {
  expect((await fiona.request.get("/operator")).status()).toBe(404);
  const page = await (await priya.request.get("/operator")).text();
  expect(page).toContain(theirs.workspaceId!);
  expect(WORDS.filter((word) => page.includes(word))).toEqual([]);
});

test("the API answers a key for foreign ids as for ids that do not exist, and a cookie or nothing not at all", async () => {
  const routes = routesOf().filter(({ pattern }) => pattern.startsWith("/api/v1/") && !PUBLIC.has(pattern) && pattern !== "/api/v1/openapi.json");
  expect(routes.length).toBeGreaterThan(20);
  const withKey = { authorization: `Bearer ${ownKey}` };
  for (const { pattern } of routes) {
    for (const method of ["get", "post", "put", "patch", "delete"] as const) {
      const answer = async (ids: Ids, headers: Record<string, string>, client = anonymous) => {
        const response = await client[method](fillIn(pattern, ids), { headers, ...(method === "get" ? {} : { data: { planHash: "hash", enabled: false } }) });
        return { status: response.status(), body: await response.text() };
      };
      const foreign = await answer(theirs, withKey);
      expect(foreign, `${method} ${pattern}`).toEqual(await answer(inventedIds(theirs), withKey));
      if (parametersOf(pattern).length > 0) expect([400, 404, 405], `${method} ${pattern}`).toContain(foreign.status);
      for (const word of WORDS) expect(foreign.body.includes(word), `${method} ${pattern} says ${word}`).toBe(false);
      expect([401, 405], `${method} ${pattern} by a cookie`).toContain((await answer(theirs, {}, priya.request)).status);
      expect([401, 405], `${method} ${pattern} by nobody`).toContain((await answer(theirs, {})).status);
    }
  }
});

/** Arguments of each action that aim at one thing of a workspace; `object` names what else than the workspace it aims at. */
const selection = { groups: [{ groupId: "11111111-1111-4111-8111-111111111111", planIds: ["x"], includeNew: false }] };
const request = { tasks: "all", target: { kind: "in_place" }, addMembers: false, comments: "none" };
const AIMS: Record<string, { args: (ids: Ids) => unknown[]; object?: true; everybody?: true }> = {
  startConnectAction: { args: (i) => [i.workspaceId, "restore", i.tid, i.connectionId], object: true },
  connectForRestoreAction: { args: (i) => [i.workspaceId, i.connectionId, i.tid], object: true },
  connectAppOnlyAction: { args: (i) => [i.workspaceId, i.tid] },
  recheckConnectionAction: { args: (i) => [i.workspaceId, i.connectionId], object: true },
  removeWriteAccessAction: { args: (i) => [i.workspaceId, i.connectionId], object: true },
  setExtrasAction: { args: (i) => [i.workspaceId, i.connectionId, true], object: true },
  acceptEmptyAction: { args: (i) => [i.workspaceId, i.planId], object: true },
  releaseHoldAction: { args: (i) => [i.workspaceId, i.planId, i.lossId], object: true },
  removeConnectionAction: { args: (i) => [i.workspaceId, i.connectionId], object: true },
  startConsentAction: { args: (i) => [i.workspaceId, "backup"] },
  createConsentLinkAction: { args: (i) => [i.workspaceId, "backup"] },
  revokeConsentLinkAction: { args: (i) => [i.workspaceId, i.linkId], object: true },
  createInvitationAction: { args: (i) => [i.workspaceId, "viewer"] },
  revokeInvitationAction: { args: (i) => [i.workspaceId, i.invitationId], object: true },
  changeRoleAction: { args: (i) => [i.workspaceId, i.memberId, "admin"], object: true },
  changeGroupsAction: { args: (i) => [i.workspaceId, i.memberId, ["11111111-1111-4111-8111-111111111111"]], object: true },
  transferOwnershipAction: { args: (i) => [i.workspaceId, i.memberId], object: true },
  removeMemberAction: { args: (i) => [i.workspaceId, i.memberId, false], object: true },
  renameWorkspaceAction: { args: (i) => [i.workspaceId, "Taken"] },
  requestDeletionAction: { args: (i) => [i.workspaceId, NAME] },
  cancelDeletionAction: { args: (i) => [i.workspaceId] },
  savePolicyAction: { args: (i) => [i.workspaceId, i.policyId, { name: "Taken", connectionId: i.connectionId, selection, schedule: { kind: "manual" }, keepCount: null, keepDays: null }], object: true },
  previewRetentionAction: { args: (i) => [i.workspaceId, i.policyId, { keepCount: 1, keepDays: null }], object: true },
  setPolicyEnabledAction: { args: (i) => [i.workspaceId, i.policyId, false], object: true },
  removePolicyAction: { args: (i) => [i.workspaceId, i.policyId], object: true },
  startRunAction: { args: (i) => [i.workspaceId, i.policyId, "isolation-run"], object: true },
  saveDrillsAction: { args: (i) => [i.workspaceId, i.policyId, { schedule: { kind: "manual" }, groupId: selection.groups[0]!.groupId, planId: null }], object: true },
  startDrillAction: { args: (i) => [i.workspaceId, i.policyId, "isolation-drill"], object: true },
  retryRemovalAction: { args: (i) => [i.workspaceId, i.restoreId], object: true },
  cancelRunAction: { args: (i) => [i.workspaceId, i.runId], object: true },
  createRestoreAction: { args: (i) => [i.workspaceId, { snapshotId: i.snapshotId, connectionId: i.connectionId, request, requestKey: "isolation-restore" }], object: true },
  runRestoreAction: { args: (i) => [i.workspaceId, i.restoreId, "hash"], object: true },
  undoRestoreAction: { args: (i) => [i.workspaceId, i.restoreId, "isolation-undo"], object: true },
  resumeRestoreAction: { args: (i) => [i.workspaceId, i.restoreId], object: true },
  cancelRestoreAction: { args: (i) => [i.workspaceId, i.restoreId], object: true },
  saveChannelAction: { args: (i) => [i.workspaceId, i.channelId, { kind: "webhook", name: "Taken", url: "https://hooks.example/", events: [] }], object: true },
  removeChannelAction: { args: (i) => [i.workspaceId, i.channelId], object: true },
  testChannelAction: { args: (i) => [i.workspaceId, i.channelId], object: true },
  createKeyAction: { args: (i) => [i.workspaceId, { name: "Taken", scopes: ["read:status"], days: 1 }] },
  revokeKeyAction: { args: (i) => [i.workspaceId, i.keyId], object: true },
  setNamesInMessagesAction: { args: (i) => [i.workspaceId, true] },
  verifyActivityAction: { args: (i) => [i.workspaceId, ""] },
  rotateKeysAction: { args: (i) => [i.workspaceId] },
  startVerificationAction: { args: (i) => [i.workspaceId] },
  rebuildSearchAction: { args: (i) => [i.workspaceId] },
  startMoveAction: { args: (i) => [i.workspaceId, "files"] },
  cancelMoveAction: { args: (i) => [i.workspaceId, i.verificationId], object: true },
  removeOldCopiesAction: { args: (i) => [i.workspaceId, i.verificationId], object: true },
  saveOwnStoreAction: { args: (i) => [i.workspaceId, null, { driver: "s3", bucket: "taken", region: "eu-central-1", endpoint: "", keyId: "k", secret: "s", lockDays: null }] },
  removeOwnStoreAction: { args: (i) => [i.workspaceId, i.verificationId], object: true },
  cancelVerificationAction: { args: (i) => [i.workspaceId, i.verificationId], object: true },
  acceptInvitationAction: { args: (i) => [i.invitationId], everybody: true },
  startConsentFromLinkAction: { args: (i) => [i.linkId], everybody: true },
};
/** They name no workspace. */
const AIMLESS = ["createWorkspaceAction", "previewScheduleAction"];

test("every action is refused: with foreign ids, by a viewer, and by nobody; nothing changes", async () => {
  expect([...actions.keys()].sort()).toEqual([...Object.keys(AIMS), ...AIMLESS].sort());
  const w = `/w/${theirs.workspaceId}`;
  const pages = [w, ...["consent", "members", "policies", "runs", "restores", "storage", "connections", "plans", "notifications", "api-keys"].map((page) => `${w}/${page}`),
    `${w}/connections/new`, `${w}/connections/${theirs.connectionId}`, `${w}/policies/${theirs.policyId}`, `${w}/restores/${theirs.restoreId}`];
  // What the worker does by itself after the first backup is done.
  await expect(async () => {
    const seen = await visible(priya, [`${w}/restores`, `${w}/storage`]);
    expect(seen[`${w}/restores`]).not.toMatch(/preparing|planning/i);
    for (const done of [/Last looked through/, /Last copied into storage/]) expect(seen[`${w}/storage`]).toMatch(done);
  }).toPass();
  const before = await visible(priya, pages);

  for (const [name, { args, object, everybody }] of Object.entries(AIMS)) {
    const action = actions.get(name)!;
    const full: Ids = { ...theirs, tid };
    const invented = { ...inventedIds(full), tid };
    const page = { ...invented, workspaceId: own, secret: "none" };
    const nowhere = await callAction(fiona.request, action, page, args(invented));
    expect(nowhere, name).toMatchObject({ ok: false, code: "not_found", redirect: null });
    expect(await callAction(fiona.request, action, page, args(full)), `${name} with foreign ids`).toEqual(nowhere);
    if (object) {
      const unknown = await callAction(fiona.request, action, page, args({ ...invented, workspaceId: own }));
      expect(unknown.ok, `${name} on an unknown thing`).toBe(false);
      expect(await callAction(fiona.request, action, page, args({ ...full, workspaceId: own })), `${name}: own workspace, foreign object`).toEqual(unknown);
    }
    if (everybody) continue;
    const there = { ...page, workspaceId: theirs.workspaceId! };
    expect(await callAction(viewer.request, action, there, args(full)), `${name} by a viewer`).toMatchObject({ ok: false, code: "forbidden", redirect: null });
    expect((await callAction(anonymous, action, there, args(full))).redirect, `${name} by nobody`).toMatch(/^\/sign-in/);
  }
  for (const name of AIMLESS) expect((await callAction(anonymous, actions.get(name)!, { workspaceId: own, policyId: own }, ["x"])).redirect).toMatch(/^\/sign-in/);
  expect(await visible(priya, pages)).toEqual(before);
});

test("an action from another site is refused, and no GET runs one", async () => {
  const rename = actions.get("renameWorkspaceAction")!;
  const page = { workspaceId: theirs.workspaceId! };
  for (const origin of ["https://evil.example", "null", "http://localhost:1"]) {
    const answer = await callAction(priya.request, rename, page, [theirs.workspaceId, "Taken"], origin);
    expect(answer.ok, `Origin ${origin}`).not.toBe(true);
    expect(answer.status, `Origin ${origin}`).toBeGreaterThanOrEqual(400);
  }
  await priya.request.get(fillIn(rename.page, page), { headers: { "next-action": rename.id } });
  await priya.request.get("/api/auth/signout");
  await priya.goto(`/w/${theirs.workspaceId}/members`);
  await expect(priya.getByText(NAME).first()).toBeVisible(); // still signed in, still its name
});

test("headers: a policy with a fresh nonce, no sniffing, no frames, no referrer, no shared cache", async () => {
  const w = `/w/${theirs.workspaceId}`;
  const nonces = new Set<string>();
  for (const address of ["/", w, `${w}/members`, `/w/${own}`]) {
    const headers = (await priya.request.get(address)).headers();
    const policy = headers["content-security-policy"] ?? "";
    nonces.add(/'nonce-([^']{20,})'/.exec(policy)?.[1] ?? "");
    for (const part of ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"]) expect(policy).toContain(part);
    expect(/script-src[^;]*/.exec(policy)![0]).not.toMatch(/unsafe/);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer" });
    expect(headers["cache-control"]).toMatch(/no-store/);
    expect(headers["x-powered-by"]).toBeUndefined();
  }
  expect(nonces.size).toBe(4);
  for (const address of ["files/[...attachment]", "export?format=zip"]) {
    const answer = await priya.request.get(fillIn(`${w}/snapshots/[snapshotId]/${address}`, theirs));
    const file = answer.headers();
    expect(answer.status()).toBe(200);
    expect(file["content-disposition"]).toMatch(/^attachment/);
    expect(file["content-security-policy"]).toContain("sandbox");
    expect(file["content-type"]).toBe("application/octet-stream");
  }
  const cookies = (await priya.context().cookies()).filter((cookie) => cookie.name.includes("session"));
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
});

test("live pages end when a right or a session ends", async () => {
  const stream = `/api/w/${theirs.workspaceId}/connections/${theirs.connectionId}/events`;
  const open = () => viewer.evaluate((address) => fetch(address).then(async (answer) => {
    const reader = answer.body!.getReader();
    await reader.read();
    document.title = "listening";
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += new TextDecoder().decode(part.value);
    return text;
  }), stream);
  const ending = open();
  await expect(viewer).toHaveTitle("listening");
  expect(await asPriya("removeMemberAction", theirs.workspaceId, viewerId, false)).toMatchObject({ ok: true });
  expect(await ending).toContain("event: end");
});
