/** (f) Backups of 1,000 small plans by one worker process, two and four, from the queue to the stored snapshot, on a real Postgres. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { savePolicy, setExtras } from "../lib/workspaces";
import { begin, connect, ended, kill, openWorld, startWorkerProcess, type World } from "../lib/jobs/testing/world";
import { CONTOSO, GROUPS, PEOPLE } from "../simulator/fixtures";
import { size, times, type BenchOptions, type BenchRow, type Suite } from "./framework";

const PLANS = Number(process.env.PLANBACK_BENCH_PLANS ?? 1_000);
const TASKS = 5;
const LATENCY_MS = 60;
/** A group holds 200 plans at most: https://learn.microsoft.com/office365/planner/planner-limits */
const IN_GROUPS = [GROUPS.marketing, GROUPS.engineering, GROUPS.finance, GROUPS.legal, GROUPS.mergerRoom];

function addPlans({ simulator }: World): { groupId: string; planIds: string[]; includeNew: false }[] {
  const { planner } = simulator.stores;
  return IN_GROUPS.map((groupId) => ({
    groupId, includeNew: false,
    planIds: Array.from({ length: PLANS / IN_GROUPS.length }, (_, number) => {
      const plan = planner.addPlan({ tenantId: CONTOSO.tenantId, groupId, title: `Small ${number}`, createdBy: { userId: PEOPLE.alice.id, appId: null } });
      const { id: bucketId } = planner.addBucket({ planId: plan.id, name: "To do" });
      for (let task = 0; task < TASKS; task++) planner.addTask({ planId: plan.id, bucketId, title: `Task ${task}`, description: "What is to be done.", createdBy: { userId: PEOPLE.alice.id, appId: null } });
      return plan.id;
    }),
  }));
}

/** What the server has done since the start of statistics: transactions, and bytes of its log. */
async function work({ database }: World): Promise<{ transactions: number; wal: number }> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  const { rows: [row] } = await client.query<{ transactions: number; wal: number }>(`
    SELECT (xact_commit + xact_rollback)::float8 AS transactions, (pg_current_wal_insert_lsn() - '0/0')::float8 AS wal FROM pg_stat_database WHERE datname = current_database()`);
  await client.end();
  return row!;
}

const IDLE_SECONDS = 20;

/** Transactions a second of a worker that has nothing to do. */
async function idle(world: World): Promise<number> {
  const worker = await startWorkerProcess("worker/main.ts");
  try {
    await sleep(3_000);
    const before = await work(world);
    await sleep(IDLE_SECONDS * 1000);
    return ((await work(world)).transactions - before.transactions) / IDLE_SECONDS;
  } finally {
    await kill(worker);
  }
}

/** Seconds from the press of the button to the end of the run. */
async function timed(world: World, policyId: string, workers: number): Promise<number> {
  const running = await Promise.all(Array.from({ length: workers }, () => startWorkerProcess("worker/main.ts")));
  try {
    const started = performance.now();
    const run = await ended(world, await begin(world, policyId), 900_000);
    const complete = run.items.filter(({ state }) => state === "complete").length;
    if (complete !== PLANS) throw new Error(`${complete} of ${PLANS} plans are complete`);
    return (performance.now() - started) / 1000;
  } finally {
    await Promise.all(running.map(kill));
  }
}

async function run({ progress }: BenchOptions): Promise<BenchRow[]> {
  const world = await openWorld();
  try {
    const groups = addPlans(world);
    const worker = await startWorkerProcess("worker/main.ts");
    const connectionId = await connect(world, "backup").finally(() => kill(worker));
    await setExtras(world.actor, world.ws, connectionId, false);
    const { id } = await savePolicy(world.actor, world.ws, { name: "All", connectionId, schedule: { kind: "manual" }, keepCount: 30, keepDays: null, selection: { groups } });
    world.simulator.settings.latencyMs = LATENCY_MS;
    progress("first captures, two workers");
    const first = await timed(world, id, 2);
    progress("again, one worker");
    const before = await work(world);
    const one = await timed(world, id, 1);
    const after = await work(world);
    progress("again, two workers");
    const two = await timed(world, id, 2);
    progress("again, four workers");
    const four = await timed(world, id, 4);
    progress("nothing to do, one worker");
    const polls = await idle(world);
    const transactions = (after.transactions - before.transactions) / PLANS;
    const rate = (seconds: number) => `${(PLANS / seconds).toFixed(1)} jobs/s`;
    return [
      { name: `${PLANS.toLocaleString("en")} plans of ${TASKS} tasks at ${LATENCY_MS} ms: two workers`, value: times(one, two), note: `as fast as one (${rate(two)} against ${rate(one)}), nothing changed; the simulator and Postgres share the processors` },
      { name: "the same: four workers", value: times(one, four), note: `as fast as one (${rate(four)})` },
      { name: "transactions of the database a job, one worker", value: transactions.toFixed(1), note: `and ${size((after.wal - before.wal) / PLANS)} of its log; a worker with nothing to do makes ${polls.toFixed(0)} transactions a second` },
      { name: "the first captures of all, two workers", value: times(first, two), note: `of the time when nothing changed (${rate(first)})` },
    ];
  } finally {
    await world.close();
  }
}

export const suite: Suite = { title: "Jobs", run };
