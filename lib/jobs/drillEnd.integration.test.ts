/**
 * The end of a drill, from the comparison to the removal of its plan, with any I/O failing or being the last of its process:
 * the report says what was compared while the plan was there, the plan goes, and nothing else does.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getRestore, saveDrills, startDrill } from "@/lib/workspaces";
import { GROUPS } from "@/simulator/fixtures";
import { drillRemoval } from "./drillRemoval";
import { startWorker } from "./index";
import { restorePlan } from "./restorePlan";
import { restoreRun, type RestoreTimes } from "./restoreRun";
import { MODES, Watched, watchProcess } from "./testing/failpoints";
import { backUp, connect, openWorld, protect, type World } from "./testing/world";

const LONG = process.env.PLANBACK_LONG === "1";
/** Which I/Os fail in which way, counted from the one that stores the report and from the removal: around these all of them in each way. */
const TRIED = [{ after: 'database UPDATE "public"."restore" SET "sealed_re', most: 20 }, { after: "DELETE", most: 13 }].flatMap(({ after, most }) =>
  Array.from({ length: most }, (_, ios) => ios).flatMap((ios) =>
    (LONG || (after === "DELETE" && ios < 2) ? MODES : ios % 4 === 0 ? [MODES[(ios / 4) % MODES.length]!] : []).map((mode) => ({ at: { after, ios }, mode }))));
const TIMES: RestoreTimes = { requestMs: 400, leaseSeconds: 1, renewMs: 200, settleMs: 300, betweenListingsMs: 50 };
let world: World;
let policyId: string;
let endWatch: () => void = () => undefined;

beforeAll(async () => {
  world = await openWorld();
  const worker = await startWorker({ log: { info: () => undefined, error: () => undefined } });
  const { planner } = world.simulator.stores;
  const [first] = planner.plansOfGroup(GROUPS.marketing);
  const plan = planner.addPlan({ tenantId: first!.tenantId, groupId: GROUPS.marketing, title: "Small", createdBy: first!.createdBy });
  planner.addTask({ planId: plan.id, title: "Only", createdBy: first!.createdBy });
  const connectionId = await connect(world, "backup");
  policyId = await protect(world, connectionId, GROUPS.marketing, [plan.id]);
  expect((await backUp(world, policyId)).state).toBe("complete");
  await connect(world, "restore");
  await saveDrills(world.actor, world.ws, policyId, { schedule: { kind: "manual" }, groupId: GROUPS.legal, planId: null });
  await worker.stop(5000);
  endWatch = watchProcess();
});

afterAll(async () => {
  endWatch();
  await world?.close();
});

const everything = () => Object.values(GROUPS).flatMap((id) => world.simulator.stores.planner.plansOfGroup(id)).map(({ id, tasks }) => [id, [...tasks.keys()]]);
const begin = async () => ({ workspaceId: world.ws, restoreId: (await startDrill(world.actor, world.ws, policyId, randomUUID())).restoreId });
const end = (watched: Watched, job: Awaited<ReturnType<typeof begin>>) => watched.run(async (context) => {
  await restoreRun(job, context, TIMES);
  await drillRemoval(job, context, TIMES);
});
const planned = (job: Awaited<ReturnType<typeof begin>>) => new Watched().run((context) => restorePlan(job, context));

test("a drill whose end fails or dies at its Nth I/O is proven all the same, and leaves nothing", { timeout: 600_000 }, async () => {
  const before = everything();
  const first = await begin();
  expect([await planned(first), await end(new Watched(), first)]).toEqual(["done", "done"]);
  const ends = new Map<string, number>();
  let deletes = 0;
  for (const { at, mode } of TRIED) {
    const job = await begin();
    await planned(job);
    const watched = new Watched(at, mode);
    const how = await end(watched, job);
    const context = `${mode}, ${at.ios} after ${at.after}: ${watched.hit}`;
    ends.set(how, (ends.get(how) ?? 0) + 1);
    if (watched.hit?.startsWith("DELETE")) deletes += 1;
    for (let tries = 0; tries < 3 && (await end(new Watched(), job)) !== "done"; tries += 1);
    const done = await getRestore(world.actor, world.ws, job.restoreId);
    expect([done.state, done.report?.verdict, done.drill?.plan, done.problem], context).toEqual(["verified", "exact", "removed", null]);
    expect(everything(), context).toEqual(before);
  }
  expect(deletes).toBeGreaterThan(0);
  for (const one of ["done", "stopped", "died"]) expect(ends.get(one), one).toBeGreaterThan(0);
});
