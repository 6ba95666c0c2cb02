import { generateKeyPairSync, sign } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AppCredential } from "@/lib/config";
import { selfSignedCertificate } from "@/simulator/entra/certificate";
import { APP_ID, CONTOSO, entraForTests, FABRIKAM, REDIRECT, SECRET } from "@/simulator/entra/fixture";
import { decodeJwt, signJwt } from "@/simulator/entra/keys";
import { entraState } from "@/simulator/entra/state";
import { adminConsentUrl, CONSUMER_TENANT, qualified, readRedirect, redeemCode, startCodeFlow, verifyIdToken, finishSignIn, type CodeFlow, type SignInAnswer } from "./index";
import { signInAuthorizeUrl } from "./signIn";

let entra: Awaited<ReturnType<typeof entraForTests>>;
const secret: AppCredential = { clientId: APP_ID, clientSecret: SECRET, certificatePem: null };
const origins = () => ({ cloud: "global" as const, loginOrigin: entra.origin, graphOrigin: entra.origin, sharepointUrl: `${entra.origin}/{host}` });
const flow = (credential = secret, tid = CONTOSO): CodeFlow => ({ credential, tid, scopes: qualified(["Group.Read.All"], "global"), redirectUri: REDIRECT, origins: origins() });

beforeAll(async () => {
  entra = await entraForTests();
});
afterAll(() => entra.close());
beforeEach(() => {
  entra.contoso.grants.set(APP_ID, { allPrincipals: new Set(["Group.Read.All", "User.ReadBasic.All"]), byUser: new Map(), appRoles: new Set() });
});

async function goThrough(given: CodeFlow, person: string) {
  const { url, secrets } = await startCodeFlow(given, { state: "s", prompt: "select_account" });
  const browser = entra.browser();
  await browser.open(url);
  const { location } = await browser.press(person);
  return { location: location!, secrets, url };
}

describe("code flow", () => {
  it("sends the browser to the configured login origin with PKCE, state and nonce, and redeems the code", async () => {
    const { location, secrets, url } = await goThrough(flow(), "Alice Meyer");
    const asked = new URL(url);
    expect(asked.origin).toBe(entra.origin);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({ code_challenge_method: "S256", state: "s", nonce: secrets.nonce, prompt: "select_account" });
    const redeemed = await redeemCode(flow(), location.searchParams.get("code")!, secrets);
    const alice = entra.user(entra.contoso, "alice");
    expect(redeemed.identity).toEqual({ tid: CONTOSO, oid: alice.id, name: "Alice Meyer", username: "alice@contoso.example", isGuest: false, directoryRoles: null, authenticatedAt: expect.any(Date) });
    expect(redeemed.scopes.sort()).toEqual(["Group.Read.All", "User.ReadBasic.All"]);
    expect(redeemed.homeAccountId).toBe(`${alice.id}.${CONTOSO}`);
    expect(JSON.parse(redeemed.cache)).toHaveProperty("RefreshToken");
  });
  it("works with a certificate instead of a secret", async () => {
    const made = selfSignedCertificate("planback");
    entra.app.certificates.push(made.certificate);
    const credential = { clientId: APP_ID, clientSecret: null, certificatePem: made.privateKey + made.certificate };
    const { location, secrets } = await goThrough(flow(credential), "Alice Meyer");
    expect((await redeemCode(flow(credential), location.searchParams.get("code")!, secrets)).identity.tid).toBe(CONTOSO);
  });
  it("tells a guest by his acct claim, and keeps the tid of the resource tenant", async () => {
    const { location, secrets } = await goThrough(flow(), "Felix Brandt");
    expect((await redeemCode(flow(), location.searchParams.get("code")!, secrets)).identity).toMatchObject({ tid: CONTOSO, isGuest: true });
  });
  it("refuses a wrong PKCE verifier, a wrong nonce and a code redeemed twice", async () => {
    const first = await goThrough(flow(), "Alice Meyer");
    await expect(redeemCode(flow(), first.location.searchParams.get("code")!, { ...first.secrets, verifier: "x".repeat(43) })).rejects.toMatchObject({ code: "needs_sign_in" });
    const second = await goThrough(flow(), "Alice Meyer");
    await expect(redeemCode(flow(), second.location.searchParams.get("code")!, { ...second.secrets, nonce: "other" })).rejects.toMatchObject({ code: "forbidden", facts: { reason: "nonce" } });
    await expect(redeemCode(flow(), second.location.searchParams.get("code")!, second.secrets)).rejects.toMatchObject({ facts: { aadsts: 54005 } });
  });
  it("a wrong client secret is a matter of configuration", async () => {
    const { location, secrets } = await goThrough(flow(), "Alice Meyer");
    await expect(redeemCode(flow({ ...secret, clientSecret: "wrong-secret" }), location.searchParams.get("code")!, secrets)).rejects.toMatchObject({ code: "config", facts: { aadsts: 7000215 } });
  });
});

