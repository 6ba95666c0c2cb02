import { expect, test, type Page } from "@playwright/test";
import { ALICE, BACKUP, PRIYA, SIMULATOR, backUp, connectAccount, control, grantConsent, newWorkspace, passMicrosoft, person, pickAccount, shot, signIn } from "./support";

/** People: a loss that nobody ordered, who owns a workspace, and its end. */
test.describe.configure({ mode: "serial" });

let priya: Page;
let alice: Page;
let workspace = "";
let planPage = "";

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  [priya, alice] = [await person(browser), await person(browser)];
});

test("most of a plan goes: the plan's page says so, keeps everything, offers to restore, and ends it when somebody has looked", async () => {
  workspace = await newWorkspace(priya, PRIYA, "People of Contoso");
  await grantConsent(priya, workspace, "Backup", PRIYA);
  const policy = await backUp(priya, await connectAccount(priya, workspace, BACKUP), "Product launch", "People");
  await expect(priya.getByText("Complete", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  const { tenants } = await control<{ tenants: { groups: { plans: { id: string; title: string }[] }[] }[] }>("");
  const plan = tenants.flatMap(({ groups }) => groups).flatMap(({ plans }) => plans).find(({ title }) => title === "Product launch")!;
  await control("/delete-tasks", { planId: plan.id, keep: 1 });
  await priya.goto(policy);
  await priya.getByRole("button", { name: "Back up now" }).click();
  await priya.waitForURL(/\/runs\//);
  await expect(priya.getByText(/far more than usual/)).toBeVisible({ timeout: 90_000 });

  await priya.goto(`/w/${workspace}/plans`);
  await priya.getByRole("link", { name: /Product launch/ }).first().click();
  await priya.waitForURL(/\/plans\/[0-9a-f-]{36}/);
  planPage = priya.url();
  await expect(priya.getByText(/tasks went at once/)).toBeVisible();
  await shot(priya, "people-loss");
  await priya.getByRole("link", { name: "Restore them…" }).click();
  await expect(priya).toHaveURL(/\/restore\?.*damage/);
  await expect(priya.getByRole("heading", { level: 1 })).toContainText("Restore from Product launch");
  await priya.goto(planPage);
  await priya.getByRole("button", { name: "Release the hold…" }).click();
  await priya.getByRole("button", { name: "Release the hold", exact: true }).click();
  await expect(priya.getByText(/tasks went at once/)).toBeHidden();
});

test("ownership is handed over after signing in once more; Microsoft's word on when counts", async () => {
  await priya.goto(`/w/${workspace}/members`);
  await priya.getByLabel("Role", { exact: true }).selectOption("viewer");
  const make = priya.getByRole("button", { name: "Make invitation link" });
  await make.press("Enter");
  const link = await priya.getByLabel("Invitation link").inputValue();
  await signIn(alice, ALICE);
  await alice.goto(link);
  await alice.getByRole("button", { name: "Join workspace" }).click();
  await alice.waitForURL(new RegExp(`/w/${workspace}`));
  // The form shows what it would send next, also after it was sent.
  await expect(priya.getByLabel("Role", { exact: true })).toHaveValue("viewer");
  // A button that was at work still has the focus; one that goes with what it acted on leaves it to the page.
  await expect(make).toBeFocused();
  await make.press("Enter");
  await expect(priya.getByLabel("Invitation link")).not.toHaveValue(link);
  await priya.reload(); // the list may still have the first one
  const withdraw = priya.getByRole("button", { name: "Withdraw" });
  await expect(withdraw).toHaveCount(1); // the other one is used
  await withdraw.press("Enter");
  await expect(withdraw).toBeHidden();
  await expect(priya.getByRole("main")).toBeFocused();

  // A role is chosen, and then changed: the arrow keys that choose change nothing yet.
  await priya.reload();
  const role = priya.getByRole("combobox", { name: "Role of Alice Meyer" });
  await role.selectOption("operator");
  await priya.reload();
  await expect(role).toHaveValue("viewer");
  await role.selectOption("operator");
  await priya.getByRole("button", { name: "Change the role of Alice Meyer" }).click();
  await expect(priya.getByRole("button", { name: "Change the role of Alice Meyer" })).toBeHidden();
  await priya.reload();
  await expect(role).toHaveValue("operator");

  // An hour later: signed in at Microsoft still, but the password was typed long ago.
  await control("/age-sign-ins", { minutes: 60 });
  await priya.context().clearCookies({ domain: "localhost", name: /next-auth/ });
  await signIn(priya, PRIYA);
  for (const [page, form] of [["api-keys", "Make API key"], ["members", "Groups that Alice Meyer sees: All groups"]] as const) {
    await priya.goto(`/w/${workspace}/${page}`);
    await priya.getByRole("link", { name: form }).click();
    await expect(priya.getByRole("heading", { name: "Sign in once more" })).toBeVisible(); // before a form is filled in, not after
  }
  await priya.goto(`/w/${workspace}/members`);
  await priya.getByRole("button", { name: "Hand over to Alice" , exact: false }).click();
  await priya.getByRole("button", { name: "Hand over", exact: true }).click();
  await expect(priya.getByRole("heading", { name: "Sign in once more" })).toBeVisible();
  await shot(priya, "people-step-up");
  await priya.getByRole("button", { name: "Sign in again" }).click();
  await priya.waitForURL((url) => url.origin === SIMULATOR);
  await pickAccount(priya, PRIYA);
  await passMicrosoft(priya);
  await expect(priya).toHaveURL(new RegExp(`/w/${workspace}/members$`));
  await priya.getByRole("button", { name: "Hand over to Alice", exact: false }).click();
  await priya.getByRole("button", { name: "Hand over", exact: true }).click();
  await expect(priya.getByRole("heading", { name: "Delete this workspace" })).toBeHidden();
  await shot(priya, "people-members");
});

test("an owner rotates the keys; who is not one sees how old they are", async () => {
  await alice.goto(`/w/${workspace}/storage`);
  const keys = alice.getByRole("region", { name: "Keys and recovery" });
  await expect(keys.getByText("Keys number 1")).toBeVisible();
  await keys.getByRole("button", { name: "Rotate keys…" }).click();
  await alice.getByRole("button", { name: "Rotate keys", exact: true }).click();
  await expect(keys.getByText("Keys number 2")).toBeVisible();
  await shot(alice, "people-keys");
  await priya.goto(`/w/${workspace}/storage`);
  await expect(priya.getByText("Keys number 2")).toBeVisible();
  await expect(priya.getByRole("button", { name: "Rotate keys…" })).toBeHidden();
});

test("an owner deletes the workspace: by its name, said on every page, and cancelled by the owner alone", async () => {
  await alice.goto(`/w/${workspace}/members`);
  await alice.getByRole("button", { name: "Delete workspace…" }).click();
  const go = alice.getByRole("button", { name: "Delete in 14 days" });
  await expect(go).toBeDisabled();
  await alice.getByLabel(/To confirm, type/).fill("People of Contoso");
  await go.click();
  // Alice's sign-in was made an hour old too, but her session knows when she typed her password.
  await expect(alice.getByText(/This workspace will be deleted on/).first()).toBeVisible();
  for (const page of ["", "/plans", "/notifications", "/storage"]) {
    await alice.goto(`/w/${workspace}${page}`);
    await expect(alice.getByText(/This workspace will be deleted on/).first()).toBeVisible();
  }
  await priya.goto(`/w/${workspace}`);
  await expect(priya.getByText(/This workspace will be deleted on/).first()).toBeVisible();
  await expect(priya.getByRole("button", { name: "Cancel the deletion" })).toBeHidden();
  await shot(alice, "people-deletion");
  await alice.getByRole("button", { name: "Cancel the deletion" }).click();
  await expect(alice.getByText(/This workspace will be deleted on/)).toBeHidden();
});
