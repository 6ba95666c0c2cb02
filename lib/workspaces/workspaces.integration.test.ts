/** Who may do what: roles, invitations, and that nothing of another workspace can be reached by its ids. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { isPlanbackError, type ErrorCode } from "@/lib/errors";
import * as api from "./index";
import { sealJson } from "./keys";
import { PLACE } from "./sealed";
import { callsOn, fill, OTHERS, person, policyInput, restoreInput, things } from "./testing";
import type { Actor, Role } from "./types";

let database: TestDatabase;
let owner: Actor;
let stranger: Actor;
let ws: string;
let strangersWs: string;
/** One thing of each kind in `ws`. */
const ids = things();

const refused = (code: ErrorCode) => (error: unknown) => isPlanbackError(error, code);

beforeAll(async () => {
  database = await testDatabase();
  owner = person("olga");
  stranger = person("sam");
  ws = (await api.createWorkspace(owner, { name: "Ours" })).id;
  strangersWs = (await api.createWorkspace(stranger, { name: "Theirs" })).id;
  await fill(ws, ids);
});
afterAll(() => database?.close());

const calls = callsOn(ids);
const TAKES_AN_ID = calls.filter(([, call]) => call.length === 3);

/** All rows of the workspace, to see that nothing changed. */
async function everything(): Promise<string> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>("SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1");
    const all: unknown[] = [];
    for (const { name } of [...tables, { name: "__jobs" }]) {
      const from = name === "__jobs" ? "SELECT name, data FROM jobs.job ORDER BY id" : `SELECT to_jsonb(t) AS row FROM "${name}" t ORDER BY to_jsonb(t)::text`;
      all.push([name, (await client.query(from)).rows]);
    }
    return JSON.stringify(all);
  } finally {
    await client.end();
  }
}

test("what a change of retention would take off the timelines is told before, and nothing is changed by asking", async () => {
  const { id } = ids;
  const more = await withWorkspace(ws, async (tx) => {
    const days = [1, 2, 3, 40].map((days) => ({ workspaceId: ws, id: randomUUID(), planId: id, runId: id, state: "complete", manifestId: "m", takenAt: new Date(Date.now() - days * 24 * 3600_000), counts: {} }));
    await tx.snapshot.createMany({ data: days });
    await tx.loss.updateMany({ where: { workspaceId: ws }, data: { releasedAt: new Date(), releasedBy: "x" } });
    return days.map((day) => day.id);
  });
  const preview = (retention: object) => api.previewRetention(owner, ws, id, retention);
  expect(await preview({ keepCount: 2, keepDays: null })).toEqual({ snapshots: 3, plans: 1, kept: 2 });
  expect(await preview({ keepCount: null, keepDays: 2, keepMonthly: 3 })).toMatchObject({ plans: 1 });
  expect(await preview({ keepCount: null, keepDays: null })).toEqual({ snapshots: 0, plans: 0, kept: 5 });
  await expect(preview({ keepCount: 0, keepDays: null })).rejects.toSatisfy(refused("invalid_input"));
  expect(await withWorkspace(ws, (tx) => tx.snapshot.count({ where: { workspaceId: ws, removedAt: null } }))).toBe(5);
  await withWorkspace(ws, async (tx) => {
    await tx.snapshot.deleteMany({ where: { workspaceId: ws, id: { in: more } } });
    await tx.loss.updateMany({ where: { workspaceId: ws }, data: { releasedAt: null, releasedBy: null } });
  });
});

describe("another workspace", () => {
  test("every public function is tried here", () => {
    const tried = new Set([...calls.map(([name]) => name), ...OTHERS]);
    expect(Object.keys(api).filter((name) => !tried.has(name))).toEqual([]);
  });

  test.each(calls)("%s: a stranger gets what he gets for a workspace that does not exist, and changes nothing", async (_name, call) => {
    const before = await everything();
    const answer = (workspace: string) => call(stranger, workspace, ids.id).then(() => "done", (error: unknown) => (isPlanbackError(error) ? `${error.code}: ${error.message}` : error));
    const foreign = await answer(ws);
    expect(foreign).toMatch(/^not_found: /);
    expect(await answer(randomUUID())).toBe(foreign);
    expect(await answer("not an id")).toBe(foreign);
    expect(await everything()).toBe(before);
  });

  test.each(TAKES_AN_ID)("%s: an id of another workspace, in one's own, answers as an id that does not exist", async (_name, call) => {
    const before = await everything();
    for (const id of [ids.id, randomUUID(), "' OR 1=1 --"]) {
      await expect(call(stranger, strangersWs, id)).rejects.toSatisfy((error) => refused("not_found")(error) || refused("consent_missing")(error));
    }
    expect(await everything()).toBe(before);
  });

  test("a restore or policy cannot name a connection or snapshot of another workspace", async () => {
    await expect(api.createRestore(stranger, strangersWs, restoreInput(ids.id))).rejects.toSatisfy(refused("not_found"));
    await expect(api.savePolicy(stranger, strangersWs, policyInput(ids))).rejects.toSatisfy(refused("not_found"));
  });

  test("the list of workspaces holds one's own only", async () => {
    expect((await api.listWorkspaces(stranger)).map((one) => one.id)).toEqual([strangersWs]);
  });
});

