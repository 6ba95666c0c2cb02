import { randomInt } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import ICAL from "ical.js";
import { describe, expect, it } from "vitest";
import yauzl from "yauzl";
import { encodeReferenceKey } from "@/lib/planner";
import type { Attachment, TaskRecord } from "@/lib/planner/types";
import { csv } from "./csv";
import { exportName, renderExport, type ExportFiles, type ExportFormat, type ExportSource } from "./index";
import { TASK_COLUMNS, type Table } from "./rows";
import { archivePath, CELL_LIMIT, csvText, looksLikeFormula, plain } from "./text";
import { xlsx } from "./xlsx";

const seed = Number(process.env.PLANBACK_SEED ?? randomInt(2 ** 31));
const said = `seed ${seed}`;
const read = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => Buffer.concat(await Array.fromAsync(bytes));

/** The files of a ZIP, by a reader that is not the writer's. */
async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const archive = await yauzl.fromBufferPromise(bytes, { strictFileNames: true });
  const files = new Map<string, Buffer>();
  for await (const entry of archive.eachEntry()) files.set(entry.fileName, await buffer(await archive.openReadStreamPromise(entry)));
  return files;
}

const unescapeXml = (text: string) => text
  .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&apos;/g, "'").replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))).replace(/&amp;/g, "&")
  .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** Sheet name -> rows of cells as Excel stores them. */
async function sheets(bytes: Buffer): Promise<Map<string, { type: string; text: string }[][]>> {
  const files = await unzip(bytes);
  const names = [...files.get("xl/workbook.xml")!.toString().matchAll(/<sheet name="([^"]*)"/g)].map((match) => match[1]!);
  return new Map(names.map((name, at) => [name, rowsOf(files.get(`xl/worksheets/sheet${at + 1}.xml`)!.toString())]));
}

function rowsOf(source: string): { type: string; text: string }[][] {
  const xml = source.replace(/\r\n?/g, "\n"); // https://www.w3.org/TR/xml/#sec-line-ends
  expect(xml).not.toMatch(/<f[ >/]/);
  return [...xml.matchAll(/<row [^>]*?(?:\/>|>(.*?)<\/row>)/gs)].map((row) => {
    const cells: { type: string; text: string }[] = [];
    for (const [, column, attributes, inner] of (row[1] ?? "").matchAll(/<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      cells[column!.charCodeAt(0) - 65] = { type: /t="(\w+)"/.exec(attributes!)?.[1] ?? "n", text: unescapeXml([...(inner ?? "").matchAll(/<(?:t|v)(?: [^>]*)?>(.*?)<\/(?:t|v)>/gs)].map((part) => part[1]!).join("")) };
    }
    return cells;
  });
}

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.tuple(fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n=", " =", "\u0000=", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'", '"', ",", ";", "\u202e", "_x0041_", "<", "&#10;"), fc.string({ unit: "grapheme", maxLength: 30 })).map((parts) => parts.join("")),
  fc.constantFrom("=HYPERLINK(\"http://x\",\"y\")", "@SUM(1+1)*cmd|' /C calc'!A0", "שלום 🎉 مرحبا", "\ud800 alone", "a\r\nb\nc\rd", "\ufeffx"),
);
const cells = fc.sample(nasty, { seed, numRuns: 2_000 });
const tableOf = (texts: string[]): Table => ({ name: "Fuzz", columns: ["A", "B"], rows: texts.map((text, at) => [at, text]) });

