/** The history of a plan: which snapshot changed what, and when a task was last there. */
import type { Tx } from "@/lib/db";
import { recordReading } from "./audit";
import { checkId, inWorkspace, isId, notFound } from "./authorise";
import { newestProofs } from "./drills";
import { openJson } from "./keys";
import { findPlan, toSummary, VISIBLE } from "./plans";
import { PLACE, type SearchSummary } from "./sealed";
import { changesAround, daysOf, isChange, PAGE, pageOf, snapshotAt, timelineOf } from "./timeline";
import type { Actor, HistoryView, SnapshotDrift, TaskTrace, TimelineEntry, TimelineSnapshot } from "./types";

export interface HistoryQuery {
  /** From 1. */
  page?: number;
  /** The page with this snapshot. */
  at?: string | null;
  /** The page with what there was at the end of this day (UTC), as 2027-03-01. */
  day?: string | null;
  /** Planner's id of a task to say when it was there. */
  taskId?: string | null;
}

/** So many of the tasks that went are named in the timeline. */
const NAMED = 4;

/** A page of the timeline. Names tasks, so it counts as reading content. */
export async function getHistory(actor: Actor, workspaceId: string, planId: string, query: HistoryQuery = {}): Promise<HistoryView> {
  const id = checkId(planId, "plan");
  const taskId = query.taskId ? query.taskId.slice(0, 64) : null;
  const found = await inWorkspace(actor, workspaceId, "content.view", async (tx, me) => {
    const plan = await findPlan(tx, me.workspaceId, id);
    const snapshots = await readTimeline(tx, me.workspaceId, id);
    const entries = timelineOf(snapshots);
    const at = isId(query.at) ? query.at.toLowerCase() : query.day ? snapshotAt(snapshots, query.day) : null;
    const pages = Math.max(1, Math.ceil(entries.length / PAGE));
    const page = (at && pageOf(entries, at)) || Math.min(Math.max(Math.trunc(query.page ?? 1) || 1, 1), pages);
    const gone = await readGone(tx, me.workspaceId, id, entries.slice((page - 1) * PAGE, page * PAGE));
    const task = taskId ? await readTask(tx, me.workspaceId, id, taskId) : null;
    const proofs = [...(await newestProofs(tx, me.workspaceId, { planId: id })).values()].sort((a, b) => b.at.getTime() - a.at.getTime());
    await recordReading(tx, me.workspaceId, actor, { action: "plan.history_opened", target: { kind: "plan", id } });
    return { workspaceId: me.workspaceId, plan, snapshots, entries, at, page, pages, gone, task, proof: proofs[0] ?? null };
  });
  const { snapshots, entries, page } = found;
  const title = (one: { taskId: string; sealedSummary: Uint8Array }) => openSummary(found.workspaceId, id, one);
  const gone: HistoryView["gone"] = {};
  for (const one of found.gone) (gone[one.snapshotId] ??= []).push({ id: one.taskId, title: (await title(one)).title });
  const firstChange = (some: TimelineEntry[]) => {
    const entry = some.find(isChange);
    return entry?.kind === "snapshot" ? entry.snapshot.id : null;
  };
  return {
    plan: await toSummary(found.plan), total: snapshots.length, changes: entries.filter(isChange).length, days: daysOf(snapshots, new Date()),
    newestId: (snapshots.find(({ beforeRestore }) => !beforeRestore) ?? snapshots[0])?.id ?? null,
    entries: entries.slice((page - 1) * PAGE, page * PAGE), page, pages: found.pages,
    newerChange: firstChange(entries.slice(0, (page - 1) * PAGE).reverse()), olderChange: firstChange(entries.slice(page * PAGE)),
    gone, at: snapshots.some((snapshot) => snapshot.id === found.at) ? found.at : null,
    task: found.task && { ...found.task.trace, ...(await title(found.task)) },
    proof: found.proof && { restoreId: found.proof.restoreId, at: found.proof.at.toISOString() },
  };
}