async function join(role: Role, name: string): Promise<Actor> {
  const actor = person(name);
  const { link } = await api.createInvitation(owner, ws, { role });
  await api.acceptInvitation(actor, link.slice(link.lastIndexOf("/") + 1));
  return actor;
}

describe("invitations", () => {
  test("work once, for whoever holds the link", async () => {
    const { link } = await api.createInvitation(owner, ws, { role: "viewer" });
    const secret = link.slice(link.lastIndexOf("/") + 1);
    expect(await api.readInvitation(secret)).toEqual({ workspaceName: "Ours", role: "viewer", state: "open", groupCount: null });
    const vera = person("vera");
    expect(await api.acceptInvitation(vera, secret)).toEqual({ workspaceId: ws });
    expect(await api.acceptInvitation(vera, secret)).toEqual({ workspaceId: ws });
    expect((await api.getWorkspace(vera, ws)).role).toBe("viewer");
    expect((await api.readInvitation(secret))?.state).toBe("accepted");
    await expect(api.acceptInvitation(person("late"), secret)).rejects.toSatisfy(refused("expired"));
  });

  test("two people with one link: one becomes a member", async () => {
    const { link } = await api.createInvitation(owner, ws, { role: "viewer" });
    const secret = link.slice(link.lastIndexOf("/") + 1);
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, (_, i) => api.acceptInvitation(person(`racer${i}`), secret)));
    expect(outcomes.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  });

  test("revoked and unknown ones are refused", async () => {
    const { id, link } = await api.createInvitation(owner, ws, { role: "viewer" });
    await api.revokeInvitation(owner, ws, id);
    const secret = link.slice(link.lastIndexOf("/") + 1);
    expect((await api.readInvitation(secret))?.state).toBe("revoked");
    await expect(api.acceptInvitation(person("x"), secret)).rejects.toSatisfy(refused("expired"));
    expect(await api.readInvitation("made up")).toBeNull();
    await expect(api.acceptInvitation(person("x"), "made up")).rejects.toSatisfy(refused("not_found"));
  });
});

describe("roles", () => {
  test("viewers look, operators back up, admins manage all but owners", async () => {
    const [viewer, operator, admin] = [await join("viewer", "vic"), await join("operator", "oz"), await join("admin", "ada")];
    await api.listPlans(viewer, ws);
    await expect(api.startRun(viewer, ws, ids.id, randomUUID())).rejects.toSatisfy(refused("forbidden"));
    await expect(api.createRestore(viewer, ws, restoreInput(ids.id))).rejects.toSatisfy(refused("forbidden"));
    await api.startRun(operator, ws, ids.id, randomUUID());
    await expect(api.savePolicy(operator, ws, policyInput(ids))).rejects.toSatisfy(refused("forbidden"));
    await expect(api.createInvitation(operator, ws, { role: "viewer" })).rejects.toSatisfy(refused("forbidden"));
    await api.savePolicy(admin, ws, policyInput(ids));
    await expect(api.createInvitation(admin, ws, { role: "owner" })).rejects.toSatisfy(refused("forbidden"));
    const olga = (await api.listMembers(admin, ws)).find((member) => member.role === "owner")!;
    await expect(api.changeRole(admin, ws, olga.id, "viewer")).rejects.toSatisfy(refused("forbidden"));
    await expect(api.removeMember(admin, ws, olga.id)).rejects.toSatisfy(refused("forbidden"));
  });

  test("drills: who restores may have them; on a schedule only after a fresh sign-in, in a group that the account is in", async () => {
    const [viewer, operator] = [await join("viewer", "vi"), await join("operator", "odd")];
    const input = (change: object) => ({ schedule: { kind: "monthly", day: 1, at: "03:00", timeZone: "UTC" }, groupId: ids.groupId, planId: null, ...change });
    await expect(api.saveDrills(viewer, ws, ids.id, input({}))).rejects.toSatisfy(refused("forbidden"));
    await expect(api.startDrill(viewer, ws, ids.id, randomUUID())).rejects.toSatisfy(refused("forbidden"));
    const stale = { ...operator, authenticatedAt: new Date(Date.now() - 11 * 60_000) };
    await api.saveDrills(stale, ws, ids.id, input({ schedule: { kind: "manual" } }));
    await expect(api.saveDrills(stale, ws, ids.id, input({}))).rejects.toSatisfy(refused("step_up_required"));
    await api.saveDrills(operator, ws, ids.id, input({}));
    const view = await api.getDrills(viewer, ws, ids.id);
    expect([view.scheduleText, view.groupId, view.nextRuns.length, view.next?.id]).toEqual(["Every month on day 1 at 03:00 (UTC)", ids.groupId, 3, ids.id]);
    for (const wrong of [{ groupId: null }, { groupId: randomUUID() }, { planId: randomUUID() }, { schedule: { kind: "daily", at: "03:00", timeZone: "UTC" } }]) {
      await expect(api.saveDrills(operator, ws, ids.id, input(wrong))).rejects.toSatisfy(refused("invalid_input"));
    }
    await api.saveDrills(stale, ws, ids.id, input({ schedule: { kind: "manual" } }));
    expect((await api.getDrills(viewer, ws, ids.id)).nextRuns).toEqual([]);
  });

  test("the last owner stays; a role taken away ends at the next call", async () => {
    const me = (await api.listMembers(owner, ws)).find((member) => member.isYou)!;
    await expect(api.removeMember(owner, ws, me.id)).rejects.toSatisfy(refused("conflict"));
    await expect(api.changeRole(owner, ws, me.id, "admin")).rejects.toSatisfy(refused("conflict"));
    const admin = await join("admin", "al");
    const al = (await api.listMembers(admin, ws)).find((member) => member.isYou)!;
    await api.changeRole(owner, ws, al.id, "viewer");
    await expect(api.listInvitations(admin, ws)).rejects.toSatisfy(refused("forbidden"));
    await api.removeMember(admin, ws, al.id);
    await expect(api.getWorkspace(admin, ws)).rejects.toSatisfy(refused("not_found"));
  });
});

