import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, type Page } from "@playwright/test";
import { flaws } from "./axe.support";
import { callAction, fillIn, routesOf, serverActions, type Ids } from "./isolation.support";
import { ALICE, BACKUP, PRIYA, connectAccount, connectForRestore, control, grantConsent, newWorkspace, person, signIn } from "./support";

/** Every page, with real content: what axe finds, and what it cannot see (e2e/axe.support.ts). PLANBACK_SHOTS=1 leaves pictures in .data/shots. */

interface Visit {
  name: string;
  /** The folder of app/ whose page it is, as Next names it. */
  page: string;
  query?: (ids: Ids) => string;
  /** Other ids than those of the workspace with content. */
  ids?: (ids: Ids) => Ids;
  who?: "nobody" | "viewer";
  /** Waits for the content, or opens something; else the page's h1 is enough. */
  ready?: (page: Page) => Promise<unknown>;
}

const inEmpty = (ids: Ids): Ids => ({ ...ids, workspaceId: ids.emptyId! });
const inDialog = (name: RegExp | string) => async (page: Page) => {
  await page.getByRole("button", { name }).first().click();
  await page.getByRole("dialog").waitFor();
};
const W = "/w/[workspaceId]";

const VISITS: Record<string, Visit[]> = {
  "signed out": [
    { name: "landing", page: "/", who: "nobody" },
    { name: "sign-in", page: "/sign-in", who: "nobody" },
    { name: "sign-in refused", page: "/sign-in", who: "nobody", query: () => "error=Callback" },
    { name: "invitation", page: "/invite/[secret]", who: "nobody", ids: (ids) => ({ secret: ids.invitation! }) },
    { name: "invitation unknown", page: "/invite/[secret]", ids: () => ({ secret: "A".repeat(43) }) },
    { name: "invitation accept", page: "/invite/[secret]", ids: (ids) => ({ secret: ids.invitation! }), who: "viewer" },
    { name: "consent link", page: "/consent/[secret]", who: "nobody", ids: (ids) => ({ secret: ids.consentLink! }) },
    { name: "consent result", page: "/consent/result", query: (ids) => `outcome=granted&workspace=${ids.workspaceId}` },
    { name: "consent failed", page: "/consent/result", who: "nobody", query: () => "outcome=failed&id=00000000-0000-4000-8000-000000000000", ready: (page) => page.getByText("Error id for the operator: 00000000-0000-4000-8000-000000000000").waitFor() },
    { name: "help", page: "/help", who: "nobody" },
    { name: "help account", page: "/help/account", who: "nobody" },
    { name: "help app-only", page: "/help/app-only", who: "nobody" },
    { name: "help approval", page: "/help/approval", who: "nobody" },
    { name: "help permissions", page: "/help/permissions", who: "nobody" },
    { name: "help api", page: "/help/api", who: "nobody", ready: (page) => page.locator("details").evaluateAll((all) => all.slice(0, 12).forEach((each) => each.setAttribute("open", ""))) },
    { name: "help restore", page: "/help/restore", who: "nobody" },
  ],
  "at the door": [
    { name: "workspaces", page: "/" },
    { name: "welcome", page: "/welcome" },
    { name: "sign in again", page: "/sign-in/again" },
    { name: "installation", page: "/operator" },
    { name: "overview empty", page: W, ids: inEmpty },
    { name: "plans empty", page: `${W}/plans`, ids: inEmpty },
    { name: "consent none", page: `${W}/consent`, ids: inEmpty },
    { name: "connections none", page: `${W}/connections`, ids: inEmpty },
    { name: "connection new", page: `${W}/connections/new` },
    { name: "policies none", page: `${W}/policies`, ids: inEmpty },
    { name: "search none", page: `${W}/search`, ids: inEmpty },
    { name: "not found", page: `${W}/plans/[planId]`, ids: inEmpty },
    { name: "not allowed", page: `${W}/activity`, who: "viewer", ready: (page) => page.getByRole("heading", { name: "Your role does not allow this" }).waitFor() },
  ],
  "what is protected": [
    { name: "overview", page: W, ready: async (page) => {
      await page.getByRole("region", { name: "Storage" }).scrollIntoViewIfNeeded();
      await page.locator("svg.recharts-surface").waitFor();
    } },
    { name: "consent", page: `${W}/consent` },
    { name: "connections", page: `${W}/connections` },
    { name: "connection", page: `${W}/connections/[connectionId]` },
    { name: "policies", page: `${W}/policies` },
    { name: "policy", page: `${W}/policies/[policyId]`, ready: (page) => page.getByRole("treeitem").first().waitFor() },
    { name: "policy new", page: `${W}/policies/new`, query: (ids) => `connection=${ids.connectionId}`, ready: (page) => page.getByRole("treeitem").first().waitFor() },
    { name: "runs", page: `${W}/runs` },
    { name: "run", page: `${W}/runs/[runId]` },
    { name: "storage", page: `${W}/storage` },
    { name: "storage of one's own", page: `${W}/storage`, ready: inDialog("Add a storage of your own") },
  ],
  "what was kept": [
    { name: "plans", page: `${W}/plans` },
    { name: "history", page: `${W}/plans/[planId]` },
    { name: "history of a task", page: `${W}/plans/[planId]`, query: (ids) => `item=${ids.goneTask}` },
    { name: "life of a task", page: `${W}/plans/[planId]/tasks/[taskId]`, ids: (ids) => ({ ...ids, taskId: ids.goneTask! }) },
    { name: "compare", page: `${W}/plans/[planId]/compare`, query: (ids) => `from=${ids.olderId}&to=${ids.snapshotId}`, ready: (page) => page.getByRole("tree").waitFor() },
    { name: "compare same", page: `${W}/plans/[planId]/compare`, query: (ids) => `from=${ids.olderId}&to=${ids.olderId}` },
    { name: "search", page: `${W}/search`, query: () => "q=press", ready: (page) => page.getByRole("main").getByRole("listitem").first().waitFor() },
    { name: "search nothing", page: `${W}/search`, query: () => "q=zzzz" },
  ],
  "a snapshot": [
    { name: "board", page: `${W}/snapshots/[snapshotId]` },
    { name: "board selected", page: `${W}/snapshots/[snapshotId]`, query: () => "group=assignee", ready: async (page) => {
      await page.getByRole("checkbox").first().check();
      await page.getByRole("region", { name: "Selection" }).waitFor();
    } },
    { name: "grid", page: `${W}/snapshots/[snapshotId]`, query: () => "view=grid" },
    { name: "schedule", page: `${W}/snapshots/[snapshotId]`, query: () => "view=schedule" },
    { name: "charts", page: `${W}/snapshots/[snapshotId]`, query: () => "view=charts", ready: (page) => page.locator("svg.recharts-surface").first().waitFor() },
    { name: "task", page: `${W}/snapshots/[snapshotId]`, ids: (ids) => ({ ...ids, snapshotId: ids.olderId! }), query: (ids) => `task=${ids.goneTask}`, ready: (page) => page.getByRole("dialog").getByText("Lead with the customer's problem").waitFor() },
    { name: "print", page: `${W}/snapshots/[snapshotId]/print` },
  ],
  "restores": [
    { name: "restore form", page: `${W}/snapshots/[snapshotId]/restore`, ids: (ids) => ({ ...ids, snapshotId: ids.olderId! }), query: (ids) => `tasks=${ids.goneTask}&where=in_place`, ready: (page) => page.getByRole("treeitem").first().waitFor() },
    { name: "restore elsewhere", page: `${W}/snapshots/[snapshotId]/restore`, query: () => "where=new_group" },
    { name: "restores", page: `${W}/restores` },
    { name: "preview", page: `${W}/restores/[restoreId]`, ids: (ids) => ({ ...ids, restoreId: ids.previewId! }), ready: (page) => page.getByText("Preview ready").waitFor() },
    { name: "report", page: `${W}/restores/[restoreId]`, ready: (page) => page.getByRole("region", { name: "Report" }).waitFor() },
  ],
  "people and words": [
    { name: "members", page: `${W}/members` },
    { name: "groups of a member", page: `${W}/members`, ready: inDialog(/^Groups that .* sees/) },
    { name: "delete workspace", page: `${W}/members`, ready: inDialog("Delete workspace…") },
    { name: "notifications", page: `${W}/notifications` },
    { name: "channel", page: `${W}/notifications`, ready: inDialog("Add channel") },
    { name: "api keys", page: `${W}/api-keys` },
    { name: "api key", page: `${W}/api-keys`, ready: inDialog("Make API key") },
    { name: "activity", page: `${W}/activity` },
  ],
};

