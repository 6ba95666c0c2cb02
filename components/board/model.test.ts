import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outlineOf } from "@/lib/planner/outline";
import { encodeReferenceKey } from "@/lib/planner/references";
import type { PlannerTask, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { contentToRecords, groupRecords } from "@/lib/repository";
import { barsOf, weeksOf } from "./calendar";
import { columnsBy } from "./columns";
import { countParts, countRows } from "./counts";
import { choicesOf, dueOf, matcher, readFilter, textsOf, type Facet } from "./filter";
import { boardModel, tasksByBucket } from "./make-model";
import { packBoard, unpackBoard, type BoardModel } from "./model";
import { panelModel } from "./panel";
import { sortCards } from "./sort";

const TAKEN = "2026-11-20T12:00:00Z";

function task(id: string, fields: Partial<PlannerTask> = {}, details: TaskRecord["details"] = null, formats: TaskRecord["formats"] = {}): TaskRecord {
  return { kind: "task", id, task: { id, title: `Task ${id}`, bucketId: "b1", ...fields }, details, formats };
}

function content(tasks: TaskRecord[], rest: Partial<SnapshotContent> = {}): SnapshotContent {
  return {
    group: null, plan: { id: "p", title: "Plan" }, planDetails: { id: "p", categoryDescriptions: { category1: "Client", category2: null } },
    buckets: [{ id: "b2", name: "Later", orderHint: "B" }, { id: "b1", name: "Now", orderHint: "A" }],
    tasks, comments: [], attachments: [], people: [{ id: "u1", displayName: "Diego Siciliani" }], ...rest,
  };
}

const made = (tasks: TaskRecord[], rest: Partial<SnapshotContent> = {}) => unpackBoard(packBoard(boardModel(content(tasks, rest), TAKEN)));
const all = (board: BoardModel) => new Set(board.cards.keys());
const columns = (group: Facet, board: BoardModel) => columnsBy(group, board, all(board)).map((column) => [column.name, column.cards.map((card) => card.id)]);

describe("boardModel", () => {
  it("puts buckets and cards in the order of their hints; a board's own hint wins over the list's", () => {
    const board = made([task("t1", { orderHint: "z" }), task("t2", { orderHint: "a" }), task("t3", { bucketId: "b2" }), task("t4", { orderHint: "0" }, null, { bucket: { orderHint: "zz" } })]);
    expect(columns("bucket", board)).toEqual([["Now", ["t2", "t1", "t4"]], ["Later", ["t3"]]]);
    expect(board.cards.map((card) => card.id)).toEqual(["t3", "t4", "t2", "t1"]);
  });

  it("shows tasks whose bucket is not in the snapshot instead of dropping them", () => {
    const strays = [task("t1", { bucketId: "gone" }), task("t2", { bucketId: null })];
    expect(columns("bucket", made(strays)).at(-1)).toEqual(["Without a bucket", ["t1", "t2"]]);
    expect(tasksByBucket(content([...strays, task("t3")])).map(({ name, tasks }) => [name, tasks.length])).toEqual([["Now", 1], ["Without a bucket", 2]]);
  });

  it("names labels, assignees and progress as Planner does; an unnamed label has its colour's name", () => {
    const board = made([task("t1", { percentComplete: 50, priority: 1, appliedCategories: { category2: true, category1: true, category3: false }, assignments: { u1: {}, "0c1b7a52-0000": {} } })]);
    const card = board.cards[0]!;
    expect(card.labels.map((label) => board.labels[label]!.name)).toEqual(["Client", "Red"]);
    expect(card.people.map((person) => board.people[person]!.name)).toEqual(expect.arrayContaining(["Diego Siciliani", "Unknown person 0c1b7a52"]));
    expect(card).toMatchObject({ progress: "inProgress", priority: "urgent" });
  });

  it("counts checklist, attachments and comments", () => {
    const details = { id: "t1", description: "Ask", checklist: { c1: { title: "Call", isChecked: true }, c2: { title: "Write" } }, references: { [encodeReferenceKey("https://example.com/a")]: { alias: "A" } } };
    const comment = { id: "c", taskId: "t1", threadId: "x", authorName: "A", authorAddress: null, createdDateTime: TAKEN, text: "hi", original: { contentType: "text", content: "hi" } };
    expect(made([task("t1", {}, details)], { comments: [comment] }).cards[0]).toMatchObject({ checklist: { done: 1, total: 2 }, attachments: 1, comments: 1 });
  });

  it("shows the beginning of a title that is longer than Planner takes; the panel has the whole", () => {
    const long = content([task("t1", { title: "Long ".repeat(20_000) })]);
    expect(boardModel(long, TAKEN).cards[0]!.title).toBe(`${"Long ".repeat(60)}…`);
    expect(panelModel(long, [], "t1")).toMatchObject({ title: `${"Long ".repeat(60)}…`, wholeTitle: "Long ".repeat(20_000) });
    expect(panelModel(content([task("t2")]), [], "t2")).toMatchObject({ title: "Task t2", wholeTitle: null });
  });

  it("is the same after it was packed, and small", () => {
    const record = task("t1", { percentComplete: 100, priority: 9, startDateTime: "2026-11-01T10:00:00Z", dueDateTime: "2026-11-19T10:00:00Z", appliedCategories: { category1: true }, assignments: { u1: {} }, referenceCount: 2, checklistItemCount: 3, activeChecklistItemCount: 1 });
    const board = boardModel(content([record, task("t2")]), TAKEN);
    expect(unpackBoard(packBoard(board))).toEqual(board);
    const [one, many] = [1, 1001].map((count) => packBoard(boardModel(content(Array.from({ length: count }, (_, number) => task(`id-of-28-characters-${String(number).padStart(8, "0")}`, { title: "" }))), TAKEN)).length);
    expect((many! - one!) / 1000).toBeLessThan(28 + 30);
  });
});

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const people = fc.constantFrom("u1", "u2", "0c1b7a52-0000");
const hint = fc.constantFrom("", "8586", "A", "Az", "z z!");
const anyTask = fc.record({
  title: fc.string(), bucketId: fc.constantFrom("b1", "b2", "gone", null), orderHint: maybe(hint), percentComplete: maybe(fc.constantFrom(0, 50, 100, 37)), priority: maybe(fc.integer({ min: 0, max: 10 })),
  startDateTime: maybe(fc.constantFrom(null, "2026-11-01T10:00:00Z")), dueDateTime: maybe(fc.constantFrom(null, "2026-11-19T10:00:00Z")),
  appliedCategories: maybe(fc.dictionary(fc.constantFrom("category1", "category2", "@odata.type"), fc.boolean())), assignments: maybe(fc.dictionary(people, fc.record({ orderHint: maybe(hint), assignedDateTime: maybe(fc.string()) }))),
  checklistItemCount: maybe(fc.nat(3)), activeChecklistItemCount: maybe(fc.nat(3)), referenceCount: maybe(fc.nat(3)), conversationThreadId: maybe(fc.string()),
});
const anyDetails = fc.option(fc.record({
  id: fc.constant("t"), description: maybe(fc.string()), references: maybe(fc.dictionary(fc.string(), fc.constant({ alias: "A" }))),
  checklist: maybe(fc.dictionary(fc.constantFrom("c1", "c2", "c3@odata.type"), fc.record({ title: fc.string(), isChecked: maybe(fc.boolean()) }))),
}));
const place = maybe(fc.record({ id: fc.constant("t"), orderHint: hint }));
const anyFormats = fc.record({ bucket: place, progress: place, assignedTo: maybe(fc.record({ unassignedOrderHint: maybe(hint), orderHintsByAssignee: maybe(fc.dictionary(people, hint)) })) });

it("is the same for outlines of the records as for all of them", () => {
  fc.assert(fc.property(fc.array(fc.tuple(anyTask, anyDetails, anyFormats), { maxLength: 6 }), fc.array(fc.nat(5), { maxLength: 4 }), (tasks, commented) => {
    const whole = content(tasks.map(([fields, details, formats], index) => task(`t${index}`, fields, details, formats)), {
      comments: commented.map((index, number) => ({ id: `c${number}`, taskId: `t${index}`, threadId: "x", authorName: "A", authorAddress: null, createdDateTime: TAKEN, text: "hi", original: { contentType: "text", content: "hi" } })),
    });
    const outline = groupRecords(JSON.parse(JSON.stringify(contentToRecords(whole).map(outlineOf))));
    expect(boardModel(outline, TAKEN)).toEqual(boardModel(whole, TAKEN));
  }));
});

describe("the filter", () => {
  const board = made([
    task("late", { dueDateTime: "2026-11-19T10:00:00Z", assignments: { u1: {} }, title: "Ask for THE quote" }),
    task("done", { dueDateTime: "2026-11-19T10:00:00Z", percentComplete: 100, appliedCategories: { category1: true } }),
    task("soon", { dueDateTime: "2026-11-23T10:00:00Z", bucketId: "b2", appliedCategories: { category2: true } }),
    task("today", { dueDateTime: "2026-11-20T00:00:00Z" }),
    task("none"),
  ]);
  const shown = (address: string, elsewhere: string[] = []) => {
    const params = new URLSearchParams(address);
    const matches = matcher(board, textsOf(board), readFilter((name) => params.get(name)), new Set(elsewhere));
    return board.cards.filter(matches).map((card) => card.id).sort();
  };

  it("shows everything when nothing is chosen", () => expect(shown("")).toHaveLength(5));
  it("knows when a task was due, seen from the day of the snapshot", () => {
    expect(Object.fromEntries(board.cards.map((card) => [card.id, dueOf(card, board.takenOn)]))).toEqual({ late: "late", done: "past", soon: "week", today: "today", none: "-" });
  });
  it("takes any choice of one kind, and all kinds", () => {
    expect(shown("due=late,today")).toEqual(["late", "today"]);
    expect(shown("due=late,today&person=-")).toEqual(["today"]);
    expect(shown("label=category1,category2&bucket=b1")).toEqual(["done"]);
    expect(shown("progress=completed&priority=medium")).toEqual(["done"]);
    expect(shown("bucket=no-such-bucket")).toEqual([]);
  });
  it("finds words of titles, labels and people, and what was found elsewhere", () => {
    expect(shown("q=quote+the")).toEqual(["late"]);
    expect(shown("q=siciliani")).toEqual(["late"]);
    expect(shown("q=client")).toEqual(["done"]);
    expect(shown("q=notes", ["none"])).toEqual(["none"]);
    expect(shown("q=notes&progress=completed", ["none"])).toEqual([]);
  });
  it("offers what the plan has", () => {
    const { person, label, bucket } = choicesOf(board);
    expect([person, label, bucket].map((choices) => choices.map((choice) => choice.label))).toEqual([["Diego Siciliani", "Not assigned"], ["Client", "Red", "No label"], ["Now", "Later"]]);
  });
  it("groups the board by anything: several people, several columns", () => {
    expect(columns("person", board)).toEqual([["Diego Siciliani", ["late"]], ["Not assigned", expect.arrayContaining(["done", "soon", "today", "none"])]]);
    expect(columns("progress", board).map(([name, cards]) => [name, cards!.length])).toEqual([["Not started", 4], ["In progress", 0], ["Completed", 1]]);
    expect(columns("due", board).map(([name]) => name)).toEqual(["Late", "Past, completed", "On the day of the snapshot", "Within a week", "No due date"]);
  });
  it("sorts, what has no value last in both directions", () => {
    const ids = (descending: boolean) => sortCards(board.cards, board, "due", descending).map((card) => card.id);
    expect(ids(false).at(-1)).toBe("none");
    expect(ids(true)).toEqual(["soon", "today", expect.any(String), expect.any(String), "none"]);
  });
  it("counts late tasks apart, and a task of two people for each of them", () => {
    expect(countParts(board.cards, board.takenOn)).toEqual({ completed: 1, late: 1, inProgress: 0, notStarted: 3 });
    const two = made([task("t", { assignments: { u1: {}, u2: {} } })], { people: [{ id: "u1", displayName: "A" }, { id: "u2", displayName: "B" }] });
    expect(countRows(two.cards, two).people.map(({ name, total }) => [name, total])).toEqual([["A", 1], ["B", 1]]);
  });
});

describe("the schedule", () => {
  it("has the weeks of a month from Monday on", () => {
    expect(weeksOf("2026-11")).toEqual(["2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30"]);
    expect(weeksOf("2027-02")).toEqual(["2027-02-01", "2027-02-08", "2027-02-15", "2027-02-22"]);
  });

  it("lays tasks into lines that do not overlap, and says where they go on", () => {
    const day = (date: string) => `${date}T10:00:00Z`;
    const board = made([
      task("long", { startDateTime: day("2026-11-12"), dueDateTime: day("2026-11-18") }), task("one", { dueDateTime: day("2026-11-19") }),
      task("turned", { startDateTime: day("2026-11-21"), dueDateTime: day("2026-11-17") }), task("other week", { dueDateTime: day("2026-11-23") }), task("none"),
    ]);
    const bars = barsOf(board.cards, "2026-11-16").map(({ card, from, to, lane, begins, ends }) => [card.id, from, to, lane, begins, ends]);
    expect(bars).toEqual([["long", 0, 2, 0, false, true], ["turned", 1, 5, 1, true, true], ["one", 3, 3, 0, true, true]]);
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
