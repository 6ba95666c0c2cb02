import { redirect, type SimRequest, type SimResponse, type SimRoom } from "../http";
import type { SimWorld } from "../model";
import { adminConsent } from "./adminconsent";
import { authorize } from "./authorize";
import { instanceDiscovery, keySet, openIdConfiguration } from "./discovery";
import { forget, readVisit } from "./interaction";
import { signedOutPage } from "./pages";
import { token } from "./token";
import { AccessTokenFault, verifyAccessToken } from "./verify";

export { AccessTokenFault, ownerOf, verifyAccessToken } from "./verify";
export { requestedClaims } from "./claims";

type Handler = (world: SimWorld, segment: string, request: SimRequest) => SimResponse;

/** What follows the tenant in the path, and who answers. */
const routes: [method: RegExp, path: string, handler: Handler][] = [
  [/^GET$/, "/v2.0/.well-known/openid-configuration", (world, segment) => openIdConfiguration(world, segment)],
  [/^GET$/, "/discovery/v2.0/keys", (world, segment) => keySet(world, segment)],
  [/^GET$/, "/discovery/instance", (world, segment) => instanceDiscovery(world, segment)],
  [/^(GET|POST)$/, "/oauth2/v2.0/authorize", authorize],
  [/^POST$/, "/oauth2/v2.0/token", token],
  [/^(GET|POST)$/, "/oauth2/v2.0/logout", logout],
  [/^(GET|POST)$/, "/v2.0/adminconsent", (world, segment, request) => adminConsent(world, segment, "v2", request)],
  [/^(GET|POST)$/, "/adminconsent", (world, segment, request) => adminConsent(world, segment, "v1", request)],
];

/** Entra ID below `/{tenant}/…`, and the OpenID userinfo endpoint. Any other path is not this room's. */
export function entraRoom(world: SimWorld): SimRoom {
  return (request) => {
    if (request.url.pathname === "/oidc/userinfo") return userinfo(world, request);
    const match = /^\/([^/]+)(\/.+)$/.exec(request.url.pathname);
    if (!match) return undefined;
    const route = routes.find(([method, path]) => path === match[2]!.toLowerCase() && method.test(request.method));
    return route?.[2](world, decodeURIComponent(match[1]!), request);
  };
}

/** Ends the browser's session; goes back only to an address that an app registered. */
function logout(world: SimWorld, _segment: string, request: SimRequest): SimResponse {
  const { params, sessionId } = readVisit(world, request);
  forget(world, sessionId);
  const headers = { "set-cookie": "ESTSAUTH=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax" };
  const target = params.get("post_logout_redirect_uri");
  const origins = [...world.apps.values()].flatMap((app) => app.redirectUris.map((uri) => new URL(uri).origin));
  if (!target || !URL.canParse(target) || !origins.includes(new URL(target).origin)) return signedOutPage(headers);
  const url = new URL(target);
  const state = params.get("state");
  if (state !== null) url.searchParams.set("state", state);
  return redirect(url.toString(), headers);
}

/** https://learn.microsoft.com/entra/identity-platform/userinfo */
function userinfo(world: SimWorld, request: SimRequest): SimResponse {
  try {
    const claims = verifyAccessToken(world, (request.headers.authorization ?? "").replace(/^Bearer /i, ""));
    const user = world.tenants.get(claims.tid)?.users.get(claims.oid);
    return { status: 200, body: { sub: (claims as unknown as { sub: string }).sub, name: user?.displayName, email: user?.mail } };
  } catch (error) {
    if (!(error instanceof AccessTokenFault)) throw error;
    return { status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' }, body: { error: { code: "InvalidAuthenticationToken", message: error.message } } };
  }
}
