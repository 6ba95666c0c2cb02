/** What cannot come back exactly, shown before the restore and again in its report. docs/restore.md explains each. */
import { openEntries, progressOf, recurrenceOf, requiredItems } from "@/lib/planner";
import type { Gap, TaskRecord } from "@/lib/planner/types";
import type { Inexact } from "../types";
import type { Planning } from "./context";
import { inexact } from "./draft";
import { hasRichNotes } from "./notes";

const COMMENTS: Record<Planning["request"]["comments"], [string, string]> = {
  quoted: ["Comment author and time", "The connection account writes the comments as quoted text that names the author and the time."],
  summary: ["Comment author and time", "The connection account writes all comments of a task as one, which names the authors and the times."],
  notes: ["Comments", "They are added to the notes of their tasks as text, with author and time."],
  none: ["Comments", "Comments are not restored, as chosen."],
};

export function inexactFields(planning: Planning): Inexact[] {
  const { snapshot, chosen, created, draft, request } = planning;
  const made = chosen.filter(({ id }) => created.has(id));
  const count = (kind: string) => draft.operations.filter((operation) => operation.kind === kind).length;
  const comments = snapshot.comments.filter(({ taskId }) => created.has(taskId));
  return [
    ...inexact("Links to plans and tasks", made.length + count("create_plan"), "Microsoft gives new ids; old links to them do not lead to the restored ones."),
    ...inexact("Created by, created on", made.length + count("create_plan"), "Microsoft sets the connection account and the time of the restore."),
    ...inexact("Completed by, completed on", made.filter(isCompleted).length, "The tasks come back completed, by the connection account at the time of the restore."),
    ...assignments(planning, made),
    ...inexact(COMMENTS[request.comments][0], comments.length, COMMENTS[request.comments][1]),
    ...inexact("Chat messages", request.comments === "none" ? 0 : comments.filter(({ channel }) => channel === "chat").length, "Messages of a task's chat come back with its comments, without reactions and mentions."),
    ...inexact("Address of files", count("upload_file"), "Files are uploaded to the folder “Planback” of the group's documents; the attachments point there."),
    ...inexact("Content of files that changed since the snapshot", changedFiles(planning), "The attachments point to the files as they are now; nothing is overwritten. What the snapshot holds of them can be downloaded from it, and comes back in a restore into a new plan."),
    ...missingParts(planning),
    ...unassigned(planning),
    ...planning.labels.lost.flatMap(({ name, tasks }) => inexact(`Label “${name}”`, tasks, "The target plan has no label of this name and no unnamed one left. The tasks come without it.")),
    ...extrasLost(planning),
  ];
}

function assignments({ request, snapshot }: Planning, made: TaskRecord[]): Inexact[] {
  const count = made.reduce((sum, { task }) => sum + openEntries(task.assignments).length, 0);
  if (request.drill) {
    return [
      ...inexact("Assignments", count, "Left out on purpose: Planner tells people of tasks that are assigned to them. A restore that a person starts gives them back."),
      ...inexact("Stored files", snapshot.attachments.length, "Read from the backup to the last byte, and not uploaded: they would stay in the group. Attachments point to where the originals are."),
    ];
  }
  return [
    ...inexact("Assigned by, assigned on", count, "Microsoft sets the connection account and the time of the restore."),
    ...inexact("Order in people's own task lists", made.filter(({ task }) => openEntries(task.assignments).length > 0).length, "The order inside the plan is restored; a person's list over all plans is that person's own."),
  ];
}

const isCompleted = ({ task }: TaskRecord): boolean => progressOf(task.percentComplete) === "completed";

/** In place, attachments that will point to a file with another content than the snapshot's. */
function changedFiles({ snapshot, live, chosen, created, choice }: Planning): number {
  const changed = new Set(live.changedFiles);
  const concerned = new Set(chosen.flatMap(({ id }) => (created.has(id) || choice.takes(id, "references") ? [id] : [])));
  return snapshot.attachments.filter(({ id, taskId }) => changed.has(id) && concerned.has(taskId)).length;
}

/** What a partial snapshot does not hold of that which is restored: nothing can be compared with it, so nothing else would tell. */
function missingParts({ gaps = [], chosen, created, request }: Planning): Inexact[] {
  const missing = gaps.filter(({ permanent }) => !permanent);
  const of = (kind: Gap["kind"], ids: ReadonlySet<string>) => missing.filter((gap) => gap.kind === kind && ids.has(gap.taskId ?? "")).length;
  const ids = new Set(chosen.map(({ id }) => id));
  const why = "The snapshot is partial: they could not be read when it was taken.";
  const stays = `${why} What exists stays as it is; what is created comes back without them.`;
  return [
    ...inexact("Label names that the snapshot does not hold", missing.filter(({ kind }) => kind === "planDetails").length, stays),
    ...inexact("Notes, checklists and attachments that the snapshot does not hold", of("task", ids), stays),
    ...inexact("Files that the snapshot does not hold", of("file", ids), `${why} Attachments point to where the originals are.`),
    ...inexact("Comments that the snapshot does not hold", request.comments === "none" ? 0 : of("comments", created), stays),
    ...inexact("Places on boards that the snapshot does not hold", of("boardFormat", ids), `${why} The order of the list takes their place.`),
  ];
}

