import { FieldReader, isObject, type Json } from "../body";
import type { TaskRecord } from "../records";
import { INDEXES, PATTERN_TYPES, WEEKDAYS, type RecurrencePattern, type Weekday } from "./pattern";
import type { WantedSchedule } from "./series";

/**
 * What a PATCH says about recurrence. A client writes the schedule only: whole, or null to end the series. Once defined,
 * recurrence itself cannot become null, and a series that went on to its next task is not changed from the old one.
 * https://learn.microsoft.com/graph/api/resources/plannertaskrecurrence?view=graph-rest-beta
 */
export function readRecurrence(reader: FieldReader, value: unknown, task: TaskRecord | null): WantedSchedule | null | undefined {
  const fail = (reason: string): never => reader.fail("recurrence", reason);
  if (value === null) return task?.recurrence ? fail("Recurrence cannot be removed once it is defined. Set its schedule to null.") : undefined;
  const { schedule, ...others } = typed(fail, value, "plannerTaskRecurrence");
  const [readOnly] = Object.keys(others);
  if (readOnly !== undefined) fail(`The property '${readOnly}' is not writable or does not exist.`);
  if (schedule === undefined) fail("The schedule is required.");
  if (task?.recurrence?.nextInSeriesTaskId) fail("The series has gone on to its next task.");
  if (schedule === null) return task?.recurrence ? null : fail("There is no series to end.");
  return readSchedule(fail, schedule);
}

type Fail = (reason: string) => never;

function typed(fail: Fail, value: unknown, type: string): Json {
  if (!isObject(value)) return fail(`An object of type 'microsoft.graph.${type}' is expected.`);
  const { "@odata.type": declared, ...properties } = value;
  if (declared !== undefined && declared !== `microsoft.graph.${type}` && declared !== `#microsoft.graph.${type}`) fail(`The value must declare the type '#microsoft.graph.${type}'.`);
  return properties;
}

/** Pattern and start are both required. https://learn.microsoft.com/graph/api/resources/plannerrecurrenceschedule?view=graph-rest-beta */
function readSchedule(fail: Fail, value: unknown): WantedSchedule {
  const { pattern, patternStartDateTime, ...others } = typed(fail, value, "plannerRecurrenceSchedule");
  const [readOnly] = Object.keys(others);
  if (readOnly !== undefined) fail(`The property '${readOnly}' is not writable or does not exist.`);
  if (pattern === undefined || pattern === null) fail("The pattern is required.");
  if (patternStartDateTime === undefined || patternStartDateTime === null) fail("The patternStartDateTime is required.");
  const start = new FieldReader("Task", { patternStartDateTime }).date("patternStartDateTime")!;
  return { pattern: readPattern(fail, pattern), patternStartDateTime: start };
}

/** All that the type needs must be there, whatever was there before; what it does not use becomes its default. */
function readPattern(fail: Fail, value: unknown): RecurrencePattern {
  const given = typed(fail, value, "recurrencePattern");
  const unknown = Object.keys(given).find((name) => !["type", "interval", "month", "dayOfMonth", "daysOfWeek", "firstDayOfWeek", "index"].includes(name));
  if (unknown !== undefined) fail(`The property '${unknown}' does not exist on type 'microsoft.graph.recurrencePattern'.`);
  const integer = (name: string, from: number, to: number): number => {
    const number = given[name];
    return typeof number === "number" && Number.isInteger(number) && number >= from && number <= to ? number : fail(`The pattern needs '${name}' from ${from} to ${to}.`);
  };
  const oneOf = <T extends string>(name: string, values: readonly T[], otherwise?: T): T => values.find((known) => known === (given[name] ?? otherwise)) ?? fail(`The pattern needs a valid '${name}'.`);
  const days = (most: number): Weekday[] => {
    const list = given["daysOfWeek"];
    if (!Array.isArray(list) || list.length === 0 || list.length > most || new Set(list).size !== list.length) return fail(most === 1 ? "The pattern needs exactly one of 'daysOfWeek'." : "The pattern needs 'daysOfWeek'.");
    return list.map((name) => WEEKDAYS.find((known) => known === name) ?? fail(`'${String(name)}' is not a day of the week.`));
  };
  const type = oneOf("type", PATTERN_TYPES);
  const pattern: RecurrencePattern = { type, interval: integer("interval", 1, 999), month: 0, dayOfMonth: 0, daysOfWeek: [], firstDayOfWeek: "sunday", index: "first" };
  if (type === "weekly") Object.assign(pattern, { daysOfWeek: days(7), firstDayOfWeek: oneOf("firstDayOfWeek", WEEKDAYS, "sunday") });
  if (type === "relativeMonthly" || type === "relativeYearly") Object.assign(pattern, { daysOfWeek: days(1), index: oneOf("index", INDEXES, "first") });
  if (type === "absoluteMonthly" || type === "absoluteYearly") pattern.dayOfMonth = integer("dayOfMonth", 1, 31);
  if (type === "absoluteYearly" || type === "relativeYearly") pattern.month = integer("month", 1, 12);
  if (pattern.daysOfWeek.length > 1 && pattern.interval !== 1) fail("A weekly pattern with more than one day must have the interval 1.");
  return pattern;
}
