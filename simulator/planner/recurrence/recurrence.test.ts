import { beforeEach, describe, expect, it } from "vitest";
import { REPRESENTATION, assignment, checklistItem, createBench, id, reference } from "../testing";
import type { Answer, Bench, JsonBody } from "../testing";
import { nextAfter, type RecurrencePattern } from "./pattern";

let bench: Bench;
let ids: { planId: string; bucketId: string; taskId: string };
let task: string;
beforeEach(() => {
  bench = createBench();
  ids = bench.plan();
  task = `/planner/tasks/${ids.taskId}`;
});

const etagOf = async (path: string): Promise<string> => (await bench.member.get(path)).body["@odata.etag"];
const patch = async (body: unknown, version = "/beta"): Promise<Answer> => bench.member.patch(`${version}${task}`, await etagOf(task), body, REPRESENTATION);
const DAILY = { type: "daily", interval: 3 };
const START = "2022-02-22T02:10:33Z";
const recur = (pattern: object = DAILY, patternStartDateTime: unknown = START) => patch({ recurrence: { schedule: { pattern, patternStartDateTime } } });
const recurrenceOf = (body: JsonBody) => body.recurrence as { seriesId: string; occurrenceId: number; schedule: { pattern: object; nextOccurrenceDateTime: string } | null; nextInSeriesTaskId: string | null };

/** https://learn.microsoft.com/graph/api/resources/plannerrecurrenceschedule?view=graph-rest-beta, plannertaskrecurrence */
describe("defining recurrence", () => {
  it("fills the series and the next occurrence, and the defaults of what the pattern does not use (plannertask-update, example)", async () => {
    const { status, body } = await recur();
    expect(status).toBe(200);
    expect(body.recurrence).toEqual({
      seriesId: expect.stringMatching(/^[\w-]{22}$/), occurrenceId: 1, previousInSeriesTaskId: null, nextInSeriesTaskId: null, recurrenceStartDateTime: START,
      schedule: {
        pattern: { type: "daily", interval: 3, firstDayOfWeek: "sunday", dayOfMonth: 0, daysOfWeek: [], index: "first", month: 0 },
        patternStartDateTime: START, nextOccurrenceDateTime: "2022-02-25T02:10:33Z",
      },
    });
    expect((await bench.member.get(task)).body).not.toHaveProperty("recurrence");
  });

  it.each([
    ["no start", { schedule: { pattern: DAILY } }],
    ["no pattern", { schedule: { patternStartDateTime: START } }],
    ["a pattern without a type", { schedule: { pattern: { interval: 2 }, patternStartDateTime: START } }],
    ["a pattern without an interval", { schedule: { pattern: { type: "daily" }, patternStartDateTime: START } }],
    ["interval 0", { schedule: { pattern: { type: "daily", interval: 0 }, patternStartDateTime: START } }],
    ["an unknown type", { schedule: { pattern: { type: "hourly", interval: 1 }, patternStartDateTime: START } }],
    ["weekly without days", { schedule: { pattern: { type: "weekly", interval: 1 }, patternStartDateTime: START } }],
    ["weekly, two days, interval 2", { schedule: { pattern: { type: "weekly", interval: 2, daysOfWeek: ["monday", "friday"] }, patternStartDateTime: START } }],
    ["monthly without a day", { schedule: { pattern: { type: "absoluteMonthly", interval: 1 }, patternStartDateTime: START } }],
    ["relative monthly with two days", { schedule: { pattern: { type: "relativeMonthly", interval: 1, daysOfWeek: ["monday", "friday"] }, patternStartDateTime: START } }],
    ["yearly without a month", { schedule: { pattern: { type: "absoluteYearly", interval: 1, dayOfMonth: 1 }, patternStartDateTime: START } }],
    ["a range", { schedule: { pattern: DAILY, patternStartDateTime: START, range: {} } }],
    ["the next occurrence, which the service computes", { schedule: { pattern: DAILY, patternStartDateTime: START, nextOccurrenceDateTime: START } }],
    ["a series id", { seriesId: "x", schedule: { pattern: DAILY, patternStartDateTime: START } }],
    ["a start that is no date", { schedule: { pattern: DAILY, patternStartDateTime: "soon" } }],
    ["no schedule", {}],
    ["a schedule that ends before it began", { schedule: null }],
  ])("refuses %s with 400", async (_, recurrence) => {
    expect((await patch({ recurrence })).status).toBe(400);
    expect((await bench.member.get(`/beta${task}`)).body.recurrence).toBeNull();
  });

  it("takes back what the service returned for the pattern, defaults included", async () => {
    const { body } = await recur({ type: "weekly", interval: 1, daysOfWeek: ["monday", "wednesday", "friday"] });
    expect((await recur(recurrenceOf(body).schedule!.pattern)).body).toMatchObject({ recurrence: recurrenceOf(body) });
  });

  it("a change sends the whole pattern; the series stays the same one", async () => {
    const first = recurrenceOf((await recur()).body);
    expect((await recur({ interval: 2 })).status).toBe(400);
    const changed = recurrenceOf((await recur({ type: "daily", interval: 2 }, "2022-03-01T00:00:00Z")).body);
    expect(changed).toMatchObject({ seriesId: first.seriesId, occurrenceId: 1, recurrenceStartDateTime: "2022-03-01T00:00:00Z", schedule: { nextOccurrenceDateTime: "2022-03-03T00:00:00Z" } });
  });

  it("cannot become null again; its schedule can, and then the series has an end", async () => {
    expect((await patch({ recurrence: null })).status).toBe(200);
    await recur();
    expect((await patch({ recurrence: null })).status).toBe(400);
    expect(recurrenceOf((await patch({ recurrence: { schedule: null } })).body)).toMatchObject({ schedule: null, occurrenceId: 1 });
    await patch({ percentComplete: 100 });
    expect(await bench.member.list(`/planner/plans/${ids.planId}/tasks`)).toHaveLength(1);
    expect((await recur()).status).toBe(200);
  });
});

