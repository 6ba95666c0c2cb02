/** What earlier in-place restores of a plan created, from their journals: a task that was made again is not gone. */
import { withWorkspace } from "@/lib/db";
import { type Creations, creationsOf } from "@/lib/restore/successors";
import type { RestorePlan, RestoreRequest } from "@/lib/restore/types";
import { openJson } from "./keys";
import { PLACE } from "./sealed";

/** Of all restores of the plan that began, oldest first, but for the restore `except`. */
export async function creationsForPlan(workspaceId: string, planId: string, except?: string): Promise<Creations> {
  const rows = await withWorkspace(workspaceId, (tx) => tx.restore.findMany({
    where: { workspaceId, drillOf: null, ...(except ? { id: { not: except } } : {}), snapshot: { planId }, startedAt: { not: null }, sealedPlan: { not: null } },
    orderBy: { startedAt: "asc" },
    include: { intents: { where: { state: "done", remoteId: { not: null }, kind: { in: ["create_plan", "create_bucket", "create_task"] } } } },
  }));
  const restores = await Promise.all(rows.filter(({ intents }) => intents.length > 0).map(async ({ id, sealedRequest, sealedPlan, intents }) => {
    const { target } = await openJson<RestoreRequest>(workspaceId, "content", PLACE.restoreRequest(id), sealedRequest);
    if (target.kind !== "in_place") return [];
    const { operations } = await openJson<RestorePlan>(workspaceId, "content", PLACE.restorePlan(id), sealedPlan!);
    return [{ operations, remoteIds: new Map(intents.map(({ seq, remoteId }) => [seq, remoteId!])) }];
  }));
  return creationsOf(restores.flat());
}