test("who loses his role cannot come back by an invitation that he made before", async () => {
  const admin = await join("admin", "mallory");
  const kept = (await api.createInvitation(admin, ws, { role: "admin" })).link.split("/invite/")[1]!;
  const me = (await api.listMembers(admin, ws)).find((member) => member.isYou)!;
  await api.changeRole(owner, ws, me.id, "viewer");
  expect((await api.readInvitation(kept))?.state).toBe("revoked");
  await api.changeRole(owner, ws, me.id, "admin");
  const second = (await api.createInvitation(admin, ws, { role: "admin" })).link.split("/invite/")[1]!;
  await api.removeMember(owner, ws, me.id);
  await expect(api.acceptInvitation(admin, second)).rejects.toSatisfy(refused("expired"));
  await expect(api.getWorkspace(admin, ws)).rejects.toSatisfy(refused("not_found"));
});

test("an owner hands the workspace over: fresh, in one step, and only to a member; invitations of both end", async () => {
  const admin = await join("admin", "hana");
  const view = async (name: string) => (await api.listMembers(owner, ws)).find((member) => member.name === name)!;
  const [hana, olga] = [await view("hana"), await view("olga")];
  const link = (await api.createInvitation(owner, ws, { role: "admin" })).link.split("/invite/")[1]!;
  await expect(api.transferOwnership(admin, ws, hana.id)).rejects.toSatisfy(refused("forbidden"));
  await expect(api.transferOwnership(owner, ws, olga.id)).rejects.toSatisfy(refused("invalid_input"));
  await expect(api.transferOwnership({ ...owner, authenticatedAt: undefined }, ws, hana.id)).rejects.toSatisfy(refused("step_up_required"));
  await api.transferOwnership(owner, ws, hana.id);
  expect([(await view("hana")).role, (await view("olga")).role, (await api.readInvitation(link))!.state]).toEqual(["owner", "admin", "revoked"]);
  expect((await api.listActivity(owner, ws)).entries[0]).toMatchObject({ action: "member.ownership_transferred", target: { id: hana.id }, detail: { from: "admin", to: "owner" } });
  await expect(api.changeRole(owner, ws, olga.id, "owner")).rejects.toSatisfy(refused("forbidden"));
  await api.transferOwnership(admin, ws, olga.id);
  await api.removeMember(owner, ws, hana.id);
});

