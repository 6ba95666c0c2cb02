/** Restore drills on real parts: what they prove, what they name, and that the plan that they made is all that they remove. */
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { send } from "@/lib/db/queue";
import {
  cancelRestore, getConnection, getDrills, getHistory, getOverview, getRestore, listActivity, listPlans, removePolicy, retryRemoval, saveDrills, savePolicy, startDrill,
} from "@/lib/workspaces";
import type { DrillInput, RestoreView } from "@/lib/workspaces/types";
import { APPS, CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { backUp, connect, control, kill, openWorld, protect, restored, startWorkerProcess, until, type World } from "./testing/world";

const SANDBOX = GROUPS.legal;
const WEEKLY = { kind: "weekly", day: 6, at: "03:00", timeZone: "Europe/Berlin" } as const;
let world: World;
let worker: ChildProcess;
let connectionId: string;
let policyId: string;
let before: unknown;

const planner = () => world.simulator.stores.planner;
/** Everything in Planner, plan by plan. */
const everything = () => Object.values(GROUPS).flatMap((id) => planner().plansOfGroup(id)).map(({ id, title, tasks, buckets }) => [id, title, [...tasks.keys()].sort(), [...buckets.keys()].sort()]).sort();
const deletions = () => world.simulator.requestLog.entries().filter(({ method }) => method === "DELETE").map(({ path }) => path);
const attention = async () => (await getOverview(world.actor, world.ws)).attention.map(({ text }) => text).join("\n");
const set = (change: Partial<DrillInput>) => saveDrills(world.actor, world.ws, policyId, { schedule: { kind: "manual" }, groupId: SANDBOX, planId: null, ...change });
const begin = async () => (await startDrill(world.actor, world.ws, policyId, randomUUID())).restoreId;
const drill = async (): Promise<RestoreView> => restored(world, await begin());
/** Looks for what needs a person, as the worker does every five minutes. */
const look = () => send("watch", { workspaceId: world.ws });

/** Starts a drill and waits until the request is held back. */
async function heldAt(match: object, ms = 1_500): Promise<string> {
  world.simulator.faults.clear();
  await control(world.simulator, "faults", { match, action: { kind: "delay", ms }, times: 1 });
  const restoreId = await begin();
  await until(() => world.simulator.faults.list()[0]!.hits, (hits) => hits > 0);
  return restoreId;
}

beforeAll(async () => {
  world = await openWorld();
  worker = await startWorkerProcess();
  const [first] = planner().plansOfGroup(GROUPS.marketing);
  const second = planner().addPlan({ tenantId: first!.tenantId, groupId: first!.groupId, title: "Second", createdBy: first!.createdBy });
  for (const title of ["One", "Two", "Three"]) planner().addTask({ planId: second.id, title, assignees: [PEOPLE.alice.id], createdBy: first!.createdBy });
  connectionId = await connect(world, "backup");
  policyId = await protect(world, connectionId, GROUPS.marketing);
  await backUp(world, policyId);
  await expect(set({ schedule: WEEKLY })).rejects.toThrow(/no write access/);
  await connect(world, "restore");
  before = everything();
});

afterAll(async () => {
  if (worker) await kill(worker);
  await world?.close();
});

beforeEach(() => set({}));
afterEach(() => {
  world.simulator.faults.clear();
  expect(everything()).toEqual(before);
});

test("a drill proves a plan: restored, read back, compared, and removed; twenty presses are one drill", async () => {
  const { actor, ws } = world;
  const ids = await Promise.all(Array.from({ length: 20 }, begin));
  expect(new Set(ids).size).toBe(1);
  const done = await restored(world, ids[0]!);
  expect([done.state, done.report?.verdict, done.drill?.plan, done.undo.possible, done.resume.possible]).toEqual(["verified", "exact", "removed", false, false]);
  expect(done.plan!.inexact.map(({ field }) => field)).toContain("Assignments");
  expect(deletions()).toEqual([`/v1.0/planner/plans/${done.report!.planId}`]);
  const proof = { restoreId: done.id, at: done.finishedAt };
  const view = await getDrills(actor, ws, policyId);
  expect([view.proof, view.drills[0]]).toMatchObject([proof, { restoreId: done.id, isPlanLeft: false }]);
  expect((await getOverview(actor, ws)).policies[0]!.proof).toMatchObject(proof);
  const plan = (await listPlans(actor, ws)).find(({ title }) => title === done.planTitle)!;
  expect((await getHistory(actor, ws, plan.id)).proof).toEqual(proof);
  expect(view.next!.id).not.toBe(plan.id);
  const log = (await listActivity(actor, ws)).entries.filter(({ target }) => target?.id === done.id).map(({ action, actor: by }) => [action, by]);
  expect(log).toEqual([["drill.plan_removed", "Planback"], ["drill.started", actor.name]]);
});

test("a task that Planner refuses is named, calls for a person, and is over when the plan is proven", async () => {
  const { actor, ws, simulator } = world;
  const chosen = (await getDrills(actor, ws, policyId)).next!;
  await set({ planId: chosen.id });
  simulator.faults.add({ match: { method: "POST", path: "/planner/tasks", nth: 2 }, action: { kind: "status", status: 400 }, times: 1 });
  const done = await drill();
  expect([done.state, done.report?.verdict, done.report?.failed.length, done.drill?.plan]).toEqual(["different", "incomplete", 1, "removed"]);
  expect(done.report!.failed[0]!.label).toMatch(/^Create task “/);
  expect(await attention()).toMatch(/restore drill of .* found differences/);
  expect((await getDrills(actor, ws, policyId)).plans.find(({ id }) => id === chosen.id)!.provenAt).toBeNull();
  expect((await drill()).state).toBe("verified");
  expect(await attention()).not.toMatch(/drill/);
});

test("a worker killed between the comparison and the removal: the next one removes the plan, and the report stays", async () => {
  const restoreId = await heldAt({ method: "DELETE", path: "/planner/plans/*" });
  await kill(worker);
  const between = await getRestore(world.actor, world.ws, restoreId);
  expect([between.state, between.phase, between.report?.verdict]).toEqual(["verifying", "removing", "exact"]);
  worker = await startWorkerProcess();
  const done = await restored(world, restoreId);
  expect([done.state, done.drill?.plan, done.report]).toEqual(["verified", "removed", between.report]);
});

test("a worker killed while it writes: the drill goes on, and its one plan is removed", async () => {
  const restoreId = await heldAt({ method: "POST", path: "/planner/plans" });
  await kill(worker);
  worker = await startWorkerProcess();
  const done = await restored(world, restoreId);
  expect([done.state, done.drill?.plan]).toEqual(["verified", "removed"]);
});

test("no clear answer to the removal: it is looked at again; what stays is said, shown, and removed later", async () => {
  const { actor, ws, simulator } = world;
  const match = { method: "DELETE", path: "/planner/plans/*" };
  simulator.faults.add({ match, action: { kind: "apply-then-status", status: 504 }, times: 1 });
  expect((await drill()).drill).toMatchObject({ plan: "removed", problem: null });
  simulator.faults.clear();
  simulator.faults.add({ match, action: { kind: "status", status: 504 }, times: 3 });
  const left = await drill();
  expect([left.state, left.drill?.plan, left.drill?.problem]).toEqual(["verified", "there", expect.stringMatching(/tried again/)]);
  expect(await attention()).toMatch(/still in its sandbox group/);
  await retryRemoval(actor, ws, left.id);
  await until(() => getRestore(actor, ws, left.id), ({ drill: one }) => one?.plan === "removed");
  expect(await attention()).not.toMatch(/drill/);
  await expect(retryRemoval(actor, ws, left.id)).rejects.toThrow(/no plan that this drill has left/);
});

test("a drill that is cancelled, or whose policy is removed, stops and removes its plan", async () => {
  const { actor, ws } = world;
  const first = await heldAt({ method: "POST", path: "/planner/plans" }, 2_500);
  await cancelRestore(actor, ws, first);
  const cancelled = await restored(world, first);
  expect([cancelled.state, cancelled.drill?.plan]).toEqual(["cancelled", "removed"]);
  expect(await attention()).not.toMatch(/drill/);

  const other = policyId;
  policyId = await protect(world, connectionId, GROUPS.marketing);
  await backUp(world, policyId);
  await set({ schedule: WEEKLY });
  const second = await heldAt({ method: "POST", path: "/planner/plans" }, 2_500);
  await removePolicy(actor, ws, policyId);
  const ended = await restored(world, second);
  expect([ended.state, ended.drill?.plan]).toEqual(["cancelled", "removed"]);
  await expect(begin()).rejects.toThrow(/does not exist/);
  policyId = other;
});

test("a backup that takes the new plans of the sandbox group does not take the plan of a drill", async () => {
  const { actor, ws } = world;
  const { id } = await savePolicy(actor, ws, {
    name: "Legal", connectionId, schedule: { kind: "manual" }, keepCount: 1, keepDays: null, selection: { groups: [{ groupId: SANDBOX, planIds: [], includeNew: true }] },
  });
  const [known] = planner().plansOfGroup(SANDBOX);
  const fresh = planner().addPlan({ tenantId: known!.tenantId, groupId: SANDBOX, title: "New", createdBy: known!.createdBy });
  const restoreId = await heldAt({ method: "DELETE", path: "/planner/plans/*" }, 4_000);
  expect((await backUp(world, id)).items.map(({ title }) => title)).toEqual(["New"]);
  expect((await restored(world, restoreId)).state).toBe("verified");
  planner().deletePlan(fresh.id);
});

test("consent that is removed in the middle ends the drill in words; its plan goes with the next sign-in", async () => {
  const { actor, ws, simulator } = world;
  const restoreId = await heldAt({ method: "POST", path: "/planner/tasks" });
  await control(simulator, "revoke-consent", { tenantId: CONTOSO.tenantId, clientId: APPS.restore.clientId });
  await control(simulator, "revoke-tokens", { user: PEOPLE.backup.id });
  const failed = await restored(world, restoreId);
  expect([failed.state, failed.problem, failed.drill?.plan]).toEqual(["failed", expect.stringMatching(/consent|sign in/i), "there"]);
  expect(await attention()).toMatch(/drill of .* failed[^]*still in its sandbox group/);
  await expect(begin()).rejects.toThrow(/Open Con/);
  await connect(world, "backup");
  await connect(world, "restore");
  await look();
  await until(() => getRestore(actor, ws, restoreId), ({ drill: one }) => one?.plan === "removed");
});

test("on its schedule a drill starts by itself, keeps the write access standing, and without its group fails in words", async () => {
  const { actor, ws, simulator } = world;
  await set({ schedule: WEEKLY });
  const expire = async () => {
    const key = { workspaceId: ws, connectionId, purpose: "restore" };
    await withWorkspace(ws, (tx) => tx.tokenCache.update({ where: { workspaceId_connectionId_purpose: key }, data: { expiresAt: new Date(Date.now() - 1000) } }));
    await send("token-expiry", { workspaceId: ws, connectionId }, { singletonKey: randomUUID() });
  };
  await expire();
  const kept = await until(() => getConnection(actor, ws, connectionId), ({ restoreUntil }) => restoreUntil !== null && Date.parse(restoreUntil) > Date.now());
  expect([kept.restoreState, kept.keptForDrills]).toEqual(["active", true]);

  const due = async () => {
    const known = (await getDrills(actor, ws, policyId)).drills[0]!.restoreId;
    await send("drill-due", { workspaceId: ws, policyId }, { singletonKey: randomUUID() });
    const { drills } = await until(() => getDrills(actor, ws, policyId), (view) => view.drills[0]!.restoreId !== known);
    return restored(world, drills[0]!.restoreId);
  };
  const cron = (set: string | null = null) => withWorkspace(ws, (tx) => tx.$queryRaw<{ cron: string }[]>`UPDATE jobs.schedule SET cron = COALESCE(${set}, cron) WHERE name = 'drill-due' AND key = ${policyId} RETURNING cron`);
  const asSet = await cron();
  await cron("0 0 1 1 *"); // the hour of UTC for the time that was due; the next one's may be another
  const done = await due();
  expect([done.state, done.startedBy]).toEqual(["verified", "Planback"]);
  expect(await cron()).toEqual(asSet);

  await control(simulator, "delete-group", { tenantId: CONTOSO.tenantId, groupId: SANDBOX });
  before = everything();
  const failed = await due();
  expect([failed.state, failed.problem, failed.drill?.plan]).toEqual(["failed", expect.stringMatching(/group does not exist any more/), "none"]);
  expect(await attention()).toMatch(/drill of .* failed/);

  await set({ groupId: GROUPS.engineering });
  await expire();
  await until(() => getConnection(actor, ws, connectionId), ({ restoreState }) => restoreState === "none");
  await expect(set({ schedule: WEEKLY })).rejects.toThrow(/no write access/);
});
