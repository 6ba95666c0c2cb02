import { plural, shownTitle } from "@/components/ui/text";
import type { OperationKind, RestorePlan } from "@/lib/restore/types";
import type { RestoreView } from "@/lib/workspaces/types";

/** Operations without their JSON bodies: what a person reads, not what is sent to Microsoft. */
export type ShownPlan = Pick<RestorePlan, "newMembers" | "droppedAssignments" | "inexact" | "warnings" | "blockers" | "targetPlanTitle" | "targetGroupName" | "people" | "candidates" | "difference"> & {
  operations: ShownOperation[];
  /** Whom Planner may tell that tasks were assigned to them. */
  notified: { name: string; tasks: number }[];
};
export type ShownOperation = Pick<RestorePlan["operations"][number], "seq" | "kind" | "source" | "label" | "changes">;
export type ShownRestore = Omit<RestoreView, "plan"> & { plan: ShownPlan | null };

/** Of a label or a value; the restore plan and the report as a file have the whole. */
const LONGEST = 600;
const bounded = <T>(value: T): T => (typeof value === "string" ? shownTitle(value, LONGEST)
  : Array.isArray(value) ? value.map(bounded)
    : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, bounded(each)])) : value) as T;

/** What the browser gets. While a restore moves the preview is left out: the page has it, and it may be megabytes. */
export function shownRestore(restore: RestoreView, withPlan = true): ShownRestore {
  const report = bounded(restore.report);
  if (!restore.plan || !withPlan) return { ...restore, report, plan: null };
  const { newMembers, droppedAssignments, inexact, warnings, blockers, targetPlanTitle, targetGroupName, people, candidates, difference } = restore.plan;
  const operations = restore.plan.operations.map(({ seq, kind, source, label, changes }) => ({ seq, kind, source, label, changes }));
  return { ...restore, report, plan: bounded({ newMembers, droppedAssignments, inexact, warnings, blockers, targetPlanTitle, targetGroupName, people, candidates, difference, operations, notified: notifiedBy(restore.plan) }) };
}

/** People who get tasks that they do not have now; those with most of them first. */
function notifiedBy({ operations, people, newMembers, candidates = [] }: RestorePlan): ShownPlan["notified"] {
  const names = new Map([...candidates, ...newMembers, ...people.flatMap(({ target }) => target ?? [])].map(({ id, name }) => [id, name]));
  const tasks = new Map<string, number>();
  for (const { kind, body, changes } of operations) {
    if (kind !== "create_task" && kind !== "update_task") continue;
    const before = changes.find(({ field }) => field === "Assigned to")?.from ?? "";
    for (const [id, assignment] of Object.entries((body.assignments ?? {}) as Record<string, unknown>)) {
      const name = names.get(id);
      if (assignment && name && !before.includes(name)) tasks.set(name, (tasks.get(name) ?? 0) + 1);
    }
  }
  return [...tasks].map(([name, count]) => ({ name, tasks: count })).sort((a, b) => b.tasks - a.tasks || a.name.localeCompare(b.name));
}

/** What each kind is called, and how it looks; those that take something away come first. */
const KINDS: Record<OperationKind, { one: string; many: string; sign: "+" | "~" | "−" }> = {
  delete_task: { one: "task deleted", many: "tasks deleted", sign: "−" },
  delete_bucket: { one: "bucket deleted", many: "buckets deleted", sign: "−" },
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
  post_comment: { one: "comment posted", many: "comments posted", sign: "+" },
  set_recurrence: { one: "recurrence set", many: "recurrences set", sign: "~" },
  archive_plan: { one: "plan archived", many: "plans archived", sign: "~" },
};

/** A task that this restore creates and then writes once more, as with its comments: not one that is there and is changed. */
const FURTHER = { one: "further change of a new task", many: "further changes of new tasks", sign: "~" } as const;

export interface OperationGroup { key: string; one: string; many: string; sign: "+" | "~" | "−"; deletes: boolean; operations: ShownOperation[] }

/** The operations by what they do, deletions first. */
export function groupsOf(operations: ShownOperation[]): OperationGroup[] {
  const created = new Set(operations.filter(({ kind }) => kind === "create_task").map(({ source }) => source));
  const isFurther = ({ kind, source }: ShownOperation) => kind === "update_task" && created.has(source);
  return (Object.keys(KINDS) as OperationKind[]).flatMap((kind) => {
    const all = operations.filter((operation) => operation.kind === kind);
    const group = { key: kind, ...KINDS[kind], deletes: isDeletion({ kind }), operations: all.filter((operation) => !isFurther(operation)) };
    return [group, { key: `${kind} further`, ...FURTHER, deletes: false, operations: all.filter(isFurther) }];
  }).filter((group) => group.operations.length > 0);
}

const OF_TASKS: ReadonlySet<OperationKind> = new Set(["create_task", "update_task", "update_task_details", "upload_file", "post_comment", "set_recurrence"]);
const DELETIONS: ReadonlySet<OperationKind> = new Set(["delete_task", "delete_bucket"]);

export const isDeletion = ({ kind }: Pick<ShownOperation, "kind">): boolean => DELETIONS.has(kind);

export interface Amount {
  /** Tasks that are created or changed; putting a column of a board in order is about the board. */
  tasks: number;
  /** Tasks and buckets that are deleted. */
  deleted: number;
  operations: number;
}

export function amountOf({ operations }: Pick<ShownPlan, "operations">): Amount {
  return {
    tasks: new Set(operations.filter(({ kind }) => OF_TASKS.has(kind)).map(({ source }) => source)).size,
    deleted: operations.filter(isDeletion).length,
    operations: operations.length,
  };
}

/** The words of the button that acts, with the number: "Restore 12 tasks, delete 3". */
export function actionText({ tasks, deleted, operations }: Amount): string {
  const kept = operations - deleted;
  const restore = tasks > 0 ? `Restore ${plural(tasks, "task")}` : kept > 0 ? `Restore ${plural(kept, "change")}` : "";
  const remove = deleted === 0 ? "" : restore ? `, delete ${deleted.toLocaleString("en")}` : `Delete ${plural(deleted, "item")}`;
  return restore + remove;
}

/** Address in Planner, in the form that Planner itself shares. */
export function plannerLink(origin: string, tid: string, planId: string, taskId?: string): string {
  const task = taskId ? `/task/${encodeURIComponent(taskId)}` : "";
  return `${origin}/webui/plan/${encodeURIComponent(planId)}/view/board${task}?tid=${encodeURIComponent(tid)}`;
}
