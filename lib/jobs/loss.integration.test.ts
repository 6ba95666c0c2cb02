/** A backup that finds far more tasks gone than usual: told, held, restorable, and over when a person says so. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { getNotifications, getOverview, getPlan, getRun, getSnapshot, listActivity, listLosses, listPlans, releaseHold, savePolicy } from "@/lib/workspaces";
import { damageOf } from "@/lib/restore";
import { watchWorkspace } from "@/lib/workspaces/watch";
import { GROUPS } from "@/simulator/fixtures";
import { startWorker, type RunningWorker } from "./index";
import { SHORT_TIMES } from "./testing/times";
import { backUp, connect, openWorld, protect, type World } from "./testing/world";

let world: World;
let worker: RunningWorker;
let policyId: string;
let graphPlanId: string;

beforeAll(async () => {
  world = await openWorld();
  worker = await startWorker({ log: { info: () => undefined, error: () => undefined }, restoreTimes: SHORT_TIMES });
  const { planner } = world.simulator.stores;
  const [campaign] = planner.plansOfGroup(GROUPS.marketing);
  const plan = planner.addPlan({ tenantId: campaign!.tenantId, groupId: GROUPS.marketing, title: "Rollout", createdBy: campaign!.createdBy });
  const bucket = planner.addBucket({ planId: plan.id, name: "All" });
  for (let i = 0; i < 40; i++) planner.addTask({ planId: plan.id, bucketId: bucket.id, title: `Task ${i}`, createdBy: campaign!.createdBy });
  graphPlanId = plan.id;
  const connectionId = await connect(world, "backup");
  policyId = await protect(world, connectionId, GROUPS.marketing, [plan.id]);
  await savePolicy(world.actor, world.ws, { name: "Keep one", connectionId, schedule: { kind: "manual" }, keepCount: 1, keepDays: null, selection: { groups: [{ groupId: GROUPS.marketing, planIds: [plan.id], includeNew: false }] } }, policyId);
});

afterAll(async () => {
  await worker?.stop(5000);
  await world?.close();
});

function remove(count: number): void {
  const { planner } = world.simulator.stores;
  const plan = planner.plansOfGroup(GROUPS.marketing).find(({ id }) => id === graphPlanId)!;
  for (const id of [...plan.tasks.keys()].slice(0, count)) planner.deleteTask(id);
}
const timeline = async (planId: string) => (await getPlan(world.actor, world.ws, planId)).snapshots;
const incidents = async () => (await getNotifications(world.actor, world.ws)).incidents.filter(({ event }) => event === "plan.loss");

test("an unusual loss is told once, holds every snapshot, offers what went, and ends when a person has looked", async () => {
  const { actor, ws } = world;
  await backUp(world, policyId);
  remove(3);
  await backUp(world, policyId);
  const planId = (await listPlans(actor, ws)).find((plan) => plan.title === "Rollout")!.id;
  expect([await listLosses(actor, ws, planId), (await timeline(planId)).length]).toEqual([[], 1]); // few go, and one is kept

  remove(20);
  const run = await backUp(world, policyId);
  const [loss] = await listLosses(actor, ws, planId);
  expect(loss).toMatchObject({ removed: 20, usual: null });
  expect((await getRun(actor, ws, run.id)).items.map(({ warning }) => warning)).toEqual(["unusual_loss"]);
  for (let i = 0; i < 3; i++) await backUp(world, policyId);
  expect((await timeline(planId)).map(({ id }) => id)).toContain(loss!.beforeId);
  expect(await timeline(planId)).toHaveLength(5);

  await watchWorkspace(ws);
  await watchWorkspace(ws);
  const [open, ...others] = await incidents();
  expect([open, others]).toMatchObject([{ title: "20 tasks went from plan “Rollout” at once", closedAt: null, href: `/w/${ws}/snapshots/${loss!.beforeId}/restore?damage=&where=in_place` }, []]);
  expect((await getOverview(actor, ws)).attention.map(({ text }) => text).join()).toContain("20 tasks went from plan “Rollout”");
  const [before, now] = await Promise.all([loss!.beforeId, (await timeline(planId))[0]!.id].map((id) => getSnapshot(actor, ws, id)));
  expect(damageOf(before!.content, now!.content).deletedTasks).toHaveLength(20);

  await releaseHold(actor, ws, loss!.id);
  await expect(releaseHold(actor, ws, loss!.id)).rejects.toThrow(/has released this hold already/);
  await watchWorkspace(ws);
  expect((await incidents()).map(({ closedAt }) => closedAt === null)).toEqual([false]);
  expect((await listActivity(actor, ws, {})).entries.filter(({ action }) => action === "plan.hold_released")).toMatchObject([{ target: { kind: "plan", id: planId }, detail: { removed: 20 } }]);
  remove(12);
  await backUp(world, policyId);
  expect([await listLosses(actor, ws, planId), (await timeline(planId)).length]).toEqual([[], 1]); // less than what was intended before; one is kept again
  expect(await withWorkspace(ws, (tx) => tx.loss.count())).toBe(1);
});
