import { createHash, randomBytes } from "node:crypto";
import { form, type SimRequest, type SimResponse } from "../http";
import type { SimApp, SimTenant, SimUser, SimWorld } from "../model";
import { appAccessToken, idToken, lifetime, requestedClaims, userAccessToken } from "./claims";
import { authenticateClient } from "./clientAuth";
import { resolveAuthority, signInTo, type Authority } from "./directory";
import { EntraFault, jsonFault } from "./errors";
import { answerScope, grantedScopes, missingScopes, parseScopes, type RequestedScopes } from "./scopes";
import { entraState, type Account } from "./state";

const CODE_LIFE_MS = 10 * 60_000;
const INACTIVE_MS = 90 * 24 * 3600_000;

interface Call { world: SimWorld; authority: Authority; app: SimApp; body: URLSearchParams; byCertificate: boolean }

/** POST /{tenant}/oauth2/v2.0/token: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow */
export function token(world: SimWorld, segment: string, request: SimRequest): SimResponse {
  const body = form(request);
  try {
    const authority = resolveAuthority(world, segment);
    if (request.headers.origin) throw new EntraFault(9002326);
    const grantType = body.get("grant_type");
    if (!grantType) throw new EntraFault(900144, "Parameter: 'grant_type'.");
    const app = authenticateClient(world, request, body, authority);
    const call: Call = { world, authority, app, body, byCertificate: body.has("client_assertion") };
    return { status: 200, headers: { "cache-control": "no-store, no-cache", pragma: "no-cache" }, body: grant(call, grantType) };
  } catch (error) {
    if (error instanceof EntraFault) return jsonFault(world, error);
    throw error;
  }
}

function grant(call: Call, grantType: string): object {
  switch (grantType) {
    case "authorization_code":
      return redeemCode(call);
    case "refresh_token":
      return refresh(call);
    case "client_credentials":
      return clientCredentials(call);
    default:
      throw new EntraFault(70003, `grant_type '${grantType}'.`);
  }
}

const required = (body: URLSearchParams, name: string): string => {
  const value = body.get(name);
  if (!value) throw new EntraFault(90014, `The required field '${name}' is missing.`);
  return value;
};

function redeemCode(call: Call): object {
  const { world, app, body } = call;
  const code = entraState(world).codes.get(required(body, "code"));
  if (!code) throw new EntraFault(70000, "The authorization code is not valid.");
  if (code.redeemed) throw new EntraFault(54005);
  if (world.now() - code.issuedAt > CODE_LIFE_MS) throw new EntraFault(70008);
  if (code.clientId !== app.clientId) throw new EntraFault(70000, "The code was issued to another application.");
  if (code.redirectUri !== required(body, "redirect_uri")) throw new EntraFault(500112);
  const isFromThere = call.authority.kind !== "tenant" || call.authority.tenant.id === code.tenantId;
  if (!isFromThere) throw new EntraFault(70000, "The code was issued by another tenant.");
  checkVerifier(code.codeChallenge, body.get("code_verifier"));
  code.redeemed = true;
  const tenant = world.tenants.get(code.tenantId)!;
  const { user } = signInTo(world, { kind: "tenant", tenant }, code.account);
  const asked = parseScopes(body.get("scope") || code.scopes.join(" "), world);
  return userAnswer(call, { account: code.account, tenant, user, asked: { ...asked, oidc: [...new Set([...parseScopes(code.scopes.join(" "), world).oidc, ...asked.oidc])] }, nonce: code.nonce, authenticatedAt: code.authenticatedAt, claims: body.get("claims") ?? code.claims });
}

function checkVerifier(challenge: string | null, verifier: string | null): void {
  if (!challenge && !verifier) return;
  const made = createHash("sha256").update(verifier ?? "").digest("base64url");
  if (!challenge || made !== challenge) throw new EntraFault(501481);
}

