import type { AppCredential } from "@/lib/config";
import { dialUrl } from "@/lib/config/origins";
import { aadstsCode } from "./failures";
import { loginOf, type Origins } from "./msal";

/** Granted with the rest, so that no account is asked for them when it connects. */
const SIGN_IN_SCOPES = ["openid", "profile", "offline_access"];

/**
 * Address of the admin consent page of one Microsoft tenant. Always the tenant's own id, never `common`: the admin of
 * another tenant is stopped by Microsoft. https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
export function adminConsentUrl(given: { credential: AppCredential; tid: string; scopes: string[]; redirectUri: string; state: string; origins: Origins }): string {
  const query = new URLSearchParams({ client_id: given.credential.clientId, scope: scopeOf(given.scopes), redirect_uri: given.redirectUri, state: given.state });
  return dialUrl(`${loginOf(given.origins)}/${given.tid}/v2.0/adminconsent?${query}`, given.origins);
}

/** `.default`, the one way to application permissions, stands alone and means everything that is registered. */
const scopeOf = (scopes: string[]): string => (scopes.some((name) => name.endsWith("/.default")) ? scopes : [...scopes, ...SIGN_IN_SCOPES]).join(" ");

export type RedirectAnswer =
  | { kind: "code"; code: string }
  | { kind: "admin_consent"; tenant: string | null }
  | { kind: "declined" }
  | { kind: "interaction_required" }
  | { kind: "consent_required" }
  | { kind: "not_admin" }
  | { kind: "error"; error: string; aadsts: number | null };

const INTERACTION: ReadonlySet<string> = new Set(["interaction_required", "login_required", "account_selection_required"]);
const NOT_ADMIN: ReadonlySet<number> = new Set([90093, 90094, 90095]);

/**
 * What the query of a redirect from Entra ID says. It is a hint for what to do next and proves nothing: a grant counts
 * by a token only.
 */
export function readRedirect(query: URLSearchParams): RedirectAnswer {
  const error = query.get("error");
  if (error === null) {
    const code = query.get("code");
    if (code) return { kind: "code", code };
    if (query.get("admin_consent")?.toLowerCase() === "true") return { kind: "admin_consent", tenant: query.get("tenant") };
    return { kind: "error", error: "invalid_answer", aadsts: null };
  }
  const aadsts = aadstsCode(query.get("error_description") ?? "");
  if (aadsts !== null && NOT_ADMIN.has(aadsts)) return { kind: "not_admin" };
  if (aadsts === 65004 || error === "permission_denied") return { kind: "declined" };
  if (INTERACTION.has(error)) return { kind: "interaction_required" };
  if (error === "consent_required" || aadsts === 65001) return { kind: "consent_required" };
  if (error === "access_denied") return { kind: "declined" };
  return { kind: "error", error: error.replace(/[^\w.-]/g, "").slice(0, 60), aadsts };
}
