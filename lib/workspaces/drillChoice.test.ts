import { expect, test } from "vitest";
import { choosePlan, type Drillable } from "./drillChoice";

const plan = (planId: string, day: number | null): Drillable => ({ planId, snapshotId: `s${planId}`, triedAt: day === null ? null : new Date(Date.UTC(2026, 0, day)) });

test("the plan whose drill was longest ago is next; one that never had a drill before all others", () => {
  expect(choosePlan([plan("a", 3), plan("b", 1), plan("c", 2)], null)?.planId).toBe("b");
  expect(choosePlan([plan("a", 3), plan("b", 1), plan("c", null)], null)?.planId).toBe("c");
  expect(choosePlan([], null)).toBeNull();
});

test("with as many drills as plans, each has had its turn", () => {
  let plans = ["d", "b", "a", "c"].map((id) => plan(id, null));
  const taken = Array.from({ length: 8 }, (_, day) => {
    const { planId } = choosePlan(plans, null)!;
    plans = plans.map((one) => (one.planId === planId ? plan(planId, day + 1) : one));
    return planId;
  });
  expect(taken).toEqual(["a", "b", "c", "d", "a", "b", "c", "d"]);
});

test("a chosen plan is always the one; without a complete backup of it there is none", () => {
  expect(choosePlan([plan("a", 1), plan("b", 9)], "b")?.planId).toBe("b");
  expect(choosePlan([plan("a", 1)], "b")).toBeNull();
});
