/** Restores into one plan take turns, on real parts: workers in processes of their own, which are killed, and answers that get lost. */
import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { cancelRestore, createWorkspace, getRestore, getSnapshot, listPlans, resumeRestore, runRestore } from "@/lib/workspaces";
import type { RestoreView, SnapshotView } from "@/lib/workspaces/types";
import { GROUPS, PEOPLE } from "@/simulator/fixtures";
import type { FaultAction } from "@/simulator/faults/rules";
import { asked, backUp, connect, control, kill, openWorld, planned, protect, startWorkerProcess, until, type World } from "./testing/world";
import { passTurns } from "./turn";

const LONG = process.env.PLANBACK_LONG === "1";
const SEED = Number(process.env.PLANBACK_SEED ?? randomInt(2 ** 31));

let world: World;
let worker: ChildProcess;
let connectionId: string;
let source: SnapshotView;
let other: World;
let elsewhere: { connectionId: string; source: SnapshotView };

beforeAll(async () => {
  world = await openWorld();
  worker = await startWorkerProcess();
  ({ connectionId, source } = await prepared(world));
  other = { ...world, ws: (await createWorkspace(world.actor, { name: "Contoso, elsewhere" })).id };
  elsewhere = await prepared(other);
});

afterAll(async () => {
  if (worker) await kill(worker);
  await world?.close();
});

/** A connected account and the snapshot with most tasks. */
async function prepared(one: World): Promise<{ connectionId: string; source: SnapshotView }> {
  const connection = await connect(one, "backup");
  await backUp(one, await protect(one, connection, GROUPS.marketing));
  await connect(one, "restore");
  const snapshots = await Promise.all((await listPlans(one.actor, one.ws)).map((plan) => getSnapshot(one.actor, one.ws, plan.lastSnapshot!.id)));
  return { connectionId: connection, source: snapshots.sort((a, b) => b.content.tasks.length - a.content.tasks.length)[0]! };
}

const planner = () => world.simulator.stores.planner;
const theirs = () => planner().plansOfGroup(GROUPS.engineering)[0]!;
const look = (id: string, one = world): Promise<RestoreView> => getRestore(one.actor, one.ws, id);
const QUEUED = ({ state, phase }: RestoreView) => state === "waiting" && phase === "turn";

/** A restore of everything into the plan of another group, with its preview. */
async function into(one = world, parts = { connectionId, source }): Promise<RestoreView> {
  return planned(one, await asked(one, parts.source.id, parts.connectionId, { kind: "existing_plan", groupId: GROUPS.engineering, planId: theirs().id }));
}
const press = ({ id, planHash }: RestoreView, one = world): Promise<void> => runRestore(one.actor, one.ws, id, planHash);

/** Follows restores to their ends; who has to look again, because the other one has changed the plan, does and goes on. */
async function ended(ids: string[], one = world): Promise<RestoreView[]> {
  return until(async () => {
    const all = await Promise.all(ids.map((id) => look(id, one)));
    // One at a time has begun and not ended.
    expect(all.filter(({ state, phase }) => ["running", "verifying", "waiting"].includes(state) && ["restoring", "looking", "verifying"].includes(phase ?? "")).length).toBeLessThanOrEqual(1);
    for (const restore of all) if (restore.state === "planned") await press(restore, one);
    return all;
  }, (all) => all.every(({ finishedAt }) => finishedAt !== null), 150_000);
}

const titles = (tasks: Iterable<{ title: string }>) => [...tasks].map(({ title }) => title).sort();

/** Each has made all of its own, nothing is there twice, and no object is in two journals. */
async function expectOwn(restores: RestoreView[], before: string[], remark: string): Promise<void> {
  for (const { state, report } of restores) expect([state, report?.failed, report?.skipped, report?.itemsDifferent, report?.uncertain], remark).toEqual(["verified", [], [], [], []]);
  const wanted = titles(source.content.tasks.map(({ task }) => task));
  expect(titles(theirs().tasks.values()), remark).toEqual([...before, ...restores.flatMap(() => wanted)].sort());
  const rows = await withWorkspace(world.ws, (tx) => tx.restoreIntent.findMany({ where: { workspaceId: world.ws, restoreId: { in: restores.map(({ id }) => id) }, kind: "create_task" } }));
  expect([rows.length, new Set(rows.map(({ remoteId }) => remoteId)).size], remark).toEqual([restores.length * wanted.length, restores.length * wanted.length]);
}

