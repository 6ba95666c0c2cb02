/** Restores to every target against the simulator: capture, restore, capture. With Microsoft's beta interface. */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { assigneesOf, canonicalPlan } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import { CONTOSO, FABRIKAM, GROUPS, PEOPLE } from "@/simulator/fixtures";
import type { RecurrencePattern } from "@/simulator/planner/recurrence/pattern";
import { firstOfSeries } from "@/simulator/planner/recurrence/series";
import type { RestoreRequest } from ".";
import { arbitraryContent } from "./testing/arbitrary";
import { type Rig, startRig } from "./testing/rig";
import { seedPlan } from "./testing/seed";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ extras: true });
});
afterAll(() => rig.cloud.simulator.close());
beforeEach(() => rig.cloud.simulator.reset());

const LONG = process.env.PLANBACK_LONG === "1" ? 10 : 1;
const planner = () => rig.cloud.simulator.stores.planner;
const by = { userId: PEOPLE.alice.id, appId: null };
const planOf = (groupId: string) => planner().plansOfGroup(groupId)[0]!;
const capture = (groupId: string) => rig.capture(groupId, planOf(groupId).id);
const same = (content: SnapshotContent) => canonicalPlan(content, { ignoreTitle: true });
const EXACT = { verdict: "exact", failed: [], skipped: [], itemsDifferent: [], uncertain: [] };
const asked = (target: RestoreRequest["target"], more: Partial<RestoreRequest> = {}): RestoreRequest => ({ tasks: "all", target, addMembers: true, comments: "quoted", ...more });
const DAILY: RecurrencePattern = { type: "daily", interval: 3, month: 0, dayOfMonth: 0, daysOfWeek: [], firstDayOfWeek: "sunday", index: "first" };
const recurring = (planId: string, title: string) => planner().addTask({ planId, title, createdBy: by, recurrence: firstOfSeries("c2VyaWVz", { pattern: DAILY, patternStartDateTime: "2026-01-01T00:00:00Z" }) });

describe("with Microsoft's beta interface", () => {
  it("generated plans come back the same: rich notes, required items and recurrence too", { timeout: 120_000 * LONG }, async () => {
    const people = [PEOPLE.alice.id, PEOPLE.ben.id, PEOPLE.chen.id, PEOPLE.diego.id];
    await fc.assert(fc.asyncProperty(arbitraryContent({ groupId: GROUPS.marketing, people, maxTasks: 5, extras: true }), async (content) => {
      await rig.cloud.simulator.reset();
      const snapshot = await rig.capture(GROUPS.marketing, seedPlan(rig.cloud.simulator, GROUPS.marketing, content));
      const request = asked({ kind: "new_plan", groupId: GROUPS.engineering, title: "Again" });
      const { report } = await rig.run(snapshot, request, await rig.preview(snapshot, request));
      expect(report).toMatchObject(EXACT);
      expect(same(await rig.capture(GROUPS.engineering, report.planId ?? ""))).toEqual(same(snapshot));
    }), { numRuns: 12 * LONG, endOnFailure: true });
  });

  it("the showcase comes back: the messages of its chat among the comments, its series with the same next date", async () => {
    const snapshot = await capture(GROUPS.marketing);
    expect(snapshot.comments.some(({ channel }) => channel === "chat")).toBe(true);
    expect(snapshot.tasks.some(({ task }) => task.recurrence?.schedule)).toBe(true);
    const request = asked({ kind: "new_plan", groupId: GROUPS.engineering, title: "Again" });
    const plan = await rig.preview(snapshot, request);
    expect(plan.counts.set_recurrence).toBeGreaterThan(0);
    const { report } = await rig.run(snapshot, request, plan);
    expect(report).toMatchObject(EXACT);
    const again = await rig.capture(GROUPS.engineering, report.planId ?? "");
    expect(same(again)).toEqual(same(snapshot));
    const text = again.comments.map((comment) => comment.text).join("\n");
    for (const comment of snapshot.comments) expect(text).toContain(comment.text.split("\n")[0]);
  });

  it("an archived plan is taken out, set back, and put into the archive again", async () => {
    const live = planOf(GROUPS.marketing);
    const snapshot = await capture(GROUPS.marketing);
    const [task] = [...live.tasks.values()];
    Object.assign(task!, { title: "Spoilt" });
    task!.revision.touch(["title"]);
    const { "@odata.etag": etag } = await rig.graph.plan(live.id, "beta");
    expect(await rig.graph.setArchived(live.id, etag, true, "Done with it")).toMatchObject({ kind: "done" });
    const chosen = asked({ kind: "in_place" }, { tasks: [task!.id] });
    const plan = await rig.preview(snapshot, chosen);
    expect(plan.operations.map(({ kind }) => kind)).toEqual(["unarchive_plan", "update_task", "archive_plan"]);
    expect((await rig.run(snapshot, chosen, plan)).report).toMatchObject(EXACT);
    expect(await rig.graph.plan(live.id, "beta")).toMatchObject({ isArchived: true });
    expect(task!.title).not.toBe("Spoilt");
    const whole = asked({ kind: "in_place" });
    expect((await rig.run(snapshot, whole, await rig.preview(snapshot, whole, "second"))).report).toMatchObject(EXACT);
    expect(await rig.graph.plan(live.id, "beta")).toMatchObject({ isArchived: false });
  });
});

