import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SnapshotContent } from "@/lib/planner/types";
import { planHash } from "../ids";
import type { LiveTarget } from "../live";
import { arbitraryContent } from "../testing/arbitrary";
import type { Operation, RestoreRequest } from "../types";
import { buildRestorePlan } from "./build";
import { quotedComment } from "./comments";
import type { RestorePlanInput } from "./context";
import { isRef } from "./draft";

const GROUP = "00000000-0000-4000-8000-0000000000aa";
const PEOPLE = [1, 2, 3].map((number) => `00000000-0000-4000-8000-00000000000${number}`);
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

const example = (): SnapshotContent => fc.sample(contents.filter(({ tasks, comments }) => comments.length > 0 && tasks.some(({ task }) => Object.keys(task.assignments ?? {}).length > 0)), { numRuns: 1, seed: 7 })[0]!;
const blockerIds = (more: Partial<RestorePlanInput>) => build(example(), more).blockers.map(({ id }) => id);

describe("a restore plan", () => {
  it("is in an order in which everything that an operation needs comes before it", () => {
    fc.assert(fc.property(contents, (snapshot) => {
      const { operations } = build(snapshot);
      operations.forEach((operation: Operation, index) => {
        const before = [...operation.after, ...(operation.afterSettled ?? [])];
        expect(operation.seq).toBe(index);
        expect(before.every((seq) => seq < index)).toBe(true);
        for (const needed of refsIn([operation.body, operation.on])) expect(before).toContain(needed);
      });
    }));
  });

  it("for a new plan touches nothing that exists, creates each bucket and task once, and gives each its own gap in the order", () => {
    fc.assert(fc.property(contents, (snapshot) => {
      const { operations, planId } = build(snapshot);
      expect(planId).toBeNull();
      expect(operations.filter(({ liveId, ifMatch }) => liveId !== undefined || ifMatch !== undefined)).toEqual([]);
      const sources = (kind: string) => operations.filter((operation) => operation.kind === kind).map(({ source }) => source).sort();
      expect(sources("create_bucket")).toEqual(snapshot.buckets.map(({ id }) => id).sort());
      expect(sources("create_task")).toEqual(snapshot.tasks.map(({ id }) => id).sort());
      expect(new Set(operations.filter(({ kind }) => kind === "create_task").map(({ body }) => body.orderHint)).size).toBe(snapshot.tasks.length);
    }));
  });

  it("is a pure function: the same input gives the same hash, another restore another one", () => {
    fc.assert(fc.property(contents, (snapshot) => {
      expect(planHash(build(snapshot))).toBe(planHash(build(structuredClone(snapshot))));
      expect(planHash(build(snapshot, { restoreId: "r2" }))).not.toBe(planHash(build(snapshot)));
    }), { numRuns: 30 });
  });

  it("names as blockers what the account lacks, with a way on", () => {
    expect(blockerIds({})).toEqual([]);
    expect(blockerIds({ live: null })).toEqual(["target_group"]);
    expect(blockerIds({ live: live({ accountIsMember: false }) })).toContain("member_of_target_group");
    expect(blockerIds({ live: live({ visibility: "Private", memberIds: [], accountIsOwner: false }) })).toEqual(["owner_of_private_group"]);
    expect(blockerIds({ live: live({ visibility: "Private", memberIds: [], accountIsOwner: false }), request: { ...request, addMembers: false } })).toEqual([]);
    expect(blockerIds({ account: { id: "a", hasExchangeLicence: false, scopes: ["Group.ReadWrite.All"] } })).toEqual(["exchange_licence"]);
    expect(blockerIds({ account: { id: "a", hasExchangeLicence: false, scopes: ["Group.ReadWrite.All"] }, request: { ...request, comments: "none" } })).toEqual([]);
    expect(blockerIds({ account: { id: "a", hasExchangeLicence: true, scopes: [] } })).toEqual(["scope.Group.ReadWrite.All"]);
    expect(blockerIds({ request: { ...request, tasks: [] } })).toEqual(["nothing_chosen"]);
    expect(blockerIds({ request: { ...request, tasks: ["not there"] } })).toEqual(["unknown_task"]);
    expect(blockerIds({ live: { ...live(), planIds: Array.from({ length: 200 }, (_, index) => `p${index}`) } })).toEqual(["MaximumPlannerPlans"]);
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
    expect(build(example(), { people: [] , live: outsiders }).droppedAssignments.every(({ reason }) => reason.includes("no longer"))).toBe(true);
  });

  it("quotes a comment as text, whatever it holds", () => {
    const [comment] = example().comments;
    const html = quotedComment({ ...comment!, authorName: "<b>Eve</b>", text: "<img src=x onerror=alert(1)>\nsecond line" }, "pb-1");
    expect(html).not.toContain("<img");
    expect(html).not.toContain("<b>Eve");
    expect(html).toContain("<br>second line");
    expect(html).toContain("pb-1");
  });
});
