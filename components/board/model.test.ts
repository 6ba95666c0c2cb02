import { describe, expect, it } from "vitest";
import type { PlannerTask, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { boardModel } from "./model";
import { panelModel } from "./panel";
import { encodeReferenceKey } from "@/lib/planner/references";

const TAKEN = "2026-11-20T12:00:00Z";

function task(id: string, fields: Partial<PlannerTask> = {}, details: TaskRecord["details"] = null): TaskRecord {
  return { kind: "task", id, task: { id, title: `Task ${id}`, bucketId: "b1", ...fields }, details, formats: {} };
}

function content(tasks: TaskRecord[], rest: Partial<SnapshotContent> = {}): SnapshotContent {
  return {
    group: null, plan: { id: "p", title: "Plan" }, planDetails: { id: "p", categoryDescriptions: { category1: "Client", category2: null } },
    buckets: [{ id: "b2", name: "Later", orderHint: "B" }, { id: "b1", name: "Now", orderHint: "A" }],
    tasks, comments: [], attachments: [], people: [{ id: "u1", displayName: "Diego Siciliani" }], ...rest,
  };
}

describe("boardModel", () => {
  it("puts buckets and cards in the order of their hints", () => {
    const board = boardModel(content([task("t1", { orderHint: "z" }), task("t2", { orderHint: "a" }), task("t3", { bucketId: "b2" })]), TAKEN);
    expect(board.columns.map((column) => [column.name, column.cards.map((card) => card.id)])).toEqual([["Now", ["t2", "t1"]], ["Later", ["t3"]]]);
  });

  it("shows tasks whose bucket is not in the snapshot instead of dropping them", () => {
    const board = boardModel(content([task("t1", { bucketId: "gone" }), task("t2", { bucketId: null })]), TAKEN);
    expect(board.columns.at(-1)).toMatchObject({ name: "Without a bucket" });
    expect(board.columns.at(-1)?.cards).toHaveLength(2);
  });

  it("names labels, assignees and progress as Planner does; an unnamed label has its colour's name", () => {
    const record = task("t1", { percentComplete: 50, priority: 1, appliedCategories: { category2: true, category1: true, category3: false }, assignments: { u1: {}, "0c1b7a52-0000": {} } });
    const card = boardModel(content([record]), TAKEN).columns[0]?.cards[0];
    expect(card?.labels.map((label) => label.name)).toEqual(["Client", "Red"]);
    expect(card?.assignees).toEqual(expect.arrayContaining(["Diego Siciliani", "Unknown person 0c1b7a52"]));
    expect(card).toMatchObject({ progress: "inProgress", priority: "urgent" });
  });

  it("calls a task late only when it was due before the snapshot and not completed", () => {
    const cards = boardModel(content([
      task("late", { dueDateTime: "2026-11-19T10:00:00Z", orderHint: "a" }),
      task("done", { dueDateTime: "2026-11-19T10:00:00Z", percentComplete: 100, orderHint: "b" }),
      task("soon", { dueDateTime: "2026-12-01T10:00:00Z", orderHint: "c" }),
    ]), TAKEN).columns[0]?.cards;
    expect(cards?.map((card) => card.late)).toEqual([true, false, false]);
  });

  it("counts checklist, attachments and comments, and finds text of any of them", () => {
    const details = { id: "t1", description: "Ask for THE quote", checklist: { c1: { title: "Call", isChecked: true }, c2: { title: "Write" } }, references: { [encodeReferenceKey("https://example.com/a")]: { alias: "A" } } };
    const comment = { id: "c", taskId: "t1", threadId: "x", authorName: "A", authorAddress: null, createdDateTime: TAKEN, text: "hi", original: { contentType: "text", content: "hi" } };
    const card = boardModel(content([task("t1", {}, details)], { comments: [comment] }), TAKEN).columns[0]?.cards[0];
    expect(card).toMatchObject({ checklist: { done: 1, total: 2 }, attachments: 1, comments: 1 });
    expect(card?.search).toContain("ask for the quote");
    expect(card?.search).toContain("write");
  });
});

describe("panelModel", () => {
  it("offers only http and https addresses as links", () => {
    const references = Object.fromEntries(["https://example.com/a%20b.docx", "javascript:alert(1)", "data:text/html,x", "https://user:pass@example.com/", "not a url"].map((url) => [encodeReferenceKey(url), { alias: url }]));
    const panel = panelModel(content([task("t1", {}, { id: "t1", references })]), [], "t1");
    expect(panel?.links.filter((link) => link.href !== null).map((link) => link.href)).toEqual(["https://example.com/a%20b.docx"]);
    expect(panel?.links).toHaveLength(5);
  });

  it("names the gaps of the task and nothing of others", () => {
    const gap = (id: string) => ({ kind: "file" as const, id, taskId: id, reason: "forbidden" as const, detail: `about ${id}`, permanent: false });
    expect(panelModel(content([task("t1"), task("t2")]), [gap("t1"), gap("t2")], "t1")?.gaps).toEqual(["about t1"]);
  });

  it("is null for a task that is not in the snapshot", () => {
    expect(panelModel(content([]), [], "t1")).toBeNull();
  });
});
