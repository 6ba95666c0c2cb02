"use server";

import { revalidatePath } from "next/cache";
import type { Cloud } from "@/lib/config/clouds";
import { createConsentLink, revokeConsentLink, startConsent } from "@/lib/workspaces";
import type { Grant } from "@/lib/workspaces/types";
import { action } from "../../../action";
import { followFlow } from "../../../flow";
import { requireActor } from "../../../session";

export async function startConsentAction(workspaceId: string, purpose: Grant, elsewhere?: { cloud: Cloud; tid: string }) {
  return action(async () => followFlow(await startConsent(await requireActor(), workspaceId, purpose, elsewhere)));
}

export async function createConsentLinkAction(workspaceId: string, purpose: Grant, elsewhere?: { cloud: Cloud; tid: string }) {
  return action(async () => createConsentLink(await requireActor(), workspaceId, purpose, elsewhere));
}

export async function revokeConsentLinkAction(workspaceId: string, linkId: string) {
  return action(async () => {
    await revokeConsentLink(await requireActor(), workspaceId, linkId);
    revalidatePath(`/w/${workspaceId}/consent`);
  });
}
