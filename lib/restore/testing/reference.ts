/** The reference restore: some sixty creates of every kind, with files, comments, recurrence and an archived plan. */
import { createHash } from "node:crypto";
import { encodeReferenceKey, hintsForList } from "@/lib/planner";
import type { Attachment, Comment, PlannerChecklistItem, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { resolveHint } from "@/simulator/planner/hints";

const id = (kind: string, number: number) => `${kind}-${number}`.padEnd(28, "x");
const guid = (number: number) => `00000000-0000-4000-9000-${String(number).padStart(12, "0")}`;
const placed = (count: number) => hintsForList(count).map((expression) => resolveHint(expression) ?? "");

/** Every eighth task has a file, every tenth comments, two come again and again; titles repeat. */
export function referenceContent(groupId: string, people: string[], { tasks: count = 40, buckets: bucketCount = 6 } = {}): SnapshotContent {
  const planId = id("plan", 0);
  const hints = placed(count);
  const bucketHints = placed(bucketCount);
  const tasks = Array.from({ length: count }, (_, number): TaskRecord => {
    const person = people[number % people.length] ?? "";
    const references = number % 8 === 0 ? { [encodeReferenceKey(fileUrl(number))]: { alias: `File ${number}`, type: "Word", previewPriority: "8585" } } : {};
    const items = Array.from({ length: number % 4 }, (_unused, item): [string, PlannerChecklistItem] => [guid(number * 10 + item), { title: `Step ${item}`, isChecked: item === 0, orderHint: placed(4)[item] }]);
    return {
      kind: "task", id: id("task", number),
      task: {
        id: id("task", number), title: `Task ${number % 7}`, planId, bucketId: id("bucket", number % bucketCount), orderHint: hints[number], percentComplete: [0, 50, 100][number % 3]!, priority: 5,
        startDateTime: null, dueDateTime: number % 5 === 0 ? "2026-12-01T10:00:00Z" : null, appliedCategories: number % 6 === 0 ? { category1: true } : {},
        assignments: number % 2 === 0 ? { [person]: { orderHint: hints[number] } } : {},
        ...(number === 3 || number === 4 ? { recurrence: { schedule: { pattern: { type: "weekly", interval: number, daysOfWeek: ["monday"], firstDayOfWeek: "sunday" }, patternStartDateTime: "2026-11-23T12:00:00Z", nextOccurrenceDateTime: `2026-12-${number === 3 ? 14 : 21}T12:00:00Z` } } } : {}),
      },
      details: { id: id("task", number), description: number % 3 === 0 ? `About ${number}` : "", previewType: "automatic", checklist: Object.fromEntries(items), references },
      formats: { bucket: { orderHint: hints[(number * 7) % count] }, progress: { orderHint: hints[number] }, assignedTo: { unassignedOrderHint: hints[number], orderHintsByAssignee: number % 2 === 0 ? { [person]: hints[(number * 3) % count] } : {} } },
    };
  });
  return {
    group: { id: groupId, displayName: "Marketing", visibility: "Public", ownerIds: [], memberIds: people },
    plan: { id: planId, title: "Reference", container: { containerId: groupId, type: "group" }, isArchived: true },
    planDetails: { id: planId, categoryDescriptions: { category1: "Urgent" } },
    buckets: bucketHints.map((orderHint, number) => ({ id: id("bucket", number), name: `Bucket ${number % 4}`, planId, orderHint })),
    tasks,
    comments: tasks.flatMap((task, number) => (number % 10 === 0 ? [commentOf(task.id, 0), commentOf(task.id, 1)] : [])),
    attachments: tasks.flatMap((task, number) => (number % 8 === 0 ? [attachmentOf(task.id, number)] : [])),
    people: people.map((user) => ({ id: user, displayName: `Person ${user.slice(0, 4)}` })),
  };
}

const fileUrl = (number: number) => `https://contoso.sharepoint.com/sites/marketing/File ${number}.docx`;

function commentOf(taskId: string, number: number): Comment {
  return { id: `comment-${taskId}-${number}`, taskId, threadId: `thread-${taskId}`, authorName: "Ann Smith", authorAddress: "ann@example.com", createdDateTime: `2026-11-0${number + 1}T10:00:00Z`, text: `Word ${number}`, original: { contentType: "html", content: "" } };
}

/** One zero byte long, as the repository of these tests gives. */
function attachmentOf(taskId: string, number: number): Attachment {
  return {
    id: `${taskId}/file`, taskId, referenceKey: encodeReferenceKey(fileUrl(number)), name: `File ${number}.docx`, size: 1,
    sha256: createHash("sha256").update(Buffer.alloc(1)).digest("hex"), fileId: `file-${number}`, contentType: null, driveItemId: null,
  };
}
