/** How many requests leave for a plan of 250 tasks. Batches of 20 and one governor are the client's; what to ask is the capture's. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ExpandSupport, GraphApi, Shown } from "@/lib/graph";
import { Stage, tasksOf, tasksTruth } from "./testing/stage";
import { PEOPLE } from "@/simulator/fixtures";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.simulator.close());
beforeEach(() => stage.reset());

const TASKS = 250;
const support = (details: boolean, formats: boolean, single?: Shown): ExpandSupport => ({ details, formats, single, probedAt: "2026-11-23T12:00:00Z" });

function bigPlan() {
  return stage.plan(Array.from({ length: TASKS }, (_, i) => ({
    title: `Task ${i}`, description: i % 3 ? `about ${i}` : "", assignees: i % 5 ? [PEOPLE.ben.id] : [], checklist: i % 4 ? [{ title: "a" }, { title: "b", isChecked: true }] : [],
  })));
}

describe("a first capture of 250 tasks", () => {
  // 4 lists and 3 requests for the group are one batch. Each task: details and three board formats.
  test.each([
    ["lists show nothing else: details twice, formats once", null, 1 + 50 + 13],
    ["lists show the details: formats once", support(true, false), 1 + 38 + 1],
    ["lists show everything", support(true, true, { details: true, formats: true }), 2],
    ["one task shows everything: one request, and details again", support(false, false, { details: true, formats: true }), 1 + 13 + 13],
    ["one task shows the formats: one request and details, and details again", support(false, false, { details: false, formats: true }), 1 + 25 + 13],
    ["one task shows the formats, lists the details: one request", support(true, false, { details: true, formats: true }), 1 + 13 + 1],
    ["one task shows the details alone: as if it showed nothing", support(false, false, { details: true, formats: false }), 1 + 50 + 13],
  ])("%s", async (_name, expand, most) => {
    stage.stores.planner.behaviour.set({
      expandDetails: expand?.details ? "works" : "ignored", expandTaskDetails: expand?.single?.details ? "works" : "ignored",
      expandFormats: expand?.formats ? "works" : expand?.single?.formats ? "single" : "ignored",
    });
    const { plan } = bigPlan();
    const { result, requests } = await stage.counted(plan, { expand });
    expect(tasksOf(await stage.recordsOf(result.manifestId))).toEqual(tasksTruth(plan));
    expect(result).toMatchObject({ complete: true, consistency: { kind: "quiescent" }, reading: { extras: false, full: true, read: TASKS, takenOver: 0 } });
    expect(requests).toBeLessThanOrEqual(most);
  });
});

test("what lists do not show whole is read, whatever was promised of them", async () => {
  for (const expandDetails of ["hollow", "ignored"] as const) {
    stage.stores.planner.behaviour.set({ expandDetails });
    const { plan } = bigPlan();
    const result = await stage.capture(plan, { expand: support(true, true) });
    expect(tasksOf(await stage.recordsOf(result.manifestId))).toEqual(tasksTruth(plan));
    expect(result.consistency.kind).toBe("quiescent");
  }
});

test.each(["hollow", "ignored", "stale"] as const)("what one task does not show whole or true is read, whatever was promised of it: details %s", async (expandTaskDetails) => {
  stage.stores.planner.behaviour.set({ expandTaskDetails, expandFormats: expandTaskDetails === "ignored" ? "ignored" : "single" });
  const { plan, tasks } = bigPlan();
  for (const { details } of tasks.slice(0, 120)) {
    details.earlier = { ...details, description: details.description && "before", etag: details.revision.etag };
    details.revision.touch(["description"]);
  }
  const result = await stage.capture(plan, { expand: support(false, false, { details: true, formats: true }) });
  expect(tasksOf(await stage.recordsOf(result.manifestId))).toEqual(tasksTruth(plan));
  expect(result).toMatchObject({ complete: true, consistency: { kind: "quiescent" } });
});

test.each([
  ["as it was long ago", (task: object) => ({ ...task, title: "long ago", "@odata.etag": 'W/"older"' })],
  ["with a board place that says nothing", (task: object) => ({ ...task, bucketTaskBoardFormat: { "@odata.etag": 'W/"x"', id: "x" } })],
  ["without one of its board places", (task: object) => ({ ...task, progressTaskBoardFormat: undefined })],
])("one task that is shown %s is read directly", async (_how, alter) => {
  stage.stores.planner.behaviour.set({ expandFormats: "single" });
  const { plan, tasks } = stage.smallPlan();
  const graph = stage.cloud.graph();
  const batchGet: GraphApi["batchGet"] = async (requests) => (await graph.batchGet(requests)).map((answer, index) => {
    if (!requests[index]!.url.startsWith(`/planner/tasks/${tasks[1]!.id}?`)) return answer;
    return { ...answer, body: alter(answer.body as object) };
  });
  const result = await stage.capture(plan, { graph: { ...graph, batchGet }, expand: support(false, false, { details: true, formats: true }) });
  expect(tasksOf(await stage.recordsOf(result.manifestId))).toEqual(tasksTruth(plan));
  expect(result.consistency.kind).toBe("quiescent");
});

test("a second capture in beta reads only what the signal calls changed", async () => {
  const { plan, tasks } = bigPlan();
  const first = await stage.capture(plan, { extras: true });
  for (const task of tasks.slice(0, 3)) {
    task.title += " changed";
    task.revision.touch(["title"]);
    stage.stores.planner.modified(task, task.createdBy);
  }
  const { result, requests } = await stage.counted(plan, { extras: true, takeOver: true, previousManifestId: first.manifestId });
  expect(tasksOf(await stage.recordsOf(result.manifestId))).toEqual(tasksTruth(plan, "beta"));
  expect(result.reading).toEqual({ extras: true, full: false, read: 3, takenOver: TASKS - 3, disagreements: 0 });
  expect(requests).toBe(3);
});
