import { describe, expect, it } from "vitest";
import type { Config } from "@/lib/config";
import { BACKUP_SCOPES, evaluateRequirements, explainPermissions, hasMailboxPlan, missingScopes, RESTORE_SCOPES, scopesToAsk, type GroupFacts, type RequirementFacts } from "./index";

const group = (name: string, more: Partial<GroupFacts> = {}): GroupFacts => ({ id: name, name, visibility: "Public", isMember: true, isOwner: true, plans: 2, ...more });
const alive = (scopes: readonly string[]) => ({ state: "alive" as const, scopes: [...scopes], problem: null });
const facts = (more: Partial<RequirementFacts> = {}): RequirementFacts => ({
  username: "backup@contoso.example",
  accountEnabled: true,
  tokens: { backup: alive(BACKUP_SCOPES), restore: alive(RESTORE_SCOPES) },
  groups: [group("Marketing"), group("Finance", { visibility: "Private" })],
  users: 5,
  readProblem: null,
  hasMailbox: true,
  comments: 3,
  ...more,
});
const rowsOf = (given: RequirementFacts) => new Map(evaluateRequirements(given).map((row) => [row.id, row]));
const rowOf = (id: string, more: Partial<RequirementFacts>) => rowsOf(facts(more)).get(id)!;

describe("requirements", () => {
  it("an account that has everything meets every row", () => {
    const rows = evaluateRequirements(facts());
    expect(rows.filter((row) => row.state !== "met")).toEqual([]);
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
  });
  it("every unmet row has evidence, a remedy and what still works", () => {
    const worst = facts({
      accountEnabled: false,
      tokens: { backup: { state: "consent_missing", scopes: ["Group.Read.All"], problem: "The consent was removed." }, restore: { state: "needs_sign_in", scopes: null, problem: "Revoked." } },
      groups: [group("A", { isMember: false, isOwner: false, visibility: "Private", plans: null }), group("B", { visibility: "HiddenMembership", isOwner: false })],
      hasMailbox: false,
    });
    const unmet = evaluateRequirements(worst).filter((row) => row.state === "unmet");
    expect(unmet.length).toBeGreaterThan(5);
    for (const row of unmet) expect([row.id, Boolean(row.evidence), Boolean(row.remedy), Boolean(row.stillWorks)]).toEqual([row.id, true, true, true]);
  });
  it("lists the groups where the account is no member, with how to add it by kind of group", () => {
    const row = rowOf("backup.membership", { groups: [group("Open", { isMember: false, isOwner: false }), group("Closed", { isMember: false, isOwner: false, visibility: "Private" }), group("Owned", { isMember: false }), group("Mine")] });
    expect(row.state).toBe("unmet");
    expect(row.evidence).toBe("Member of 1 of 4 groups.");
    expect(row.items.map((item) => item.label)).toEqual(["Open", "Closed", "Owned"]);
    expect(row.items[0]!.detail).toContain("join it as backup@contoso.example");
    expect(row.items[1]!.detail).toContain("an owner of the group");
    expect(row.items[2]!.detail).toContain("owner, which is not enough");
  });
  it("for a restore, member or owner is enough in public groups, private ones need both", () => {
    const groups = [group("Public, owner only", { isMember: false }), group("Private, member only", { isOwner: false, visibility: "Private" })];
    expect(rowOf("restore.membership", { groups }).state).toBe("met");
    const row = rowOf("restore.ownership", { groups });
    expect(row.state).toBe("unmet");
    expect(row.items.map((item) => item.label)).toEqual(["Private, member only"]);
    expect(rowOf("restore.ownership", { groups: [group("Public")] }).state).toBe("not_needed");
  });
  it("Exchange Online is needed only when there are comments", () => {
    expect(rowOf("restore.exchange", { comments: 0, hasMailbox: false }).state).toBe("not_needed");
    expect(rowOf("restore.exchange", { comments: 2, hasMailbox: false }).state).toBe("unmet");
    expect(rowOf("restore.exchange", { comments: 2, hasMailbox: null }).state).toBe("unknown");
  });
  it("a restore that nobody signed in for is not a failure", () => {
    const rows = rowsOf(facts({ tokens: { backup: alive(BACKUP_SCOPES), restore: { state: "absent", scopes: null, problem: null } } }));
    for (const id of ["consent", "scopes", "token", "groups", "plans", "users"]) expect(rows.get(`restore.${id}`)!.state).toBe("not_needed");
    expect(rows.get("backup.token")!.state).toBe("met");
  });
  it("names the permissions that are missing", () => {
    const row = rowOf("backup.scopes", { tokens: { backup: alive(["Group.Read.All", "User.ReadBasic.All", "Tasks.Read"]), restore: alive(RESTORE_SCOPES) } });
    expect(row).toMatchObject({ state: "unmet", items: [{ label: "Directory.Read.All" }] });
  });
  it("what could not be read is unknown, never unmet", () => {
    const rows = rowsOf(facts({ groups: null, users: null, hasMailbox: null, accountEnabled: null, readProblem: "Microsoft did not answer." }));
    for (const id of ["backup.account", "backup.groups", "backup.plans", "backup.users", "backup.membership", "restore.membership", "restore.ownership", "restore.exchange"]) expect(rows.get(id)!.state).toBe("unknown");
  });
  it("a mailbox plan counts when it is provisioned; EXCHANGE_S_FOUNDATION is no mailbox", () => {
    const plan = (servicePlanId: string, provisioningStatus = "Success") => [{ servicePlanId, provisioningStatus }];
    expect(hasMailboxPlan(plan("efb87545-963c-4e0d-99df-69c6916d9eb0"))).toBe(true);
    expect(hasMailboxPlan(plan("efb87545-963c-4e0d-99df-69c6916d9eb0", "PendingProvisioning"))).toBe(false);
    expect(hasMailboxPlan(plan("113feb6c-3fe4-4440-bddc-54d774bf0318"))).toBe(false);
  });
});

describe("scopes", () => {
  const app = (clientId: string) => ({ clientId, clientSecret: "s", certificatePem: null });
  const two = { apps: { backup: app("a"), restore: app("b") } } as Config;
  const one = { apps: { backup: app("a"), restore: app("a") } } as Config;
  it("two registrations ask for their own, one registration asks for the union each time", () => {
    expect(scopesToAsk(two, "backup")).toEqual(BACKUP_SCOPES);
    expect(scopesToAsk(two, "restore")).toEqual(RESTORE_SCOPES);
    for (const purpose of ["backup", "restore"] as const) expect(new Set(scopesToAsk(one, purpose))).toEqual(new Set([...BACKUP_SCOPES, ...RESTORE_SCOPES]));
  });
  it("every permission that is asked for is explained", () => {
    for (const purpose of ["backup", "restore"] as const) {
      const explained = explainPermissions(one, purpose);
      expect(explained.map((each) => each.name)).toEqual(scopesToAsk(one, purpose));
      for (const each of explained) expect(each.why && each.allows && each.doesNot).toBeTruthy();
    }
  });
  it("names are compared in either form", () => {
    expect(missingScopes(["https://graph.microsoft.com/Group.Read.All", "user.readbasic.all", "openid"], "backup")).toEqual(["Directory.Read.All", "Tasks.Read"]);
  });
});
