import { randomUUID } from "node:crypto";
import type { SimResponse } from "../http";
import type { SimWorld } from "../model";

interface Meaning { error: string; suberror?: string; text: string; status?: number }

/**
 * Entra ID's error codes that the simulator answers with.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const MEANINGS: Record<number, Meaning> = {
  16000: { error: "interaction_required", text: "Either multiple user identities are available for the current request or selected account is not supported for the scenario." },
  50011: { error: "invalid_request", text: "The redirect URI specified in the request does not match the redirect URIs configured for the application." },
  500112: { error: "invalid_client", text: "The reply address does not match the reply address provided when requesting Authorization code.", status: 401 },
  50020: { error: "interaction_required", text: "User account does not exist in the tenant and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first." },
  50034: { error: "invalid_grant", suberror: "bad_token", text: "The user account does not exist in the directory. To sign into this application, the account must be added to the directory." },
  50057: { error: "invalid_grant", suberror: "bad_token", text: "The user account is disabled." },
  50058: { error: "login_required", text: "A silent sign-in request was sent but no user is signed in." },
  50076: { error: "invalid_grant", suberror: "basic_action", text: "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource." },
  50078: { error: "invalid_grant", suberror: "basic_action", text: "Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication." },
  50079: { error: "invalid_grant", suberror: "basic_action", text: "Due to a configuration change made by your administrator, you must enroll in multi-factor authentication." },
  50173: { error: "invalid_grant", suberror: "bad_token", text: "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password." },
  501481: { error: "invalid_grant", text: "The Code_Verifier does not match the code_challenge supplied in the authorization request." },
  53003: { error: "invalid_grant", suberror: "message_only", text: "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance." },
  54005: { error: "invalid_grant", text: "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token." },
  65001: { error: "invalid_grant", suberror: "consent_required", text: "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource." },
  65004: { error: "access_denied", text: "User declined to consent to access the app." },
  650053: { error: "invalid_client", text: "The application asked for a scope that doesn't exist on the resource '00000003-0000-0000-c000-000000000000'." },
  70000: { error: "invalid_grant", suberror: "bad_token", text: "Provided grant is invalid or malformed." },
  700003: { error: "invalid_grant", text: "Device object was not found." },
  700016: { error: "unauthorized_client", text: "The application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant." },
  7000215: { error: "invalid_client", text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.", status: 401 },
  7000218: { error: "invalid_client", text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.", status: 401 },
  700027: { error: "invalid_client", text: "The certificate with identifier used to sign the client assertion is not registered on application.", status: 401 },
  70003: { error: "unsupported_grant_type", text: "The app requested an unsupported grant type." },
  70008: { error: "invalid_grant", text: "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource." },
  700082: { error: "invalid_grant", suberror: "bad_token", text: "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00." },
  70011: { error: "invalid_scope", text: "The provided value for the input parameter 'scope' is not valid. .default scope can't be combined with resource-specific scopes." },
  70043: { error: "invalid_grant", suberror: "basic_action", text: "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access." },
  700054: { error: "unsupported_response_type", text: "response_type is not enabled for the application." },
  90002: { error: "invalid_request", text: "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud." },
  90038: { error: "invalid_request", text: "Tenant request is redirected to the National Cloud, where the tenant is." },
  90014: { error: "invalid_request", text: "A required field is missing from the credential." },
  90019: { error: "invalid_request", text: "No tenant-identifying information found in either the request or implied by any provided credentials." },
  90094: { error: "access_denied", text: "An administrator of your organization has set a policy that prevents you from granting this application the permissions it is requesting." },
  90095: { error: "access_denied", text: "Admin consent is required for the permissions requested by this application. You may send an approval request to your admin." },
  9001023: { error: "invalid_request", text: "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint." },
  9002326: { error: "invalid_request", text: "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type." },
  900144: { error: "invalid_request", text: "The request body must contain a parameter that is missing." },
};

/** An answer of Entra ID that is an error: as JSON at the token endpoint, as a page or a redirect at authorize. */
export class EntraFault extends Error {
  readonly error: string;
  readonly suberror?: string;
  readonly status: number;

  constructor(
    readonly code: number,
    readonly detail = "",
    readonly claims?: string,
  ) {
    const meaning = MEANINGS[code] ?? { error: "invalid_grant", suberror: "bad_token", text: "The request was refused." };
    super(`AADSTS${code}: ${meaning.text}${detail ? ` ${detail}` : ""}`);
    this.error = meaning.error;
    this.suberror = meaning.suberror;
    this.status = meaning.status ?? 400;
  }
}

/** `error_description` as Entra ID writes it: message, trace id, correlation id, timestamp. */
export function describe(fault: EntraFault, ids: { trace: string; correlation: string; at: Date }): string {
  const stamp = ids.at.toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z");
  return `${fault.message}\r\nTrace ID: ${ids.trace}\r\nCorrelation ID: ${ids.correlation}\r\nTimestamp: ${stamp}`;
}

export const newIds = (world: SimWorld) => ({ trace: randomUUID(), correlation: randomUUID(), at: new Date(world.now()) });

/** The token endpoint's error body. */
export function jsonFault(world: SimWorld, fault: EntraFault): SimResponse {
  const ids = newIds(world);
  return {
    status: fault.status,
    headers: { "cache-control": "no-store, no-cache", pragma: "no-cache" },
    body: {
      error: fault.error,
      error_description: describe(fault, ids),
      error_codes: [fault.code],
      timestamp: ids.at.toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z"),
      trace_id: ids.trace,
      correlation_id: ids.correlation,
      error_uri: `${world.origin}/error?code=${fault.code}`,
      ...(fault.suberror ? { suberror: fault.suberror } : {}),
      ...(fault.claims ? { claims: fault.claims } : {}),
    },
  };
}
