import { config } from "@/lib/config";
import { PlanbackError } from "@/lib/errors";
import { createGraph, governorFor } from "@/lib/graph";
import type { GraphApi, GraphEvents, TokenSource } from "@/lib/graph/types";
import { createTokenSource, credentialFor, qualified, scopesToAsk } from "@/lib/identity";
import { readSignIn, updateSignIn } from "@/lib/workspaces/tokenCaches";
import type { Purpose } from "@/lib/workspaces/types";
import type { ConnectionWithTenant } from "./connectionRow";

export interface GraphUse { signal: AbortSignal; events?: GraphEvents }

/** Backup tokens are shared by the captures of one process; a write token lives as long as the job that asked for it. */
const backupTokens = new Map<string, { homeAccountId: string; tokens: TokenSource }>();

/** Microsoft Graph as this connection account. Throws `needs_sign_in` when it is not signed in for the purpose. */
export async function graphFor(connection: ConnectionWithTenant, purpose: Purpose, use: GraphUse): Promise<GraphApi> {
  return graphWith(connection, purpose, await tokensFor(connection, purpose), use);
}

/** The same with a token source that the caller holds. */
export function graphWith(connection: ConnectionWithTenant, purpose: Purpose, tokens: TokenSource, { signal, events }: GraphUse): GraphApi {
  const c = config();
  return createGraph({ tokens, origins: c, governor: governorFor(credentialFor(c, purpose).clientId, connection.microsoftTenant.tid), events, signal });
}

/** Access tokens of this connection account, from its sealed sign-in. Throws `needs_sign_in` when there is none. */
export async function tokensFor(connection: ConnectionWithTenant, purpose: Purpose): Promise<TokenSource> {
  const signIn = await readSignIn(connection.workspaceId, connection.id, purpose);
  if (!signIn) {
    throw new PlanbackError("needs_sign_in", "The connection account is not signed in for this. Open Connections and sign in. Nothing that was backed up is lost.");
  }
  const held = purpose === "backup" ? backupTokens.get(connection.id) : undefined;
  if (held?.homeAccountId === signIn.homeAccountId) return held.tokens;
  const tokens = newTokens(connection, purpose, signIn.homeAccountId);
  if (purpose === "backup") backupTokens.set(connection.id, { homeAccountId: signIn.homeAccountId, tokens });
  return tokens;
}

function newTokens({ workspaceId, id, microsoftTenant }: ConnectionWithTenant, purpose: Purpose, homeAccountId: string): TokenSource {
  const c = config();
  return createTokenSource({
    credential: credentialFor(c, purpose), tid: microsoftTenant.tid, homeAccountId, scopes: qualified(scopesToAsk(c, purpose)), origins: c,
    loadCache: async () => {
      const stored = await readSignIn(workspaceId, id, purpose);
      return stored && { data: stored.cache, version: stored.version };
    },
    saveCache: (cache, version) => updateSignIn(workspaceId, id, purpose, { homeAccountId, cache }, version),
  });
}

/** The delegated permissions in an access token's `scp`; null when the token does not show them. */
export function scopesInToken(token: string): string[] | null {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as { scp?: unknown };
    return typeof claims.scp === "string" ? claims.scp.split(" ") : null;
  } catch {
    return null;
  }
}
