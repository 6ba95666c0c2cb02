import { expect, test, type Page } from "@playwright/test";
import { BACKUP, FAB_BACKUP, FELIX, FIONA, PRIYA, SIMULATOR, backUp, connectAccount, connectForRestore, control, grantConsent, newWorkspace, person, shot, signIn } from "./support";

/** Restores as a person does them: what was lost is found, it goes where it shall, nothing is deleted unasked, and there is a way back. */
test.describe.configure({ mode: "serial" });

const PLAN = "Product launch";
/** A plan that exists, with its group. */
const OTHER = "Audit preparation (Customer Success)";
let priya: Page;
let planner: Page;
let workspace = "";
let connection = "";
let policy = "";
/** The first snapshot: the plan in order. */
let snapshot = "";

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  [priya, planner] = [await person(browser), await person(browser)];
  workspace = await newWorkspace(priya, PRIYA, "Restores");
  await grantConsent(priya, workspace, "Backup", PRIYA);
  await grantConsent(priya, workspace, "Restore", PRIYA);
  connection = await connectAccount(priya, workspace, BACKUP);
  await connectForRestore(priya, BACKUP);
  policy = await backUp(priya, connection, PLAN, "Daily");
  await expect(priya.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  await priya.getByRole("region", { name: "Plans of this run" }).getByRole("link", { name: PLAN }).click();
  await priya.waitForURL(/\/snapshots\/[0-9a-f-]{36}$/);
  snapshot = priya.url();
});

test("what was lost since is found and selected, comes back in place, and the restore can be undone", async () => {
  await inPlanner(PLAN, async () => {
    await openTask("Write the press release");
    await planner.getByRole("button", { name: "Delete task" }).click();
  });
  await inPlanner(PLAN, () => rename("Book the venue in Lisbon", "Book nothing"));
  await inPlanner(PLAN, () => add("Added later"));
  await backUpAgain();

  await priya.goto(`${snapshot}/restore`);
  await expect(priya.getByText("Since this snapshot: 1 task deleted, 1 task changed")).toBeVisible();
  await priya.getByRole("button", { name: "Select what was deleted or changed" }).click();
  await priya.getByText("In place", { exact: true }).click();
  const tree = priya.getByRole("tree", { name: "Buckets and tasks" });
  await expect(tree.getByRole("treeitem", { name: /Write the press release.*Deleted since/ })).toHaveAttribute("aria-checked", "true");
  await expect(tree.getByRole("treeitem", { name: /Book the venue in Lisbon.*Changed since/ })).toHaveAttribute("aria-checked", "true");
  await expect(tree.getByRole("treeitem", { name: /Approve launch budget.*Unchanged/ })).toHaveAttribute("aria-checked", "false");
  await expect(priya).toHaveURL(/damage=.*where=in_place/);
  await priya.reload(); // the choices are in the address
  await expect(tree.getByRole("treeitem", { name: /Write the press release/ })).toHaveAttribute("aria-checked", "true");
  await shot(priya, "restore-damage");
  await preview();
  await expect(priya.getByRole("heading", { name: "What will not be exactly as it was" })).toBeVisible();
  await run("Restore 2 tasks");
  await shot(priya, "restore-undo-offer");
  await expectTasks({ "Write the press release": 1, "Book the venue in Lisbon": 1, "Book nothing": 0, "Added later": 1 });

  await priya.getByRole("button", { name: "Undo this restore…" }).click();
  await expect(priya.getByRole("heading", { level: 1 })).toContainText("Undo of a restore");
  await confirmDeletion("Restore 1 task, delete 1", "delete 1");
  await expectTasks({ "Write the press release": 0, "Book the venue in Lisbon": 0, "Book nothing": 1, "Added later": 1 });

  await priya.goto(`/w/${workspace}/plans`);
  await priya.getByRole("link", { name: new RegExp(PLAN) }).first().click();
  await expect(priya.getByText("Before a restore").first()).toBeVisible();
});

