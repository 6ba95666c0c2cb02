import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { canonicalPlan } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import { GROUPS, PEOPLE } from "@/simulator/fixtures";
import { creationsOf, followSuccessors, readSuccessors, type RestoreRequest } from ".";
import { arbitraryContent } from "./testing/arbitrary";
import { type Rig, startRig } from "./testing/rig";
import { seedPlan } from "./testing/seed";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.cloud.simulator.close());
beforeEach(() => rig.cloud.simulator.reset());

const planner = () => rig.cloud.simulator.stores.planner;
const by = { userId: PEOPLE.alice.id, appId: null };
const into = (groupId: string, tasks: RestoreRequest["tasks"] = "all"): RestoreRequest => ({ tasks, target: { kind: "new_plan", groupId, title: "Again" }, addMembers: true, comments: "quoted" });
const inPlace: RestoreRequest = { tasks: "all", target: { kind: "in_place" }, addMembers: true, comments: "quoted" };
const same = (content: SnapshotContent) => canonicalPlan(content, { ignoreTitle: true });

/** Everything the simulated Planner holds of a group, to see that nothing of it changes. */
const stateOf = (groupId: string) => JSON.stringify(planner().plansOfGroup(groupId).map((plan) => [plan.title, plan.revision.etag, [...plan.buckets.values()].map((one) => one.revision.etag),
  [...plan.tasks.values()].map((task) => [task.revision.etag, task.details.revision.etag, task.bucketFormat.revision.etag, task.progressFormat.revision.etag, task.assignedToFormat.revision.etag])]));

const plans = (maxTasks: number) => arbitraryContent({ groupId: GROUPS.marketing, people: [PEOPLE.alice.id, PEOPLE.ben.id, PEOPLE.chen.id, PEOPLE.diego.id], maxTasks, comments: true });

describe("capture, restore, capture", () => {
  it("generated plans come back the same in a new plan; what exists is not touched", { timeout: 90_000 }, async () => {
    await fc.assert(fc.asyncProperty(plans(7), async (content) => {
      await rig.cloud.simulator.reset();
      const planId = seedPlan(rig.cloud.simulator, GROUPS.marketing, content);
      const snapshot = await rig.capture(GROUPS.marketing, planId);
      expect(snapshot.tasks).toHaveLength(content.tasks.length);
      const before = stateOf(GROUPS.marketing);
      const request = into(GROUPS.engineering);
      const plan = await rig.preview(snapshot, request);
      expect(plan.blockers).toEqual([]);
      const { report } = await rig.run(snapshot, request, plan);
      expect(report).toMatchObject({ verdict: "exact", failed: [], skipped: [], itemsDifferent: [], uncertain: [] });
      const again = await rig.capture(GROUPS.engineering, report.planId ?? "");
      expect(same(again)).toEqual(same(snapshot));
      expect(again.comments).toHaveLength(snapshot.comments.length);
      for (const comment of snapshot.comments) expect(again.comments.some(({ text }) => text.includes(comment.authorName ?? "?"))).toBe(true);
      expect(stateOf(GROUPS.marketing)).toBe(before);
    }), { numRuns: 25, endOnFailure: true });
  });

  it("the seeded plans, with files and comments, come back the same", async () => {
    for (const groupId of [GROUPS.marketing, GROUPS.engineering, GROUPS.finance]) {
      const [{ id } = { id: "" }] = planner().plansOfGroup(groupId);
      const snapshot = await rig.capture(groupId, id);
      const plan = await rig.preview(snapshot, into(groupId));
      const { report } = await rig.run(snapshot, into(groupId), plan);
      expect(report).toMatchObject({ verdict: "exact", failed: [], itemsDifferent: [] });
      const again = await rig.capture(groupId, report.planId ?? "");
      expect(again.attachments.map(({ sha256 }) => sha256).sort()).toEqual(snapshot.attachments.map(({ sha256 }) => sha256).sort());
      const kept = (content: SnapshotContent) => (plan.droppedAssignments.length > 0 ? same(content).tasks.map((task) => ({ ...task, assignees: [], ranks: {} })) : same(content));
      expect(kept(again)).toEqual(kept(snapshot));
    }
  });

  it("a list longer than Planner's limit is tried; what Planner refuses is that task's failure, and the rest comes back", async () => {
    const { limits } = planner();
    const [live] = planner().plansOfGroup(GROUPS.marketing);
    const [long] = [...live!.tasks.values()];
    limits.checklistItemsPerTask = 30;
    const items = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [crypto.randomUUID(), { "@odata.type": "microsoft.graph.plannerChecklistItem", title: `Step ${at}` }]));
    await rig.graph.patch(`/planner/tasks/${long!.id}/details`, long!.details.revision.etag, { checklist: items });
    const snapshot = await rig.capture(GROUPS.marketing, live!.id);
    const run = async (title: string) => {
      const request: RestoreRequest = { ...into(GROUPS.marketing), target: { kind: "new_plan", groupId: GROUPS.marketing, title } };
      const plan = await rig.preview(snapshot, request, title);
      expect([plan.blockers, plan.warnings.join()]).toEqual([[], expect.stringContaining("Planner may refuse")]);
      return (await rig.run(snapshot, request, plan)).report;
    };
    expect(await run("Taken")).toMatchObject({ verdict: "exact", failed: [] });
    limits.checklistItemsPerTask = 20;
    const refused = await run("Refused");
    expect(refused.failed).toEqual([expect.objectContaining({ label: expect.stringContaining(long!.title), reason: expect.stringMatching(/limit/i) })]);
    expect(refused.itemsDifferent.map(({ source }) => source)).toEqual([long!.id]);
    expect(planner().findPlan(refused.planId!)!.tasks.size).toBe(snapshot.tasks.length);
  });

  it("chosen tasks come with the buckets that they need, and nothing else", async () => {
    const [{ id } = { id: "" }] = planner().plansOfGroup(GROUPS.marketing);
    const snapshot = await rig.capture(GROUPS.marketing, id);
    const [first] = snapshot.tasks;
    const request = into(GROUPS.marketing, [first?.id ?? ""]);
    const { report } = await rig.run(snapshot, request, await rig.preview(snapshot, request));
    expect(report.verdict).toBe("exact");
    const restored = planner().findPlan(report.planId ?? "");
    expect([...restored!.tasks.values()].map(({ title }) => title)).toEqual([first?.task.title]);
    expect([...restored!.buckets.values()].map(({ name }) => name)).toEqual([snapshot.buckets.find((bucket) => bucket.id === first?.task.bucketId)?.name]);
  });
});

