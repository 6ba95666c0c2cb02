import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { canonicalPlan } from "@/lib/planner";
import { CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { type Rig, startRig } from "./testing/rig";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.cloud.simulator.close());
beforeEach(() => rig.cloud.simulator.reset());

const planner = () => rig.cloud.simulator.stores.planner;

describe("capture, restore, capture", () => {
  it("every seeded plan of Marketing comes back the same in a new plan", async () => {
    for (const { id } of planner().plansOfGroup(GROUPS.marketing)) {
      const snapshot = await rig.capture(GROUPS.marketing, id);
      const request = { tasks: "all", target: { kind: "new_plan", groupId: GROUPS.marketing, title: "Again" }, addMembers: true, comments: "quoted" } as const;
      const plan = await rig.preview(snapshot, request);
      expect(plan.blockers).toEqual([]);
      const { execution, report } = await rig.run(snapshot, request, plan);
      expect(execution).toEqual({ state: "finished", limit: null });
      expect({ ...report, created: [], inexact: [] }).toMatchObject({ verdict: "exact", failed: [], skipped: [], itemsDifferent: [], uncertain: [] });
      const again = await rig.capture(GROUPS.marketing, report.planId ?? "");
      const reduced = new Set(Object.keys(plan.reducedAssignees));
      const strip = (content: typeof snapshot) => canonicalPlan(content, { ignoreTitle: true }).tasks.map((task) => ({ ...task, ...(reduced.size > 0 ? { assignees: null, ranks: null } : {}) }));
      expect(strip(again)).toEqual(strip(snapshot));
    }
  });
});
void CONTOSO; void PEOPLE;