test("what is new is only deleted when it was asked for, shown, and typed", async () => {
  await priya.goto(`${snapshot}/restore`);
  await priya.getByText("In place", { exact: true }).click();
  await priya.getByText("Delete what is new", { exact: true }).click();
  await preview();
  await expect(priya.getByText("1 task deleted")).toBeVisible();
  await expect(priya.getByText("Delete task “Added later”")).toBeVisible(); // deletions are open, without a click
  await expect(priya.getByRole("button", { name: "Restore 2 tasks, delete 1" })).toBeVisible();
  await shot(priya, "restore-deletion");
  await confirmDeletion("Restore 2 tasks, delete 1", "delete 1");
  await expectTasks({ "Write the press release": 1, "Book the venue in Lisbon": 1, "Added later": 0 });
});

test("a plan that moved after the preview is not written to: only the difference is shown, and asked again", async () => {
  await inPlanner(PLAN, () => rename("Book the venue in Lisbon", "Book nothing"));
  await priya.goto(`${snapshot}/restore?where=in_place`);
  await preview();
  await inPlanner(PLAN, () => rename("Approve launch budget", "Approve nothing"));
  await priya.getByRole("button", { name: "Restore 1 task", exact: true }).click();
  await expect(priya.getByText("Since you looked, 1 thing changed in Planner")).toBeVisible({ timeout: 60_000 });
  await expect(priya.getByRole("region", { name: "What is different" })).toContainText("Approve");
  await expect(priya.getByRole("button", { name: "Restore 2 tasks" })).toBeVisible();
  await shot(priya, "restore-difference");
  await expectTasks({ "Book nothing": 1, "Approve nothing": 1 }); // nothing was written
  await run("Restore 2 tasks");
  await expectTasks({ "Book the venue in Lisbon": 1, "Approve launch budget": 1 });
});

test("a double click on the button that acts makes one plan", async () => {
  await priya.goto(`${snapshot}/restore`);
  await priya.getByLabel("Title of the new plan").fill("Only once");
  await preview();
  await priya.getByRole("button", { name: "Restore 7 tasks", exact: true }).dblclick();
  await expectReport();
  await expectOnPaper("Choose the name");
  await planner.goto(`${SIMULATOR}/webui/`);
  await expect(planner.getByRole("link", { name: "Only once", exact: true })).toHaveCount(1);
});

test("a restore that is cancelled says what it wrote, and goes on where it stopped", async () => {
  await priya.goto(`${snapshot}/restore?title=In+two+steps`);
  await preview();
  await control("/latency", { ms: 1_500 }); // slower than anybody's clicks
  await priya.getByRole("button", { name: "Restore 7 tasks", exact: true }).click();
  await priya.getByRole("button", { name: "Cancel…" }).click();
  await priya.getByRole("dialog").getByRole("button", { name: "Cancel restore" }).click();
  const report = priya.getByRole("region", { name: "Report" });
  await expect(priya.getByRole("button", { name: "Cancelling…" }).or(report)).toBeVisible();
  await control("/latency", { ms: 0 });
  await expect(report).toContainText("What was written before stays", { timeout: 60_000 });
  await shot(priya, "restore-cancelled");
  await priya.getByRole("button", { name: "Resume" }).click();
  await expectReport();
  await planner.goto((await priya.getByRole("link", { name: "Open in Planner" }).getAttribute("href"))!);
  await expect(planner.getByRole("heading", { level: 1 })).toHaveText("In two steps");
  await expect(planner.getByText("· 7 tasks")).toBeVisible();
});

test("a task goes into another plan that exists, and what is there stays", async () => {
  await priya.goto(`${snapshot}/restore?where=existing_plan`);
  await priya.getByText("Chosen buckets and tasks", { exact: true }).click();
  await priya.getByRole("tree", { name: "Buckets and tasks" }).getByRole("treeitem", { name: /Choose the name/ }).click();
  await priya.getByLabel("Target plan").selectOption({ label: OTHER });
  await preview();
  await run("Restore 1 task");
  await planner.goto((await priya.getByRole("link", { name: "Open in Planner" }).getAttribute("href"))!);
  await expect(planner.getByRole("heading", { level: 1 })).toHaveText(OTHER.split(" (")[0]!);
  await expect(planner.getByRole("link", { name: "Choose the name" })).toHaveCount(1);
});

