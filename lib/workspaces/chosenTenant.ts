/** Which Microsoft tenant a consent is for. */
import { z } from "zod";
import { config, inCloud } from "@/lib/config";
import { CLOUD_FACTS, cloudInput, type Cloud } from "@/lib/config/clouds";
import { PlanbackError } from "@/lib/errors";
import { credentialFor, requireTenantInCloud } from "@/lib/identity";
import { inWorkspace } from "./authorise";
import { parseInput } from "./input";
import type { Actor, Grant } from "./types";

export interface TenantChoice { cloud: Cloud; tid: string }

const choiceInput = z.object({ cloud: cloudInput, tid: z.guid({ error: "The tenant id must look like 12345678-abcd-1234-abcd-1234567890ab. It is on the overview of the Microsoft Entra admin center. Nothing was changed." }) });

/**
 * The actor's own Microsoft tenant, or one of another cloud that he names by its id; within the cloud that people sign in to,
 * the sign-in has named it. Throws invalid_input for a tenant that is not in that cloud, config where nothing is registered.
 */
export async function chosenTenant(actor: Actor, workspaceId: string, grant: Grant, elsewhere: TenantChoice | undefined): Promise<TenantChoice> {
  const choice = elsewhere === undefined ? { cloud: config().cloud, tid: actor.tid } : parseInput(choiceInput, elsewhere);
  const tid = choice.tid.toLowerCase();
  const known = await inWorkspace(actor, workspaceId, "connection.manage", (tx, me) => tx.microsoftTenant.findUnique({ where: { workspaceId_tid: { workspaceId: me.workspaceId, tid } }, select: { cloud: true, backupProvenAt: true, restoreProvenAt: true, appOnlyProvenAt: true } }));
  const here = inCloud(choice.cloud);
  credentialFor(here, grant);
  if (tid === actor.tid && choice.cloud === config().cloud) return { cloud: choice.cloud, tid };
  if (choice.cloud === config().cloud) {
    throw new PlanbackError("invalid_input", "Consent in this cloud is for the Microsoft tenant of your own account. Invite a person of the other tenant, who then grants it. Nothing was changed.");
  }
  const isProven = known !== null && [known.backupProvenAt, known.restoreProvenAt, known.appOnlyProvenAt].some((at) => at !== null);
  if (isProven && known.cloud !== choice.cloud) {
    throw new PlanbackError("invalid_input", `This workspace knows the tenant in Microsoft's cloud ${CLOUD_FACTS[known.cloud as Cloud].name}. Choose that one. Nothing was changed.`, { facts: { reason: "wrong_cloud" } });
  }
  await requireTenantInCloud(tid, here);
  return { cloud: choice.cloud, tid };
}
