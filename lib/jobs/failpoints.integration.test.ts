/** A backup whose Nth I/O fails or is the last of its process, for every N: nothing half is shown, nothing older is harmed, and the next attempt finishes. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { withWorkspace } from "@/lib/db";
import { getPlan, getRun, getSnapshot, listPlans } from "@/lib/workspaces";
import { VISIBLE } from "@/lib/workspaces/plans";
import { repositoryOf } from "@/lib/workspaces/repository";
import { GROUPS } from "@/simulator/fixtures";
import type { PlanRecord } from "@/simulator/planner";
import { capture } from "./capturePlan";
import { startWorker } from "./index";
import { runStart } from "./runStart";
import { MODES, Watched, watchProcess } from "./testing/failpoints";
import type { StoreSettings } from "@/lib/repository";
import { backUp, begin, connect, openWorld, protect, type World } from "./testing/world";

vi.mock("@/lib/repository", async (original) => {
  const [real, { watchedStore }] = [await original<typeof import("@/lib/repository")>(), await import("./testing/failpoints")];
  return { ...real, openStore: async (settings: StoreSettings) => watchedStore(await real.openStore(settings)) };
});

const LONG = process.env.PLANBACK_LONG === "1";
let world: World;
let policyId: string;
let planId: string;
let plan: PlanRecord;
let endWatch: () => void = () => undefined;

beforeAll(async () => {
  world = await openWorld();
  const worker = await startWorker({ log: { info: () => undefined, error: () => undefined } });
  const { planner } = world.simulator.stores;
  const [first] = planner.plansOfGroup(GROUPS.marketing);
  plan = planner.addPlan({ tenantId: first!.tenantId, groupId: GROUPS.marketing, title: "Small", createdBy: first!.createdBy });
  const bucket = planner.addBucket({ planId: plan.id, name: "Only" });
  for (const title of ["One", "Two", "Three"]) planner.addTask({ planId: plan.id, bucketId: bucket.id, title, createdBy: first!.createdBy });
  policyId = await protect(world, await connect(world, "backup"), GROUPS.marketing, [plan.id]);
  await withWorkspace(world.ws, (tx) => tx.policy.updateMany({ where: { workspaceId: world.ws }, data: { keepCount: 3 } }));
  expect((await backUp(world, policyId)).state).toBe("complete");
  planId = (await listPlans(world.actor, world.ws))[0]!.id;
  await worker.stop(5000);
  endWatch = watchProcess();
});

afterAll(async () => {
  endWatch();
  await world?.close();
});

/** Changes the plan, so that each backup has something to store. Returns the new title. */
function edit(number: number): string {
  const task = [...plan.tasks.values()][number % plan.tasks.size]!;
  task.title = `Edition ${number}`;
  task.revision.touch(["title"]);
  return task.title;
}

function jobs(watched: Watched, runId: string) {
  const { ws: workspaceId } = world;
  return watched.run(async (context) => {
    await runStart({ workspaceId, runId }, context);
    await capture({ workspaceId, runId, planId }, context);
  });
}

/** Every snapshot that can be seen is complete and whole; newest first. */
async function expectWhole(): Promise<string[]> {
  const { ws: workspaceId, actor } = world;
  const { snapshots } = await getPlan(actor, workspaceId, planId);
  expect(snapshots.map(({ state }) => state)).toEqual(snapshots.map(() => "complete"));
  const rows = await withWorkspace(workspaceId, (tx) => tx.snapshot.findMany({ where: { workspaceId, planId, ...VISIBLE } }));
  expect((await (await repositoryOf(workspaceId)).verify(rows.map(({ manifestId }) => manifestId!))).damaged).toEqual([]);
  return snapshots.map(({ id }) => id);
}

const titlesOf = async (snapshotId: string) => (await getSnapshot(world.actor, world.ws, snapshotId)).content.tasks.map(({ task }) => task.title);

test("a backup that fails or dies at its Nth I/O", { timeout: 900_000 }, async () => {
  const { actor, ws } = world;
  const ends = new Map<string, number>();
  const kinds = new Set<string>();
  let failAt = 0;
  let [before] = await expectWhole();
  // In the long run each I/O in each way, else every third one in one of them.
  for (let round = 0; ; round += 1) {
    failAt += LONG ? Number(round % MODES.length === 0) : 3;
    const mode = MODES[round % MODES.length]!;
    const watched = new Watched(failAt, mode);
    const title = edit(round);
    const runId = await begin(world, policyId);
    const how = await jobs(watched, runId);
    if (watched.hit === null) break;
    const context = `${mode} at ${failAt}: ${watched.hit}`;
    kinds.add(watched.hit.split(" ")[0]!);
    ends.set(how, (ends.get(how) ?? 0) + 1);
    const [between] = await expectWhole();
    const isShown = between !== before;
    expect((await titlesOf(between!)).includes(title), context).toBe(isShown);
    if (how !== "done") for (let tries = 0; tries < 3 && (await jobs(new Watched(), runId)) !== "done"; tries += 1);
    const run = await getRun(actor, ws, runId);
    expect([run.state, run.problem, run.items.map(({ state, problem }) => [state, problem])], context).toEqual(["complete", null, [["complete", null]]]);
    const after = (await getPlan(actor, ws, planId)).snapshots[0]!.id;
    expect(isShown ? after === between : after !== between, context).toBe(true);
    expect(await titlesOf(after), context).toContain(title);
    expect(await withWorkspace(ws, (tx) => tx.snapshot.count({ where: { workspaceId: ws, state: "open" } })), context).toBe(0);
    before = after;
  }
  await expectWhole();
  expect([...kinds].sort()).toEqual(["POST", "database", "store"]);
  expect(failAt).toBeGreaterThan(80);
  console.log(`failpoints: ${failAt - 1} I/Os, jobs that ${[...ends].map(([end, count]) => `${end} ${count}`).join(", ")}`);
  for (const end of ["done", "stopped", "died"]) expect(ends.get(end), end).toBeGreaterThan(2);
});
