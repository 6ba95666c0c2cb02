/** How many requests leave for a plan of 250 tasks. Batches of 20 and one governor are the client's; what to ask is the capture's. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ExpandSupport } from "@/lib/graph";
import { Stage, tasksOf, tasksTruth } from "./testing/stage";
import { PEOPLE } from "@/simulator/fixtures";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.simulator.close());
beforeEach(() => stage.reset());

const TASKS = 250;
const support = (details: boolean, formats: boolean): ExpandSupport => ({ details, formats, probedAt: "2026-11-23T12:00:00Z" });

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
    ["lists show everything", support(true, true), 2],
  ])("%s", async (_name, expand, most) => {
    stage.stores.planner.behaviour.set({ expandDetails: expand?.details ? "works" : "ignored", expandFormats: expand?.formats ? "works" : "ignored" });
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
