import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlannerTask, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { fileKey } from "@/lib/restore/ids";
import { choicesOf, choicesOfRequest, chosenText, paramsOf, requestOf, type Choices } from "./choices";
import { filterItems, itemRows, toggleItem, type ItemRow } from "./item-rows";
import { damageSelection, NOTHING, packItems, unpackItems, type Selection } from "./items";
import { assigneesOfSnapshot, restoreItems } from "./items-of-snapshot";

const task = (id: string, bucketId: string | null, fields: Partial<PlannerTask> = {}): TaskRecord =>
  ({ kind: "task", id, task: { id, title: `Task ${id}`, bucketId, orderHint: id, percentComplete: 0, priority: 5, ...fields }, details: null, formats: {} });
const content = (buckets: [id: string, name: string][], tasks: TaskRecord[]): SnapshotContent =>
  ({ group: null, plan: { id: "p", title: "Plan" }, planDetails: null, buckets: buckets.map(([id, name]) => ({ id, name, orderHint: id })), tasks, comments: [], attachments: [], people: [] });

const then = content([["b1", "Now"], ["b2", "Later"], ["b3", "Never"]], [task("t1", "b1"), task("t2", "b1"), task("t3", "b2"), task("t4", "lost bucket")]);
const now = content([["b1", "Now"], ["b2", "Later, maybe"]], [task("t2", "b1", { title: "Other", priority: 1 }), task("t3", "b2"), task("t4", "lost bucket"), task("t5", "b1")]);
const items = restoreItems(then, { takenAt: "2027-01-01T00:00:00Z", beforeRestoreId: null, content: now });
const defaults: Choices = {
  what: "all", selection: NOTHING, connectionId: "account", where: "new_plan", added: "keep", groupId: "group", planId: "", title: "Plan (restored)",
  groupName: "Group", mailNickname: "group", visibility: "Private", people: {}, unmatched: "drop", addMembers: false, comments: "none",
};
const everything = { opened: true, withFields: true };
const rowsOf = (selection: Selection) => itemRows(items.buckets, items.buckets, selection, new Set(["task t2"]), everything);
const rowOf = (selection: Selection, key: string): ItemRow => rowsOf(selection).find((row) => row.key === key)!;
const click = (selection: Selection, ...keys: string[]) => keys.reduce((before, key) => toggleItem(before, rowOf(before, key)), selection);
const ids = (set: Iterable<string>) => [...set].sort();

