import { openJson, sealJson } from "./keys";
import { PLACE, type PlanNames } from "./sealed";

/** Title and group name of a plan row. */
export async function openPlanNames(plan: { workspaceId: string; id: string; sealedNames: Uint8Array }): Promise<PlanNames> {
  return openJson<PlanNames>(plan.workspaceId, "content", PLACE.planNames(plan.id), plan.sealedNames);
}

export async function sealPlanNames(workspaceId: string, planId: string, names: PlanNames): Promise<Uint8Array<ArrayBuffer>> {
  return sealJson(workspaceId, "content", PLACE.planNames(planId), names);
}
