import { describe, expect, it } from "vitest";
import type { Gap, GraphObject, SnapshotContent } from "@/lib/planner/types";
import { GROUP, livePlan } from "../testing/inputs";
import type { RestorePlan, RestoreRequest } from "../types";
import { buildRestorePlan } from "./build";
import type { RestorePlanInput } from "./context";
import { isOf } from "./draft";

const SCHEDULE = { pattern: { type: "weekly", interval: 2, daysOfWeek: ["monday"], firstDayOfWeek: "sunday", month: 0, dayOfMonth: 0, index: "first" }, patternStartDateTime: "2025-01-06T09:00:00Z", nextOccurrenceDateTime: "2026-12-07T09:00:00Z" };
const series = (more: GraphObject = {}) => ({ recurrence: { seriesId: "s", occurrenceId: 4, nextInSeriesTaskId: null, schedule: SCHEDULE, ...more } });

function snapshotOf(task: GraphObject = {}, details: GraphObject = {}, plan: GraphObject = {}): SnapshotContent {
  return {
    group: null, plan: { id: "p", title: "Garden", isArchived: false, ...plan }, planDetails: { id: "p" }, buckets: [], attachments: [], people: [], comments: [],
    tasks: [{ kind: "task", id: "t", task: { id: "t", title: "Water", orderHint: "5", recurrence: null, ...task }, details: { id: "t", description: "", checklist: { k: { title: "Can", orderHint: "5" } }, notes: null, completionRequirements: null, ...details }, formats: {} }],
  };
}

const NEW: RestoreRequest = { tasks: "all", target: { kind: "new_plan", groupId: GROUP, title: "Again" }, addMembers: true, comments: "none" };
const IN_PLACE: RestoreRequest = { ...NEW, target: { kind: "in_place" } };

function build(snapshot: SnapshotContent, extras: boolean, request = NEW, live: SnapshotContent | null = null): RestorePlan {
  const input: RestorePlanInput = {
    snapshot, extras, request, restoreId: "r1", people: [], account: { id: "a", hasExchangeLicence: true, scopes: ["Group.ReadWrite.All", "Tasks.ReadWrite"] },
    live: { group: { id: GROUP, displayName: "Marketing", visibility: "Public", memberIds: [], accountIsMember: true, accountIsOwner: true }, planIds: ["p"], plan: live && livePlan(live), missingFiles: [] },
  };
  return buildRestorePlan(input);
}
const lost = (plan: RestorePlan) => plan.inexact.map(({ field }) => field);
const kinds = (plan: RestorePlan) => plan.operations.map(({ kind }) => kind);

describe("what the snapshot does not hold, or the target has otherwise", () => {
  const input = (snapshot: SnapshotContent, more: Partial<RestorePlanInput>, files: string[] = []): RestorePlanInput => ({
    snapshot, restoreId: "r1", request: NEW, people: [], account: { id: "a", hasExchangeLicence: true, scopes: ["Group.ReadWrite.All"] },
    live: { group: { id: GROUP, displayName: "Marketing", visibility: "Public", memberIds: [], accountIsMember: true, accountIsOwner: true }, planIds: ["p"], plan: livePlan(snapshot), missingFiles: [], changedFiles: files }, ...more,
  });

  it("of a partial snapshot is counted for what is restored, and for nothing else", () => {
    const gap = (kind: Gap["kind"], taskId?: string, permanent = false): Gap => ({ kind, id: "x", ...(taskId ? { taskId } : {}), reason: "forbidden", detail: "", permanent });
    const gaps = [gap("planDetails"), gap("task", "t"), gap("file", "t"), gap("comments", "t"), gap("boardFormat", "t"), gap("task", "another"), gap("file", "t", true)];
    const counted = (request: RestoreRequest) => buildRestorePlan(input(snapshotOf(), { gaps, request })).inexact.filter(({ field }) => field.endsWith("that the snapshot does not hold")).map(({ field, items }) => `${items} ${field.split(" ")[0]}`);
    expect(counted({ ...NEW, comments: "quoted" })).toEqual(["1 Label", "1 Notes,", "1 Files", "1 Comments", "1 Places"]);
    expect(counted(IN_PLACE)).toEqual(["1 Label", "1 Notes,", "1 Files", "1 Places"]);
    expect(buildRestorePlan(input(snapshotOf(), {})).inexact.filter(({ field }) => field.includes("does not hold"))).toEqual([]);
  });

  it("a file that changed since the snapshot stays as it is in place, which is said", () => {
    const snapshot = { ...snapshotOf(), attachments: [{ id: "f", taskId: "t", referenceKey: "k", name: "a", size: 1, sha256: "", fileId: "x", contentType: null, driveItemId: "i", contentTag: "1" }] };
    const said = (request: RestoreRequest, files: string[]) => lost(buildRestorePlan(input(snapshot, { request }, files))).includes("Content of files that changed since the snapshot");
    expect([said(IN_PLACE, ["f"]), said(IN_PLACE, []), said({ ...IN_PLACE, fields: { t: ["title"] }, tasks: ["t"] }, ["f"])]).toEqual([true, false, false]);
  });
});

