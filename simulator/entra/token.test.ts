import { ConfidentialClientApplication, CryptoProvider, InteractionRequiredAuthError, type INetworkModule } from "@azure/msal-node";
import { createHash, createPrivateKey, createPublicKey, randomUUID, X509Certificate } from "node:crypto";
import { createRemoteJWKSet, jwtVerify, SignJWT, type JWTPayload } from "jose";
import { Issuer, generators } from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { selfSignedCertificate } from "./certificate";
import { APP_ID, CONTOSO, entraForTests, FABRIKAM, REDIRECT, SECRET } from "./fixture";
import { AccessTokenFault, verifyAccessToken } from "./index";
import { decodeJwt } from "./keys";

let entra: Awaited<ReturnType<typeof entraForTests>>;
beforeAll(async () => {
  entra = await entraForTests();
});
afterAll(() => entra.close());
beforeEach(() => {
  for (const tenant of entra.world.tenants.values()) tenant.grants.clear();
  entra.world.conditions.refuseUser.clear();
  entra.world.conditions.caeChallenge.clear();
  for (const user of entra.contoso.users.values()) user.tokensValidFrom = 0;
  grant("Group.Read.All", "User.ReadBasic.All");
});

const grant = (...scopes: string[]) => {
  entra.contoso.grants.set(APP_ID, { allPrincipals: new Set(scopes), byUser: new Map(), appRoles: new Set(["Tasks.Read.All"]) });
};
const SCOPES = "openid profile offline_access https://graph.microsoft.com/Group.Read.All";

async function codeFor(person: string, more: Record<string, string> = {}, authority = CONTOSO): Promise<string> {
  const browser = entra.browser();
  await browser.open(`${entra.origin}/${authority}/oauth2/v2.0/authorize?${new URLSearchParams({ client_id: APP_ID, response_type: "code", redirect_uri: REDIRECT, scope: SCOPES, ...more })}`);
  return (await browser.press(person)).location!.searchParams.get("code")!;
}

async function post(fields: Record<string, string>, options: { authority?: string; headers?: Record<string, string> } = {}) {
  const response = await fetch(`${entra.origin}/${options.authority ?? CONTOSO}/oauth2/v2.0/token`, { method: "POST", headers: options.headers, body: new URLSearchParams(fields) });
  return { status: response.status, body: (await response.json()) as Record<string, string> & { error_codes?: number[] } };
}
const client = { client_id: APP_ID, client_secret: SECRET };
const redeem = (code: string, more: Record<string, string> = {}) => post({ ...client, grant_type: "authorization_code", code, redirect_uri: REDIRECT, scope: SCOPES, ...more });
const refresh = (token: string, more: Record<string, string> = {}, authority = CONTOSO) => post({ ...client, grant_type: "refresh_token", refresh_token: token, scope: SCOPES, ...more }, { authority });