describe("text of strangers", () => {
  it("2,000 cells of CSV come back as written, and none is a formula", async () => {
    const bytes = await read(csv(tableOf(cells)));
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const rows = parse(bytes, { bom: true, record_delimiter: "\r\n" }) as string[][];
    expect(rows.length, said).toBe(cells.length + 1);
    let guarded = 0;
    cells.forEach((cell, at) => {
      const [number, text] = rows[at + 1]!;
      expect(number).toBe(String(at));
      expect(looksLikeFormula(text!), `${said}: ${JSON.stringify(cell)}`).toBe(false);
      if (looksLikeFormula(plain(cell))) guarded += 1;
      expect(looksLikeFormula(plain(cell)) ? text!.slice(1) : text, said).toBe(plain(cell).replace(/([;\t\r\n][^\S\r\n]*)(?=[=@\uff1d\uff20]|[+\-\uff0b\uff0d][^;\t\r\n]*[(|!])/g, "$1'"));
    });
    expect(guarded, said).toBeGreaterThan(300);
  });

  it("a cell that a spreadsheet of another language parts at ; computes nothing either, and lists stay lists", () => {
    expect(csvText("x;=HYPERLINK(A1)")).toBe("x;'=HYPERLINK(A1)");
    expect(csvText("x\n@SUM(1);\t -2+cmd|' /C calc'!A0")).toBe("x\n'@SUM(1);\t '-2+cmd|' /C calc'!A0");
    expect(csvText("Steps:\n- first; + second\n-third")).toBe("Steps:\n- first; + second\n-third");
  });

  it("2,000 cells of Excel come back as text", async () => {
    const rows = (await sheets(await read(xlsx([tableOf(cells)])))).get("Fuzz")!;
    cells.forEach((cell, at) => {
      const found = rows[at + 1]![1];
      expect(found?.text ?? "", `${said}: ${JSON.stringify(cell)}`).toBe(plain(cell).replace(/\r\n?/g, "\n"));
      if (found) expect(["inlineStr", "str", "s"]).toContain(found.type);
    });
  });

  it("a text longer than a cell is cut with a note and never within a character; a sheet that is full says so", async () => {
    const long = "🎉".repeat(CELL_LIMIT);
    const book = await sheets(await read(xlsx([tableOf(["x".repeat(CELL_LIMIT), long])])));
    const [, whole, cut] = book.get("Fuzz")!.map((row) => row[1]!.text);
    expect(whole).toBe("x".repeat(CELL_LIMIT));
    expect(cut!.length).toBeLessThanOrEqual(CELL_LIMIT);
    expect(cut).toMatch(/\[Cut here: .*\]$/);
    expect(cut!.isWellFormed()).toBe(true);
    const full = (await sheets(await read(xlsx([tableOf(Array.from({ length: 10 }, () => "x"))], { maxRows: 5 })))).get("Fuzz")!;
    expect(full).toHaveLength(5);
    expect(full.at(-1)![0]!.text).toMatch(/no more rows/);
    expect((await sheets(await read(xlsx([tableOf(["a", "b", "c"])], { maxRows: 5 })))).get("Fuzz")!.at(-1)![1]!.text).toBe("c");
  });

  it("2,000 names become safe paths, one for each", () => {
    const name = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.tuple(fc.constantFrom("../", "..\\", "/etc/", "C:\\", "CON", "nul.txt", ".htaccess", "a/../../"), fc.string({ maxLength: 20 })).map((parts) => parts.join("")), fc.constantFrom("Bericht Übersicht (2).DOCX", "x".repeat(400), "‮gpj.exe", "file.tar.gz"));
    const paths = fc.sample(fc.tuple(name, name), { seed, numRuns: 2_000 }).map(([plan, file], at) => archivePath(plan, at + 1, file));
    for (const path of paths) expect(path, said).toMatch(/^[a-z0-9][a-z0-9-]{0,59}\/\d+-[a-z0-9][a-z0-9-]{0,59}(\.[a-z0-9]{1,10})?$/);
    expect(new Set(paths).size).toBe(2_000);
    expect(archivePath("Launch 2026", 3, "Bericht Übersicht (2).DOCX")).toBe("launch-2026/3-bericht-ubersicht-2.docx");
  });
});

const task = (id: string, title: string, more: Partial<TaskRecord["task"]> = {}, details: Partial<NonNullable<TaskRecord["details"]>> = {}): TaskRecord =>
  ({ kind: "task", id, task: { id, title, bucketId: "b1", ...more }, details: { id, ...details }, formats: {} });
const link = encodeReferenceKey("https://contoso.sharepoint.com/a b.docx");
const attachment = (taskId: string, fileId: string, name: string, size: number): Attachment => ({ id: `${taskId}/0`, taskId, referenceKey: link, name, size, sha256: "0".repeat(64), fileId, contentType: null, driveItemId: null });

