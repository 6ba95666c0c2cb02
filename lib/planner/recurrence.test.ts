import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalPlan } from "./canonical";
import { diffPlans } from "./diff";
import { describeRecurrence, patternStart, type Recurrence, recurrenceOf } from "./recurrence";
import type { GraphObject, PlannerTask, SnapshotContent, TaskRecord } from "./types";

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const INDEXES = ["first", "second", "third", "fourth", "last"];
const weekday = fc.constantFrom(...DAYS);
const interval = fc.integer({ min: 1, max: 12 });
const pattern: fc.Arbitrary<GraphObject> = fc.oneof(
  fc.record({ type: fc.constant("daily"), interval }),
  fc.record({ type: fc.constant("weekly"), interval, daysOfWeek: weekday.map((day) => [day]), firstDayOfWeek: weekday }),
  fc.record({ type: fc.constant("weekly"), interval: fc.constant(1), daysOfWeek: fc.subarray(DAYS, { minLength: 2 }), firstDayOfWeek: weekday }),
  fc.record({ type: fc.constant("absoluteMonthly"), interval, dayOfMonth: fc.integer({ min: 1, max: 31 }) }),
  fc.record({ type: fc.constant("absoluteYearly"), interval: fc.integer({ min: 1, max: 3 }), dayOfMonth: fc.integer({ min: 1, max: 31 }), month: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ type: fc.constant("relativeMonthly"), interval, daysOfWeek: weekday.map((day) => [day]), index: fc.constantFrom(...INDEXES) }),
  fc.record({ type: fc.constant("relativeYearly"), interval: fc.integer({ min: 1, max: 3 }), daysOfWeek: weekday.map((day) => [day]), index: fc.constantFrom(...INDEXES), month: fc.integer({ min: 1, max: 12 }) }),
);

