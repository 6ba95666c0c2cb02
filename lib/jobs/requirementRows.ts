/** What a check of a connection account leaves in the database. */
import { withWorkspace } from "@/lib/db";
import type { RequirementRow, TokenFacts } from "@/lib/identity";
import { noteConsentLost } from "@/lib/workspaces/consentState";
import { sealJson } from "@/lib/workspaces/keys";
import { PLACE, type RequirementFacts } from "@/lib/workspaces/sealed";
import type { Catalogue, Purpose } from "@/lib/workspaces/types";
import type { ConnectionWithTenant } from "./connectionRow";

/** Shows every row as being checked, under its title, and forgets rows of an older build. */
export async function markChecking(connection: ConnectionWithTenant, rows: RequirementRow[]): Promise<void> {
  const { workspaceId, id: connectionId } = connection;
  const sealed = await Promise.all(rows.map((row) => sealFacts(connection, { ...row, evidence: null, remedy: null, stillWorks: null, items: [] })));
  await withWorkspace(workspaceId, async (tx) => {
    await tx.connection.update({ where: { workspaceId_id: { workspaceId, id: connectionId } }, data: { checkState: "checking" } });
    await tx.requirement.deleteMany({ where: { workspaceId, connectionId } });
    await tx.requirement.createMany({
      data: rows.map((row, position) => ({ workspaceId, connectionId, id: row.id, purpose: row.purpose, position, state: "checking", sealedFacts: sealed[position]! })),
    });
  });
}

/** Stores one judged row, so that it appears while the others are still being checked. */
export async function storeRow(connection: ConnectionWithTenant, row: RequirementRow): Promise<void> {
  const { workspaceId, id: connectionId } = connection;
  const sealedFacts = await sealFacts(connection, row);
  await withWorkspace(workspaceId, (tx) =>
    tx.requirement.updateMany({ where: { workspaceId, connectionId, id: row.id }, data: { state: row.state, sealedFacts, checkedAt: new Date() } }));
}

function sealFacts({ workspaceId, id }: ConnectionWithTenant, { id: rowId, title, evidence, remedy, stillWorks, items }: RequirementRow): Promise<Uint8Array<ArrayBuffer>> {
  const facts: RequirementFacts = { title, evidence, remedy, stillWorks, items };
  return sealJson(workspaceId, "content", PLACE.requirementFacts(id, rowId), facts);
}

/** What a new token, or its refusal, says about the connection and about the consent of its Microsoft tenant. */
export async function storeToken(connection: ConnectionWithTenant, purpose: Purpose, token: TokenFacts, missingScopes: string[]): Promise<void> {
  if (token.state === "unreachable" || token.state === "absent") return;
  const { workspaceId, id, microsoftTenantId } = connection;
  const state = token.state === "alive" ? "active" : token.state;
  const isGranted = token.state === "alive" && token.scopes !== null && missingScopes.length === 0;
  const isLost = token.state === "consent_missing" || missingScopes.length > 0;
  const tenant = { workspaceId, id: microsoftTenantId };
  const now = new Date();
  await withWorkspace(workspaceId, async (tx) => {
    const mine = { workspaceId, id, removedAt: null };
    if (purpose === "backup") {
      await tx.connection.updateMany({ where: mine, data: { backupState: state } });
      if (isGranted) await tx.microsoftTenant.updateMany({ where: tenant, data: { backupScopes: token.scopes ?? [], backupProvenAt: now, backupLostAt: null } });
    } else {
      await tx.connection.updateMany({ where: mine, data: { restoreState: state } });
      if (isGranted) await tx.microsoftTenant.updateMany({ where: tenant, data: { restoreScopes: token.scopes ?? [], restoreProvenAt: now, restoreLostAt: null } });
    }
    if (isLost) await noteConsentLost(tx, tenant, purpose);
  });
}

/** The same for a token of the application. What was lost stays lost until an administrator grants it in this workspace again. */
export async function storeAppToken({ workspaceId, id, microsoftTenantId }: ConnectionWithTenant, state: "active" | "consent_missing", roles: string[] | null): Promise<void> {
  const tenant = { workspaceId, id: microsoftTenantId };
  await withWorkspace(workspaceId, async (tx) => {
    await tx.connection.updateMany({ where: { workspaceId, id, removedAt: null }, data: { backupState: state } });
    if (roles) await tx.microsoftTenant.updateMany({ where: tenant, data: { appOnlyRoles: roles } });
    if (state === "consent_missing") await noteConsentLost(tx, tenant, "app_only");
  });
}

/** Comments in the newest snapshots of the connection's Microsoft tenant. */
export async function countComments({ workspaceId, microsoftTenantId }: ConnectionWithTenant): Promise<number> {
  const [row] = await withWorkspace(workspaceId, (tx) => tx.$queryRaw<{ comments: bigint }[]>`
    SELECT coalesce(sum((counts->'records'->>'comment')::bigint), 0)::bigint AS comments
    FROM (SELECT DISTINCT ON (s.plan_id) s.counts FROM snapshot s JOIN plan p ON p.workspace_id = s.workspace_id AND p.id = s.plan_id
          WHERE s.workspace_id = ${workspaceId}::uuid AND p.microsoft_tenant_id = ${microsoftTenantId}::uuid
            AND s.state <> 'open' AND s.removed_at IS NULL
          ORDER BY s.plan_id, s.taken_at DESC) newest`);
  return Number(row?.comments ?? 0);
}

/** Ends a check. A catalogue that could not be read leaves the one of the last check in place. */
export async function storeCatalogue({ workspaceId, id, microsoftTenantId }: ConnectionWithTenant, catalogue: Catalogue | null, name: string | null): Promise<void> {
  const read = catalogue && { sealedCatalogue: await sealJson(workspaceId, "content", PLACE.catalogue(id), catalogue), catalogueAt: new Date(catalogue.readAt) };
  await withWorkspace(workspaceId, async (tx) => {
    await tx.connection.updateMany({ where: { workspaceId, id, removedAt: null }, data: { ...read, checkState: null, checkedAt: new Date() } });
    if (name) await tx.microsoftTenant.update({ where: { workspaceId_id: { workspaceId, id: microsoftTenantId } }, data: { name } });
  });
}
