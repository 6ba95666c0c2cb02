import { expect, type Browser, type Page } from "@playwright/test";

export const APP = process.env.E2E_APP!;
export const SIMULATOR = process.env.E2E_SIMULATOR!;

export interface Fixtures {
  tenants: { id: string; displayName: string; people: { id: string; displayName: string; userPrincipalName: string }[] }[];
}

/** Asks the simulator's control API; the body is JSON. Throws when it refuses. */
export async function control(path: string, body?: unknown, method = body === undefined ? "GET" : "POST"): Promise<unknown> {
  const answer = await fetch(`${SIMULATOR}/_simulator${path}`, {
    method,
    headers: { accept: "application/json", "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} /_simulator${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** A person with a browser of their own. */
export async function person(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: APP, ...options });
  return context.newPage();
}

/** Chooses an account on Microsoft's page (the simulator's account picker). */
export async function pickAccount(page: Page, username: string): Promise<void> {
  await page.getByRole("button", { name: username }).click();
}

export async function signIn(page: Page, username: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: "Sign in with Microsoft" }).first().click();
  await pickAccount(page, username);
  await page.waitForURL((url) => url.origin === APP);
}

/** The workspace id in the address bar. */
export function workspaceOf(page: Page): string {
  const match = /\/w\/([0-9a-f-]{36})/.exec(page.url());
  expect(match, `a workspace in ${page.url()}`).not.toBeNull();
  return match![1]!;
}

/** Screenshot for people to look at; kept out of test-results, which every run wipes. */
export async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `.data/screens/${name}.png`, fullPage: false });
}
