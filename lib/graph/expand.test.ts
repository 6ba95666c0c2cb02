import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GROUPS } from "@/simulator/fixtures";
import { expandSupport } from "./expand";
import { startCloud, type SimulatedCloud } from "./testing/simulator";

let cloud: SimulatedCloud;
let planId: string;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.simulator.close());
beforeEach(async () => {
  await cloud.simulator.reset();
  const graph = cloud.graph({ purpose: "restore" });
  planId = cloud.simulator.stores.planner.plansOfGroup(GROUPS.marketing)[0]!.id;
  // Something old to be shown by a service that lags behind.
  for (const { id } of (await graph.tasks(planId)).slice(0, 8)) {
    const details = await graph.taskDetails(id);
    const outcome = await graph.patch(`/planner/tasks/${id}/details`, details["@odata.etag"], { description: "as it is now" });
    expect(outcome.kind).toBe("done");
  }
});

const hits = () => cloud.simulator.faults.list().map((fault) => fault.hits);
const probe = async () => {
  const found = await expandSupport(cloud.graph(), planId);
  return found && [found.details, found.formats];
};

describe.each(["v1.0", "beta"] as const)("%s", (version) => {
  test.each([
    ["ignored", "ignored", false, false],
    ["hollow", "ignored", false, false],
    ["stale", "ignored", false, false],
    ["works", "ignored", true, false],
    ["ignored", "works", false, true],
    ["stale", "works", false, true],
    ["works", "works", true, true],
  ] as const)("details %s, formats %s", async (expandDetails, expandFormats, details, formats) => {
    cloud.simulator.stores.planner.behaviour.set({ expandDetails, expandFormats });
    const found = await expandSupport(cloud.graph(), planId, version);
    expect(found).toMatchObject({ details, formats });
    expect(Date.parse(found!.probedAt)).toBeGreaterThan(0);
  });
});

test("a refusal of $expand means no", async () => {
  cloud.simulator.stores.planner.behaviour.set({ expandDetails: "works", expandFormats: "works" });
  cloud.simulator.faults.add({ match: { path: "/planner/plans/*/tasks", from: 2 }, action: { kind: "status", status: 400 } });
  expect(await probe()).toEqual([false, false]);
  expect(hits()).toEqual([2]);
});

test("details that cannot be read directly prove nothing", async () => {
  cloud.simulator.stores.planner.behaviour.set({ expandDetails: "works", expandFormats: "works" });
  cloud.simulator.faults.add({ match: { path: "/planner/tasks/*/details" }, action: { kind: "status", status: 403 } });
  expect(await probe()).toEqual([false, true]);
  expect(hits()).toEqual([5]);
});

test("a plan without tasks, or with tasks that have nothing behind them, cannot tell", async () => {
  const graph = cloud.graph({ purpose: "restore" });
  const plan = await graph.createPlan(GROUPS.marketing, "Empty");
  if (plan.kind !== "done") throw plan.error;
  planId = plan.value.id;
  expect(await probe()).toBeNull();
  await graph.createTask({ planId, title: "Nothing behind it" });
  expect(await probe()).toBeNull();
});
