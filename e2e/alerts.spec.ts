import { readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, type Page } from "@playwright/test";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { ALICE, PRIYA, control, newWorkspace, person, shot, signIn } from "./support";

/** Somebody sets up who is told, sees the real answers, and finds in the log who did what. */
test.describe.configure({ mode: "serial" });

let page: Page;
let ws = "";
let answer = 200;
const got: { headers: Record<string, string>; body: string }[] = [];
const mails: string[] = [];

const hook = http.createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk)).on("end", () => {
    got.push({ headers: request.headers as Record<string, string>, body });
    response.writeHead(answer).end(answer === 200 ? "thanks" : "not today");
  });
});
/** Where the application sends mail to: playwright.config.ts, or who started it. */
const SMTP_PORT = Number(process.env.E2E_SMTP_PORT ?? 4925);
const smtp = new SMTPServer({
  authOptional: true, disabledCommands: ["STARTTLS"],
  onData: (stream, _session, done) => {
    let raw = "";
    stream.on("data", (chunk) => (raw += String(chunk))).on("end", () => {
      mails.push(raw);
      done();
    });
  },
});

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve) => smtp.listen(SMTP_PORT, "127.0.0.1", resolve));
  page = await person(browser);
  ws = await newWorkspace(page, PRIYA, "Alerts");
});
test.afterAll(() => {
  hook.close();
  smtp.close();
});

async function addChannel(kind: string, fields: Record<string, string>): Promise<void> {
  await page.getByRole("button", { name: "Add channel" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: kind }).click();
  for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label, { exact: true }).fill(value);
  await dialog.getByRole("button", { name: "Add channel" }).click();
}

test("e-mail: a test message arrives, and the server's answer is shown", async () => {
  await page.goto(`/w/${ws}`);
  await page.getByRole("link", { name: "Notifications" }).click();
  await expect(page.getByRole("heading", { name: "Nobody is told of anything" })).toBeVisible();
  await addChannel("E-mail", { Name: "IT operations", Addresses: "it@contoso.example, not an address" });
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("not an e-mail address");
  await page.getByRole("dialog").getByLabel("Addresses", { exact: true }).fill("it@contoso.example");
  await page.getByRole("dialog").getByRole("button", { name: "Add channel" }).click();
  await page.getByRole("button", { name: "Send test to IT operations" }).click();
  await expect(page.getByText("Delivered", { exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/answered: 250 /)).toBeVisible();
  expect(mails[0]).toContain("Subject: Test message from Planback");
  expect(mails[0]).toContain("To: it@contoso.example");
});

test("webhook: its secret is shown once and verifies what arrives; a refusal is told in the other side's words", async () => {
  await addChannel("Webhook", { Name: "Pager", Address: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/planback` });
  const secret = await page.getByRole("dialog").getByLabel("Secret").inputValue();
  await page.getByRole("button", { name: "I have kept it" }).click();
  const row = page.getByRole("listitem").filter({ hasText: "Pager" }).first();
  await row.getByRole("button", { name: "Send test" }).click();
  await expect(row.getByText("answered: 200 thanks")).toBeVisible({ timeout: 30_000 });
  expect(new Webhook(secret).verify(got[0]!.body, got[0]!.headers)).toMatchObject({ type: "test", data: { workspaceId: ws } });

  answer = 500;
  await row.getByRole("button", { name: "Send test" }).click();
  await expect(row.getByText("Not delivered", { exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(row.getByText("500 not today").first()).toBeVisible();

  await row.getByRole("button", { name: "Change Pager" }).click();
  await expect(page.getByRole("dialog").getByLabel("Address", { exact: true })).toHaveValue(/planback$/);
  await page.getByRole("dialog").getByRole("checkbox", { name: /^Weekly digest/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save channel" }).click();
  await expect(row.getByText(/Is told: nothing backed up, backup failed/)).toBeVisible();
});

test("Teams: only the address of a workflow is taken; messages name things only when somebody allows it", async () => {
  await addChannel("Microsoft Teams", { Name: "Channel of IT", "Address of the workflow": "https://evil.example/hook" });
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("Teams workflow");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  const names = page.getByRole("checkbox", { name: /^Name policies/ });
  await expect(names).not.toBeChecked();
  await names.click();
  await expect(names).toBeChecked();
  await page.reload();
  await expect(page.getByRole("checkbox", { name: /^Name policies/ })).toBeChecked();
  await shot(page, "notifications");
});

test("the activity log says who did it, filters by the address, and its chain is whole", async ({ browser }) => {
  await page.getByRole("link", { name: "Activity" }).click();
  const entries = page.getByRole("list", { name: "Entries, newest first" }).getByRole("listitem");
  await expect(entries.first()).toContainText("Priya Raman changed what messages may name, names are allowed");
  await expect(entries.last()).toContainText("made the workspace");
  await page.getByLabel("Action", { exact: true }).selectOption({ label: "Added a channel" });
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/action=channel\.created/);
  await expect(entries).toHaveCount(2);
  await expect(entries.first()).toContainText("Pager");
  await page.getByRole("link", { name: "Show everything" }).click();

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "JSON lines" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^activity-to-\d+\.jsonl$/);
  const lines = readFileSync(await file.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line) as { seq?: number; anchor?: string });
  expect(lines.map((line) => line.seq).slice(0, -1)).toEqual(Array.from({ length: lines.length - 1 }, (_, i) => i + 1));
  const { anchor } = lines.at(-1)!;

  await page.getByLabel(/^Anchor noted earlier/).fill(anchor!);
  await page.getByRole("button", { name: "Verify chain" }).click();
  await expect(page.getByText("The chain is whole")).toBeVisible();
  await page.getByLabel(/^Anchor noted earlier/).fill(anchor!.replace(/.$/, (last) => (last === "0" ? "1" : "0")));
  await page.getByRole("button", { name: "Verify chain" }).click();
  await expect(page.getByText("The log is not as it was written")).toBeVisible();
  await shot(page, "activity");

  // A viewer is not offered the log, and asking for it is in it.
  await page.goto(`/w/${ws}/members`);
  await page.getByLabel("Role", { exact: true }).selectOption("viewer");
  await page.getByRole("button", { name: "Make invitation link" }).click();
  const link = await page.getByLabel("Invitation link").inputValue();
  const viewer = await person(browser);
  await signIn(viewer, ALICE);
  await viewer.goto(link);
  await viewer.getByRole("button", { name: "Join workspace" }).click();
  await viewer.waitForURL(new RegExp(`/w/${ws}`));
  await expect(viewer.getByRole("link", { name: "Notifications" })).toBeVisible();
  await expect(viewer.getByRole("link", { name: "Activity" })).toHaveCount(0);
  await viewer.goto(`/w/${ws}/activity`);
  await expect(viewer.getByRole("heading", { name: "Your role does not allow this" })).toBeVisible();
  await page.goto(`/w/${ws}/activity`);
  await expect(page.getByRole("listitem").filter({ hasText: "Alice Meyer was refused, asked for audit.view" }).first()).toBeVisible();
});
