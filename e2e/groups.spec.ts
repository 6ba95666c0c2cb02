import { expect, test, type Page } from "@playwright/test";
import { ask, callAction, inventedIds, parametersOf, routesOf, serverActions, type Ids } from "./isolation.support";
import { ALICE, BACKUP, PRIYA, connectAccount, grantConsent, control, newWorkspace, person, signIn } from "./support";

/** A member who may see some groups only: what belongs to others is not there, whichever way it is asked for. */
test.describe.configure({ mode: "serial" });

const HIDDEN = ["Product launch", "press release"];
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const lastId = (address: string): string => address.match(uuid)!.at(-1)!;

let priya: Page;
let alice: Page;
let w = "";
let run = "";
/** Of the plan that Alice will not see. */
const hidden: Ids = {};

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  [priya, alice] = [await person(browser), await person(browser)];
});

test("plans of two groups are backed up, and Alice joins as an operator who sees both", async () => {
  hidden.workspaceId = await newWorkspace(priya, PRIYA, "Groups of Contoso");
  w = `/w/${hidden.workspaceId}`;
  await grantConsent(priya, hidden.workspaceId, "Backup", PRIYA);
  const connection = await connectAccount(priya, hidden.workspaceId, BACKUP);
  await priya.goto(connection);
  await priya.getByRole("link", { name: "Choose plans" }).click();
  const search = priya.getByRole("searchbox", { name: "Search groups and plans" });
  await search.fill("Product launch");
  await priya.getByRole("treeitem", { name: "Product launch" }).click();
  await search.fill("Finance");
  await expect(priya.getByRole("treeitem", { level: 1 }).first()).toContainText("Finance"); // the list follows the typing a moment later
  await priya.getByRole("treeitem", { level: 2 }).first().click();
  await priya.getByLabel("Policy name").fill("Two groups");
  await priya.getByRole("button", { name: "Save policy" }).click();
  await priya.waitForURL(/\/policies\/[0-9a-f-]{36}/);
  await priya.getByRole("button", { name: "Back up now" }).click();
  await priya.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  run = priya.url();
  await expect(priya.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 120_000 });

  await priya.goto(`${w}/plans`);
  await priya.getByRole("main").getByRole("link", { name: /Product launch/ }).first().click();
  await priya.waitForURL(/\/plans\/[0-9a-f-]{36}/);
  hidden.planId = lastId(priya.url());
  await priya.getByRole("link", { name: "Open the newest" }).click();
  await priya.waitForURL(/\/snapshots\/[0-9a-f-]{36}$/);
  hidden.snapshotId = lastId(priya.url());
  const panel = priya.waitForRequest(/\/tasks\//);
  await priya.getByRole("button", { name: "Write the press release" }).click();
  hidden.taskId = (await panel).url().split("/tasks/")[1]!;
  const file = await priya.getByRole("dialog").getByRole("link", { name: /^Download / }).first().getAttribute("href");
  hidden.attachment = decodeURIComponent(file!.split("/files/")[1]!);

  await priya.goto(`${w}/members`);
  await priya.getByRole("combobox", { name: "Role" }).first().selectOption("operator");
  await priya.getByRole("button", { name: "Make invitation link" }).click();
  const link = await priya.getByLabel("Invitation link").inputValue();
  await signIn(alice, ALICE);
  await alice.goto(link);
  await alice.getByRole("button", { name: "Join workspace" }).click();
  await alice.waitForURL(new RegExp(w));
  await alice.goto(`${w}/plans`);
  await expect(alice.getByRole("main").getByRole("link")).toHaveCount(2);
});

