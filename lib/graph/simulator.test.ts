import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { APPS, BACKUP_SCOPES, CONTOSO, GROUPS, PEOPLE, RESTORE_SCOPES } from "@/simulator/fixtures";
import { codeOf } from "./testing/fakes";
import { startCloud, type SimulatedCloud } from "./testing/simulator";
import { createGovernor } from "./governor";
import type { GraphApi, TokenSource } from "./types";

let cloud: SimulatedCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.simulator.close());
beforeEach(() => cloud.simulator.reset());

const identity = { tenantId: CONTOSO.tenantId, userId: PEOPLE.backup.id, clientId: APPS.backup.clientId, scopes: BACKUP_SCOPES };
const contoso = () => cloud.simulator.world.tenants.get(CONTOSO.tenantId)!;
const ids = (objects: { id: string }[]) => objects.map((object) => object.id).sort();

test("the directory as the simulator holds it", async () => {
  const graph = cloud.graph();
  expect(await graph.me()).toMatchObject({ id: PEOPLE.backup.id, userPrincipalName: PEOPLE.backup.userPrincipalName });
  expect(await graph.organization()).toMatchObject({ id: CONTOSO.tenantId, displayName: CONTOSO.displayName });
  expect((await graph.myLicences()).map((plan) => plan.servicePlanName)).toContain("EXCHANGE_S_ENTERPRISE");
  const groups = [...contoso().groups.values()];
  expect(ids(await graph.groups())).toEqual(ids(groups));
  expect(await graph.group(GROUPS.legal)).toMatchObject({ id: GROUPS.legal, visibility: "Private" });
  expect([...(await graph.myMemberGroupIds())].sort()).toEqual(ids(groups.filter((group) => group.members.has(PEOPLE.backup.id))));
  expect([...(await graph.myOwnedGroupIds())].sort()).toEqual(ids(groups.filter((group) => group.owners.has(PEOPLE.backup.id))));
  const marketing = contoso().groups.get(GROUPS.marketing)!;
  expect(ids(await graph.members(GROUPS.marketing))).toEqual([...marketing.members].sort());
  expect(ids(await graph.owners(GROUPS.marketing))).toEqual([...marketing.owners].sort());
  const users = await graph.users([PEOPLE.alice.id, "00000000-0000-4000-8000-000000000000"]);
  expect([...users.keys()]).toEqual([PEOPLE.alice.id]);
  expect((await graph.searchUsers(3)).length).toBe(3);
});

test("Planner lists over several pages, with empty pages between", async () => {
  const { planner } = cloud.simulator.stores;
  const [plan] = planner.plansOfGroup(GROUPS.marketing);
  planner.pageSize = 3;
  planner.emptyPages = true;
  const graph = cloud.graph();
  expect(ids(await graph.tasks(plan!.id))).toEqual([...plan!.tasks.keys()].sort());
  expect((await graph.tasks(plan!.id, "v1.0", ({ id }) => id)).sort()).toEqual([...plan!.tasks.keys()].sort());
  expect(ids(await graph.buckets(plan!.id))).toEqual([...plan!.buckets.keys()].sort());
  expect(ids(await graph.plansOfGroup(GROUPS.marketing))).toEqual(ids(planner.plansOfGroup(GROUPS.marketing)));
});

async function writeEverything(graph: GraphApi): Promise<string[]> {
  const plan = await graph.createPlan(GROUPS.marketing, "New plan");
  if (plan.kind !== "done") return [plan.kind];
  const bucket = await graph.createBucket({ planId: plan.value.id, name: "To do", orderHint: " !" });
  const task = await graph.createTask({ planId: plan.value.id, title: "A task" });
  if (task.kind !== "done") return [task.kind];
  const details = await graph.taskDetails(task.value.id);
  const patched = await graph.patch(`/planner/tasks/${task.value.id}/details`, details["@odata.etag"], { description: "text" });
  const stale = await graph.remove(`/planner/tasks/${task.value.id}`, details["@odata.etag"]);
  const thread = await graph.createThread(GROUPS.marketing, "Topic", "<p>first</p>");
  const reply = thread.kind === "done" ? await graph.replyToThread(GROUPS.marketing, thread.value.id, "<p>second</p>") : thread;
  const member = await graph.addMember(GROUPS.finance, PEOPLE.chen.id);
  const again = await graph.addMember(GROUPS.finance, PEOPLE.chen.id);
  const now = await graph.task(task.value.id);
  const removed = await graph.remove(`/planner/tasks/${task.value.id}`, now["@odata.etag"]);
  return [plan, bucket, task, patched, stale, thread, reply, member, again, removed].map((outcome) => outcome.kind);
}

