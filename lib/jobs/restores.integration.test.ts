/** Restores in place on real parts: reviewed again before they begin, taken back, paused and carried on, never run twice. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { restoreItems } from "@/components/restore/items-of-snapshot";
import { withWorkspace } from "@/lib/db";
import { assigneesOf, canonicalPlan } from "@/lib/planner";
import { getPlan, getRestore, getSnapshot, listPlans, restoreTargets, resumeRestore, runRestore, setExtras, undoRestore } from "@/lib/workspaces";
import type { RestoreView, SnapshotView } from "@/lib/workspaces/types";
import { CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { startWorker, type RunningWorker } from "./index";
import { SHORT_TIMES } from "./testing/times";
import { asked, backUp, connect, control, openWorld, planned, protect, restored, until, type World } from "./testing/world";

let world: World;
let worker: RunningWorker;
let connectionId: string;
let policyId: string;
let source: SnapshotView;

beforeAll(async () => {
  world = await openWorld();
  worker = await startWorker({ log: { info: () => undefined, error: () => undefined }, restoreTimes: SHORT_TIMES });
  connectionId = await connect(world, "backup");
  policyId = await protect(world, connectionId, GROUPS.marketing);
  await backUp(world, policyId);
  await connect(world, "restore");
  source = await fullest();
});

afterAll(async () => {
  await worker?.stop(5000);
  await world?.close();
});

afterEach(() => {
  world.simulator.faults.clear();
  world.simulator.settings.latencyMs = 0;
});

async function fullest(): Promise<SnapshotView> {
  const { actor, ws } = world;
  const all = await Promise.all((await listPlans(actor, ws)).map((plan) => getSnapshot(actor, ws, plan.lastSnapshot!.id)));
  return all.sort((a, b) => b.content.tasks.length - a.content.tasks.length)[0]!;
}

const planner = () => world.simulator.stores.planner;
const live = () => planner().findPlan(source.content.plan.id)!;
const inPlace = (added: "keep" | "remove" = "keep") => asked(world, source.id, connectionId, { kind: "in_place", added });

async function run(restore: RestoreView): Promise<void> {
  await runRestore(world.actor, world.ws, restore.id, restore.planHash);
}

/** The plan as a backup sees it now. */
async function seen() {
  await backUp(world, policyId);
  const { actor, ws } = world;
  const plan = (await listPlans(actor, ws)).find((one) => one.graphPlanId === source.content.plan.id)!;
  return canonicalPlan((await getSnapshot(actor, ws, plan.lastSnapshot!.id)).content);
}

