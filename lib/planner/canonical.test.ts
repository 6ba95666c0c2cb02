import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryContent } from "@/lib/restore/testing/arbitrary";
import { canonicalPlan } from "./canonical";
import { diffPlans, movedIds } from "./diff";
import { LABEL_COLOURS, labelName } from "./labels";
import { canonicalDate } from "./dates";
import type { SnapshotContent } from "./types";
import { priorityOf, progressOf } from "./words";

const contents = arbitraryContent({ groupId: "g", people: ["u1", "u2", "u3"], maxTasks: 8, comments: true });

/** Everything that the service chooses is chosen anew; order is kept by mapping hints monotonically. */
function renamed(content: SnapshotContent): SnapshotContent {
  const id = (old: string) => `${old}~new`;
  const hint = (old: unknown) => (typeof old === "string" ? `5${old}` : old);
  const each = <T>(record: Record<string, T> | undefined, map: (value: T) => T) => Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, map(value)]));
  return {
    ...content, plan: { ...content.plan, id: id(content.plan.id), createdDateTime: "2020-01-01T00:00:00Z" },
    buckets: content.buckets.map((bucket) => ({ ...bucket, id: id(bucket.id), orderHint: `5${bucket.orderHint}` })).reverse(),
    tasks: content.tasks.map((record) => ({
      ...record, id: id(record.id),
      task: { ...record.task, id: id(record.id), bucketId: record.task.bucketId ? id(record.task.bucketId) : null, orderHint: `5${record.task.orderHint}`, createdBy: { user: { id: "x" } }, assignments: each(record.task.assignments, (one) => ({ ...one, orderHint: `5${one.orderHint}` })) },
      details: record.details && { ...record.details, id: id(record.id), checklist: Object.fromEntries(Object.entries(record.details.checklist ?? {}).map(([key, item]) => [`${key}~`, { ...item, orderHint: `5${item.orderHint}` }])), references: each(record.details.references, (one) => ({ ...one, previewPriority: `5${one.previewPriority}` })) },
      formats: {
        bucket: { orderHint: hint(record.formats.bucket?.orderHint) }, progress: { orderHint: hint(record.formats.progress?.orderHint) },
        assignedTo: { unassignedOrderHint: hint(record.formats.assignedTo?.unassignedOrderHint), orderHintsByAssignee: each(record.formats.assignedTo?.orderHintsByAssignee as Record<string, unknown>, hint) },
      },
    })).reverse(),
  };
}

describe("the canonical form", () => {
  it("does not depend on ids, hints, authors or the order of reading", () => {
    fc.assert(fc.property(contents, (content) => {
      expect(canonicalPlan(renamed(content))).toEqual(canonicalPlan(content));
    }));
  });

  it("shows every change of a field that is not in the list of lossy ones", () => {
    const [content] = fc.sample(contents.filter(({ tasks }) => tasks.length > 2), { numRuns: 1, seed: 3 });
    const changed = (change: (copy: SnapshotContent) => void) => {
      const copy = structuredClone(content!);
      change(copy);
      return expect(canonicalPlan(copy)).not;
    };
    changed((copy) => void (copy.plan.title += "!")).toEqual(canonicalPlan(content!));
    changed((copy) => void (copy.planDetails!.categoryDescriptions!.category9 = "New")).toEqual(canonicalPlan(content!));
    changed((copy) => void (copy.tasks[0]!.task.title += "!")).toEqual(canonicalPlan(content!));
    changed((copy) => void (copy.tasks[0]!.task.dueDateTime = "2031-01-01T00:00:00Z")).toEqual(canonicalPlan(content!));
    changed((copy) => void (copy.tasks[0]!.details!.description += "!")).toEqual(canonicalPlan(content!));
    changed((copy) => void (copy.tasks[0]!.task.orderHint = copy.tasks[1]!.task.orderHint + "~")).toEqual(canonicalPlan({ ...content!, tasks: [] }));
  });
});

describe("drift", () => {
  it("of a plan to itself is nothing", () => {
    fc.assert(fc.property(contents, (content) => {
      expect(diffPlans(content, structuredClone(content))).toEqual({ plan: [], buckets: [], tasks: [], counts: { added: 0, removed: 0, changed: 0 } });
    }));
  });

  it("moves as few as possible: one moved task is one change", () => {
    expect(movedIds(["a", "b", "c", "d"], ["d", "a", "b", "c"])).toEqual(new Set(["d"]));
    expect(movedIds(["a", "b", "c"], ["x", "a", "c", "y"])).toEqual(new Set());
  });

  it("names fields in Planner's words, with both values", () => {
    const [content] = fc.sample(contents.filter(({ tasks }) => tasks.length > 0), { numRuns: 1, seed: 5 });
    const after = structuredClone(content!);
    Object.assign(after.tasks[0]!.task, { title: "After", percentComplete: content!.tasks[0]!.task.percentComplete === 100 ? 0 : 100 });
    const [item] = diffPlans(content!, after).tasks;
    expect(item?.fields.map(({ name }) => name)).toEqual(expect.arrayContaining(["Title", "Progress"]));
    expect(item?.fields.find(({ field }) => field === "title")).toMatchObject({ from: content!.tasks[0]!.task.title, to: "After" });
  });
});

describe("Planner's words and colours", () => {
  it("progress and priority as the product maps them", () => {
    expect([0, 1, 50, 99, 100, undefined].map(progressOf)).toEqual(["notStarted", "inProgress", "inProgress", "inProgress", "completed", "notStarted"]);
    expect([0, 1, 2, 4, 5, 7, 8, 10, undefined].map(priorityOf)).toEqual(["urgent", "urgent", "important", "important", "medium", "medium", "low", "low", "medium"]);
  });

  it("25 labels, each readable: contrast of at least 4.5:1 in both themes", () => {
    const luminance = (hex: string) => {
      const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a: string, b: string) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
    expect(LABEL_COLOURS.map(({ category }) => category)).toEqual(Array.from({ length: 25 }, (_, index) => `category${index + 1}`));
    for (const { light, dark } of LABEL_COLOURS) for (const theme of [light, dark]) expect(contrast(theme.background, theme.text)).toBeGreaterThanOrEqual(4.5);
  });

  it("a label without a name shows the name of its colour", () => {
    expect(labelName("category2", { category2: null })).toBe("Red");
    expect(labelName("category2", { category2: "Blocked" })).toBe("Blocked");
  });

  it("dates: trailing zeros of the fraction mean nothing", () => {
    expect(canonicalDate("2026-01-02T03:04:05.1230000Z")).toBe("2026-01-02T03:04:05.123Z");
    expect(canonicalDate("2026-01-02T03:04:05.0000000Z")).toBe("2026-01-02T03:04:05Z");
    expect(canonicalDate(null)).toBeNull();
  });
});
