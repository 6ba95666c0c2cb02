/** Checks what Planback can read of a Microsoft tenant as an application, row by row, and reads every group and plan of it. */
import { withWorkspace } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import { appClaims, certificateEnd, credentialFor, evaluateAppOnly, missingScopes, type AppOnlyFacts } from "@/lib/identity";
import type { Catalogue } from "@/lib/workspaces/types";
import { readTenantCatalogue } from "./catalogue";
import { hereOf, type ConnectionWithTenant } from "./connectionRow";
import { graphWith, tokensFor } from "./graphFor";
import { countComments, markChecking, storeAppToken, storeCatalogue, storeRow } from "./requirementRows";

const TOKEN_ROWS: readonly string[] = ["backup.certificate", "backup.consent", "backup.scopes", "backup.token"];

export async function appOnlyCheck(connection: ConnectionWithTenant, signal: AbortSignal): Promise<void> {
  const facts: AppOnlyFacts = {
    tid: connection.microsoftTenant.tid, token: { state: "unreachable", roles: null, problem: null }, certificateEnd: null, now: new Date(),
    groups: null, users: null, readProblem: null, accounts: await accountsBeside(connection), comments: await countComments(connection),
  };
  await markChecking(connection, evaluateAppOnly(facts));
  const source = await tryToken(connection, facts);
  const missing = missingScopes(facts.token.roles ?? [], "app_only");
  if (facts.token.state === "alive") await storeAppToken(connection, missing.length === 0 ? "active" : "consent_missing", facts.token.roles);
  if (facts.token.state === "consent_missing") await storeAppToken(connection, "consent_missing", null);
  await storeRows(connection, facts, (id) => TOKEN_ROWS.includes(id));
  const catalogue = source && missing.length === 0 ? await readDirectory(graphWith(connection, "backup", source, { signal, urgent: true }), facts) : null;
  await storeRows(connection, facts, (id) => !TOKEN_ROWS.includes(id));
  await storeCatalogue(connection, catalogue, null);
}

async function accountsBeside({ workspaceId, microsoftTenantId }: ConnectionWithTenant): Promise<string[]> {
  const rows = await withWorkspace(workspaceId, (tx) => tx.connection.findMany({
    where: { workspaceId, microsoftTenantId, kind: "account", removedAt: null }, orderBy: { createdAt: "asc" }, select: { username: true }, take: 3,
  }));
  return rows.map(({ username }) => username);
}

/** Gets a new token, not one that is held: only that shows whether the consent is still there. */
async function tryToken(connection: ConnectionWithTenant, facts: AppOnlyFacts): Promise<Awaited<ReturnType<typeof tokensFor>> | null> {
  try {
    facts.certificateEnd = certificateEnd(credentialFor(hereOf(connection), "app_only"));
    const source = await tokensFor(connection, "backup");
    facts.token = { state: "alive", roles: appClaims(await source({ forceRefresh: true })).roles, problem: null };
    return source;
  } catch (error) {
    if (!(error instanceof PlanbackError) || error.code === "lease_lost") throw error;
    const state = error.code === "consent_missing" ? "consent_missing" : error.code === "config" ? "refused" : "unreachable";
    facts.token = { state, roles: null, problem: error.message };
    return null;
  }
}

async function readDirectory(graph: GraphApi, facts: AppOnlyFacts): Promise<Catalogue | null> {
  try {
    const catalogue = await readTenantCatalogue(graph);
    facts.groups = catalogue.groups.map((group) => ({ name: group.name, plans: group.unreachable ? null : group.plans.length }));
    facts.users = (await graph.searchUsers(5)).length;
    return catalogue;
  } catch (error) {
    if (!(error instanceof PlanbackError) || error.code === "lease_lost") throw error;
    facts.readProblem = error.message;
    return null;
  }
}

async function storeRows(connection: ConnectionWithTenant, facts: AppOnlyFacts, isTold: (id: string) => boolean): Promise<void> {
  for (const row of evaluateAppOnly(facts)) if (isTold(row.id)) await storeRow(connection, row);
}