test("a second restore into the same plan says for which it waits, and then goes by itself", async () => {
  const previews: Page[] = [];
  for (const page of [priya, await priya.context().newPage()]) {
    await page.goto(`${snapshot}/restore?where=existing_plan`);
    await page.getByText("Chosen buckets and tasks", { exact: true }).click();
    await page.getByRole("tree", { name: "Buckets and tasks" }).getByRole("treeitem", { name: /Choose the name/ }).click();
    await page.getByLabel("Target plan").selectOption({ label: OTHER });
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    await expect(page.getByText("Preview ready")).toBeVisible({ timeout: 60_000 });
    previews.push(page);
  }
  const [first, second] = previews as [Page, Page];
  await control("/latency", { ms: 1_500 }); // the first still writes when the second is asked for
  await first.getByRole("button", { name: "Restore 1 task", exact: true }).click();
  await expect(first.getByRole("region", { name: "Progress" })).toBeVisible();
  await second.getByRole("button", { name: "Restore 1 task", exact: true }).click();
  const progress = second.getByRole("region", { name: "Progress" });
  await expect(progress).toContainText("Another restore writes into this plan. This one starts by itself");
  await expect(progress.getByRole("link", { name: "Look at that restore" })).toHaveAttribute("href", new URL(first.url()).pathname);
  await shot(second, "restore-waiting");
  await control("/latency", { ms: 0 });
  for (const page of [first, second]) await expect(page.getByRole("region", { name: "Report" })).toContainText("Restored, and equal to the snapshot", { timeout: 90_000 });
  await second.close();
});

test("a group is made for the plan", async () => {
  await priya.goto(`${snapshot}/restore`);
  await priya.getByText("Into a new group", { exact: true }).click();
  await priya.getByLabel("Name of the new group").fill("Launch archive");
  await priya.getByLabel("Mail name").fill("launch-archive");
  await preview();
  await expect(priya.getByText("1 group created")).toBeVisible();
  await run("Restore 7 tasks");
  await planner.goto(`${SIMULATOR}/webui/`);
  await expect(planner.getByText("Launch archive").first()).toBeVisible();
});

test("a plan goes to another Microsoft tenant, and its people become people there", async ({ browser }) => {
  await priya.goto(`/w/${workspace}/members`);
  await priya.getByLabel("Role", { exact: true }).selectOption("admin");
  await priya.getByRole("button", { name: "Make invitation link" }).click();
  const fiona = await person(browser);
  await signIn(fiona, FIONA);
  await fiona.goto(await priya.getByLabel("Invitation link").inputValue());
  await fiona.getByRole("button", { name: "Join workspace" }).click();
  await fiona.waitForURL(new RegExp(`/w/${workspace}`));
  await grantConsent(fiona, workspace, "Backup", FIONA);
  await grantConsent(fiona, workspace, "Restore", FIONA);
  await connectAccount(fiona, workspace, FAB_BACKUP, "fabrikam");
  await connectForRestore(fiona, FAB_BACKUP);

  await priya.goto(`${snapshot}/restore`);
  await priya.getByLabel("Connection account").selectOption({ label: "Fabrikam Backup (Fabrikam)" });
  await expect(priya.getByRole("radio", { name: "In place" })).toBeDisabled();
  await priya.getByLabel("Target group").selectOption({ label: "Fabrikam Projects" });
  await priya.getByLabel("Alice Meyer becomes", { exact: true }).selectOption("other");
  await priya.getByLabel("User name of the person that Alice Meyer becomes").fill(FELIX);
  await priya.getByText("Add assignees to the group").click();
  await priya.getByText("Write the names into the notes").click();
  await preview();
  await expect(priya.getByRole("paragraph").filter({ hasText: "Planner may tell" })).toContainText("Felix Brandt");
  await priya.getByLabel("Ben Okafor becomes").selectOption({ label: "Felix Brandt (felix@fabrikam.example)" });
  const first = priya.url();
  await priya.getByRole("button", { name: "Preview with these people" }).click();
  await priya.waitForURL((url) => url.href !== first);
  await expect(priya.getByRole("button", { name: "Restore 7 tasks" })).toBeVisible({ timeout: 60_000 });
  await shot(priya, "restore-people");
  await run("Restore 7 tasks");
  await planner.goto((await priya.getByRole("link", { name: "Open in Planner" }).getAttribute("href"))!);
  await openTask("Choose the name");
  await expect(planner.getByText("Felix Brandt")).toBeVisible();
});