describe("authorization code (v2-oauth2-auth-code-flow)", () => {
  it("gives an ID token with tid, oid, ver 2.0, nonce and pairwise sub, and an access token with every granted scope", async () => {
    const { body } = await redeem(await codeFor("Alice Meyer", { nonce: "n-1" }));
    const keys = createRemoteJWKSet(new URL(`${entra.origin}/${CONTOSO}/discovery/v2.0/keys`));
    const { payload } = await jwtVerify(body.id_token!, keys, { issuer: `${entra.origin}/${CONTOSO}/v2.0`, audience: APP_ID });
    const alice = entra.user(entra.contoso, "alice");
    expect(payload).toMatchObject({ tid: CONTOSO, oid: alice.id, ver: "2.0", nonce: "n-1", preferred_username: "alice@contoso.example", name: "Alice Meyer" });
    expect(payload.sub).not.toBe(alice.id);
    const access = verifyAccessToken(entra.world, body.access_token!);
    expect(access.scp!.split(" ")).toEqual(expect.arrayContaining(["Group.Read.All", "User.ReadBasic.All"]));
    expect(body.scope).toContain("https://graph.microsoft.com/Group.Read.All");
  });
  it("a code is good for one redemption: the second gets 54005", async () => {
    const code = await codeFor("Alice Meyer");
    expect((await redeem(code)).status).toBe(200);
    expect((await redeem(code)).body).toMatchObject({ error: "invalid_grant", error_codes: [54005] });
  });
  it("a code older than ten minutes gets 70008", async () => {
    const code = await codeFor("Alice Meyer");
    const clock = entra.world as typeof entra.world & { moveClock(ms: number): void };
    clock.moveClock(11 * 60_000);
    expect((await redeem(code)).body.error_codes).toEqual([70008]);
    clock.moveClock(-11 * 60_000);
  });
  it("PKCE: a wrong verifier gets 501481, another redirect URI 500112", async () => {
    const challenge = createHash("sha256").update("right").digest("base64url");
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" };
    expect((await redeem(await codeFor("Alice Meyer", pkce), { code_verifier: "wrong" })).body.error_codes).toEqual([501481]);
    expect((await redeem(await codeFor("Alice Meyer", pkce), { code_verifier: "right" })).status).toBe(200);
    expect((await redeem(await codeFor("Alice Meyer"), { redirect_uri: "http://localhost:3000/other" })).body.error_codes).toEqual([500112]);
  });
  it("without offline_access there is no refresh token, without openid no ID token", async () => {
    const { body } = await redeem(await codeFor("Alice Meyer", { scope: "Group.Read.All" }), { scope: "Group.Read.All" });
    expect(body.refresh_token).toBeUndefined();
    expect(body.id_token).toBeUndefined();
    expect(body.scope).toContain("Group.Read.All");
  });
  it("a guest gets the tid of the resource tenant, the oid of his guest object and acct 1", async () => {
    const { body } = await redeem(await codeFor("Felix Brandt"));
    const guest = [...entra.contoso.users.values()].find((user) => user.userType === "Guest")!;
    expect(decodeJwt(body.id_token!)!.claims).toMatchObject({ tid: CONTOSO, oid: guest.id, acct: 1, preferred_username: "felix@fabrikam.example" });
  });
  it("errors carry codes, trace id, correlation id and timestamp", async () => {
    const { body } = await redeem("nonsense");
    expect(body).toMatchObject({ error: "invalid_grant", error_codes: [70000], trace_id: expect.any(String), correlation_id: expect.any(String), timestamp: expect.any(String) });
    expect(body.error_description).toMatch(/\r\nTrace ID: .+\r\nCorrelation ID: .+\r\nTimestamp: /);
  });
});

