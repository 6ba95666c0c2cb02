import { CONTOSO, CONTOSO_DOD, CONTOSO_GOV, FABRIKAM, FORMER_EMPLOYEE_ID, GROUPS, PEOPLE, PREMIUM_ID, ROSTER_ID } from "../fixtures";
import type { Stores } from "../machine";
import type { SimTenant, SimWorld } from "../model";
import { addGroup, addTenant, seedApps, seedContosoPeople, seedFabrikamPeople, seedKnownGroups } from "./directory";
import { MORE_GROUPS } from "./names";
import { addThemedPlan, type Soil } from "./plans";
import { addShowcase } from "./showcase";

/** small: a few plans for tests; default: a lively company; large: 2,000 plans. */
export type SeedSize = "small" | "default" | "large";

const HOME = { global: CONTOSO, usGov: CONTOSO_GOV, usGovDod: CONTOSO_DOD } as const;

/** Fills an empty world with two Microsoft tenants (one, in a national cloud); the same seed gives the same world. */
export function seedWorld(world: SimWorld, stores: Stores, size: SeedSize): void {
  seedApps(world);
  const contoso = addTenant(world, HOME[world.cloud]);
  seedContosoPeople(world, contoso, size === "small" ? 8 : 24);
  const created = (n: number) => new Date(Date.UTC(2025, 0, 6 + n * 9, 8, 30)).toISOString().replace(".000Z", "Z");
  seedKnownGroups(world, contoso, created);
  if (size !== "small") seedMoreGroups(world, contoso, created, size === "large" ? 400 : MORE_GROUPS.length);
  if (world.cloud !== "global") {
    seedPlans({ world, stores, tenant: contoso }, size);
    return;
  }
  const fabrikam = addTenant(world, FABRIKAM);
  seedFabrikamPeople(world, fabrikam);
  const everyone = [...fabrikam.users.keys()];
  addGroup(fabrikam, { id: GROUPS.fabrikamProjects, name: "Fabrikam Projects", description: "Client projects", visibility: "Public", createdDateTime: created(2), members: everyone, owners: [PEOPLE.felix.id, PEOPLE.fabBackup.id] });
  addGroup(fabrikam, { id: GROUPS.fabrikamSales, name: "Fabrikam Sales", description: null, visibility: "Private", createdDateTime: created(3), members: [PEOPLE.felix.id, PEOPLE.fabBackup.id], owners: [PEOPLE.felix.id, PEOPLE.fabBackup.id] });
  seedPlans({ world, stores, tenant: contoso }, size);
  const projects = fabrikam.groups.get(GROUPS.fabrikamProjects)!;
  for (let n = 0; n < (size === "small" ? 1 : 3); n++) addThemedPlan({ world, stores, tenant: fabrikam }, projects, n + 1, { tasks: size === "small" ? 4 : 20 });
  addPlansWithoutGroup({ world, stores, tenant: contoso });
}

/** A roster plan and a premium plan, both shared with the connection account. */
function addPlansWithoutGroup({ stores: { planner }, tenant }: Soil): void {
  const createdBy = { userId: PEOPLE.alice.id, appId: null };
  const members = new Set([PEOPLE.alice.id, PEOPLE.ben.id, PEOPLE.backup.id]);
  for (const [type, id, title] of [["roster", ROSTER_ID, "Team lunch"], ["project", PREMIUM_ID, "Factory extension"]] as const) {
    const plan = planner.addPlan({ tenantId: tenant.id, groupId: "", container: { type, id, members: new Set(members) }, title, createdBy });
    const bucket = planner.addBucket({ planId: plan.id, name: "To do" });
    for (const task of ["Book a table", "Ask about allergies"]) planner.addTask({ planId: plan.id, bucketId: bucket.id, title: task, createdBy, assignees: [PEOPLE.ben.id] });
  }
}

/** A task without a bucket, made by and assigned to somebody who is not in the directory any more. */
function addOrphan({ stores }: Soil, planId: string): void {
  stores.planner.addTask({ planId, title: "Hand over the on-call phone", createdBy: { userId: FORMER_EMPLOYEE_ID, appId: null }, assignees: [FORMER_EMPLOYEE_ID] });
}

/** Plans of Contoso. In `large` most plans are plain and short, so that 2,000 of them are there in seconds. */
function seedPlans(soil: Soil, size: SeedSize): void {
  addShowcase(soil);
  const groups = [...soil.tenant.groups.values()];
  if (size === "small") {
    for (const [n, id] of [GROUPS.engineering, GROUPS.finance, GROUPS.legal, GROUPS.executiveBoard, GROUPS.mergerRoom].entries()) {
      const plan = addThemedPlan(soil, soil.tenant.groups.get(id)!, n + 1, { tasks: 6 });
      if (n === 0) addOrphan(soil, plan.id);
    }
    return;
  }
  const total = size === "large" ? 2000 : 60;
  for (let n = 1; n < total; n++) {
    const group = groups[(n * 7) % groups.length]!;
    const lively = size === "default" || n < 20;
    const plan = addThemedPlan(soil, group, n, lively ? { tasks: n === 1 ? 260 : 22 + Math.floor(soil.world.random() * 50), allLabels: n % 9 === 1 } : { tasks: 3, plain: true });
    if (n === 1) addOrphan(soil, plan.id);
  }
}

function seedMoreGroups(world: SimWorld, tenant: SimTenant, created: (n: number) => string, count: number): void {
  const ordinary = [...tenant.users.values()].filter((user) => user.accountEnabled && user.userType === "Member" && !user.userPrincipalName.startsWith("backup")).map((user) => user.id);
  for (let n = 0; n < count; n++) {
    const spec = MORE_GROUPS[n % MORE_GROUPS.length]!;
    const round = Math.floor(n / MORE_GROUPS.length);
    const members = new Set<string>();
    const size = 3 + Math.floor(world.random() * 9);
    while (members.size < Math.min(size, ordinary.length)) members.add(ordinary[Math.floor(world.random() * ordinary.length)]!);
    const owner = [...members][0]!;
    members.add(PEOPLE.backup.id);
    addGroup(tenant, {
      ...spec,
      name: round === 0 ? spec.name : `${spec.name} ${round + 1}`,
      id: world.guid(),
      createdDateTime: created(8 + (n % 60)),
      members: [...members],
      owners: n % 3 === 0 ? [owner, PEOPLE.backup.id] : [owner],
    });
  }
}
