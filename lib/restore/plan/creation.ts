/** What is created: plans, buckets and tasks with all that belongs to them. */
import { appliedLabels, assigneesOf, bucketsInOrder, describePreview, describePriority, describeProgress, fieldName, hintsForList, labelName, namedLabels, sortByHint, type Steps, taskFields, TASKS_IN_STEP } from "@/lib/planner";
import type { Attachment, PlannerBucket, PlannerTaskDetails, TaskRecord } from "@/lib/planner/types";
import { uploadPath } from "../ids";
import type { LivePlan } from "../live";
import type { Operation } from "../types";
import { addComments, commentParagraphs, commentsOf } from "./comments";
import type { Planning } from "./context";
import { created, existing, type Place, target } from "./draft";
import { withLabels } from "./labels";
import { withParagraphs } from "./notes";
import { withPeople } from "./people";
import { attachmentsByKey, needsBeta, newDetailsBody, newTaskBody, recurrenceBody, recurrenceChange, savedRecurrence } from "./task-bodies";

/** A plan with everything chosen in it. Touches nothing that exists. `after`: what the group must have before. */
export function* createWholePlan(planning: Planning, title: string, after: number | null): Steps<void> {
  const { draft, live, snapshot, group } = planning;
  const plan = created(draft.add("create_plan", {
    source: snapshot.plan.id, label: `Create plan “${title}” in ${live.group.displayName}`, after: [group.seq, after],
    body: { groupId: group.id, title }, changes: [{ field: "Title", from: null, to: title }],
  }));
  createLabels(planning, plan);
  const buckets = neededBuckets(planning);
  const bucketHints = hintsForList(buckets.length);
  buckets.forEach((bucket, index) => createBucket(planning, plan, bucket, bucketHints[index] ?? " !"));
  yield* createTasks(planning, plan, hintsForList(planning.chosen.length));
}

/**
 * Everything chosen, in a plan that exists: behind what is there. Buckets of the same name are used as they are; of what is
 * there only unnamed labels are touched.
 */
export function* createInPlan(planning: Planning, live: LivePlan): Steps<void> {
  const { draft, labels } = planning;
  const plan = existing(live.content.plan.id);
  const last = <T extends { orderHint?: string }>(items: T[]) => sortByHint(items, ({ orderHint }) => orderHint, () => "").at(-1)?.orderHint ?? null;
  if (Object.keys(labels.named).length > 0) {
    draft.add("update_plan_details", {
      source: live.content.plan.id, label: "Name labels that have no name", liveId: live.content.plan.id, ifMatch: live.etags.planDetails,
      body: { categoryDescriptions: labels.named }, changes: Object.entries(labels.named).map(([category, to]) => ({ field: `Label ${labelName(category, {})}`, from: null, to })),
    });
  }
  const free = bucketsInOrder(live.content.buckets);
  const missing = neededBuckets(planning).filter((bucket) => {
    const at = free.findIndex(({ name }) => name === bucket.name);
    const [found] = at < 0 ? [] : free.splice(at, 1);
    if (found) planning.buckets.set(bucket.id, existing(found.id));
    return !found;
  });
  const bucketHints = hintsForList(missing.length, last(live.content.buckets));
  missing.forEach((bucket, index) => createBucket(planning, plan, bucket, bucketHints[index] ?? " !"));
  yield* createTasks(planning, plan, hintsForList(planning.chosen.length, last(live.content.tasks.map(({ task: { orderHint } }) => ({ orderHint })))));
}

function* createTasks(planning: Planning, plan: Place, hints: readonly string[]): Steps<void> {
  for (const [index, record] of planning.chosen.entries()) {
    if (index % TASKS_IN_STEP === 0) yield;
    createTask(planning, plan, record, hints[index] ?? " !");
  }
}

function neededBuckets({ snapshot, choice, chosen }: Planning): PlannerBucket[] {
  const used = new Set(chosen.map(({ task }) => task.bucketId));
  return bucketsInOrder(snapshot.buckets).filter(({ id }) => choice.buckets.has(id) || used.has(id));
}

function createLabels({ draft, snapshot }: Planning, plan: Place): void {
  const labels = namedLabels(snapshot);
  if (Object.keys(labels).length === 0) return;
  draft.add("update_plan_details", {
    source: snapshot.plan.id, label: "Name the labels", after: [plan.seq], ...target(plan),
    body: { categoryDescriptions: labels }, changes: Object.entries(labels).map(([category, to]) => ({ field: `Label ${labelName(category, {})}`, from: null, to })),
  });
}

export function createBucket({ draft, buckets }: Planning, plan: Place, bucket: PlannerBucket, orderHint: string): void {
  buckets.set(bucket.id, created(draft.add("create_bucket", {
    source: bucket.id, label: `Create bucket “${bucket.name}”`, after: [plan.seq],
    body: { name: bucket.name, planId: plan.id, orderHint }, changes: [{ field: "Name", from: null, to: bucket.name }],
  })));
}

