/** Several workers, one of which is cut off from database and network in the middle of its work and comes back later. */
import type { ChildProcess } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getPlan, getRun, getSnapshot, getVerification, listPlans, startVerification } from "@/lib/workspaces";
import { GROUPS } from "@/simulator/fixtures";
import { capture } from "./capturePlan";
import { restoreSweep } from "./restoreSweep";
import { openIsland, type Island } from "./testing/island";
import { SHORT_TIMES } from "./testing/times";
import { backUp, begin, connect, ended, kill, openWorld, protect, restoreBeside, restored, startWorkerProcess, until, type World } from "./testing/world";

let world: World;
let connectionId: string;
let policyId: string;
let admin: pg.Client;

beforeAll(async () => {
  world = await openWorld();
  admin = new pg.Client({ connectionString: world.database.adminUrl });
  await admin.connect();
  const { planner } = world.simulator.stores;
  const [model] = planner.plansOfGroup(GROUPS.marketing);
  for (let number = 0; number < 6; number++) {
    const plan = planner.addPlan({ tenantId: model!.tenantId, groupId: GROUPS.marketing, title: `Plan ${number}`, createdBy: model!.createdBy });
    const { id: bucketId } = planner.addBucket({ planId: plan.id, name: "To do" });
    for (let task = 0; task < 25; task++) planner.addTask({ planId: plan.id, bucketId, title: `Task ${task}`, createdBy: model!.createdBy });
  }
  const worker = await startWorkerProcess();
  connectionId = await connect(world, "backup");
  await connect(world, "restore");
  policyId = await protect(world, connectionId, GROUPS.marketing, planner.plansOfGroup(GROUPS.marketing).map(({ id }) => id));
  expect((await backUp(world, policyId)).state).toBe("complete");
  await kill(worker);
});
afterAll(async () => {
  await admin?.end();
  await world?.close();
});

const ports = () => [Number(new URL(process.env.DATABASE_URL!).port), Number(new URL(world.simulator.origin).port)];
const titles = (tasks: Iterable<{ title: string }>) => [...tasks].map((task) => task.title).sort();
const counts = async () => new Map(await Promise.all((await listPlans(world.actor, world.ws)).map(async ({ id }) => [id, (await getPlan(world.actor, world.ws, id)).snapshots.length] as const)));

/** Jobs that are neither done nor planned for later. */
async function unfinished(): Promise<unknown[]> {
  return (await admin.query("SELECT name, state::text, retry_count, output FROM jobs.job WHERE state IN ('active', 'retry', 'failed') OR (state = 'created' AND start_after <= now())")).rows;
}

interface Plan { seed: number; island: Island; afterMs: number; isOtherThere: boolean; awayMs: number }

