import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atOnce } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import { hashSteps } from "../ids";
import type { LiveTarget } from "../live";
import { arbitraryContent } from "../testing/arbitrary";
import { GROUP, inputs, PEOPLE } from "../testing/inputs";
import type { Operation, RestorePlan, RestoreRequest } from "../types";
import { buildRestorePlan } from "./build";
import type { RestorePlanInput } from "./context";
import { isOf, isRef } from "./draft";

const planHash = (plan: RestorePlan) => atOnce(hashSteps(plan));
const contents = arbitraryContent({ groupId: GROUP, people: PEOPLE, maxTasks: 6, comments: true });
const request: RestoreRequest = { tasks: "all", target: { kind: "new_plan", groupId: GROUP, title: "Again" }, addMembers: true, comments: "quoted" };

const live = (more: Partial<LiveTarget["group"]> = {}): LiveTarget => ({
  group: { id: GROUP, displayName: "Marketing", visibility: "Public", memberIds: PEOPLE, accountIsMember: true, accountIsOwner: true, ...more }, planIds: ["p1"], plan: null, missingFiles: [],
});
const build = (snapshot: SnapshotContent, more: Partial<RestorePlanInput> = {}) => buildRestorePlan({
  snapshot, request, live: live(), restoreId: "r1", people: PEOPLE.map((id) => ({ id, displayName: `Person ${id.at(-1)}` })),
  account: { id: "a", hasExchangeLicence: true, scopes: ["Group.ReadWrite.All", "Sites.ReadWrite.All"] }, ...more,
});

function refsIn(value: unknown): number[] {
  if (isRef(value)) return [value.$ref];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(refsIn) : [];
}

/** Every value of a body that stands where an order value belongs. */
function placesIn(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.entries(value).flatMap(([key, inner]) => (ORDER_KEYS.test(key) ? [inner] : placesIn(inner))) : [];
}

const ORDER_KEYS = /orderhint|previewpriority|assigneepriority/i;

/** Every order value of a plan, wherever it stands. */
function hintsOf(content: SnapshotContent): Set<string> {
  const found: unknown[] = [];
  const walk = (value: unknown, key = ""): void => {
    if (ORDER_KEYS.test(key)) found.push(...(typeof value === "object" && value !== null ? Object.values(value) : [value]));
    else if (typeof value === "object" && value !== null) for (const [name, inner] of Object.entries(value)) walk(inner, name);
  };
  walk(content);
  return new Set(found.filter((hint): hint is string => typeof hint === "string" && hint !== ""));
}

const example = (): SnapshotContent => fc.sample(contents.filter(({ tasks, comments }) => comments.length > 0 && tasks.some(({ task }) => Object.keys(task.assignments ?? {}).length > 0)), { numRuns: 1, seed: 7 })[0]!;
const blockerIds = (more: Partial<RestorePlanInput>) => build(example(), more).blockers.map(({ id }) => id);
const times = (plan: RestorePlan, kind: Operation["kind"]) => plan.operations.filter((operation) => operation.kind === kind);