test("writes say what became of them", async () => {
  expect(await writeEverything(cloud.graph({ purpose: "restore" }))).toEqual(["done", "done", "done", "done", "not_applied", "done", "done", "done", "done", "done"]);
});

test("a create that was applied and answered by 504 exists once", async () => {
  const { planner } = cloud.simulator.stores;
  const before = planner.plansOfGroup(GROUPS.marketing).length;
  for (const action of [{ kind: "apply-then-status", status: 504 }, { kind: "reset-after" }, { kind: "cut-body" }] as const) {
    cloud.simulator.faults.add({ match: { method: "POST", path: "/planner/plans" }, action, times: 1 });
    expect((await cloud.graph({ purpose: "restore" }).createPlan(GROUPS.marketing, "x")).kind).toBe("unknown");
  }
  expect(planner.plansOfGroup(GROUPS.marketing).length).toBe(before + 3);
});

test("a token may expire at any call", async () => {
  for (let nth = 1; nth <= 8; nth++) {
    await cloud.simulator.reset();
    cloud.simulator.faults.add({ match: { from: 1, nth }, action: { kind: "status", status: 401 } });
    const asked: unknown[] = [];
    const tokens: TokenSource = (options) => {
      asked.push(options?.forceRefresh);
      return cloud.simulator.token({ ...identity, clientId: APPS.restore.clientId, scopes: RESTORE_SCOPES });
    };
    const outcomes = await writeEverything(cloud.graph({ purpose: "restore", tokens }));
    expect(outcomes.filter((kind) => kind === "done").length, `at ${nth}`).toBe(9);
    expect(asked.filter(Boolean).length).toBe(1);
  }
});

test("a claims challenge in the middle is answered once, and a token with the claims goes on", async () => {
  const challenge = JSON.stringify({ access_token: { nbf: { essential: true, value: "1700000000" } } });
  const asked: (string | undefined)[] = [];
  let acrs: string[] = [];
  const graph = cloud.graph({
    tokens: (options) => {
      asked.push(options?.claims);
      if (options?.claims) acrs = [options.claims];
      return cloud.simulator.token({ ...identity, acrs });
    },
  });
  await graph.me();
  cloud.simulator.world.conditions.caeChallenge.set(PEOPLE.backup.id, challenge);
  await graph.groups();
  await graph.me();
  expect(asked.filter(Boolean)).toEqual([challenge]);
});

test("an account that is challenged and cannot answer needs to sign in, after two tokens", async () => {
  cloud.simulator.world.conditions.caeChallenge.set(PEOPLE.backup.id, '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}');
  let asked = 0;
  const graph = cloud.graph({ tokens: () => (asked++, cloud.simulator.token(identity)) });
  expect(await codeOf(graph.me())).toBe("needs_sign_in");
  expect(asked).toBe(2);
});

test("many calls through a throttled service: all answered, none early", async () => {
  cloud.simulator.throttle.add({ match: { path: "/groups/**" }, limit: 12, windowMs: 500, retryAfterSeconds: 1 });
  const graph = cloud.graph({ governor: createGovernor({ initial: 1, maximum: 1 }) });
  await Promise.all(Array.from({ length: 30 }, () => graph.group(GROUPS.marketing)));
  const [rule] = cloud.simulator.throttle.list();
  expect(rule!.rejected).toBeGreaterThan(0);
  expect(rule!.early).toBe(0);
});
