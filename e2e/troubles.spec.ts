import { expect, test, type Page } from "@playwright/test";
import { BACKUP, PRIYA, backUp, connectAccount, connectForRestore, control, grantConsent, newWorkspace, passMicrosoft, person, pickAccount, shot } from "./support";

/** What goes wrong while somebody looks: throttling, a lost network, a reload, a password that changed. The page says the truth and goes on by itself. */
test.describe.configure({ mode: "serial" });

let priya: Page;
let workspace = "";
let connection = "";

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  priya = await person(browser);
  workspace = await newWorkspace(priya, PRIYA, "Troubles");
  await grantConsent(priya, workspace, "Backup", PRIYA);
  await grantConsent(priya, workspace, "Restore", PRIYA);
  connection = await connectAccount(priya, workspace, BACKUP);
  await connectForRestore(priya, BACKUP);
});

test("a throttled backup says what it waits for; the bar never goes back, through a lost network and a reload", async () => {
  await control("/latency", { ms: 150 });
  await control("/throttle", { match: { method: "POST", path: "/$batch" }, probability: 0.5, seed: 3, retryAfterSeconds: 4 });
  await backUp(priya, connection, "Product launch", "Slow");
  const bars = await watchBars(priya);
  await expect(priya.getByText("Goes on").first()).toBeVisible({ timeout: 30_000 });
  await shot(priya, "trouble-throttled");

  expect(await bars()).toEqual([]);

  // After a reload no stream gets through; the page says so and goes on by itself when one does. Until then nothing gets to an end.
  await control("/throttle", { match: { method: "POST", path: "/$batch" }, probability: 1, seed: 3, retryAfterSeconds: 4 });
  await priya.route("**/events", (route) => route.abort());
  await priya.reload();
  const lost = priya.getByText("Connection lost. Trying again; the backup goes on.");
  await expect(lost).toBeVisible();
  await shot(priya, "trouble-offline");
  const again = await watchBars(priya);
  await priya.unroute("**/events");
  await expect(lost).toBeHidden({ timeout: 30_000 });
  expect(await again()).toEqual([]);
  await control("/throttle", undefined, "DELETE");
  await control("/latency", { ms: 0 });
  await expect(priya.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  await expect(priya.getByRole("progressbar")).toHaveCount(0);
  await expect(priya.getByRole("region", { name: "Plans of this run" }).getByRole("listitem")).toHaveCount(1);
});

test("a restore whose account must sign in again waits in words, and goes on where it stopped", async () => {
  await priya.goto(`/w/${workspace}/plans`);
  await priya.getByRole("link", { name: /Product launch/ }).first().click();
  await priya.getByRole("link", { name: "Open the newest" }).click();
  await priya.waitForURL(/\/snapshots\/[0-9a-f-]{36}$/);
  await priya.goto(`${priya.url()}/restore?title=After+a+new+password`);
  await priya.getByRole("button", { name: "Preview" }).click();
  await priya.waitForURL(/\/restores\/[0-9a-f-]{36}/);
  const restore = priya.url();
  const go = priya.getByRole("button", { name: "Restore 7 tasks", exact: true });
  await expect(go).toBeVisible({ timeout: 60_000 });
  await control("/latency", { ms: 1_000 }); // tasks are left to write when the sign-in is taken away
  await go.click();
  await expect(priya.getByText(/^\d+ of \d+/)).toBeVisible({ timeout: 60_000 });
  await control("/revoke-tokens", { user: BACKUP });
  await expect(priya.getByText("Paused: the connection account must sign in")).toBeVisible({ timeout: 60_000 });
  await shot(priya, "trouble-paused");
  await control("/latency", { ms: 0 });
  await priya.getByRole("button", { name: "Sign in the account" }).click();
  await pickAccount(priya, BACKUP);
  await passMicrosoft(priya);
  await priya.goto(restore);
  await priya.getByRole("button", { name: "Resume" }).click();
  await expect(priya.getByRole("region", { name: "Report" })).toContainText("Restored, and equal to the snapshot", { timeout: 120_000 });
  await shot(priya, "trouble-resumed");
});

test("a form whose answer is lost says so, keeps what was typed, and works when the network is back", async () => {
  await priya.goto(`/w/${workspace}/members`);
  const name = priya.getByLabel("Workspace name");
  await name.fill("After the storm");
  await priya.route("**/members", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await priya.getByRole("button", { name: "Rename" }).click();
  await expect(priya.getByText("Planback did not answer")).toBeVisible();
  await expect(name).toHaveValue("After the storm");
  await priya.unroute("**/members");
  await priya.getByRole("button", { name: "Rename" }).click();
  await expect(priya.getByText("Renamed.")).toBeVisible();
  await expect(priya.getByText("Planback did not answer")).toHaveCount(0);
});

/** Looks at every bar of the page as it changes. The answer names those that went back, or were full. */
async function watchBars(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const wrong: string[] = [];
    const last = new Map<string, number>();
    const look = () => {
      for (const bar of document.querySelectorAll('[role="progressbar"]')) {
        const [label, now] = [bar.getAttribute("aria-label")!, Number(bar.getAttribute("aria-valuenow") ?? 0)];
        if (now < (last.get(label) ?? 0) || now >= 100) wrong.push(`${label}: ${last.get(label)} → ${now}`);
        last.set(label, now);
      }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    Object.assign(window, { wrongBars: wrong });
  });
  return () => page.evaluate(() => (window as unknown as { wrongBars: string[] }).wrongBars);
}
