import type { Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { tasksWith } from "@/lib/planner/texts";
import type { Attachment, SnapshotContent, SnapshotRecord } from "@/lib/planner/types";
import { groupRecords } from "@/lib/repository";
import { recordReading } from "./audit";
import { checkId, inWorkspace, notFound } from "./authorise";
import { openedParts } from "./opened";
import { openPlanNames } from "./planNames";
import { BEFORE, VISIBLE, toSnapshotSummary } from "./plans";
import { repositoryOf } from "./repository";
import type { Actor, SnapshotView } from "./types";

/** A snapshot with everything in it, from storage only. What is damaged is left out and named. */
export async function getSnapshot(actor: Actor, workspaceId: string, snapshotId: string): Promise<SnapshotView> {
  const id = checkId(snapshotId, "snapshot");
  const row = await inWorkspace(actor, workspaceId, "content.view", (tx, me) => opened(tx, me.workspaceId, actor, id));
  const names = await openPlanNames(row.plan);
  const { manifest, records, damaged } = await partsOf(row);
  return {
    ...toSnapshotSummary(row), damaged: row.damaged || damaged.length > 0, missing: damaged.map((damage) => damage.affects),
    planTitle: names.title, groupName: names.groupName, planGone: row.plan.goneAt !== null,
    content: contentOf(records, row.plan.graphPlanId, names.title), gapList: manifest.gaps, consistency: manifest.consistency,
  };
}

/** Ids of the tasks of a snapshot that have all the words somewhere: title, notes, checklist, comments, names. */
export async function findInSnapshot(actor: Actor, workspaceId: string, snapshotId: string, text: string): Promise<string[]> {
  const id = checkId(snapshotId, "snapshot");
  const words = text.slice(0, 200).split(/\s+/).filter(Boolean);
  const row = await inWorkspace(actor, workspaceId, "content.view", (tx, me) => opened(tx, me.workspaceId, actor, id));
  if (words.length === 0) return [];
  const { records } = await partsOf(row);
  return tasksWith(contentOf(records, row.plan.graphPlanId, ""), words).map((task) => task.id);
}

/** One object for the records that are kept in memory, for those who keep what they make of it. */
const contents = new WeakMap<SnapshotRecord[], SnapshotContent>();
function contentOf(records: SnapshotRecord[], planId: string, title: string): SnapshotContent {
  const content = contents.get(records) ?? groupRecords(withPlan(records, planId, title));
  if (records.some(({ kind }) => kind === "plan")) contents.set(records, content);
  return content;
}

/** A verification that finds damage makes it be read anew. */
const partsOf = ({ workspaceId, manifestId, damaged, plan }: { workspaceId: string; manifestId: string; damaged: boolean; plan: { bundleId: string | null } }) =>
  openedParts(workspaceId, `${manifestId} ${damaged}`, async (known) => (await repositoryOf(workspaceId)).readSnapshotParts(manifestId, { known, bundleId: plan.bundleId }));

async function opened(tx: Tx, workspaceId: string, actor: Actor, id: string): ReturnType<typeof findSnapshot> {
  const found = await findSnapshot(tx, workspaceId, id);
  await recordReading(tx, workspaceId, actor, { action: "snapshot.opened", target: { kind: "snapshot", id }, detail: { plan: found.planId } });
  return found;
}

/** The rest can be shown although the record of the plan itself is damaged: its title is known from the database. */
export function withPlan(records: SnapshotRecord[], id: string, title: string): SnapshotRecord[] {
  return records.some(({ kind }) => kind === "plan") ? records : [...records, { kind: "plan", id, plan: { id, title } }];
}

export interface OpenedFile { name: string; size: number; contentType: string | null; stream: AsyncIterable<Uint8Array> }

/** A stored file of a task. The first bytes are read before this returns, so a damaged file is an error and no cut download. */
export async function openFile(actor: Actor, workspaceId: string, snapshotId: string, attachmentId: string): Promise<OpenedFile> {
  const id = checkId(snapshotId, "snapshot");
  const row = await inWorkspace(actor, workspaceId, "content.view", (tx, me) => findSnapshot(tx, me.workspaceId, id));
  const { records } = await partsOf(row);
  const attachment = records.find((record) => record.kind === "attachment" && record.id === attachmentId);
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
