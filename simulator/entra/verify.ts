import { CLOUDS } from "../clouds";
import type { AccessTokenClaims, SimWorld } from "../model";
import { decodeJwt, isSignedHere } from "./keys";

/** Why Graph refuses a token; Graph answers 401 InvalidAuthenticationToken, with a claims challenge when there is one. */
export class AccessTokenFault extends Error {
  constructor(
    readonly reason: "malformed" | "signature" | "audience" | "expired" | "tenant" | "revoked",
    message: string,
    /** Claims challenge (JSON) to send in WWW-Authenticate. */
    readonly claims?: string,
  ) {
    super(message);
  }
}

const GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";
const checked = new WeakMap<SimWorld, Map<string, AccessTokenClaims>>();

/**
 * The claims of a bearer token for Graph. Throws AccessTokenFault. A token of an app that declared CP1 is refused as
 * soon as the user is disabled or revoked, with a challenge that only a newer token answers (continuous access
 * evaluation, https://learn.microsoft.com/entra/identity-platform/app-resilience-continuous-access-evaluation).
 */
export function verifyAccessToken(world: SimWorld, bearer: string): AccessTokenClaims {
  const claims = signedClaims(world, bearer);
  const { everybody, users } = world.conditions.expiredBefore;
  const isCutShort = (claims.xms_epoch ?? 0) < Math.max(everybody, users.get(claims.oid) ?? 0);
  if (isCutShort || claims.exp <= world.now() / 1000) throw new AccessTokenFault("expired", "Lifetime validation failed, the token is expired.");
  const tenant = world.tenants.get(claims.tid);
  if (!tenant) throw new AccessTokenFault("tenant", "The tenant of the token does not exist.");
  const user = claims.idtyp === "user" ? tenant.users.get(claims.oid) : undefined;
  const isEvaluated = ((claims as unknown as { xms_cc?: string[] }).xms_cc ?? []).includes("CP1");
  if (user && isEvaluated && (!user.accountEnabled || claims.iat * 1000 + 999 < user.tokensValidFrom)) {
    const since = String(Math.ceil(user.tokensValidFrom / 1000));
    throw new AccessTokenFault("revoked", "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp", JSON.stringify({ access_token: { nbf: { essential: true, value: since } } }));
  }
  return claims;
}

/** App and Microsoft tenant of a request's token, whatever its state; "" without a token of this cloud. */
export function ownerOf(world: SimWorld, authorization: string | undefined): string {
  if (!authorization) return "";
  try {
    const { appid, tid } = signedClaims(world, authorization.replace(/^Bearer /i, ""));
    return `${appid} ${tid}`;
  } catch {
    return "";
  }
}

function signedClaims(world: SimWorld, bearer: string): AccessTokenClaims {
  const cache = checked.get(world) ?? new Map<string, AccessTokenClaims>();
  checked.set(world, cache);
  const known = cache.get(bearer);
  if (known) return known;
  const jwt = decodeJwt(bearer);
  if (!jwt) throw new AccessTokenFault("malformed", "CompactToken parsing failed with error code: 80049217");
  if (!isSignedHere(jwt, world.cloud)) throw new AccessTokenFault("signature", "Signature validation failed.");
  const claims = jwt.claims as unknown as AccessTokenClaims;
  if (claims.aud !== CLOUDS[world.cloud].graph && claims.aud !== GRAPH_APP_ID) throw new AccessTokenFault("audience", "Invalid audience.");
  if (cache.size > 5_000) cache.clear();
  cache.set(bearer, claims);
  return claims;
}