const source: ExportSource = {
  planTitle: "Launch: Ä/B", groupName: "Marketing", takenAt: "2026-05-03T08:00:00.000Z", exportedAt: "2026-05-04T08:00:00.000Z", state: "partial", chosen: null, damaged: ["2 comments"],
  gaps: [{ kind: "comments", id: "t2", taskId: "t2", reason: "forbidden", detail: "The conversation cannot be read.", permanent: false }],
  content: {
    group: null, plan: { id: "p", title: "Launch: Ä/B" }, planDetails: { id: "p", categoryDescriptions: { category1: "Legal" } },
    buckets: [{ id: "b2", name: "Done", orderHint: "2" }, { id: "b1", name: "To do", orderHint: "1" }],
    tasks: [
      task("t3", "Last", { bucketId: "b2", percentComplete: 100, completedDateTime: "2026-04-30T10:00:00Z", completedBy: { user: { id: "gone-since-long" } }, dueDateTime: "2026-04-01T10:00:00Z" }),
      task("t2", "Second", { orderHint: "2", startDateTime: "2026-05-10T10:00:00Z" }),
      task("t1", "=1+1", {
        orderHint: "1", priority: 1, percentComplete: 50, createdDateTime: "2026-01-02T03:04:05.1234567Z", createdBy: { user: { id: "u1" } }, dueDateTime: "2026-05-02T10:00:00Z",
        appliedCategories: { category2: true, category1: true }, assignments: { u2: { orderHint: "2" }, u1: { orderHint: "1" } }, recurrence: { schedule: { pattern: {} } },
      }, { description: "Say: one, two;\nthree\\", checklist: { c: { title: "Call", isChecked: true, orderHint: "1" }, d: { title: "Write", isChecked: false, orderHint: "2" } }, references: { [link]: { alias: "Brief", type: "Word" } } }),
    ],
    comments: [{ id: "m1", taskId: "t1", threadId: "h", authorName: "Ann", authorAddress: "ann@contoso.example", createdDateTime: "2026-05-01T10:00:00Z", text: "+1", original: { contentType: "html", content: "<b>+1</b>" } }],
    attachments: [attachment("t1", "f1", "../Brief.DOCX", 5), attachment("t2", "f2", "lost.pdf", 9)],
    people: [{ id: "u1", displayName: "Ann Smith" }, { id: "u2", displayName: "Bob, Jr" }],
  },
};
const files: ExportFiles = { has: (id) => Promise.resolve(id === "f1"), async *read() { yield Buffer.from("hel"); yield Buffer.from("lo"); } };
const render = (format: ExportFormat, change: Partial<ExportSource> = {}, from = files) => read(renderExport(format, { ...source, ...change }, from));

