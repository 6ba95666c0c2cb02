import { expect, test } from "@playwright/test";
import type { S3Settings } from "../lib/repository";
import { CloudServer } from "../lib/repository/testing-servers";
import { BACKUP, PRIYA, backUp, connectAccount, control, grantConsent, newWorkspace, person } from "./support";

/** The address that playwright.config.ts lets workspaces bring along. */
const PORT = 4930;
let server: CloudServer;
test.beforeAll(async () => { server = await CloudServer.start("s3", PORT); });
test.afterAll(() => server?.close());
test.beforeEach(() => control("/reset", {}));

test("a storage of one's own is tried, kept, and the backups are moved there while more are made", async ({ browser }) => {
  const admin = await person(browser);
  const workspace = await newWorkspace(admin, PRIYA, "Own storage");
  await grantConsent(admin, workspace, "Backup", PRIYA);
  const policy = await backUp(admin, await connectAccount(admin, workspace, BACKUP), "Product launch", "Daily");
  await expect(admin.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  const place = (await server.place()) as S3Settings;

  await admin.goto(`/w/${workspace}/storage`);
  const where = admin.getByRole("region", { name: "Where backups are kept" });
  await expect(where.getByText("This installation's disk.")).toBeVisible();
  await where.getByRole("button", { name: "Add a storage of your own" }).click();
  const dialog = admin.getByRole("dialog");
  await dialog.getByLabel("Bucket").fill(place.bucket);
  await dialog.getByLabel("Region").fill(place.region);
  await dialog.getByLabel("Access key", { exact: true }).fill(place.accessKey!.id);
  await dialog.getByLabel("Secret access key").fill(place.accessKey!.secret);
  await dialog.getByLabel("Address of the service").fill("https://169.254.169.254");
  await dialog.getByRole("button", { name: "Check and add" }).click();
  await expect(dialog.getByText("This host is not one of them.")).toBeVisible();
  await dialog.getByLabel("Address of the service").fill(server.origin);
  await dialog.getByLabel("Bucket").fill("not-there");
  await dialog.getByRole("button", { name: "Check and add" }).click();
  await expect(dialog.getByText("There is no such bucket.")).toBeVisible();
  await dialog.getByLabel("Bucket").fill(place.bucket);
  await dialog.getByRole("button", { name: "Check and add" }).click();
  await expect(dialog.getByText("It does what is needed.")).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();

  await where.getByRole("button", { name: /^Move to: / }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Move", exact: true }).click();
  await expect(where.getByText(/The old copies stay until/)).toBeVisible({ timeout: 60_000 });
  await expect(where.getByText(`${place.bucket} (127.0.0.1:${PORT}).`, { exact: true })).toBeVisible();

  // From the new place alone.
  await admin.goto(`/w/${workspace}/plans`);
  await admin.getByRole("link", { name: /Product launch/ }).first().click();
  await admin.getByRole("link", { name: "Open the newest" }).click();
  await expect(admin.getByRole("button", { name: "Write the press release" })).toBeVisible();
  await admin.goto(policy);
  await admin.getByRole("button", { name: "Back up now" }).click();
  await expect(admin.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 60_000 });

  await admin.goto(`/w/${workspace}/storage`);
  await where.getByRole("button", { name: "Remove old copies now" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Remove them" }).click();
  await expect(where.getByText(/The old copies are gone\./)).toBeVisible({ timeout: 60_000 });
  await admin.getByRole("button", { name: "Verify storage" }).click();
  await expect(admin.getByText("Every one is there and unaltered.")).toBeVisible({ timeout: 60_000 });
});
