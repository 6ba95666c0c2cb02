import type { Tx } from "@/lib/db";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { tasksWith } from "@/lib/planner/texts";
import type { Attachment, Gap, OutlineRecord, SnapshotContent, SnapshotOutline, SnapshotRecord } from "@/lib/planner/types";
import { groupRecords, type Manifest, type ReadParts } from "@/lib/repository";
import { recordReading } from "./audit";
import { checkId, inWorkspace, notFound } from "./authorise";
import { keptWhole, openedParts } from "./opened";
import { openPlanNames } from "./planNames";
import { BEFORE, VISIBLE, toSnapshotSummary } from "./plans";
import { repositoryOf } from "./repository";
import type { Actor, SnapshotView } from "./types";

/** A snapshot with everything in it, from storage only. What is damaged is left out and named. */
export function getSnapshot(actor: Actor, workspaceId: string, snapshotId: string): Promise<SnapshotView> {
  return viewOf(actor, workspaceId, snapshotId, partsOf);
}

/** The same without what only the view of a single task shows: large ones come quickly. */
export function getSnapshotOutline(actor: Actor, workspaceId: string, snapshotId: string): Promise<SnapshotView<SnapshotOutline>> {
  return viewOf(actor, workspaceId, snapshotId, outlineOf);
}

async function viewOf<R extends OutlineRecord, C extends SnapshotOutline>(actor: Actor, workspaceId: string, snapshotId: string, read: (row: Row) => Promise<ReadParts<R>>): Promise<SnapshotView<C>> {
  const row = await openedRow(actor, workspaceId, snapshotId);
  const names = await openPlanNames(row.plan);
  const { manifest, records, damaged } = await read(row);
  return {
    ...toSnapshotSummary(row), damaged: row.damaged || damaged.length > 0, missing: damaged.map((damage) => damage.affects),
    planTitle: names.title, groupName: names.groupName, planGone: row.plan.goneAt !== null,
    content: contentOf(records, row.plan.graphPlanId, names.title) as C, gapList: manifest.gaps, consistency: manifest.consistency,
  };
}

/** The content of a snapshot as far as it concerns one task, which may not be in it; and the gaps. Only that is read. */
export async function getSnapshotTask(actor: Actor, workspaceId: string, snapshotId: string, taskId: string): Promise<{ content: SnapshotContent; gapList: Gap[] }> {
  const row = await openedRow(actor, workspaceId, snapshotId);
  const { manifest, records } = await readTask(row, taskId);
  return { content: groupRecords(withPlan(records, row.plan.graphPlanId, "")), gapList: manifest.gaps };
}

async function readTask(row: Row, taskId: string): Promise<{ manifest: Manifest; records: SnapshotRecord[] }> {
  const whole = await keptWhole(row.workspaceId, keyOf(row));
  if (whole) return whole;
  const { manifest, records } = await outlineOf(row);
  const repository = await repositoryOf(row.workspaceId);
  const find = (kind: "task" | "comment", ids: string[]) => (ids.length === 0 ? [] : repository.findRecords(row.manifestId, kind, ids));
  try {
    const comments = records.flatMap((record) => (record.kind === "comment" && record.comment.taskId === taskId ? [record.id] : []));
    const found = await Promise.all([find("task", [taskId]), find("comment", comments)]);
    return { manifest, records: [...records.filter((record) => record.kind !== "task" && record.kind !== "comment"), ...found.flat()] };
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return partsOf(row); // which leaves out what is damaged, and nothing else
    throw error;
  }
}

/** Ids of the tasks of a snapshot that have all the words somewhere: title, notes, checklist, comments, names. */
export async function findInSnapshot(actor: Actor, workspaceId: string, snapshotId: string, text: string): Promise<string[]> {
  const words = text.slice(0, 200).split(/\s+/).filter(Boolean);
  const row = await openedRow(actor, workspaceId, snapshotId);
  if (words.length === 0) return [];
  const { records } = await partsOf(row);
  return tasksWith(contentOf(records, row.plan.graphPlanId, ""), words).map((task) => task.id);
}