describe("in place, with what was added removed", () => {
  it("added tasks and buckets go, a repeating one without a successor; taking it back brings all of them back", async () => {
    const live = planOf(GROUPS.marketing);
    const snapshot = await capture(GROUPS.marketing);
    const bucket = planner().addBucket({ planId: live.id, name: "New bucket" });
    planner().addTask({ planId: live.id, bucketId: bucket.id, title: "New work", createdBy: by, description: "Words", checklist: [{ title: "One" }] });
    recurring(live.id, "Water the plants");
    const [first] = [...live.tasks.values()];
    Object.assign(first!, { priority: 9, title: "Renamed" });
    first!.revision.touch(["priority", "title"]);
    const before = await capture(GROUPS.marketing);
    const request = asked({ kind: "in_place", added: "remove" });
    const plan = await rig.preview(snapshot, request);
    expect(plan.counts).toMatchObject({ delete_task: 2, delete_bucket: 1, set_recurrence: 1 });
    const { report, undo } = await rig.run(snapshot, request, plan);
    expect(report).toMatchObject(EXACT);
    expect(report.removed.map(({ kind }) => kind).sort()).toEqual(["bucket", "task", "task"]);
    expect(canonicalPlan(await capture(GROUPS.marketing))).toEqual(canonicalPlan(snapshot));

    const back = asked({ kind: "in_place", added: "remove" }, { undoOf: "restore-1", comments: "none" });
    const undoing = await rig.preview(before, back, "back", undo);
    expect((await rig.run(before, back, undoing)).report).toMatchObject(EXACT);
    const after = await capture(GROUPS.marketing);
    expect(canonicalPlan(after)).toEqual(canonicalPlan(before));
    expect(after.tasks.find(({ task }) => task.title === "Water the plants")?.task.recurrence?.schedule).toBeTruthy();
  });
});

describe("into another plan that exists", () => {
  it("brings everything behind what is there, with files and comments; labels go by their names", async () => {
    const [source, target] = [await capture(GROUPS.marketing), planOf(GROUPS.engineering)];
    const before = await capture(GROUPS.engineering);
    const request = asked({ kind: "existing_plan", groupId: GROUPS.engineering, planId: target.id });
    const plan = await rig.preview(source, request);
    expect(plan.blockers).toEqual([]);
    const { report } = await rig.run(source, request, plan);
    expect(report).toMatchObject(EXACT);
    const after = await capture(GROUPS.engineering);
    expect(after.tasks).toHaveLength(before.tasks.length + source.tasks.length);
    const old = new Set(before.tasks.map(({ id }) => id));
    const mine = { ...after, tasks: after.tasks.filter(({ id }) => old.has(id)), buckets: after.buckets.filter(({ id }) => before.buckets.some((bucket) => bucket.id === id)) };
    expect(canonicalPlan(mine).tasks).toEqual(canonicalPlan(before).tasks);
    const titles = (content: SnapshotContent) => canonicalPlan(content).tasks.map(({ title }) => title);
    expect(titles({ ...after, tasks: after.tasks.filter(({ id }) => !old.has(id)) })).toEqual(titles(source));
    expect(after.attachments.map(({ sha256 }) => sha256).sort()).toEqual([...before.attachments, ...source.attachments].map(({ sha256 }) => sha256).sort());
    expect(after.comments.length).toBe(before.comments.length + source.comments.length);
  });
});

