/** What each role may do, and that a member who sees some groups only is shown nothing of the others. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limitToGroups, withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { isPlanbackError, type ErrorCode } from "@/lib/errors";
import * as api from "./index";
import { ROLE_PERMISSIONS } from "./roles";
import { callsOn, fill, person, policyInput, restoreInput, things } from "./testing";
import type { Actor, Role } from "./types";

const ROLES = Object.keys(ROLE_PERMISSIONS) as Role[];
const hidden = things();
const seen = { ...things(), groupName: "Sales", graphPlanId: "graph-plan-9", planTitle: "Quarter", taskTitle: "Paint the office" };
/** What nobody may read who does not see the hidden group; "Roadmap of the board" is a plan of no group. */
const NAMES = [hidden.groupName, hidden.planTitle, hidden.taskTitle, "Second", "Board", "Roadmap of the board"];

let database: TestDatabase;
let owner: Actor;
let ws: string;
/** One of each role who sees all; an admin and an operator who see the group of `seen`. */
const people = {} as Record<Role, Actor>;
let admin: Actor;
let operator: Actor;

const refused = (code: ErrorCode) => (error: unknown) => isPlanbackError(error, code);
const memberOf = async (actor: Actor) => (await api.listMembers(actor, ws)).find((member) => member.isYou)!;

async function join(role: Role, groups: string[] | null = null): Promise<Actor> {
  const actor = person(`${role} ${randomUUID().slice(0, 4)}`);
  const { link } = await api.createInvitation(owner, ws, { role, groups });
  await api.acceptInvitation(actor, link.slice(link.lastIndexOf("/") + 1));
  return actor;
}

beforeAll(async () => {
  database = await testDatabase();
  owner = person("olga");
  ws = (await api.createWorkspace(owner, { name: "Ours" })).id;
  await fill(ws, hidden);
  await fill(ws, seen);
  for (const role of ROLES) people[role] = role === "owner" ? owner : await join(role);
  admin = await join("admin", [seen.groupId]);
  operator = await join("operator", [seen.groupId.toUpperCase()]);
});
afterAll(() => database?.close());

describe("roles", () => {
  // With an id that does not exist: who has the right gets past it, and nothing is destroyed.
  test.each(callsOn({ ...hidden, id: randomUUID() }).flatMap(([name, call, permission]) => ROLES.map((role) => ({ name, role, permission, call }))))("$name: $role, by $permission", async ({ role, call, permission }) => {
    const answer = await call(people[role], ws, randomUUID()).then(() => "done", (error: unknown) => (isPlanbackError(error) ? error.code : String(error)));
    if (!ROLE_PERMISSIONS[role].includes(permission)) expect(answer).toBe("forbidden");
    else expect(answer).toMatch(/^(done|not_found|invalid_input|consent_missing|conflict)$/);
  });

  test("an invitation by somebody who loses the right at this moment does not outlive it", async () => {
    for (let round = 0; round < 8; round++) {
      const loser = await join("admin");
      const { id } = await memberOf(loser);
      const [made] = await Promise.allSettled([api.createInvitation(loser, ws, { role: "viewer" }), api.changeRole(owner, ws, id, "viewer")]);
      if (made.status === "fulfilled") {
        const { link } = made.value;
        await expect(api.acceptInvitation(person("late"), link.slice(link.lastIndexOf("/") + 1)), `round ${round}`).rejects.toSatisfy(refused("expired"));
      } else expect(made.reason).toSatisfy(refused("forbidden"));
    }
  });

  test("only an owner touches owners", async () => {
    const [me, other] = [await memberOf(owner), await memberOf(people.viewer)];
    await expect(api.changeRole(people.admin, ws, me.id, "viewer")).rejects.toSatisfy(refused("forbidden"));
    await expect(api.changeRole(people.admin, ws, other.id, "owner")).rejects.toSatisfy(refused("forbidden"));
    await expect(api.removeMember(people.admin, ws, me.id)).rejects.toSatisfy(refused("forbidden"));
    await expect(api.changeGroups(people.admin, ws, me.id, [seen.groupId])).rejects.toSatisfy(refused("forbidden"));
    await expect(api.removeMember(people.operator, ws, other.id)).rejects.toSatisfy(refused("forbidden"));
  });
});

