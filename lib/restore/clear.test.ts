/** The end of a drill: its plan goes, whatever Microsoft answers, and nothing else does. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assigneesOf } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import { clearDrill, MemoryJournal, newJournalRows, type RestorePlan, type RestoreReport, type RestoreRequest } from ".";
import { arbitraryContent } from "./testing/arbitrary";
import type { Fault } from "./testing/fake-graph";
import { ACCOUNT, type FakeRig, fakeRig } from "./testing/fake-rig";

const GROUP = "00000000-0000-4000-8000-0000000000aa";
const PEOPLE = [1, 2, 3].map((number) => `00000000-0000-4000-8000-00000000000${number}`);
const contents = arbitraryContent({ groupId: GROUP, people: PEOPLE, maxTasks: 4, extras: true, comments: true });
const TITLE = "Drill 1 of Plan";
const request: RestoreRequest = { tasks: "all", target: { kind: "new_plan", groupId: GROUP, title: TITLE }, addMembers: false, comments: "none", drill: true };
const by = (id: string) => ({ createdBy: { user: { id } }, createdDateTime: "2026-11-23T12:00:00Z" });

interface Drill { rig: FakeRig; plan: RestorePlan; report: RestoreReport; clear(): ReturnType<typeof clearDrill>; others: SnapshotContent[] }

/** A drill that was read back, in a group with the plan that was backed up and one of the drill's own title. */
async function drilled(content: SnapshotContent, faults?: (write: number, kind: string) => Fault | null): Promise<Drill> {
  const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE });
  const { fake } = rig;
  fake.load({ ...content, comments: [] });
  fake.load({ ...content, plan: { ...content.plan, ...by(ACCOUNT), id: "twin".padEnd(28, "x"), title: TITLE }, tasks: [], buckets: [] });
  const others = [...fake.plans.keys()].map((id) => structuredClone(rig.capture(id)));
  const plan = await rig.preview(content, request);
  fake.options.faults = faults;
  const { report, rows } = await rig.run(content, request, plan);
  const { clock } = fake.options;
  return { rig, plan, report, others, clear: () => clearDrill({ plan, journal: new MemoryJournal(rows, clock.now), graph: fake.api, accountId: ACCOUNT, clock }) };
}

const untouched = ({ rig, others }: Drill) => expect(others.map(({ plan }) => rig.capture(plan.id))).toEqual(others);

