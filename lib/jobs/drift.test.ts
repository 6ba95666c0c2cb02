import { expect, test } from "vitest";
import type { Comment, SnapshotRecord, TaskRecord } from "@/lib/planner/types";
import { openRepository } from "@/lib/repository";
import { createMemoryStore, keysOf, samplePlan, snapshotOf } from "@/lib/repository/testing";
import { driftOf } from "./drift";

const isTask = (record: SnapshotRecord): record is TaskRecord => record.kind === "task";
const comment = (taskId: string, text: string): SnapshotRecord => {
  const one: Comment = { id: text, taskId, threadId: "t", authorName: "Ada", authorAddress: null, createdDateTime: "2026-01-01T00:00:00Z", text, original: { contentType: "text", content: text } };
  return { kind: "comment", id: `${taskId}/${text}`, comment: one };
};

async function drift(before: SnapshotRecord[], after: SnapshotRecord[]) {
  const repository = openRepository({ store: createMemoryStore(), keys: keysOf("w") });
  const older = await repository.writeSnapshot(snapshotOf("1"), before);
  const newer = await repository.writeSnapshot(snapshotOf("2"), after);
  return driftOf(repository, older.manifestId, newer.manifestId);
}

const NONE = { added: 0, removed: 0, changed: 0, fields: 0, completed: 0, other: 0 };
const plan = () => samplePlan(200);
const edited = (change: (task: TaskRecord, index: number) => void): SnapshotRecord[] => {
  const records = structuredClone(plan());
  records.filter(isTask).forEach(change);
  return records;
};

test("counts tasks that came, went and changed, and their changed fields", async () => {
  const tasks = plan().filter(isTask);
  expect(await drift(plan(), plan())).toEqual({ ...NONE });
  expect(await drift(plan(), plan().filter((record) => record.id !== tasks[3]!.id))).toEqual({ ...NONE, removed: 1 });
  expect(await drift(plan().filter((record) => record.id !== tasks[3]!.id), plan())).toEqual({ ...NONE, added: 1 });
  const two = edited((record, index) => {
    if (index === 1) Object.assign(record.task, { title: "new", priority: record.task.priority! + 1 });
    if (index === 2) record.details!.description = "new";
  });
  expect(await drift(plan(), two)).toEqual({ ...NONE, changed: 2, fields: 3 });
});

test("a place is changed when its hint is, and what the service writes by itself is no change", async () => {
  expect(await drift(plan(), edited((record, index) => { if (index === 5) record.task.orderHint = "0"; }))).toMatchObject({ changed: 1, fields: 1 });
  expect(await drift(plan(), edited((record) => { record.task["lastModifiedDateTime"] = "2026-01-01T00:00:00Z"; }))).toMatchObject({ changed: 0, fields: 0 });
});

test("a new comment changes a task whose own record stays as it is; comments of new tasks do not count again", async () => {
  const [one, two] = plan().filter(isTask).map(({ id }) => id);
  expect(await drift([...plan(), comment(one!, "a")], [...plan(), comment(one!, "a"), comment(one!, "b"), comment(two!, "c")])).toEqual({ ...NONE, changed: 2, fields: 2 });
  expect(await drift(plan().filter((record) => record.id !== one), [...plan(), comment(one!, "a")])).toEqual({ ...NONE, added: 1 });
});

test("tasks that were completed are told apart from those that were opened again", async () => {
  const at = (percentComplete: number) => edited((record, index) => { if (index < 3) record.task.percentComplete = index === 0 ? 100 - percentComplete : percentComplete; });
  expect(await drift(at(0), at(100))).toMatchObject({ changed: 3, completed: 2 });
  const tasks = plan().filter(isTask);
  expect(await drift(plan().filter(({ id }) => id !== tasks[0]!.id), edited((record, index) => { if (index === 0) record.task.percentComplete = 100; }))).toMatchObject({ added: 1, completed: 0 });
});

test("buckets, the plan's title and names of labels are counted apart from tasks", async () => {
  const bucket = (id: string, name: string): SnapshotRecord => ({ kind: "bucket", id, bucket: { id, name, orderHint: "1" } });
  const named = (title: string, label: string, ...buckets: SnapshotRecord[]): SnapshotRecord[] =>
    [{ kind: "plan", id: "p", plan: { id: "p", title } }, { kind: "planDetails", id: "p", details: { id: "p", categoryDescriptions: { category1: label } } }, ...buckets];
  expect(await drift(named("a", "x", bucket("1", "one"), bucket("2", "two")), named("b", "y", bucket("1", "uno"), bucket("3", "three")))).toEqual({ ...NONE, other: 5 });
});

test("there is none without a snapshot before, or when that one is damaged", async () => {
  const repository = openRepository({ store: createMemoryStore(), keys: keysOf("w") });
  const { manifestId } = await repository.writeSnapshot(snapshotOf("1"), plan());
  expect(await driftOf(repository, null, manifestId)).toBeNull();
  expect(await driftOf(repository, "0".repeat(64), manifestId)).toBeNull();
});
