import { CLOUDS } from "../clouds";
import { redirect, type SimRequest, type SimResponse } from "../http";
import type { SimApp, SimWorld } from "../model";
import { describePermissions, withCookie } from "./authorize";
import { mayConsentForAll, mayConsentToRoles, resolveAuthority } from "./directory";
import { describe, EntraFault, newIds } from "./errors";
import { readVisit, showFault, whoIsIt, type SignedIn, type Visit } from "./interaction";
import { consentPage, needAdminPage } from "./pages";
import { GRAPH_PERMISSIONS } from "./permissions";
import { grantOf, parseScopes } from "./scopes";

type Version = "v1" | "v2";

/**
 * GET|POST /{tenant}/v2.0/adminconsent and the older /{tenant}/adminconsent: tenant-wide consent by an admin.
 * https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
export function adminConsent(world: SimWorld, segment: string, version: Version, request: SimRequest): SimResponse {
  const read = readVisit(world, request);
  try {
    const visit = openVisit(world, segment, version, read);
    const wanted = wantedBy(world, visit.app, version, visit.params.get("scope"));
    const who = whoIsIt(visit);
    if ("page" in who) return withCookie(who.page, visit);
    return decide(visit, version, who, wanted);
  } catch (error) {
    if (error instanceof EntraFault) return showFault({ world, headers: read.headers }, error);
    throw error;
  }
}

function openVisit(world: SimWorld, segment: string, version: Version, read: ReturnType<typeof readVisit>): Visit {
  const authority = resolveAuthority(world, segment);
  if (authority.kind === "consumers" || (version === "v2" && authority.kind === "common")) throw new EntraFault(90019);
  const { params } = read;
  for (const name of version === "v2" ? ["client_id", "scope", "redirect_uri"] : ["client_id", "redirect_uri"]) {
    if (!params.get(name)) throw new EntraFault(900144, `Parameter: '${name}'.`);
  }
  const app = world.apps.get(params.get("client_id")!);
  if (!app) throw new EntraFault(700016, `Application with identifier '${params.get("client_id")}'.`);
  if (!app.redirectUris.includes(params.get("redirect_uri")!)) throw new EntraFault(50011, `Application '${app.clientId}'.`);
  return { ...read, world, authority, app };
}

interface Wanted { scopes: string[]; roles: string[]; answer: string }

/** v2 names scopes or says .default; v1 always means the registered list, which alone may hold application permissions. */
function wantedBy(world: SimWorld, app: SimApp, version: Version, raw: string | null): Wanted {
  const registered = { scopes: app.requiredScopes, roles: app.requiredRoles, answer: `${CLOUDS[world.cloud].graph}/.default` };
  if (version === "v1") return registered;
  const asked = parseScopes(raw!, world);
  if (asked.isDefault) return registered;
  return { scopes: [...asked.oidc, ...asked.graph], roles: [], answer: asked.graph.map((name) => `${CLOUDS[world.cloud].graph}/${name}`).join(" ") };
}

function decide(visit: Visit, version: Version, who: SignedIn, wanted: Wanted): SimResponse {
  const { app, fields } = visit;
  const { tenant, user, person } = who;
  const step = fields.get("step");
  if (step === "consent" && fields.get("decision") === "cancel") return declined(visit, version);
  const mayGrant = wanted.roles.length > 0 ? mayConsentToRoles(user) : mayConsentForAll(user);
  if (!mayGrant) return needAdminPage(person, app, tenant, tenant.adminConsentWorkflow, step === "request", visit.headers);
  if (step !== "consent" || fields.get("decision") !== "accept") {
    const roles = wanted.roles.map((name) => ({ title: GRAPH_PERMISSIONS.get(name)?.title ?? name, text: `${name} (application permission, without a signed-in user)` }));
    const permissions = [...describePermissions(wanted.scopes, true), ...roles];
    return consentPage({ person, app, tenant, permissions, forOrganization: true, offerOrganization: false }, visit.headers);
  }
  // The new consent takes the place of the old one: "Granting tenant-wide admin consent may revoke permissions that
  // have already been granted tenant-wide for that application" (grant-admin-consent).
  const grant = grantOf(tenant, app.clientId);
  grant.allPrincipals = new Set(wanted.scopes);
  if (wanted.roles.length > 0) grant.appRoles = new Set(wanted.roles);
  const result: Record<string, string> = { admin_consent: "True", tenant: tenant.id };
  return back(visit, version === "v2" ? { ...result, scope: wanted.answer } : result);
}

function declined(visit: Visit, version: Version): SimResponse {
  if (version === "v1") return back(visit, { error: "permission_denied", error_description: "The admin canceled the request" });
  const description = describe(new EntraFault(65004), newIds(visit.world));
  return back(visit, { error: "consent_required", error_description: description, admin_consent: "True" });
}

function back(visit: Visit, result: Record<string, string>): SimResponse {
  const url = new URL(visit.params.get("redirect_uri")!);
  for (const [name, value] of Object.entries(result)) url.searchParams.set(name, value);
  const state = visit.params.get("state");
  if (state !== null) url.searchParams.set("state", state);
  return redirect(url.toString(), visit.headers);
}