/** Where forms are looked at that only somebody gets who has just signed in. */
const FRESH = new Set(["what is protected", "people and words"]);

// Recording every step would take longer than looking.
test.use({ trace: "off", screenshot: "off" });

const actions = serverActions();
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const ids: Ids = {};
const people: Partial<Record<"priya" | "viewer" | "nobody", Page>> = {};
const hook = http.createServer((_request, response) => response.writeHead(204).end());

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  Object.assign(people, { priya: await person(browser), viewer: await person(browser), nobody: await person(browser) });
  await makeContent(people.priya!, people.viewer!);
});
test.afterAll(() => void hook.close());

test("every page of the application is visited", () => {
  const visited = new Set(Object.values(VISITS).flat().map(({ page }) => page));
  expect(routesOf().filter(({ kind, pattern }) => kind === "page" && !visited.has(pattern))).toEqual([]);
});

for (const [group, visits] of Object.entries(VISITS)) {
  test(`accessible in light and dark, wide, narrow and zoomed: ${group}`, async () => {
    const found: string[] = [];
    if (FRESH.has(group)) {
      await people.priya!.context().clearCookies(); // Microsoft's too: else it is the old sign-in
      await signIn(people.priya!, PRIYA);
    }
    for (const { name, page: pattern, query, ids: other, who, ready } of visits) {
      const page = people[who ?? "priya"]!;
      const path = fillIn(pattern, other?.(ids) ?? ids);
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(query ? `${path}?${query(ids)}` : path);
      await page.locator("h1").first().waitFor(); // an open dialog hides it from roles
      await ready?.(page);
      expect(new URL(page.url()).pathname, `${name} is shown`).toBe(path);
      found.push(...(await flaws(page, name)));
    }
    expect(found).toEqual([]);
  });
}

