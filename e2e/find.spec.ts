import { readFile } from "node:fs/promises";
import { expect, test, type Locator, type Page } from "@playwright/test";
import { BACKUP, PRIYA, SIMULATOR, connectAccount, control, grantConsent, newWorkspace, passMicrosoft, person, pickAccount, shot } from "./support";

/** What was backed up is taken out of Planback, and found again after it is gone from Microsoft 365. */
test.describe.configure({ mode: "serial" });

let page: Page;
let workspace = "";
let policy = "";
let snapshot = "";

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  page = await person(browser);
});

async function backUp(): Promise<void> {
  await page.goto(policy);
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  await expect(page.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
}

test("a plan is backed up", async () => {
  workspace = await newWorkspace(page, PRIYA, "Contoso");
  await grantConsent(page, workspace, "Backup", PRIYA);
  await grantConsent(page, workspace, "Restore", PRIYA);
  await connectAccount(page, workspace, BACKUP);
  await page.getByRole("button", { name: "Connect for restore" }).click();
  await pickAccount(page, BACKUP);
  await passMicrosoft(page);
  await page.getByRole("link", { name: "Choose plans" }).click();
  await page.getByRole("searchbox", { name: "Search groups and plans" }).fill("Product launch");
  await page.getByRole("treeitem", { name: "Product launch" }).click();
  await page.getByLabel("Policy name").fill("Launch");
  await page.getByRole("button", { name: "Save policy" }).click();
  await page.waitForURL(/\/policies\/[0-9a-f-]{36}/);
  policy = page.url();
  await backUp();
  await page.goto(`/w/${workspace}/plans`);
  const filter = page.getByRole("searchbox", { name: "Filter plans" });
  await filter.fill("launch");
  await page.waitForURL(/\/plans\?q=launch$/);
  await page.reload();
  await expect(filter).toHaveValue("launch");
  await page.getByRole("link", { name: /Product launch/ }).first().click();
  await page.getByRole("link", { name: "Open the newest" }).click();
  await page.waitForURL(/\/snapshots\/[0-9a-f-]{36}$/);
  snapshot = page.url();
});

test("the snapshot is saved in every format, a selection too, and printed", async () => {
  const saved = async (item: string) => {
    await page.getByRole("button", { name: "Export" }).last().click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: item }).click()]);
    return { name: download.suggestedFilename(), content: await readFile((await download.path())!) };
  };
  for (const [item, extension, start] of [["Excel workbook", "xlsx", "PK"], ["CSV", "csv", "\ufeffTask ID,"], ["JSON, everything", "json", "{"], ["Calendar (iCalendar)", "ics", "BEGIN:VCALENDAR"], ["ZIP with attached files", "zip", "PK"]] as const) {
    const file = await saved(item);
    expect(file.name).toMatch(new RegExp(`^product-launch-\\d{4}-\\d\\d-\\d\\d\\.${extension}$`));
    expect(file.content.subarray(0, 40).toString().startsWith(start), item).toBe(true);
  }
  await page.getByRole("button", { name: "Export" }).click();
  await shot(page, "export-menu");
  await page.keyboard.press("Escape");
  await page.getByRole("checkbox", { name: /Write the press release/ }).check();
  const one = (await saved("JSON, everything")).content.toString();
  expect(JSON.parse(one)).toMatchObject({ tasksInExport: 1, tasks: [{ task: { title: "Write the press release" } }] });

  await page.getByRole("button", { name: "Export" }).first().click();
  await page.getByRole("menuitem", { name: "Printable page" }).click();
  await page.waitForURL(/\/print$/);
  await expect(page.getByRole("heading", { name: "Write the press release" })).toBeVisible();
  await shot(page, "print");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation", { name: "Workspace" })).toBeHidden();
  await expect(page.getByRole("button", { name: /Print/ })).toBeHidden();
  await shot(page, "print-paper");
  await page.emulateMedia({ media: "screen" });
  expect((await page.request.get(`${snapshot}/export?format=exe`)).status()).toBe(400);
  expect((await page.request.get(`${snapshot}/export?tasks=nothing`)).status()).toBe(400);
});

test("a task that is gone is found from any page by a word of its notes, and restored in at most six clicks", async () => {
  const planner = await page.context().newPage();
  await planner.goto(`${SIMULATOR}/webui/`);
  await planner.getByRole("link", { name: "Product launch", exact: true }).first().click();
  await planner.getByRole("link", { name: "Write the press release" }).click();
  await planner.getByRole("button", { name: "Delete task" }).click();
  await expect(planner.getByText("Write the press release")).toHaveCount(0);
  await planner.close();
  // No browser can lay it out: with its whole title on the board, the page would stand still.
  const { tenants } = await control<{ tenants: { groups: { plans: { id: string; title: string }[] }[] }[] }>("");
  await control("/add-tasks", { planId: tenants.flatMap(({ groups }) => groups).flatMap(({ plans }) => plans).find(({ title }) => title === "Product launch")!.id, title: `Tower${"\u0301".repeat(100_000)}` });
  await backUp();

  await page.goto(`/w/${workspace}/members`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const box = page.getByRole("searchbox", { name: "Search in all backups" });
  await expect(async () => {
    await page.keyboard.press("/");
    await expect(box).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.type("problem");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/search\?q=problem$/);
  const hit = page.getByRole("main").getByRole("listitem").filter({ hasText: "Write the press release" });
  await expect(async () => {
    await page.reload();
    await expect(hit).toContainText(/last seen in the snapshot of .*, gone by /, { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await expect(hit).toContainText("Product launch");

  // Typing finds beginnings; filters live in the address.
  await box.fill("pre");
  await page.waitForURL(/q=pre(&|$)/);
  await expect(hit).toBeVisible();
  await page.getByRole("checkbox", { name: "Gone from Microsoft 365" }).check();
  await page.waitForURL(/gone=1/);
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
  await shot(page, "search");
  await box.fill("zzzz");
  await expect(page.getByRole("heading", { name: "No task has all these words" })).toBeVisible();
  await shot(page, "search-nothing");
  await page.goto(`/w/${workspace}/search?q=press`);

  await hit.getByRole("link", { name: "Open" }).click();
  await expect(page.getByRole("dialog")).toContainText("Lead with the customer's problem");
  await page.goBack();
  await page.goto(`/w/${workspace}/search?q=tower`);
  await page.getByRole("main").getByRole("listitem").getByRole("link", { name: /^Open Tower/ }).click();
  await expect(page.getByRole("dialog").getByRole("heading", { name: "Whole title" })).toBeVisible();
  await shot(page, "title-too-long");
  await page.goto(`/w/${workspace}/search?q=press`);

  let clicks = 0;
  const click = async (locator: Locator) => {
    clicks += 1;
    await locator.click();
  };
  await click(hit.getByRole("link", { name: "Restore…" }));
  await click(page.getByText("In place", { exact: true }));
  await click(page.getByText("Post comments as quoted text"));
  await click(page.getByRole("button", { name: "Preview" }));
  await click(page.getByRole("button", { name: "Restore 1 task", exact: true }));
  await expect(page.getByRole("region", { name: "Report" })).toContainText("Restored, and equal to the snapshot", { timeout: 90_000 });
  expect(clicks).toBeLessThanOrEqual(6);
});
