import { expect, type Browser, type Page } from "@playwright/test";

export const APP = process.env.E2E_APP!;
export const SIMULATOR = process.env.E2E_SIMULATOR!;

/** People and groups of the simulator's Contoso (listed at /_simulator). */
export const PRIYA = "priya@contoso.example";
export const ALICE = "alice@contoso.example";
export const BACKUP = "backup@contoso.example";
export const BACKUP_LITE = "backup-lite@contoso.example";
export const FIONA = "fiona@fabrikam.example";
export const FAB_BACKUP = "backup@fabrikam.example";
export const FELIX = "felix@fabrikam.example";

/** Asks the simulator's control API; the body is JSON. Throws when it refuses. */
export async function control<T = unknown>(path: string, body?: unknown, method = body === undefined ? "GET" : "POST"): Promise<T> {
  const answer = await fetch(`${SIMULATOR}/_simulator${path}`, {
    method,
    headers: { accept: "application/json", "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} /_simulator${path}: ${answer.status} ${text}`);
  return (text ? JSON.parse(text) : null) as T;
}

/** A person with a browser of their own. */
export async function person(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: APP, ...options });
  return context.newPage();
}

/** Counts what the person does with mouse and keyboard, on all pages of this browser: clicks, and Enter and space on a control. Call it before the first page. */
export async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0;
  await page.exposeFunction("personClicked", () => void clicks++);
  await page.addInitScript(() => {
    // The browser makes a click of a key press on a control, too; of what a script or a label passes on, it says nothing or has counted it before.
    let last = -1;
    addEventListener("click", (event) => {
      if (event.isTrusted && event.timeStamp !== last) void (window as unknown as { personClicked(): void }).personClicked();
      last = event.timeStamp;
    }, true);
  });
  return () => clicks;
}

/** Chooses an account on Microsoft's page. */
export async function pickAccount(page: Page, username: string): Promise<void> {
  await page.getByRole("button", { name: username }).click();
}

export async function signIn(page: Page, username: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: "Sign in with Microsoft" }).first().click();
  await pickAccount(page, username);
  await passMicrosoft(page);
}

/** Through whatever Microsoft still asks (a first sign-in asks for the profile), back to Planback. */
export async function passMicrosoft(page: Page): Promise<void> {
  const accept = page.getByRole("button", { name: "Accept" });
  const arrived = page.waitForURL((url) => url.origin === APP && !url.pathname.startsWith("/api/"));
  // Only looked for while it is waited for: a click that waits on would press the button of a later page.
  const isAsked = await Promise.race([arrived.then(() => false), accept.waitFor().then(() => true, () => false)]);
  if (isAsked) await accept.click();
  await arrived;
}

/** Signs in for the first time and creates a workspace. Returns its id. */
export async function newWorkspace(page: Page, username: string, name: string): Promise<string> {
  await signIn(page, username);
  await page.goto("/welcome");
  await page.getByLabel("Workspace name").fill(name);
  await page.getByRole("button", { name: "Create workspace" }).click();
  await page.waitForURL(/\/w\/[0-9a-f-]{36}/);
  return workspaceOf(page);
}

/** The workspace id in the address bar. */
export function workspaceOf(page: Page): string {
  const match = /\/w\/([0-9a-f-]{36})/.exec(page.url());
  expect(match, `a workspace in ${page.url()}`).not.toBeNull();
  return match![1]!;
}

/** Grants one consent as the signed-in admin, through Microsoft's pages. */
export async function grantConsent(page: Page, workspace: string, purpose: "Backup" | "Restore" | "App-only", admin: string): Promise<void> {
  await page.goto(`/w/${workspace}/consent`);
  await page.getByRole("region", { name: `${purpose} consent` }).getByRole("button", { name: "Grant consent" }).click();
  await page.waitForURL((url) => url.origin === SIMULATOR);
  const account = page.getByRole("button", { name: admin });
  if (await account.isVisible()) await account.click();
  await expect(page.getByRole("heading", { name: "Permissions requested" })).toBeVisible();
  await page.getByRole("button", { name: "Accept" }).click();
  await page.waitForURL((url) => url.origin === APP);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/granted/i);
}

/** Connects an account from the connections page and waits until its checks are done; `tenant` is named where there are several. Returns the connection's address. */
export async function connectAccount(page: Page, workspace: string, username: string, tenant = ""): Promise<string> {
  await page.goto(`/w/${workspace}/connections`);
  await page.getByRole("button", { name: new RegExp(`^Connect account.*${tenant}`, "i") }).first().click();
  await page.waitForURL((url) => url.origin === SIMULATOR);
  await pickAccount(page, username);
  await passMicrosoft(page);
  await page.waitForURL(/\/w\/[0-9a-f-]+\/connections\/[0-9a-f-]+/);
  await expect(page.getByRole("link", { name: "Choose plans" })).toBeVisible({ timeout: 60_000 });
  return new URL(page.url()).pathname;
}

/** On the page of a connection: gives the account write access. */
export async function connectForRestore(page: Page, username: string): Promise<void> {
  await page.getByRole("button", { name: "Connect for restore" }).click();
  await pickAccount(page, username);
  await passMicrosoft(page);
  await expect(page.getByRole("button", { name: "Erase write access now" })).toBeVisible();
}

/** Protects one plan with a policy of its own and starts a backup: the page of the run is open afterwards. Returns the policy's address. */
export async function backUp(page: Page, connection: string, plan: string, policy: string): Promise<string> {
  await page.goto(connection);
  await page.getByRole("link", { name: "Choose plans" }).click();
  await page.getByRole("searchbox", { name: "Search groups and plans" }).fill(plan);
  await page.getByRole("treeitem", { name: plan, exact: true }).click();
  await page.getByLabel("Policy name").fill(policy);
  await page.getByRole("button", { name: "Save policy" }).click();
  await page.waitForURL(/\/policies\/[0-9a-f-]{36}/);
  const address = new URL(page.url()).pathname;
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  return address;
}

/** Screenshot for people to look at; kept out of test-results, which every run wipes. */
export async function shot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: `.data/screens/${name}.png` });
}
