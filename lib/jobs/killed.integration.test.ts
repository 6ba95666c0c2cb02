/** Workers that are killed without warning: real processes, SIGKILL, and another one that carries on. */
import type { ChildProcess } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { getPlan, getRun, getSnapshot, getVerification, listPlans, runRestore, startVerification } from "@/lib/workspaces";
import type { RestoreView, SnapshotView } from "@/lib/workspaces/types";
import { FABRIKAM, GROUPS, PEOPLE } from "@/simulator/fixtures";
import type { LoggedRequest } from "@/simulator/requestLog";
import { restoreSweep } from "./restoreSweep";
import { SHORT_TIMES } from "./testing/times";
import { asked, backUp, begin, connect, control, ended, kill, openWorld, planned, protect, restoreBeside, restored, startWorkerProcess, until, type World } from "./testing/world";

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

/** The snapshot with most tasks. */
async function fullest(): Promise<SnapshotView> {
  const { actor, ws } = world;
  const snapshots = await Promise.all((await listPlans(actor, ws)).flatMap(({ lastSnapshot }) => (lastSnapshot ? [getSnapshot(actor, ws, lastSnapshot.id)] : [])));
  return snapshots.sort((a, b) => b.content.tasks.length - a.content.tasks.length)[0]!;
}

const planner = () => world.simulator.stores.planner;
const titles = (tasks: Iterable<{ title: string }>) => [...tasks].map((task) => task.title).sort();

test("workers killed while restores make a group, a plan, tasks and their details in three places: the last one ends all with nothing twice and nothing lost", async () => {
  const { actor, ws, simulator } = world;
  await connect(world, "restore");
  const elsewhere = await connect(world, "restore", { tenantId: FABRIKAM.tenantId, displayName: PEOPLE.fabBackup.displayName });
  const source = await fullest();
  const [theirs] = planner().plansOfGroup(GROUPS.engineering);
  const before = { tasks: titles(theirs!.tasks.values()), buckets: theirs!.buckets.size };
  const ids = [
    await asked(world, source.id, connectionId, { kind: "new_plan", groupId: GROUPS.marketing, title: "Survived" }),
    await asked(world, source.id, connectionId, { kind: "existing_plan", groupId: GROUPS.engineering, planId: theirs!.id }),
    await asked(world, source.id, elsewhere, { kind: "new_group", name: "Survivors", mailNickname: "survivors", visibility: "Private", title: "Survived" }),
  ];
  const restores: RestoreView[] = [];
  for (const id of ids) restores.push(await planned(world, id));
  let isBegun = false;
  for (const match of [{ method: "PATCH", regex: "/groups\\(uniqueName" }, { method: "POST", path: "/planner/plans" }, { method: "POST", path: "/planner/tasks", nth: 5 }, { method: "PATCH", regex: "/planner/tasks/[^/]+/" }]) {
    await holdBack(match);
    if (isBegun) worker = await startWorkerProcess();
    else for (const { id, planHash } of restores) await runRestore(actor, ws, id, planHash);
    isBegun = true;
    await killThere();
  }
  simulator.faults.clear();
  worker = await startWorkerProcess();

  for (const id of ids) {
    const done = await restored(world, id);
    expect([done.state, done.problem, done.report?.itemsDifferent, done.report?.failed, done.report?.skipped]).toEqual(["verified", null, [], [], []]);
  }
  const wanted = titles(source.content.tasks.map(({ task }) => ({ title: task.title })));
  const fabrikam = [...simulator.world.tenants.get(FABRIKAM.tenantId)!.groups.values()].filter(({ displayName }) => displayName === "Survivors");
  expect(fabrikam).toHaveLength(1);
  for (const groupId of [GROUPS.marketing, fabrikam[0]!.id]) {
    const made = planner().plansOfGroup(groupId).filter((plan) => plan.title === "Survived");
    expect(made.map(({ tasks, buckets }) => [titles(tasks.values()), buckets.size])).toEqual([[wanted, source.content.buckets.length]]);
  }
  expect(titles(theirs!.tasks.values())).toEqual([...before.tasks, ...wanted].sort());
}, 300_000);