test("the owner chooses one group for her, with the keyboard", async () => {
  await priya.goto(`${w}/members`);
  const opener = priya.getByRole("button", { name: "Groups that Alice Meyer sees: All groups" });
  await opener.focus();
  await priya.keyboard.press("Enter");
  const dialog = priya.getByRole("dialog", { name: "Groups that Alice Meyer sees" });
  await dialog.getByRole("radio", { name: "All groups" }).focus();
  await priya.keyboard.press("ArrowDown");
  await expect(dialog.getByRole("radio", { name: "Only these groups" })).toBeFocused(); // a moment after the key
  await priya.keyboard.press("Space");
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  await dialog.getByRole("searchbox", { name: "Search groups" }).fill("financ");
  await expect(dialog.getByRole("status")).toContainText("1 group found");
  await dialog.getByRole("checkbox", { name: /^Finance/ }).focus();
  await priya.keyboard.press("Space");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(priya.getByRole("button", { name: "Groups that Alice Meyer sees: 1 group" })).toBeVisible();
  await expect(priya.getByRole("region", { name: "What each role may do" }).getByRole("row", { name: /Delete the workspace yes no no no/ })).toBeVisible();
});

test("at her next request she sees one plan, in lists, search, runs and numbers", async () => {
  await alice.reload();
  await expect(alice.getByRole("main").getByRole("link")).toHaveCount(1);
  await expect(alice.getByText(/You see the plans of some groups/)).toBeVisible();
  await expect(async () => {
    await priya.goto(`${w}/search?q=press`);
    await expect(priya.getByRole("link", { name: "Write the press release", exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await alice.goto(run);
  await expect(alice.getByText("Complete", { exact: true }).first()).toBeVisible();
  for (const address of ["", "/plans", "/search?q=press", "/runs", "/restores", "/policies", "/notifications", "/members", "/connections", `/runs/${lastId(run)}`]) {
    await alice.goto(w + address);
    await expect(alice.getByRole("heading", { level: 1 })).toBeVisible();
    const html = await (await alice.request.get(w + address)).text();
    for (const word of HIDDEN) expect(html.includes(word), `${address} says ${word}`).toBe(false);
  }
});

test("every address and action of the other plan answers as if there were none", async () => {
  // The API takes keys only; api.integration.test.ts has the groups of those who made them.
  const routes = routesOf().filter(({ pattern }) => !pattern.startsWith("/api/v1/") && parametersOf(pattern).some((name) => name === "planId" || name === "snapshotId"));
  expect(routes.length).toBeGreaterThan(9);
  for (const { pattern, kind } of routes) {
    const invented = { ...inventedIds(hidden), workspaceId: hidden.workspaceId! };
    const { answer, raw } = await ask(alice.request, pattern, hidden);
    expect(answer, pattern).toEqual((await ask(alice.request, pattern, invented)).answer);
    for (const word of HIDDEN) expect(raw.includes(word), `${pattern} says ${word}`).toBe(false);
    if (kind === "route") expect(answer.status, pattern).toBe(404);
    if (kind === "page") expect((await ask(priya.request, pattern, hidden)).answer.status, `${pattern} for who sees it`).toBe(200);
  }
  const request = { tasks: "all", target: { kind: "in_place" }, addMembers: false, comments: "none" };
  const input = { snapshotId: hidden.snapshotId, connectionId: hidden.planId, request, requestKey: "groups-restore" };
  expect(await callAction(alice.request, serverActions().get("createRestoreAction")!, hidden, [hidden.workspaceId, input])).toMatchObject({ ok: false, code: "not_found" });
  await alice.goto(`${w}/plans/${hidden.planId}`);
  await expect(alice.getByRole("heading", { level: 1 })).toContainText(/not|no access/i);
});

test("given all groups again she sees both, and the activity log has it", async () => {
  await priya.goto(`${w}/members`);
  await priya.getByRole("button", { name: "Groups that Alice Meyer sees: 1 group" }).click();
  await priya.getByRole("radio", { name: "All groups" }).click();
  await priya.getByRole("button", { name: "Save" }).click();
  await expect(priya.getByRole("button", { name: "Groups that Alice Meyer sees: All groups" })).toBeVisible();
  await alice.goto(`${w}/plans/${hidden.planId}`);
  await expect(alice.getByRole("heading", { level: 1 })).toHaveText("Product launch");
  await priya.goto(`${w}/activity`);
  await expect(priya.getByRole("listitem").filter({ hasText: "chose the groups seen by Alice Meyer" }).first()).toContainText("all groups");
});
