import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTOSO, FABRIKAM, GROUPS, PEOPLE } from "../fixtures";
import { startSimulator, type Simulator } from "../server";
import { callerFor } from "../testing";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const allTasks = (s: Simulator) => s.stores.planner.allPlans(CONTOSO.tenantId).flatMap((plan) => [...plan.tasks.values()]);

describe("the seeded world", () => {
  it("Contoso has about 25 groups, 60 plans and 3,000 tasks with every kind of property; Fabrikam is small", () => {
    const contoso = simulator.world.tenants.get(CONTOSO.tenantId)!;
    const tasks = allTasks(simulator);
    expect(contoso.groups.size).toBe(25);
    expect(simulator.stores.planner.allPlans(CONTOSO.tenantId)).toHaveLength(60);
    expect(tasks.length).toBeGreaterThan(2500);
    expect(tasks.length).toBeLessThan(3500);
    const having = (test: (task: (typeof tasks)[number]) => boolean) => expect(tasks.filter(test).length).toBeGreaterThan(20);
    having((task) => task.details.checklist.size > 0);
    having((task) => [...task.details.references.keys()].some((key) => key.includes("sharepoint%2Ecom")));
    having((task) => [...task.details.references.keys()].some((key) => !key.includes("sharepoint%2Ecom")));
    having((task) => task.details.description !== "");
    having((task) => task.conversationThreadId !== null);
    having((task) => task.assignments.size > 1);
    having((task) => task.categories.size > 1);
    having((task) => task.percentComplete === 50);
    expect(new Set(tasks.map((task) => task.priority))).toEqual(new Set([1, 3, 5, 9]));
    expect(simulator.stores.planner.allPlans(CONTOSO.tenantId).some((plan) => plan.details.categories.size === 25)).toBe(true);
    expect(simulator.stores.planner.allPlans(FABRIKAM.tenantId)).toHaveLength(3);
  });

  it("the connection account is where the stories need it to be", () => {
    const { groups } = simulator.world.tenants.get(CONTOSO.tenantId)!;
    const { id } = PEOPLE.backup;
    const place = (group: string) => [groups.get(group)!.visibility, groups.get(group)!.members.has(id), groups.get(group)!.owners.has(id)];
    expect(place(GROUPS.finance)).toEqual(["Private", true, true]);
    expect(place(GROUPS.legal)).toEqual(["Private", true, false]);
    expect(place(GROUPS.executiveBoard)).toEqual(["Private", false, false]);
    expect(place(GROUPS.facilities)).toEqual(["Public", false, true]);
  });

  it("people of Fabrikam are partly those of Contoso: by user name, by mail, by name, twice, or not at all", async () => {
    const admin = await callerFor(simulator, { tenantId: FABRIKAM.tenantId, user: PEOPLE.fiona });
    const people = (await admin.get("/users?$select=displayName,mail,userPrincipalName,userType")).body.value as unknown as { displayName: string; mail: string; userPrincipalName: string; userType: string }[];
    const having = (test: (person: (typeof people)[number]) => boolean) => people.filter(test).map((person) => person.userPrincipalName);
    expect(having((person) => person.displayName === "Alice Meyer")).toEqual(["alice@fabrikam.example"]);
    expect(having((person) => person.displayName === "Chen Wei")).toEqual(["chen.wei@fabrikam.example"]);
    expect(having((person) => person.mail === "diego@contoso.example" && person.userType === "Guest")).toEqual([PEOPLE.fabDiego.userPrincipalName]);
    expect(having((person) => person.displayName === "Ben Okafor")).toHaveLength(2);
    expect(people.find((person) => person.userPrincipalName.startsWith("priya@"))!.displayName).not.toBe(PEOPLE.priya.displayName);
    const { groups } = simulator.world.tenants.get(FABRIKAM.tenantId)!;
    for (const id of [GROUPS.fabrikamProjects, GROUPS.fabrikamSales]) expect([groups.get(id)!.members.has(PEOPLE.fabBackup.id), groups.get(id)!.owners.has(PEOPLE.fabBackup.id)]).toEqual([true, true]);
  });

  it("nothing is consented to, and every file reference leads to a file", async () => {
    for (const tenant of simulator.world.tenants.values()) expect(tenant.grants.size).toBe(0);
    const admin = await callerFor(simulator, { user: PEOPLE.backup });
    const showcase = simulator.stores.planner.plansOfGroup(GROUPS.marketing)[0]!;
    for (const task of showcase.tasks.values()) {
      for (const key of task.details.references.keys()) {
        const url = decodeURIComponent(key);
        if (!url.includes("sharepoint.com")) continue;
        const item = await admin.get(`/shares/u!${Buffer.from(url).toString("base64url")}/driveItem`);
        expect(item.status).toBe(200);
      }
    }
  });

  it("the connection account sees a roster plan and a premium plan beside those of groups", async () => {
    const backup = await callerFor(simulator, { user: PEOPLE.backup });
    const types = async (path: string) => (await backup.get(path, { Prefer: "include-unknown-enum-members" })).body.value.map((plan) => (plan["container"] as { type: string }).type);
    expect((await types("/beta/me/planner/plans")).filter((type) => type !== "group").sort()).toEqual(["project", "roster"]);
    expect(await types("/beta/me/planner/rosterPlans")).toEqual(["roster"]);
  });

  it("the showcase has what only beta shows: chat, recurrence, rich notes, a completion requirement", async () => {
    const alice = await callerFor(simulator, { user: PEOPLE.alice });
    const { id } = simulator.stores.planner.plansOfGroup(GROUPS.marketing)[0]!;
    const tasks = new Map((await alice.get(`/beta/planner/plans/${id}/tasks`)).body.value.map((task) => [task["title"], task]));
    const invite = tasks.get("Invite analysts to the briefing")!;
    expect(invite).toMatchObject({ hasChat: true, recurrence: { occurrenceId: 1, schedule: { pattern: { type: "relativeMonthly" }, nextOccurrenceDateTime: expect.any(String) } } });
    expect((await alice.get(`/beta/planner/tasks/${invite.id}/messages`)).body.value.map((message) => message["deletedTime"] !== null)).toEqual([true, false, false]);
    expect(tasks.get("Book the venue in Lisbon")).toMatchObject({ hasChat: true, specifiedCompletionRequirements: "checklistCompletion" });
    const notes = (await alice.get(`/beta/planner/tasks/${tasks.get("Write the press release")!.id}/details`)).body;
    expect(notes).toMatchObject({ description: "One page. Lead with the customer's problem, not with the product.", notes: { content: expect.stringContaining("<b>customer's problem</b>") } });
  });

  it("the same seed and start give the same world; another seed gives another", async () => {
    const fingerprint = async (seed: number) => {
      const other = await startSimulator({ size: "small", seed, startAt: Date.UTC(2026, 5, 1) });
      const facts = allTasks(other).map((task) => [task.id, task.title, task.percentComplete, task.createdAt - (task.createdAt % 60_000)]);
      await other.close();
      return JSON.stringify(facts);
    };
    expect(await fingerprint(7)).toBe(await fingerprint(7));
    expect(await fingerprint(7)).not.toBe(await fingerprint(8));
  });

  it("size large is a tenant of 2,000 plans", async () => {
    const started = performance.now();
    const large = await startSimulator({ size: "large" });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(large.stores.planner.allPlans(CONTOSO.tenantId)).toHaveLength(2000);
    await large.close();
  });
});
