import { createHash, timingSafeEqual } from "node:crypto";
import type { AppCredential } from "@/lib/config";
import { dialUrl } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";
import { ASSERTION_TYPE, signAssertion } from "./assertion";
import { aadstsCode } from "./failures";
import { verifyIdToken, type Identity } from "./idToken";
import { loginOf, type Origins } from "./msal";

/** Signing in to Planback itself: who are you, and nothing else. Works for every work or school account. */
export const SIGN_IN_SCOPE = "openid profile";
const authority = (origins: Origins): string => `${loginOf(origins)}/organizations/oauth2/v2.0`;
const TIMEOUT_MS = 30_000;

export const signInAuthorizeUrl = (origins: Origins): string => dialUrl(`${authority(origins)}/authorize`, origins);

export interface SignInAnswer {
  credential: AppCredential;
  redirectUri: string;
  origins: Origins;
  /** What came back with the redirect. */
  code: string | undefined;
  state: string | undefined;
  /** What was kept in this browser's cookies when the sign-in began. */
  expected: { state: string | undefined; nonce: string | undefined; verifier: string | undefined };
}

/**
 * Ends a sign-in: compares state, redeems the code with PKCE, verifies the ID token with its nonce. Throws PlanbackError
 * forbidden with facts.reason "state" | "nonce" | "invalid" | "personal_account" | "guest_account", or with facts.aadsts
 * when Microsoft refused the code. Access tokens are not kept.
 */
export async function finishSignIn(answer: SignInAnswer): Promise<Identity> {
  const { code, state, expected, origins, credential } = answer;
  if (!code || !state || !expected.state || !expected.nonce || !expected.verifier || !isSame(state, expected.state)) {
    throw new PlanbackError("forbidden", "This answer does not belong to a sign-in that began in this browser. Start again.", { facts: { reason: "state" } });
  }
  const idToken = await redeem(answer, code, expected.verifier);
  const identity = await verifyIdToken(idToken, { clientId: credential.clientId, nonce: expected.nonce, origins });
  if (identity.isGuest) {
    throw new PlanbackError("forbidden", "Guest accounts cannot be used. Sign in with an account of your own organization.", { facts: { reason: "guest_account" } });
  }
  return identity;
}

async function redeem(answer: SignInAnswer, code: string, verifier: string): Promise<string> {
  const { credential, redirectUri, origins } = answer;
  const endpoint = `${authority(origins)}/token`;
  const body = new URLSearchParams({ grant_type: "authorization_code", client_id: credential.clientId, code, redirect_uri: redirectUri, code_verifier: verifier, scope: SIGN_IN_SCOPE, ...(await clientProof(credential, endpoint)) });
  const result = await post(dialUrl(endpoint, origins), body);
  if (typeof result.id_token === "string") return result.id_token;
  const aadsts = aadstsCode(typeof result.error_description === "string" ? result.error_description : "");
  throw new PlanbackError("forbidden", "Microsoft did not complete the sign-in. Nothing was changed. Start again.", { facts: { aadsts: aadsts ?? undefined } });
}

async function post(url: string, body: URLSearchParams): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(url, { method: "POST", body, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    return (await response.json()) as Record<string, unknown>;
  } catch {
    throw new PlanbackError("graph_unavailable", "Microsoft's sign-in service cannot be reached at the moment. Try again in a few minutes.");
  }
}

async function clientProof(credential: AppCredential, endpoint: string): Promise<Record<string, string>> {
  if (!credential.certificatePem) return { client_secret: credential.clientSecret ?? "" };
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: await signAssertion(credential, endpoint) };
}

function isSame(a: string, b: string): boolean {
  const hash = (value: string) => createHash("sha256").update(value).digest();
  return timingSafeEqual(hash(a), hash(b));
}
