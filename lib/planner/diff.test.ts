import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryContent } from "@/lib/restore/testing/arbitrary";
import { boardHint, columnsOf, type Board } from "./board-order";
import { canonicalDate } from "./dates";
import { diffParts, diffPlans, PLACE_FIELDS, type FieldChange, type FieldKey } from "./diff";
import { sortByHint } from "./order-hints";
import type { Attachment, Comment, SnapshotContent, TaskRecord } from "./types";

const people = ["u1", "u2", "u3"];
const contents = arbitraryContent({ groupId: "g", people, maxTasks: 12, comments: true });

/** Files behind some references; comments beyond those of the plan. */
function withFiles(content: SnapshotContent, hash: (index: number) => string): SnapshotContent {
  const attachments = content.tasks.flatMap(({ id, details }) => Object.keys(details?.references ?? {}).map((referenceKey, index): Attachment =>
    ({ id: `${id}/${index}`, taskId: id, referenceKey, name: "f", size: 1, sha256: hash(index), fileId: "f", contentType: null, driveItemId: null })));
  return { ...content, attachments };
}

/** Two states of one plan: the second takes tasks, buckets, hints and comments of another plan under the ids of the first. */
const pairs = fc.tuple(contents, contents, fc.infiniteStream(fc.integer({ min: 0, max: 9 }))).map(([before, other, dice]) => {
  const roll = () => dice.next().value ?? 0;
  const tasks = before.tasks.flatMap((record, index): TaskRecord[] => {
    const donor = other.tasks[index];
    if (roll() === 0) return [];
    if (!donor || roll() < 5) return [roll() < 5 ? record : structuredClone(record)];
    return [{ ...donor, id: record.id, task: { ...donor.task, id: record.id, bucketId: roll() < 5 ? record.task.bucketId : (before.buckets[roll()]?.id ?? record.task.bucketId) }, details: roll() === 0 ? null : { ...donor.details, id: record.id } }];
  });
  const after: SnapshotContent = {
    ...before, plan: { ...before.plan, title: roll() < 5 ? before.plan.title : other.plan.title }, buckets: before.buckets.filter(() => roll() > 0),
    tasks: [...tasks, ...other.tasks.slice(tasks.length)], comments: [...before.comments.filter(() => roll() > 2), ...other.comments.map((comment): Comment => ({ ...comment, taskId: tasks[roll()]?.id ?? comment.taskId }))],
  };
  return [withFiles(before, String), withFiles(after, (index) => (index % 2 ? String(index) : "new"))] as const;
});

/** The same by searching through everything: slow, and plainly what is meant. */
const naive = {
  bucketName: (content: SnapshotContent, id: string | null) => content.buckets.find((bucket) => bucket.id === id)?.name ?? null,
  comments: (content: SnapshotContent, taskId: string) => content.comments.filter((comment) => comment.taskId === taskId).map((comment) => `${comment.authorName}, ${canonicalDate(comment.createdDateTime)}: ${comment.text}`).sort().join("\n") || null,
  files: (content: SnapshotContent, { id, details }: TaskRecord) => Object.keys(details?.references ?? {}).map((key) => content.attachments.find((one) => one.taskId === id && one.referenceKey === key)?.sha256),
  places(content: SnapshotContent, board: Board, id: string): string[] {
    const record = content.tasks.find((one) => one.id === id)!;
    return columnsOf(board, record.task).map((column) => {
      const there = content.tasks.filter(({ task }) => columnsOf(board, task).includes(column));
      const ids = sortByHint(there, (one) => boardHint(board, one, column) ?? one.task.orderHint, (one) => one.id).map((one) => one.id);
      return `${ids.indexOf(id) + 1} of ${ids.length}`;
    });
  },
};

describe("drift of generated pairs", () => {
  it("says of buckets, comments, files and places what a search through everything finds", () => {
    const seen = new Set<FieldKey>();
    fc.assert(fc.property(pairs, ([before, after]) => {
      const drift = new Map(diffPlans(before, after).tasks.map((item) => [item.id, item]));
      const fieldOf = (id: string, field: FieldKey): FieldChange | undefined => drift.get(id)?.fields.find((one) => one.field === field);
      for (const record of after.tasks) {
        const { id } = record;
        const was = before.tasks.find((one) => one.id === id);
        const item = drift.get(id);
        for (const { field } of item?.fields ?? []) seen.add(field);
        if (item) expect(item).toMatchObject({ change: was ? "changed" : "added", label: record.task.title, bucketName: naive.bucketName(after, item.bucketId) });
        if (!was) continue;
        const [from, to] = [naive.comments(before, id), naive.comments(after, id)];
        expect(fieldOf(id, "comments")).toEqual(from === to ? undefined : { field: "comments", name: "Comments", from, to });
        if (was.task.bucketId !== record.task.bucketId) expect(fieldOf(id, "bucket")).toMatchObject({ from: naive.bucketName(before, was.task.bucketId ?? null), to: naive.bucketName(after, record.task.bucketId ?? null) });
        if (was.details && record.details && JSON.stringify(naive.files(before, was)) !== JSON.stringify(naive.files(after, record))) expect(fieldOf(id, "references")).toBeDefined();
        for (const [board, field] of [["bucket", "bucketBoardOrder"], ["progress", "progressBoardOrder"], ["assignedTo", "assignedToBoardOrder"]] as const) {
          const moved = fieldOf(id, field);
          if (moved) expect([naive.places(before, board, id).includes(moved.from!), naive.places(after, board, id).includes(moved.to!)]).toEqual([true, true]);
        }
      }
      for (const { id, task } of before.tasks.filter((one) => !after.tasks.some((other) => other.id === one.id))) {
        expect(drift.get(id)).toMatchObject({ change: "removed", label: task.title, bucketName: naive.bucketName(before, task.bucketId ?? null), fields: [] });
      }
    }), { numRuns: 150 });
    expect([...seen]).toEqual(expect.arrayContaining(["bucket", "comments", "references", "order", "bucketBoardOrder", "progressBoardOrder", "assignedToBoardOrder"]));
  });

  it("is found of the tasks that differ alone, but for where in their lists they stand", () => {
    const placed = { parts: 0 };
    fc.assert(fc.property(pairs, ([before, after]) => {
      const alike = (id: string) => {
        const [was, is] = [before, after].map((content) => [content.tasks.find((one) => one.id === id), content.comments.filter((one) => one.taskId === id), content.attachments.filter((one) => one.taskId === id)]);
        return JSON.stringify(was) === JSON.stringify(is);
      };
      const reduced = (content: SnapshotContent) => ({ ...content, tasks: content.tasks.filter(({ id }) => !alike(id)) });
      const parts = diffParts(reduced(before), reduced(after));
      expect(parts).toEqual(diffParts(before, after));
      const fields = (tasks: typeof parts.tasks) => new Map(tasks.flatMap((item) => {
        const kept = item.fields.filter(({ field }) => !PLACE_FIELDS.has(field));
        placed.parts += item.fields.length - kept.length;
        return item.change === "changed" && kept.length === 0 ? [] : [[`${item.change} ${item.id}`, kept] as const];
      }));
      expect(fields(parts.tasks)).toEqual(fields(diffPlans(before, after).tasks));
      expect(parts.buckets).toEqual(diffPlans(before, after).buckets);
    }), { numRuns: 60 });
    expect(placed.parts).toBeGreaterThan(0);
  });
});
