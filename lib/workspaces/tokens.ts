import { inCloud } from "@/lib/config";
import type { Cloud } from "@/lib/config/clouds";
import { withWorkspace, type Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { MicrosoftTenant } from "@/lib/generated/prisma/client";
import { appTokenSource, createTokenSource, credentialFor, scopesInRequest, type AccessTokens } from "@/lib/identity";
import { isGranted } from "./consentState";
import { openJson, sealJson } from "./keys";
import { PLACE } from "./sealed";
import type { Purpose } from "./types";

interface Place { workspaceId: string; connectionId: string; purpose: Purpose }

/** What is sealed: MSAL's cache, and which account in it is the connection account. */
interface SealedTokens { cache: string; homeAccountId: string }

const seal = ({ workspaceId, connectionId, purpose }: Place, tokens: SealedTokens) => sealJson(workspaceId, "token", PLACE.tokenCache(connectionId, purpose), tokens);

/** Seals the tokens of a sign-in for this workspace, connection and purpose; older ones are replaced. */
export async function storeTokens(tx: Tx, place: Place, tokens: SealedTokens, expiresAt: Date | null): Promise<void> {
  const sealedCache = await seal(place, tokens);
  await tx.tokenCache.upsert({
    where: { workspaceId_connectionId_purpose: place },
    create: { ...place, sealedCache, expiresAt },
    update: { sealedCache, expiresAt, version: { increment: 1 } },
  });
}

/**
 * Access tokens of a connection for one purpose, for the Graph client. Reads and renews the sealed cache; throws
 * PlanbackError needs_sign_in when there is none (any more).
 */
export async function connectionTokens(place: Place): Promise<AccessTokens> {
  const { workspaceId, connectionId, purpose } = place;
  const where = { workspaceId_connectionId_purpose: { workspaceId, connectionId, purpose } };
  const connection = await withWorkspace(workspaceId, (tx) => tx.connection.findFirst({ where: { workspaceId, id: connectionId, removedAt: null }, include: { microsoftTenant: true } }));
  const load = async () => {
    const row = await withWorkspace(workspaceId, (tx) => tx.tokenCache.findUnique({ where }));
    if (!row) return null;
    const tokens = await openJson<SealedTokens>(workspaceId, "token", PLACE.tokenCache(connectionId, purpose), row.sealedCache);
    return { ...tokens, version: row.version };
  };
  if (connection?.kind === "app_only") return appTokens(connection.microsoftTenant, purpose);
  const first = await load();
  if (!connection || !first) {
    throw new PlanbackError("needs_sign_in", "The connection account is not signed in for this purpose. Nothing that was backed up is lost. Sign in again with this account.");
  }
  const here = inCloud(connection.microsoftTenant.cloud as Cloud);
  return createTokenSource({
    credential: credentialFor(here, purpose),
    tid: connection.microsoftTenant.tid,
    homeAccountId: first.homeAccountId,
    scopes: scopesInRequest(here, purpose),
    origins: here,
    loadCache: async () => {
      const stored = await load();
      return stored && { data: stored.cache, version: stored.version };
    },
    saveCache: async (data, version) => {
      const sealedCache = await seal(place, { cache: data, homeAccountId: first.homeAccountId });
      const { count } = await withWorkspace(workspaceId, (tx) => tx.tokenCache.updateMany({ where: { workspaceId, connectionId, purpose, version }, data: { sealedCache, version: version + 1 } }));
      return count === 1;
    },
  });
}

/**
 * Tokens of the application, for reading. What was lost is found again only by an administrator of the Microsoft tenant in this
 * workspace: the application may have been granted anew for another one.
 */
function appTokens(tenant: MicrosoftTenant, purpose: Purpose): AccessTokens {
  if (purpose === "restore") throw new PlanbackError("forbidden", "An app-only connection only reads. Choose a connection account to restore with. Nothing was changed.");
  if (!isGranted(tenant, "app_only")) {
    throw new PlanbackError("consent_missing", "The consent for app-only backup was removed in Microsoft Entra ID, or does not cover what is needed. Nothing that was backed up is lost. An administrator must grant it again.");
  }
  const here = inCloud(tenant.cloud as Cloud);
  return appTokenSource({ credential: credentialFor(here, "app_only"), tid: tenant.tid, origins: here });
}