describe("refresh tokens", () => {
  const first = async () => (await redeem(await codeFor("Alice Meyer"))).body.refresh_token!;
  it("roll over, and the old one stays valid", async () => {
    const one = await first();
    const two = (await refresh(one)).body.refresh_token;
    expect(two).toBeTruthy();
    expect(two).not.toBe(one);
    expect((await refresh(one)).status).toBe(200);
  });
  it("revoked: 50173; disabled: 50057; idle for 90 days: 700082; all invalid_grant with suberror bad_token", async () => {
    const token = await first();
    const alice = entra.user(entra.contoso, "alice");
    alice.tokensValidFrom = entra.world.now() + 1;
    expect((await refresh(token)).body).toMatchObject({ error: "invalid_grant", suberror: "bad_token", error_codes: [50173] });
    alice.tokensValidFrom = 0;
    alice.accountEnabled = false;
    expect((await refresh(token)).body.error_codes).toEqual([50057]);
    alice.accountEnabled = true;
    const clock = entra.world as typeof entra.world & { moveClock(ms: number): void };
    clock.moveClock(91 * 24 * 3600_000);
    expect((await refresh(token)).body.error_codes).toEqual([700082]);
    clock.moveClock(-91 * 24 * 3600_000);
  });
  it("Conditional Access answers carry a claims challenge (50076, 53003)", async () => {
    const token = await first();
    const claims = '{"access_token":{"capolids":{"essential":true,"values":["c-1"]}}}';
    entra.world.conditions.refuseUser.set(entra.user(entra.contoso, "alice").id, { code: 50076, claims });
    expect((await refresh(token)).body).toMatchObject({ error: "invalid_grant", suberror: "basic_action", claims });
  });
  it("removed consent gets 65001 with suberror consent_required", async () => {
    const token = await first();
    entra.contoso.grants.clear();
    expect((await refresh(token)).body).toMatchObject({ error: "invalid_grant", suberror: "consent_required", error_codes: [65001] });
  });
  it("serve another tenant where the person is a guest", async () => {
    const token = (await redeem(await codeFor("Felix Brandt"))).body.refresh_token!;
    entra.fabrikam.grants.set(APP_ID, { allPrincipals: new Set(["Group.Read.All"]), byUser: new Map(), appRoles: new Set() });
    const claims = decodeJwt((await refresh(token, {}, FABRIKAM)).body.access_token!)!.claims;
    expect(claims).toMatchObject({ tid: FABRIKAM, oid: entra.user(entra.fabrikam, "felix").id });
  });
  it("a claims request is written into the token, so that Graph's challenge is answered", async () => {
    const token = await first();
    const challenge = '{"access_token":{"nbf":{"essential":true,"value":"1702682181"}}}';
    entra.world.conditions.caeChallenge.set(entra.user(entra.contoso, "alice").id, challenge);
    const answer = await refresh(token, { claims: '{"access_token":{"nbf":{"essential":true,"value":"1702682181"},"xms_cc":{"values":["CP1"]}}}' });
    expect(verifyAccessToken(entra.world, answer.body.access_token!).acrs).toContain(challenge);
  });
  it("a token of a CP1 client is refused at once after revocation, others live until they expire", async () => {
    const token = await first();
    const capable = (await refresh(token, { claims: '{"access_token":{"xms_cc":{"values":["CP1"]}}}' })).body.access_token!;
    const ordinary = (await refresh(token)).body.access_token!;
    entra.user(entra.contoso, "alice").tokensValidFrom = entra.world.now() + 5_000;
    expect(() => verifyAccessToken(entra.world, capable)).toThrow(AccessTokenFault);
    expect(verifyAccessToken(entra.world, ordinary).oid).toBe(entra.user(entra.contoso, "alice").id);
  });
});

describe("client authentication", () => {
  it("secret by Basic is known; a wrong one is 401 invalid_client 7000215; none at all 7000218; an unknown app 700016", async () => {
    const fields = { grant_type: "client_credentials", scope: "https://graph.microsoft.com/.default" };
    const basic = `Basic ${Buffer.from(`${APP_ID}:${SECRET}`).toString("base64")}`;
    expect((await post({ grant_type: "refresh_token", refresh_token: "none" }, { headers: { authorization: basic } })).body.error_codes).toEqual([70000]);
    expect(await post({ ...fields, client_id: APP_ID, client_secret: "wrong" })).toMatchObject({ status: 401, body: { error: "invalid_client", error_codes: [7000215] } });
    expect((await post({ ...fields, client_id: APP_ID })).body.error_codes).toEqual([7000218]);
    expect((await post({ ...fields, client_id: CONTOSO, client_secret: "x" })).body).toMatchObject({ error: "unauthorized_client", error_codes: [700016] });
  });
  it("client credentials: common is 9001023; an unknown tenant is 90002", async () => {
    const fields = { ...client, grant_type: "client_credentials", scope: "https://graph.microsoft.com/.default" };
    expect((await post(fields, { authority: "common" })).body.error_codes).toEqual([9001023]);
    expect((await post(fields, { authority: "nobody.example" })).body.error_codes).toEqual([90002]);
  });
  it("a browser's cross-origin redemption is refused for a web app (9002326)", async () => {
    expect((await post({ ...client, grant_type: "refresh_token" }, { headers: { origin: "http://localhost:3000" } })).body.error_codes).toEqual([9002326]);
  });
});

