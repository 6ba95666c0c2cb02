/**
 * Keeps the index of the search in step with the snapshots of a plan. Each snapshot is compared with the last complete one
 * that the index knows, so that only what changed is read and written; doing it again changes nothing.
 */
import { withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError } from "@/lib/errors";
import { appliedLabels, peopleOf } from "@/lib/planner";
import { textsOf } from "@/lib/planner/texts";
import type { SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { leanRecord } from "@/lib/repository/packed";
import type { Difference, Repository } from "@/lib/repository/types";
import { searchKey, sealJson } from "./keys";
import { VISIBLE } from "./plans";
import { repositoryOf } from "./repository";
import { PLACE, type SearchSummary } from "./sealed";
import { blind, storedTerms } from "./searchTokens";

interface Step { id: string; manifestId: string; takenAt: Date; isComplete: boolean }

/** Rows written at once. */
const BATCH = 1_000;
/** Tasks whose words are held at once: a task has some hundred. */
const TASKS_AT_ONCE = 500;

/** Takes all snapshots of a plan into the index that it does not know yet, oldest first. */
export async function indexPlan(workspaceId: string, planId: string, signal?: AbortSignal): Promise<void> {
  const repository = await repositoryOf(workspaceId);
  const { basis, news, bundleId } = await withWorkspace(workspaceId, (tx) => unknownSnapshots(tx, workspaceId, planId));
  let known = basis;
  for (const step of news) {
    signal?.throwIfAborted();
    if (await indexSnapshot(repository, workspaceId, planId, known, step, bundleId) && step.isComplete) known = step;
  }
  await withWorkspace(workspaceId, (tx) => forget(tx, workspaceId, planId));
}

/** Empties the index of a workspace. Returns its plans, to be indexed again. */
export async function resetIndex(tx: Tx, workspaceId: string): Promise<string[]> {
  await tx.searchEntry.deleteMany({ where: { workspaceId } });
  await tx.searchPosting.deleteMany({ where: { workspaceId } });
  await tx.plan.updateMany({ where: { workspaceId }, data: { searchSnapshotId: null, searchNumbers: 0 } });
  return (await tx.plan.findMany({ where: { workspaceId }, select: { id: true } })).map(({ id }) => id);
}

async function unknownSnapshots(tx: Tx, workspaceId: string, planId: string): Promise<{ basis: Step | null; news: Step[]; bundleId: string | null }> {
  const plan = await tx.plan.findUnique({ where: { workspaceId_id: { workspaceId, id: planId } }, select: { searchSnapshotId: true, bundleId: true } });
  const rows = await tx.snapshot.findMany({
    where: { workspaceId, planId, OR: [{ ...VISIBLE, runId: { not: null } }, { id: plan?.searchSnapshotId ?? undefined }] },
    orderBy: [{ takenAt: "asc" }, { id: "asc" }], select: { id: true, manifestId: true, takenAt: true, state: true },
  });
  const steps = rows.map(({ id, manifestId, takenAt, state }): Step => ({ id, manifestId: manifestId!, takenAt, isComplete: state === "complete" }));
  const at = steps.findIndex(({ id }) => id === plan?.searchSnapshotId);
  return { basis: steps[at] ?? null, news: steps.slice(at + 1), bundleId: plan?.bundleId ?? null };
}

/** False when the snapshot is damaged in the storage: the next one is compared with the same basis. */
async function indexSnapshot(repository: Repository, workspaceId: string, planId: string, basis: Step | null, step: Step, bundleId: string | null): Promise<boolean> {
  // Partial snapshots since the basis have written these.
  const since = basis ? await withWorkspace(workspaceId, (tx) => tx.searchEntry.findMany({ where: { workspaceId, planId, lastAt: { gt: basis.takenAt } }, select: { taskId: true } })) : [];
  let change: Change;
  try {
    change = await changesOf(repository, basis, step, since.map(({ taskId }) => taskId), bundleId);
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return false;
    throw error;
  }
  const entriesOf = await entryMaker(workspaceId, planId, change.content);
  await withWorkspace(workspaceId, async (tx) => {
    const numbers = await numberedTasks(tx, workspaceId, planId, change.tasks);
    for (const tasks of inBatches(change.tasks, TASKS_AT_ONCE)) {
      const entries = await entriesOf(tasks);
      await writeEntries(tx, workspaceId, planId, step, entries, numbers);
      for (const some of inBatches(postingsOf(entries, numbers), BATCH)) await writePostings(tx, workspaceId, planId, some);
    }
    if (!step.isComplete) return; // what it lacks need not be gone
    const gone = { workspaceId, planId, taskId: { in: change.gone }, goneAt: null };
    if (basis) await tx.searchEntry.updateMany({ where: { ...gone, lastAt: { lt: basis.takenAt } }, data: { lastSnapshotId: basis.id, lastAt: basis.takenAt } });
    await tx.searchEntry.updateMany({ where: gone, data: { goneAt: step.takenAt, changedAt: step.takenAt } });
    await tx.plan.update({ where: { workspaceId_id: { workspaceId, id: planId } }, data: { searchSnapshotId: step.id } });
  });
  return true;
}

interface Change { content: SnapshotContent; tasks: TaskRecord[]; gone: string[] }

/** Tasks of `step` whose words may differ from those in the index, and tasks that are not there any more. */
async function changesOf(repository: Repository, basis: Step | null, step: Step, since: string[], bundleId: string | null): Promise<Change> {
  const touched = basis ? await touchedBy(repository.differences(basis.manifestId, step.manifestId), since) : null;
  const { content } = await repository.readSnapshot(step.manifestId, bundleId, leanRecord); // a capture of as many tasks may be under way beside
  if (!touched) return { content, tasks: content.tasks, gone: [] };
  const there = new Set(content.tasks.map(({ id }) => id));
  return { content, tasks: content.tasks.filter(touched.is), gone: [...touched.removed, ...since].filter((id) => !there.has(id)) };
}

/** Whether a difference is a task, or says something that is searched with it: a comment, its bucket's or a person's name, labels, the plan. */
async function touchedBy(differences: AsyncIterable<Difference>, since: string[]): Promise<{ is: (record: TaskRecord) => boolean; removed: string[] }> {
  const tasks = new Set(since);
  const buckets = new Set<string>();
  const people = new Set<string>();
  const removed: string[] = [];
  let labels = false;
  let all = false;
  for await (const { before, after } of differences) {
    const record = (after ?? before)!;
    if (record.kind === "task") tasks.add(record.id);
    else if (record.kind === "comment") tasks.add(record.comment.taskId);
    else if (record.kind === "bucket") buckets.add(record.id);
    else if (record.kind === "person") people.add(record.id);
    else if (record.kind === "planDetails") labels = true;
    else if (record.kind === "plan") all = true;
    if (record.kind === "task" && !after) removed.push(record.id);
  }
  const is = ({ id, task }: TaskRecord) => all || tasks.has(id) || buckets.has(task.bucketId ?? "") || (labels && appliedLabels(task.appliedCategories).length > 0) || (people.size > 0 && peopleOf(task).some((person) => people.has(person)));
  return { is, removed };
}

interface Entry { taskId: string; summary: Uint8Array; tokens: bigint[] }

async function entryMaker(workspaceId: string, planId: string, content: SnapshotContent): Promise<(tasks: TaskRecord[]) => Promise<Entry[]>> {
  const key = await searchKey(workspaceId);
  const bucketOf = new Map(content.buckets.map(({ id, name }) => [id, name]));
  const texts = textsOf(content);
  return (tasks) => Promise.all(tasks.map(async (record): Promise<Entry> => {
    const summary: SearchSummary = { title: record.task.title, bucket: bucketOf.get(record.task.bucketId ?? "") ?? null };
    return { taskId: record.id, summary: await sealJson(workspaceId, "content", PLACE.searchSummary(planId, record.id), summary), tokens: blind(key, storedTerms(texts(record))) };
  }));
}

/** The number of each task of the plan, new ones included. Nobody else numbers tasks of this plan until the transaction ends. */
async function numberedTasks(tx: Tx, workspaceId: string, planId: string, tasks: TaskRecord[]): Promise<Map<string, number>> {
  const where = { workspaceId_id: { workspaceId, id: planId } };
  const plan = await tx.plan.update({ where, data: { searchNumbers: { increment: 0 } }, select: { searchNumbers: true } }); // takes the lock
  const known = await tx.searchEntry.findMany({ where: { workspaceId, planId }, select: { taskId: true, number: true } });
  const numbers = new Map(known.map(({ taskId, number }) => [taskId, number]));
  let last = plan.searchNumbers;
  for (const { id } of tasks) if (!numbers.has(id)) numbers.set(id, ++last);
  await tx.plan.update({ where, data: { searchNumbers: last } });
  return numbers;
}

function* inBatches<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

async function writeEntries(tx: Tx, workspaceId: string, planId: string, step: Step, entries: Entry[], numbers: ReadonlyMap<string, number>): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO search_entry AS old (workspace_id, plan_id, task_id, first_at, changed_at, last_snapshot_id, last_at, sealed_summary, number)
    SELECT ${workspaceId}::uuid, ${planId}::uuid, new.task_id, ${step.takenAt}, ${step.takenAt}, ${step.id}::uuid, ${step.takenAt}, decode(new.summary, 'hex'), new.number
    FROM unnest(${entries.map(({ taskId }) => taskId)}::text[], ${entries.map(({ summary }) => Buffer.from(summary).toString("hex"))}::text[], ${entries.map(({ taskId }) => numbers.get(taskId)!)}::int[]) AS new (task_id, summary, number)
    ON CONFLICT (workspace_id, plan_id, task_id) DO UPDATE SET
      changed_at = EXCLUDED.changed_at, last_snapshot_id = EXCLUDED.last_snapshot_id, last_at = EXCLUDED.last_at, gone_at = NULL, sealed_summary = EXCLUDED.sealed_summary
    WHERE old.last_at <= EXCLUDED.last_at`;
}

interface Posting { token: bigint; tasks: number[] }

function postingsOf(entries: Entry[], numbers: ReadonlyMap<string, number>): Posting[] {
  const tasks = new Map<bigint, number[]>();
  for (const { taskId, tokens } of entries) {
    for (const token of tokens) {
      const list = tasks.get(token);
      if (list) list.push(numbers.get(taskId)!);
      else tasks.set(token, [numbers.get(taskId)!]);
    }
  }
  return [...tasks].map(([token, list]) => ({ token, tasks: list }));
}

/** Tasks are only added: the words of earlier versions stay, so that a text that was overwritten is found too. */
async function writePostings(tx: Tx, workspaceId: string, planId: string, postings: Posting[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO search_posting AS old (workspace_id, token, plan_id, tasks)
    SELECT ${workspaceId}::uuid, new.token::bigint, ${planId}::uuid, new.tasks::int[]
    FROM unnest(${postings.map(({ token }) => String(token))}::text[], ${postings.map(({ tasks }) => `{${tasks.join(",")}}`)}::text[]) AS new (token, tasks)
    ON CONFLICT (workspace_id, token, plan_id) DO UPDATE SET tasks = old.tasks || ARRAY(SELECT n FROM unnest(EXCLUDED.tasks) n WHERE NOT n = ANY(old.tasks))
    WHERE NOT old.tasks @> EXCLUDED.tasks`;
}

/** Entries of tasks that are gone, and whose last snapshot retention has taken away: nothing could be opened or restored. */
async function forget(tx: Tx, workspaceId: string, planId: string): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM search_entry e USING snapshot s
    WHERE e.workspace_id = ${workspaceId}::uuid AND e.plan_id = ${planId}::uuid AND e.gone_at IS NOT NULL
      AND s.workspace_id = e.workspace_id AND s.id = e.last_snapshot_id AND s.removed_at IS NOT NULL`;
}