/** One run and one restore, begun where the island's worker is, which is cut off some time later. */
async function scenario({ seed, island, afterMs, isOtherThere, awayMs }: Plan): Promise<void> {
  const { actor, ws, simulator } = world;
  let said = "";
  const others: ChildProcess[] = [];
  const cutOff = await island.start((text) => (said += text));
  try {
    const source = (await Promise.all((await listPlans(actor, ws)).map(({ lastSnapshot }) => getSnapshot(actor, ws, lastSnapshot!.id)))).sort((a, b) => b.content.tasks.length - a.content.tasks.length)[0]!;
    const before = await counts();
    simulator.settings.latencyMs = 40;
    if (isOtherThere) others.push(await startWorkerProcess());
    const title = `Cut off ${seed}`;
    const restoreId = await restoreBeside(world, source.id, connectionId, GROUPS.marketing, title);
    const runId = await begin(world, policyId);
    await until(() => getRun(actor, ws, runId), ({ items }) => items.some(({ state }) => state === "running"));
    await sleep(afterMs);
    island.cut();
    while (others.length < 2) others.push(await startWorkerProcess());
    const healed = sleep(awayMs).then(() => island.heal());
    const run = await ended(world, runId, 150_000);
    const restore = await restored(world, restoreId);
    await healed;
    simulator.settings.latencyMs = 0;

    expect([run.state, run.items.map(({ state, problem }) => [state, problem])]).toEqual(["complete", run.items.map(() => ["complete", null])]);
    expect([...(await counts())]).toEqual([...before].map(([id, count]) => [id, count + 1]));
    expect([restore.state, restore.problem, restore.report?.failed, restore.report?.itemsDifferent]).toEqual(["verified", null, [], []]);
    // What lay in its wire may have arrived when that was plugged in again: the sweep takes it away.
    await until(unfinished, (jobs) => jobs.length === 0);
    await restoreSweep({ workspaceId: ws, restoreId }, { jobId: randomUUID(), attempt: 0, signal: new AbortController().signal }, SHORT_TIMES);
    const made = simulator.stores.planner.plansOfGroup(GROUPS.marketing).filter((plan) => plan.title === title);
    expect(made.map(({ tasks, buckets }) => [titles(tasks.values()), buckets.size])).toEqual([[titles(source.content.tasks.map(({ task }) => ({ title: task.title }))), source.content.buckets.length]]);
    const { rows: [{ open }] } = await admin.query("SELECT count(*)::int AS open FROM snapshot WHERE state = 'open'");
    expect(open).toBe(0);
  } finally {
    await Promise.all([cutOff, ...others].map(kill));
    const late = said.split("\n").filter((line) => line.includes(ws)).length;
    console.log(`${island.kind}, seed ${seed}, cut off after ${afterMs} ms for ${awayMs} ms: ${late} of its jobs stopped there`);
  }
}

test("a capture that its worker, cut off at the last moment, ends after all while another one waits to begin it, is not done twice", async () => {
  const { ws } = world;
  const { rows: [job] } = await admin.query<{ runId: string; planId: string }>('SELECT run_id AS "runId", plan_id AS "planId" FROM run_plan LIMIT 1');
  const where = "WHERE run_id = $1 AND plan_id = $2";
  await admin.query(`UPDATE run_plan SET state = 'running' ${where}`, [job!.runId, job!.planId]);
  const before = await counts();
  const watcher = new pg.Client({ connectionString: world.database.adminUrl });
  await watcher.connect();
  await admin.query("BEGIN");
  await admin.query(`UPDATE run_plan SET state = 'complete' ${where}`, [job!.runId, job!.planId]);
  const begun = capture({ workspaceId: ws, ...job! }, { jobId: randomUUID(), attempt: 1, signal: new AbortController().signal });
  await until(async () => (await watcher.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).rows, (waiting) => waiting.length > 0);
  await admin.query("COMMIT");
  await begun;
  await watcher.end();
  expect([...(await counts())]).toEqual([...before]);
  expect((await admin.query(`SELECT state FROM run_plan ${where}`, [job!.runId, job!.planId])).rows).toEqual([{ state: "complete" }]);
});

const SEED = Number(process.env.PLANBACK_SEED ?? randomInt(2 ** 31));
const ROUNDS = process.env.PLANBACK_LONG === "1" ? 20 : 1;

test(`a worker that is cut off in mid-run: others end what it had, nothing is there twice, lost or stuck (PLANBACK_SEED=${SEED})`, async () => {
  const arbitrary = fc.record({ afterMs: fc.integer({ min: 0, max: 1_500 }), isOtherThere: fc.boolean(), awayMs: fc.integer({ min: 12_000, max: 25_000 }) });
  for (const [round, plan] of fc.sample(arbitrary, { seed: SEED, numRuns: ROUNDS }).entries()) {
    const island = await openIsland(ports());
    try {
      await scenario({ seed: SEED + round, island, ...plan });
    } finally {
      await island.close();
    }
  }
  const { actor, ws } = world;
  const { verificationId } = await startVerification(actor, ws);
  const worker = await startWorkerProcess();
  expect((await until(() => getVerification(actor, ws, verificationId), (one) => one.finishedAt !== null)).state).toBe("clean");
  await kill(worker);
}, ROUNDS * 200_000);
