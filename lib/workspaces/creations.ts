/** What earlier in-place restores of a plan created, from their journals: what was made again is not gone. */
import { withWorkspace } from "@/lib/db";
import { CREATING, type Creations, creationsOf } from "@/lib/restore/successors";
import type { RestorePlan, RestoreRequest } from "@/lib/restore/types";
import { openJson } from "./keys";
import { PLACE } from "./sealed";

/** Of all restores of the plan that began, oldest first, but for the restore `except`. One large restore plan is held at a time. */
export async function creationsForPlan(workspaceId: string, planId: string, except?: string): Promise<Creations> {
  const rows = await withWorkspace(workspaceId, (tx) => tx.restore.findMany({
    where: { workspaceId, drillOf: null, ...(except ? { id: { not: except } } : {}), snapshot: { planId }, startedAt: { not: null }, sealedPlan: { not: null } },
    orderBy: { startedAt: "asc" }, select: { id: true, sealedRequest: true },
  }));
  const restores: Parameters<typeof creationsOf>[0] = [];
  for (const { id, sealedRequest } of rows) {
    const { target } = await openJson<RestoreRequest>(workspaceId, "content", PLACE.restoreRequest(id), sealedRequest);
    if (target.kind !== "in_place") continue;
    const { sealedPlan, intents } = await withWorkspace(workspaceId, (tx) => tx.restore.findUniqueOrThrow({
      where: { workspaceId_id: { workspaceId, id } },
      select: { sealedPlan: true, intents: { where: { state: "done", remoteId: { not: null }, kind: { in: [...CREATING] } }, select: { seq: true, remoteId: true } } },
    }));
    if (intents.length === 0) continue;
    const remoteIds = new Map(intents.map(({ seq, remoteId }) => [seq, remoteId!]));
    const { operations } = await openJson<RestorePlan>(workspaceId, "content", PLACE.restorePlan(id), sealedPlan!);
    restores.push({ remoteIds, operations: operations.flatMap(({ seq, kind, source, body }) => (remoteIds.has(seq) ? [{ seq, kind, source, body: kind === "upload_file" ? body : {} }] : [])) });
  }
  return creationsOf(restores);
}