describe("ID token", () => {
  const good = () => ({ aud: APP_ID, iss: `${entra.origin}/${CONTOSO}/v2.0`, tid: CONTOSO, oid: entra.user(entra.contoso, "alice").id, sub: "s", nonce: "n", ver: "2.0", name: "Alice", preferred_username: "alice@contoso.example", iat: now(), exp: now() + 600 });
  const now = () => Math.floor(Date.now() / 1000);
  const check = (token: string, expectedTid?: string) => verifyIdToken(token, { clientId: APP_ID, nonce: "n", expectedTid, origins: origins() });
  const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it("accepts what Entra ID signed for us", async () => {
    expect(await check(signJwt(good()), CONTOSO)).toMatchObject({ tid: CONTOSO, isGuest: false, directoryRoles: null });
  });

  it("knows when the person last typed a password: by auth_time, by iat without it, never in the future", async () => {
    const at = async (claims: object) => (await check(signJwt({ ...good(), ...claims }))).authenticatedAt.getTime();
    expect(await at({ auth_time: now() - 3600 })).toBe((now() - 3600) * 1000);
    expect(Date.now() - (await at({ iat: now() - 5 }))).toBeGreaterThanOrEqual(4000);
    expect(await at({ auth_time: now() + 3600 })).toBeLessThanOrEqual(Date.now());
  });

  const forged: [string, () => string][] = [
    ["another app's audience", () => signJwt({ ...good(), aud: "99999999-aaaa-4000-8000-000000000001" })],
    ["an issuer that is not its tid", () => signJwt({ ...good(), iss: `${entra.origin}/${FABRIKAM}/v2.0` })],
    ["a foreign issuer", () => signJwt({ ...good(), iss: `https://login.example/${CONTOSO}/v2.0` })],
    ["version 1.0", () => signJwt({ ...good(), ver: "1.0" })],
    ["a tid that is no GUID", () => signJwt({ ...good(), tid: "organizations", iss: `${entra.origin}/organizations/v2.0` })],
    ["no oid", () => signJwt({ ...good(), oid: undefined })],
    ["expired", () => signJwt({ ...good(), exp: now() - 120 })],
    ["no expiry", () => signJwt({ ...good(), exp: undefined })],
    ["no nonce", () => signJwt({ ...good(), nonce: undefined })],
    ["another nonce", () => signJwt({ ...good(), nonce: "m" })],
    ["a personal account", () => signJwt({ ...good(), tid: CONSUMER_TENANT, iss: `${entra.origin}/${CONSUMER_TENANT}/v2.0` })],
    ["alg none", () => `${base64url({ alg: "none", typ: "JWT" })}.${base64url(good())}.`],
    ["HS256", () => `${base64url({ alg: "HS256", typ: "JWT", kid: decodeJwt(signJwt(good()))!.header.kid })}.${base64url(good())}.${"x".repeat(43)}`],
    ["an unknown key id", () => `${base64url({ alg: "RS256", typ: "JWT", kid: "other" })}.${base64url(good())}.${"x".repeat(342)}`],
    ["another key under the known id", () => {
      const data = `${base64url({ alg: "RS256", typ: "JWT", kid: decodeJwt(signJwt(good()))!.header.kid })}.${base64url(good())}`;
      return `${data}.${sign("sha256", Buffer.from(data), generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey).toString("base64url")}`;
    }],
    ["a changed payload", () => {
      const [header, , signature] = signJwt(good()).split(".");
      return `${header}.${base64url({ ...good(), name: "Mallory" })}.${signature}`;
    }],
    ["no JWT at all", () => "nonsense"],
  ];
  it.each(forged)("refuses %s", async (_name, make) => {
    await expect(check(make())).rejects.toMatchObject({ code: "forbidden" });
  });
  it("refuses the right token from another Microsoft tenant than expected, and says so", async () => {
    await expect(check(signJwt(good()), FABRIKAM)).rejects.toMatchObject({ facts: { reason: "wrong_tenant", tid: CONTOSO } });
  });
});