/** https://learn.microsoft.com/graph/api/resources/plannertaskrecurrence?view=graph-rest-beta */
describe("a series goes on", () => {
  const tasks = () => bench.member.list(`/beta/planner/plans/${ids.planId}/tasks`);
  const next = async (): Promise<JsonBody> => (await tasks()).find((one) => one.id !== ids.taskId)!;

  it("when the task is completed, by any version: another task with the scheduled due date, whatever the due date was changed to", async () => {
    await recur();
    await patch({ dueDateTime: "2022-05-01T00:00:00Z", assignments: { [id(12)]: assignment() }, appliedCategories: { category2: true }, priority: 1 });
    const details = await bench.member.patch(`/beta${task}/details`, await etagOf(`${task}/details`), {
      notes: { contentType: "html", content: "<b>Text</b>" }, checklist: { [id(51)]: checklistItem({ title: "One", isChecked: true }) }, references: { "https%3A//a%2Eb": reference({ alias: "A" }) },
    });
    expect(details.status).toBe(204);
    const done = await patch({ percentComplete: 100 }, "");
    expect(done.body).not.toHaveProperty("recurrence");
    const made = await next();
    expect(made).toMatchObject({
      title: "Write the brief", bucketId: ids.bucketId, percentComplete: 0, dueDateTime: "2022-02-25T02:10:33Z", priority: 1, appliedCategories: { category2: true }, assignments: { [id(12)]: {} },
      checklistItemCount: 1, activeChecklistItemCount: 1, referenceCount: 1,
      recurrence: { occurrenceId: 2, previousInSeriesTaskId: ids.taskId, nextInSeriesTaskId: null, recurrenceStartDateTime: START, schedule: { nextOccurrenceDateTime: "2022-02-28T02:10:33Z", patternStartDateTime: START } },
    });
    expect((await bench.member.get(`/beta/planner/tasks/${made.id}/details`)).body).toMatchObject({ description: "Text", notes: { content: "<b>Text</b>" } });
    const old = recurrenceOf((await bench.member.get(`/beta${task}`)).body);
    expect(old).toMatchObject({ nextInSeriesTaskId: made.id, seriesId: recurrenceOf(made).seriesId });
  });

  it("once: re-opening and completing again makes no second, and the old task's schedule is closed", async () => {
    await recur();
    for (const percentComplete of [100, 50, 100]) expect((await patch({ percentComplete })).status).toBe(200);
    expect(await tasks()).toHaveLength(2);
    expect((await recur()).status).toBe(400);
    expect((await patch({ recurrence: { schedule: null } })).status).toBe(400);
  });

  it("when the task is deleted without ending the series", async () => {
    await recur();
    expect((await bench.member.delete(task, await etagOf(task))).status).toBe(204);
    expect(await next()).toMatchObject({ recurrence: { occurrenceId: 2 } });
  });

  it("not when it is created complete, nor when the task had been complete before", async () => {
    const made = await bench.member.post("/beta/planner/tasks", { planId: ids.planId, title: "Done", percentComplete: 100 });
    expect((await bench.member.patch(`/beta/planner/tasks/${made.body.id}`, made.body["@odata.etag"], { recurrence: { schedule: { pattern: DAILY, patternStartDateTime: START } } })).status).toBe(204);
    expect(await tasks()).toHaveLength(2);
  });
});

