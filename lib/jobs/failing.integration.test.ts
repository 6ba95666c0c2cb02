/** What runs and restores come to when Microsoft 365, the storage or a person stops them: always a true end state, in words. */
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { cancelRestore, cancelRun, createRestore, getConnection, getPlan, getRestore, getRun, getSnapshot, getVerification, listPlans, listRuns, resumeRestore, startRun, startVerification } from "@/lib/workspaces";
import { repositoryOf } from "@/lib/workspaces/repository";
import { APPS, CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { restoreSweep } from "./restoreSweep";
import { startWorker, type RunningWorker } from "./index";
import { SHORT_TIMES } from "./testing/times";
import { backUp, begin, connect, control, ended, openWorld, protect, restoreBeside, restored, until, type World } from "./testing/world";

const SHORT_LIVED = "Short-lived";
let world: World;
let worker: RunningWorker;
let connectionId: string;
let policyId: string;

beforeAll(async () => {
  world = await openWorld();
  worker = await startWorker({ log: { info: () => undefined, error: () => undefined }, restoreTimes: SHORT_TIMES });
  const { planner } = world.simulator.stores;
  const [campaign] = planner.plansOfGroup(GROUPS.marketing);
  const short = planner.addPlan({ tenantId: campaign!.tenantId, groupId: GROUPS.marketing, title: SHORT_LIVED, createdBy: campaign!.createdBy });
  const bucket = planner.addBucket({ planId: short.id, name: "Only" });
  for (const title of ["One", "Two"]) planner.addTask({ planId: short.id, bucketId: bucket.id, title, createdBy: campaign!.createdBy });
  connectionId = await connect(world, "backup");
  policyId = await protect(world, connectionId, GROUPS.marketing);
  expect((await backUp(world, policyId)).state).toBe("complete");
});

afterAll(async () => {
  await worker?.stop(5000);
  await world?.close();
});

afterEach(() => {
  world.simulator.faults.clear();
  world.simulator.throttle.clear();
  world.simulator.settings.latencyMs = 0;
});

const snapshotsOf = async (planId: string) => (await getPlan(world.actor, world.ws, planId)).snapshots;

/** The snapshot with most tasks among the newest of each plan. */
async function fullest() {
  const { actor, ws } = world;
  const all = await Promise.all((await listPlans(actor, ws)).filter((plan) => !plan.goneAt).map((plan) => getSnapshot(actor, ws, plan.lastSnapshot!.id)));
  return all.sort((a, b) => b.content.tasks.length - a.content.tasks.length)[0]!;
}

test("two presses with the same key are one run, also at once", async () => {
  const { actor, ws } = world;
  const key = randomUUID();
  const runs = await Promise.all([1, 2, 3].map(() => startRun(actor, ws, policyId, key)));
  expect(new Set(runs.map((run) => run.runId)).size).toBe(1);
  expect((await ended(world, runs[0]!.runId)).state).toBe("complete");
  expect(await listRuns(actor, ws)).toHaveLength(2);
});

test("a plan that never had a complete backup and is read as empty is suspicious too, however often", async () => {
  const { ws, simulator } = world;
  const plan = simulator.stores.planner.plansOfGroup(GROUPS.marketing).find(({ title }) => title === SHORT_LIVED)!;
  const { id: planId } = await withWorkspace(ws, (tx) => tx.plan.findFirstOrThrow({ where: { workspaceId: ws, graphPlanId: plan.id } }));
  const call = (from: string, state: string) => withWorkspace(ws, (tx) => tx.snapshot.updateMany({ where: { workspaceId: ws, planId, state: from }, data: { state } }));
  const tasks = [...plan.tasks];
  await call("complete", "partial");
  plan.tasks.clear();
  for (const time of [1, 2]) {
    const run = await backUp(world, policyId);
    expect(run.items.find((item) => item.planId === planId), `time ${time}`).toMatchObject({ state: "partial", warning: "suspiciously_empty" });
  }
  for (const [id, task] of tasks) plan.tasks.set(id, task);
  await call("partial", "complete");
});

test("throttling is waited out and shown as waiting", async () => {
  const { actor, ws, simulator } = world;
  simulator.throttle.add({ match: { path: "/planner/**" }, limit: 6, windowMs: 3_000, retryAfterSeconds: 3 });
  const runId = await begin(world, policyId);
  const seen = await until(() => getRun(actor, ws, runId), (run) => run.finishedAt !== null || run.items.some((item) => item.waiting !== null));
  expect(seen.items.find((item) => item.waiting !== null)?.waiting).toMatchObject({ reason: expect.stringMatching(/\w+ \w+/), until: expect.any(String) });
  simulator.throttle.clear();
  expect((await ended(world, runId)).state).toBe("complete");
});

test("a run that is cancelled at work ends as cancelled; a finished plan keeps its snapshot, an unfinished one has none", async () => {
  const { actor, ws, simulator } = world;
  simulator.settings.latencyMs = 400;
  const runId = await begin(world, policyId);
  await until(() => getRun(actor, ws, runId), (run) => run.items.some((item) => item.state === "running" && item.requests > 0));
  await cancelRun(actor, ws, runId);
  const run = await ended(world, runId);
  expect(run.state).toBe("cancelled");
  for (const item of run.items) {
    expect(["complete", "cancelled"]).toContain(item.state);
    expect(item.snapshotId !== null).toBe(item.state === "complete");
    expect((await snapshotsOf(item.planId)).some((one) => one.id === item.snapshotId)).toBe(item.state === "complete");
  }
});

test("Microsoft Graph is down: the run goes on when it is back", async () => {
  const { simulator } = world;
  simulator.faults.add({ match: { path: "/planner/**" }, action: { kind: "status", status: 503 }, times: 12 });
  const run = await backUp(world, policyId);
  expect(run.state).toBe("complete");
});

test("a plan that is deleted in mid-run is named; the others are complete", async () => {
  const { actor, ws, simulator } = world;
  const before = await listPlans(actor, ws);
  const victim = simulator.stores.planner.plansOfGroup(GROUPS.marketing).find((plan) => plan.title === SHORT_LIVED)!;
  simulator.settings.latencyMs = 250;
  const runId = await begin(world, policyId);
  await until(() => getRun(actor, ws, runId), (run) => run.items.length > 0 && run.items.some((item) => item.state === "running"));
  await control(simulator, "delete-plan", { planId: victim.id });
  const run = await ended(world, runId);
  expect(run.state).toBe("partial");
  const bad = run.items.filter((item) => item.state !== "complete");
  expect(bad).toHaveLength(1);
  expect(bad[0]!.problem ?? `${bad[0]!.gaps} gaps`).toMatch(/\w+ \w+|[1-9]\d* gaps/);
  const again = await backUp(world, policyId);
  const failed = again.items.filter((item) => item.state === "failed");
  expect([again.state, failed.map((item) => item.planId)]).toEqual(["partial", [bad[0]!.planId]]);
  expect(failed[0]!.problem).toMatch(/\w+ \w+ \w+/);
  expect((await listPlans(actor, ws)).filter((plan) => plan.goneAt !== null).map((plan) => plan.id)).toEqual([bad[0]!.planId]);
  expect((await snapshotsOf(bad[0]!.planId)).length).toBeGreaterThanOrEqual(2);
  expect(before.length).toBe(run.items.length);
});

test("an account that lost its memberships: the run is never green, and says why", async () => {
  const { simulator } = world;
  const group = { tenantId: CONTOSO.tenantId, groupId: GROUPS.marketing, user: PEOPLE.backup.id };
  await control(simulator, "remove-member", group);
  const run = await backUp(world, policyId);
  await control(simulator, "add-member", group);
  expect([run.state, run.problem]).toEqual(["failed", expect.stringContaining("lost permission")]);
});

test("damage in storage is named, what is whole can be read, a restore refuses in words, and the next backup heals it", async () => {
  const { actor, ws } = world;
  const source = await fullest();
  const verifyNow = async () => {
    const { verificationId } = await startVerification(actor, ws);
    return until(() => getVerification(actor, ws, verificationId), (one) => one.finishedAt !== null);
  };
  const { manifestId } = await withWorkspace(ws, (tx) => tx.snapshot.findFirstOrThrow({ where: { workspaceId: ws, id: source.id } }));
  const needed = await Array.fromAsync((await repositoryOf(ws)).objectsOf(manifestId!));
  const { id } = needed.find((object) => object.type === "segment" && object.kind === "task")!;
  const file = path.join(process.env.STORAGE_DIR!, ws, "segment", id.slice(0, 2), id);
  const flipped = readFileSync(file);
  flipped[flipped.length - 20]! ^= 1;
  writeFileSync(file, flipped);
  (globalThis as { planbackOpened?: Map<string, unknown> }).planbackOpened?.clear(); // as when it was not opened for two minutes (lib/workspaces/opened.ts)

  const broken = await getSnapshot(actor, ws, source.id);
  expect(broken.damaged).toBe(true);
  expect(broken.content.buckets).toEqual(source.content.buckets);
  expect(broken.content.tasks.length).toBeLessThan(source.content.tasks.length);
  const report = await verifyNow();
  expect([report.state, report.report!.damaged]).toEqual(["damaged", [{ objectId: id, type: "segment", problem: "altered", affects: expect.stringMatching(/^\d+ tasks?$/) }]]);

  await connect(world, "restore");
  const { restoreId } = await createRestore(actor, ws, {
    snapshotId: source.id, connectionId, requestKey: randomUUID(),
    request: { tasks: "all", target: { kind: "new_plan", groupId: GROUPS.marketing, title: "Of damaged" }, addMembers: false, comments: "none" },
  });
  const refused = await until(() => getRestore(actor, ws, restoreId), (restore) => restore.state !== "planning");
  expect([refused.state, refused.problem]).toEqual(["failed", expect.stringContaining("altered")]);

  await backUp(world, policyId);
  expect((await verifyNow()).state).toBe("clean");
  const healed = await getSnapshot(actor, ws, source.id);
  expect([healed.damaged, healed.content.tasks]).toEqual([false, source.content.tasks]);
});

test("a restore that is cancelled at work ends as cancelled with a report of what is there, and can go on to its end", async () => {
  const { actor, ws, simulator } = world;
  const source = await fullest();
  await control(simulator, "faults", { match: { method: "POST", path: "/planner/buckets" }, action: { kind: "delay", ms: 2_500 } });
  const restoreId = await restoreBeside(world, source.id, connectionId, GROUPS.marketing, "Stopped");
  await until(() => simulator.faults.list()[0]!.hits, (hits) => hits > 0);
  await cancelRestore(actor, ws, restoreId);
  const stopped = await restored(world, restoreId);
  expect([stopped.state, stopped.report!.verdict, stopped.resume]).toEqual(["cancelled", "cancelled", { possible: true }]);
  const plan = simulator.stores.planner.plansOfGroup(GROUPS.marketing).find((one) => one.title === "Stopped")!;
  const made = (restore: typeof stopped, kind: string) => restore.report!.created.filter((one) => one.kind === kind).map((one) => one.id).sort();
  expect([plan.tasks.size, plan.buckets.size]).toEqual([0, source.content.buckets.length]);
  expect([made(stopped, "task"), made(stopped, "bucket")]).toEqual([[], [...plan.buckets.keys()].sort()]);
  expect(stopped.report!.skipped.map(({ reason }) => reason)).toContain("Cancelled before it was begun.");

  await Promise.all([1, 2].map(() => resumeRestore(actor, ws, restoreId)));
  const done = await restored(world, restoreId);
  expect([done.state, done.report!.verdict]).toEqual(["verified", "exact"]);
  expect([made(done, "task"), made(done, "bucket")]).toEqual([[...plan.tasks.keys()].sort(), [...plan.buckets.keys()].sort()]);
  expect([plan.tasks.size, plan.buckets.size]).toEqual([source.content.tasks.length, source.content.buckets.length]);
  await expect(resumeRestore(actor, ws, restoreId)).rejects.toThrow(/cannot go on/);
});

test("the sweep removes what a stalled worker's late request made, and nothing else", async () => {
  const { ws, simulator } = world;
  const source = await fullest();
  const restoreId = await restoreBeside(world, source.id, connectionId, GROUPS.marketing, "Swept");
  expect((await restored(world, restoreId)).state).toBe("verified");
  const plan = simulator.stores.planner.plansOfGroup(GROUPS.marketing).find((one) => one.title === "Swept")!;
  const bucketId = [...plan.buckets.keys()][0]!;
  const ours = new Set(plan.tasks.keys());
  const double = simulator.stores.planner.addPlan({ tenantId: plan.tenantId, groupId: plan.groupId, title: "Swept", createdBy: plan.createdBy });
  const theirs = simulator.stores.planner.addTask({ planId: plan.id, bucketId, title: "Added by a person", createdBy: { ...plan.createdBy } });
  const [other] = await withWorkspace(ws, (tx) => tx.restore.findMany({ where: { workspaceId: ws, id: { not: restoreId } }, take: 1 }));
  const becomes = (state: string) => withWorkspace(ws, (tx) => tx.restore.updateMany({ where: { workspaceId: ws, id: other!.id }, data: { state, phase: null } }));
  await becomes("running");
  await restoreSweep({ workspaceId: ws, restoreId }, { jobId: randomUUID(), attempt: 0, signal: new AbortController().signal });
  expect(simulator.stores.planner.plansOfGroup(GROUPS.marketing).filter((one) => one.title === "Swept"), "another restore is at work").toHaveLength(2);
  await becomes(other!.state);
  await send("restore-sweep", { workspaceId: ws, restoreId }, { singletonKey: randomUUID() });
  const swept = await until(() => getRestore(world.actor, ws, restoreId), (restore) => restore.report?.swept !== undefined);
  expect(swept.report!.swept).toEqual([{ kind: "plan", id: double.id }]);
  expect(simulator.stores.planner.plansOfGroup(GROUPS.marketing).filter((one) => one.title === "Swept")).toHaveLength(1);
  expect([...plan.tasks.keys()].sort()).toEqual([...ours, theirs.id].sort());
});

test("the token-expiry job erases the write tokens when their time is over", async () => {
  const { actor, ws } = world;
  const key = { workspaceId: ws, connectionId, purpose: "restore" };
  const rows = () => withWorkspace(ws, (tx) => tx.tokenCache.findMany({ where: { workspaceId: ws }, select: { purpose: true } }));
  expect(await rows()).toContainEqual({ purpose: "restore" });
  await withWorkspace(ws, (tx) => tx.tokenCache.update({ where: { workspaceId_connectionId_purpose: key }, data: { expiresAt: new Date(Date.now() - 1000) } }));
  await send("token-expiry", { workspaceId: ws, connectionId }, { singletonKey: randomUUID() });
  await until(rows, (found) => !found.some((row) => row.purpose === "restore"));
  expect(await rows()).toEqual([{ purpose: "backup" }]);
  expect((await getConnection(actor, ws, connectionId)).restoreState).not.toBe("active");
});

test("retention never takes the newest complete snapshot, though later ones are partial", async () => {
  const { ws } = world;
  const planId = (await fullest()).planId;
  await withWorkspace(ws, (tx) => tx.policy.updateMany({ where: { workspaceId: ws }, data: { keepCount: 1 } }));
  await withWorkspace(ws, (tx) => tx.snapshot.updateMany({ where: { workspaceId: ws, planId }, data: { takenAt: new Date(Date.now() - 3600_000) } }));
  const { simulator } = world;
  simulator.faults.add({ match: { regex: "/planner/tasks/[^/]+/details$" }, action: { kind: "status", status: 403 } });
  const run = await backUp(world, policyId);
  expect(run.items.find((item) => item.planId === planId)?.state).toBe("partial");
  const left = await snapshotsOf(planId);
  expect(left.map((one) => one.state).filter((state) => state === "complete")).toHaveLength(1);
  expect(left[0]!.state).toBe("partial");
});

test("consent that is removed during a run ends it in words, and shows on the connection", async () => {
  const { actor, ws, simulator } = world;
  simulator.settings.latencyMs = 300;
  const runId = await begin(world, policyId);
  await until(() => getRun(actor, ws, runId), (run) => run.items.some((item) => item.requests > 0));
  await control(simulator, "revoke-consent", { tenantId: CONTOSO.tenantId, clientId: APPS.backup.clientId });
  await control(simulator, "revoke-tokens", { user: PEOPLE.backup.id });
  const run = await ended(world, runId);
  expect(run.state).toBe("failed");
  expect(run.items.map((item) => item.problem).join(" ")).toMatch(/consent|sign/i);
  expect((await getConnection(actor, ws, connectionId)).backupState).not.toBe("active");
  await expect(begin(world, policyId)).rejects.toThrow(/Open (Consent|Connections)/);
});