/** One object for the records that are kept in memory, for those who keep what they make of it. */
const contents = new WeakMap<OutlineRecord[], SnapshotOutline>();
function contentOf(records: SnapshotRecord[], planId: string, title: string): SnapshotContent;
function contentOf(records: OutlineRecord[], planId: string, title: string): SnapshotOutline;
function contentOf(records: OutlineRecord[], planId: string, title: string): SnapshotOutline {
  const content = contents.get(records) ?? groupRecords(withPlan(records, planId, title));
  if (records.some(({ kind }) => kind === "plan")) contents.set(records, content);
  return content;
}

type Row = Awaited<ReturnType<typeof findSnapshot>>;

/** A verification that finds damage makes it be read anew. */
const keyOf = ({ manifestId, damaged }: Row) => `${manifestId} ${damaged}`;

const partsOf = (row: Row): Promise<ReadParts> =>
  openedParts("whole", row.workspaceId, keyOf(row), async (known) => (await repositoryOf(row.workspaceId)).readSnapshotParts(row.manifestId, { known, bundleId: row.plan.bundleId }));

const outlineOf = (row: Row): Promise<ReadParts<OutlineRecord>> =>
  keptWhole(row.workspaceId, keyOf(row)) ?? openedParts("outline", row.workspaceId, keyOf(row), async (known) => (await repositoryOf(row.workspaceId)).readOutline(row.manifestId, { known, bundleId: row.plan.bundleId }));

function openedRow(actor: Actor, workspaceId: string, snapshotId: string): Promise<Row> {
  const id = checkId(snapshotId, "snapshot");
  return inWorkspace(actor, workspaceId, "content.view", (tx, me) => opened(tx, me.workspaceId, actor, id));
}

async function opened(tx: Tx, workspaceId: string, actor: Actor, id: string): Promise<Row> {
  const found = await findSnapshot(tx, workspaceId, id);
  await recordReading(tx, workspaceId, actor, { action: "snapshot.opened", target: { kind: "snapshot", id }, detail: { plan: found.planId } });
  return found;
}

type PlanRecord = Extract<SnapshotRecord, { kind: "plan" }>;

/** The rest can be shown although the record of the plan itself is damaged: its title is known from the database. */
export function withPlan<R extends OutlineRecord>(records: R[], id: string, title: string): (R | PlanRecord)[] {
  return records.some(({ kind }) => kind === "plan") ? records : [...records, { kind: "plan", id, plan: { id, title } }];
}

export interface OpenedFile { name: string; size: number; contentType: string | null; stream: AsyncIterable<Uint8Array> }

/** A stored file of a task. The first bytes are read before this returns, so a damaged file is an error and no cut download. */
export async function openFile(actor: Actor, workspaceId: string, snapshotId: string, attachmentId: string): Promise<OpenedFile> {
  const id = checkId(snapshotId, "snapshot");
  const row = await inWorkspace(actor, workspaceId, "content.view", (tx, me) => findSnapshot(tx, me.workspaceId, id));
  const [attachment] = await (await repositoryOf(row.workspaceId)).findRecords(row.manifestId, "attachment", [attachmentId]);
  if (attachment?.kind !== "attachment") throw notFound("file");
  const { name, size, contentType, fileId }: Attachment = attachment.attachment;
  await inWorkspace(actor, workspaceId, "content.view", (tx, me) =>
    recordReading(tx, me.workspaceId, actor, { action: "file.downloaded", target: { kind: "file", id: attachmentId }, detail: { snapshot: id, plan: row.planId } }));
  return { name, size, contentType, stream: await started((await repositoryOf(row.workspaceId)).readFile(fileId)) };
}

/** A finished snapshot of the workspace (and of this plan) with its plan. Throws `not_found`. */
export async function findSnapshot(tx: Tx, workspaceId: string, id: string, planId?: string) {
  const row = await tx.snapshot.findFirst({ where: { workspaceId, id, planId, ...VISIBLE }, include: { ...BEFORE, plan: { include: { microsoftTenant: { select: { tid: true } } } } } });
  if (!row) throw notFound("snapshot");
  if (row.manifestId === null) throw new PlanbackError("internal", "The snapshot has no manifest.");
  return { ...row, manifestId: row.manifestId };
}

async function started(content: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = content[Symbol.asyncIterator]();
  let first: IteratorResult<Uint8Array> | null = await iterator.next();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const ready = first;
        first = null;
        return ready ?? iterator.next();
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  };
}
