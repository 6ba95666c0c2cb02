import { randomBytes, randomUUID } from "node:crypto";
import { redirect, type SimRequest, type SimResponse } from "../http";
import type { SimWorld } from "../model";
import { mayConsentForAll, resolveAuthority } from "./directory";
import { describe, EntraFault, newIds } from "./errors";
import { readVisit, showFault, whoIsIt, type SignedIn, type Visit } from "./interaction";
import { consentPage, formPost, needAdminPage } from "./pages";
import { GRAPH_PERMISSIONS, OIDC_SCOPES } from "./permissions";
import { grantOf, missingScopes, needsAdmin, parseScopes, type RequestedScopes } from "./scopes";
import { entraState } from "./state";

/**
 * GET|POST /{tenant}/oauth2/v2.0/authorize: authorization code flow with PKCE.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function authorize(world: SimWorld, segment: string, request: SimRequest): SimResponse {
  const read = readVisit(world, request);
  const plain = { world, headers: read.headers };
  let visit: Visit;
  try {
    visit = openVisit(world, segment, read);
  } catch (error) {
    if (error instanceof EntraFault) return showFault(plain, error);
    throw error;
  }
  try {
    return runVisit(visit);
  } catch (error) {
    if (!(error instanceof EntraFault)) throw error;
    return isForTheApp(error, visit) ? answer(visit, errorFields(visit, error)) : showFault(plain, error);
  }
}

/** Checks what must be right before anything may be sent to the redirect URI. */
function openVisit(world: SimWorld, segment: string, read: ReturnType<typeof readVisit>): Visit {
  const authority = resolveAuthority(world, segment);
  const { params } = read;
  const clientId = params.get("client_id");
  if (!clientId) throw new EntraFault(900144, "Parameter: 'client_id'.");
  const app = world.apps.get(clientId);
  if (!app) throw new EntraFault(700016, `Application with identifier '${clientId}'.`);
  const redirectUri = params.get("redirect_uri");
  if (!redirectUri) throw new EntraFault(900144, "Parameter: 'redirect_uri'.");
  if (!app.redirectUris.includes(redirectUri)) throw new EntraFault(50011, `Application '${clientId}'.`);
  return { ...read, world, authority, app };
}

function runVisit(visit: Visit): SimResponse {
  const { params } = visit;
  if (params.get("response_type") !== "code") throw new EntraFault(700054, `response_type '${params.get("response_type") ?? ""}'.`);
  if (!params.get("scope")) throw new EntraFault(90014, "The required field 'scope' is missing.");
  if (params.get("code_challenge") && params.get("code_challenge_method") !== "S256") throw new EntraFault(501481, "Only S256 is supported here.");
  const asked = parseScopes(params.get("scope")!, visit.world);
  const who = whoIsIt(visit);
  if ("page" in who) return withCookie(who.page, visit);
  return consentFor(visit, who, asked) ?? answer(visit, new URLSearchParams({ code: newCode(visit, who), session_state: randomUUID() }));
}

/** The consent step: undefined when nothing is left to ask. */
function consentFor(visit: Visit, who: SignedIn, asked: RequestedScopes): SimResponse | undefined {
  const { app, params, fields } = visit;
  const missing = missingScopes(who.tenant, app, who.user.id, asked);
  const step = fields.get("step");
  if (step === "consent" && fields.get("decision") === "cancel") throw new EntraFault(65004);
  const wanted = params.get("prompt") === "consent" && step !== "consent" ? [...asked.oidc, ...(asked.isDefault ? app.requiredScopes : asked.graph)] : missing;
  if (wanted.length === 0) return undefined;
  if (params.get("prompt") === "none") throw new EntraFault(65001);
  const isAdmin = mayConsentForAll(who.user);
  if (needsAdmin(missing) && !isAdmin) return needAdminPage(who.person, app, who.tenant, who.tenant.adminConsentWorkflow, step === "request", visit.headers);
  if (step === "consent" && fields.get("decision") === "accept") {
    const grant = grantOf(who.tenant, app.clientId);
    const into = isAdmin && fields.get("organization") ? grant.allPrincipals : (grant.byUser.get(who.user.id) ?? new Set<string>());
    for (const name of wanted) into.add(name);
    if (into !== grant.allPrincipals) grant.byUser.set(who.user.id, into);
    return undefined;
  }
  const permissions = describePermissions(wanted, isAdmin);
  return consentPage({ person: who.person, app, tenant: who.tenant, permissions, forOrganization: false, offerOrganization: isAdmin }, visit.headers);
}

/** Scopes in the words of a consent screen. */
export function describePermissions(scopes: string[], forAdmin: boolean): { title: string; text: string }[] {
  return scopes.map((name) => {
    const permission = GRAPH_PERMISSIONS.get(name);
    if (permission) return { title: forAdmin ? permission.title : permission.userTitle, text: `${permission.text} (${name})` };
    return OIDC_SCOPES.get(name) ?? { title: name, text: "" };
  });
}

function newCode(visit: Visit, who: SignedIn): string {
  const { world, params, app } = visit;
  const code = `1.${randomBytes(40).toString("base64url")}`;
  entraState(world).codes.set(code, {
    clientId: app.clientId,
    redirectUri: params.get("redirect_uri")!,
    account: who.account,
    tenantId: who.tenant.id,
    scopes: params.get("scope")!.split(/\s+/).filter(Boolean),
    nonce: params.get("nonce"),
    authenticatedAt: who.account.authenticatedAt,
    codeChallenge: params.get("code_challenge"),
    claims: params.get("claims"),
    issuedAt: world.now(),
    redeemed: false,
  });
  return code;
}

/** Which errors go back to the app; the others end on Microsoft's page. */
function isForTheApp(fault: EntraFault, visit: Visit): boolean {
  if (visit.params.get("prompt") === "none") return true;
  return [65004, 70011, 650053, 700054, 90014, 501481].includes(fault.code);
}

const SILENT: Record<number, string> = { 65001: "consent_required", 50058: "login_required" };

function errorFields(visit: Visit, fault: EntraFault): URLSearchParams {
  const silent = visit.params.get("prompt") === "none" ? (SILENT[fault.code] ?? "interaction_required") : fault.error;
  const fields = new URLSearchParams({ error: silent, error_description: describe(fault, newIds(visit.world)) });
  if (fault.suberror) fields.set("error_subcode", fault.suberror);
  if (fault.code === 65004) fields.set("error_subcode", "cancel");
  return fields;
}

/** Sends the answer to the app by the response mode it asked for, with its state. */
function answer(visit: Visit, fields: URLSearchParams): SimResponse {
  const target = visit.params.get("redirect_uri")!;
  const state = visit.params.get("state");
  if (state !== null) fields.set("state", state);
  const mode = visit.params.get("response_mode") ?? "query";
  if (mode === "form_post") return formPost(target, fields, visit.headers);
  const url = new URL(target);
  if (mode === "fragment") url.hash = fields.toString();
  else for (const [name, value] of fields) url.searchParams.set(name, value);
  return redirect(url.toString(), visit.headers);
}

export const withCookie = (page: SimResponse, visit: Visit): SimResponse => ({ ...page, headers: { ...page.headers, ...visit.headers } });