/** Take ids of what belongs to the workspace and not to a group: accounts, people, links, channels, verifications. */
const OF_THE_WORKSPACE = new Set([
  "changeRole", "removeMember", "changeGroups", "transferOwnership", "revokeInvitation", "revokeConsentLink", "startConnect", "getConnection", "recheckConnection", "setExtras",
  "removeConnection", "removeWriteAccess", "readCatalogue", "getVerification", "cancelVerification", "saveChannel", "removeChannel", "testChannel", "getDelivery", "revokeKey",
]);
const ABOUT_PLANS = callsOn(hidden).filter(([name, call]) => call.length === 3 && !OF_THE_WORKSPACE.has(name));
/** What only reads comes first: the others may take away what could be shown. */
const isReading = (name: string): boolean => /^(get|list|read|search|export)/.test(name);
const REST = callsOn(hidden).filter((row) => !ABOUT_PLANS.some(([name]) => name === row[0])).sort(([a], [b]) => Number(isReading(b)) - Number(isReading(a)));
const namesIn = (value: unknown): string[] => NAMES.filter((name) => JSON.stringify(value ?? null).includes(name));

describe("a member who sees some groups only", () => {
  test.each(ABOUT_PLANS)("%s: what belongs to another group does not exist", async (_name, call) => {
    for (const who of [admin, operator]) {
      const answer = (id: string) => call(who, ws, id).then(() => "done", (error: unknown) => (isPlanbackError(error) ? `${error.code}: ${error.message}` : String(error)));
      const foreign = await answer(hidden.id);
      expect(foreign).toMatch(/^(not_found|forbidden): /);
      expect(await answer(randomUUID())).toBe(foreign);
    }
    await expect(call(admin, ws, hidden.id)).rejects.toSatisfy(refused("not_found"));
  });

  test("what belongs to his group is there", async () => {
    expect((await api.getPlan(operator, ws, seen.id)).plan.title).toBe("Quarter");
    expect((await api.getRun(operator, ws, seen.id)).items.map(({ title }) => title)).toEqual(["Quarter"]);
    expect((await api.getRestore(operator, ws, seen.id)).planTitle).toBe("Quarter");
    expect((await api.getHistory(operator, ws, seen.id, { taskId: "t" })).task?.title).toBe("Paint the office");
    expect((await api.listLosses(operator, ws, seen.id))).toHaveLength(1);
    expect((await api.getPolicy(operator, ws, seen.id)).planCount).toBe(1);
  });

  test("neither lists, counts nor the search tell of the others", async () => {
    expect((await api.listPlans(operator, ws)).map(({ id }) => id)).toEqual([seen.id]);
    expect((await api.listRuns(operator, ws)).map(({ id }) => id)).toEqual([seen.id]);
    expect((await api.listRestores(operator, ws)).map(({ id }) => id)).toEqual([seen.id]);
    expect((await api.listPolicies(operator, ws)).map(({ id }) => id)).toEqual([seen.id]);
    const both = { text: "paint", planId: null, goneOnly: false, page: 1 };
    expect((await api.search(people.viewer, ws, both)).hits).toHaveLength(2);
    const found = await api.search(operator, ws, both);
    expect([found.hits.map(({ title }) => title), found.hasMore, found.plans.map(({ title }) => title)]).toEqual([["Paint the office"], false, ["Quarter"]]);
    for (const planId of [hidden.id, randomUUID()]) expect((await api.search(operator, ws, { ...both, planId })).hits).toEqual([]);
    const [some, all] = [await api.getOverview(operator, ws), await api.getOverview(owner, ws)];
    expect([some.snapshots, some.plans, some.policyCount]).toEqual([1, { reachable: 2, protected: 1, unprotected: 1, withSnapshot: 1 }, 1]);
    expect([all.snapshots, all.plans.reachable, all.policyCount]).toEqual([2, 4, 2]);
    expect((await api.getNotifications(operator, ws)).incidents).toHaveLength(3);
    expect((await api.getNotifications(owner, ws)).incidents).toHaveLength(6);
  });

  test("the names of the others are in no answer, whatever is asked; who sees all is told them", async () => {
    const told = new Map<string, string[]>();
    for (const [name, call] of REST.filter(([name]) => isReading(name))) told.set(name, namesIn(await call(owner, ws, hidden.id).catch(() => null)));
    expect(["listPlans", "listRestores", "listPolicies", "listConnections", "listGroups", "listActivity", "getConnection", "getNotifications", "getOverview", "readCatalogue", "search"].filter((name) => told.get(name)?.length === 0)).toEqual([]);
    for (const who of [admin, operator]) {
      for (const [name, call] of REST) {
        const answer = await call(who, ws, hidden.id).catch((error: unknown) => (isPlanbackError(error) ? error.message : Promise.reject(error)));
        expect([name, namesIn(answer)]).toEqual([name, []]);
      }
    }
  });

  test("the database itself hides and refuses them, whatever a query forgets", async () => {
    const look = (groups: string[] | null) => withWorkspace(ws, async (tx) => {
      await limitToGroups(tx, groups);
      return [await tx.plan.count(), await tx.snapshot.count(), await tx.run.count(), await tx.runPlan.count(), await tx.restore.count(), await tx.loss.count(), await tx.searchEntry.count(), (await tx.searchPosting.findMany({ distinct: ["planId"] })).length];
    });
    expect(await look(null)).toEqual([2, 2, 2, 2, 2, 2, 2, 2]);
    expect(await look([seen.groupId])).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(await look([])).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    await expect(withWorkspace(ws, async (tx) => {
      await limitToGroups(tx, [seen.groupId]);
      await tx.snapshot.create({ data: { workspaceId: ws, id: randomUUID(), planId: hidden.id, state: "open", takenAt: new Date() } });
    })).rejects.toThrow(/row-level security/);
  });

  test("restores go into groups that he sees", async () => {
    const asked = (target: object, snapshotId = seen.id) => api.createRestore(operator, ws, { ...restoreInput(snapshotId), connectionId: seen.id, request: { ...restoreInput(snapshotId).request, target } });
    await withWorkspace(ws, (tx) => tx.connection.updateMany({ where: { workspaceId: ws }, data: { restoreState: "active", removedAt: null } }));
    await expect(asked({ kind: "new_plan", groupId: hidden.groupId, title: "Copy" })).rejects.toSatisfy(refused("invalid_input"));
    await expect(asked({ kind: "existing_plan", groupId: hidden.groupId, planId: hidden.graphPlanId })).rejects.toSatisfy(refused("invalid_input"));
    await expect(asked({ kind: "new_group", title: "Copy", name: "Copy", mailNickname: "copy", visibility: "Private" })).rejects.toSatisfy(refused("invalid_input"));
    await expect(asked({ kind: "in_place" }, hidden.id)).rejects.toSatisfy(refused("not_found"));
    const { restoreId } = await asked({ kind: "new_plan", groupId: seen.groupId, title: "Copy" });
    expect((await api.getRestore(operator, ws, restoreId)).state).toBe("planning");
    const { restoreId: other } = await api.createRestore(owner, ws, { ...restoreInput(seen.id), request: { ...restoreInput(seen.id).request, target: { kind: "new_plan", groupId: hidden.groupId, title: "Copy" } } });
    await expect(api.getRestore(operator, ws, other)).rejects.toSatisfy(refused("not_found"));
  });

  test("a policy that also protects other groups keeps them when he saves it, and is backed up and stopped as a whole", async () => {
    const both = { ...policyInput(seen), selection: { groups: [...policyInput(seen).selection.groups, { groupId: hidden.groupId, planIds: [hidden.graphPlanId], includeNew: false }] } };
    const { id } = await api.savePolicy(owner, ws, policyInput(seen));
    const known = both.selection.groups.map((group) => ({ ...group, known: group.planIds }));
    await withWorkspace(ws, (tx) => tx.policy.update({ where: { workspaceId_id: { workspaceId: ws, id } }, data: { selection: { groups: known } } }));
    expect((await api.getPolicy(admin, ws, id)).selection.groups).toEqual(policyInput(seen).selection.groups);
    await expect(api.savePolicy(admin, ws, both, id)).rejects.toSatisfy(refused("invalid_input"));
    await api.savePolicy(admin, ws, { ...policyInput(seen), name: "Nightly" }, id);
    expect((await api.getPolicy(owner, ws, id)).selection.groups).toEqual(both.selection.groups);
    const { runId } = await api.startRun(operator, ws, id, randomUUID());
    await withWorkspace(ws, (tx) => tx.runPlan.createMany({ data: [seen.id, hidden.id].map((planId) => ({ workspaceId: ws, runId, planId, state: "queued" })) }));
    expect((await api.getRun(operator, ws, runId)).plans.total).toBe(1);
    await api.cancelRun(operator, ws, runId);
    expect((await api.getRun(owner, ws, runId)).items.map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
  });
});

describe("choosing groups", () => {
  test("takes effect at the next call, asks for a fresh sign-in, ends invitations, and is in the activity log", async () => {
    const [viewer, manager] = [await join("viewer"), await join("admin")];
    const [{ id }, made] = [await memberOf(viewer), await api.createInvitation(manager, ws, { role: "viewer" })];
    expect(await api.listPlans(viewer, ws)).toHaveLength(2);
    await expect(api.changeGroups({ ...owner, authenticatedAt: new Date(0) }, ws, id, [seen.groupId])).rejects.toSatisfy(refused("step_up_required"));
    await api.changeGroups(owner, ws, id, [seen.groupId]);
    expect(await api.listPlans(viewer, ws)).toHaveLength(1);
    expect((await api.getWorkspace(viewer, ws)).isLimited).toBe(true);
    const { entries } = await api.listActivity(owner, ws, { action: "member.groups_changed" });
    expect(entries[0]).toMatchObject({ target: { kind: "member", id }, detail: { name: viewer.name, groups: [seen.groupId] } });
    await api.changeGroups(owner, ws, id, null);
    expect(await api.listPlans(viewer, ws)).toHaveLength(2);
    await api.changeGroups(owner, ws, (await memberOf(manager)).id, [seen.groupId]);
    expect((await api.readInvitation(made.link.split("/invite/")[1]!))?.state).toBe("revoked");
  });

  test("owners see all, nothing chosen is refused in words, and who is limited gives no more than he has", async () => {
    const viewer = await join("viewer", [seen.groupId]);
    const { id } = await memberOf(viewer);
    for (const groups of [[], ["x"], "all", undefined]) await expect(api.changeGroups(owner, ws, id, groups)).rejects.toSatisfy(refused("invalid_input"));
    await expect(api.changeGroups(owner, ws, (await memberOf(owner)).id, [seen.groupId])).rejects.toSatisfy(refused("invalid_input"));
    await expect(api.createInvitation(owner, ws, { role: "owner", groups: [seen.groupId] })).rejects.toSatisfy(refused("invalid_input"));
    for (const groups of [null, [hidden.groupId], [seen.groupId]]) await expect(api.changeGroups(admin, ws, id, groups)).rejects.toSatisfy(refused("forbidden"));
    await expect(api.createInvitation(admin, ws, { role: "viewer", groups: [hidden.groupId] })).rejects.toSatisfy(refused("forbidden"));
    const { link } = await api.createInvitation(admin, ws, { role: "viewer" });
    const guest = person("guest");
    await api.acceptInvitation(guest, link.split("/invite/")[1]!);
    expect((await api.listPlans(guest, ws)).map(({ id }) => id)).toEqual([seen.id]);
    await api.changeRole(owner, ws, id, "owner");
    expect(await api.listPlans(viewer, ws)).toHaveLength(2);
    await api.removeMember(owner, ws, id);
  });

  test("which groups a member sees is told to who may choose them, and no one else", async () => {
    const find = async (asker: Actor) => (await api.listMembers(asker, ws)).find(({ name }) => name === operator.name);
    expect(await find(owner)).toMatchObject({ isLimited: true, groups: [seen.groupId] });
    for (const asker of [admin, operator, people.viewer]) expect(await find(asker)).toMatchObject({ isLimited: true, groups: null });
  });
});