describe("a restore plan of any kind", () => {
  it("is in an order in which everything that an operation needs comes before it", () => {
    fc.assert(fc.property(inputs, (input) => {
      const { operations } = buildRestorePlan(input);
      const waits: Set<number>[] = [];
      operations.forEach((operation: Operation, index) => {
        const before = [...operation.after, ...(operation.afterSettled ?? [])];
        expect(operation.seq).toBe(index);
        expect(before.every((seq) => seq < index)).toBe(true);
        waits.push(new Set(before.flatMap((seq) => [seq, ...waits[seq]!])));
        for (const needed of refsIn([operation.body, operation.on])) expect(waits[index]).toContain(needed);
      });
    }), { numRuns: 200 });
  });

  it("never sends back an order value that Microsoft gave out: each stands inside an expression", () => {
    let hints = 0;
    fc.assert(fc.property(inputs, (input) => {
      const given = new Set([...hintsOf(input.snapshot), ...(input.live?.plan ? hintsOf(input.live.plan.content) : [])]);
      for (const { body } of buildRestorePlan(input).operations) {
        for (const place of placesIn(body)) {
          expect(place).toMatch(/^[^ !]* [^ !]*!$/);
          expect(given).not.toContain(place);
          hints += 1;
        }
      }
    }), { numRuns: 200 });
    expect(hints).toBeGreaterThan(1000);
  });

  it("changes what exists only in place, under the etag of the preview or as it was in it; removes only when it was asked for", () => {
    fc.assert(fc.property(inputs, (input) => {
      const { target } = input.request;
      const { operations } = buildRestorePlan(input);
      const existing = operations.filter(({ liveId }) => liveId !== undefined);
      if (target.kind === "new_plan" || target.kind === "new_group") expect(existing).toEqual([]);
      if (target.kind === "existing_plan") expect(new Set(existing.map(({ kind }) => kind))).toSatisfy((kinds: Set<string>) => [...kinds].every((kind) => ["update_plan_details", "unarchive_plan", "archive_plan"].includes(kind)));
      if (!(target.kind === "in_place" && target.added === "remove")) expect(operations.filter(({ kind }) => kind.startsWith("delete_"))).toEqual([]);
      // With what it was only after another operation on the same object, and in a plan that comes out of the archive.
      for (const { kind, ifMatch, was, seq, liveId } of existing) {
        if (kind === "archive_plan") continue;
        expect([ifMatch, was].filter((one) => one !== undefined)).toHaveLength(1);
        if (was === undefined || input.live?.plan?.content.plan.isArchived === true) continue;
        expect(operations.some((earlier) => earlier.liveId === liveId && earlier.seq < seq)).toBe(true);
      }
    }), { numRuns: 200 });
  });

  it("shows every change field by field", () => {
    fc.assert(fc.property(inputs, (input) => {
      const silent = buildRestorePlan(input).operations.filter(({ changes, body }) => changes.length === 0 && !("conversationThreadId" in body));
      expect(silent.map(({ kind }) => kind)).toEqual([]);
    }), { numRuns: 200 });
  });

  it("writes recurrence and rich notes only by the beta interface, and notes never twice", () => {
    fc.assert(fc.property(inputs, (input) => {
      const { operations, extras } = buildRestorePlan(input);
      for (const { kind, body, version } of operations) {
        const fields = kind === "update_task_details" ? (body.fields as Record<string, unknown>) : body;
        const beta = ["recurrence", "notes", "completionRequirements"].some((name) => name in fields) || kind === "archive_plan" || kind === "unarchive_plan";
        expect(version).toBe(beta ? "beta" : undefined);
        expect("notes" in fields && "description" in fields).toBe(false);
        if (!extras) expect(version).toBeUndefined();
      }
    }), { numRuns: 200 });
  });

  it("is a pure function: the same input gives the same hash, another restore another one", () => {
    fc.assert(fc.property(inputs, (input) => {
      const plan = buildRestorePlan(input);
      expect(planHash(buildRestorePlan(structuredClone(input)))).toBe(planHash(plan));
      expect(planHash(plan)).toBe(createHash("sha256").update(canonicalize({ ...plan, candidates: undefined })!).digest("hex"));
      expect(planHash(buildRestorePlan({ ...input, restoreId: "r2" }))).not.toBe(planHash(plan));
    }), { numRuns: 50 });
  });
});

