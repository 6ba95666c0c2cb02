/** (f) Backups of 1,000 small plans by one worker process and by two, from the queue to the stored snapshot, on a real Postgres. */
import { savePolicy, setExtras } from "../lib/workspaces";
import { begin, connect, ended, kill, openWorld, startWorkerProcess, type World } from "../lib/jobs/testing/world";
import { CONTOSO, GROUPS, PEOPLE } from "../simulator/fixtures";
import { times, type BenchOptions, type BenchRow, type Suite } from "./framework";

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
    const one = await timed(world, id, 1);
    progress("again, two workers");
    const two = await timed(world, id, 2);
    const rate = (seconds: number) => `${(PLANS / seconds).toFixed(1)} jobs/s`;
    return [
      { name: `${PLANS.toLocaleString("en")} plans of ${TASKS} tasks at ${LATENCY_MS} ms: two workers`, value: times(one, two), note: `as fast as one (${rate(two)} against ${rate(one)}), nothing changed; the simulator and Postgres share the processors` },
      { name: "the first captures of all, two workers", value: times(first, two), note: `of the time when nothing changed (${rate(first)})` },
    ];
  } finally {
    await world.close();
  }
}

export const suite: Suite = { title: "Jobs", run };