/** Stands still a worker in the middle of a restore, lets another one end it, wakes the first, and says what that wrote then. */
async function standStill(source: SnapshotView, title: string, isThere: (restoreId: string) => Promise<unknown>): Promise<LoggedRequest[]> {
  const { ws, simulator } = world;
  const restoreId = await restoreBeside(world, source.id, connectionId, GROUPS.marketing, title);
  await isThere(restoreId);
  const asleep = worker;
  asleep.kill("SIGSTOP");
  worker = await startWorkerProcess();
  expect((await restored(world, restoreId)).state, title).toBe("verified");
  const kept = () => withWorkspace(ws, (tx) => tx.restore.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId: ws, id: restoreId } }, include: { intents: { orderBy: { seq: "asc" } } } }));
  const [journal, { seq }] = [await kept(), simulator.requestLog.entries().at(-1)!];
  let said = "";
  asleep.stdout!.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  asleep.kill("SIGCONT");
  await until(() => said, (text) => text.includes(restoreId)); // its job stopped
  await kill(asleep);
  expect(await kept(), title).toEqual(journal);
  const written = simulator.requestLog.entries().filter((entry) => entry.seq > seq && entry.method !== "GET" && /planner|groups/.test(entry.path));
  if (written.length > 0) await restoreSweep({ workspaceId: ws, restoreId }, { jobId: randomUUID(), attempt: 0, signal: new AbortController().signal }, SHORT_TIMES);
  const made = planner().plansOfGroup(GROUPS.marketing).filter((plan) => plan.title === title);
  expect(made.map(({ tasks, buckets }) => [titles(tasks.values()), buckets.size]), title).toEqual([[titles(source.content.tasks.map(({ task }) => ({ title: task.title }))), source.content.buckets.length]]);
  return written;
}

test("a worker that stood still until another one had ended its restore does nothing any more when it wakes", async () => {
  await holdBack({ method: "POST", path: "/planner/tasks", nth: 5 });
  expect(await standStill(await fullest(), "Stood still", () => until(() => world.simulator.faults.list()[0]!.hits, (hits) => hits > 0))).toEqual([]);
}, 200_000);

const STALLS = 20;
const SEED = Number(process.env.PLANBACK_SEED ?? randomInt(2 ** 31));

/** What was on its way in the worker's sockets may still arrive: then the sweep takes it away. */
test.runIf(process.env.PLANBACK_LONG === "1")(`${STALLS} workers that stand still wherever it may be write nothing to the journal afterwards, and nothing is there twice (PLANBACK_SEED=${SEED})`, async () => {
  const { ws, simulator } = world;
  const source = await fullest();
  simulator.faults.clear();
  simulator.settings.latencyMs = 25; // so that the moment can be met
  let late = 0;
  for (const { part, ms } of fc.sample(fc.record({ part: fc.double({ min: 0, max: 0.95, noNaN: true }), ms: fc.integer({ min: 0, max: 60 }) }), { seed: SEED, numRuns: STALLS })) {
    const written = await standStill(source, `Stood still at ${part}, ${ms}`, async (restoreId) => {
      const mine = { workspaceId: ws, restoreId };
      const share = async () => {
        const [all, begun] = await withWorkspace(ws, (tx) => Promise.all([tx.restoreIntent.count({ where: mine }), tx.restoreIntent.count({ where: { ...mine, attempt: { gt: 0 } } })]));
        return begun / Math.max(1, all);
      };
      while ((await share()) <= part) await sleep(5);
      await sleep(ms);
    });
    late += written.length;
  }
  simulator.settings.latencyMs = 0;
  console.log(`${STALLS} stalls, ${late} requests arrived late (PLANBACK_SEED=${SEED})`);
}, 2_000_000);
