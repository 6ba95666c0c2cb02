/** The sealed sign-ins of connection accounts: one row per connection and purpose, opened only where Graph is called. */
import { withWorkspace } from "@/lib/db";
import { openJson, sealJson } from "./keys";
import { PLACE } from "./sealed";
import type { Purpose } from "./types";

export interface SignIn {
  /** MSAL's id of the account in the cache. */
  homeAccountId: string;
  /** MSAL's serialized cache. */
  cache: string;
}

/** The value of token_cache.sealed_cache. */
export function sealSignIn(workspaceId: string, connectionId: string, purpose: Purpose, signIn: SignIn): Promise<Uint8Array<ArrayBuffer>> {
  return sealJson(workspaceId, "token", PLACE.tokenCache(connectionId, purpose), { homeAccountId: signIn.homeAccountId, cache: signIn.cache });
}

/** The sign-in as it is stored now; null when it was erased. */
export async function readSignIn(workspaceId: string, connectionId: string, purpose: Purpose): Promise<(SignIn & { version: number }) | null> {
  const key = { workspaceId, connectionId, purpose };
  const row = await withWorkspace(workspaceId, (tx) => tx.tokenCache.findUnique({ where: { workspaceId_connectionId_purpose: key } }));
  if (!row) return null;
  return { ...(await openJson<SignIn>(workspaceId, "token", PLACE.tokenCache(connectionId, purpose), row.sealedCache)), version: row.version };
}

/** Replaces the sign-in if its stored version is still `version`; false when somebody was faster or it was erased. */
export async function updateSignIn(workspaceId: string, connectionId: string, purpose: Purpose, signIn: SignIn, version: number): Promise<boolean> {
  const sealedCache = await sealSignIn(workspaceId, connectionId, purpose, signIn);
  const { count } = await withWorkspace(workspaceId, (tx) =>
    tx.tokenCache.updateMany({ where: { workspaceId, connectionId, purpose, version }, data: { sealedCache, version: { increment: 1 } } }));
  return count === 1;
}
