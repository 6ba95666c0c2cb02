/** What a restore plan is made of, in every mode, made up by fast-check. Pure: no Planner behind it. */
import fc from "fast-check";
import type { SnapshotContent, TaskRecord } from "@/lib/planner/types";
import type { LivePlan, LiveTarget } from "../live";
import type { RestorePlanInput } from "../plan/context";
import { TASK_FIELD_KEYS } from "../plan/fields";
import type { RestoreRequest } from "../types";
import { arbitraryContent } from "./arbitrary";

export const GROUP = "00000000-0000-4000-8000-0000000000aa";
export const PEOPLE = [1, 2, 3].map((number) => `00000000-0000-4000-8000-00000000000${number}`);

/** A plan as it is read, with an etag for everything. */
export function livePlan(content: SnapshotContent): LivePlan {
  const etags = (prefix: string, items: { id: string }[]) => Object.fromEntries(items.map(({ id }) => [id, `${prefix} ${id}`]));
  return { content, etags: { plan: "p", planDetails: "d", buckets: etags("b", content.buckets), tasks: etags("t", content.tasks), details: etags("td", content.tasks) } };
}

/** `b` as the later state of `a`: some buckets and tasks are the same ones, some are gone, some are new. */
function later(a: SnapshotContent, b: SnapshotContent, kept: number): SnapshotContent {
  const pairs = (own: { id: string }[], earlier: { id: string }[]) => own.slice(0, kept).map(({ id }, at): [string, string] => [id, earlier[at]?.id ?? id]);
  const same = new Map([...pairs(b.buckets, a.buckets), ...pairs(b.tasks, a.tasks)]);
  const id = (own: string) => same.get(own) ?? own;
  return {
    ...b, plan: { ...b.plan, id: a.plan.id }, buckets: b.buckets.map((bucket) => ({ ...bucket, id: id(bucket.id) })),
    tasks: b.tasks.map((record): TaskRecord => ({ ...record, id: id(record.id), task: { ...record.task, id: id(record.id), bucketId: record.task.bucketId ? id(record.task.bucketId) : null } })),
  };
}

/** As v1.0 shows it. */
function plain(content: SnapshotContent): SnapshotContent {
  const without = <T extends object>(object: T, ...keys: string[]): T => Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key))) as T;
  return {
    ...content, plan: without(content.plan, "isArchived"),
    tasks: content.tasks.map((record) => ({ ...record, task: without(record.task, "recurrence"), details: record.details && without(record.details, "notes", "completionRequirements") })),
  };
}

const targets = fc.constantFrom<RestoreRequest["target"]["kind"]>("new_plan", "in_place", "existing_plan", "new_group");

export const inputs: fc.Arbitrary<RestorePlanInput> = fc.record({
  snapshot: arbitraryContent({ groupId: GROUP, people: PEOPLE, maxTasks: 6, comments: true, extras: true }),
  other: arbitraryContent({ groupId: GROUP, people: PEOPLE, maxTasks: 6, extras: true }),
  kept: fc.nat(6), kind: targets, whole: fc.boolean(), removing: fc.boolean(), members: fc.subarray(PEOPLE), addMembers: fc.boolean(), extras: fc.boolean(),
  unmatched: fc.constantFrom("drop" as const, "text" as const), comments: fc.constantFrom("quoted" as const, "summary" as const, "notes" as const, "none" as const),
  fields: fc.subarray([...TASK_FIELD_KEYS], { minLength: 1 }), single: fc.boolean(),
}).filter(({ snapshot, whole }) => whole || snapshot.tasks.length > 0).map((made): RestorePlanInput => {
  const { snapshot, kind, extras, whole } = made;
  const chosen = snapshot.tasks.filter((_, at) => at % 2 === 0).map(({ id }) => id);
  const target: RestoreRequest["target"] = kind === "new_plan" ? { kind, groupId: GROUP, title: "Again" } : kind === "existing_plan" ? { kind, groupId: GROUP, planId: "other" }
    : kind === "new_group" ? { kind, name: "Marketing", mailNickname: "marketing", visibility: "Private", title: "Again" } : { kind, added: made.removing && whole ? "remove" : "keep" };
  const content = kind === "in_place" ? later(snapshot, made.other, made.kept) : { ...made.other, plan: { ...made.other.plan, id: "other" } };
  const live: LiveTarget = {
    group: { id: kind === "new_group" ? "" : GROUP, displayName: "Marketing", visibility: "Public", memberIds: kind === "new_group" ? [] : made.members, accountIsMember: true, accountIsOwner: true },
    planIds: ["p1"], plan: kind === "in_place" || kind === "existing_plan" ? livePlan(extras ? content : plain(content)) : null, missingFiles: [],
  };
  return {
    snapshot, live, extras, restoreId: "r1", people: PEOPLE.map((id) => ({ id, displayName: `Person ${id.at(-1)}` })),
    account: { id: "account", hasExchangeLicence: true, scopes: ["Group.ReadWrite.All", "Sites.ReadWrite.All", "Tasks.ReadWrite"] },
    request: {
      tasks: whole ? "all" : chosen, target, addMembers: made.addMembers, unmatched: made.unmatched, comments: made.comments,
      ...(kind === "in_place" && made.single && !whole ? { fields: Object.fromEntries(chosen.slice(0, 1).map((id) => [id, made.fields])) } : {}),
    },
  };
});