describe("signing in to Planback", () => {
  async function come(person: string, browser = entra.browser(), more: Record<string, string> = {}): Promise<SignInAnswer> {
    const verifier = "v".repeat(43);
    const { createHash } = await import("node:crypto");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const first = await browser.open(`${signInAuthorizeUrl(origins())}?${new URLSearchParams({ client_id: APP_ID, response_type: "code", redirect_uri: REDIRECT, scope: "openid profile", state: "st", nonce: "no", code_challenge: challenge, code_challenge_method: "S256", ...more })}`);
    let page = first.location ? first : await browser.press(person);
    if (!page.location) page = await browser.press("Accept");
    const query = page.location!.searchParams;
    return { credential: secret, redirectUri: REDIRECT, origins: origins(), code: query.get("code")!, state: query.get("state")!, expected: { state: "st", nonce: "no", verifier } };
  }
  it("any work account of any tenant is identified by tid and oid", async () => {
    expect(await finishSignIn(await come("Fiona Fabri"))).toMatchObject({ tid: FABRIKAM, oid: entra.user(entra.fabrikam, "fiona").id });
  });
  it("a sign-in that Microsoft answers without a password is as old as the password; prompt=login and max_age make it new", async () => {
    const browser = entra.browser();
    const age = async (more: Record<string, string> = {}) => (Date.now() - (await finishSignIn(await come("Alice Meyer", browser, more))).authenticatedAt.getTime()) / 60_000;
    expect(await age()).toBeLessThan(1);
    for (const accounts of entraState(entra.world).sessions.values()) for (const account of accounts) account.authenticatedAt -= 60 * 60_000;
    expect(await age()).toBeGreaterThan(59);
    expect(await age({ prompt: "select_account" })).toBeGreaterThan(59);
    expect(await age({ max_age: "86400" })).toBeGreaterThan(59);
    expect(await age({ max_age: "600" })).toBeLessThan(1);
    for (const accounts of entraState(entra.world).sessions.values()) for (const account of accounts) account.authenticatedAt -= 60 * 60_000;
    expect(await age({ prompt: "login" })).toBeLessThan(1);
  });
  it.each([
    ["state of another sign-in", (a: SignInAnswer) => ({ ...a, state: "other" }), { reason: "state" }],
    ["no state", (a: SignInAnswer) => ({ ...a, state: undefined }), { reason: "state" }],
    ["no state cookie", (a: SignInAnswer) => ({ ...a, expected: { ...a.expected, state: undefined } }), { reason: "state" }],
    ["empty state on both sides", (a: SignInAnswer) => ({ ...a, state: "", expected: { ...a.expected, state: "" } }), { reason: "state" }],
    ["no code", (a: SignInAnswer) => ({ ...a, code: undefined }), { reason: "state" }],
    ["nonce of another sign-in", (a: SignInAnswer) => ({ ...a, expected: { ...a.expected, nonce: "other" } }), { reason: "nonce" }],
    ["verifier of another sign-in", (a: SignInAnswer) => ({ ...a, expected: { ...a.expected, verifier: "w".repeat(43) } }), { aadsts: 501481 }],
    ["a made-up code", (a: SignInAnswer) => ({ ...a, code: "nonsense" }), { aadsts: 70000 }],
  ])("refuses %s", async (_name, change, facts) => {
    await expect(finishSignIn(change(await come("Alice Meyer")))).rejects.toMatchObject({ code: "forbidden", facts });
  });
});

describe("redirects", () => {
  const read = (query: string) => readRedirect(new URLSearchParams(query)).kind;
  it("the consent address names the tenant itself and full scope names", () => {
    const url = new URL(adminConsentUrl({ credential: secret, tid: CONTOSO, scopes: qualified(["Group.Read.All"], "global"), redirectUri: REDIRECT, state: "s", origins: origins() }));
    expect(url.pathname).toBe(`/${CONTOSO}/v2.0/adminconsent`);
    expect(url.searchParams.get("scope")).toBe("https://graph.microsoft.com/Group.Read.All openid profile offline_access");
  });
  it.each([
    ["code=c", "code"],
    ["admin_consent=True&tenant=x", "admin_consent"],
    ["error=consent_required&error_description=AADSTS65004%3A+declined&admin_consent=True", "declined"],
    ["error=access_denied&error_description=AADSTS65004", "declined"],
    ["error=permission_denied&error_description=The+admin+canceled+the+request", "declined"],
    ["error=access_denied&error_description=AADSTS90094", "not_admin"],
    ["error=login_required&error_description=AADSTS50058", "interaction_required"],
    ["error=interaction_required&error_description=AADSTS16000", "interaction_required"],
    ["error=consent_required&error_description=AADSTS65001", "consent_required"],
    ["error=server_error&error_description=AADSTS90033", "error"],
    ["", "error"],
  ])("%s means %s", (query, kind) => expect(read(query)).toBe(kind));
});
