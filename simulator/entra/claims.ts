import { createHash, randomBytes } from "node:crypto";
import { CLOUDS } from "../clouds";
import type { AccessTokenClaims, SimApp, SimTenant, SimUser, SimWorld } from "../model";
import { personOf } from "./directory";
import { signJwt } from "./keys";
import type { Account } from "./state";

const DEFAULT_ROLE = "b79fbf4d-3ef9-4689-8143-76b194e85509";

const uti = () => randomBytes(16).toString("base64url");
export const issuerOf = (world: SimWorld, tenantId: string) => `${world.origin}/${tenantId}/v2.0`;

/** Access tokens live 60 to 90 minutes: https://learn.microsoft.com/entra/identity-platform/access-tokens */
export const lifetime = () => 3599 + (randomBytes(2).readUInt16BE() % 1801);

/** `sub` is pairwise: another value for each app. */
const pairwise = (oid: string, clientId: string) => createHash("sha256").update(`${clientId}:${oid}`).digest("base64url");

/** ID token, version 2.0: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
export function idToken(world: SimWorld, given: { app: SimApp; account: Account; tenant: SimTenant; user: SimUser; scopes: string[]; nonce: string | null; authenticatedAt: number | null }): string {
  const { app, account, tenant, user, scopes, nonce, authenticatedAt } = given;
  const now = Math.floor(world.now() / 1000);
  const person = personOf(world, account, tenant);
  const isGuest = account.homeTenantId !== tenant.id;
  return signJwt({
    aud: app.clientId,
    iss: issuerOf(world, tenant.id),
    iat: now,
    nbf: now,
    exp: now + 3600,
    // An optional claim that the registration asks for.
    ...(authenticatedAt === null ? {} : { auth_time: Math.floor(authenticatedAt / 1000) }),
    ...(isGuest ? { acct: 1, idp: issuerOf(world, account.homeTenantId).replace(/\/v2\.0$/, "/") } : { acct: 0 }),
    ...(scopes.includes("email") && user.mail ? { email: user.mail } : {}),
    ...(scopes.includes("profile") ? { name: user.displayName, oid: user.id, preferred_username: person?.username ?? user.userPrincipalName } : {}),
    ...(nonce === null ? {} : { nonce }),
    rh: `1.${uti()}.`,
    sub: pairwise(user.id, app.clientId),
    tid: tenant.id,
    uti: uti(),
    ver: "2.0",
    ...(app.directoryRoleClaims ? { wids: [...user.directoryRoles, DEFAULT_ROLE] } : {}),
  }, world.cloud);
}

/** What a claims request asks for, as strings that can be compared: `name:value` for each requested access-token claim. */
export function requestedClaims(raw: string | null | undefined): string[] {
  if (!raw) return [];
  try {
    const parsed = JSON.parse(raw) as { access_token?: Record<string, { value?: string; values?: string[] } | null> };
    return Object.entries(parsed.access_token ?? {}).flatMap(([name, wish]) => (wish?.values ?? [wish?.value ?? ""]).map((value) => `${name}:${value}`));
  } catch {
    return [];
  }
}

/** True when a token got with the claims request `asked` answers `challenge`. */
function answersChallenge(challenge: string, asked: string[]): boolean {
  const wanted = requestedClaims(challenge);
  return wanted.length > 0 && wanted.every((claim) => asked.includes(claim));
}

/** Access token for Microsoft Graph on behalf of a user. */
export function userAccessToken(world: SimWorld, given: { app: SimApp; tenant: SimTenant; user: SimUser; scopes: string[]; claims: string | null; expiresIn: number; byCertificate: boolean }): string {
  const { app, tenant, user, scopes } = given;
  const now = Math.floor(world.now() / 1000);
  const asked = requestedClaims(given.claims);
  const challenge = world.conditions.caeChallenge.get(user.id);
  const acrs = [...asked.filter((claim) => !claim.startsWith("xms_cc:")), ...(challenge && answersChallenge(challenge, asked) ? [challenge] : [])];
  const claims: AccessTokenClaims & Record<string, unknown> = {
    aud: CLOUDS[world.cloud].graph,
    iss: issuerOf(world, tenant.id),
    iat: now,
    nbf: now,
    exp: now + given.expiresIn,
    acct: user.homeTenantId ? 1 : 0,
    ...(acrs.length > 0 ? { acrs } : {}),
    ...(asked.some((claim) => claim.toLowerCase() === "xms_cc:cp1") ? { xms_cc: ["CP1"] } : {}),
    app_displayname: app.displayName,
    appid: app.clientId,
    appidacr: given.byCertificate ? "2" : "1",
    idtyp: "user",
    name: user.displayName,
    oid: user.id,
    scp: scopes.join(" "),
    sub: pairwise(user.id, app.clientId),
    tid: tenant.id,
    upn: user.userPrincipalName,
    uti: uti(),
    ver: "1.0",
    xms_epoch: world.conditions.tokenEpoch,
    wids: [...user.directoryRoles, DEFAULT_ROLE],
  };
  return signJwt(claims, world.cloud);
}

/** Access token for Microsoft Graph of the app itself; `oid` is its service principal. */
export function appAccessToken(world: SimWorld, given: { app: SimApp; tenant: SimTenant; roles: string[]; expiresIn: number; byCertificate: boolean }): string {
  const now = Math.floor(world.now() / 1000);
  const hash = createHash("sha256").update(`${given.app.clientId} ${given.tenant.id}`).digest("hex");
  const principal = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  const claims: AccessTokenClaims & Record<string, unknown> = {
    aud: CLOUDS[world.cloud].graph,
    iss: issuerOf(world, given.tenant.id),
    iat: now,
    nbf: now,
    exp: now + given.expiresIn,
    app_displayname: given.app.displayName,
    appid: given.app.clientId,
    appidacr: given.byCertificate ? "2" : "1",
    idtyp: "app",
    oid: principal,
    ...(given.roles.length > 0 ? { roles: given.roles } : {}),
    sub: principal,
    tid: given.tenant.id,
    uti: uti(),
    ver: "1.0",
    xms_epoch: world.conditions.tokenEpoch,
  };
  return signJwt(claims, world.cloud);
}