/** A workspace with one of everything, by few clicks: what a page does with an action is asked for as the page asks. */
async function makeContent(page: Page, viewer: Page): Promise<void> {
  const act = async (name: string, ...args: unknown[]) => {
    const answer = await callAction(page.request, actions.get(name)!, Object.fromEntries(Object.entries(ids)), args);
    if (answer.ok === false) throw new Error(`${name}: ${answer.message}`);
    return answer;
  };
  const idIn = (address: string | null): string => address!.match(UUID)!.at(-1)!;
  const source = async (address: string): Promise<string> => (await (await page.request.get(address)).text()).replaceAll('\\"', '"');

  ids.emptyId = await newWorkspace(page, PRIYA, "Nothing yet");
  ids.workspaceId = ids.emptyId;
  ids.consentLink = ((await act("createConsentLinkAction", ids.emptyId, "backup")).value as { link: string }).link.split("/").at(-1)!;
  ids.workspaceId = idIn((await act("createWorkspaceAction", "Contoso")).redirect);
  const [ws, base] = [ids.workspaceId, `/w/${ids.workspaceId}`];
  await grantConsent(page, ws, "Backup", PRIYA);
  await grantConsent(page, ws, "Restore", PRIYA);
  ids.connectionId = idIn(await connectAccount(page, ws, BACKUP));
  await connectForRestore(page, BACKUP);

  const { tenants } = await control<{ tenants: { domain: string; groups: { id: string; displayName: string; plans: { id: string; title: string; url: string }[] }[] }[] }>("");
  const marketing = tenants.flatMap(({ groups }) => groups).find(({ displayName }) => displayName === "Marketing")!;
  const launch = marketing.plans.find(({ title }) => title === "Product launch")!;
  const campaign = marketing.plans.find(({ title }) => title === "Autumn campaign")!;
  const selection = { groups: [{ groupId: marketing.id, planIds: [launch.id, campaign.id], includeNew: true }] };
  ids.policyId = idIn((await act("savePolicyAction", ws, null, { name: "Marketing, every night", connectionId: ids.connectionId, selection, schedule: { kind: "daily", at: "02:30", timeZone: "Europe/Berlin" }, keepCount: 30, keepDays: null })).redirect);
  const backUp = async () => {
    ids.runId = idIn((await act("startRunAction", ws, ids.policyId, `axe-${Date.now()}`)).redirect);
    await page.goto(`${base}/runs/${ids.runId}`);
    await expect(page.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
    return idIn(await page.getByRole("region", { name: "Plans of this run" }).getByRole("link", { name: "Product launch" }).getAttribute("href"));
  };
  ids.olderId = await backUp();
  const tasks = await page.request.get(launch.url).then((answer) => answer.text());
  await changePlan(page, launch);
  ids.snapshotId = await backUp();
  ids.planId = /plans\/([0-9a-f-]{36})"[^>]*>Product launch/.exec(await source(`${base}/snapshots/${ids.snapshotId}`))?.[1] ?? "";
  ids.goneTask = /task\/([\w-]{20,40})[^>]*>\s*Write the press release/.exec(tasks)?.[1] ?? "";

  const request = { target: { kind: "in_place" }, addMembers: false, comments: "quoted" };
  for (const [name, tasks] of [["previewId", "all"], ["restoreId", [ids.goneTask]]] as const) {
    ids[name] = idIn((await act("createRestoreAction", ws, { snapshotId: ids.olderId, connectionId: ids.connectionId, request: { ...request, tasks }, requestKey: `axe-${name}` })).redirect);
  }
  await page.goto(`${base}/restores/${ids.restoreId}`);
  await page.getByRole("button", { name: "Restore 1 task", exact: true }).click({ timeout: 60_000 });
  await expect(page.getByRole("region", { name: "Report" })).toBeVisible({ timeout: 90_000 });
  await act("startVerificationAction", ws);

  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/planback`;
  const channel = (await act("saveChannelAction", ws, null, { kind: "webhook", name: "Pager of the night shift", url, events: ["backup.failed", "plan.loss"] })).value as { id: string };
  await act("testChannelAction", ws, channel.id);
  for (const name of ["Nightly report", "Old dashboard"]) ids.keyId = ((await act("createKeyAction", ws, { name, scopes: ["read:status", "backup"], days: 90 })).value as { id: string }).id;
  await act("revokeKeyAction", ws, ids.keyId);
  const invite = async (role: string) => ((await act("createInvitationAction", ws, role)).value as { link: string }).link;
  await signIn(viewer, ALICE);
  await viewer.goto(await invite("viewer"));
  await viewer.getByRole("button", { name: "Join workspace" }).click();
  await viewer.waitForURL(new RegExp(base));
  ids.invitation = (await invite("operator")).split("/").at(-1)!;
}

/** Somebody works in the plan: a task goes, one is renamed, and one comes whose name does not break. */
async function changePlan(page: Page, plan: { id: string; url: string }): Promise<void> {
  const open = async (title: string) => {
    await page.goto(plan.url);
    await page.getByRole("link", { name: title, exact: true }).first().click();
  };
  await open("Write the press release");
  await page.getByRole("button", { name: "Delete task" }).click();
  await open("Book the venue in Lisbon");
  await page.getByLabel("Task name").fill("Book the venue in Porto");
  await page.getByRole("button", { name: "Rename task" }).click();
  await control("/add-tasks", { planId: plan.id, title: `Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikantenverband_${"x".repeat(80)}` });
}
