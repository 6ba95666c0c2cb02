import { randomBytes } from "node:crypto";
import { form, type SimRequest, type SimResponse } from "../http";
import type { SimApp, SimTenant, SimUser, SimWorld } from "../model";
import { peopleOf, personByUsername, personOf, signInTo, type Authority, type Person } from "./directory";
import { EntraFault, newIds } from "./errors";
import { accountPicker, approvePage, faultPage, usernamePage } from "./pages";
import { entraState, type Account, type BrowserAccount } from "./state";

/** One request of a browser at a page of Entra ID: parameters of the URL (or of a posted request), and the step taken. */
export interface Visit {
  world: SimWorld;
  authority: Authority;
  app: SimApp;
  params: URLSearchParams;
  /** Fields of the simulator's own forms. */
  fields: URLSearchParams;
  sessionId: string;
  /** Goes with every answer: the session cookie. */
  headers: Record<string, string>;
}

const COOKIE = "ESTSAUTH";

/** Reads cookie and form; a POST without `step` is an authorization request sent as a form. */
export function readVisit(world: SimWorld, request: SimRequest): Pick<Visit, "params" | "fields" | "sessionId" | "headers"> {
  const fields = request.method === "POST" ? form(request) : new URLSearchParams();
  const params = new URLSearchParams(request.url.search);
  if (!fields.has("step")) for (const [name, value] of fields) params.set(name, value);
  const cookie = new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z0-9_-]+)`).exec(request.headers.cookie ?? "")?.[1];
  const known = cookie !== undefined && entraState(world).sessions.has(cookie);
  const sessionId = known ? cookie : randomBytes(24).toString("base64url");
  return { params, fields, sessionId, headers: known ? {} : { "set-cookie": `${COOKIE}=${sessionId}; Path=/; HttpOnly; SameSite=Lax` } };
}

const accountsOf = (visit: Visit) => entraState(visit.world).sessions.get(visit.sessionId) ?? [];
const isSame = (a: Account, b: Account) => a.homeOid === b.homeOid && a.homeTenantId === b.homeTenantId;

/** Signed in once, an account need not prove itself again, unless the app insists: prompt=login, or older than max_age seconds. */
function remember(visit: Visit, { homeTenantId, homeOid }: Account): BrowserAccount {
  const account = { homeTenantId, homeOid, authenticatedAt: visit.world.now() };
  const known = accountsOf(visit).find((other) => isSame(other, account));
  if (known && !insists(visit, known)) account.authenticatedAt = known.authenticatedAt;
  entraState(visit.world).sessions.set(visit.sessionId, [account, ...accountsOf(visit).filter((other) => !isSame(other, account))]);
  return account;
}

/** https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest */
function insists({ params, world }: Visit, known: BrowserAccount): boolean {
  const maxAge = params.get("max_age");
  return params.get("prompt") === "login" || (maxAge !== null && world.now() - known.authenticatedAt >= 1000 * Number(maxAge));
}

/** Ends a browser session (logout, "sign out and sign in with a different account"). */
export const forget = (world: SimWorld, sessionId: string) => entraState(world).sessions.delete(sessionId);

export interface SignedIn { account: BrowserAccount; person: Person; tenant: SimTenant; user: SimUser }

/**
 * Finds out who is at the browser: by the form just sent, by the session, or by asking. Answers with a page when the
 * person must do something first. Throws EntraFault for prompt=none without a usable session, and for accounts that
 * may not sign in here.
 */
export function whoIsIt(visit: Visit): SignedIn | { page: SimResponse } {
  const { fields } = visit;
  switch (fields.get("step")) {
    case "other":
      return { page: usernamePage(visit.app.displayName, null) };
    case "username": {
      const person = personByUsername(visit.world, fields.get("username") ?? "");
      if (!person) return { page: usernamePage(visit.app.displayName, "This username may be incorrect. Make sure you typed it correctly. Otherwise, contact your admin. (AADSTS50034)") };
      return enter(visit, person.account);
    }
    case "switch":
      return { page: picker(visit) };
    case "signout":
      forget(visit.world, visit.sessionId);
      return { page: picker(visit) };
    case "account":
    case "approve":
    case "consent":
    case "request": {
      const [homeTenantId, homeOid] = (fields.get("account") ?? "").split("/");
      return enter(visit, { homeTenantId: homeTenantId ?? "", homeOid: homeOid ?? "" });
    }
    default:
      return fromSession(visit);
  }
}

function fromSession(visit: Visit): SignedIn | { page: SimResponse } {
  const prompt = visit.params.get("prompt") ?? "";
  const hint = visit.params.get("login_hint");
  const accounts = accountsOf(visit);
  const hinted = hint ? personByUsername(visit.world, hint)?.account : undefined;
  const usable = hint ? accounts.filter((account) => hinted && isSame(account, hinted)) : accounts;
  if (prompt === "none") {
    if (usable.length === 0) throw new EntraFault(50058);
    if (usable.length > 1) throw new EntraFault(16000);
    if (insists(visit, usable[0]!)) throw new EntraFault(50058);
    return enter(visit, usable[0]!);
  }
  const mustAsk = prompt === "login" || prompt === "select_account" || usable.length !== 1 || insists(visit, usable[0]!);
  return mustAsk ? { page: picker(visit) } : enter(visit, usable[0]!);
}

function picker(visit: Visit): SimResponse {
  const { world, authority, params } = visit;
  const tenant = authority.kind === "tenant" ? authority.tenant : undefined;
  const hint = params.get("login_hint")?.toLowerCase();
  const first = (person: Person) => (person.username.toLowerCase() === hint ? 0 : 1);
  const people = peopleOf(world, authority).sort((a, b) => first(a) - first(b));
  const signedIn = accountsOf(visit).map((account) => personOf(world, account, tenant)).filter((person) => person !== null);
  return accountPicker(people, signedIn, visit.app.displayName, visit.headers);
}

const SATISFIED_BY_SIGN_IN = new Set([50076, 50078, 50079, 50173, 70043, 700082]);

/** Signs the account in at this authority, with whatever the organisation's conditions ask of the person. */
function enter(visit: Visit, account: Account): SignedIn | { page: SimResponse } {
  const { world, authority, params, fields } = visit;
  const { tenant, user } = signInTo(world, authority, account);
  const person = personOf(world, account, tenant);
  if (!person) throw new EntraFault(50034);
  const condition = world.conditions.refuseUser.get(user.id);
  if (condition) {
    if (params.get("prompt") === "none" || !SATISFIED_BY_SIGN_IN.has(condition.code)) throw new EntraFault(condition.code, "", condition.claims);
    const asksForMore = condition.code === 50076 || condition.code === 50078 || condition.code === 50079;
    if (asksForMore && fields.get("step") !== "approve") return { page: approvePage(person) };
    world.conditions.refuseUser.delete(user.id);
  }
  return { account: remember(visit, account), person, tenant, user };
}

/** An error that stays on Microsoft's page. */
export const showFault = (visit: Pick<Visit, "world" | "headers">, fault: EntraFault): SimResponse => faultPage(fault, newIds(visit.world), visit.headers);