describe("what can be restored", () => {
  it("says what became of each bucket and task, and counts it", () => {
    expect(items.buckets.map(({ id, state, tasks }) => [id, state, tasks.map((each) => [each.id, each.state])])).toEqual([
      ["b1", "unchanged", [["t1", "deleted"], ["t2", "changed"]]], ["b2", "changed", [["t3", "unchanged"]]], ["b3", "deleted", []], ["", "unchanged", [["t4", "unchanged"]]],
    ]);
    expect(items).toMatchObject({ damaged: { deleted: 1, changed: 1, buckets: 2 }, added: { tasks: 1, buckets: 0 } });
    expect(unpackItems(packItems(items))).toEqual(items);
    expect(restoreItems(then, null)).toMatchObject({ compared: null, damaged: { deleted: 0, changed: 0, buckets: 0 } });
  });

  it("selects the damage, and nothing that is unharmed but for tasks of a damaged bucket", () => {
    const damage = damageSelection(items);
    expect([ids(damage.tasks), ids(damage.buckets)]).toEqual([["t1", "t2", "t3"], ["b2", "b3"]]);
  });

  it("does not call deleted what a restore made again", () => {
    const again = content([["b1", "Now"], ["b2", "Later"], ["b9", "Never"]], [task("t9", "b1"), task("t2", "b1"), task("t3", "b2"), task("t4", "lost bucket")]);
    const newest = { takenAt: "2027-01-02T00:00:00Z", beforeRestoreId: null, content: again };
    expect(restoreItems(then, newest, { t1: ["t7", "t9"], b3: ["b9"] })).toMatchObject({ damaged: { deleted: 0, buckets: 0 }, added: { tasks: 0, buckets: 0 } });
    expect(restoreItems(then, newest)).toMatchObject({ damaged: { deleted: 1, buckets: 1 }, added: { tasks: 1, buckets: 1 } });
  });

  it("does not call changed a task whose lost file a restore uploaded again, unless the copy holds something else", () => {
    const withFile = (id: string, key: string, sha256: string): SnapshotContent => ({
      ...content([["b1", "Now"]], [{ ...task(id, "b1", { title: "Draft" }), details: { id, references: { [key]: { alias: "Draft", type: "Word" } } } }]),
      attachments: [{ id: `${id}/${key}`, taskId: id, referenceKey: key, name: "Draft", size: 1, sha256, fileId: sha256, contentType: null, driveItemId: null }],
    });
    const [before, made] = [withFile("t1", "https%3A//old", "aa"), { [fileKey({ id: "t1/https%3A//old", sha256: "aa" })]: ["https://copy"] }];
    const changed = (now: SnapshotContent, creations: Record<string, string[]>) => restoreItems(before, { takenAt: "2027-01-02T00:00:00Z", beforeRestoreId: null, content: now }, creations).damaged;
    expect(changed(withFile("t1", "https%3A//copy", "aa"), made)).toEqual({ deleted: 0, changed: 0, buckets: 0 });
    expect(changed(withFile("t9", "https%3A//copy", "aa"), { ...made, t1: ["t9"] })).toEqual({ deleted: 0, changed: 0, buckets: 0 });
    expect(changed(withFile("t1", "https%3A//copy", "bb"), made)).toMatchObject({ changed: 1 });
    expect(changed(withFile("t1", "https%3A//copy", "aa"), {})).toMatchObject({ changed: 1 });
  });

  it("counts the tasks of each person", () => {
    const assigned = { assignments: { u1: {}, u2: {}, "@odata.type": "x" } } as unknown as Partial<PlannerTask>;
    expect(assigneesOfSnapshot({ tasks: [task("a", null, assigned), task("b", null, { assignments: { u2: {} } })], people: [{ id: "u2", displayName: "Ben" }] }))
      .toEqual([{ id: "u2", name: "Ben", userPrincipalName: null, tasks: 2 }, { id: "u1", name: "Unknown person u1", userPrincipalName: null, tasks: 1 }]);
  });
});

describe("the tree of buckets, tasks and fields", () => {
  it("takes a bucket whole, and only its tasks when one of them is left out again", () => {
    const whole = click(NOTHING, "bucket b1");
    expect([ids(whole.buckets), ids(whole.tasks), rowOf(whole, "bucket b1").tick]).toEqual([["b1"], ["t1", "t2"], "checked"]);
    const less = click(whole, "task t1");
    expect([ids(less.buckets), ids(less.tasks), rowOf(less, "bucket b1").tick]).toEqual([[], ["t2"], "mixed"]);
    expect(click(whole, "bucket b1")).toEqual(NOTHING);
  });

  it("chooses single fields of a changed task", () => {
    const one = click(NOTHING, "field t2 title Title");
    expect([ids(one.tasks), ids(one.fields.get("t2") ?? []), rowOf(one, "task t2").tick]).toEqual([["t2"], ["title"], "mixed"]);
    const both = click(one, "field t2 priority Priority");
    expect([ids(both.tasks), both.fields.size, rowOf(both, "task t2").tick]).toEqual([["t2"], 0, "checked"]);
    expect(click(one, "field t2 title Title")).toEqual(NOTHING);
  });

  it("takes only what a filter shows", () => {
    const shown = filterItems(items.buckets, { query: "", state: "deleted" });
    expect(shown.map(({ id, tasks }) => [id, tasks.length])).toEqual([["b1", 1], ["b3", 0]]);
    const [bucket] = itemRows(items.buckets, shown, NOTHING, new Set(), everything);
    const taken = toggleItem(NOTHING, bucket!);
    expect([ids(taken.tasks), taken.buckets.size]).toEqual([["t1"], 0]);
    expect(filterItems(items.buckets, { query: "task t3", state: "all" }).map(({ id }) => id)).toEqual(["b2"]);
  });
});

