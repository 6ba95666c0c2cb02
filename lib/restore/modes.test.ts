/**
 * Every way to restore, over made-up plans: what is there afterwards is what was in the snapshot, but for the closed list of
 * fields that nobody can restore (LOSSY_FIELDS).
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalPlan } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import type { RestoreRequest } from ".";
import { arbitraryContent } from "./testing/arbitrary";
import { deeds, work } from "./testing/damage";
import { fakeRig } from "./testing/fake-rig";

const LONG = process.env.PLANBACK_LONG === "1" ? 10 : 1;
const GROUP = "00000000-0000-4000-8000-0000000000aa";
const PEOPLE = Array.from({ length: 22 }, (_, index) => `00000000-0000-4000-8000-0000000000${String(index + 10)}`);
const contents = (maxTasks: number, extras = true) => arbitraryContent({ groupId: GROUP, people: PEOPLE, maxTasks, extras });
const same = (content: SnapshotContent) => canonicalPlan(content, { ignoreTitle: true });
const EXACT = { verdict: "exact", failed: [], skipped: [], itemsDifferent: [], uncertain: [] };

describe("into a new plan", () => {
  const request: RestoreRequest = { tasks: "all", target: { kind: "new_plan", groupId: GROUP, title: "Again" }, addMembers: true, comments: "none" };

  it.each([[true, 400], [false, 100]])("everything comes back (beta interface: %s)", { timeout: 120_000 * LONG }, async (extras, runs) => {
    await fc.assert(fc.asyncProperty(contents(6, extras), async (content) => {
      const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE }, { extras });
      const { report } = await rig.run(content, request, await rig.preview(content, request));
      expect(report).toMatchObject(EXACT);
      expect(same(rig.capture(report.planId ?? ""))).toEqual(same(content));
    }), { numRuns: runs * LONG });
  });
});

/** Planner does not take a series back from its next task: such tasks are compared without it, and the preview says so. */
function withoutRecurrence(content: SnapshotContent, ids: ReadonlySet<string>): SnapshotContent {
  return { ...content, tasks: content.tasks.map((record) => (ids.has(record.id) ? { ...record, task: { ...record.task, recurrence: null } } : record)) };
}

describe("in place", () => {
  const request = (added: "keep" | "remove"): RestoreRequest => ({ tasks: "all", target: { kind: "in_place", added }, addMembers: true, comments: "none" });

  it.each(["keep", "remove"] as const)("after any damage everything is as it was; what is new: %s", { timeout: 120_000 * LONG }, async (added) => {
    let removals = 0;
    await fc.assert(fc.asyncProperty(contents(5), deeds, fc.boolean(), async (content, done, archive) => {
      const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE });
      const { fake } = rig;
      const planId = content.plan.id;
      fake.load({ ...content, plan: { ...content.plan, isArchived: false } });
      await work(fake, planId, done, PEOPLE);
      if (content.plan.isArchived || archive) await fake.api.setArchived(planId, fake.find(`/planner/plans/${planId}`)["@odata.etag"], true, "Done");
      const known = new Set([...content.tasks, ...content.buckets].map(({ id }) => id));
      const before = rig.capture(planId);
      const plan = await rig.preview(content, request(added));
      // What was added and stays may leave no room.
      if (plan.blockers.length > 0) return expect([added, plan.blockers.map(({ id }) => id)]).toEqual(["keep", [expect.stringMatching(/^Maximum(Checklist|References)/)]]);
      const { report, rows } = await rig.run(content, request(added), plan);
      expect(report).toMatchObject(EXACT);
      removals += report.removed.length;

      const made = new Set([...rows.intents.values()].map(({ remoteId }) => remoteId));
      const after = rig.capture(planId);
      const moved = new Set(Object.entries(plan.left).flatMap(([id, fields]) => (fields.includes("recurrence") ? [id] : [])));
      const extrasOf = (record: SnapshotContent["tasks"][number]) => content.tasks.find(({ id }) => id === record.id)?.details;
      const mine: SnapshotContent = {
        ...after,
        buckets: after.buckets.filter(({ id }) => known.has(id) || made.has(id)),
        tasks: after.tasks.filter(({ id }) => known.has(id) || made.has(id)).map((record) => {
          const source = extrasOf(record);
          if (added === "remove" || !source || !record.details) return record;
          const only = <T>(entries: Record<string, T> | undefined, of: Record<string, unknown> | undefined) => Object.fromEntries(Object.entries(entries ?? {}).filter(([key]) => key in (of ?? {})));
          return { ...record, details: { ...record.details, checklist: only(record.details.checklist, source.checklist), references: only(record.details.references, source.references) } };
        }),
      };
      expect(canonicalPlan(withoutRecurrence(mine, moved))).toEqual(canonicalPlan(withoutRecurrence(content, moved)));
      const strangers = (side: SnapshotContent) => side.tasks.filter(({ id }) => !known.has(id) && !made.has(id)).map(({ id }) => id).sort();
      expect(strangers(after)).toEqual(added === "keep" ? strangers(before) : []);
    }), { numRuns: 150 * LONG });
    if (added === "remove") expect(removals).toBeGreaterThan(50);
    else expect(removals).toBe(0);
  });
});
