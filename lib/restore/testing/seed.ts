/** Puts a made-up plan into the simulator, comments too. */
import { assigneesOf, boardHint, checklistInOrder, decodeReferenceKey, openEntries, referencesInOrder, requiredItems } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import { CONTOSO, PEOPLE } from "@/simulator/fixtures";
import type { RecurrenceRecord } from "@/simulator/planner/recurrence/series";
import type { Simulator } from "@/simulator/server";

const by = { userId: PEOPLE.alice.id, appId: null };

/** Returns the id of the plan. */
export function seedPlan({ stores: { planner: store, mail }, world }: Simulator, groupId: string, content: SnapshotContent): string {
  const plan = store.addPlan({ tenantId: CONTOSO.tenantId, groupId, title: content.plan.title, createdBy: by, categories: Object.fromEntries(openEntries(content.planDetails?.categoryDescriptions)) });
  const buckets = new Map(content.buckets.map(({ id, name, orderHint }) => [id, store.addBucket({ planId: plan.id, name, orderHint }).id]));
  for (const record of content.tasks) {
    const { task, details } = record;
    const comments = content.comments.filter(({ taskId }) => taskId === record.id);
    const thread = comments.length > 0 ? mail.addThread(groupId, "Comments") : null;
    const ben = world.tenants.get(CONTOSO.tenantId)!.users.get(PEOPLE.ben.id)!;
    for (const comment of comments) mail.addPost(thread!, { sender: ben, content: comment.text, contentType: "text", createdAt: Date.parse(comment.createdDateTime) });
    const items = checklistInOrder(details);
    const required = new Set(requiredItems(details) ?? []);
    const added = store.addTask({
      planId: plan.id, createdBy: by, title: task.title, orderHint: task.orderHint, percentComplete: task.percentComplete, priority: task.priority,
      bucketId: buckets.get(task.bucketId ?? "") ?? null, startDateTime: task.startDateTime, dueDateTime: task.dueDateTime,
      appliedCategories: Object.keys(task.appliedCategories ?? {}), assignees: assigneesOf(task), conversationThreadId: thread?.id ?? null,
      ...(details?.notes?.content ? { notes: details.notes.content } : { description: details?.description }), previewType: details?.previewType as "automatic" | undefined,
      ...(task.recurrence ? { recurrence: { recurrenceStartDateTime: "2020-01-01T00:00:00Z", ...task.recurrence } as unknown as RecurrenceRecord } : {}),
      checklist: items.map(({ key, title, isChecked }) => ({ id: key, title: title ?? "", isChecked })),
      references: referencesInOrder(details).map(({ key, alias, type }) => ({ url: decodeReferenceKey(key), alias, type })),
      formats: {
        bucket: boardHint("bucket", record, "") ?? undefined, progress: boardHint("progress", record, "") ?? undefined, unassigned: boardHint("assignedTo", record, "") ?? undefined,
        byAssignee: Object.fromEntries(assigneesOf(task).flatMap((user) => boardHint("assignedTo", record, user) ? [[user, boardHint("assignedTo", record, user)!]] : [])),
      },
    });
    if (required.size > 0) added.details.requiredItems = [...required];
  }
  return plan.id;
}