test("making an owner, and a restore that deletes, ask for a person who has just signed in", async () => {
  const admin = await join("admin", "ada");
  const ada = (await api.listMembers(admin, ws)).find((member) => member.isYou)!;
  const { id } = ids;
  const deleting = await sealJson(ws, "content", PLACE.restorePlan(id), { operations: [{ kind: "update_task" }, { kind: "delete_task" }] });
  const harmless = await sealJson(ws, "content", PLACE.restorePlan(id), { operations: [{ kind: "update_task" }] });
  const plan = (sealedPlan: Uint8Array<ArrayBuffer>) => withWorkspace(ws, (tx) => tx.restore.update({ where: { workspaceId_id: { workspaceId: ws, id } }, data: { sealedPlan } }));
  const before = (await api.listActivity(owner, ws)).entries.length;
  for (const authenticatedAt of [undefined, new Date(0), new Date(Date.now() - 11 * 60_000)]) {
    const stale: Actor = { ...owner, authenticatedAt };
    await plan(deleting);
    await expect(api.changeRole(stale, ws, ada.id, "owner")).rejects.toSatisfy(refused("step_up_required"));
    await expect(api.createInvitation(stale, ws, { role: "owner" })).rejects.toSatisfy(refused("step_up_required"));
    await expect(api.runRestore(stale, ws, id, "hash")).rejects.toSatisfy(refused("step_up_required"));
    await expect(api.changeRole({ ...admin, authenticatedAt }, ws, ada.id, "owner")).rejects.toSatisfy(refused("forbidden"));
  }
  expect([(await api.listMembers(owner, ws)).find((member) => member.id === ada.id)!.role, (await api.getRestore(owner, ws, id)).state]).toEqual(["admin", "planned"]);
  expect((await api.listActivity(owner, ws)).entries.length).toBe(before);
  await plan(harmless);
  await api.changeRole({ ...owner, authenticatedAt: undefined }, ws, ada.id, "operator");
  await api.changeRole({ ...owner, authenticatedAt: new Date(Date.now() - 9 * 60_000) }, ws, ada.id, "owner");
  await api.removeMember(owner, ws, ada.id);
});

test("a purpose that is none is refused in words, before anything is asked of Microsoft", async () => {
  for (const purpose of ["both", "__proto__", null] as never[]) {
    await expect(api.startConsent(owner, ws, purpose)).rejects.toSatisfy(refused("invalid_input"));
    await expect(api.createConsentLink(owner, ws, purpose)).rejects.toSatisfy(refused("invalid_input"));
    await expect(api.startConnect(owner, ws, { purpose, tid: owner.tid })).rejects.toSatisfy(refused("invalid_input"));
  }
});

describe("policies", () => {
  test.each([
    ["nothing selected", { selection: { groups: [] } }, /Nothing is selected/],
    ["a group without plans", { selection: { groups: [{ groupId: ids.groupId, planIds: [], includeNew: false }] } }, /Nothing is selected/],
    ["a plan that is not there", { selection: { groups: [{ groupId: ids.groupId, planIds: ["gone"], includeNew: false }] } }, /does not exist/],
    ["a group that is not there", { selection: { groups: [{ groupId: randomUUID(), planIds: ["x"], includeNew: false }] } }, /not among the groups/],
    ["no name", { name: " " }, /name/],
    ["no snapshot to keep", { keepCount: 0 }, /at least one snapshot/],
    ["an operator smuggled in", { connectionId: { not: "" } }, /connection account/],
  ])("%s is refused in words", async (_name, change, message) => {
    await expect(api.savePolicy(owner, ws, { ...policyInput(ids), ...change })).rejects.toSatisfy((error) => isPlanbackError(error, "invalid_input") && message.test(error.message));
  });

  test("saving sets the schedule, switching off and removing take it away", async () => {
    const schedules = async () => {
      const client = new pg.Client({ connectionString: database.adminUrl });
      await client.connect();
      const { rows } = await client.query<{ key: string; cron: string; timezone: string }>("SELECT key, cron, timezone FROM jobs.schedule");
      await client.end();
      return rows;
    };
    const { id } = await api.savePolicy(owner, ws, { ...policyInput(ids), schedule: { kind: "weekly", day: 5, at: "18:30", timeZone: "Asia/Tokyo" } });
    expect((await schedules()).filter((row) => row.key === id)).toEqual([{ key: id, cron: "30 9 * * 5", timezone: "UTC" }]);
    await api.setPolicyEnabled(owner, ws, id, false);
    expect((await schedules()).filter((row) => row.key === id)).toEqual([]);
    await api.setPolicyEnabled(owner, ws, id, true);
    await api.removePolicy(owner, ws, id);
    expect((await schedules()).filter((row) => row.key === id)).toEqual([]);
    await expect(api.getPolicy(owner, ws, id)).rejects.toSatisfy(refused("not_found"));
  });
});

test("a restore runs only as it was reviewed", async () => {
  await expect(api.runRestore(owner, ws, ids.id, "another")).rejects.toSatisfy(refused("conflict"));
  await api.runRestore(owner, ws, ids.id, "hash");
  expect((await api.getRestore(owner, ws, ids.id)).state).toBe("running");
  await api.cancelRestore(owner, ws, ids.id);
  expect((await api.getRestore(owner, ws, ids.id)).cancelRequested).toBe(true);
});
