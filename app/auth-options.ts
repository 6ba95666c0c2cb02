import "server-only";
import { cookies, headers } from "next/headers";
import type { NextAuthOptions } from "next-auth";
import { getToken } from "next-auth/jwt";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { config } from "@/lib/config";
import { isPlanbackError } from "@/lib/errors";
import { finishSignIn, SIGN_IN_SCOPE, signInAuthorizeUrl, type Identity } from "@/lib/identity";
import { createSession, endSession } from "@/lib/workspaces";
import { clientAddress } from "./client-address";

const SESSION_SECONDS = 24 * 3600;

/** What the provider hands on: a verified person, or why nobody may come in. */
type Profile = { kind: "person"; identity: Identity } | { kind: "refused"; reason: string };

/** True when cookies must be sent over https only; next-auth then prefixes their names. */
export const isSecure = (): boolean => config().appOrigin.startsWith("https:");

/**
 * next-auth runs the redirect, its cookies (state, nonce, PKCE) and the callback; our own code redeems the code and
 * verifies the ID token. The cookie it leaves holds nothing but the secret of a row in the session table.
 */
export function authOptions(): NextAuthOptions {
  // next-auth reads its own origin from this variable only.
  process.env.NEXTAUTH_URL ??= config().appOrigin;
  return {
    secret: config().sessionSecret,
    useSecureCookies: isSecure(),
    session: { strategy: "jwt", maxAge: SESSION_SECONDS },
    jwt: { maxAge: SESSION_SECONDS },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    providers: [microsoft()],
    callbacks: {
      signIn: ({ profile }) => {
        const result = profile as unknown as Profile;
        return result.kind === "person" ? true : `${config().appOrigin}/sign-in?error=${encodeURIComponent(result.reason)}`;
      },
      jwt: async ({ token, account, profile }) => {
        if (!account) return token;
        const result = profile as unknown as Profile;
        if (result.kind !== "person") return {};
        await endEarlier();
        return { sid: (await createSession({ ...result.identity, ip: clientAddress((await headers()).get("x-forwarded-for"), config().proxyHops) })).secret };
      },
      // What the browser may ask for: when it ends, and nothing about who.
      session: ({ session }) => ({ expires: session.expires }),
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.sid === "string") await endSession(token.sid);
      },
    },
    // The library's own log entries may hold tokens and claims: only their codes are kept.
    logger: { error: (code) => console.error(JSON.stringify({ level: "error", time: new Date().toISOString(), msg: "sign-in", code })), warn: () => undefined, debug: () => undefined },
  };
}

/** Whoever signs in gets a session of a new secret; the one that this browser had before ends. */
async function endEarlier(): Promise<void> {
  const jar = Object.fromEntries((await cookies()).getAll().map(({ name, value }) => [name, value]));
  const token = await getToken({ req: { headers: {}, cookies: jar } as never, secret: config().sessionSecret, secureCookie: isSecure() });
  if (typeof token?.sid === "string") await endSession(token.sid);
}

function microsoft(): OAuthConfig<Profile> {
  const { apps, appOrigin } = config();
  return {
    id: "microsoft",
    name: "Microsoft",
    type: "oauth",
    clientId: apps.backup.clientId,
    clientSecret: apps.backup.clientSecret ?? undefined,
    checks: ["pkce", "state", "nonce"],
    authorization: { url: signInAuthorizeUrl(config()), params: { scope: SIGN_IN_SCOPE, response_mode: "query", prompt: "select_account" } },
    token: {
      request: async ({ params, checks }) => ({
        tokens: {
          profile: await verified(() =>
            finishSignIn({
              credential: apps.backup,
              redirectUri: `${appOrigin}/api/auth/callback/microsoft`,
              origins: config(),
              code: params.code,
              state: params.state,
              // The library's types leave the nonce out; checks: ["nonce"] puts it there.
              expected: { state: checks.state, nonce: (checks as { nonce?: string }).nonce, verifier: checks.code_verifier },
            })),
        },
      }),
    },
    userinfo: { request: ({ tokens }) => (tokens as unknown as { profile: Profile }).profile as never },
    profile: (result) => ({ id: result.kind === "person" ? `${result.identity.tid}.${result.identity.oid}` : "nobody" }),
  };
}

async function verified(finish: () => Promise<Identity>): Promise<Profile> {
  try {
    return { kind: "person", identity: await finish() };
  } catch (error) {
    if (!isPlanbackError(error)) throw error;
    const { reason, aadsts } = error.facts;
    if (reason === "personal_account" || reason === "guest_account") return { kind: "refused", reason };
    return { kind: "refused", reason: aadsts ? `AADSTS${aadsts}` : "OAuthCallback" };
  }
}
