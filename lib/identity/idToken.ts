import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { dialUrl } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";
import { loginOf, type Origins } from "./msal";

/** Tenant of all personal Microsoft accounts: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
export const CONSUMER_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** Who signed in. Only (tid, oid) identifies; name and username are for showing. */
export interface Identity {
  tid: string;
  oid: string;
  name: string;
  username: string;
  isGuest: boolean;
  /** When the person last typed a password or the like; by `auth_time`, or now where the registration does not ask for that claim. */
  authenticatedAt: Date;
  /** Template ids of active directory roles; null where the registration does not ask for that claim. */
  directoryRoles: readonly string[] | null;
}

export interface IdTokenChecks {
  clientId: string;
  nonce: string;
  /** When the token must come from one Microsoft tenant. */
  expectedTid?: string;
  origins: Origins;
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const keySets = new Map<string, JWTVerifyGetKey>();

/**
 * Verifies an ID token of Entra ID: RS256 by the tenant's published keys, audience, lifetime, nonce, version 2.0,
 * issuer equal to the login origin with the token's own tid, and no personal account. Throws PlanbackError forbidden
 * with facts.reason: "invalid" | "nonce" | "personal_account" | "wrong_tenant"; graph_unavailable when the keys cannot
 * be read.
 */
export async function verifyIdToken(raw: string, checks: IdTokenChecks): Promise<Identity> {
  const payload = await verifySignature(raw, checks);
  const { tid, oid, nonce, ver, iss } = payload;
  if (typeof nonce !== "string" || nonce !== checks.nonce) throw refuse("nonce");
  if (ver !== "2.0" || typeof tid !== "string" || !GUID.test(tid) || typeof oid !== "string" || !GUID.test(oid)) throw refuse("invalid");
  if (tid === CONSUMER_TENANT) throw refuse("personal_account");
  if (iss !== `${checks.origins.loginOrigin}/${tid}/v2.0`) throw refuse("invalid");
  if (checks.expectedTid !== undefined && tid !== checks.expectedTid) throw refuse("wrong_tenant", tid);
  const username = text(payload.preferred_username) ?? text(payload.upn) ?? oid;
  // `idp` names the home tenant of a guest even where the optional claim `acct` is not configured.
  const isGuest = payload.acct === 1 || (typeof payload.idp === "string" && !payload.idp.includes(tid));
  return { tid, oid, name: text(payload.name) ?? username, username, isGuest, authenticatedAt: authenticationTime(payload), directoryRoles: Array.isArray(payload.wids) ? payload.wids.map(String) : null };
}

/** Optional claim: https://learn.microsoft.com/entra/identity-platform/optional-claims-reference */
function authenticationTime({ auth_time: seconds, iat }: JWTPayload): Date {
  return new Date(Math.min(Date.now(), 1000 * (typeof seconds === "number" ? seconds : iat!)));
}

async function verifySignature(raw: string, checks: IdTokenChecks): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(raw, keysOf(checks.origins), { algorithms: ["RS256"], audience: checks.clientId, clockTolerance: 60, requiredClaims: ["exp", "iat", "iss", "sub"] });
    return payload;
  } catch (error) {
    const isAboutKeys = error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError);
    if (!isAboutKeys) throw refuse("invalid");
    throw new PlanbackError("graph_unavailable", "The signing keys of Microsoft Entra ID cannot be read at the moment. Nothing was changed. Try again in a few minutes.");
  }
}

/** The cloud's keys are the same for all of its tenants; jose keeps them and reads again for an unknown key id. */
function keysOf(origins: Origins): JWTVerifyGetKey {
  const url = dialUrl(`${loginOf(origins)}/organizations/discovery/v2.0/keys`, origins);
  let keys = keySets.get(url);
  if (!keys) {
    keys = createRemoteJWKSet(new URL(url), { [customFetch]: (target, init) => fetch(dialUrl(String(target), origins), { ...init, redirect: "error" }) });
    keySets.set(url, keys);
  }
  return keys;
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

type Reason = "invalid" | "nonce" | "personal_account" | "wrong_tenant";
const MESSAGES: Record<Reason, string> = {
  invalid: "Microsoft's answer could not be verified. Nothing was changed. Start again.",
  nonce: "Microsoft's answer belongs to another sign-in. Nothing was changed. Start again.",
  personal_account: "Personal Microsoft accounts cannot be used. Sign in with a work or school account.",
  wrong_tenant: "The account that signed in belongs to another Microsoft tenant than the one asked for. Nothing was changed.",
};

/** A refusal of an identity, with its reason for the caller. */
export function refuse(reason: Reason, tid?: string): PlanbackError {
  return new PlanbackError("forbidden", MESSAGES[reason], { facts: { reason, tid } });
}
