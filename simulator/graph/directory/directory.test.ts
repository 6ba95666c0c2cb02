import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTOSO, GROUPS, PEOPLE } from "../../fixtures";
import { startSimulator, type Simulator } from "../../server";
import { callerFor, type Caller } from "../../testing";

let simulator: Simulator;
let backup: Caller;
beforeAll(async () => {
  simulator = await startSimulator({ size: "small" });
  backup = await callerFor(simulator);
});
afterAll(() => simulator.close());

const ref = (id: string) => ({ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
let serial = 0;
const newGroup = (fields: object = {}) => ({ displayName: "Fresh", mailNickname: `fresh${++serial}`, mailEnabled: true, securityEnabled: false, groupTypes: ["Unified"], ...fields });

describe("users and groups (learn.microsoft.com/graph/api/user-list, group-list, paging)", () => {
  it("pages name Microsoft's host, and following nextLink gives every user once", async () => {
    const seen: string[] = [];
    let next: string | undefined = "/users?$top=3&$select=id";
    while (next) {
      const page = await backup.get(next);
      expect(page.status).toBe(200);
      seen.push(...page.body.value.map((user) => user.id));
      next = page.body["@odata.nextLink"];
      if (next) expect(next).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/users\?/);
    }
    expect(seen.length).toBe(simulator.world.tenants.get(CONTOSO.tenantId)!.users.size);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("sends the default properties without $select, and only those of $select with it", async () => {
    const plain = (await backup.get("/me")).body;
    expect(plain).toMatchObject({ displayName: "Backup Account", userPrincipalName: "backup@contoso.example" });
    expect(plain).not.toHaveProperty("accountEnabled");
    expect((await backup.get("/me?$select=id,accountEnabled")).body).toEqual({ "@odata.context": expect.any(String), id: PEOPLE.backup.id, accountEnabled: true });
    expect((await backup.get("/me?$select=nonsense")).body.error.message).toContain("Could not find a property named 'nonsense'");
  });

  it("filters with eq, in, startsWith and any; ne needs ConsistencyLevel and $count (aad-advanced-queries)", async () => {
    const names = async (filter: string, headers = {}) => (await backup.get(`/users?$select=displayName&$filter=${encodeURIComponent(filter)}${"ConsistencyLevel" in headers ? "&$count=true" : ""}`, headers)).body;
    expect((await names(`userPrincipalName eq 'PRIYA@contoso.example'`)).value).toEqual([{ displayName: "Priya Raman" }]);
    expect((await names(`id in ('${PEOPLE.alice.id}','${PEOPLE.ben.id}')`)).value).toHaveLength(2);
    expect((await names(`startswith(displayName,'Backup') and accountEnabled eq true`)).value).toHaveLength(2);
    expect((await names(`userType ne 'Guest'`)).error.code).toBe("Request_UnsupportedQuery");
    expect((await names(`userType ne 'Guest'`, { ConsistencyLevel: "eventual" }))["@odata.count"]).toBe(13);
    expect((await names(`id in (${Array.from({ length: 16 }, (_, i) => `'${i}'`).join(",")})`)).error.message).toContain("Max allowed: 15");
    expect((await names(`displayName eq`)).error.code).toBe("Request_UnsupportedQuery");
    const unified = await backup.get(`/groups?$filter=${encodeURIComponent("groupTypes/any(c:c eq 'Unified') and visibility eq 'Private'")}&$select=displayName`);
    expect(unified.body.value.map((group) => group.displayName)).toEqual(["Finance", "Legal & Compliance", "Executive Board"]);
  });

  it("memberOf lists member groups and roles; the cast leaves only groups; owned groups are another list (user-list-memberof)", async () => {
    const mine = await backup.get("/me/memberOf/microsoft.graph.group?$select=id");
    const ids = mine.body.value.map((group) => group.id);
    expect(ids).toContain(GROUPS.legal);
    expect(ids).not.toContain(GROUPS.executiveBoard);
    expect(ids).not.toContain(GROUPS.facilities);
    const owned = await backup.get("/me/ownedObjects/microsoft.graph.group?$select=id");
    expect(owned.body.value.map((group) => group.id).sort()).toEqual([GROUPS.marketing, GROUPS.finance, GROUPS.facilities].sort());
    const admin = await callerFor(simulator, { user: PEOPLE.priya });
    const roles = await admin.get("/me/transitiveMemberOf/microsoft.graph.directoryRole");
    expect(roles.body.value).toEqual([expect.objectContaining({ displayName: "Global Administrator", roleTemplateId: "62e90394-69f5-4237-9190-012177145e10" })]);
  });

  it("hides members of a HiddenMembership group from people outside it (resources/group, visibility)", async () => {
    const outsider = await callerFor(simulator, { user: PEOPLE.ben });
    expect((await outsider.get(`/groups/${GROUPS.mergerRoom}/members`)).body.value).toEqual([]);
    expect((await backup.get(`/groups/${GROUPS.mergerRoom}/members/microsoft.graph.user?$select=id`)).body.value).toHaveLength(2);
  });

  it("licenceDetails and assignedPlans tell a mailbox from its absence (user-list-licensedetails)", async () => {
    const lite = await callerFor(simulator, { user: PEOPLE.lite });
    const plans = async (caller: Caller) => (await caller.get("/me/licenseDetails")).body.value.flatMap((licence) => (licence["servicePlans"] as { servicePlanName: string }[]).map((plan) => plan.servicePlanName));
    expect(await plans(backup)).toContain("EXCHANGE_S_ENTERPRISE");
    expect(await plans(lite)).not.toContain("EXCHANGE_S_ENTERPRISE");
  });
});

describe("permissions per call (graph/permissions-reference)", () => {
  it("403 Authorization_RequestDenied without a fitting scope; Planner and SharePoint refuse in their own words", async () => {
    const bare = await callerFor(simulator, { scopes: ["User.Read"] });
    expect((await bare.get("/groups")).body.error.code).toBe("Authorization_RequestDenied");
    expect((await bare.get(`/groups/${GROUPS.marketing}/planner/plans`)).body.error).toMatchObject({ code: "", message: "You do not have the required permissions to access this item." });
    expect((await bare.get(`/groups/${GROUPS.marketing}/drive`)).body.error.code).toBe("accessDenied");
    expect((await bare.get("/me")).status).toBe(200);
  });

  it("with User.ReadBasic.All alone the basic properties of others are seen, and of members without it only ids", async () => {
    const basic = await callerFor(simulator, { scopes: ["User.ReadBasic.All"] });
    expect((await basic.get(`/users/${PEOPLE.alice.id}?$select=displayName,accountEnabled`)).body).toMatchObject({ displayName: "Alice Meyer", accountEnabled: null });
    const members = await callerFor(simulator, { scopes: ["Group.Read.All"] });
    expect((await members.get(`/groups/${GROUPS.finance}/members?$select=id,displayName`)).body.value[0]).toMatchObject({ id: expect.any(String), displayName: null });
  });

  it("/me needs a user: app-only is a 400", async () => {
    const app = await callerFor(simulator, { roles: ["Group.Read.All"] });
    expect((await app.get("/me")).status).toBe(400);
    expect((await app.get("/groups")).status).toBe(200);
  });
});

describe("creating groups and membership (group-post-groups, group-post-members)", () => {
  it("the caller becomes owner but not member; adding him twice is a 400", async () => {
    const made = await backup.send("POST", "/groups", newGroup({ visibility: "Private" }));
    expect(made).toMatchObject({ status: 201, body: { visibility: "Private", groupTypes: ["Unified"] } });
    const id = made.body.id as string;
    expect((await backup.get(`/groups/${id}/owners?$select=id`)).body.value.map((o) => o.id)).toEqual([PEOPLE.backup.id]);
    expect((await backup.get(`/groups/${id}/members`)).body.value).toEqual([]);
    expect((await backup.send("POST", `/groups/${id}/members/$ref`, ref(PEOPLE.backup.id))).status).toBe(204);
    const again = await backup.send("POST", `/groups/${id}/members/$ref`, ref(PEOPLE.backup.id));
    expect(again).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining("already exist") } } });
    expect((await backup.send("PATCH", `/groups/${id}`, { "members@odata.bind": [PEOPLE.alice.id, PEOPLE.ben.id].map((u) => ref(u)["@odata.id"]) })).status).toBe(204);
    expect((await backup.send("DELETE", `/groups/${id}/members/${PEOPLE.ben.id}/$ref`)).status).toBe(204);
    expect((await backup.send("DELETE", `/groups/${id}`)).status).toBe(204);
    expect((await backup.get(`/groups/${id}`)).body.error.code).toBe("Request_ResourceNotFound");
  });

  it.each([
    ["no mailNickname", { mailNickname: undefined }],
    ["a nickname with a space", { mailNickname: "a b" }],
    ["a nickname that is taken", { mailNickname: "marketing" }],
    ["a displayName of 257 characters", { displayName: "x".repeat(257) }],
    ["a description of 1,025 characters", { description: "x".repeat(1025) }],
    ["an unknown visibility", { visibility: "Secret" }],
    ["more than 20 relationships", { "members@odata.bind": Array.from({ length: 21 }, (_, i) => `https://graph.microsoft.com/v1.0/users/${i}`) }],
    ["an ordinary user who names himself as owner", { "owners@odata.bind": [ref(PEOPLE.backup.id)["@odata.id"]] }],
  ])("refuses %s", async (_, fields) => {
    const refused = await backup.send("POST", "/groups", newGroup(fields));
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "Request_BadRequest" } } });
  });

  it("an upsert makes the group once, with the caller as owner and not as member; then it updates (group-upsert)", async () => {
    const path = "/groups(uniqueName='planback-restore-7')";
    const prefer = { Prefer: "create-if-missing" };
    const body = newGroup({ visibility: "Private" });
    expect((await backup.send("PATCH", path, body)).status).toBe(404);
    const made = await backup.send("PATCH", path, body, prefer);
    expect(made).toMatchObject({ status: 201, body: { uniqueName: "planback-restore-7", displayName: "Fresh", visibility: "Private" } });
    expect((await backup.get(`/groups/${made.body.id}/owners?$select=id`)).body.value.map((owner) => owner.id)).toEqual([PEOPLE.backup.id]);
    expect((await backup.get(`/groups/${made.body.id}/members`)).body.value).toEqual([]);
    const again = await backup.send("PATCH", "/groups/(uniqueName='PLANBACK-restore-7')", { ...body, description: "Again" }, prefer);
    expect([again.status, again.body.bytes.length]).toEqual([204, 0]);
    expect((await backup.get(`${path}?$select=id,uniqueName,description,mailNickname`)).body).toMatchObject({ id: made.body.id, uniqueName: "planback-restore-7", description: "Again", mailNickname: body.mailNickname });
    const ben = await callerFor(simulator, { user: PEOPLE.ben });
    expect((await ben.send("PATCH", path, body, prefer)).status).toBe(403);
    expect((await backup.send("POST", `/groups/${made.body.id}/owners/$ref`, ref(PEOPLE.alice.id))).status).toBe(204);
  });

  it("an upsert refuses what creating refuses, and uniqueName is read-only everywhere else (resources/group)", async () => {
    const prefer = { Prefer: "create-if-missing" };
    const reader = await callerFor(simulator, { scopes: ["Group.Read.All"] });
    expect((await reader.send("PATCH", "/groups(uniqueName='no')", newGroup(), prefer)).status).toBe(403);
    expect((await backup.send("PATCH", "/groups(uniqueName='no')", newGroup({ mailNickname: "marketing" }), prefer)).status).toBe(400);
    expect((await backup.send("POST", "/groups", newGroup({ uniqueName: "no" }))).status).toBe(400);
    expect((await backup.send("PATCH", `/groups/${GROUPS.marketing}`, { uniqueName: "no" })).status).toBe(400);
    expect((await backup.get("/groups(uniqueName='no')")).body.error.code).toBe("Request_ResourceNotFound");
  });

  it("EnableGroupCreation off: 403 for ordinary users, admins still may", async () => {
    const tenant = simulator.world.tenants.get(CONTOSO.tenantId)!;
    tenant.enableGroupCreation = false;
    const admin = await callerFor(simulator, { user: PEOPLE.priya });
    expect((await backup.send("POST", "/groups", newGroup())).status).toBe(403);
    expect((await backup.send("PATCH", "/groups(uniqueName='off')", newGroup(), { Prefer: "create-if-missing" })).status).toBe(403);
    expect((await admin.send("POST", "/groups", newGroup())).status).toBe(201);
    tenant.enableGroupCreation = true;
  });

  it("only an owner or an admin adds to a private group; anyone joins a public one by himself", async () => {
    const ben = await callerFor(simulator, { user: PEOPLE.ben });
    expect((await backup.send("POST", `/groups/${GROUPS.legal}/members/$ref`, ref(PEOPLE.ben.id))).status).toBe(403);
    expect((await backup.send("POST", `/groups/${GROUPS.finance}/members/$ref`, ref(PEOPLE.guest.id))).status).toBe(204);
    const engineering = simulator.world.tenants.get(CONTOSO.tenantId)!.groups.get(GROUPS.engineering)!;
    engineering.members.delete(PEOPLE.ben.id);
    expect((await ben.send("POST", `/groups/${GROUPS.engineering}/members/$ref`, ref(PEOPLE.ben.id))).status).toBe(204);
  });

  it("a new group's drive and plans lag behind the group", async () => {
    simulator.world.newGroupLagMs = 60_000;
    const { id } = (await backup.send("POST", "/groups", newGroup())).body;
    await backup.send("POST", `/groups/${id}/members/$ref`, ref(PEOPLE.backup.id));
    expect((await backup.get(`/groups/${id}`)).status).toBe(200);
    expect((await backup.get(`/groups/${id}/drive`)).status).toBe(404);
    expect([403, 404]).toContain((await backup.get(`/groups/${id}/planner/plans`)).status);
    simulator.world.moveClock(61_000);
    expect((await backup.get(`/groups/${id}/drive`)).status).toBe(200);
    expect((await backup.get(`/groups/${id}/planner/plans`)).status).toBe(200);
    simulator.world.newGroupLagMs = 0;
  });
});

it("oauth2PermissionGrants shows what an admin granted, and nothing before (resources/oauth2permissiongrant)", async () => {
  expect((await backup.get("/oauth2PermissionGrants")).body.value).toEqual([]);
  const tenant = simulator.world.tenants.get(CONTOSO.tenantId)!;
  tenant.grants.set("b0000000-0000-4000-8000-0000000000b1", { allPrincipals: new Set(["Group.Read.All"]), byUser: new Map(), appRoles: new Set() });
  const principal = (await backup.get("/servicePrincipals?$filter=appId eq 'b0000000-0000-4000-8000-0000000000b1'")).body.value[0];
  expect((await backup.get(`/oauth2PermissionGrants?$filter=clientId eq '${principal!.id}'`)).body.value).toEqual([expect.objectContaining({ consentType: "AllPrincipals", scope: "Group.Read.All" })]);
});
