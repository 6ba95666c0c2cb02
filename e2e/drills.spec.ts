import { expect, test, type Page } from "@playwright/test";
import { BACKUP, PRIYA, SIMULATOR, backUp, connectAccount, connectForRestore, control, grantConsent, newWorkspace, passMicrosoft, person, pickAccount, shot, signIn } from "./support";

/** A person has it proven that a backup can be restored, and finds the sandbox group as it was. */
test.describe.configure({ mode: "serial" });

const PLAN = "Product launch";
const SANDBOX = "Legal & Compliance";
let priya: Page;
let planner: Page;
let workspace = "";
let policy = "";
const card = () => priya.getByRole("region", { name: "Restore drills" });
/** The plans that Planner shows, by name. */
async function plansInPlanner(): Promise<string[]> {
  await planner.goto(`${SIMULATOR}/webui/`);
  return (await planner.getByRole("main").getByRole("link").allTextContents()).sort();
}

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  [priya, planner] = [await person(browser), await person(browser)];
  workspace = await newWorkspace(priya, PRIYA, "Drills");
  await grantConsent(priya, workspace, "Backup", PRIYA);
  await grantConsent(priya, workspace, "Restore", PRIYA);
  const connection = await connectAccount(priya, workspace, BACKUP);
  policy = await backUp(priya, connection, PLAN, "Daily");
  await expect(priya.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  await priya.goto(policy);
  await expect(card()).toContainText("Not proven restorable yet.");
  await expect(card()).toContainText("Not met: Consent for restores, and write access");
  await expect(card().getByRole("button", { name: "Run a drill now…" })).toHaveCount(0);
  await priya.goto(connection);
  await connectForRestore(priya, BACKUP);
});

test("drills get a sandbox group and a schedule, and say before what they will do", async () => {
  await priya.goto(policy);
  await card().getByLabel("Sandbox group", { exact: true }).selectOption({ label: `${SANDBOX} (private)` });
  await card().getByRole("radio", { name: "Monthly" }).click();
  await card().getByLabel("Day of the month").fill("15");
  await card().getByLabel("Time", { exact: true }).fill("03:30");
  await card().getByLabel("Time zone").selectOption("Europe/Berlin");
  await expect(card().getByText("Every month on day 15 at 03:30 (Europe/Berlin)")).toBeVisible();
  await expect(card().getByText("The write access stays")).toBeVisible();
  await card().getByRole("button", { name: "Save drills" }).click();
  await expect(card().getByText("Saved.")).toBeVisible();
  // The form shows what was saved, and would save it again.
  await expect(card().getByLabel("Day of the month")).toHaveValue("15");
  await expect(card().getByLabel("Sandbox group", { exact: true }).locator("option:checked")).toHaveText(`${SANDBOX} (private)`);
  await priya.reload();
  await expect(card()).toContainText("Every month on day 15 at 03:30 (Europe/Berlin), next");
  await expect(card()).toContainText(`restored as a new plan into ${SANDBOX}. Members of that group may see it`);
  await shot(priya, "drills-policy");
});

test("a drill now: proven, the plan is removed, and every page says so", async () => {
  const before = await plansInPlanner();
  await priya.goto(policy);
  await card().getByRole("button", { name: "Run a drill now…" }).click();
  await expect(priya.getByRole("dialog")).toContainText(`restored as a new plan into ${SANDBOX}, compared, and that plan is removed again`);
  await priya.getByRole("dialog").getByRole("button", { name: "Run drill" }).click();
  await priya.waitForURL(/\/restores\/[0-9a-f-]{36}$/);
  await expect(priya.getByRole("heading", { level: 1 })).toContainText(`Restore drill of ${PLAN}`);
  await expect(priya.getByText("Proven: it comes back equal to the snapshot")).toBeVisible({ timeout: 120_000 });
  await expect(priya.getByText(/The plan that the drill made, .* was removed/)).toBeVisible();
  await expect(priya.getByRole("link", { name: "Open in Planner" })).toHaveCount(0);
  await shot(priya, "drills-report");
  expect(await plansInPlanner()).toEqual(before);

  await priya.goto(`/w/${workspace}`);
  await expect(priya.getByText(/Last proven restorable/)).toContainText(PLAN);
  await priya.goto(policy);
  await expect(card()).toContainText(/Last proven restorable .*Product launch/);
  await expect(card().getByRole("listitem").filter({ hasText: "Proven" })).toHaveCount(1);
  await priya.goto(`/w/${workspace}/plans`);
  await priya.getByRole("link", { name: new RegExp(PLAN) }).first().click();
  await expect(priya.getByText(/Proven restorable/)).toBeVisible();
});

test("a task that Planner refuses is named, calls for a person, and leaves no plan behind", async () => {
  const before = await plansInPlanner();
  await control("/faults", { match: { method: "POST", path: "/planner/tasks", nth: 2 }, action: { kind: "status", status: 400 }, times: 1 });
  await priya.goto(policy);
  await card().getByRole("button", { name: "Run a drill now…" }).click();
  await priya.getByRole("dialog").getByRole("button", { name: "Run drill" }).click();
  await expect(priya.getByText("Not everything came back")).toBeVisible({ timeout: 120_000 });
  await expect(priya.getByRole("list", { name: "Failed and skipped" })).toContainText("Create task");
  expect(await plansInPlanner()).toEqual(before);
  await priya.goto(`/w/${workspace}`);
  await expect(priya.getByRole("region", { name: "Needs attention" })).toContainText("found differences");
  await shot(priya, "drills-attention");
});

test("who signed in long ago is asked to sign in once more before the form, not after it was filled in", async () => {
  await control("/age-sign-ins", { minutes: 60 });
  await priya.context().clearCookies({ domain: "localhost", name: /next-auth/ });
  await signIn(priya, PRIYA);
  await priya.goto(policy);
  await priya.waitForLoadState("networkidle"); // the form asks for the words of its schedule when it comes; nobody is as quick as that
  await card().getByRole("link", { name: "Sandbox group, plan and schedule…" }).click();
  await expect(priya.getByRole("heading", { name: "Sign in once more" })).toBeVisible();
  await priya.getByRole("button", { name: "Sign in again" }).click();
  await pickAccount(priya, PRIYA);
  await passMicrosoft(priya);
  await priya.waitForLoadState("networkidle");
  await card().getByText("Sandbox group, plan and schedule", { exact: true }).click();
  await card().getByRole("button", { name: "Save drills" }).click();
  await expect(card().getByText("Saved.")).toBeVisible();
});
