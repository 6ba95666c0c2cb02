/** What a connection account sees, and what a selection comes to, against a simulated Microsoft 365. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startCloud, type SimulatedCloud } from "@/lib/graph/testing/simulator";
import { APPS, BACKUP_SCOPES, CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { readCatalogue } from "./catalogue";
import { expandSelection, type KnownPlan } from "./runStart";

let cloud: SimulatedCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.simulator.close());
beforeEach(() => cloud.simulator.reset());

const plansOf = (groupId: string) => cloud.simulator.stores.planner.plansOfGroup(groupId);
const withoutTasksRead = () => cloud.graph({ tokens: () => cloud.simulator.token({ tenantId: CONTOSO.tenantId, userId: PEOPLE.backup.id, clientId: APPS.backup.clientId, scopes: BACKUP_SCOPES.filter((scope) => scope !== "Tasks.Read") }) });

describe("plans that cannot be protected", () => {
  test("premium and roster plans are listed with reason and remedy, by kind where beta may be read", async () => {
    const kinds = async (graph: ReturnType<SimulatedCloud["graph"]>, extras: boolean) => {
      const { groups, unprotectable = [] } = await readCatalogue(graph, "backup@contoso.example", extras);
      const inGroups = new Set(groups.flatMap((group) => group.plans.map((plan) => plan.id)));
      for (const plan of unprotectable) {
        expect(inGroups).not.toContain(plan.id);
        expect(plan.reason && plan.remedy).toBeTruthy();
      }
      return unprotectable.map(({ title, kind }) => [title, kind]);
    };
    expect(await kinds(cloud.graph(), true)).toEqual([["Factory extension", "premium"], ["Team lunch", "roster"]]);
    expect(await kinds(withoutTasksRead(), true)).toEqual([["Factory extension", "premium"], ["Team lunch", "roster"]]);
    expect(await kinds(cloud.graph(), false)).toEqual([["Factory extension", "other"], ["Team lunch", "roster"]]);
  });

  test("a refusal of these lists leaves the catalogue whole, and is said", async () => {
    expect(await readCatalogue(cloud.graph(), "backup@contoso.example", true)).not.toHaveProperty("unprotectableRefused");
    cloud.simulator.faults.add({ match: { regex: "/me/planner/" }, action: { kind: "status", status: 403 } });
    const catalogue = await readCatalogue(cloud.graph(), "backup@contoso.example", true);
    expect([catalogue.unprotectable, catalogue.unprotectableRefused]).toEqual([[], true]);
    expect(catalogue.groups.length).toBeGreaterThan(3);
  });
});

describe("what a selection comes to", () => {
  const expand = (groups: { groupId: string; planIds?: string[]; includeNew?: boolean; known?: string[] }[], captured: KnownPlan[] = []) =>
    expandSelection(cloud.graph(), { groups: groups.map((group) => ({ planIds: [], includeNew: false, known: [], ...group })) }, null, captured);
  const ids = (groupId: string) => plansOf(groupId).map((plan) => plan.id).sort();
  const idsOf = (expanded: Awaited<ReturnType<typeof expand>>) => (expanded === "suspicious_empty" ? expanded : expanded.chosen.map((plan) => plan.graphPlanId).sort());
  const refuse = (groupId: string, status: number) => cloud.simulator.faults.add({ match: { path: `/groups/${groupId}/planner/plans` }, action: { kind: "status", status } });

  test("chosen plans, and new ones where new ones are taken", async () => {
    cloud.simulator.stores.planner.addPlan({ tenantId: CONTOSO.tenantId, groupId: GROUPS.marketing, title: "Second", createdBy: { userId: PEOPLE.alice.id, appId: null } });
    const [first, ...others] = ids(GROUPS.marketing);
    expect(others).toHaveLength(1);
    expect(await expand([{ groupId: GROUPS.marketing, planIds: [first!] }])).toMatchObject({ isBlind: false, chosen: [{ graphPlanId: first, groupId: GROUPS.marketing }] });
    expect(idsOf(await expand([{ groupId: GROUPS.marketing, planIds: [first!], includeNew: true, known: [first!] }]))).toEqual([first!, ...others].sort());
    expect(idsOf(await expand([{ groupId: GROUPS.marketing, includeNew: true, known: [first!] }]))).toEqual(others);
  });

  test.each([403, 404])("no group lists a plan (%i), though plans exist: suspicious", async (status) => {
    const [plan] = ids(GROUPS.marketing);
    refuse(GROUPS.marketing, status);
    expect(await expand([{ groupId: GROUPS.marketing, planIds: [plan!] }])).toBe("suspicious_empty");
  });

  test("empty lists although chosen plans exist: suspicious; every one of them deleted: their captures say so", async () => {
    const gone = ids(GROUPS.legal);
    cloud.simulator.faults.add({ match: { path: `/groups/${GROUPS.legal}/planner/plans` }, action: { kind: "status", status: 200, body: { value: [] } } });
    expect(await expand([{ groupId: GROUPS.legal, planIds: gone }])).toBe("suspicious_empty");
    for (const id of gone) cloud.simulator.stores.planner.deletePlan(id);
    expect(idsOf(await expand([{ groupId: GROUPS.legal, planIds: gone }]))).toEqual(gone);
  });

  test("nothing chosen and nothing listed: suspicious", async () => {
    for (const id of ids(GROUPS.legal)) cloud.simulator.stores.planner.deletePlan(id);
    expect(await expand([{ groupId: GROUPS.legal, includeNew: true }])).toBe("suspicious_empty");
  });

  test("a group that takes new plans and lists none: what was captured of it stays in, and the run is blind", async () => {
    const [chosen] = ids(GROUPS.marketing);
    const captured = ids(GROUPS.legal).map((graphPlanId) => ({ graphPlanId, groupId: GROUPS.legal, isGone: false }));
    refuse(GROUPS.legal, 403);
    const expanded = await expand([{ groupId: GROUPS.marketing, planIds: [chosen!] }, { groupId: GROUPS.legal, includeNew: true }], captured);
    expect(expanded).toMatchObject({ isBlind: true });
    expect(idsOf(expanded)).toEqual([chosen!, ...ids(GROUPS.legal)].sort());
  });

  test("a new plan that is deleted is captured once more, to say so, and then no more", async () => {
    const plan = { graphPlanId: "A".repeat(28), groupId: GROUPS.marketing, isGone: false };
    const taken = [{ groupId: GROUPS.marketing, includeNew: true }];
    expect(idsOf(await expand(taken, [plan]))).toContain(plan.graphPlanId);
    expect(idsOf(await expand(taken, [{ ...plan, isGone: true }]))).not.toContain(plan.graphPlanId);
  });
});
