/** What is created: plans, buckets and tasks with all that belongs to them. */
import { boardColumns, BOARDS, bucketsInOrder, hintsForList, namedLabels, PRIORITY_WORDS, priorityOf, PROGRESS_WORDS, progressOf } from "@/lib/planner";
import type { Attachment, PlannerBucket, TaskRecord } from "@/lib/planner/types";
import { uploadPath } from "../ids";
import { addComments } from "./comments";
import type { Planning } from "./context";
import { created, type Place, ref, target } from "./draft";
import { attachmentsByKey, newDetailsBody, newTaskBody } from "./task-bodies";

/** A plan with everything chosen in it. Touches nothing that exists. */
export function createWholePlan(planning: Planning, title: string): void {
  const { draft, live, snapshot } = planning;
  const plan = created(draft.add("create_plan", {
    source: snapshot.plan.id, label: `Create plan “${title}” in ${live.group.displayName}`,
    body: { groupId: live.group.id, title }, changes: [{ field: "Title", from: null, to: title }],
  }));
  createLabels(planning, plan);
  const needed = planning.request.tasks === "all" ? null : new Set(planning.chosen.map(({ task }) => task.bucketId));
  const buckets = bucketsInOrder(snapshot.buckets).filter(({ id }) => needed === null || needed.has(id));
  const bucketHints = hintsForList(buckets.length);
  buckets.forEach((bucket, index) => createBucket(planning, plan, bucket, bucketHints[index] ?? " !"));
  const hints = hintsForList(planning.chosen.length);
  planning.chosen.forEach((record, index) => createTask(planning, plan, record, hints[index] ?? " !"));
}

function createLabels({ draft, snapshot }: Planning, plan: Place): void {
  const labels = namedLabels(snapshot);
  if (Object.keys(labels).length === 0) return;
  draft.add("update_plan_details", {
    source: snapshot.plan.id, label: `Name ${Object.keys(labels).length} labels`, after: [plan.seq], ...target(plan),
    body: { categoryDescriptions: labels }, changes: Object.entries(labels).map(([field, to]) => ({ field, from: null, to })),
  });
}

export function createBucket({ draft, buckets }: Planning, plan: Place, bucket: PlannerBucket, orderHint: string): void {
  buckets.set(bucket.id, created(draft.add("create_bucket", {
    source: bucket.id, label: `Create bucket “${bucket.name}”`, after: [plan.seq],
    body: { name: bucket.name, planId: plan.id, orderHint }, changes: [{ field: "Name", from: null, to: bucket.name }],
  })));
}

export function createTask(planning: Planning, plan: Place, source: TaskRecord, orderHint: string): void {
  const { draft, snapshot, restoreId, request } = planning;
  const { ids, joins } = planning.assignees.of(source);
  const record = withAssignees(source, ids);
  const bucket = planning.buckets.get(source.task.bucketId ?? "");
  const bucketName = snapshot.buckets.find(({ id }) => id === source.task.bucketId)?.name;
  const seq = draft.add("create_task", {
    source: source.id, label: `Create task “${source.task.title}”${bucketName ? ` in ${bucketName}` : ""}`,
    after: [plan.seq, bucket?.seq], afterSettled: joins,
    body: { ...newTaskBody(record, ids), planId: plan.id, ...(bucket ? { bucketId: bucket.id } : {}), orderHint },
    changes: taskSummary(planning, record, ids, bucketName ?? null),
  });
  const place = created(seq);
  planning.tasks.set(source.id, place);
  planning.wanted.set(source.id, record);
  planning.created.add(source.id);
  const uploads = new Map([...attachmentsByKey(snapshot.attachments, source)]
    .filter(([, file]) => request.target.kind === "new_plan" || planning.live.missingFiles.includes(file.id))
    .map(([key, file]) => [key, uploadFile(planning, file, [seq])]));
  const details = newDetailsBody(source, uploads);
  if (details) {
    draft.add("update_task_details", {
      source: source.id, label: `Fill in notes, checklist and attachments of “${source.task.title}”`, after: [seq], afterSettled: [...uploads.values()],
      ...target(place), body: details,
    });
  }
  if (request.comments === "quoted") addComments(draft, planning.live.group.id, restoreId, source, snapshot.comments, place);
}

/** Uploads the stored file to a path of its own; the same path again when it is repeated. */
export function uploadFile({ draft, live, restoreId }: Planning, file: Attachment, after: (number | null)[]): number {
  return draft.add("upload_file", {
    source: file.taskId, label: `Upload file “${file.name}”`, after,
    body: { groupId: live.group.id, path: uploadPath(restoreId, file.id, file.name), size: file.size, fileId: file.fileId },
  });
}

export function withAssignees(record: TaskRecord, ids: string[]): TaskRecord {
  const keep = new Set(ids);
  const assignments = Object.fromEntries(Object.entries(record.task.assignments ?? {}).filter(([id]) => keep.has(id)));
  return { ...record, task: { ...record.task, assignments } };
}

function taskSummary({ assignees }: Planning, { task }: TaskRecord, ids: string[], bucketName: string | null) {
  const line = (field: string, to: string | null) => (to === null || to === "" ? [] : [{ field, from: null, to }]);
  return [
    ...line("Title", task.title),
    ...line("Bucket", bucketName),
    ...line("Progress", PROGRESS_WORDS[progressOf(task.percentComplete)]),
    ...line("Priority", PRIORITY_WORDS[priorityOf(task.priority)]),
    ...line("Start date", task.startDateTime ?? null),
    ...line("Due date", task.dueDateTime ?? null),
    ...line("Assigned to", ids.map((id) => assignees.nameOf(id)).join(", ")),
  ];
}

/**
 * Board orders: one operation a column, which reads how the tasks stand now and moves as few as possible. New tasks get
 * hints from the service on every board, so each column with a new task is looked at; `moved` names other columns.
 */
export function arrangeBoards(planning: Planning, standing: TaskRecord[], moved: ReadonlySet<string> = new Set()): void {
  const chosen = new Set(planning.chosen.map(({ id }) => id));
  let previous: number | null = null;
  for (const board of BOARDS) {
    for (const [column, records] of boardColumns(board, standing)) {
      const concerned = records.some(({ id }) => planning.created.has(id) || (chosen.has(id) && moved.has(`${board} ${id}`)));
      if (records.length < 2 || !concerned) continue;
      const places = records.flatMap(({ id }) => {
        const place = planning.tasks.get(id);
        return place ? [{ place, move: chosen.has(id) }] : [];
      });
      // A task has one set of hints for all its assignees: columns of that board are done one after the other.
      const chain = board === "assignedTo" && previous !== null ? [previous] : [];
      const seq: number = planning.draft.add("update_board_format", {
        source: column || "unassigned", label: columnLabel(planning, board, column), afterSettled: [...places.flatMap(({ place }) => place.seq ?? []), ...chain],
        body: { board, column, tasks: places.map(({ place, move }) => ({ id: place.seq === null ? place.id : ref(place.seq), move })) },
      });
      if (board === "assignedTo") previous = seq;
    }
  }
}

function columnLabel({ snapshot, assignees }: Planning, board: (typeof BOARDS)[number], column: string): string {
  if (board === "bucket") return `Put the tasks of bucket “${snapshot.buckets.find(({ id }) => id === column)?.name ?? "No bucket"}” in order`;
  if (board === "progress") return `Put the tasks in order on the board by progress (${PROGRESS_WORDS[column as keyof typeof PROGRESS_WORDS]})`;
  return `Put the tasks in order on the board by person (${column === "" ? "Unassigned" : assignees.nameOf(column)})`;
}
