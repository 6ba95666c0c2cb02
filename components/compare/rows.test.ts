import { describe, expect, test } from "vitest";
import type { PlanDrift } from "@/lib/planner/diff";
import { compareModel } from "./model";
import { chooseAll, compareRows, filterBuckets, NOTHING, restoreParams, toggle, type Chosen } from "./rows";

const task = (id: string, change: "added" | "removed" | "changed", bucketId: string | null, fields: PlanDrift["tasks"][number]["fields"] = []): PlanDrift["tasks"][number] =>
  ({ kind: "task", id, label: `Task ${id}`, change, bucketId, bucketName: bucketId && `Bucket ${bucketId}`, fields });
const DRIFT: PlanDrift = {
  plan: [{ field: "title", name: "Title", from: "Old", to: "New" }],
  buckets: [{ kind: "bucket", id: "gone", label: "Bucket gone", change: "removed", bucketId: "gone", bucketName: "Bucket gone", fields: [] }],
  tasks: [
    task("a", "removed", "gone"), task("n", "added", "b"), task("r", "removed", "b"),
    task("c", "changed", "b", [
      { field: "progress", name: "Progress", from: "Not started", to: "Completed" }, { field: "description", name: "Notes", from: "one", to: "two" },
      { field: "order", name: "Order", from: "1 of 3", to: "2 of 3" }, { field: "bucketBoardOrder", name: "Order in bucket", from: "1 of 3", to: "2 of 3" },
    ]),
    task("w", "changed", null, [{ field: "comments", name: "Comments", from: null, to: "Ada: hi" }]),
  ],
  counts: { added: 1, removed: 3, changed: 2 },
};
const model = compareModel(DRIFT);
const OPTIONS = { opened: true, mayRestore: true };
const rowsOf = (chosen: Chosen = NOTHING) => compareRows(model.buckets, chosen, new Set(), OPTIONS);
const row = (key: string, chosen?: Chosen) => rowsOf(chosen).find((one) => one.key === key)!;
const params = (chosen: Chosen, isNewest = false) => restoreParams(model.buckets, chosen, isNewest)?.toString();

test("differences stand by bucket, deletions first; places are one; what is completed and moved is counted", () => {
  expect(rowsOf().map(({ key, tick, disabled }) => `${key} ${disabled ? "fixed" : tick}`)).toEqual([
    "bucket b unchecked", "task r unchecked", "task c unchecked", "task c Progress unchecked", "task c Notes unchecked", "task c Place unchecked", "task n fixed",
    "bucket gone unchecked", "task a unchecked",
    "bucket  unchecked", "task w unchecked", "task w Comments fixed",
  ]);
  expect(model).toMatchObject({ tasks: { added: 1, removed: 2, changed: 2 }, bucketCounts: { added: 0, removed: 1, changed: 0 }, completed: 1, moved: 0 });
});

test("filters leave what fits, and the buckets around it", () => {
  const ids = (filter: Parameters<typeof filterBuckets>[1]) => filterBuckets(model.buckets, filter).map(({ id, tasks }) => [id, ...tasks.map((one) => one.id)].join(" "));
  expect(ids({ query: "", only: "removed" })).toEqual(["b r", "gone a"]);
  expect(ids({ query: "", only: "text" })).toEqual(["b c", " w"]);
  expect(ids({ query: "bucket GONE", only: "all" })).toEqual(["gone a"]);
  expect(ids({ query: "task c", only: "added" })).toEqual([]);
});

describe("ticks", () => {
  test("a bucket takes what can be restored of it; a field alone makes its task mixed", () => {
    const bucket = toggle(NOTHING, row("bucket b"));
    expect([...bucket.tasks].sort()).toEqual(["c", "r"]);
    expect(row("bucket b", bucket).tick).toBe("checked");
    expect(toggle(bucket, row("bucket b", bucket)).tasks.size).toBe(0);
    const field = toggle(NOTHING, row("task c Notes"));
    expect([row("task c", field).tick, row("task c Notes", field).tick, row("task c Progress", field).tick]).toEqual(["mixed", "checked", "unchecked"]);
    const both = toggle(toggle(field, row("task c Progress", field)), row("task c Place", toggle(field, row("task c Progress", field))));
    expect([both.tasks.has("c"), both.fields.size]).toEqual([true, 0]);
  });

  test("the restore form is told the same, in as few words as it knows", () => {
    expect(params(toggle(NOTHING, row("task c Place")))).toBe("where=in_place&chosen=&tasks=c&fields=c.order.bucketBoardOrder");
    expect(params(toggle(NOTHING, row("bucket gone")))).toBe("where=in_place&chosen=&tasks=a&buckets=gone");
    const deletions = chooseAll(filterBuckets(model.buckets, { query: "", only: "removed" }));
    expect(params(deletions, true)).toBe("where=in_place&chosen=&deleted=");
    expect(params(deletions)).toBe("where=in_place&chosen=&tasks=r%2Ca&buckets=gone");
    expect(params(chooseAll(model.buckets), true)).toBe("where=in_place&chosen=&damage=");
  });

  test("more than an address holds is refused", () => {
    const many = compareModel({ ...DRIFT, tasks: Array.from({ length: 500 }, (_, i) => task(`${i}-abcdefghijklmnopqrstuvwx`, "removed", "b")) });
    expect(restoreParams(many.buckets, chooseAll(many.buckets), false)).toBeNull();
    expect(restoreParams(many.buckets, chooseAll(many.buckets), true)?.has("deleted")).toBe(true);
  });
});

test("long values are cut, and all of them together are bounded", () => {
  const long = "x".repeat(50_000);
  const { buckets } = compareModel({ ...DRIFT, tasks: Array.from({ length: 2_000 }, (_, i) => task(String(i), "changed", "b", [{ field: "description", name: "Notes", from: long, to: `${long}y` }])) });
  const sizes = buckets.flatMap(({ tasks }) => tasks.flatMap(({ fields }) => fields.map(({ from, to }) => from!.length + to!.length)));
  expect(sizes[0]).toBeLessThan(12_100);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_000_000);
});
