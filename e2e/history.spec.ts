import { expect, test, type Page } from "@playwright/test";
import { BACKUP, PRIYA, SIMULATOR, backUp, connectAccount, connectForRestore, control, grantConsent, newWorkspace, person, shot } from "./support";

/** What happened to a plan is seen by looking: its history, the comparison of two moments, and the overview. */
test.describe.configure({ mode: "serial" });

const PLAN = "Product launch";
let page: Page;
let planner: Page;
let workspace = "";
let policy = "";
let history = "";

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  [page, planner] = [await person(browser), await person(browser)];
});

test("an empty workspace shows the way to the first backup", async () => {
  workspace = await newWorkspace(page, PRIYA, "History");
  await page.goto(`/w/${workspace}`);
  await expect(page.getByRole("region", { name: "Getting started" })).toBeVisible();
  await shot(page, "overview-empty");
});

test("a plan is backed up, worked on, backed up again", async () => {
  test.setTimeout(300_000);
  await grantConsent(page, workspace, "Backup", PRIYA);
  await grantConsent(page, workspace, "Restore", PRIYA);
  const connection = await connectAccount(page, workspace, BACKUP);
  await connectForRestore(page, BACKUP);
  policy = await backUp(page, connection, PLAN, "Launch");
  await complete();
  await again(); // nothing changed
  await inPlanner(async () => {
    await openTask("Write the press release");
    await planner.getByRole("button", { name: "Delete task" }).click();
  });
  await inPlanner(async () => {
    await openTask("Book the venue in Lisbon");
    await planner.getByLabel("Task name").fill("Book the venue in Porto");
    await planner.getByRole("button", { name: "Rename task" }).click();
  });
  await inPlanner(async () => {
    await planner.getByLabel("New task name").fill("Added later");
    await planner.getByRole("button", { name: "Add task" }).click();
  });
  await inPlanner(async () => {
    await openTask("New product page");
    await planner.getByRole("button", { name: "Mark complete" }).click();
  });
  await again();
  await again(); // and nothing again
});