function unassigned({ request, wanted, created, chosen }: Planning): Inexact[] {
  const tasks = chosen.filter(({ id, task }) => created.has(id) && openEntries(wanted.get(id)?.task.assignments).length < openEntries(task.assignments).length).length;
  return request.unmatched === "text" ? inexact("Assignees without an account in the target", tasks, "They are named in the notes of their tasks.") : [];
}

/** Fields that only Microsoft's beta interface has. */
function extrasLost({ snapshot, chosen, created, extras, choice, impossible, live }: Planning): Inexact[] {
  const made = chosen.filter(({ id }) => created.has(id));
  const repeating = made.filter(({ task }) => recurrenceOf({ ...task, percentComplete: 0 }));
  const gone = [...impossible.values()].filter((fields) => fields.includes("recurrence")).length;
  const otherRequirements = made.filter(({ details }) => details?.completionRequirements?.formsRequirement || details?.completionRequirements?.approvalRequirement).length;
  const always = [
    ...inexact("Repetition of completed tasks", repeating.filter(isCompleted).length, "The series goes on in its next task; a completed task comes back without it."),
    ...inexact("Repetition", gone, "Not set back: the series went on to its next task after the snapshot, or the task is completed and stays so."),
    ...inexact("Forms and approvals that a task requires", otherRequirements, "They belong to the old task and are left out."),
  ];
  if (extras) return always;
  const off = "Microsoft's beta interface is switched off for this connection";
  const archived = snapshot.plan.isArchived === true && choice.plan.has("archived") && !live.plan;
  return [
    ...always,
    ...inexact("Formatting of notes", made.filter(({ details }) => isFormatted(details)).length, `The text comes back without formatting: ${off}.`),
    ...inexact("Repetition", repeating.filter((record) => !isCompleted(record)).length, `The tasks come back without it: ${off}.`),
    ...inexact("Required to complete", made.filter(({ details }) => (requiredItems(details) ?? []).length > 0).length, `Checklist items come back, but none is required: ${off}.`),
    ...inexact("Archived", archived ? 1 : 0, `The plan comes back outside the archive: ${off}.`),
  ];
}

/** More than paragraphs and line breaks, which plain text keeps. */
const isFormatted = (details: TaskRecord["details"]): boolean => hasRichNotes(details) && /<(?!\/?(?:p|br|div|span|html|head|body)\b)[a-z]/i.test(details?.notes?.content ?? "");

export function warningsOf(planning: Planning): string[] {
  const { draft, assignees, request, snapshot, live, extras } = planning;
  const count = (kind: string) => draft.operations.filter((operation) => operation.kind === kind).length;
  const comments = count("post_comment");
  const removed = count("delete_task");
  const joining = assignees.summary.newMembers.length;
  const dropped = assignees.summary.droppedAssignments.length;
  return [
    ...(draft.operations.length === 0 ? ["Nothing differs from the snapshot: there is nothing to do."] : []),
    ...(request.target.kind === "in_place" && !live.plan ? [`The plan “${snapshot.plan.title}” no longer exists; it is created anew in the same group.`] : []),
    ...(request.target.kind === "new_group" ? ["Some organizations let only some people create groups. If yours refuses, nothing is created: make the group by hand, and restore into it."] : []),
    ...(removed > 0 ? [`${removed} ${removed === 1 ? "task that was" : "tasks that were"} added since the snapshot ${removed === 1 ? "is" : "are"} deleted, with ${removed === 1 ? "its" : "their"} comments. Planner has no bin for tasks; the files stay in the group's documents.`] : []),
    ...(removed > 0 && !extras ? ["Microsoft's beta interface is switched off, so repeating tasks cannot be told: deleting one makes Planner create the next of its series."] : []),
    ...(!extras && draft.operations.some(({ kind, body }) => kind === "update_task" && body.percentComplete === 100) ? ["Microsoft's beta interface is switched off, so repeating tasks cannot be told: completing one again makes Planner create the next of its series."] : []),
    ...(request.undoOf !== undefined ? ["Comments and files that the earlier restore wrote stay: nobody can take back a message that was sent. Whom it made a member of the group stays one."] : []),
    ...(comments > 0 ? [`Members of ${live.group.displayName} may get an e-mail for ${comments === 1 ? "the comment" : `each of the ${comments} comments`}.`] : []),
    ...(planning.created.size > 0 && openAssignments(planning) > 0 ? ["People may be notified by Planner that tasks were assigned to them."] : []),
    ...(joining > 0 ? [`${joining} ${joining === 1 ? "person becomes a member" : "people become members"} of ${live.group.displayName} and will see everything in the group.`] : []),
    ...(dropped > 0 ? [`Assignments of ${dropped} ${dropped === 1 ? "person" : "people"} are left out.`] : []),
    ...draft.warnings,
  ];
}

function openAssignments({ created, wanted }: Planning): number {
  return [...wanted.values()].filter(({ id, task }) => created.has(id) && openEntries(task.assignments).length > 0).length;
}