export function createTask(planning: Planning, plan: Place, source: TaskRecord, orderHint: string): void {
  const { draft, snapshot, request, extras } = planning;
  const { pairs, joins, lost } = planning.assignees.of(source);
  const record = withLabels(withPeople(source, pairs), planning.labels);
  const bucket = planning.buckets.get(source.task.bucketId ?? "");
  const bucketName = snapshot.buckets.find(({ id }) => id === source.task.bucketId)?.name;
  const { title } = source.task;
  const seq = draft.add("create_task", {
    source: source.id, label: `Create task “${title}”${bucketName ? ` in ${bucketName}` : ""}`,
    after: [plan.seq, bucket?.seq], afterSettled: joins,
    body: { ...newTaskBody(record), planId: plan.id, ...(bucket ? { bucketId: bucket.id } : {}), orderHint },
    changes: taskSummary(planning, record, bucketName ?? null),
  });
  const place = created(seq);
  planning.tasks.set(source.id, place);
  planning.wanted.set(source.id, record);
  planning.created.add(source.id);
  const uploads = new Map([...attachmentsByKey(snapshot.attachments, source)]
    .filter(([, file]) => !request.drill && (request.target.kind !== "in_place" || planning.live.missingFiles.includes(file.id)))
    .map(([key, file]) => [key, uploadFile(planning, file, [seq])]));
  const details = withTexts(planning, source, lost);
  const body = newDetailsBody(details, uploads, extras);
  const filled = body && draft.add("update_task_details", {
    source: source.id, label: `Fill in notes, checklist and attachments of “${title}”`, after: [seq], afterSettled: [...uploads.values()],
    ...target(place), ...needsBeta(body), body, changes: detailsSummary(planning, { ...source, details }),
  });
  const comments = addComments(planning, source, place);
  const recurrence = extras ? savedRecurrence(source) : null;
  if (!recurrence) return;
  draft.add("set_recurrence", {
    source: source.id, label: `Let “${title}” repeat`, after: [seq], afterSettled: [...(filled === null ? [] : [filled]), ...comments], ...target(place), version: "beta",
    body: recurrenceBody(recurrence), changes: recurrenceChange(null, recurrence),
  });
}

/** The notes with what comes back as text in them. */
function withTexts(planning: Planning, source: TaskRecord, lost: string[]): PlannerTaskDetails | null {
  const { request, snapshot, assignees, draft } = planning;
  const people = request.unmatched === "text" && lost.length > 0 ? [`Assigned to (not restored): ${lost.map((id) => assignees.fullNameOf(id)).join(", ")}`] : [];
  const comments = request.comments === "notes" ? commentParagraphs(commentsOf(snapshot.comments, source.id)) : [];
  if (people.length + comments.length === 0) return source.details;
  const { details, cut } = withParagraphs(source.details ?? { id: source.id }, [...people, ...comments]);
  const lostComments = Math.min(cut, comments.length);
  if (lostComments > 0) draft.warnings.push(`The notes of “${source.task.title}” have no room for the last ${lostComments} of its ${comments.length} comments; these stay in the snapshot.`);
  if (cut > lostComments) draft.warnings.push(`The notes of “${source.task.title}” have no room for the names of who was assigned; these stay in the snapshot.`);
  return details;
}

/** Uploads the stored file to a path of its own; the same path again when it is repeated. */
export function uploadFile({ draft, group, restoreId }: Planning, file: Attachment, after: (number | null)[]): number {
  return draft.add("upload_file", {
    source: file.taskId, label: `Upload file “${file.name}”`, after: [...after, group.seq],
    body: { groupId: group.id, path: uploadPath(restoreId, file), size: file.size, fileId: file.fileId },
    changes: [{ field: "File", from: null, to: file.name }],
  });
}

const line = (field: string, to: string | null): Operation["changes"] => (to === null || to === "" ? [] : [{ field, from: null, to }]);

function taskSummary({ assignees, labels }: Planning, { task }: TaskRecord, bucketName: string | null): Operation["changes"] {
  return [
    ...line("Title", task.title),
    ...line("Bucket", bucketName),
    ...line("Progress", describeProgress(task.percentComplete)),
    ...line("Priority", describePriority(task.priority)),
    ...line("Start date", task.startDateTime ?? null),
    ...line("Due date", task.dueDateTime ?? null),
    ...line("Labels", appliedLabels(task.appliedCategories).map((category) => labelName(category, labels.names)).join(", ")),
    ...line("Assigned to", assigneesOf(task).map((id) => assignees.nameOf(id)).join(", ")),
  ];
}

function detailsSummary({ extras }: Planning, record: TaskRecord): Operation["changes"] {
  const fields = taskFields(record);
  const lines = (items: string[]) => items.join("\n");
  return [
    ...line(fieldName("description"), fields.description),
    ...line(fieldName("previewType"), fields.previewType === "automatic" ? null : describePreview(fields.previewType)),
    ...line(fieldName("checklist"), lines(fields.checklist.map(({ title, isChecked }) => `${isChecked ? "[x]" : "[ ]"} ${title}`))),
    ...(extras ? line(fieldName("required"), lines(fields.checklist.filter(({ key }) => fields.required?.includes(key)).map(({ title }) => title))) : []),
    ...line(fieldName("references"), lines(fields.references.map(({ alias, url }) => alias || url))),
  ];
}