async function preview(): Promise<void> {
  await priya.getByRole("button", { name: "Preview", exact: true }).click();
  await priya.waitForURL(/\/restores\/[0-9a-f-]{36}/);
  await expect(priya.getByText("Preview ready")).toBeVisible({ timeout: 60_000 });
}

async function run(button: string): Promise<void> {
  await priya.getByRole("button", { name: button, exact: true }).click({ timeout: 60_000 });
  await expectReport();
}

async function expectReport(): Promise<void> {
  await expect(priya.getByRole("region", { name: "Report" })).toContainText("Restored, and equal to the snapshot", { timeout: 90_000 });
  const file = await priya.request.get((await priya.getByRole("link", { name: "Report as JSON" }).getAttribute("href"))!);
  expect(await file.json()).toMatchObject({ report: { verdict: "exact", failed: [] } });
}

/** The report as somebody without an account gets it, on paper or as a PDF: everything is open, and what only acts is left out. */
async function expectOnPaper(task: string): Promise<void> {
  await expect(priya.getByRole("button", { name: "Print or save as PDF" })).toBeVisible();
  const line = priya.getByRole("region", { name: "Report" }).getByText(task).first();
  await expect(line).toBeHidden();
  await priya.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(line).toBeVisible();
  const [back, ink] = await line.evaluate((element) => [getComputedStyle(document.body).backgroundColor, getComputedStyle(element).color]);
  expect([back, ink]).toEqual(["rgb(255, 255, 255)", "rgb(0, 0, 0)"]);
  for (const name of ["Print or save as PDF", "Report as JSON", "Undo this restore…"]) await expect(priya.getByText(name)).toBeHidden();
  await shot(priya, "restore-report-paper");
  await priya.emulateMedia({ media: "screen", colorScheme: null });
}

/** The button that deletes stays shut until the words are typed. */
async function confirmDeletion(button: string, words: string): Promise<void> {
  await priya.getByRole("button", { name: button, exact: true }).click({ timeout: 60_000 });
  const dialog = priya.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: button })).toBeDisabled();
  await dialog.getByRole("textbox").fill(words);
  await dialog.getByRole("button", { name: button }).click();
  await expectReport();
}

async function backUpAgain(): Promise<void> {
  await priya.goto(policy);
  await priya.getByRole("button", { name: "Back up now" }).click();
  await priya.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  await expect(priya.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
}

/** Does something in a live plan, in the simulator's Planner. */
async function inPlanner(plan: string, act: () => Promise<void>): Promise<void> {
  await planner.goto(`${SIMULATOR}/webui/`);
  await planner.getByRole("link", { name: plan, exact: true }).first().click();
  await act();
}

const openTask = (title: string) => planner.getByRole("link", { name: title, exact: true }).first().click();

async function rename(title: string, to: string): Promise<void> {
  await openTask(title);
  await planner.getByLabel("Task name").fill(to);
  await planner.getByRole("button", { name: "Rename task" }).click();
}

async function add(title: string): Promise<void> {
  await planner.getByLabel("New task name").fill(title);
  await planner.getByRole("button", { name: "Add task" }).click();
}

/** How many tasks of each title the live plan has. */
async function expectTasks(counts: Record<string, number>): Promise<void> {
  await inPlanner(PLAN, async () => {
    for (const [title, count] of Object.entries(counts)) await expect(planner.getByRole("link", { name: title, exact: true }), title).toHaveCount(count);
  });
}
