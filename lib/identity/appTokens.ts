import type { AppCredential } from "@/lib/config";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { certificateEnd } from "./assertion";
import { fromAppAuthError } from "./failures";
import { refuse } from "./idToken";
import { confidentialClient, type Origins } from "./msal";
import { defaultScope } from "./scopes";
import type { AccessTokens } from "./tokenSource";

export interface AppTokenOptions { credential: AppCredential; tid: string; origins: Origins }

/** What a token of the application says about itself. `oid`: its service principal in the Microsoft tenant. */
export interface AppClaims { tid: string; oid: string; roles: string[] }

const EARLY_MS = 5 * 60_000;
const sources = new Map<string, AccessTokens>();

/**
 * Access tokens of an application for one Microsoft tenant, by certificate; one source for all that ask in this process, so
 * that a thousand captures do not ask for a thousand tokens. Throws PlanbackError consent_missing, graph_unavailable or config.
 */
export function appTokenSource(options: AppTokenOptions): AccessTokens {
  const { credential, tid, origins } = options;
  const key = [credential.clientId, credential.certificatePem, tid, origins.cloud, origins.loginOrigin].join(" ");
  const known = sources.get(key);
  if (known) return known;
  const source = createSource(options);
  sources.set(key, source);
  return source;
}

function createSource(options: AppTokenOptions): AccessTokens {
  let held: { token: string; until: number } | null = null;
  const running = new Map<string, Promise<string>>();
  const fetchToken = async (claims: string | undefined): Promise<string> => {
    const { accessToken, expiresOn } = await acquire(options, claims);
    const { tid } = appClaims(accessToken);
    if (tid !== options.tid) throw refuse("wrong_tenant", tid);
    held = { token: accessToken, until: (expiresOn?.getTime() ?? 0) - EARLY_MS };
    return accessToken;
  };
  return async ({ claims, forceRefresh = false, signal } = {}) => {
    signal?.throwIfAborted();
    if (!claims && !forceRefresh && held && held.until > Date.now()) return held.token;
    const key = claims ?? "";
    const shared = running.get(key) ?? fetchToken(claims).finally(() => running.delete(key));
    running.set(key, shared);
    return shared;
  };
}

async function acquire(options: AppTokenOptions, claims: string | undefined): Promise<{ accessToken: string; expiresOn: Date | null }> {
  const end = certificateEnd(options.credential);
  if (end && end <= new Date()) {
    throw new PlanbackError("config", `The certificate of Planback's app-only registration ended on ${end.toISOString().slice(0, 10)}. The operator of this installation must renew it. Nothing that was backed up is lost.`);
  }
  try {
    return await acquireOnce(options, claims);
  } catch (error) {
    const failure = fromAppAuthError(error);
    if (!isPlanbackError(failure, "graph_unavailable")) throw failure;
    return acquireOnce(options, claims).catch((again: unknown) => {
      throw fromAppAuthError(again);
    });
  }
}

async function acquireOnce({ credential, tid, origins }: AppTokenOptions, claims: string | undefined): Promise<{ accessToken: string; expiresOn: Date | null }> {
  const client = confidentialClient(credential, tid, origins);
  const result = await client.acquireTokenByClientCredential({ scopes: [defaultScope(origins.cloud)], skipCache: true, ...(claims ? { claims } : {}) });
  if (!result) throw new PlanbackError("graph_rejected", "Microsoft's answer holds no token. Nothing was changed. Start again.");
  return result;
}

/** Reads a token of the application. It came from Entra ID directly; for whom it is and what it may is all that is read. */
export function appClaims(token: string): AppClaims {
  try {
    const { tid, oid, roles } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as Record<string, unknown>;
    if (typeof tid === "string" && typeof oid === "string") return { tid, oid, roles: Array.isArray(roles) ? roles.map(String) : [] };
  } catch {
    // not a token: refused below
  }
  throw refuse("invalid");
}
