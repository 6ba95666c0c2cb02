/** What the jobs of a restore have in common. */
import { withWorkspace, type Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { Prisma } from "@/lib/generated/prisma/client";
import type { Gap, PlannerTask, SnapshotContent, SnapshotRecord } from "@/lib/planner/types";
import { leanRecord } from "@/lib/repository/packed";
import type { Repository } from "@/lib/repository/types";
import { heldSilent } from "@/lib/restore";
import type { Operation, RestorePlan, RestoreRequest } from "@/lib/restore/types";
import { openJson } from "@/lib/workspaces/keys";
import { repositoryOf } from "@/lib/workspaces/repository";
import { PLACE } from "@/lib/workspaces/sealed";

export const WITH_PARTS = { snapshot: { include: { plan: { select: { bundleId: true } } } }, connection: { include: { microsoftTenant: true } } } satisfies Prisma.RestoreInclude;
/** Its plan may be large: who needs it reads it (openPlan). */
const WITHOUT_PLAN = { sealedPlan: true } satisfies Prisma.RestoreOmit;
export type RestoreRow = Prisma.RestoreGetPayload<{ include: typeof WITH_PARTS; omit: typeof WITHOUT_PLAN }>;

export function findRestoreRow(tx: Tx, workspaceId: string, id: string): Promise<RestoreRow | null> {
  return tx.restore.findUnique({ where: { workspaceId_id: { workspaceId, id } }, include: WITH_PARTS, omit: WITHOUT_PLAN });
}

export interface RestoreSource { repository: Repository; content: SnapshotContent; gaps: Gap[]; request: RestoreRequest }

/** The snapshot, its tasks kept small, and what is asked of it. `keep`: what is held of each task itself. Throws repository_damaged when the snapshot is not whole. */
export async function openSource(row: RestoreRow, keep = (task: PlannerTask) => task): Promise<RestoreSource> {
  if (row.snapshot.manifestId === null) throw new PlanbackError("conflict", "The snapshot is not kept any more. Choose another one. Nothing was changed.");
  const repository = await repositoryOf(row.workspaceId);
  const held = (record: SnapshotRecord) => leanRecord(record.kind === "task" ? { ...record, task: keep(record.task) } : record);
  const { content, manifest } = await repository.readSnapshot(row.snapshot.manifestId, row.snapshot.plan.bundleId, held);
  return { repository, content, gaps: manifest.gaps, request: await openRequest(row) };
}

export function openRequest(row: { workspaceId: string; id: string; sealedRequest: Uint8Array }): Promise<RestoreRequest> {
  return openJson<RestoreRequest>(row.workspaceId, "content", PLACE.restoreRequest(row.id), row.sealedRequest);
}

/** Changes the row while it is in one of `states`; false when it is not any more. */
export async function changeRestore(row: { workspaceId: string; id: string }, states: string[], data: Prisma.RestoreUncheckedUpdateManyInput): Promise<boolean> {
  const { workspaceId, id } = row;
  const { count } = await withWorkspace(workspaceId, (tx) => tx.restore.updateMany({ where: { workspaceId, id, state: { in: states } }, data }));
  return count === 1;
}

export function problemSentence(error: unknown): string {
  return error instanceof PlanbackError ? error.message : "An unexpected problem stopped the restore. What was written is named by the next attempt's report.";
}

/** The reviewed restore plan, without the words of its operations unless `hold` keeps them. Throws conflict when there is none. */
export async function openPlan({ workspaceId, id }: { workspaceId: string; id: string }, hold = heldSilent): Promise<RestorePlan> {
  const row = await withWorkspace(workspaceId, (tx) => tx.restore.findUnique({ where: { workspaceId_id: { workspaceId, id } }, select: { sealedPlan: true } }));
  if (!row?.sealedPlan) throw new PlanbackError("conflict", "This restore has no preview. Make a new one. Nothing was changed.");
  return openJson<RestorePlan>(workspaceId, "content", PLACE.restorePlan(id), row.sealedPlan, (element) => (isOperation(element) ? hold(element) : element));
}

const isOperation = (element: unknown): element is Operation => typeof element === "object" && element !== null && "kind" in element && "changes" in element;
