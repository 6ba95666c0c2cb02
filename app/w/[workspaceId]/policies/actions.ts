"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { previewRetention, previewSchedule, removePolicy, saveDrills, savePolicy, setPolicyEnabled, startDrill, startRun } from "@/lib/workspaces";
import type { DrillInput, PolicyInput, Retention, Schedule } from "@/lib/workspaces/types";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function savePolicyAction(workspaceId: string, policyId: string | null, input: PolicyInput) {
  return action(async () => {
    const { id } = await savePolicy(await requireActor(), workspaceId, input, policyId ?? undefined);
    if (!policyId) redirect(`/w/${workspaceId}/policies/${id}`);
    revalidatePath(`/w/${workspaceId}/policies/${id}`);
  });
}

export async function previewScheduleAction(policyId: string | null, schedule: Schedule) {
  return action(async () => {
    await requireActor();
    return previewSchedule(schedule, policyId);
  });
}

export async function previewRetentionAction(workspaceId: string, policyId: string, retention: Retention) {
  return action(async () => previewRetention(await requireActor(), workspaceId, policyId, retention));
}

export async function setPolicyEnabledAction(workspaceId: string, policyId: string, enabled: boolean) {
  return action(async () => {
    await setPolicyEnabled(await requireActor(), workspaceId, policyId, enabled === true);
    revalidatePath(`/w/${workspaceId}/policies`);
  });
}

export async function removePolicyAction(workspaceId: string, policyId: string) {
  return action(async () => {
    await removePolicy(await requireActor(), workspaceId, policyId);
    redirect(`/w/${workspaceId}/policies`);
  });
}

export async function saveDrillsAction(workspaceId: string, policyId: string, input: DrillInput) {
  return action(async () => {
    await saveDrills(await requireActor(), workspaceId, policyId, input);
    revalidatePath(`/w/${workspaceId}/policies/${policyId}`);
  });
}

export async function startDrillAction(workspaceId: string, policyId: string, requestKey: string) {
  return action(async () => {
    const { restoreId } = await startDrill(await requireActor(), workspaceId, policyId, requestKey);
    redirect(`/w/${workspaceId}/restores/${restoreId}`);
  });
}

export async function startRunAction(workspaceId: string, policyId: string, requestKey: string) {
  return action(async () => {
    const { runId } = await startRun(await requireActor(), workspaceId, policyId, requestKey);
    redirect(`/w/${workspaceId}/runs/${runId}`);
  });
}