/** https://learn.microsoft.com/graph/api/resources/plannerrecurrenceschedule?view=graph-rest-beta (clarifications) */
describe("the next date", () => {
  const next = (pattern: Partial<RecurrencePattern>, from: string): string =>
    new Date(nextAfter({ type: "daily", interval: 1, month: 0, dayOfMonth: 0, daysOfWeek: [], firstDayOfWeek: "sunday", index: "first", ...pattern }, Date.parse(from))).toISOString().slice(0, 10);
  it.each([
    ["daily 33", { type: "daily", interval: 33 }, "2022-03-27", "2022-04-29"],
    ["weekly on Wednesdays", { type: "weekly", daysOfWeek: ["wednesday"] }, "2022-02-02", "2022-02-09"],
    ["Monday, Wednesday, Friday, on a Tuesday", { type: "weekly", daysOfWeek: ["friday", "monday", "wednesday"] }, "2022-02-22", "2022-02-23"],
    ["Monday, Wednesday, Friday, on a Friday", { type: "weekly", daysOfWeek: ["monday", "wednesday", "friday"] }, "2022-02-25", "2022-02-28"],
    ["every second Tuesday", { type: "weekly", interval: 2, daysOfWeek: ["tuesday"] }, "2022-02-22", "2022-03-08"],
    ["every second week with weeks from Thursday", { type: "weekly", interval: 2, daysOfWeek: ["wednesday"], firstDayOfWeek: "thursday" }, "2022-02-03", "2022-02-09"],
    ["day 31 in April", { type: "absoluteMonthly", dayOfMonth: 31 }, "2026-03-31", "2026-04-30"],
    ["day 31 after a short month", { type: "absoluteMonthly", dayOfMonth: 31 }, "2026-04-30", "2026-05-31"],
    ["day 30 in February", { type: "absoluteMonthly", dayOfMonth: 30 }, "2026-01-30", "2026-02-28"],
    ["day 10 every second month", { type: "absoluteMonthly", interval: 2, dayOfMonth: 10 }, "2026-02-22", "2026-04-10"],
    ["the last Friday", { type: "relativeMonthly", daysOfWeek: ["friday"], index: "last" }, "2026-01-30", "2026-02-27"],
    ["the second Monday", { type: "relativeMonthly", daysOfWeek: ["monday"], index: "second" }, "2026-06-01", "2026-06-08"],
    ["29 February in a common year", { type: "absoluteYearly", dayOfMonth: 29, month: 2 }, "2024-02-29", "2025-02-28"],
    ["the first Sunday of November", { type: "relativeYearly", daysOfWeek: ["sunday"], month: 11 }, "2026-11-01", "2027-11-07"],
  ] satisfies [string, Partial<RecurrencePattern>, string, string][])("%s", (_, pattern, from, expected) => {
    expect(next(pattern, from)).toBe(expected);
  });
});