const fault = (action: FaultAction, match: object, times?: number) => control(world.simulator, "faults", { match: { method: "POST", path: "/planner/tasks", ...match }, action, times });

test("a second restore into the same plan waits, says for which, and starts when the first one has ended, although its worker was killed", async () => {
  const before = titles(theirs().tasks.values());
  const [first, second] = [await into(), await into()];
  await fault({ kind: "delay", ms: 1_500 }, { nth: 3 }, 1);
  await press(first);
  await until(() => world.simulator.faults.list()[0]!.hits, (hits) => hits > 0);
  await press(second);
  const waiting = await until(() => look(second.id), (one) => one.finishedAt !== null || QUEUED(one));
  expect([waiting.phase, waiting.waiting]).toEqual(["turn", { reason: expect.stringMatching(/Another restore writes into this plan.*starts by itself/), until: null, restoreId: first.id }]);
  await kill(worker);
  world.simulator.faults.clear();
  await passTurns(world.ws);
  expect(QUEUED(await look(second.id))).toBe(true);
  worker = await startWorkerProcess();
  await expectOwn(await ended([first.id, second.id]), before, "killed");
}, 200_000);

const ROUNDS = LONG ? 30 : 1;
const lost = fc.constantFrom<FaultAction>({ kind: "apply-then-status", status: 504 }, { kind: "late-commit", ms: 2_000 }, { kind: "reset-after" }, { kind: "reset-before" }, { kind: "delay", ms: 700 });
const races = fc.record({ at: fc.integer({ min: 0, max: 1_500 }), faults: fc.uniqueArray(fc.record({ nth: fc.integer({ min: 1, max: 12 }), action: lost }), { minLength: 2, maxLength: 5, selector: ({ nth }) => nth }) });

test(`two restores of equal tasks race into one plan while answers get lost: neither takes what the other makes (PLANBACK_SEED=${SEED})`, async () => {
  for (const { at, faults } of fc.sample(races, { seed: SEED, numRuns: ROUNDS })) {
    const before = titles(theirs().tasks.values());
    const restores = [await into(), await into()];
    for (const { nth, action } of faults) await fault(action, { nth }, 1);
    await Promise.all(restores.map(async (restore, index) => {
      if (index > 0) await new Promise((resolve) => setTimeout(resolve, at));
      await press(restore);
    }));
    const done = await ended(restores.map(({ id }) => id));
    expect(world.simulator.faults.list().filter(({ hits }) => hits === 0)).toEqual([]);
    world.simulator.faults.clear();
    await expectOwn(done, before, `PLANBACK_SEED=${SEED} ${JSON.stringify({ at, faults })}`);
  }
}, 60_000 * ROUNDS + 120_000);

test("two restores to plans of one title in one group, of two workspaces: neither takes the other's empty plan for its own while answers get lost", async () => {
  const target = { kind: "new_plan" as const, groupId: GROUPS.engineering, title: "Twice" };
  const [first, second] = [await planned(world, await asked(world, source.id, connectionId, target)), await planned(other, await asked(other, elsewhere.source.id, elsewhere.connectionId, target))];
  // The first one does not know whether its plan is there, and looks while the answer to the second one's is still under way.
  await control(world.simulator, "faults", { match: { method: "POST", path: "/planner/plans", nth: 1 }, action: { kind: "reset-before" }, times: 1 });
  await control(world.simulator, "faults", { match: { method: "POST", path: "/planner/plans", nth: 2 }, action: { kind: "delay", ms: 4_500, applied: true }, times: 1 });
  await press(first);
  await until(() => world.simulator.faults.list()[0]!.hits, (hits) => hits > 0);
  await press(second, other);
  const done = [(await ended([first.id]))[0]!, await until(async () => {
    await passTurns(other.ws); // as the watch does every few minutes
    return look(second.id, other);
  }, ({ finishedAt }) => finishedAt !== null, 150_000)];
  expect(world.simulator.faults.list().map(({ hits }) => hits)).toEqual([1, 1]);
  world.simulator.faults.clear();
  for (const { state, report } of done) expect([state, report?.failed, report?.skipped, report?.itemsDifferent]).toEqual(["verified", [], [], []]);
  const made = planner().plansOfGroup(GROUPS.engineering).filter(({ title }) => title === "Twice");
  expect(made.map(({ id }) => id).sort()).toEqual(done.map(({ report }) => report!.planId).sort());
  for (const { tasks } of made) expect(titles(tasks.values())).toEqual(titles(source.content.tasks.map(({ task }) => task)));
}, 200_000);