/** Refresh tokens roll over, but the old one stays valid: https://learn.microsoft.com/entra/identity-platform/refresh-tokens */
function refresh(call: Call): object {
  const { world, app, body } = call;
  const known = entraState(world).refreshTokens.get(required(body, "refresh_token"));
  if (!known || known.clientId !== app.clientId) throw new EntraFault(70000, "The refresh token is not valid.");
  if (world.now() - known.usedAt > INACTIVE_MS) throw new EntraFault(700082);
  const authority: Authority = call.authority.kind === "tenant" ? call.authority : { kind: "tenant", tenant: world.tenants.get(known.tenantId)! };
  const { tenant, user } = signInTo(world, authority, known.account);
  const home = world.tenants.get(known.account.homeTenantId)?.users.get(known.account.homeOid);
  if (known.issuedAt < Math.max(user.tokensValidFrom, home?.tokensValidFrom ?? 0)) throw new EntraFault(50173);
  const condition = world.conditions.refuseUser.get(user.id);
  if (condition) throw new EntraFault(condition.code, "", condition.claims);
  known.usedAt = world.now();
  const asked = parseScopes(body.get("scope") || known.scopes.join(" "), world);
  return userAnswer(call, { account: known.account, tenant, user, asked: { ...asked, oidc: [...new Set([...asked.oidc, "offline_access"])] }, nonce: null, authenticatedAt: null, claims: body.get("claims") });
}

interface Delegated { account: Account; tenant: SimTenant; user: SimUser; asked: RequestedScopes; nonce: string | null; authenticatedAt: number | null; claims: string | null }

function userAnswer(call: Call, given: Delegated): object {
  const { world, app, body } = call;
  const { account, tenant, user, asked } = given;
  const missing = missingScopes(tenant, app, user.id, asked);
  if (missing.length > 0) throw new EntraFault(65001, `Application '${app.clientId}' named '${app.displayName}'.`);
  const scopes = [...grantedScopes(tenant, app.clientId, user.id)];
  const isLongLived = requestedClaims(given.claims).some((claim) => claim.toLowerCase() === "xms_cc:cp1");
  const expiresIn = lifetime();
  const answer: Record<string, unknown> = {
    token_type: "Bearer",
    scope: answerScope(asked, scopes, world),
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    ...(isLongLived ? { refresh_in: Math.floor(expiresIn / 2) } : {}),
    access_token: userAccessToken(world, { app, tenant, user, scopes: [...scopes, ...asked.oidc.filter((name) => name !== "offline_access")], claims: given.claims, expiresIn, byCertificate: call.byCertificate }),
  };
  if (asked.oidc.includes("offline_access")) answer.refresh_token = newRefreshToken(world, app, given);
  if (asked.oidc.includes("openid")) answer.id_token = idToken(world, { app, account, tenant, user, scopes: asked.oidc, nonce: given.nonce, authenticatedAt: given.authenticatedAt });
  if (body.get("client_info") === "1") answer.client_info = Buffer.from(JSON.stringify({ uid: account.homeOid, utid: account.homeTenantId })).toString("base64url");
  return answer;
}

function newRefreshToken(world: SimWorld, app: SimApp, given: Delegated): string {
  const value = `1.${randomBytes(64).toString("base64url")}`;
  const now = world.now();
  const scopes = [...given.asked.oidc, ...given.asked.graph];
  entraState(world).refreshTokens.set(value, { clientId: app.clientId, account: given.account, tenantId: given.tenant.id, scopes, issuedAt: now, usedAt: now });
  return value;
}

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
function clientCredentials(call: Call): object {
  const { world, authority, app, body } = call;
  if (authority.kind !== "tenant") throw new EntraFault(9001023);
  // Stricter than Entra ID, which takes secrets here too.
  if (!call.byCertificate) throw new EntraFault(7000218, "A secret is not accepted for client_credentials here.");
  const asked = parseScopes(required(body, "scope"), world);
  if (!asked.isDefault) throw new EntraFault(70011, "The scope must be the resource's identifier with /.default.");
  const granted = authority.tenant.grants.get(app.clientId);
  if (!granted) throw new EntraFault(700016, `Application with identifier '${app.clientId}' in the directory '${authority.tenant.displayName}'.`);
  const expiresIn = 3599;
  const access_token = appAccessToken(world, { app, tenant: authority.tenant, roles: [...granted.appRoles], expiresIn, byCertificate: call.byCertificate });
  return { token_type: "Bearer", expires_in: expiresIn, ext_expires_in: expiresIn, access_token };
}