/** The snapshots of the same plan, before and after this one, in which something changed. Throws `not_found`. */
export async function getChangesAround(actor: Actor, workspaceId: string, snapshotId: string): Promise<{ earlier: string | null; later: string | null }> {
  const id = checkId(snapshotId, "snapshot");
  return inWorkspace(actor, workspaceId, "content.view", async (tx, me) => {
    const snapshot = await tx.snapshot.findFirst({ where: { workspaceId: me.workspaceId, id, ...VISIBLE }, select: { planId: true } });
    if (!snapshot) throw notFound("snapshot");
    return changesAround(await readTimeline(tx, me.workspaceId, snapshot.planId), id);
  });
}

/** Every kept snapshot in what the timeline needs of it, newest first. */
export async function readTimeline(tx: Tx, workspaceId: string, planId: string): Promise<TimelineSnapshot[]> {
  const rows = await tx.$queryRaw<(Omit<TimelineSnapshot, "takenAt" | "drift"> & { takenAt: Date; drift: SnapshotDrift | null })[]>`
    SELECT id, taken_at AS "takenAt", state, coalesce((counts->'records'->>'task')::int, 0) AS tasks, gaps, damaged,
      nullif(reading->'lost', 'null'::jsonb) AS lost, new_bytes::float8 AS "newBytes", drift, run_id IS NULL AS "beforeRestore"
    FROM snapshot WHERE workspace_id = ${workspaceId}::uuid AND plan_id = ${planId}::uuid AND state <> 'open' AND removed_at IS NULL
    ORDER BY taken_at DESC, id DESC`;
  return rows.map((row) => ({ ...row, takenAt: row.takenAt.toISOString() }));
}

interface Gone { snapshotId: string; taskId: string; sealedSummary: Uint8Array }

/** A few of the tasks that each snapshot was the first not to have. */
async function readGone(tx: Tx, workspaceId: string, planId: string, entries: TimelineEntry[]): Promise<Gone[]> {
  const ids = entries.flatMap((entry) => (entry.kind === "snapshot" && entry.snapshot.drift && entry.snapshot.drift.removed > 0 ? [entry.snapshot.id] : []));
  if (ids.length === 0) return [];
  return tx.$queryRaw<Gone[]>`
    SELECT "snapshotId", "taskId", "sealedSummary" FROM (
      SELECT s.id AS "snapshotId", e.task_id AS "taskId", e.sealed_summary AS "sealedSummary", row_number() OVER (PARTITION BY s.id ORDER BY e.number) AS place
      FROM search_entry e JOIN snapshot s ON s.workspace_id = e.workspace_id AND s.plan_id = e.plan_id AND s.taken_at = e.gone_at
      WHERE e.workspace_id = ${workspaceId}::uuid AND e.plan_id = ${planId}::uuid AND e.gone_at IS NOT NULL AND s.id = ANY(${ids}::uuid[])
    ) each WHERE place <= ${NAMED}`;
}

export const openSummary = (workspaceId: string, planId: string, { taskId, sealedSummary }: { taskId: string; sealedSummary: Uint8Array }): Promise<SearchSummary> =>
  openJson<SearchSummary>(workspaceId, "content", PLACE.searchSummary(planId, taskId), sealedSummary);

/** When the task was there, as far as the search knows. */
export async function readTask(tx: Tx, workspaceId: string, planId: string, taskId: string): Promise<{ taskId: string; sealedSummary: Uint8Array; trace: Omit<TaskTrace, "title" | "bucket"> } | null> {
  if (taskId.includes("\0")) return null; // typed into the address; no id of Microsoft's has it, and Postgres refuses it
  const entry = await tx.searchEntry.findUnique({ where: { workspaceId_planId_taskId: { workspaceId, planId, taskId } } });
  if (!entry) return null;
  const { searchSnapshotId } = await tx.plan.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id: planId } }, select: { searchSnapshotId: true } });
  const ids = [entry.lastSnapshotId, ...(entry.goneAt === null && searchSnapshotId ? [searchSnapshotId] : [])];
  const last = await tx.snapshot.findFirst({ where: { workspaceId, id: { in: ids }, ...VISIBLE }, orderBy: { takenAt: "desc" }, select: { id: true, takenAt: true } });
  if (!last) return null; // retention took it away a moment ago
  const trace = { taskId, firstAt: entry.firstAt.toISOString(), snapshotId: last.id, lastAt: last.takenAt.toISOString(), goneAt: entry.goneAt?.toISOString() ?? null };
  return { taskId, sealedSummary: entry.sealedSummary, trace };
}