test("the history says when a task disappeared, and leads to the last snapshot that has it", async () => {
  await page.goto(`/w/${workspace}/plans`);
  await page.getByRole("main").getByRole("link", { name: new RegExp(PLAN) }).first().click();
  await page.waitForURL(/\/plans\/[0-9a-f-]{36}$/);
  history = page.url();
  const timeline = page.getByRole("list", { name: "Snapshots, newest first" });
  await expect(page.getByRole("heading", { name: "4 snapshots, 2 changes" })).toBeVisible();
  const change = timeline.getByRole("listitem").filter({ hasText: "1 removed" }).first();
  await expect(change.getByRole("list", { name: "Since the snapshot before" })).toHaveText("1 removed1 added2 changed1 completed");
  await expect(timeline.getByRole("button", { name: /1 unchanged/ })).toHaveAttribute("aria-expanded", "false");
  // The search learns of a snapshot a moment after it ended.
  await expect(async () => {
    await page.reload();
    await expect(change.getByRole("link", { name: "Write the press release" })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await shot(page, "history");

  // Keys go from change to change, and back.
  const focused = () => page.evaluate(() => document.activeElement?.closest("li")?.textContent ?? "");
  await expect(async () => {
    await page.keyboard.press("[");
    expect(await focused()).toContain("First snapshot"); // two changes back; the first keys may come before the page is alive
  }).toPass();
  await page.keyboard.press("]");
  await expect.poll(focused).toContain("1 removed");
  // A key that is typed is text.
  await page.getByRole("searchbox", { name: "Find a task in this plan's backups" }).fill("x");
  await page.keyboard.press("[");
  await expect(page.getByRole("searchbox", { name: "Find a task in this plan's backups" })).toHaveValue("x[");

  await change.getByRole("link", { name: "Write the press release" }).click();
  const trace = page.getByRole("region", { name: "Write the press release" });
  await expect(trace).toContainText(/It was there until .*, and gone by /);
  await shot(page, "history-task");
  await expect(async () => {
    await page.keyboard.press("l");
    await page.waitForURL(/at=[0-9a-f-]{36}/, { timeout: 2_000 });
  }).toPass();
  const last = /at=([0-9a-f-]{36})/.exec(page.url())![1]!;
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe(`snapshot-${last}`);
  await expect(trace.getByRole("link", { name: "Restore…" })).toHaveAttribute("href", new RegExp(`/snapshots/${last}/restore\\?tasks=`));
  await trace.getByRole("link", { name: "Open it there" }).click();
  await expect(page.getByRole("dialog")).toContainText("Lead with the customer's problem");
});

test("the life of a task: each change word by word, when it went, and the way back to each version", async () => {
  await page.getByRole("dialog").getByRole("link", { name: "History of this task" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Write the press release");
  const life = page.getByRole("list", { name: "What happened to it, newest first" });
  await expect(life.locator(":scope > li")).toHaveCount(2);
  await expect(life.locator(":scope > li").first()).toContainText("Gone");
  await expect(life.locator(":scope > li").last()).toContainText("First seen");
  await life.getByRole("link", { name: /^Restore the last version/ }).click();
  await page.waitForURL(/\/restore\?.*tasks=/);
  await expect(page.getByText("1 task selected").first()).toBeVisible();

  await page.goto(`/w/${workspace}/search?q=venue`);
  await page.getByRole("link", { name: "History of Book the venue in Porto" }).click();
  const change = page.getByRole("list", { name: "What happened to it, newest first" }).getByRole("listitem").filter({ hasText: "Changed" }).first();
  await expect(change.locator("del")).toHaveText(/Lisbon/);
  await expect(change.locator("ins")).toHaveText(/Porto/);
  await change.getByRole("link", { name: /^Open this version/ }).click();
  await expect(page.getByRole("dialog")).toContainText("Book the venue in Porto");
});

test("two snapshots are compared down to the word, and what went is restored from there", async () => {
  await page.goto(history);
  await page.getByRole("link", { name: /^What changed/ }).first().click();
  await page.waitForURL(/\/compare\?from=/);
  const tree = page.getByRole("tree", { name: "Differences by bucket" });
  await expect(page.getByRole("region", { name: "Totals" })).toContainText("1 removed");
  const row = (name: RegExp) => tree.getByRole("treeitem", { name });
  await expect(row(/Write the press release.*Removed/)).toBeVisible();
  await expect(row(/^Title:/).locator("del")).toHaveText(/Lisbon/);
  await expect(row(/^Title:/).locator("ins")).toHaveText(/Porto/);
  await expect(row(/Added later.*Added/)).toHaveAttribute("aria-disabled", "true");
  const offered = await page.getByRole("combobox", { name: "From" }).getByRole("option").allTextContents();
  expect(new Set(offered).size, offered.join("; ")).toBe(offered.length); // some were taken within a minute
  await shot(page, "compare");

  await page.getByRole("combobox", { name: "Show" }).selectOption("Only deletions");
  await expect(page).toHaveURL(/only=removed/);
  await expect(row(/Book the venue/)).toHaveCount(0);
  await page.reload();
  await expect(row(/Book the venue/)).toHaveCount(0);
  await row(/Write the press release/).click();
  await page.getByRole("region", { name: "Selection" }).getByRole("link", { name: "Restore selected…" }).click();
  await page.waitForURL(/\/restore\?/);
  const items = page.getByRole("tree", { name: "Buckets and tasks" });
  await expect(items.getByRole("treeitem", { name: /Write the press release/ })).toHaveAttribute("aria-checked", "true");
  await expect(page.getByText("1 task selected").first()).toBeVisible();
  await expect(page.getByRole("radio", { name: "In place" })).toBeChecked();
});

test("from a snapshot, keys and links lead to the ones where something changed; the view stays", async () => {
  await page.goto(history);
  await page.getByRole("link", { name: "Open the newest" }).click();
  await page.waitForURL(/\/snapshots\//);
  const heading = page.getByRole("heading", { level: 1, name: PLAN });
  await page.getByRole("button", { name: "Grid" }).click();
  await expect(page.getByRole("button", { name: "Added later" })).toBeVisible();
  await expect(page).toHaveURL(/\?view=grid$/);
  const newest = page.url();
  await expect(page.getByRole("link", { name: "Later change" })).toHaveCount(0);
  await page.keyboard.press("["); // the newest changed nothing
  await expect(page).not.toHaveURL(newest);
  await expect(page).toHaveURL(/\/snapshots\/[0-9a-f-]{36}\?view=grid$/);
  const changed = page.url();
  await expect(page.getByRole("button", { name: "Added later" })).toBeVisible();
  await page.getByRole("link", { name: "Earlier change" }).click();
  await expect(page).not.toHaveURL(changed);
  await expect(page.getByRole("button", { name: "Write the press release" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Earlier change" })).toHaveCount(0);
  await expect(heading).toBeVisible();
  await page.keyboard.press("]");
  await expect(page).toHaveURL(changed);
});

test("a snapshot is compared with the plan as it is now; what is the same says so", async () => {
  await page.goto(`${history}/compare`);
  await page.getByRole("combobox", { name: "To" }).selectOption({ label: "Now, read from Microsoft 365" });
  await page.getByRole("button", { name: "Compare" }).click();
  await page.waitForURL(/to=live/);
  await expect(page.getByText("Comments and the content of files are not read now")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("treeitem", { name: /Write the press release.*Removed/ })).toBeVisible();
  await shot(page, "compare-live");
  await page.getByRole("combobox", { name: "From" }).selectOption({ index: 0 });
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByRole("heading", { name: "No differences" })).toBeVisible({ timeout: 30_000 });
  await shot(page, "compare-same");
});

async function complete(): Promise<void> {
  await expect(page.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
}

async function again(): Promise<void> {
  await page.goto(policy);
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  await complete();
}

async function inPlanner(act: () => Promise<void>): Promise<void> {
  await planner.goto(`${SIMULATOR}/webui/`);
  await planner.getByRole("link", { name: PLAN, exact: true }).first().click();
  await act();
}

const openTask = (title: string) => planner.getByRole("link", { name: title, exact: true }).first().click();

test("the overview says that all is well, and shows each policy's month and the storage", async () => {
  await page.goto(`/w/${workspace}`);
  await expect(page.getByRole("banner").locator("..").getByText(/ is protected\.| are protected\./)).toBeVisible();
  await expect(page.getByText(/is well: no connection, policy or snapshot needs a person\./)).toBeVisible();
  const policies = page.getByRole("region", { name: "Policies, last 30 days" });
  await expect(policies.getByRole("listitem").filter({ has: page.getByRole("link", { name: "Launch" }) })).toContainText("4 backups in 30 days, 4 complete.");
  const storage = page.getByRole("region", { name: "Storage" });
  await storage.scrollIntoViewIfNeeded();
  await expect(storage.locator("svg.recharts-surface")).toBeVisible();
  await storage.getByText("As a table").click();
  await expect(storage.getByRole("row")).toHaveCount(2);
  await shot(page, "overview");
});
