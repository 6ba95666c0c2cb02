import { expect, test, type Page } from "@playwright/test";
import { BACKUP, PRIYA, connectAccount, control, grantConsent, newWorkspace, person, shot } from "./support";

/** An admin adds the whole tenant without any account, backs up, and is told by the wizard what takes an account. */
test.describe.configure({ mode: "serial" });

let priya: Page;
let workspace = "";
let snapshot = "";

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  priya = await person(browser);
});

test("the two ways are explained side by side; the tenant is granted, connected and checked", async () => {
  workspace = await newWorkspace(priya, PRIYA, "Contoso as a whole");
  await priya.goto(`/w/${workspace}/connections`);
  await priya.getByRole("link", { name: "Connect the whole tenant…" }).click();
  const whole = priya.getByRole("region", { name: "The whole tenant (app-only)" });
  await expect(whole).toContainText("Global Administrator or Privileged Role Administrator");
  await expect(whole).toContainText("Microsoft lets only an account write them");
  await expect(priya.getByRole("region", { name: "An account" })).toContainText("member of each group");
  await shot(priya, "app-only-ways");
  await grantConsent(priya, workspace, "App-only", PRIYA);
  await priya.getByRole("link", { name: "Go on: connect the whole tenant" }).click();
  await priya.getByRole("button", { name: "Connect the whole tenant…" }).click();
  await priya.getByRole("dialog").getByRole("button", { name: "Connect the whole tenant" }).click();
  await priya.waitForURL(/\/connections\/[0-9a-f-]{36}/);
  await expect(priya.getByRole("link", { name: "Choose plans" })).toBeVisible({ timeout: 60_000 });
  const rows = priya.getByRole("region", { name: "Requirements for backup" });
  for (const title of ["The certificate is valid", "All application permissions are granted", "Reaches the plans"]) {
    await expect(rows.getByRole("listitem").filter({ hasText: title })).toContainText("Met");
  }
  await expect(rows).toContainText("An application reads every group without being a member of it.");
  await expect(priya.getByText("Only reads", { exact: true })).toBeVisible();
  await shot(priya, "app-only-connection");
});

test("a plan of a group that no account is in is backed up", async () => {
  await priya.getByRole("link", { name: "Choose plans" }).click();
  await priya.getByRole("searchbox", { name: "Search groups and plans" }).fill("Executive Board");
  await priya.getByRole("treeitem", { level: 2 }).first().click();
  await priya.getByRole("searchbox", { name: "Search groups and plans" }).fill("Product launch");
  await priya.getByRole("treeitem", { name: "Product launch", exact: true }).click();
  await priya.getByLabel("Policy name").fill("As an application");
  await priya.getByRole("button", { name: "Save policy" }).click();
  await priya.waitForURL(/\/policies\/[0-9a-f-]{36}/);
  await priya.getByRole("button", { name: "Back up now" }).click();
  await priya.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  await expect(priya.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  await priya.goto(`/w/${workspace}/plans`);
  await expect(priya.getByRole("main").getByRole("link", { name: /Executive Board/ })).toHaveCount(1);
  await priya.getByRole("main").getByRole("link", { name: /Product launch/ }).click();
  await priya.getByRole("link", { name: "Open the newest" }).click();
  await priya.waitForURL(/\/snapshots\/[0-9a-f-]{36}$/);
  snapshot = new URL(priya.url()).pathname;
});

test("the wizard says that restores and comments take an account, and which one", async () => {
  await priya.goto(`${snapshot}/restore`);
  await expect(priya.getByText("This connection only reads")).toBeVisible();
  await expect(priya.getByText("comments can be posted in no other way")).toBeVisible();
  await shot(priya, "app-only-restore");
  await priya.getByRole("button", { name: "Preview" }).click();
  await expect(priya.getByText(/Choose a connection account of this Microsoft tenant/)).toBeVisible();

  await grantConsent(priya, workspace, "Backup", PRIYA);
  await connectAccount(priya, workspace, BACKUP);
  await priya.goto(`${snapshot}/restore`);
  const account = priya.getByRole("combobox", { name: "Connection account" });
  await expect(account.locator("option:checked")).toContainText("Backup Account"); // the account is offered first
  await account.selectOption({ label: (await account.locator("option", { hasText: "only reads" }).textContent())! });
  await priya.getByRole("button", { name: "Use Backup Account" }).click();
  await expect(account.locator("option:checked")).toContainText("Backup Account");
  await priya.getByRole("radio", { name: /Post comments as quoted text/ }).check({ force: true });
  await expect(priya.getByText("Microsoft lets no application post them")).toBeVisible();
});
