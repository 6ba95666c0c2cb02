import { CLOUDS } from "../clouds";
import { ELSEWHERE } from "../fixtures";
import type { SimResponse } from "../http";
import type { SimWorld } from "../model";
import { resolveAuthority } from "./directory";
import { EntraFault, jsonFault } from "./errors";
import { jwks } from "./keys";

/** The path segment that discovery documents use for this authority; organizations and common name no tenant. */
function issuerSegment(world: SimWorld, segment: string): { path: string; issuer: string } {
  const authority = resolveAuthority(world, segment);
  if (authority.kind === "tenant") return { path: authority.tenant.id, issuer: authority.tenant.id };
  return { path: authority.kind, issuer: authority.kind === "consumers" ? "9188040d-6c67-4c5b-b112-36a304b66dad" : "{tenantid}" };
}

function orFault(world: SimWorld, make: () => object): SimResponse {
  try {
    return { status: 200, headers: { "access-control-allow-origin": "*" }, body: make() };
  } catch (error) {
    if (error instanceof EntraFault) return jsonFault(world, error);
    throw error;
  }
}

/** OpenID Connect discovery: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc */
export const openIdConfiguration = (world: SimWorld, segment: string): SimResponse =>
  orFault(world, () => {
    // A tenant of another cloud is known, and where it is.
    const elsewhere = ELSEWHERE[segment.toLowerCase()];
    if (elsewhere && elsewhere.cloud !== world.cloud) return { cloud_instance_name: elsewhere.instance, msgraph_host: elsewhere.graphHost, token_endpoint: `https://login.${elsewhere.instance}/${segment}/oauth2/v2.0/token` };
    const { path, issuer } = issuerSegment(world, segment);
    const base = `${world.origin}/${path}`;
    return {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_modes_supported: ["query", "fragment", "form_post"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
      response_types_supported: ["code"],
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      issuer: `${world.origin}/${issuer}/v2.0`,
      request_uri_parameter_supported: false,
      userinfo_endpoint: `${world.origin}/oidc/userinfo`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      http_logout_supported: true,
      frontchannel_logout_supported: true,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      code_challenge_methods_supported: ["S256"],
      claims_supported: ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"],
      tenant_region_scope: issuer === "{tenantid}" ? null : "EU",
      cloud_instance_name: CLOUDS[world.cloud].instance,
      msgraph_host: new URL(CLOUDS[world.cloud].graph).hostname,
    };
  });

export const keySet = (world: SimWorld, segment: string): SimResponse =>
  orFault(world, () => jwks(`${world.origin}/${issuerSegment(world, segment).issuer}/v2.0`, world.cloud));

/** Instance discovery, as MSAL asks it: which host names are the same cloud. */
export function instanceDiscovery(world: SimWorld, segment: string): SimResponse {
  const host = new URL(world.origin).host;
  const cloud = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `${world.origin}/${segment}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [
        { preferred_network: "login.microsoftonline.com", preferred_cache: "login.windows.net", aliases: cloud },
        { preferred_network: "login.microsoftonline.us", preferred_cache: "login.microsoftonline.us", aliases: ["login.microsoftonline.us", "login.usgovcloudapi.net"] },
        { preferred_network: host, preferred_cache: host, aliases: [host] },
      ],
    },
  };
}