/** Any choices that clicks can lead to. */
const anyChoices = fc.record({
  clicks: fc.array(fc.constantFrom(...rowsOf(NOTHING).map(({ key }) => key)), { maxLength: 12 }), what: fc.constantFrom("all" as const, "chosen" as const),
  rest: fc.record({
    where: fc.constantFrom("new_plan" as const, "in_place" as const, "existing_plan" as const, "new_group" as const), added: fc.constantFrom("keep" as const, "remove" as const),
    title: fc.string(), groupName: fc.string(), people: fc.dictionary(fc.constantFrom("u1", "u2"), fc.option(fc.constantFrom("ben@example.com", "30000000-0000-4000-8000-000000000001"))),
    comments: fc.constantFrom("none" as const, "quoted" as const, "summary" as const, "notes" as const), addMembers: fc.boolean(), unmatched: fc.constantFrom("drop" as const, "text" as const),
  }),
}).map(({ clicks, what, rest }): Choices => {
  const selection = click(NOTHING, ...clicks);
  return { ...defaults, ...rest, what, selection: what === "all" ? NOTHING : selection };
});

describe("choices", () => {
  it("come back from the address as they were", () => {
    fc.assert(fc.property(anyChoices, (choices) => {
      expect(choicesOf(new URLSearchParams(paramsOf(choices, defaults, items).toString()), defaults, items)).toEqual(choices);
    }));
  });

  it("come back from the request that they made, as far as it needs them", () => {
    fc.assert(fc.property(anyChoices, (choices) => {
      const request = requestOf(choices, items);
      expect(requestOf(choicesOfRequest(request, choices.connectionId, defaults, items), items)).toEqual(request);
    }));
  });

  it("touch nothing unless something else was chosen", () => {
    const request = requestOf(choicesOf(new URLSearchParams("where=anywhere&comments=loud&tasks=unknown"), defaults, items), items);
    expect(request).toEqual({ tasks: "all", target: { kind: "new_plan", groupId: "group", title: "Plan (restored)" }, unmatched: "drop", addMembers: false, comments: "none" });
  });

  it("never remove anything when only a part is chosen, and set single fields back only in place", () => {
    const selection = click(NOTHING, "field t2 title Title");
    const chosen: Choices = { ...defaults, what: "chosen", selection, where: "in_place", added: "remove" };
    expect(requestOf(chosen, items)).toMatchObject({ tasks: ["t2"], fields: { t2: ["title"] }, target: { kind: "in_place", added: "keep" } });
    expect(requestOf({ ...chosen, where: "new_plan" }, items).fields).toBeUndefined();
  });

  it("keep a long selection in a short address", () => {
    const many = content([["b", "B"]], Array.from({ length: 9000 }, (_, index) => task(`task-with-a-long-id-${index}`, "b")));
    const all = restoreItems(many, null);
    const chosen: Choices = { ...defaults, what: "chosen", selection: { ...NOTHING, tasks: new Set(many.tasks.map(({ id }) => id).filter((_, at) => at % 3 > 0)) } };
    const address = paramsOf(chosen, defaults, all).toString();
    expect(address.length).toBeLessThan(2000);
    expect(choicesOf(new URLSearchParams(address), defaults, all)).toEqual(chosen);
  });

  it("are told in words", () => {
    expect(chosenText({ tasks: "all" })).toBe("the whole plan");
    expect(chosenText({ tasks: ["a"], buckets: ["b", "c"] })).toBe("2 buckets and 1 task");
  });
});