const months = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth();
const lastDay = (date: Date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** Whether a day belongs to the pattern, not regarding its interval. */
function fits(date: Date, { type, ...of }: GraphObject): boolean {
  const day = date.getUTCDate();
  if (String(type).endsWith("Yearly") && date.getUTCMonth() + 1 !== of.month) return false;
  if (type === "daily") return true;
  if (String(type).startsWith("absolute")) return day === Math.min(Number(of.dayOfMonth), lastDay(date));
  if (!(of.daysOfWeek as string[]).includes(DAYS[date.getUTCDay()]!)) return false;
  return type === "weekly" || (of.index === "last" ? day + 7 > lastDay(date) : Math.ceil(day / 7) === INDEXES.indexOf(String(of.index)) + 1);
}

/** The oracle: "the next date after the pattern start date, according to the pattern", day by day. */
function nextAfter(start: Date, of: GraphObject): string {
  const step = Number(of.interval);
  for (let ago = 1; ; ago += 1) {
    const date = new Date(start.getTime() + ago * 86_400_000);
    const passed = of.type === "daily" ? ago : of.type === "weekly" ? ((of.daysOfWeek as string[]).length > 1 ? 0 : ago / 7) : String(of.type).endsWith("Yearly") ? (months(date) - months(start)) / 12 : months(date) - months(start);
    if (fits(date, of) && passed % step === 0) return date.toISOString();
  }
}

describe("recurrence", () => {
  it("gets a start from which Planner finds the same next date", () => {
    const moments = fc.date({ min: new Date("2020-01-01T00:00:00Z"), max: new Date("2060-01-01T00:00:00Z"), noInvalidDate: true });
    fc.assert(fc.property(pattern, moments, (of, at) => {
      let next = at;
      while (!fits(next, of)) next = new Date(next.getTime() + 86_400_000);
      const start = patternStart({ pattern: of, next: next.toISOString(), start: "2010-01-01T00:00:00Z" });
      expect(start).not.toBeNull();
      expect(nextAfter(new Date(start!), of)).toBe(next.toISOString());
    }), { numRuns: 400 });
  });

  it("falls back on the saved start where the next date or the pattern is not known", () => {
    expect(patternStart({ pattern: { type: "daily", interval: 1 }, next: null, start: "2026-01-01T00:00:00Z" })).toBe("2026-01-01T00:00:00Z");
    expect(patternStart({ pattern: { type: "lunar" }, next: "2026-02-01T00:00:00Z", start: "2026-01-01T00:00:00Z" })).toBe("2026-01-01T00:00:00Z");
  });

  it("leaves out what the pattern's type does not use, and completed tasks", () => {
    const task = (percentComplete: number): PlannerTask => ({
      id: "t", title: "Water", percentComplete,
      recurrence: { seriesId: "s", schedule: { patternStartDateTime: "2026-01-01T00:00:00Z", nextOccurrenceDateTime: "2026-01-05T00:00:00.0000000Z", pattern: { "@odata.type": "#x", type: "weekly", interval: 2, daysOfWeek: ["friday", "monday"], firstDayOfWeek: "sunday", month: 0, dayOfMonth: 0, index: "first" } } },
    });
    expect(recurrenceOf(task(0))).toEqual({ pattern: { type: "weekly", interval: 2, daysOfWeek: ["monday", "friday"], firstDayOfWeek: "sunday" }, next: "2026-01-05T00:00:00Z", start: "2026-01-01T00:00:00Z" });
    expect(recurrenceOf(task(100))).toBeNull();
    expect(recurrenceOf({ id: "t", title: "Read by v1.0" })).toBeUndefined();
    expect(recurrenceOf({ id: "t", title: "Stopped", recurrence: { seriesId: "s", schedule: null } })).toBeNull();
  });

  it("is told in words", () => {
    const say = (of: GraphObject, more: Partial<Recurrence> = {}) => describeRecurrence({ pattern: of, next: null, start: null, ...more });
    expect(say({ type: "daily", interval: 1 }, { next: "2026-12-07T00:00:00Z" })).toBe("Every day, next on 2026-12-07");
    expect(say({ type: "weekly", interval: 2, daysOfWeek: ["monday"] })).toBe("Every 2 weeks on Monday");
    expect(say({ type: "absoluteYearly", interval: 1, dayOfMonth: 3, month: 5 })).toBe("Every year on day 3 of month 5");
    expect(say({ type: "relativeMonthly", interval: 1, daysOfWeek: ["tuesday"], index: "second" })).toBe("Every month on the second Tuesday");
  });
});

describe("fields of Microsoft's beta interface", () => {
  const record = (task: GraphObject, details: GraphObject): TaskRecord => ({ kind: "task", id: "t", task: { id: "t", title: "Water", ...task }, details: { id: "t", description: "a", checklist: { k: { title: "Can", orderHint: "1" } }, ...details }, formats: {} });
  const content = (task: GraphObject = {}, details: GraphObject = {}, plan: GraphObject = {}): SnapshotContent => ({
    group: null, plan: { id: "p", title: "Garden", ...plan }, planDetails: { id: "p" }, buckets: [], tasks: [record(task, details)], comments: [], attachments: [], people: [],
  });
  const schedule = (interval: number) => ({ recurrence: { schedule: { pattern: { type: "daily", interval }, nextOccurrenceDateTime: "2026-01-05T00:00:00Z" } } });
  const required = { completionRequirements: { checklistRequirement: { requiredChecklistItemIds: ["k"] } } };

  it("are compared where both sides have them, and only there", () => {
    const changes = (a: SnapshotContent, b: SnapshotContent) => [...diffPlans(a, b).plan, ...diffPlans(a, b).tasks.flatMap(({ fields }) => fields)].map(({ name }) => name);
    expect(changes(content(schedule(1)), content(schedule(2)))).toEqual(["Repeats"]);
    expect(changes(content(schedule(1)), content({ recurrence: null }))).toEqual(["Repeats"]);
    expect(changes(content(schedule(1)), content())).toEqual([]);
    expect(changes(content({}, required), content({}, { completionRequirements: null }))).toEqual(["Required to complete"]);
    expect(changes(content({}, required), content())).toEqual([]);
    expect(changes(content({}, { notes: { contentType: "html", content: "<b>a</b>" } }), content({}, { notes: { contentType: "html", content: "<i>a</i>" } }))).toEqual(["Notes (formatting)"]);
    expect(changes(content({}, { notes: { contentType: "html", content: "<b>a</b>" } }), content())).toEqual([]);
    expect(changes(content({}, {}, { isArchived: true }), content({}, {}, { isArchived: false }))).toEqual(["Archived"]);
    expect(changes(content({}, {}, { isArchived: true }), content())).toEqual([]);
  });

  it("are part of the canonical form", () => {
    const form = (...parts: Parameters<typeof content>) => JSON.stringify(canonicalPlan(content(...parts)));
    const plain = form();
    for (const other of [form(schedule(1)), form(schedule(2)), form({}, required), form({}, { notes: { contentType: "html", content: "<b>a</b>" } }), form({}, {}, { isArchived: true })]) expect(other).not.toBe(plain);
    expect(form(schedule(1))).not.toBe(form(schedule(2)));
  });
});