describe("a drill", () => {
  it("assigns nobody, adds nobody, writes no comment and no file, is exact all the same, and removes its plan only", { timeout: 60_000 }, async () => {
    await fc.assert(fc.asyncProperty(contents, async (content) => {
      const drill = await drilled(content);
      const { plan, report, rig } = drill;
      expect(report).toMatchObject({ verdict: "exact", failed: [], skipped: [], itemsDifferent: [], uncertain: [] });
      expect([plan.newMembers, plan.droppedAssignments, plan.counts.post_comment, plan.counts.upload_file, plan.counts.add_member]).toEqual([[], [], undefined, undefined, undefined]);
      expect(rig.capture(report.planId!).tasks.flatMap(({ task }) => assigneesOf(task))).toEqual([]);
      const assigned = content.tasks.flatMap(({ task }) => assigneesOf(task)).length;
      expect(plan.inexact.find(({ field }) => field === "Assignments")?.items).toBe(assigned || undefined);
      expect(plan.warnings.join()).not.toMatch(/notified|e-mail|left out/);
      expect(await drill.clear()).toEqual({ kind: "removed", planId: report.planId });
      expect(rig.fake.plans.has(report.planId!)).toBe(false);
      expect(await drill.clear()).toEqual({ kind: "removed", planId: report.planId });
      untouched(drill);
    }), { numRuns: 60 });
  });

  it("leaves a plan that somebody has made their own, and says so", async () => {
    const [content] = fc.sample(contents, { seed: 7, numRuns: 1 });
    for (const [meddle, why] of [
      [({ rig, report }: Drill) => rig.fake.addTask("theirs".padEnd(28, "x"), { title: "Mine", planId: report.planId, ...by(PEOPLE[0]!) }), "added a task"],
      [({ rig, report }: Drill) => void Object.assign(rig.fake.plans.get(report.planId!)!, { title: "Ours now" }), "another title"],
      [({ rig, report }: Drill) => void Object.assign(rig.fake.plans.get(report.planId!)!, { container: { containerId: "elsewhere" } }), "moved"],
      [({ rig, report }: Drill) => void Object.assign(rig.fake.plans.get(report.planId!)!, by(PEOPLE[0]!)), "there before"],
    ] as const) {
      const drill = await drilled(content!);
      await meddle(drill);
      expect(await drill.clear()).toMatchObject({ kind: "left", why: expect.stringContaining(why) });
      expect(drill.rig.fake.plans.has(drill.report.planId!)).toBe(true);
      untouched(drill);
    }
  });

  it("never takes a plan that was there before, whatever the journal holds", async () => {
    const [content] = fc.sample(contents, { seed: 8, numRuns: 1 });
    const drill = await drilled(content!);
    drill.plan.existing.planIds.push(drill.report.planId!);
    expect(await drill.clear()).toMatchObject({ kind: "left", why: expect.stringContaining("there before") });
  });

  it("removes a double of its own that a stalled worker made in its plan", async () => {
    const [content] = fc.sample(contents, { seed: 9, numRuns: 1 });
    const drill = await drilled(content!);
    await drill.rig.fake.api.createTask({ title: "Double", planId: drill.report.planId! });
    expect(await drill.clear()).toMatchObject({ kind: "removed" });
  });

  it("any answer to the removal: the plan is gone, or it is said and gone at the next look", async () => {
    const [content] = fc.sample(contents, { seed: 10, numRuns: 1 });
    for (const fault of ["applied-unknown", "applied-reset", "lost-unknown", "late-unknown", "throttled"] as const) {
      for (const times of [1, 2, 3]) {
        let left = times;
        const drill = await drilled(content!, (_write, kind) => (kind === "remove" && left-- > 0 ? fault : null));
        const first = await drill.clear();
        const isThere = drill.rig.fake.plans.has(drill.report.planId!);
        expect(first.kind === "removed" && isThere, `${fault} ${times}: called removed and there`).toBe(false);
        drill.rig.fake.options.faults = undefined;
        expect(await drill.clear(), `${fault} ${times}`).toEqual({ kind: "removed", planId: drill.report.planId });
        untouched(drill);
      }
    }
  });

  it("a plan whose creation nobody knew is found and removed; one that never was is not looked for for ever", async () => {
    const [content] = fc.sample(contents, { seed: 11, numRuns: 1 });
    for (const fault of ["applied-unknown", "lost-unknown"] as const) {
      const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE });
      const plan = await rig.preview(content!, request);
      const { clock } = rig.fake.options;
      rig.fake.options.faults = (_write, kind) => (kind === "plan" ? fault : null);
      const creation = plan.operations.find(({ kind }) => kind === "create_plan")!;
      const rows = newJournalRows();
      const journal = new MemoryJournal(rows, clock.now);
      await journal.open(plan.operations);
      await journal.begin(creation.seq); // and the worker dies
      await rig.fake.api.createPlan(GROUP, TITLE);
      const clear = () => clearDrill({ plan, journal: new MemoryJournal(rows, clock.now), graph: rig.fake.api, accountId: ACCOUNT, clock });
      if (fault === "applied-unknown") expect(await clear()).toMatchObject({ kind: "removed" });
      else {
        expect(await clear()).toMatchObject({ kind: "left" });
        clock.at += 600_000;
        expect(await clear()).toEqual({ kind: "nothing" });
      }
      expect(rig.fake.plans.size).toBe(0);
    }
  });
});
