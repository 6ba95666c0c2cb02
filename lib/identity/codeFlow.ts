import { createHash, randomBytes } from "node:crypto";
import { AuthError } from "@azure/msal-node";
import type { AppCredential } from "@/lib/config";
import { dialUrl } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";
import { fromAuthError } from "./failures";
import { refuse, verifyIdToken, type Identity } from "./idToken";
import { confidentialClient, type Origins } from "./msal";
import { shortScopes } from "./scopes";

export interface CodeFlow {
  credential: AppCredential;
  /** Microsoft tenant that the person must sign in to. */
  tid: string;
  /** Fully qualified. */
  scopes: string[];
  redirectUri: string;
  origins: Origins;
}

/** What the callback needs and nobody else may see. */
export interface FlowSecrets {
  verifier: string;
  nonce: string;
}

export const newSecret = (): string => randomBytes(32).toString("base64url");

/** Address for the browser that starts an authorization code flow with PKCE, and the secrets to keep for its end. */
export async function startCodeFlow(flow: CodeFlow, options: { state: string; prompt: "select_account" | "none"; loginHint?: string }): Promise<{ url: string; secrets: FlowSecrets }> {
  const secrets = { verifier: newSecret(), nonce: newSecret() };
  try {
    const url = await confidentialClient(flow.credential, flow.tid, flow.origins).getAuthCodeUrl({
      scopes: flow.scopes,
      redirectUri: flow.redirectUri,
      responseMode: "query",
      state: options.state,
      nonce: secrets.nonce,
      prompt: options.prompt,
      ...(options.loginHint ? { loginHint: options.loginHint } : {}),
      codeChallenge: createHash("sha256").update(secrets.verifier).digest("base64url"),
      codeChallengeMethod: "S256",
    });
    return { url: dialUrl(url, flow.origins), secrets };
  } catch (error) {
    throw fromAuthError(error);
  }
}

export interface Redeemed {
  identity: Identity;
  /** Delegated Graph permissions in the token, by short name. */
  scopes: string[];
  /** MSAL's id of the account in the cache. */
  homeAccountId: string;
  /** MSAL's serialized cache with the tokens: to be sealed, or dropped. */
  cache: string;
}

/**
 * Redeems a code and proves who signed in by the ID token. Throws what fromAuthError and verifyIdToken throw: the
 * account of another Microsoft tenant is `forbidden` with facts.reason "wrong_tenant".
 */
export async function redeemCode(flow: CodeFlow, code: string, secrets: FlowSecrets): Promise<Redeemed> {
  const client = confidentialClient(flow.credential, flow.tid, flow.origins);
  const result = await client
    .acquireTokenByCode({ code, scopes: flow.scopes, redirectUri: flow.redirectUri, codeVerifier: secrets.verifier, nonce: secrets.nonce })
    .catch((error: unknown) => {
      throw error instanceof AuthError && error.errorCode === "nonce_mismatch" ? refuse("nonce") : fromAuthError(error);
    });
  if (!result.account) throw new PlanbackError("graph_rejected", "Microsoft's answer names no account. Nothing was changed. Start again.");
  const identity = await verifyIdToken(result.idToken, { clientId: flow.credential.clientId, nonce: secrets.nonce, expectedTid: flow.tid, origins: flow.origins });
  return { identity, scopes: shortScopes(result.scopes), homeAccountId: result.account.homeAccountId, cache: client.getTokenCache().serialize() };
}