/** As the product does it: Microsoft's host in the code, the simulator's behind the network client. */
const network: INetworkModule = {
  sendGetRequestAsync: (url, options) => send(url, "GET", options),
  sendPostRequestAsync: (url, options) => send(url, "POST", options),
};
async function send<T>(url: string, method: string, options?: { headers?: Record<string, string>; body?: string }) {
  const response = await fetch(url.replace("https://login.microsoftonline.com", entra.origin), { method, headers: options?.headers, body: options?.body });
  return { headers: Object.fromEntries(response.headers), body: (await response.json()) as T, status: response.status };
}
const msal = (credential: object) => new ConfidentialClientApplication({ auth: { clientId: APP_ID, authority: `https://login.microsoftonline.com/${CONTOSO}`, ...credential }, system: { networkClient: network } });

describe("stock MSAL", () => {
  it("code with PKCE, silent from the cache, silent by refresh, then InteractionRequired after revocation", async () => {
    const app = msal({ clientSecret: SECRET });
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const scopes = ["https://graph.microsoft.com/Group.Read.All"];
    const browser = entra.browser();
    const url = await app.getAuthCodeUrl({ scopes, redirectUri: REDIRECT, codeChallenge: challenge, codeChallengeMethod: "S256", state: "s", prompt: "select_account" });
    await browser.open(url.replace("https://login.microsoftonline.com", entra.origin));
    const code = (await browser.press("Alice Meyer")).location!.searchParams.get("code")!;
    const got = await app.acquireTokenByCode({ code, scopes, redirectUri: REDIRECT, codeVerifier: verifier });
    expect(got.account).toMatchObject({ tenantId: CONTOSO, username: "alice@contoso.example" });
    const account = got.account!;
    expect((await app.acquireTokenSilent({ account, scopes })).fromCache).toBe(true);
    expect((await app.acquireTokenSilent({ account, scopes, forceRefresh: true })).accessToken).not.toBe(got.accessToken);
    entra.user(entra.contoso, "alice").tokensValidFrom = entra.world.now() + 5_000;
    await expect(app.acquireTokenSilent({ account, scopes, forceRefresh: true })).rejects.toBeInstanceOf(InteractionRequiredAuthError);
  });
  it("client credentials by certificate (PS256 assertion)", async () => {
    const scopes = ["https://graph.microsoft.com/.default"];
    await expect(msal({ clientSecret: SECRET }).acquireTokenByClientCredential({ scopes })).rejects.toThrow(/AADSTS7000218/);
    const made = selfSignedCertificate("planback");
    const thumbprintSha256 = createHash("sha256").update(new X509Certificate(made.certificate).raw).digest("hex");
    const byCertificate = msal({ clientCertificate: { thumbprintSha256, privateKey: made.privateKey, x5c: made.certificate } });
    await expect(byCertificate.acquireTokenByClientCredential({ scopes })).rejects.toThrow(/AADSTS700027/);
    entra.app.certificates.push(made.certificate);
    expect((await byCertificate.acquireTokenByClientCredential({ scopes, skipCache: true }))?.accessToken).toBeTruthy();
    expect(createPublicKey(new X509Certificate(made.certificate).publicKey.export({ type: "spki", format: "pem" })).asymmetricKeyType).toBe("rsa");
  });
});