describe("what only Microsoft's beta interface has", () => {
  const rich = { notes: { contentType: "html", content: "<b>Can</b>" }, description: "Can" };
  const required = { completionRequirements: { checklistRequirement: { requiredChecklistItemIds: ["k"] } } };

  it("is written with it, and counted as lost without it", () => {
    const cases: [SnapshotContent, string][] = [[snapshotOf({}, rich), "Formatting of notes"], [snapshotOf(series()), "Repetition"], [snapshotOf({}, required), "Required to complete"], [snapshotOf({}, {}, { isArchived: true }), "Archived"]];
    for (const [snapshot, field] of cases) {
      expect(lost(build(snapshot, false))).toContain(field);
      expect(lost(build(snapshot, true))).not.toContain(field);
      expect(build(snapshot, false).operations.filter(({ version }) => version)).toEqual([]);
    }
    expect(lost(build(snapshotOf({}, { notes: { contentType: "html", content: "<div>Can<br>x</div>" }, description: "Can\nx" }), false))).not.toContain("Formatting of notes");
    const details = (extras: boolean) => build(snapshotOf({}, { ...rich, ...required }), extras).operations.filter(isOf("update_task_details"))[0]!.body.fields;
    expect(details(true)).toMatchObject({ notes: rich.notes, completionRequirements: { checklistRequirement: { requiredChecklistItemIds: ["k"] } } });
    expect(details(true)).not.toHaveProperty("description");
    expect(details(false)).toMatchObject({ description: "Can" });
  });

  it("recurrence comes last, whole, with a start from which the next date is the same", () => {
    const plan = build(snapshotOf(series()), true);
    expect(plan.operations.at(-1)).toMatchObject({
      kind: "set_recurrence", version: "beta", changes: [{ field: "Repeats", from: null, to: "Every 2 weeks on Monday, next on 2026-12-07" }],
      body: { recurrence: { schedule: { patternStartDateTime: "2026-11-23T09:00:00Z", pattern: { type: "weekly", interval: 2, daysOfWeek: ["monday"], firstDayOfWeek: "sunday" } } } },
    });
    expect(Object.keys((plan.operations.at(-1)!.body.recurrence as { schedule: { pattern: object } }).schedule.pattern)).not.toContain("month");
    expect(JSON.stringify(plan.operations.at(-1))).not.toContain("seriesId");
  });

  it("without it, completing a task again may make the next of a series, which is said", () => {
    const warned = (wanted: SnapshotContent, live: SnapshotContent, extras: boolean) => build(wanted, extras, IN_PLACE, live).warnings.some((one) => one.includes("completing one again"));
    const [open, completed] = [snapshotOf(), snapshotOf({ percentComplete: 100 })];
    expect([warned(completed, open, false), warned(completed, open, true), warned(open, completed, false)]).toEqual([true, false, false]);
  });

  it("a completed task comes back without its series, which is said", () => {
    const plan = build(snapshotOf({ ...series(), percentComplete: 100 }), true);
    expect(kinds(plan)).not.toContain("set_recurrence");
    expect(lost(plan)).toContain("Repetition of completed tasks");
    expect(plan.operations.find(({ kind }) => kind === "create_task")?.body.percentComplete).toBe(100);
  });

  it("a series is ended before its task is completed again, and left where it went on", () => {
    const completing = build(snapshotOf({ percentComplete: 100 }), true, IN_PLACE, snapshotOf(series()));
    expect(kinds(completing)).toEqual(["set_recurrence", "update_task"]);
    expect(completing.operations[0]).toMatchObject({ body: { recurrence: { schedule: null } }, ifMatch: "t t" });
    expect(completing.operations[1]).toMatchObject({ body: { percentComplete: 100 }, after: [0] });
    const wentOn = build(snapshotOf(series()), true, IN_PLACE, snapshotOf({ ...series({ nextInSeriesTaskId: "next" }), percentComplete: 100 }));
    expect(kinds(wentOn)).toEqual(["update_task"]);
    expect(wentOn.left).toEqual({ t: ["recurrence"] });
    expect(lost(wentOn)).toContain("Repetition");
  });

  it("required items are ticked before the task is completed", () => {
    const done = { k: { title: "Can", isChecked: true, orderHint: "5" } };
    const plan = build(snapshotOf({ percentComplete: 100 }, { checklist: done, ...required }), true, IN_PLACE, snapshotOf({}, required));
    expect(kinds(plan)).toEqual(["update_task_details", "update_task"]);
    expect(plan.operations[1]?.afterSettled).toEqual([0]);
  });

  it("a new plan goes into the archive when all else has ended", () => {
    const plan = build(snapshotOf(series(), rich, { isArchived: true, archivalInfo: { justification: "Season is over" } }), true);
    expect(plan.operations.at(-1)).toMatchObject({ kind: "archive_plan", version: "beta", body: { justification: "Season is over" }, on: { $ref: 0 } });
    const waits = new Set(plan.operations.at(-1)!.afterSettled);
    const waited = new Set(plan.operations.slice(0, -1).flatMap(({ after, afterSettled }) => [...after, ...(afterSettled ?? [])]));
    for (const { seq } of plan.operations.slice(0, -1)) expect(waits.has(seq) || waited.has(seq)).toBe(true);
    expect(kinds(build(snapshotOf({}, {}, { isArchived: true }), true, { ...NEW, tasks: ["t"] }))).not.toContain("archive_plan");
  });

  it("an archived plan is left alone when there is nothing to do, and taken out first when there is", () => {
    const [open, shut] = [snapshotOf(), snapshotOf({}, {}, { isArchived: true })];
    expect(kinds(build(shut, true, IN_PLACE, shut))).toEqual([]);
    expect(kinds(build(open, true, IN_PLACE, shut))).toEqual(["unarchive_plan"]);
    expect(kinds(build(shut, true, IN_PLACE, open))).toEqual(["archive_plan"]);
    const spoilt = snapshotOf({ title: "Spoilt" }, {}, { isArchived: true });
    const plan = build(shut, true, IN_PLACE, spoilt);
    expect(kinds(plan)).toEqual(["unarchive_plan", "update_task", "archive_plan"]);
    expect(plan.operations[1]).toMatchObject({ after: [0] });
    expect(plan.operations[1]).not.toHaveProperty("ifMatch");
  });

  it("deleting tasks without it is warned about: a repeating one would go on", () => {
    const live = snapshotOf();
    live.tasks.push({ ...live.tasks[0]!, id: "new", task: { ...live.tasks[0]!.task, id: "new", title: "New", orderHint: "6", ...series() } });
    const remove: RestoreRequest = { ...NEW, target: { kind: "in_place", added: "remove" } };
    const withBeta = build(snapshotOf(), true, remove, live);
    expect(kinds(withBeta)).toEqual(["set_recurrence", "delete_task"]);
    expect(withBeta.operations[1]).toMatchObject({ after: [0], liveId: "new" });
    expect(withBeta.operations[1]).not.toHaveProperty("ifMatch");
    const without = build(snapshotOf(), false, remove, live);
    expect(kinds(without)).toEqual(["delete_task"]);
    expect(without.operations[0]).toMatchObject({ ifMatch: "t new" });
    expect(without.warnings.join()).toContain("deleting one makes Planner create the next");
  });
});
