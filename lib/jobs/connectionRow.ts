import { inCloud, type CloudConfig } from "@/lib/config";
import { extrasAllowed, type Cloud } from "@/lib/config/clouds";
import { withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { Prisma } from "@/lib/generated/prisma/client";
import { noteConsentLost } from "@/lib/workspaces/consentState";
import type { Grant, Purpose } from "@/lib/workspaces/types";

const WITH_TENANT = { microsoftTenant: true } satisfies Prisma.ConnectionInclude;
export type ConnectionWithTenant = Prisma.ConnectionGetPayload<{ include: typeof WITH_TENANT }>;

/** The connection, or null when it was removed. */
export function findLiveConnection(tx: Tx, workspaceId: string, id: string): Promise<ConnectionWithTenant | null> {
  return tx.connection.findFirst({ where: { workspaceId, id, removedAt: null }, include: WITH_TENANT });
}

/** What an administrator granted for this use of the connection. */
export const grantOf = ({ kind }: { kind: string }, purpose: Purpose): Grant => (kind === "app_only" ? "app_only" : purpose);

/** The registrations and hosts of the cloud that the connection's Microsoft tenant is in. */
export const hereOf = ({ microsoftTenant }: ConnectionWithTenant): CloudConfig => inCloud(microsoftTenant.cloud as Cloud);

/** Whether Microsoft's beta interface is read too. */
export const readsExtras = ({ extras, microsoftTenant }: ConnectionWithTenant): boolean => extras && extrasAllowed(microsoftTenant.cloud as Cloud);

/** The sentence for a job whose connection account is gone. */
export function connectionRemoved(): PlanbackError {
  return new PlanbackError("conflict", "The connection account was removed. Choose another account. Nothing that was backed up is lost.");
}

/** Remembers on the rows what Microsoft's answer says about the account or the consent; other errors change nothing. */
export async function noteTrouble(connection: ConnectionWithTenant, purpose: Purpose, error: unknown): Promise<void> {
  if (!isPlanbackError(error, "needs_sign_in", "consent_missing")) return;
  const { workspaceId, id } = connection;
  const state = error.code === "consent_missing" ? "consent_missing" : "needs_sign_in";
  await withWorkspace(workspaceId, async (tx) => {
    await tx.connection.update({
      where: { workspaceId_id: { workspaceId, id } },
      data: purpose === "backup" ? { backupState: state } : { restoreState: state },
    });
    if (state === "consent_missing") await noteConsentLost(tx, connection.microsoftTenant, grantOf(connection, purpose));
  });
}
