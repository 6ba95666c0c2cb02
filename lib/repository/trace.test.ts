/** A task is followed through a long history with as few reads as its own changes need. */
import { expect, test } from "vitest";
import { openRepository } from "./index";
import { createMemoryStore, keysOf, plannerId, samplePlan, snapshotOf } from "./testing";
import type { SnapshotRecord } from "@/lib/planner/types";

const STEPS = 60;
const taskId = plannerId("task 7");

test("says of each snapshot what a direct look says, reading each shared object once", async () => {
  const store = createMemoryStore();
  const reads: string[] = [];
  const counted = { ...store, get: (key: string) => (reads.push(key), store.get(key)) };
  const repository = openRepository({ store: counted, keys: keysOf("w") });
  const manifests: string[] = [];
  const comment = (text: string): SnapshotRecord => ({ kind: "comment", id: text, comment: { id: text, taskId, threadId: "", authorName: null, authorAddress: null, createdDateTime: "", text, original: { contentType: "text", content: text } } });
  for (let step = 0; step < STEPS; step++) {
    // In each some other task differs; ours in the 20th and from the 30th on, and it is gone from the 40th to the 49th.
    const edited = (index: number) => index === 100 + step || (index === 7 && (step === 20 || step >= 30));
    const plan = samplePlan(800, { edition: index(step), edited }).filter(({ id }) => step < 40 || step > 49 || id !== taskId);
    const { manifestId } = await repository.writeSnapshot(snapshotOf(`s${step}`, manifests.at(-1) ?? null), step === 55 ? [...plan, comment("Done?")] : plan);
    manifests.push(manifestId);
  }
  reads.length = 0;
  const traced = await repository.traceTask(manifests, taskId);
  const read = reads.length;
  expect(new Set(reads).size).toBe(read);
  // Manifests, and of the lists and the tasks only those on the way to ours.
  expect(read - STEPS).toBeLessThan(STEPS / 2);

  for (const [step, manifestId] of manifests.entries()) {
    const [record = null] = await repository.findRecords(manifestId, "task", [taskId]);
    expect(traced[step]!.task).toEqual(record);
  }
  expect(traced.map((one) => one!.task?.task.title ?? null).filter((title, step, all) => title !== all[step - 1])).toEqual(["Task 7", "Task 7 (edition 1)", "Task 7", "Task 7 (edition 2)", null, "Task 7 (edition 2)"]);
  expect(traced.flatMap((one, step) => (step > 0 && one!.behind !== traced[step - 1]!.behind ? [step] : []))).toEqual([55, 56]);
});

test("a snapshot that is damaged where the task lies says nothing; damage elsewhere does not matter", async () => {
  const store = createMemoryStore();
  const repository = openRepository({ store, keys: keysOf("w") });
  const { manifestId } = await repository.writeSnapshot(snapshotOf("s"), samplePlan(300));
  const whole = new Map(store.objects);
  const outcomes = new Set<string>();
  for (const key of whole.keys()) {
    store.objects.delete(key);
    const [one] = await repository.traceTask([manifestId], taskId);
    outcomes.add(one === null ? "nothing" : one!.task!.task.title);
    store.objects.set(key, whole.get(key)!);
  }
  expect(outcomes).toEqual(new Set(["nothing", "Task 7"]));
});

const index = (step: number): number => (step === 20 ? 1 : 2);
