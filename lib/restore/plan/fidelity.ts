/** What cannot come back exactly, shown before the restore and again in its report. docs/restore.md explains each. */
import { openEntries, progressOf } from "@/lib/planner";
import type { Inexact } from "../types";
import type { Planning } from "./context";
import { inexact } from "./draft";

export function inexactFields(planning: Planning): Inexact[] {
  const { snapshot, chosen, created, draft, request } = planning;
  const made = chosen.filter(({ id }) => created.has(id));
  const count = (kind: string) => draft.operations.filter((operation) => operation.kind === kind).length;
  const comments = snapshot.comments.filter(({ taskId }) => created.has(taskId)).length;
  return [
    ...inexact("Links to plans and tasks", made.length + count("create_plan"), "Microsoft gives new ids; old links to them do not lead to the restored ones."),
    ...inexact("Created by, created on", made.length + count("create_plan"), "Microsoft sets the connection account and the time of the restore."),
    ...inexact("Completed by, completed on", made.filter(({ task }) => progressOf(task.percentComplete) === "completed").length, "The tasks come back completed, by the connection account at the time of the restore."),
    ...inexact("Assigned by, assigned on", made.reduce((sum, { task }) => sum + openEntries(task.assignments).length, 0), "Microsoft sets the connection account and the time of the restore."),
    ...inexact("Order in people's own task lists", made.filter(({ task }) => openEntries(task.assignments).length > 0).length, "The order inside the plan is restored; a person's list over all plans is that person's own."),
    ...(request.comments === "quoted"
      ? inexact("Comment author and time", comments, "The connection account writes the comments as quoted text that names the author and the time.")
      : inexact("Comments", comments, "Comments are not restored, as chosen.")),
    ...inexact("Address of files", count("upload_file"), "Files are uploaded to the folder “Planback” of the group's documents; the attachments point there."),
  ];
}

export function warningsOf(planning: Planning): string[] {
  const { draft, assignees, request, snapshot, live } = planning;
  const count = (kind: string) => draft.operations.filter((operation) => operation.kind === kind).length;
  const comments = count("post_comment");
  const joining = assignees.summary.newMembers.length;
  const dropped = assignees.summary.droppedAssignments.length;
  return [
    ...(draft.operations.length === 0 ? ["Nothing differs from the snapshot: there is nothing to do."] : []),
    ...(request.target.kind === "in_place" && !live.plan ? [`The plan “${snapshot.plan.title}” no longer exists; it is created anew in the same group.`] : []),
    ...(comments > 0 ? [`Members of ${live.group.displayName} may get an e-mail for each of the ${comments} comments.`] : []),
    ...(planning.created.size > 0 && openAssignments(planning) > 0 ? ["People may be notified by Planner that tasks were assigned to them."] : []),
    ...(joining > 0 ? [`${joining} ${joining === 1 ? "person becomes a member" : "people become members"} of ${live.group.displayName} and will see everything in the group.`] : []),
    ...(dropped > 0 ? [`Assignments of ${dropped} ${dropped === 1 ? "person" : "people"} are left out.`] : []),
    ...draft.warnings,
  ];
}

function openAssignments({ created, wanted }: Planning): number {
  return [...wanted.values()].filter(({ id, task }) => created.has(id) && openEntries(task.assignments).length > 0).length;
}
