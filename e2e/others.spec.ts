import { expect, test, type Page } from "@playwright/test";
import { APP, ALICE, BACKUP, BACKUP_LITE, FIONA, PRIYA, SIMULATOR, backUp, connectAccount, connectForRestore, control, grantConsent, newWorkspace, person, pickAccount } from "./support";

/** What people meet beside the straight way: no admin at hand, a refusal, an account that lacks something, another customer. */
test.beforeEach(() => control("/reset", {}));

const askForBackup = async (page: Page, workspace: string) => {
  await page.goto(`/w/${workspace}/consent`);
  await page.getByRole("region", { name: "Backup consent" }).getByRole("button", { name: "Grant consent" }).click();
  await page.waitForURL((url) => url.origin === SIMULATOR);
};

test("somebody without admin rights sends a link; an admin without an account grants; the first page goes on by itself", async ({ browser }) => {
  const alice = await person(browser);
  const workspace = await newWorkspace(alice, ALICE, "Alice's");
  await askForBackup(alice, workspace);
  const account = alice.getByRole("button", { name: ALICE });
  if (await account.isVisible()) await account.click();
  await expect(alice.getByRole("heading", { name: "Need admin approval" })).toBeVisible();

  await alice.goto(`/w/${workspace}/consent`);
  const card = alice.getByRole("region", { name: "Backup consent" });
  await card.getByRole("button", { name: "Make a link for an administrator" }).click();
  const link = await card.getByLabel("Link for the administrator").inputValue();
  await alice.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined })); // as at an address without https
  await card.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(card.getByText("The browser does not allow it")).toBeVisible();

  const admin = await person(browser);
  await admin.goto(link);
  await expect(admin.getByText("Alice Meyer").first()).toBeVisible();
  await expect(admin.getByText("Group.Read.All").first()).toBeVisible();
  await admin.getByRole("button", { name: "Grant consent" }).click();
  await pickAccount(admin, PRIYA);
  await admin.getByRole("button", { name: "Accept" }).click();
  await expect(admin.getByRole("heading", { name: "Consent is granted" })).toBeVisible();

  await expect(card.getByText("Granted", { exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(alice.getByRole("link", { name: "Go on: connect an account" })).toBeVisible();
});

test("declined and foreign answers end on pages of their own and grant nothing", async ({ browser }) => {
  const admin = await person(browser);
  const workspace = await newWorkspace(admin, PRIYA, "Declined");
  await askForBackup(admin, workspace);
  const account = admin.getByRole("button", { name: PRIYA });
  if (await account.isVisible()) await account.click();
  await admin.getByRole("button", { name: "Cancel" }).click();
  await expect(admin.getByRole("heading", { name: "Consent was declined" })).toBeVisible();
  await admin.getByRole("link", { name: "Back to the consent page" }).click();
  await expect(admin.getByRole("region", { name: "Backup consent" }).getByText("Not granted")).toBeVisible();

  // The same address of the callback in another browser, and a made-up one.
  const calls: string[] = [];
  admin.on("request", (request) => {
    if (request.url().startsWith(`${APP}/api/consent/callback`)) calls.push(request.url());
  });
  await grantConsent(admin, workspace, "Backup", PRIYA);
  const stranger = await person(browser);
  await stranger.goto(calls[0]!);
  await expect(stranger.getByRole("heading", { name: /used already|another browser/ })).toBeVisible();
  await stranger.goto(`${APP}/api/consent/callback?admin_consent=True&tenant=c0a7050a-1c3e-4d6b-9f2a-5b8e7d4c1a01&state=made-up`);
  await expect(stranger.getByRole("heading", { level: 1 })).not.toContainText(/granted/i);
});

test("an account without a licence and outside of some groups: what it lacks is said, what works goes on", async ({ browser }) => {
  const admin = await person(browser);
  const workspace = await newWorkspace(admin, PRIYA, "Lite");
  await grantConsent(admin, workspace, "Backup", PRIYA);
  await grantConsent(admin, workspace, "Restore", PRIYA);
  const licensed = await connectAccount(admin, workspace, BACKUP);
  await expect(admin.getByText("Executive Board").first()).toBeAttached();
  const unlicensed = await connectAccount(admin, workspace, BACKUP_LITE);
  await connectForRestore(admin, BACKUP_LITE);

  await backUp(admin, unlicensed, "Product launch", "Unlicensed");
  await expect(admin.getByText("Partial", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  await admin.getByRole("link", { name: "See which and why" }).click();
  await expect(admin.getByText(/no Exchange Online mailbox/).first()).toBeAttached();

  await backUp(admin, licensed, "Product launch", "Licensed");
  await expect(admin.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  await admin.goto(`/w/${workspace}/plans`);
  await admin.getByRole("link", { name: /Product launch/ }).first().click();
  await admin.getByRole("link", { name: "Open the newest" }).click();
  await admin.getByRole("link", { name: "Restore…" }).first().click();
  await admin.waitForURL(/\/restore$/);
  const form = admin.url();
  await expect(admin.getByLabel("Connection account")).toContainText("Backup Lite");
  await admin.getByText("Post comments as quoted text").click();
  await admin.getByRole("button", { name: "Preview" }).click();
  await expect(admin.getByText("This restore cannot run")).toBeVisible({ timeout: 60_000 });
  await expect(admin.getByText(/no Exchange Online licence.*text in the notes/)).toBeVisible();
  await expect(admin.getByRole("button", { name: /^Restore \d/ })).toHaveCount(0);

  await admin.goto(form);
  await admin.getByRole("button", { name: "Preview" }).click();
  await admin.getByRole("button", { name: /^Restore \d+ tasks?$/ }).click();
  await expect(admin.getByRole("region", { name: "Report" })).toContainText("Restored, and equal to the snapshot", { timeout: 90_000 });
});

test("another customer's addresses answer as if nothing were there", async ({ browser }) => {
  const priya = await person(browser);
  const workspace = await newWorkspace(priya, PRIYA, "Secret of Contoso");
  const fiona = await person(browser);
  await newWorkspace(fiona, FIONA, "Fabrikam");
  const somewhere = "00000000-0000-4000-8000-000000000000";
  for (const path of ["", "/consent", "/connections", "/policies", "/policies/new", "/runs", "/plans", "/members", "/storage", "/restores"]) {
    const foreign = await fiona.request.get(`/w/${workspace}${path}`);
    const nowhere = await fiona.request.get(`/w/${somewhere}${path}`);
    expect([path, foreign.status()]).toEqual([path, nowhere.status()]);
    expect(await foreign.text()).not.toContain("Secret of Contoso");
  }
  await fiona.goto(`/w/${workspace}`);
  await expect(fiona.getByRole("heading", { name: "There is nothing at this address" })).toBeVisible();
});

test("a session that ended leads to the sign-in and back to the same address; a closed task gives the focus back", async ({ browser }) => {
  const admin = await person(browser);
  const workspace = await newWorkspace(admin, PRIYA, "Sessions");
  await grantConsent(admin, workspace, "Backup", PRIYA);
  await backUp(admin, await connectAccount(admin, workspace, BACKUP), "Product launch", "Daily");
  await admin.getByRole("region", { name: "Plans of this run" }).getByRole("link", { name: "Product launch" }).click({ timeout: 90_000 });
  await admin.waitForURL(/\/snapshots\//);
  const card = admin.getByRole("button", { name: "Write the press release" });
  await card.click();
  await expect(admin.getByRole("dialog").getByText("Approved from my side")).toBeVisible();
  await admin.keyboard.press("Escape");
  await expect(card).toBeFocused();

  const address = `${admin.url()}?q=press`;
  await admin.context().clearCookies({ name: /session/ });
  await admin.goto(address);
  await admin.getByRole("button", { name: "Sign in with Microsoft" }).click();
  await pickAccount(admin, PRIYA);
  await admin.waitForURL(address);
  await expect(card).toBeVisible();
});