describe("stock openid-client (what next-auth uses)", () => {
  it("discovers the tenant, checks state, nonce, PKCE and the ID token, and reads userinfo", async () => {
    const issuer = await Issuer.discover(`${entra.origin}/${CONTOSO}/v2.0/.well-known/openid-configuration`);
    const rp = new issuer.Client({ client_id: APP_ID, client_secret: SECRET, redirect_uris: [REDIRECT], response_types: ["code"] });
    const verifier = generators.codeVerifier();
    const browser = entra.browser();
    await browser.open(rp.authorizationUrl({ scope: "openid profile email", state: "st", nonce: "no", code_challenge: generators.codeChallenge(verifier), code_challenge_method: "S256" }));
    const { location } = await browser.press("Alice Meyer");
    const set = await rp.callback(REDIRECT, rp.callbackParams(location!.href), { state: "st", nonce: "no", code_verifier: verifier });
    expect(set.claims()).toMatchObject({ tid: CONTOSO, email: "alice@contoso.example" });
    expect(await rp.userinfo(set)).toMatchObject({ name: "Alice Meyer" });
  });
});

describe("app-only", () => {
  const endpoint = (authority = CONTOSO) => `https://login.microsoftonline.com/${authority}/oauth2/v2.0/token`;
  const made = selfSignedCertificate("planback");
  const stranger = selfSignedCertificate("stranger");
  const claims = (more: object = {}) => ({ aud: endpoint(), iss: APP_ID, sub: APP_ID, jti: randomUUID(), nbf: now(), iat: now(), exp: now() + 300, ...more });
  const now = () => Math.floor(entra.world.now() / 1000);
  const x5t = (certificate: string) => createHash("sha256").update(new X509Certificate(certificate).raw).digest("base64url");
  const sign = (payload: object, by = made, named = made) =>
    new SignJWT(payload as JWTPayload).setProtectedHeader({ alg: "PS256", typ: "JWT", "x5t#S256": x5t(named.certificate) }).sign(createPrivateKey(by.privateKey));
  const ask = (assertion: string, authority = CONTOSO) => post({
    client_id: APP_ID, grant_type: "client_credentials", scope: "https://graph.microsoft.com/.default",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: assertion,
  }, { authority });
  beforeEach(() => {
    entra.app.certificates = [made.certificate];
  });

  it("a signed assertion gives roles, once; a secret is refused", async () => {
    const assertion = await sign(claims());
    expect(verifyAccessToken(entra.world, (await ask(assertion)).body.access_token!)).toMatchObject({ idtyp: "app", tid: CONTOSO, roles: ["Tasks.Read.All"] });
    expect((await ask(assertion)).body.error_codes).toEqual([700027]);
    expect((await post({ client_id: APP_ID, client_secret: SECRET, grant_type: "client_credentials", scope: "https://graph.microsoft.com/.default" })).body.error_codes).toEqual([7000218]);
  });
  it.each([
    ["another key", async () => sign(claims(), stranger)],
    ["an unknown certificate", async () => sign(claims(), stranger, stranger)],
    ["another audience", async () => sign(claims({ aud: endpoint(FABRIKAM) }))],
    ["an end that has passed", async () => sign(claims({ exp: now() - 600 }))],
    ["an end that is far", async () => sign(claims({ exp: now() + 3600 }))],
    ["a beginning to come", async () => sign(claims({ nbf: now() + 1200 }))],
    ["another issuer", async () => sign(claims({ iss: FABRIKAM }))],
    ["an id that is no GUID", async () => sign(claims({ jti: "1" }))],
    ["no signature", async () => `${(await sign(claims())).split(".").slice(0, 2).join(".")}.`],
  ])("an assertion with %s is refused", async (_, make) => {
    expect(await ask(await make())).toMatchObject({ status: 401, body: { error: "invalid_client", error_codes: [700027] } });
  });
  it("an expired certificate is refused, and a tenant that never consented does not know the app", async () => {
    const old = selfSignedCertificate("old", -1);
    entra.app.certificates = [old.certificate];
    expect((await ask(await sign(claims(), old, old))).body.error_description).toContain("expired");
    entra.app.certificates = [made.certificate];
    expect((await ask(await sign(claims({ aud: endpoint(FABRIKAM) })), FABRIKAM)).body.error_codes).toEqual([700016]);
  });
});