test("what another restore in place has made meanwhile is not made a second time when the first one goes on", async () => {
  const plan = planner().findPlan(source.content.plan.id)!;
  for (const { id } of [...plan.tasks.values()].slice(0, 4)) planner().deleteTask(id);
  const inPlace = async () => planned(world, await asked(world, source.id, connectionId, { kind: "in_place" }));
  const first = await inPlace();
  await fault({ kind: "delay", ms: 1_500 }, { nth: 1 }, 1);
  // A limit is final at once.
  await fault({ kind: "status", status: 403, body: { error: { code: "MaximumTasksInProject", message: "The request exceeds a limit." } } }, { from: 2 });
  await press(first);
  await ended([first.id]);
  world.simulator.faults.clear();
  const second = await inPlace();
  await press(second);
  const [, done] = await ended([first.id, second.id]);
  expect([done!.state, done!.report?.failed]).toEqual(["verified", []]);
  await resumeRestore(world.actor, world.ws, first.id);
  const [resumed] = await ended([first.id]);
  expect(resumed!.report?.failed).toEqual([]);
  expect(resumed!.report?.skipped.map(({ reason }) => reason)).toEqual(expect.arrayContaining([expect.stringContaining("Another restore has made this since")]));
  expect(titles(plan.tasks.values())).toEqual(titles(source.content.tasks.map(({ task }) => task)));
}, 120_000);

test("who waits can be cancelled at once; a restore that is paused lets the next one go, and waits for its turn when it goes on; another workspace waits as well", async () => {
  const { actor, simulator } = world;
  const before = titles(theirs().tasks.values());
  const [first, cancelled, third, foreign] = [await into(), await into(), await into(), await into(other, elsewhere)];
  await fault({ kind: "delay", ms: 1_000 }, {});
  await press(first);
  await until(() => simulator.faults.list()[0]!.hits, (hits) => hits > 0);
  for (const restore of [cancelled, third]) {
    await press(restore);
    await until(() => look(restore.id), QUEUED);
  }
  await press(foreign, other);
  const outside = await until(() => look(foreign.id, other), QUEUED);
  expect(outside.waiting).toEqual({ reason: expect.stringContaining("another workspace"), until: null });
  await cancelRestore(actor, world.ws, cancelled.id);
  expect((await look(cancelled.id)).state).toBe("cancelled");

  await control(simulator, "revoke-tokens", { user: PEOPLE.backup.id });
  const paused = ({ phase }: RestoreView) => phase === "paused";
  await until(() => look(first.id), paused);
  await until(() => look(third.id), paused); // it was its turn, and it has the same account
  simulator.faults.clear();
  await connect(world, "restore");
  await connect(other, "restore");
  for (const { id } of [first, third]) await resumeRestore(actor, world.ws, id);
  const done = await ended([first.id, third.id]);
  await expectOwn(done, before, "paused");
  const [ahead] = await until(async () => {
    await passTurns(other.ws); // as the watch does every few minutes
    if (paused(await look(foreign.id, other))) await resumeRestore(actor, other.ws, foreign.id); // it was its turn before it could
    return ended([foreign.id], other);
  }, ([one]) => one!.finishedAt !== null);
  expect([ahead!.state, ahead!.report?.failed]).toEqual(["verified", []]);
}, 200_000);