describe("in place", () => {
  it("brings back a deleted task and bucket, reverts an edited task, keeps what is new; doing it again changes nothing", async () => {
    const [live] = planner().plansOfGroup(GROUPS.marketing);
    const snapshot = await rig.capture(GROUPS.marketing, live!.id);
    const [gone, edited] = [...live!.tasks.values()];
    const bucket = [...live!.buckets.values()].find((one) => one.id !== edited!.bucketId);
    planner().deleteTask(gone!.id);
    planner().deleteBucket(bucket!.id);
    Object.assign(edited!, { title: "Spoilt", percentComplete: 0, priority: 9 });
    edited!.revision.touch(["title", "percentComplete", "priority"]);
    const added = planner().addTask({ planId: live!.id, bucketId: edited!.bucketId, title: "New work", createdBy: by });
    const { report } = await rig.run(snapshot, inPlace, await rig.preview(snapshot, inPlace));
    expect(report).toMatchObject({ verdict: "exact", failed: [], itemsDifferent: [] });
    expect(planner().findTask(added.id)?.title).toBe("New work");
    const again = await rig.capture(GROUPS.marketing, live!.id);
    expect(same({ ...again, tasks: again.tasks.filter((record) => record.id !== added.id) })).toEqual(same(snapshot));
    expect((await rig.preview(again, inPlace)).operations).toEqual([]);
  });

  it("the same snapshot restored again finds what the first restore made, under its new ids", async () => {
    const [live] = planner().plansOfGroup(GROUPS.marketing);
    const snapshot = await rig.capture(GROUPS.marketing, live!.id);
    const lost = [...live!.tasks.values()].find(({ title }) => title === "Write the press release")!;
    planner().deleteTask(lost.id);
    const first = await rig.preview(snapshot, inPlace, "first");
    const { report } = await rig.run(snapshot, inPlace, first);
    const made = report.created.filter(({ kind }) => kind === "task" || kind === "bucket");
    const creations = creationsOf([{ operations: first.operations, remoteIds: new Map(first.operations.flatMap(({ seq, kind, source }) => {
      const created = kind === "create_task" ? made.find((one) => one.source === source) : undefined;
      return created ? [[seq, created.id] as const] : [];
    })) }]);
    const successors = await readSuccessors({ graph: rig.graph, snapshot, request: inPlace, creations });
    expect(successors).toEqual({ [lost.id]: made[0]!.id });
    const followed = followSuccessors(snapshot, { ...inPlace, tasks: [lost.id] }, successors);
    expect((await rig.preview(followed.snapshot, followed.request, "second")).operations).toEqual([]);
    planner().deleteTask(made[0]!.id);
    expect(await readSuccessors({ graph: rig.graph, snapshot, request: inPlace, creations })).toEqual({});
  });

  it("a plan that is gone is created anew", async () => {
    const [live] = planner().plansOfGroup(GROUPS.marketing);
    const snapshot = await rig.capture(GROUPS.marketing, live!.id);
    planner().deletePlan(live!.id);
    const plan = await rig.preview(snapshot, inPlace);
    expect(plan.warnings.join()).toContain("no longer exists");
    const { report } = await rig.run(snapshot, inPlace, plan);
    expect(report.verdict).toBe("exact");
    expect(canonicalPlan(await rig.capture(GROUPS.marketing, report.planId ?? ""))).toEqual(canonicalPlan(snapshot));
  });
});