describe("a restore plan", () => {
  it("for a new plan creates each bucket and task once, and gives each its own gap in the order", () => {
    fc.assert(fc.property(contents, (snapshot) => {
      const { operations, planId } = build(snapshot);
      expect(planId).toBeNull();
      const sources = (kind: string) => operations.filter((operation) => operation.kind === kind).map(({ source }) => source).sort();
      expect(sources("create_bucket")).toEqual(snapshot.buckets.map(({ id }) => id).sort());
      expect(sources("create_task")).toEqual(snapshot.tasks.map(({ id }) => id).sort());
      expect(new Set(operations.filter(({ kind }) => kind === "create_task").map(({ body }) => body.orderHint)).size).toBe(snapshot.tasks.length);
    }));
  });

  it("names as blockers what the account lacks, with a way on", () => {
    expect(blockerIds({})).toEqual([]);
    expect(blockerIds({ live: null })).toEqual(["target_group"]);
    expect(blockerIds({ live: live({ accountIsMember: false }) })).toContain("member_of_target_group");
    expect(blockerIds({ live: live({ visibility: "Private", memberIds: [], accountIsOwner: false }) })).toEqual(["owner_of_private_group"]);
    expect(blockerIds({ live: live({ visibility: "Private", memberIds: [], accountIsOwner: false }), request: { ...request, addMembers: false } })).toEqual([]);
    expect(blockerIds({ account: { id: "a", hasExchangeLicence: false, scopes: ["Group.ReadWrite.All"] } })).toEqual(["exchange_licence"]);
    for (const comments of ["none", "notes"] as const) expect(blockerIds({ account: { id: "a", hasExchangeLicence: false, scopes: ["Group.ReadWrite.All"] }, request: { ...request, comments } })).toEqual([]);
    expect(blockerIds({ account: { id: "a", hasExchangeLicence: true, scopes: [] } })).toEqual(["scope.Group.ReadWrite.All"]);
    expect(blockerIds({ request: { ...request, tasks: [] } })).toEqual(["nothing_chosen"]);
    expect(blockerIds({ request: { ...request, tasks: ["not there"] } })).toEqual(["unknown_task"]);
    expect(blockerIds({ request: { ...request, fields: { t: ["title"] } } })).toEqual(["fields_in_place"]);
    expect(blockerIds({ request: { ...request, tasks: [example().tasks[0]!.id], target: { kind: "in_place", added: "remove" } } })).toEqual(["removal_needs_whole_plan"]);
    expect(blockerIds({ request: { ...request, target: { kind: "existing_plan", groupId: GROUP, planId: "gone" } } })).toEqual(["target_plan"]);
    expect(blockerIds({ request: { ...request, target: { kind: "in_place", added: "remove" }, undoOf: "r0" } })).toEqual(["undo"]);
    const group = { kind: "new_group", name: "M", mailNickname: "m", visibility: "Private", title: "T" } as const;
    expect(blockerIds({ request: { ...request, target: group }, live: { ...live(), nicknameTaken: true } })).toEqual(["mail_nickname"]);
    expect(blockerIds({ request: { ...request, target: { ...group, mailNickname: "with blank" } } })).toEqual(["mail_nickname"]);
    expect(blockerIds({ request: { ...request, target: { ...group, name: " " } } })).toEqual(["group_name"]);
  });

  it("names the limits of Planner that it would hit, by Planner's own codes", () => {
    const [model] = example().tasks;
    const many = (count: number, change: (index: number) => object): Partial<RestorePlanInput> => ({
      snapshot: { ...example(), comments: [], tasks: Array.from({ length: count }, (_, index) => ({ ...model!, id: `t${index}`, task: { ...model!.task, id: `t${index}`, assignments: {}, percentComplete: 100, ...change(index) } })) },
    });
    const ids = (more: Partial<RestorePlanInput>) => build(example(), more).blockers.map(({ id }) => id);
    expect(ids({ live: { ...live(), planIds: Array.from({ length: 200 }, (_, index) => `p${index}`) } })).toEqual(["MaximumPlannerPlans"]);
    expect(ids(many(2401, () => ({})))).toEqual([]);
    expect(ids(many(2401, () => ({ percentComplete: 0 })))).toEqual(["MaximumActiveTasksInProject"]);
    expect(ids(many(9001, () => ({})))).toEqual(["MaximumTasksInProject"]);
    expect(ids(many(3001, () => ({ assignments: { [PEOPLE[0]!]: {} } })))).toEqual(["MaximumTasksAssignedToUser"]);
    expect(ids({ snapshot: { ...example(), comments: [], buckets: Array.from({ length: 201 }, (_, index) => ({ id: `b${index}`, name: "B" })) } })).toEqual(["MaximumBucketsInProject"]);
  });

  const keys = (count: number, name = "k") => Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, { title: "x" }]));
  const withOne = (details: object, task: object = {}): SnapshotContent => {
    const [model] = example().tasks;
    return { ...example(), comments: [], tasks: [{ ...model!, task: { ...model!.task, assignments: {}, ...task }, details: { id: model!.id, ...details } }] };
  };

  it("tries lists of a task that were longer in the snapshot than Planner's limit, and warns of it", () => {
    const crowd = Array.from({ length: 21 }, (_, index) => `person${index}`);
    const everyone: Partial<RestorePlanInput> = { people: crowd.map((id) => ({ id })), live: live({ memberIds: crowd }) };
    for (const [snapshot, words, more] of [
      [withOne({ checklist: keys(25) }), "One task has more checklist items in the snapshot than Planner's limit of 20 (up to 25). Planner may refuse it", {}],
      [withOne({ references: keys(11) }), "more attachments in the snapshot than Planner's limit of 10 (up to 11)", {}],
      [withOne({}, { assignments: Object.fromEntries(crowd.map((id) => [id, {}])) }), "more people assigned in the snapshot than Planner's limit of 20 (up to 21)", everyone],
    ] as const) {
      const plan = build(snapshot, more);
      expect([plan.blockers, plan.warnings.filter((warning) => warning.includes("Planner may refuse"))]).toEqual([[], [expect.stringContaining(words)]]);
    }
    expect(build(withOne({ checklist: keys(20), references: keys(10) })).warnings.join()).not.toContain("Planner may refuse");
  });

  it("in place warns only of a list that is written; what was added since and leaves no room blocks as before", () => {
    const inPlace = (snapshot: SnapshotContent, now: SnapshotContent) => build(snapshot, {
      request: { ...request, target: { kind: "in_place" } },
      live: { ...live(), plan: { content: now, etags: { plan: "", planDetails: "", buckets: {}, tasks: {}, details: {} } } },
    });
    const may = ({ warnings, blockers }: RestorePlan) => [warnings.some((warning) => warning.includes("Planner may refuse")), blockers.map(({ id }) => id)];
    const long = withOne({ checklist: keys(25) });
    expect(may(inPlace(long, long))).toEqual([false, []]);
    expect(may(inPlace(long, withOne({ checklist: keys(24) })))).toEqual([true, []]);
    expect(may(inPlace(long, withOne({ checklist: keys(25, "n") })))).toEqual([true, []]);
    expect(may(inPlace(withOne({ checklist: keys(20) }), withOne({ checklist: keys(1, "n") })))).toEqual([false, ["MaximumChecklistItemsOnTask"]]);
    expect(may(inPlace(withOne({ references: keys(10) }), withOne({ references: keys(1, "n") })))).toEqual([false, ["MaximumReferencesOnTask"]]);
  });

  it("lists who joins, or whose assignments are left out and why", () => {
    const outsiders = live({ memberIds: [] });
    const joining = build(example(), { live: outsiders });
    expect(joining.newMembers.length).toBeGreaterThan(0);
    expect(joining.counts.add_member).toBe(joining.newMembers.length);
    const without = build(example(), { live: outsiders, request: { ...request, addMembers: false } });
    expect(without.newMembers).toEqual([]);
    expect(without.droppedAssignments.map(({ name }) => name).sort()).toEqual(joining.newMembers.map(({ name }) => name).sort());
    expect(without.operations.filter(({ body }) => "assignments" in body)).toEqual([]);
    expect(build(example(), { people: [], live: outsiders }).droppedAssignments.every(({ reason }) => reason.includes("not in the target's directory"))).toBe(true);
  });

  it("takes a bucket with its tasks, and a bucket without tasks too", () => {
    const snapshot = fc.sample(contents.filter(({ buckets, tasks }) => buckets.length > 2 && tasks.length > 3), { numRuns: 1, seed: 4 })[0]!;
    for (const { id } of snapshot.buckets) {
      const plan = build(snapshot, { request: { ...request, tasks: [], buckets: [id] } });
      expect(times(plan, "create_bucket").map(({ source }) => source)).toEqual([id]);
      expect(times(plan, "create_task").map(({ source }) => source).sort()).toEqual(snapshot.tasks.filter(({ task }) => task.bucketId === id).map((record) => record.id).sort());
    }
  });

  it("makes a group before all else, with the account as its first member, and everything goes there", () => {
    const snapshot = { ...example(), group: { id: GROUP, displayName: "Old", description: "About", visibility: "Private", ownerIds: [PEOPLE[0]!], memberIds: PEOPLE } };
    const target = { kind: "new_group", name: "Marketing", mailNickname: "marketing", visibility: "Private", title: "Again" } as const;
    const plan = build(snapshot, { request: { ...request, target }, live: { ...live({ id: "", memberIds: [] }), planIds: [] } });
    expect(plan.groupId).toBe("");
    const [group] = plan.operations.filter(isOf("create_group"));
    expect(group).toMatchObject({ seq: 0, body: { uniqueName: "planback-r1", displayName: "Marketing", description: "About", mailNickname: "marketing", visibility: "Private" } });
    const members = plan.operations.filter(isOf("add_member"));
    expect(members.map(({ body }) => body.userId).sort()).toEqual(["a", ...PEOPLE].sort());
    expect(plan.operations.filter(isOf("add_owner")).map(({ body }) => body.userId).sort()).toEqual(["a", PEOPLE[0]].sort());
    const [created] = plan.operations.filter(isOf("create_plan"));
    expect(created?.after).toEqual([0, members.find(({ body }) => body.userId === "a")!.seq]);
    for (const { body } of plan.operations) if ("groupId" in body) expect(body.groupId).toEqual({ $ref: 0, field: "id" });
  });
});
