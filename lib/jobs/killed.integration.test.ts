/** Workers that are killed without warning: real processes, SIGKILL, and another one that carries on. */
import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getPlan, getRun, getSnapshot, getVerification, listPlans, startVerification } from "@/lib/workspaces";
import { GROUPS } from "@/simulator/fixtures";
import { backUp, begin, connect, control, ended, kill, openWorld, protect, restoreBeside, restored, startWorkerProcess, until, type World } from "./testing/world";

let world: World;
let worker: ChildProcess;
let connectionId: string;
let policyId: string;

beforeAll(async () => {
  world = await openWorld();
  worker = await startWorkerProcess();
  connectionId = await connect(world, "backup");
  policyId = await protect(world, connectionId, GROUPS.marketing);
});

afterAll(async () => {
  if (worker) await kill(worker);
  await world?.close();
});

/** From now on the next request of this kind is held back. Set before the work begins, so that it cannot be missed. */
async function holdBack(match: object): Promise<void> {
  world.simulator.faults.clear();
  await control(world.simulator, "faults", { match, action: { kind: "delay", ms: 1_500 }, times: 1 });
}

/** Kills the worker while that request is under way. */
async function killThere(): Promise<void> {
  await until(() => world.simulator.faults.list()[0]!.hits, (hits) => hits > 0, 90_000);
  await kill(worker);
}

test("a worker killed in mid-capture: another one finishes the run, and what was stored before is whole", async () => {
  const { actor, ws } = world;
  expect((await backUp(world, policyId)).state).toBe("complete");
  await holdBack({ method: "POST", path: "/$batch", nth: 3 });
  const runId = await begin(world, policyId);
  await killThere();

  const [plan] = await listPlans(actor, ws);
  const between = await getRun(actor, ws, runId);
  expect(between.state).toBe("running");
  for (const item of between.items) expect(item.state === "complete").toBe(item.snapshotId !== null);
  expect((await getPlan(actor, ws, plan!.id)).snapshots.every((snapshot) => snapshot.state === "complete")).toBe(true);

  worker = await startWorkerProcess();
  const run = await ended(world, runId);
  expect([run.state, run.items.map((item) => [item.state, item.problem])]).toEqual(["complete", run.items.map(() => ["complete", null])]);
  for (const one of await listPlans(actor, ws)) expect((await getPlan(actor, ws, one.id)).snapshots).toHaveLength(2);
  const { verificationId } = await startVerification(actor, ws);
  const verified = await until(() => getVerification(actor, ws, verificationId), (one) => one.finishedAt !== null);
  expect([verified.state, verified.report?.snapshots]).toEqual(["clean", 2 * run.items.length]);
});

test("workers killed while a restore creates its plan, its tasks and their details: the last one ends it with nothing twice and nothing lost", async () => {
  const { actor, ws, simulator } = world;
  await connect(world, "restore");
  const plans = await listPlans(actor, ws);
  const snapshots = await Promise.all(plans.map((plan) => getSnapshot(actor, ws, plan.lastSnapshot!.id)));
  const source = snapshots.sort((a, b) => b.content.tasks.length - a.content.tasks.length)[0]!;
  await holdBack({ method: "POST", path: "/planner/plans" });
  const restoreId = await restoreBeside(world, source.id, connectionId, GROUPS.marketing, "Survived");
  await killThere();
  for (const match of [{ method: "POST", path: "/planner/tasks", nth: 5 }, { method: "PATCH", regex: "/planner/tasks/[^/]+/" }]) {
    await holdBack(match);
    worker = await startWorkerProcess();
    await killThere();
  }
  simulator.faults.clear();
  worker = await startWorkerProcess();

  const done = await restored(world, restoreId);
  expect([done.state, done.problem, done.report?.itemsDifferent, done.report?.failed]).toEqual(["verified", null, [], []]);
  const made = simulator.stores.planner.plansOfGroup(GROUPS.marketing).filter((plan) => plan.title === "Survived");
  expect(made).toHaveLength(1);
  const titles = (tasks: Iterable<{ title: string }>) => [...tasks].map((task) => task.title).sort();
  expect(titles(made[0]!.tasks.values())).toEqual(titles(source.content.tasks.map(({ task }) => task as unknown as { title: string })));
  expect(made[0]!.buckets.size).toBe(source.content.buckets.length);
}, 200_000);
