/**
 * Every way to restore, over made-up plans: what is there afterwards is what was in the snapshot, but for the closed list of
 * fields that nobody can restore (LOSSY_FIELDS).
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appliedLabels, assigneesOf, canonicalPlan, type FieldKey, labelName, tasksInListOrder } from "@/lib/planner";
import type { Person, SnapshotContent } from "@/lib/planner/types";
import type { RestoreRequest } from ".";
import { arbitraryContent } from "./testing/arbitrary";
import { deeds, work } from "./testing/damage";
import { TASK_FIELD_KEYS } from "./plan/fields";
import { ACCOUNT, fakeRig } from "./testing/fake-rig";

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
      if (plan.blockers.length > 0) {
        expect([added, plan.blockers.filter(({ id }) => !/^Maximum(Checklist|References)/.test(id))]).toEqual(["keep", []]);
        return;
      }
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

describe("a bucket that was added and is to be removed", () => {
  it("stays with the task that somebody put into it after the preview", async () => {
    const [content] = fc.sample(contents(3).filter(({ tasks }) => tasks.length > 1), { numRuns: 1, seed: 5 }) as [SnapshotContent];
    const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE });
    const planId = content.plan.id;
    rig.fake.load({ ...content, plan: { ...content.plan, isArchived: false } });
    const bucket = await rig.fake.api.createBucket({ planId, name: "New", orderHint: " !" });
    const bucketId = bucket.kind === "done" ? bucket.value.id : "";
    const create = (title: string) => rig.fake.api.createTask({ planId, bucketId, title, orderHint: " !" });
    await create("Seen in the preview");
    const request: RestoreRequest = { tasks: "all", target: { kind: "in_place", added: "remove" }, addMembers: true, comments: "none" };
    const plan = await rig.preview(content, request);
    await create("Put there after it");
    const { report } = await rig.run(content, request, plan);
    expect(report).toMatchObject({ verdict: "incomplete", removed: [{ kind: "task" }], failed: [{ label: "Delete bucket “New”" }] });
    expect(rig.capture(planId).tasks.map(({ task }) => task.title)).toContain("Put there after it");
  });
});

describe("taking a restore back", () => {
  it("returns the plan to what it was before, and touches nothing that somebody else did since", { timeout: 120_000 * LONG }, async () => {
    let undone = 0;
    await fc.assert(fc.asyncProperty(contents(4), deeds, fc.constantFrom("keep", "remove") as fc.Arbitrary<"keep" | "remove">, async (content, done, added) => {
      const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE });
      const planId = content.plan.id;
      rig.fake.load({ ...content, plan: { ...content.plan, isArchived: false } });
      await work(rig.fake, planId, done, PEOPLE);
      const before = rig.capture(planId);
      const request: RestoreRequest = { tasks: "all", target: { kind: "in_place", added }, addMembers: true, comments: "none" };
      const plan = await rig.preview(content, request);
      if (plan.blockers.length > 0) return;
      const { undo } = await rig.run(content, request, plan);
      const late = await rig.fake.api.createTask({ planId, title: "Made after the restore", orderHint: " !" });
      const back: RestoreRequest = { ...request, target: { kind: "in_place", added: "remove" }, undoOf: "r1" };
      const planBack = await rig.preview(before, back, { restoreId: "r2", undo });
      expect(planBack.blockers).toEqual([]);
      const { report } = await rig.run(before, back, planBack);
      expect(report).toMatchObject(EXACT);
      undone += planBack.operations.length;
      const lateId = late.kind === "done" ? late.value.id : null; // refused where the restore put the plan into the archive
      const after = rig.capture(planId);
      if (lateId !== null) expect(after.tasks.map(({ id }) => id)).toContain(lateId);
      // A series that was ended or went on does not come back from there.
      const forms = [after, before].map((side) => canonicalPlan({ ...side, tasks: side.tasks.filter(({ id }) => id !== lateId).map((record) => ({ ...record, task: { ...record.task, recurrence: null } })) }));
      expect(forms[0]).toEqual(forms[1]);
    }), { numRuns: 120 * LONG });
    expect(undone).toBeGreaterThan(300);
  });

  it("also one that was cancelled on its way; and the taking back is taken back as well", { timeout: 120_000 * LONG }, async () => {
    const met = { cancelled: 0, whole: 0 };
    await fc.assert(fc.asyncProperty(contents(4), deeds, fc.nat(12), async (content, done, stopAfter) => {
      const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE });
      const planId = content.plan.id;
      rig.fake.load({ ...content, plan: { ...content.plan, isArchived: false } });
      await work(rig.fake, planId, done, PEOPLE);
      const form = (side: SnapshotContent) => canonicalPlan({ ...side, tasks: side.tasks.map((record) => ({ ...record, task: { ...record.task, recurrence: null } })) });
      const states = [rig.capture(planId)];
      const request: RestoreRequest = { tasks: "all", target: { kind: "in_place", added: "remove" }, addMembers: true, comments: "none" };
      const plan = await rig.preview(content, request);
      if (plan.blockers.length > 0 || plan.operations.length === 0) return;
      let { undo, report } = await rig.run(content, request, plan, undefined, stopAfter);
      met[report.verdict === "cancelled" ? "cancelled" : "whole"] += 1;
      for (const [nth, restoreId] of ["r2", "r3"].entries()) {
        states.push(rig.capture(planId));
        const wanted = states[nth]!;
        const back: RestoreRequest = { ...request, undoOf: `r${nth + 1}` };
        const planBack = await rig.preview(wanted, back, { restoreId, undo });
        expect(planBack.blockers).toEqual([]);
        ({ undo, report } = await rig.run(wanted, back, planBack));
        expect(report, restoreId).toMatchObject(EXACT);
        expect(form(rig.capture(planId)), restoreId).toEqual(form(wanted));
      }
    }), { numRuns: 60 * LONG });
    expect(Math.min(...Object.values(met))).toBeGreaterThan(5);
  });
});

describe("single fields", () => {
  it("are set back, and no other field of the task or the plan", { timeout: 120_000 * LONG }, async () => {
    const fieldsOf = fc.subarray([...TASK_FIELD_KEYS].filter((field) => !/order/i.test(field)), { minLength: 1 });
    await fc.assert(fc.asyncProperty(contents(3).filter(({ tasks }) => tasks.length > 0), deeds, fieldsOf, fc.nat(), async (content, done, fields, at) => {
      const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE });
      const planId = content.plan.id;
      rig.fake.load({ ...content, plan: { ...content.plan, isArchived: false } });
      await work(rig.fake, planId, done, PEOPLE);
      const before = rig.capture(planId);
      const { id } = content.tasks[at % content.tasks.length]!;
      const now = before.tasks.find((record) => record.id === id);
      const request: RestoreRequest = { tasks: [id], fields: { [id]: fields }, target: { kind: "in_place" }, addMembers: true, comments: "none" };
      const plan = await rig.preview(content, request);
      if (!now || plan.blockers.length > 0) return;
      const { report } = await rig.run(content, request, plan);
      expect(report).toMatchObject(EXACT);
      expect(new Set(plan.operations.flatMap(({ kind, liveId }) => (liveId === id ? [] : [kind])))).toSatisfy((kinds: Set<string>) => [...kinds].every((kind) => kind === "create_bucket" || kind === "update_board_format"));
      const touched = new Set(fields as FieldKey[]);
      const after = rig.capture(planId).tasks.find((record) => record.id === id)!;
      const source = content.tasks.find((record) => record.id === id)!;
      const of = (record: typeof after) => ({ title: record.task.title, priority: record.task.priority, due: record.task.dueDateTime ?? null, labels: appliedLabels(record.task.appliedCategories), assignees: assigneesOf(record.task), previewType: record.details?.previewType });
      for (const [field, value] of Object.entries(of(after))) expect([field, value]).toEqual([field, of(touched.has(field as FieldKey) ? source : now)[field as keyof ReturnType<typeof of>]]);
    }), { numRuns: 80 * LONG });
  });
});

describe("into another plan that exists", () => {
  it("everything comes behind what is there; buckets of the same name are used, and nothing else is touched", { timeout: 120_000 * LONG }, async () => {
    const other = { id: "other-plan".padEnd(28, "x"), suffix: "2" };
    await fc.assert(fc.asyncProperty(contents(4), contents(3), async (content, standing) => {
      const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE });
      const rename = (id: string) => `${id.slice(0, 27)}${other.suffix}`;
      rig.fake.load({
        ...standing, plan: { ...standing.plan, id: other.id, isArchived: false }, planDetails: { ...standing.planDetails, id: other.id }, buckets: standing.buckets.map((bucket) => ({ ...bucket, id: rename(bucket.id) })),
        tasks: standing.tasks.map((record) => ({ ...record, id: rename(record.id), task: { ...record.task, id: rename(record.id), bucketId: record.task.bucketId ? rename(record.task.bucketId) : null }, details: { ...record.details, id: rename(record.id) } })),
      });
      const before = rig.capture(other.id);
      const etagsOf = () => [rig.fake.tasks, rig.fake.buckets, rig.fake.details, rig.fake.formats].map((map) => new Map([...map].map(([id, object]) => [id, object["@odata.etag"]])));
      const etags = etagsOf();
      const request: RestoreRequest = { tasks: "all", target: { kind: "existing_plan", groupId: GROUP, planId: other.id }, addMembers: true, comments: "none" };
      const plan = await rig.preview(content, request);
      expect(plan.blockers).toEqual([]);
      const { report } = await rig.run(content, request, plan);
      expect(report).toMatchObject(EXACT);
      const after = rig.capture(other.id);
      etagsOf().forEach((now, kind) => expect([...etags[kind]!].filter(([id, etag]) => now.get(id) !== etag)).toEqual([]));
      const mine = new Set(before.tasks.map(({ id }) => id));
      expect(tasksInListOrder(after.tasks).slice(0, before.tasks.length).map(({ id }) => id)).toEqual(tasksInListOrder(before.tasks).map(({ id }) => id));
      // Labels by name and buckets by name, for their numbers are the target's.
      const told = (side: SnapshotContent, only: (id: string) => boolean) => canonicalPlan({ ...side, tasks: side.tasks.filter(({ id }) => only(id)) }).tasks.map(({ labels, bucket, ...rest }, index) => {
        const record = tasksInListOrder(side.tasks.filter(({ id }) => only(id)))[index]!;
        return { ...rest, labels: [...new Set(labels.map((label) => labelName(label, side.planDetails?.categoryDescriptions)))].sort(), bucket: bucket === null ? null : side.buckets.find(({ id }) => id === record.task.bucketId)?.name };
      });
      const lost = new Set(plan.inexact.flatMap(({ field }) => /^Label “(.*)”$/.exec(field)?.[1] ?? []));
      const wanted = told(content, () => true).map((task) => ({ ...task, labels: task.labels.filter((label) => !lost.has(label)) }));
      expect(told(after, (id) => !mine.has(id))).toEqual(wanted);
      expect(after.buckets.length - before.buckets.length).toBe(plan.counts.create_bucket ?? 0);
    }), { numRuns: 100 * LONG });
  });
});

describe("into a new group of another Microsoft tenant", () => {
  it("people are found by user name, address or name; the others are named in the notes", { timeout: 120_000 * LONG }, async () => {
    const kinds = fc.array(fc.constantFrom("userPrincipalName", "mail", "name", "nobody"), { minLength: PEOPLE.length, maxLength: PEOPLE.length });
    await fc.assert(fc.asyncProperty(contents(4), kinds, async (content, found) => {
      const people = PEOPLE.map((id, at): Person => ({ id, displayName: `Person ${at}`, userPrincipalName: `p${at}@contoso.com`, mail: `p${at}@contoso.com` }));
      const there = (at: number) => PEOPLE[at]!.replace("00000000-", "11111111-");
      const directory = people.flatMap((person, at): Person[] => {
        const stranger = { id: there(at), displayName: `Other ${at}`, userPrincipalName: `x${at}@fabrikam.com`, mail: null };
        const like = { userPrincipalName: { userPrincipalName: `P${at}@contoso.com` }, mail: { mail: person.mail }, name: { displayName: `person ${at}` }, nobody: {} }[found[at]!];
        return [{ ...stranger, ...like }];
      });
      const snapshot: SnapshotContent = { ...content, people, group: { id: GROUP, displayName: "Marketing", description: "All of it", visibility: "Private", ownerIds: [PEOPLE[0]!], memberIds: PEOPLE.slice(0, 3) } };
      const rig = fakeRig({ groupId: "elsewhere", memberIds: [], directory }, { people: directory });
      const request: RestoreRequest = { tasks: "all", target: { kind: "new_group", name: "Marketing", mailNickname: "marketing", visibility: "Private", title: "Again" }, unmatched: "text", addMembers: true, comments: "none" };
      const plan = await rig.preview(snapshot, request);
      expect(plan.blockers).toEqual([]);
      const { report } = await rig.run(snapshot, request, plan);
      expect(report).toMatchObject(EXACT);
      const targetOf = (id: string) => (found[PEOPLE.indexOf(id)] === "nobody" ? [] : [there(PEOPLE.indexOf(id))]);
      const group = rig.fake.groupOf("group-planback-r1");
      expect(group.facts).toMatchObject({ displayName: "Marketing", description: "All of it", visibility: "Private", mailNickname: "marketing" });
      expect([...group.owners].sort()).toEqual([ACCOUNT, ...targetOf(PEOPLE[0]!)].sort());
      expect([...group.members].sort()).toEqual([...new Set([ACCOUNT, ...PEOPLE.slice(0, 3).flatMap(targetOf), ...content.tasks.flatMap(({ task }) => assigneesOf(task)).flatMap(targetOf)])].sort());
      const after = canonicalPlan(rig.capture(report.planId ?? ""), { ignoreTitle: true });
      canonicalPlan(snapshot).tasks.forEach((task, at) => {
        const lost = task.assignees.filter((id) => targetOf(id).length === 0);
        expect(after.tasks[at]?.assignees).toEqual(task.assignees.flatMap(targetOf));
        expect(after.tasks[at]?.title).toBe(task.title);
        expect(after.tasks[at]?.description.includes("Assigned to (not restored): Person")).toBe(lost.length > 0);
        for (const id of lost) expect(after.tasks[at]?.description).toContain(`p${PEOPLE.indexOf(id)}@contoso.com`);
      });
    }), { numRuns: 80 * LONG });
  });
});