describe("into a new group", () => {
  it("makes the group with its facts and people, then the plan; a mail name that is taken is refused", async () => {
    const snapshot = await capture(GROUPS.marketing);
    const request = asked({ kind: "new_group", name: "Marketing again", mailNickname: "marketing-again", visibility: "Public", title: "Again" });
    const plan = await rig.preview(snapshot, request, "g1");
    expect(plan.blockers).toEqual([]);
    const { report } = await rig.run(snapshot, request, plan);
    expect(report).toMatchObject(EXACT);
    const made = [...rig.cloud.simulator.world.tenants.get(CONTOSO.tenantId)!.groups.values()].find(({ displayName }) => displayName === "Marketing again")!;
    expect([...made.members].sort()).toEqual(plan.newMembers.map(({ id }) => id).sort());
    expect([...made.members]).toEqual(expect.arrayContaining([PEOPLE.backup.id, ...snapshot.group!.ownerIds, ...snapshot.group!.memberIds]));
    const kept = (content: SnapshotContent) => ({ ...same(content), tasks: same(content).tasks.map((task) => (plan.droppedAssignments.length > 0 ? { ...task, assignees: [], ranks: {} } : task)) });
    expect(kept(await rig.capture(made.id, report.planId ?? ""))).toEqual(kept(snapshot));
    const taken = await rig.preview(snapshot, request, "g2");
    expect(taken.blockers.map(({ id }) => id)).toEqual(["mail_nickname"]);
  });

  it("in another Microsoft tenant: people by address and name, the ambiguous by choice, the others in the notes; files byte for byte", async () => {
    const snapshot = await capture(GROUPS.marketing);
    const fabrikam = rig.elsewhere(FABRIKAM.tenantId, PEOPLE.fabBackup.id);
    const target = { kind: "new_group", name: "From Contoso", mailNickname: "from-contoso", visibility: "Private", title: "Again" } as const;
    const first = await fabrikam.preview(snapshot, asked(target, { unmatched: "text" }), "x1");
    const byName = Object.fromEntries(first.people.map(({ source, target: found, by: how }) => [source.name, [found?.id ?? null, how]]));
    const expected: Record<string, [string | null, string]> = { "Chen Wei": [PEOPLE.fabChen.id, "name"], "Diego Fernández": [PEOPLE.fabDiego.id, "mail"], "Ben Okafor": [null, "ambiguous"] };
    for (const [name, match] of Object.entries(expected)) if (byName[name]) expect([name, byName[name]]).toEqual([name, match]);
    expect(Object.values(byName).filter(([, how]) => how === "id")).toEqual([]);
    const request = asked(target, { unmatched: "text", people: { [PEOPLE.ben.id]: PEOPLE.felix.userPrincipalName, [PEOPLE.priya.id]: null } });
    const plan = await fabrikam.preview(snapshot, request, "x1");
    expect(plan.people.find(({ source }) => source.id === PEOPLE.ben.id)).toMatchObject({ by: "chosen", target: { id: PEOPLE.felix.id } });
    const { report } = await fabrikam.run(snapshot, request, plan);
    expect(report).toMatchObject(EXACT);
    const made = [...rig.cloud.simulator.world.tenants.get(FABRIKAM.tenantId)!.groups.values()].find(({ displayName }) => displayName === "From Contoso")!;
    const again = await fabrikam.capture(made.id, report.planId ?? "");
    const bens = (content: SnapshotContent, id: string) => content.tasks.filter(({ task }) => assigneesOf(task).includes(id)).map(({ task }) => task.title).sort();
    expect(bens(again, PEOPLE.felix.id)).toEqual(bens(snapshot, PEOPLE.ben.id));
    expect(bens(snapshot, PEOPLE.ben.id).length).toBeGreaterThan(0);
    expect(again.attachments.map(({ sha256 }) => sha256).sort()).toEqual(snapshot.attachments.map(({ sha256 }) => sha256).sort());
    const unfound = new Set(plan.people.filter(({ target: found }) => !found).map(({ source }) => source.id));
    for (const { task } of snapshot.tasks.filter((record) => assigneesOf(record.task).some((id) => unfound.has(id)))) {
      expect(again.tasks.find((record) => record.task.title === task.title)?.details?.description).toContain("Assigned to (not restored):");
    }
  });
});

describe("comments", () => {
  it.each(["summary", "notes"] as const)("come back as %s", async (comments) => {
    const snapshot = await capture(GROUPS.marketing);
    const request = asked({ kind: "new_plan", groupId: GROUPS.engineering, title: "Again" }, { comments });
    const { report } = await rig.run(snapshot, request, await rig.preview(snapshot, request));
    expect(report).toMatchObject(EXACT);
    const again = await rig.capture(GROUPS.engineering, report.planId ?? "");
    const commented = new Set(snapshot.comments.map(({ taskId }) => taskId));
    expect(again.comments).toHaveLength(comments === "summary" ? commented.size : 0);
    const text = JSON.stringify(comments === "summary" ? again.comments.map((comment) => comment.text) : again.tasks.map(({ details }) => details?.description));
    for (const comment of snapshot.comments) expect(text).toContain(JSON.stringify(comment.text.split("\n")[0]).slice(1, -1));
  });
});
