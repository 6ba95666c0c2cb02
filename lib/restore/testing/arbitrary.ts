/** Plans made up by fast-check: all properties, odd text, every order. */
import fc from "fast-check";
import { encodeReferenceKey } from "@/lib/planner";
import type { Comment, GraphObject, PlannerBucket, SnapshotContent, TaskRecord } from "@/lib/planner/types";

export interface ArbitraryOptions {
  groupId: string;
  /** People that may be assigned; all are members. */
  people: string[];
  maxTasks?: number;
  comments?: boolean;
}

/** Half plain words (so that equal tasks occur), half anything a person may type. */
const title = fc.oneof(fc.constantFrom("Paint the hall", "Call Ann", "Budget"), fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ""));
const text = fc.oneof(fc.constant(""), fc.string({ unit: "grapheme", maxLength: 200 }), fc.constantFrom("<script>alert(1)</script>", "=1+1", "שלום\nعالم", "🎉".repeat(50)));
const guid = fc.uuid({ version: 4 });
const seconds = fc.integer({ min: 1_600_000_000, max: 1_900_000_000 });
const iso = (at: number) => new Date(at * 1000).toISOString().replace(".000Z", "Z");
const hint = fc.stringMatching(/^[#-}]{3,10}$/).filter((value) => !value.endsWith("#"));
const hints = (count: number) => fc.uniqueArray(hint, { minLength: count, maxLength: count });
const id = fc.stringMatching(/^[A-Za-z0-9_-]{28}$/);

const details = fc.record({
  description: text,
  previewType: fc.constantFrom("automatic", "noPreview", "checklist", "description", "reference"),
  checklist: fc.uniqueArray(guid, { maxLength: 6 }).chain((keys) => fc.tuple(hints(keys.length), fc.array(fc.tuple(title, fc.boolean()), { minLength: keys.length, maxLength: keys.length }))
    .map(([order, items]) => Object.fromEntries(keys.map((key, at) => [key, { title: items[at]?.[0], isChecked: items[at]?.[1], orderHint: order[at] }])))),
  references: fc.uniqueArray(fc.webUrl({ withQueryParameters: true, validSchemes: ["https"] }), { maxLength: 4, selector: encodeReferenceKey }).chain((urls) => fc.tuple(hints(urls.length), fc.array(title, { minLength: urls.length, maxLength: urls.length }))
    .map(([order, aliases]) => Object.fromEntries(urls.map((url, at) => [encodeReferenceKey(new URL(url).href), { alias: aliases[at], type: "Other", previewPriority: order[at] }])))),
});

function taskArb(bucketIds: string[], people: string[]): fc.Arbitrary<Omit<TaskRecord, "id" | "kind">> {
  const assignees = fc.shuffledSubarray(people, { maxLength: Math.min(4, people.length) });
  return fc.record({
    task: fc.record({
      title, bucketId: bucketIds.length === 0 ? fc.constant(null) : fc.constantFrom(...bucketIds),
      percentComplete: fc.constantFrom(0, 50, 100, 37), priority: fc.constantFrom(1, 3, 5, 9, 0, 10),
      dates: fc.tuple(fc.option(seconds), fc.option(seconds)),
      labels: fc.subarray(["category1", "category3", "category7", "category25"]),
      assignees: assignees.chain((ids) => hints(ids.length).map((order) => Object.fromEntries(ids.map((user, at) => [user, { orderHint: order[at] }])))),
    }),
    details,
    formats: fc.record({ own: fc.tuple(hint, hint, hint), byPerson: hints(people.length) }),
  }).map(({ task, details: body, formats }) => {
    const [a, b] = task.dates;
    const [start, due] = a !== null && b !== null && a > b ? [b, a] : [a, b];
    return {
      task: {
        id: "", title: task.title, bucketId: task.bucketId, percentComplete: task.percentComplete, priority: task.priority,
        startDateTime: start === null ? null : iso(start), dueDateTime: due === null ? null : iso(due),
        appliedCategories: Object.fromEntries(task.labels.map((label) => [label, true])), assignments: task.assignees,
      },
      details: { id: "", ...body },
      formats: {
        bucket: { orderHint: formats.own[0] }, progress: { orderHint: formats.own[1] },
        assignedTo: { unassignedOrderHint: formats.own[2], orderHintsByAssignee: Object.fromEntries(people.map((user, at) => [user, formats.byPerson[at]]).filter(([user]) => String(user) in task.assignees)) },
      } as TaskRecord["formats"],
    };
  });
}

export function arbitraryContent({ groupId, people, maxTasks = 10, comments = false }: ArbitraryOptions): fc.Arbitrary<SnapshotContent> {
  return fc.uniqueArray(id, { minLength: 1 + 5 + maxTasks, maxLength: 1 + 5 + maxTasks }).chain(([planId = "", ...ids]) =>
    fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: maxTasks })).chain(([bucketCount, taskCount]) => {
      const bucketIds = ids.slice(0, bucketCount);
      const taskIds = ids.slice(5, 5 + taskCount);
      return fc.record({
        title, labels: fc.dictionary(fc.constantFrom("category1", "category2", "category25"), title, { noNullPrototype: true }),
        bucketNames: fc.array(title, { minLength: bucketCount, maxLength: bucketCount }), bucketHints: hints(bucketCount),
        tasks: fc.array(taskArb(bucketIds, people), { minLength: taskCount, maxLength: taskCount }), taskHints: hints(taskCount),
        comments: fc.array(fc.tuple(fc.constantFrom(...(taskIds.length > 0 ? taskIds : [""])), seconds, text), { maxLength: comments && taskCount > 0 ? 4 : 0 }),
      }).map((made): SnapshotContent => ({
        group: { id: groupId, displayName: "Marketing", visibility: "Public", ownerIds: [], memberIds: people },
        plan: { id: planId, title: made.title, container: { containerId: groupId, type: "group" } },
        planDetails: { id: planId, categoryDescriptions: made.labels },
        buckets: bucketIds.map((bucketId, at): PlannerBucket => ({ id: bucketId, name: made.bucketNames[at] ?? "", planId, orderHint: made.bucketHints[at] })),
        tasks: taskIds.map((taskId, at): TaskRecord => {
          const { task, details: body, formats } = made.tasks[at] ?? { task: {}, details: {}, formats: {} };
          return { kind: "task", id: taskId, task: { ...(task as GraphObject), id: taskId, title: String((task as GraphObject).title), planId, orderHint: made.taskHints[at] }, details: { ...body, id: taskId }, formats };
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
