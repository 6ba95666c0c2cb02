import { expect, it } from "vitest";
import { inTurns } from "@/lib/repository/parallel";
import { diffPlans, diffSteps } from "./diff";
import type { SnapshotContent } from "./types";

const plan = (tasks: number, suffix: string): SnapshotContent => ({
  group: null, plan: { id: "p", title: "Plan" }, planDetails: null, buckets: [], comments: [], attachments: [], people: [],
  tasks: Array.from({ length: tasks }, (_, index) => ({ kind: "task", id: `t${index}`, task: { id: `t${index}`, title: `Task ${index}${index % 3 === 0 ? suffix : ""}` }, details: null, formats: {} })),
});

it("large plans are compared in steps, between which whatever else waits has its turn, and the result is the same", async () => {
  const [before, after] = [plan(1000, ""), plan(1000, " new")];
  let turns = 0;
  const count = () => {
    turns += 1;
    other = setImmediate(count);
  };
  let other = setImmediate(count);
  const drift = await inTurns(diffSteps(before, after));
  clearImmediate(other);
  expect(turns).toBeGreaterThanOrEqual(5);
  expect(drift).toEqual(diffPlans(before, after));
  expect(drift.counts.changed).toBe(334);
});
