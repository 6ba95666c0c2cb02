import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GROUPS } from "@/simulator/fixtures";
import { expandSupport } from "./expand";
import { createGovernor } from "./governor";
import { FakeClock } from "./testing/fakes";
import { startCloud, type SimulatedCloud } from "./testing/simulator";
import type { GraphApi } from "./types";

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
const probe = async (graph: Pick<GraphApi, "batchGet"> = cloud.graph()) => {
  const found = await expandSupport(graph, planId);
  return found && [found.details, found.formats, found.single?.details, found.single?.formats];
};
/** What is asked of one task has its query. */
const SINGLE = /^\/planner\/tasks\/[^/]+\?/;
/** A client to which one task looks as `change` makes it. */
function altered(change: (task: Record<string, unknown>) => object): Pick<GraphApi, "batchGet"> {
  const graph = cloud.graph();
  return {
    batchGet: async (requests) => (await graph.batchGet(requests)).map((answer, index) => (SINGLE.test(requests[index]!.url) ? { ...answer, body: change(answer.body as Record<string, unknown>) } : answer)),
  };
}

describe.each(["v1.0", "beta"] as const)("%s", (version) => {
  test.each([
    ["ignored", "ignored", "ignored", [false, false], [false, false]],
    ["ignored", "works", "ignored", [false, false], [true, false]],
    ["ignored", "works", "single", [false, false], [true, true]],
    ["ignored", "ignored", "single", [false, false], [false, true]],
    ["ignored", "hollow", "single", [false, false], [false, true]],
    ["ignored", "stale", "single", [false, false], [false, true]],
    ["hollow", "works", "ignored", [false, false], [true, false]],
    ["stale", "works", "works", [false, true], [true, true]],
    ["works", "hollow", "ignored", [true, false], [false, false]],
    ["works", "stale", "works", [true, true], [false, true]],
    ["works", "works", "works", [true, true], [true, true]],
  ] as const)("details in lists %s, of one task %s, formats %s", async (expandDetails, expandTaskDetails, expandFormats, lists, single) => {
    cloud.simulator.stores.planner.behaviour.set({ expandDetails, expandTaskDetails, expandFormats });
    const found = await expandSupport(cloud.graph(), planId, version);
    expect(found).toMatchObject({ details: lists[0], formats: lists[1], single: { details: single[0], formats: single[1] } });
    expect(Date.parse(found!.probedAt)).toBeGreaterThan(0);
  });
});

test("a refusal of $expand means no", async () => {
  cloud.simulator.stores.planner.behaviour.set({ expandDetails: "works", expandFormats: "works" });
  cloud.simulator.faults.add({ match: { path: "/planner/plans/*/tasks", from: 2 }, action: { kind: "status", status: 400 } });
  expect(await probe()).toEqual([false, false, true, true]);
  expect(hits()).toEqual([2]);
});

test.each([{}, { nth: 3 }])("a refusal of it for one task means no for single tasks: %o", async (which) => {
  cloud.simulator.stores.planner.behaviour.set({ expandDetails: "works", expandFormats: "works" });
  cloud.simulator.faults.add({ match: { path: "/planner/tasks/*", ...which }, action: { kind: "status", status: 400 } });
  expect(await probe()).toEqual([true, true, false, false]);
  expect(hits()).toEqual([which.nth ? 1 : 5]);
});

test("what is throttled or fails on the way is asked again, and tells the truth then", async () => {
  cloud.simulator.stores.planner.behaviour.set({ expandFormats: "single" });
  cloud.simulator.faults.add(
    { match: { path: "/planner/tasks/*", nth: 2 }, action: { kind: "status", status: 429, headers: { "retry-after": "20" } } },
    { match: { path: "/planner/tasks/*", nth: 4 }, action: { kind: "status", status: 503 } },
    { match: { path: "/$batch", nth: 2 }, action: { kind: "cut-body" } },
  );
  const clock = new FakeClock();
  expect(await probe(cloud.graph({ clock, governor: createGovernor({ clock }) }))).toEqual([false, false, true, true]);
  expect(hits()).toEqual([1, 1, 1]);
});

test("one task must be the task of the list, or its details are not taken with it; a format that is not whole is none", async () => {
  cloud.simulator.stores.planner.behaviour.set({ expandFormats: "single" });
  expect(await probe(altered((task) => task))).toEqual([false, false, true, true]);
  expect(await probe(altered((task) => ({ ...task, "details@odata.context": "https://graph.microsoft.com/v1.0/$metadata#details" })))).toEqual([false, false, true, true]);
  expect(await probe(altered(({ priority: _, ...rest }) => rest))).toEqual([false, false, false, true]);
  expect(await probe(altered((task) => ({ ...task, "@odata.etag": "W/\"older\"" })))).toEqual([false, false, false, true]);
  expect(await probe(altered((task) => ({ ...task, bucketTaskBoardFormat: { ...(task.bucketTaskBoardFormat as object), orderHint: "old" } })))).toEqual([false, false, true, false]);
  expect(await probe(altered(({ progressTaskBoardFormat: _, ...rest }) => rest))).toEqual([false, false, true, false]);
});

test("details that cannot be read directly prove nothing", async () => {
  cloud.simulator.stores.planner.behaviour.set({ expandDetails: "works", expandFormats: "works" });
  cloud.simulator.faults.add({ match: { path: "/planner/tasks/*/details" }, action: { kind: "status", status: 403 } });
  expect(await probe()).toEqual([false, true, false, true]);
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