describe("a snapshot", () => {
  it("as Excel: Planner's own columns and words, dates as dates, then comments, checklist, attachments, labels and gaps", async () => {
    const book = await sheets(await render("xlsx"));
    expect([...book.keys()]).toEqual(["Tasks", "Plan", "Comments", "Checklist", "Attachments", "Labels", "Gaps"]);
    const [header, ...tasks] = book.get("Tasks")!;
    expect(header!.map((cell) => cell.text)).toEqual([...TASK_COLUMNS]);
    expect(tasks.map((row) => row[0]!.text)).toEqual(["t1", "t2", "t3"]);
    const first = Object.fromEntries(TASK_COLUMNS.map((column, at) => [column, tasks[0]![at]?.text]));
    expect(first).toMatchObject({
      "Task Name": "=1+1", "Bucket Name": "To do", Progress: "In progress", Priority: "Urgent", "Assigned To": "Ann Smith;Bob, Jr", "Created By": "Ann Smith", "Is Recurring": "1", Late: "1",
      "Completed Checklist Items": "1/2", "Checklist Items": "Call;Write", Labels: "Legal;Red", Description: "Say: one, two;\nthree\\",
    });
    expect(tasks[0]![9]).toEqual({ type: "n", text: String(Date.UTC(2026, 4, 2, 10) / 86_400_000 + 25_569) });
    expect(tasks[2]![13]!.text).toBe("Unknown person gone-sin");
    expect(tasks[2]![11]!.text).toBe("0");
    expect(book.get("Comments")![1]!.map((cell) => cell.text).slice(3)).toEqual(["Ann", "ann@contoso.example", "+1"]);
    expect(book.get("Attachments")![1]!.map((cell) => cell.text).slice(2, 7)).toEqual(["Brief", "https://contoso.sharepoint.com/a b.docx", "Word", "../Brief.DOCX", "5"]);
    expect(book.get("Gaps")!.slice(1).map((row) => row[0]!.text)).toEqual(["The conversation cannot be read.", "2 comments"]);
  });

  it("as CSV and JSON: everything, or the chosen tasks only", async () => {
    const rows = parse(await render("csv", { chosen: new Set(["t1"]) }), { bom: true, columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ "Task Name": "'=1+1", "Due date": "2026-05-02", "Created Date": "2026-01-02T03:04:05.1234567Z", Late: "true" });
    const all = JSON.parse((await render("json")).toString()) as Record<string, unknown[]>;
    expect(all.tasks).toEqual(["t1", "t2", "t3"].map((id) => {
      const { task, details, formats } = source.content.tasks.find((record) => record.id === id)!;
      return { id, task, details, formats };
    }));
    expect(all).toMatchObject({ format: "planback-export/1", comments: source.content.comments, people: source.content.people, gaps: source.gaps, damaged: ["2 comments"] });
    const some = JSON.parse((await render("json", { chosen: new Set(["t2"]) })).toString()) as Record<string, unknown[]>;
    expect([some.tasks!.length, some.comments!.length, some.attachments!.length, some.people!.length]).toEqual([1, 0, 1, 0]);
    expect(some).toMatchObject({ tasksInSnapshot: 3, tasksInExport: 1 });
  });

  it("as iCalendar: whole days with a stable id, whatever the time zone; no day, no event", async () => {
    const calendar = new ICAL.Component(ICAL.parse((await render("ics")).toString()) as unknown[]);
    const events = calendar.getAllSubcomponents("vevent").map((component) => new ICAL.Event(component));
    expect(events.map((event) => [event.uid, event.startDate.toString(), event.endDate.toString()])).toEqual([
      ["t1@planback", "2026-05-02", "2026-05-03"], ["t2@planback", "2026-05-10", "2026-05-11"], ["t3@planback", "2026-04-01", "2026-04-02"],
    ]);
    expect(events[0]!.summary).toBe("=1+1");
    expect(events[0]!.description).toBe("Progress: In progress\nPriority: Urgent\nBucket: To do\n\nSay: one, two;\nthree\\");
    expect((await render("ics", { chosen: new Set(["t3"]) })).toString()).not.toContain("t1@planback");
  });

  it("as ZIP: files under safe paths, one read after another, a missing one named in the index", async () => {
    const entries = await unzip(await render("zip"));
    expect([...entries.keys()]).toEqual(["tasks.xlsx", "tasks.json", "index.csv", "launch-a-b/1-brief.docx"]);
    expect(entries.get("launch-a-b/1-brief.docx")!.toString()).toBe("hello");
    const index = parse(entries.get("index.csv")!, { bom: true, columns: true }) as Record<string, string>[];
    expect(index.map((row) => [row.Path, row.Name, row["Task ID"], row.Note])).toEqual([
      ["launch-a-b/1-brief.docx", "../Brief.DOCX", "t1", ""], ["", "lost.pdf", "t2", "Missing in the storage; another snapshot may hold it."],
    ]);
    expect((await sheets(entries.get("tasks.xlsx")!)).get("Tasks")).toHaveLength(4);
  });

  it("as ZIP: a file that turns out damaged ends the archive with an error", async () => {
    await expect(render("zip", {}, { has: () => Promise.resolve(true), async *read() { yield Buffer.from("he"); throw new Error("damaged"); } })).rejects.toThrow("damaged");
  });

  it("stops reading files when nobody takes the archive any more", async () => {
    let open = 0;
    let most = 0;
    const many = { ...source.content, attachments: Array.from({ length: 50 }, (_, at) => attachment("t1", `f${at}`, `${at}.bin`, 1 << 20)) };
    const from: ExportFiles = { has: () => Promise.resolve(true), async *read() { open += 1; most = Math.max(most, open); yield Buffer.alloc(1 << 20); open -= 1; } };
    let bytes = 0;
    for await (const chunk of renderExport("zip", { ...source, content: many }, from)) {
      bytes += chunk.length;
      if (bytes > 5 << 20) break;
    }
    expect(most).toBeLessThanOrEqual(2);
  });

  it("has a name of plan and day", () => expect(exportName("xlsx", source)).toBe("launch-a-b-2026-05-03.xlsx"));
});
