/** What differs between two moments of a plan: two snapshots, or one and the plan as it is now. */
import type { Tx } from "@/lib/db";
import { diffParts, diffPlans, type PlanDrift } from "@/lib/planner/diff";
import type { RecordKind, SnapshotContent, SnapshotRecord } from "@/lib/planner/types";
import { groupRecords } from "@/lib/repository";
import type { Repository } from "@/lib/repository/types";
import { recordReading } from "./audit";
import { checkId, inWorkspace } from "./authorise";
import { readLive } from "./live";
import { findPlan, toSummary } from "./plans";
import { repositoryOf } from "./repository";
import { findSnapshot } from "./snapshots";
import { changesIn } from "./timeline";
import { readTimeline } from "./history";
import type { Actor, CompareChoices, ComparedSide, CompareView } from "./types";

/** The plan as it is now, in the place of a snapshot's id. */
export const LIVE = "live";
/** So many snapshots to choose from. */
const OFFERED = 200;

/** What can be compared, and what is when nothing is chosen: the newest change with what was before it. */
export async function compareChoices(actor: Actor, workspaceId: string, planId: string): Promise<CompareChoices> {
  const id = checkId(planId, "plan");
  const { plan, snapshots } = await inWorkspace(actor, workspaceId, "content.view", async (tx, me) =>
    ({ plan: await findPlan(tx, me.workspaceId, id), snapshots: await readTimeline(tx, me.workspaceId, id) }));
  const changed = snapshots.findIndex(({ drift }, index) => index < snapshots.length - 1 && changesIn(drift) > 0);
  const at = changed < 0 ? 0 : changed;
  return {
    plan: await toSummary(plan), total: snapshots.length, newestId: snapshots[0]?.id ?? null,
    offered: snapshots.filter(({ drift, beforeRestore, state }, index) => index === 0 || index === snapshots.length - 1 || drift === null || changesIn(drift) > 0 || changesIn(snapshots[index - 1]!.drift) > 0 || beforeRestore || state === "partial").slice(0, OFFERED),
    from: snapshots[at + 1]?.id ?? null, to: snapshots[at]?.id ?? null,
  };
}

/**
 * The differences from the older of the two to the newer; `to` may be LIVE. Throws `not_found` when a snapshot is none of
 * this plan; for the live plan also what reading Microsoft 365 throws.
 */
export async function comparePlan(actor: Actor, workspaceId: string, planId: string, from: string, to: string): Promise<CompareView> {
  const id = checkId(planId, "plan");
  const wanted = [from, ...(to === LIVE ? [] : [to])].map((each) => checkId(each, "snapshot"));
  const { workspaceId: ws, rows } = await inWorkspace(actor, workspaceId, "content.view", async (tx, me) => {
    const rows = await findOfPlan(tx, me.workspaceId, id, wanted);
    for (const row of rows) await recordReading(tx, me.workspaceId, actor, { action: "snapshot.compared", target: { kind: "snapshot", id: row.id }, detail: { plan: id, with: to === LIVE ? LIVE : rows.find((other) => other.id !== row.id)?.id ?? row.id } });
    return { workspaceId: me.workspaceId, rows };
  });
  const repository = await repositoryOf(ws);
  const [older, newer] = rows.map((row): ComparedSide => ({ id: row.id, at: row.takenAt.toISOString(), state: row.state as "complete" | "partial", beforeRestore: row.runId === null }));
  if (to !== LIVE) return { from: older!, to: newer ?? older!, drift: await betweenSnapshots(repository, rows[0]!.manifestId, (rows[1] ?? rows[0]!).manifestId) };
  const live = await readLive(actor, workspaceId, id);
  const { content } = await repository.readSnapshot(rows[0]!.manifestId, rows[0]!.plan.bundleId);
  // Neither comments nor the content of files are read live, and the names of people are those of the snapshot.
  const drift = diffPlans({ ...content, comments: [], attachments: [] }, { ...live.content, people: content.people });
  return { from: older!, to: { id: LIVE, at: live.at, state: "complete", beforeRestore: false }, drift };
}

/** Older first. */
async function findOfPlan(tx: Tx, workspaceId: string, planId: string, ids: string[]) {
  const rows = await Promise.all([...new Set(ids)].map((id) => findSnapshot(tx, workspaceId, id, planId)));
  return rows.sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime() || (a.id < b.id ? -1 : 1));
}

/** Small kinds that give names to the others. */
const NAMING: readonly RecordKind[] = ["plan", "planDetails", "bucket", "person"];

/** Reads what differs, what gives it names, and no more of the tasks. */
async function betweenSnapshots(repository: Repository, older: string, newer: string): Promise<PlanDrift> {
  const { added, removed, changed } = await repository.diffSnapshots(older, newer);
  const before = [...removed, ...changed.map((pair) => pair.before)];
  const after = [...added, ...changed.map((pair) => pair.after)];
  const read = new Set([...before, ...after].flatMap(({ kind, id }) => (kind === "task" ? [id] : [])));
  // Comments and files also change behind a task whose own record is the same in both.
  const behind = [...before, ...after].flatMap((record) => (record.kind === "comment" ? [record.comment.taskId] : record.kind === "attachment" ? [record.attachment.taskId] : [])).filter((id) => !read.has(id));
  const same = behind.length > 0 ? await repository.findRecords(newer, "task", new Set(behind)) : [];
  const [old, current] = await Promise.all([contentOf(repository, older, [...before, ...same]), contentOf(repository, newer, [...after, ...same])]);
  return diffParts(old, current);
}

/** A content of these records and what names them. */
export async function contentOf(repository: Repository, manifestId: string, records: SnapshotRecord[]): Promise<SnapshotContent> {
  const naming: SnapshotRecord[] = [];
  for await (const record of repository.readRecords(manifestId, NAMING)) naming.push(record);
  return groupRecords([...naming, ...records.filter(({ kind }) => !NAMING.includes(kind))]);
}
