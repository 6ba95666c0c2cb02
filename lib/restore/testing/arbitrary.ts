/** Plans made up by fast-check: all properties, odd text, every order, up to Planner's limits. */
import fc from "fast-check";
import { encodeReferenceKey, LABEL_COLOURS } from "@/lib/planner";
import type { Comment, GraphObject, PlannerBucket, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { asNotes, plainText } from "@/simulator/planner/notes";
import { nextAfter, type RecurrencePattern } from "@/simulator/planner/recurrence/pattern";

export interface ArbitraryOptions {
  groupId: string;
  /** People that may be assigned; all are members. */
  people: string[];
  maxTasks?: number;
  comments?: boolean;
  /** With the fields of Microsoft's beta interface. */
  extras?: boolean;
}

/** Half plain words (so that equal tasks occur), half anything a person may type. */
const title = fc.oneof(fc.constantFrom("Paint the hall", "Call Ann", "Budget"), fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ""));
const text = fc.oneof(fc.constant(""), fc.string({ unit: "grapheme", maxLength: 200 }), fc.constantFrom("<script>alert(1)</script>", "=1+1", "שלום\nعالم", "🎉".repeat(50), "x".repeat(10_000)));
const guid = fc.uuid({ version: 4 });
const seconds = fc.integer({ min: 1_600_000_000, max: 1_900_000_000 });
const iso = (at: number) => new Date(at * 1000).toISOString().replace(".000Z", "Z");
const hint = fc.stringMatching(/^[#-}]{3,10}$/).filter((value) => !value.endsWith("#"));
const hints = (count: number) => fc.uniqueArray(hint, { minLength: count, maxLength: count });
const id = fc.stringMatching(/^[A-Za-z0-9_-]{28}$/);

/** Mostly few, sometimes as many as Planner takes. */
const upTo = (usual: number, most: number) => fc.oneof({ weight: 9, arbitrary: fc.nat(usual) }, { weight: 1, arbitrary: fc.constant(most) });

const details = fc.record({
  description: text,
  previewType: fc.constantFrom("automatic", "noPreview", "checklist", "description", "reference"),
  checklist: upTo(5, 20).chain((length) => fc.uniqueArray(guid, { minLength: length, maxLength: length })).chain((keys) => fc.tuple(hints(keys.length), fc.array(fc.tuple(title, fc.boolean()), { minLength: keys.length, maxLength: keys.length }))
    .map(([order, items]) => Object.fromEntries(keys.map((key, at) => [key, { title: items[at]?.[0], isChecked: items[at]?.[1], orderHint: order[at] }])))),
  references: upTo(3, 10).chain((length) => fc.uniqueArray(fc.webUrl({ withQueryParameters: true, validSchemes: ["https"] }), { minLength: length, maxLength: length, selector: (url) => encodeReferenceKey(new URL(url).href) })).chain((urls) => fc.tuple(hints(urls.length), fc.array(title, { minLength: urls.length, maxLength: urls.length }))
    .map(([order, aliases]) => Object.fromEntries(urls.map((url, at) => [encodeReferenceKey(new URL(url).href), { alias: aliases[at], type: "Other", previewPriority: order[at] }])))),
});

const WEEK = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const interval = fc.integer({ min: 1, max: 4 });
const day = fc.constantFrom(...WEEK).map((name) => [name]);
const index = fc.constantFrom("first", "third", "last");
const dayOfMonth = fc.constantFrom(1, 15, 29, 31);
/** Every kind of pattern; a start from which the next date follows. */
const schedule = fc.tuple(fc.oneof(
  fc.record({ type: fc.constant("daily"), interval }),
  fc.record({ type: fc.constant("weekly"), interval, daysOfWeek: day, firstDayOfWeek: fc.constantFrom("sunday", "monday") }),
  fc.record({ type: fc.constant("weekly"), interval: fc.constant(1), daysOfWeek: fc.subarray(WEEK, { minLength: 2 }), firstDayOfWeek: fc.constant("monday") }),
  fc.record({ type: fc.constant("absoluteMonthly"), interval, dayOfMonth }),
  fc.record({ type: fc.constant("relativeMonthly"), interval, daysOfWeek: day, index }),
  fc.record({ type: fc.constant("absoluteYearly"), interval, dayOfMonth, month: fc.constantFrom(2, 6, 12) }),
  fc.record({ type: fc.constant("relativeYearly"), interval, daysOfWeek: day, index, month: fc.constantFrom(2, 6) }),
), seconds).map(([pattern, at]) => ({ pattern: { month: 0, dayOfMonth: 0, daysOfWeek: [], firstDayOfWeek: "sunday", index: "first", ...pattern }, patternStartDateTime: iso(at), nextOccurrenceDateTime: nextOf(pattern, at) }));
const nextOf = (pattern: GraphObject, at: number) => iso(nextAfter({ month: 0, dayOfMonth: 0, daysOfWeek: [], firstDayOfWeek: "sunday", index: "first", ...pattern } as unknown as RecurrencePattern, at * 1000) / 1000);

/** What beta shows: rich notes with the description that the service derives, required items, recurrence. */
const extra = fc.record({
  html: fc.option(fc.tuple(text, title).map(([words, bold]) => `<p>${asNotes(words)}</p><b>${asNotes(bold)}</b><ul><li>${asNotes(bold)}</li></ul>`)),
  required: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
  recurrence: fc.option(fc.oneof(schedule, fc.constant(null))),
});

type Extra = typeof extra extends fc.Arbitrary<infer T> ? T : never;

function withExtras({ html, required, recurrence }: Extra, task: GraphObject, body: GraphObject): { task: GraphObject; details: GraphObject } {
  const needed = Object.keys(body.checklist as GraphObject).filter((_, at) => required[at]);
  const content = html ?? asNotes(String(body.description));
  return {
    task: { ...task, recurrence: recurrence === null && html === null ? null : { seriesId: "series", occurrenceId: 2, previousInSeriesTaskId: null, nextInSeriesTaskId: null, schedule: recurrence } },
    details: { ...body, description: plainText(content), notes: { contentType: "html", content }, completionRequirements: needed.length === 0 ? null : { checklistRequirement: { requiredChecklistItemIds: needed }, formsRequirement: null, approvalRequirement: null } },
  };
}

function taskArb(bucketIds: string[], people: string[], extras: boolean): fc.Arbitrary<Omit<TaskRecord, "id" | "kind">> {
  const assignees = upTo(4, 20).chain((most) => fc.shuffledSubarray(people, { maxLength: Math.min(most, people.length) }));
  return fc.record({
    extra,
    task: fc.record({
      title, bucketId: bucketIds.length === 0 ? fc.constant(null) : fc.constantFrom(...bucketIds),
      percentComplete: fc.constantFrom(0, 50, 100, 37), priority: fc.constantFrom(1, 3, 5, 9, 0, 10),
      dates: fc.tuple(fc.option(seconds), fc.option(seconds)),
      labels: fc.subarray(["category1", "category3", "category7", "category25"]),
      assignees: assignees.chain((ids) => hints(ids.length).map((order) => Object.fromEntries(ids.map((user, at) => [user, { orderHint: order[at] }])))),
    }),
    details,
    formats: fc.record({ own: fc.tuple(hint, hint, hint), byPerson: hints(people.length) }),
  }).map(({ task, details: body, formats, extra: more }) => {
    const [a, b] = task.dates;
    const [start, due] = a !== null && b !== null && a > b ? [b, a] : [a, b];
    const plain = {
      task: {
        id: "", title: task.title, bucketId: task.bucketId, percentComplete: task.percentComplete, priority: task.priority,
        startDateTime: start === null ? null : iso(start), dueDateTime: due === null ? null : iso(due),
        appliedCategories: Object.fromEntries(task.labels.map((label) => [label, true])), assignments: task.assignees,
      },
      details: { id: "", ...body },
    };
    return {
      ...((extras ? withExtras(more, plain.task, plain.details) : plain) as Pick<TaskRecord, "task" | "details">),
      formats: {
        bucket: { orderHint: formats.own[0] }, progress: { orderHint: formats.own[1] },
        assignedTo: { unassignedOrderHint: formats.own[2], orderHintsByAssignee: Object.fromEntries(people.map((user, at) => [user, formats.byPerson[at]]).filter(([user]) => String(user) in task.assignees)) },
      } as TaskRecord["formats"],
    };
  });
}

export function arbitraryContent({ groupId, people, maxTasks = 10, comments = false, extras = false }: ArbitraryOptions): fc.Arbitrary<SnapshotContent> {
  return fc.uniqueArray(id, { minLength: 1 + 5 + maxTasks, maxLength: 1 + 5 + maxTasks }).chain(([planId = "", ...ids]) =>
    fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: maxTasks })).chain(([bucketCount, taskCount]) => {
      const bucketIds = ids.slice(0, bucketCount);
      const taskIds = ids.slice(5, 5 + taskCount);
      return fc.record({
        title, archived: fc.boolean(), labels: fc.dictionary(fc.constantFrom(...LABEL_COLOURS.map(({ category }) => category)), title, { noNullPrototype: true }),
        bucketNames: fc.array(title, { minLength: bucketCount, maxLength: bucketCount }), bucketHints: hints(bucketCount),
        tasks: fc.array(taskArb(bucketIds, people, extras), { minLength: taskCount, maxLength: taskCount }), taskHints: hints(taskCount),
        comments: fc.array(fc.tuple(fc.constantFrom(...(taskIds.length > 0 ? taskIds : [""])), seconds, text), { maxLength: comments && taskCount > 0 ? 4 : 0 }),
      }).map((made): SnapshotContent => ({
        group: { id: groupId, displayName: "Marketing", visibility: "Public", ownerIds: [], memberIds: people },
        plan: { id: planId, title: made.title, container: { containerId: groupId, type: "group" }, ...(extras ? { isArchived: made.archived } : {}) },
        planDetails: { id: planId, categoryDescriptions: made.labels },
        buckets: bucketIds.map((bucketId, at): PlannerBucket => ({ id: bucketId, name: made.bucketNames[at] ?? "", planId, orderHint: made.bucketHints[at] })),
        tasks: taskIds.map((taskId, at): TaskRecord => {
          const { task, details: body, formats } = made.tasks[at] ?? { task: {}, details: {}, formats: {} };
          // The service gives no place to two.
          const own = (value: unknown): unknown => (typeof value === "string" ? `${value}~${at}` : typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, own(inner)])) : value);
          return { kind: "task", id: taskId, task: { ...(task as GraphObject), id: taskId, title: String((task as GraphObject).title), planId, orderHint: made.taskHints[at] }, details: { ...body, id: taskId }, formats: own(formats) as TaskRecord["formats"] };
        }),
        comments: made.comments.map(([taskId, at, words], index): Comment => ({
          id: `comment-${index}`, taskId, threadId: `thread-${taskId}`, authorName: "Ann Smith", authorAddress: "ann@example.com", createdDateTime: iso(at), text: words,
          original: { contentType: "html", content: "" },
        })),
        attachments: [],
        people: people.map((user) => ({ id: user, displayName: `Person ${user.slice(0, 4)}` })),
      }));
    }));
}
