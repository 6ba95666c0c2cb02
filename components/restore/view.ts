import type { OperationKind, RestorePlan } from "@/lib/restore/types";
import type { RestoreView } from "@/lib/workspaces/types";

/** Operations without their JSON bodies: what a person reads, not what is sent to Microsoft. */
export type ShownPlan = Omit<RestorePlan, "operations"> & { operations: Omit<RestorePlan["operations"][number], "body" | "after">[] };
export type ShownRestore = Omit<RestoreView, "plan"> & { plan: ShownPlan | null };

/** What the browser gets. While a restore moves the preview is left out: the page has it, and it may be megabytes. */
export function shownRestore(restore: RestoreView, withPlan = true): ShownRestore {
  if (!restore.plan || !withPlan) return { ...restore, plan: null };
  const operations = restore.plan.operations.map(({ seq, kind, source, label, changes, liveId }) => ({ seq, kind, source, label, changes, liveId }));
  return { ...restore, plan: { ...restore.plan, operations } };
}

export const KIND_TITLES: Record<OperationKind, { one: string; many: string; sign: "+" | "~" | "−" }> = {
  create_group: { one: "group created", many: "groups created", sign: "+" },
  add_owner: { one: "owner added to the group", many: "owners added to the group", sign: "+" },
  add_member: { one: "member added to the group", many: "members added to the group", sign: "+" },
  unarchive_plan: { one: "plan taken out of the archive", many: "plans taken out of the archive", sign: "~" },
  create_plan: { one: "plan created", many: "plans created", sign: "+" },
  update_plan: { one: "plan changed", many: "plans changed", sign: "~" },
  update_plan_details: { one: "change of label names", many: "changes of label names", sign: "~" },
  create_bucket: { one: "bucket created", many: "buckets created", sign: "+" },
  update_bucket: { one: "bucket changed", many: "buckets changed", sign: "~" },
  create_task: { one: "task created", many: "tasks created", sign: "+" },
  update_task: { one: "task changed", many: "tasks changed", sign: "~" },
  update_task_details: { one: "task gets its notes, checklist and attachments", many: "tasks get their notes, checklist and attachments", sign: "~" },
  update_board_format: { one: "board column put in order", many: "board columns put in order", sign: "~" },
  upload_file: { one: "file uploaded", many: "files uploaded", sign: "+" },
  post_comment: { one: "comment posted as quoted text", many: "comments posted as quoted text", sign: "+" },
  set_recurrence: { one: "recurrence set", many: "recurrences set", sign: "~" },
  delete_task: { one: "task deleted", many: "tasks deleted", sign: "−" },
  delete_bucket: { one: "bucket deleted", many: "buckets deleted", sign: "−" },
  archive_plan: { one: "plan archived", many: "plans archived", sign: "~" },
};

const OF_TASKS: ReadonlySet<OperationKind> = new Set(["create_task", "update_task", "update_task_details", "upload_file", "post_comment", "set_recurrence", "delete_task"]);

/** How many tasks are created or changed; putting a column of a board in order is about the board. */
export function tasksTouched(plan: Pick<ShownPlan, "operations">): number {
  return new Set(plan.operations.filter((operation) => OF_TASKS.has(operation.kind)).map((operation) => operation.source)).size;
}

/** Address in Planner, in the form that Planner itself shares. */
export function plannerLink(origin: string, tid: string, planId: string, taskId?: string): string {
  const task = taskId ? `/task/${encodeURIComponent(taskId)}` : "";
  return `${origin}/webui/plan/${encodeURIComponent(planId)}/view/board${task}?tid=${encodeURIComponent(tid)}`;
}