test("a target that moved after the preview stops the restore before anything is written, and shows only the difference", async () => {
  const [first, second] = [...live().tasks.values()];
  planner().deleteTask(first!.id);
  const restore = await planned(world, await inPlace());
  planner().deleteTask(second!.id);
  const writes = () => world.simulator.requestLog.entries().filter(({ method, path }) => method !== "GET" && /\/planner\/|\/groups\//.test(path)).length;
  const before = writes();
  await run(restore);
  const back = await until(() => getRestore(world.actor, world.ws, restore.id), ({ state }) => state !== "running");
  expect([back.state, back.startedAt, back.problem]).toEqual(["planned", null, expect.stringContaining("changed after you reviewed")]);
  expect(back.plan!.difference!.added.join()).toContain(second!.title);
  expect(back.plan!.difference!.added.join()).not.toContain(first!.title);
  expect(writes()).toBe(before);
  await expect(run(restore)).rejects.toThrow(/not the one you reviewed/);
  await run(back);
  const done = await restored(world, restore.id);
  expect([done.state, done.report?.itemsDifferent, done.report?.failed]).toEqual(["verified", [], []]);
});

test("a restore in place that removed what was new is taken back: the plan is as it was before it", async () => {
  const { actor, ws } = world;
  const [edited] = [...live().tasks.values()];
  Object.assign(edited!, { title: "Renamed since", priority: 9 });
  edited!.revision.touch(["title", "priority"]);
  const added = planner().addTask({ planId: live().id, bucketId: edited!.bucketId, title: "Added since", createdBy: { ...live().createdBy } });
  const former = await seen();
  const plan = (await listPlans(actor, ws)).find((one) => one.graphPlanId === live().id)!;
  const restore = await planned(world, await inPlace("remove"));
  await run(restore);
  const done = await restored(world, restore.id);
  expect([done.state, done.undo]).toEqual(["verified", { possible: true }]);
  expect([planner().findTask(added.id), planner().findTask(edited!.id)!.title === "Renamed since"]).toEqual([undefined, false]);
  const { snapshots } = await getPlan(actor, ws, plan.id);
  expect(snapshots.filter(({ runId }) => runId === null).map(({ id }) => id)).toContain(done.beforeSnapshotId);
  expect((await getPlan(actor, ws, plan.id)).plan.lastSnapshot!.id).not.toBe(done.beforeSnapshotId);

  const { restoreId } = await undoRestore(actor, ws, restore.id, randomUUID());
  expect(await undoRestore(actor, ws, restore.id, randomUUID())).toEqual({ restoreId });
  await run(await planned(world, restoreId));
  const undone = await restored(world, restoreId);
  expect([undone.state, undone.undoOf, undone.report?.itemsDifferent, undone.report?.failed]).toEqual(["verified", restore.id, [], []]);
  expect(await seen()).toEqual(former);
  expect((await getRestore(actor, ws, restore.id)).undo).toMatchObject({ possible: false, restoreId });
  await expect(undoRestore(actor, ws, restore.id, randomUUID())).rejects.toThrow(/taken back already/);
});

test("restored in place twice while a file is gone, it is uploaded once, and the second restore has nothing to do", async () => {
  const { drives } = world.simulator.stores;
  const file = source.content.attachments[0]!;
  const task = () => [...live().tasks.values()].find(({ title }) => title === source.content.tasks.find(({ id }) => id === file.taskId)!.task.title)!;
  const links = task().details.references.size;
  for (const drive of drives.all()) for (const item of [...drive.items.values()]) if (item.name === file.name) drives.remove(item);
  const first = await planned(world, await inPlace());
  expect(first.plan!.counts.upload_file).toBe(1);
  await run(first);
  const done = await restored(world, first.id);
  expect([done.state, done.report?.created.map(({ kind }) => kind)]).toEqual(["verified", ["file"]]);
  const second = await planned(world, await inPlace());
  expect([second.plan!.operations, second.plan!.warnings]).toEqual([[], ["Nothing differs from the snapshot: there is nothing to do."]]);
  expect(task().details.references.size).toBe(links);
  await seen();
  const { actor, ws } = world;
  const newest = (await listPlans(actor, ws)).find(({ graphPlanId }) => graphPlanId === source.content.plan.id)!.lastSnapshot!;
  const { creations } = await restoreTargets(actor, ws, source.id);
  const now = { takenAt: newest.takenAt, beforeRestoreId: null, content: (await getSnapshot(actor, ws, newest.id)).content };
  expect([restoreItems(source.content, now, creations).damaged.changed, restoreItems(source.content, now).damaged.changed]).toEqual([0, 1]);
});

test("when the plan cannot be saved as it is now, nothing is written, and the restore can be tried again", async () => {
  const [edited] = [...live().tasks.values()];
  Object.assign(edited!, { title: "Spoilt" });
  edited!.revision.touch(["title"]);
  const restore = await planned(world, await inPlace());
  // The first reading of the task's details is the review's; the next one is the snapshot's.
  world.simulator.faults.add({ match: { regex: `/planner/tasks/${edited!.id}/details$`, from: 2 }, action: { kind: "status", status: 403 } });
  await run(restore);
  const stopped = await restored(world, restore.id);
  expect([stopped.state, stopped.problem, stopped.report]).toEqual(["failed", expect.stringContaining("Nothing was written"), null]);
  expect(edited!.title).toBe("Spoilt");
  world.simulator.faults.clear();
  await resumeRestore(world.actor, world.ws, restore.id);
  expect((await restored(world, restore.id)).state).toBe("verified");
  expect(planner().findTask(edited!.id)!.title).not.toBe("Spoilt");
});

test("an account that must sign in again pauses the restore; after the sign-in it goes on to its end", async () => {
  const { actor, ws, simulator } = world;
  await control(simulator, "faults", { match: { method: "POST", path: "/planner/tasks" }, action: { kind: "delay", ms: 1_500 } });
  const restoreId = await asked(world, source.id, connectionId, { kind: "new_plan", groupId: GROUPS.marketing, title: "Paused" });
  await run(await planned(world, restoreId));
  await until(() => simulator.faults.list()[0]!.hits, (hits) => hits > 0);
  await control(simulator, "revoke-tokens", { user: PEOPLE.backup.id });
  const paused = await until(() => getRestore(actor, ws, restoreId), ({ phase, finishedAt }) => phase === "paused" || finishedAt !== null);
  expect([paused.state, paused.waiting?.reason, paused.resume, paused.finishedAt]).toEqual(["waiting", expect.stringMatching(/Sign in again/), { possible: true }, null]);
  await expect(resumeRestore(actor, ws, restoreId)).rejects.toThrow(/sign in again/);
  simulator.faults.clear();
  await connect(world, "restore");
  await resumeRestore(actor, ws, restoreId);
  const done = await restored(world, restoreId);
  expect([done.state, done.report?.failed, done.report?.skipped]).toEqual(["verified", [], []]);
  const made = planner().plansOfGroup(GROUPS.marketing).filter((plan) => plan.title === "Paused");
  expect(made.map((plan) => plan.tasks.size)).toEqual([source.content.tasks.length]);
});

test("files and members that are refused are named; when they are allowed the restore goes on in the archive where it had ended", async () => {
  const { actor, ws, simulator } = world;
  live().archival = { archived: true, justification: "Season is over", by: { ...live().createdBy }, at: simulator.world.now() };
  for (const { revision } of [live(), ...live().buckets.values(), ...live().tasks.values()]) revision.touch(["isArchived"]);
  await connect(world, "backup"); // the test before has revoked its tokens
  await setExtras(actor, ws, connectionId, true);
  await backUp(world, policyId);
  const plan = (await listPlans(actor, ws)).find((one) => one.graphPlanId === source.content.plan.id)!;
  const assignee = assigneesOf(source.content.tasks.find(({ task }) => assigneesOf(task).length > 0)!.task)[0]!;
  const engineering = simulator.world.tenants.get(CONTOSO.tenantId)!.groups.get(GROUPS.engineering)!;
  engineering.members.delete(assignee); // only its owners can add somebody
  await control(simulator, "faults", { match: { method: "PUT", regex: "/content$" }, action: { kind: "status", status: 403 } });
  const restoreId = await asked(world, plan.lastSnapshot!.id, connectionId, { kind: "new_plan", groupId: GROUPS.engineering, title: "Season" });
  await run(await planned(world, restoreId));
  const first = await restored(world, restoreId);
  const kinds = (restore: RestoreView) => new Set(restore.report!.failed.map(({ seq }) => restore.plan!.operations[seq]!.kind));
  expect([first.state, first.report?.verdict, kinds(first), first.resume]).toEqual(["different", "incomplete", new Set(["upload_file", "add_member"]), { possible: true }]);
  const [made] = planner().plansOfGroup(GROUPS.engineering).filter(({ title }) => title === "Season");
  expect(made!.archival?.archived).toBe(true);
  simulator.faults.clear();
  engineering.owners.add(PEOPLE.backup.id);
  await resumeRestore(actor, ws, restoreId);
  const done = await restored(world, restoreId);
  expect([done.state, done.problem, done.report?.failed, done.report?.skipped, done.report?.itemsDifferent]).toEqual(["verified", null, [], [], []]);
  expect([made!.archival?.archived, made!.tasks.size]).toEqual([true, live().tasks.size]);
  await setExtras(actor, ws, connectionId, false);
});

const ROUNDS = process.env.PLANBACK_LONG === "1" ? 20 : 6;

test("fifty presses at once are one restore, round after round", async () => {
  const { ws } = world;
  const before = await withWorkspace(ws, (tx) => tx.restore.count({ where: { workspaceId: ws } }));
  for (let round = 0; round < ROUNDS; round++) {
    const requestKey = randomUUID();
    const ids = await Promise.all(Array.from({ length: 50 }, () => asked(world, source.id, connectionId, { kind: "new_plan", groupId: GROUPS.marketing, title: `Round ${round}` }, requestKey)));
    expect(new Set(ids).size).toBe(1);
    if (round > 0) continue;
    const restore = await planned(world, ids[0]!);
    await Promise.all(Array.from({ length: 50 }, () => run(restore)));
    expect((await restored(world, restore.id)).state).toBe("verified");
    expect(planner().plansOfGroup(GROUPS.marketing).filter(({ title }) => title === "Round 0")).toHaveLength(1);
  }
  const rows = await withWorkspace(ws, (tx) => tx.restore.count({ where: { workspaceId: ws } }));
  expect(rows - before).toBe(ROUNDS);
});
