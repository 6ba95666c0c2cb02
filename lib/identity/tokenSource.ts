import type { AuthenticationResult, ICachePlugin } from "@azure/msal-node";
import type { AppCredential } from "@/lib/config";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { fromAuthError } from "./failures";
import { confidentialClient, type Origins } from "./msal";

export interface StoredCache {
  /** MSAL's serialized cache. */
  data: string;
  /** Optimistic lock. */
  version: number;
}

export interface TokenSourceOptions {
  credential: AppCredential;
  tid: string;
  /** MSAL's id of the connection account (Redeemed.homeAccountId). */
  homeAccountId: string;
  /** Fully qualified. */
  scopes: string[];
  origins: Origins;
  /** The cache as it is stored now; null when it was erased. */
  loadCache(): Promise<StoredCache | null>;
  /** Stores the cache if the stored version is still `version`; false when another process was faster. */
  saveCache(data: string, version: number): Promise<boolean>;
}

/** Gives a valid access token; `claims` is a CAE claims challenge that must be sent to Entra ID. */
export type AccessTokens = (options?: { claims?: string; forceRefresh?: boolean; signal?: AbortSignal }) => Promise<string>;

const EARLY_MS = 5 * 60_000;

/**
 * Access tokens of one connection for one purpose. Calls that come while a token is being fetched share it. Never more
 * than two calls of the token endpoint for one request: one, and one more after a network failure. Throws PlanbackError
 * needs_sign_in, consent_missing, graph_unavailable or config.
 */
export function createTokenSource(options: TokenSourceOptions): AccessTokens {
  let held: { token: string; until: number } | null = null;
  const running = new Map<string, Promise<string>>();

  const fetchToken = async (claims: string | undefined, forceRefresh: boolean): Promise<string> => {
    const result = await acquire(options, claims, forceRefresh);
    held = { token: result.accessToken, until: (result.expiresOn?.getTime() ?? 0) - EARLY_MS };
    return result.accessToken;
  };

  return async ({ claims, forceRefresh = false, signal } = {}) => {
    signal?.throwIfAborted();
    if (!claims && !forceRefresh && held && held.until > Date.now()) return held.token;
    const key = claims ?? (forceRefresh ? "refresh" : "");
    const shared = running.get(key) ?? fetchToken(claims, forceRefresh).finally(() => running.delete(key));
    running.set(key, shared);
    return shared;
  };
}

async function acquire(options: TokenSourceOptions, claims: string | undefined, forceRefresh: boolean): Promise<AuthenticationResult> {
  try {
    return await acquireOnce(options, claims, forceRefresh);
  } catch (error) {
    const failure = fromAuthError(error);
    if (!isPlanbackError(failure, "graph_unavailable")) throw failure;
    return acquireOnce(options, claims, forceRefresh).catch((again: unknown) => {
      throw fromAuthError(again);
    });
  }
}

async function acquireOnce(options: TokenSourceOptions, claims: string | undefined, forceRefresh: boolean): Promise<AuthenticationResult> {
  const client = confidentialClient(options.credential, options.tid, options.origins, cachePlugin(options));
  const accounts = await client.getTokenCache().getAllAccounts();
  const account = accounts.find((each) => each.homeAccountId === options.homeAccountId);
  if (!account) throw signInNeeded();
  return client.acquireTokenSilent({ account, scopes: options.scopes, forceRefresh, ...(claims ? { claims } : {}) });
}

/**
 * MSAL's window to the stored cache. A lost race is no loss: the other process stored a good cache, refresh tokens of
 * both stay valid, and the next access reads the stored one. An erased cache is never written again.
 */
function cachePlugin(options: TokenSourceOptions): ICachePlugin {
  let version: number | null = null;
  return {
    async beforeCacheAccess(context) {
      const stored = await options.loadCache();
      if (!stored) throw signInNeeded();
      version = stored.version;
      context.tokenCache.deserialize(stored.data);
    },
    async afterCacheAccess(context) {
      if (!context.cacheHasChanged || version === null) return;
      if (await options.saveCache(context.tokenCache.serialize(), version)) version++;
    },
  };
}

function signInNeeded(): PlanbackError {
  return new PlanbackError("needs_sign_in", "The connection account is not signed in for this purpose. Nothing that was backed up is lost. Sign in again with this account.");
}
