import { CLOUDS } from "../clouds";
import type { SimApp, SimGrant, SimTenant, SimWorld } from "../model";
import { EntraFault } from "./errors";
import { GRAPH_PERMISSIONS, OIDC_SCOPES } from "./permissions";

const GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";

export interface RequestedScopes {
  oidc: string[];
  /** Delegated Graph permissions by short name; what `.default` stands for is not in here. */
  graph: string[];
  /** `https://graph.microsoft.com/.default` was asked for. */
  isDefault: boolean;
  /** The request wrote full names, so the answer does. */
  qualified: boolean;
}

/**
 * Reads a `scope` parameter. An omitted resource means Microsoft Graph. Throws 70011 for a mix of .default and named
 * scopes and for other resources, 650053 for a permission that Graph does not have.
 * https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export function parseScopes(raw: string, { cloud }: Pick<SimWorld, "cloud">): RequestedScopes {
  const asked: RequestedScopes = { oidc: [], graph: [], isDefault: false, qualified: false };
  for (const item of new Set(raw.split(/\s+/).filter(Boolean))) {
    const name = shortName(item, CLOUDS[cloud].graph);
    if (name !== item) asked.qualified = true;
    if (OIDC_SCOPES.has(name)) asked.oidc.push(name);
    else if (name === ".default") asked.isDefault = true;
    else if (GRAPH_PERMISSIONS.get(name)?.delegated) asked.graph.push(name);
    else throw new EntraFault(650053, `Scope '${name}'.`);
  }
  if (asked.isDefault && asked.graph.length > 0) throw new EntraFault(70011);
  return asked;
}

function shortName(item: string, graph: string): string {
  if (!item.includes("/")) return item;
  const at = item.lastIndexOf("/");
  const resource = item.slice(0, at).replace(/\/$/, "");
  if (resource !== graph && resource !== GRAPH_APP_ID) throw new EntraFault(70011, `Scope '${item}'.`);
  return item.slice(at + 1);
}

/** The app's grant in a tenant, made when missing. */
export function grantOf(tenant: SimTenant, clientId: string): SimGrant {
  let grant = tenant.grants.get(clientId);
  if (!grant) {
    grant = { allPrincipals: new Set(), byUser: new Map(), appRoles: new Set() };
    tenant.grants.set(clientId, grant);
  }
  return grant;
}

/** Delegated Graph permissions that the app holds for this user: granted for all, and by the user himself. */
export function grantedScopes(tenant: SimTenant, clientId: string, userId: string): Set<string> {
  const grant = tenant.grants.get(clientId);
  const all = [...(grant?.allPrincipals ?? []), ...(grant?.byUser.get(userId) ?? [])];
  return new Set(all.filter((name) => GRAPH_PERMISSIONS.has(name)));
}

/** What still needs somebody's consent. Any grant of the app covers the OpenID scopes. */
export function missingScopes(tenant: SimTenant, app: SimApp, userId: string, asked: RequestedScopes): string[] {
  const grant = tenant.grants.get(app.clientId);
  const known = (grant?.allPrincipals.size ?? 0) > 0 || (grant?.byUser.get(userId)?.size ?? 0) > 0;
  const granted = grantedScopes(tenant, app.clientId, userId);
  const wanted = asked.isDefault ? (granted.size > 0 ? [] : app.requiredScopes) : asked.graph;
  return [...(known ? [] : asked.oidc), ...wanted.filter((name) => !granted.has(name))];
}

export const needsAdmin = (scopes: string[]): boolean => scopes.some((name) => GRAPH_PERMISSIONS.get(name)?.delegated === "admin");

/** The `scope` of a token answer: the OpenID scopes asked for and every Graph permission in the token. */
export const answerScope = (asked: RequestedScopes, granted: Iterable<string>, { cloud }: Pick<SimWorld, "cloud">): string =>
  [...asked.oidc, ...[...granted].map((name) => (asked.qualified ? `${CLOUDS[cloud].graph}/${name}` : name))].join(" ");
