/** What of the snapshot is wanted, and what of the live plan may go. Pure. */
import { type FieldKey, tasksInListOrder } from "@/lib/planner";
import type { SnapshotContent, TaskRecord } from "@/lib/planner/types";
import type { RestoreRequest } from "../types";
import type { UndoFacts } from "../undo";

export interface Choice {
  /** Chosen tasks, in the order of the list. */
  tasks: TaskRecord[];
  /** Buckets that are wanted themselves, not only as the place of a task. */
  buckets: ReadonlySet<string>;
  /** Fields of the plan that are set back. */
  plan: ReadonlySet<FieldKey>;
  /** Whether a field of a task that exists is set back. */
  takes(taskId: string, field: FieldKey): boolean;
  /** Whether a task or bucket that is not in the snapshot is removed. */
  removes(liveId: string): boolean;
  /** Whether an entry of a task's checklist or attachments that is not in the snapshot is removed. */
  dropsEntry(taskId: string, key: string): boolean;
}

const PLAN_FIELDS: readonly FieldKey[] = ["title", "label", "archived"];

export function chooseItems(snapshot: SnapshotContent, request: RestoreRequest, undo?: UndoFacts): Choice {
  if (undo) return choiceOfUndo(snapshot, undo);
  const whole = request.tasks === "all";
  const buckets = new Set(whole ? snapshot.buckets.map(({ id }) => id) : (request.buckets ?? []));
  const ids = new Set(request.tasks === "all" ? [] : request.tasks);
  const removing = whole && request.target.kind === "in_place" && request.target.added === "remove";
  return {
    tasks: tasksInListOrder(snapshot.tasks.filter(({ id, task }) => whole || ids.has(id) || buckets.has(task.bucketId ?? ""))),
    buckets,
    plan: new Set(whole ? PLAN_FIELDS : []),
    takes: (id, field) => request.fields?.[id]?.includes(field) ?? true,
    removes: () => removing,
    dropsEntry: () => removing,
  };
}

/** Taking a restore back: only what it did. */
function choiceOfUndo(snapshot: SnapshotContent, undo: UndoFacts): Choice {
  const created = new Set(undo.created);
  return {
    tasks: tasksInListOrder(snapshot.tasks.filter(({ id }) => id in undo.tasks)),
    buckets: new Set(undo.buckets),
    plan: new Set(undo.plan),
    takes: (id, field) => undo.tasks[id] === "all" || (undo.tasks[id]?.includes(field) ?? false),
    removes: (id) => created.has(id),
    dropsEntry: (id, key) => undo.entries[id]?.includes(key) ?? false,
  };
}
