import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { APP_ID, CONTOSO, entraForTests, REDIRECT, SECRET } from "@/simulator/entra/fixture";
import { verifyAccessToken } from "@/simulator/entra";
import { createTokenSource, qualified, redeemCode, startCodeFlow, type CodeFlow, type StoredCache, type TokenSourceOptions } from "./index";

let entra: Awaited<ReturnType<typeof entraForTests>>;
let stored: StoredCache | null;
let options: TokenSourceOptions;
let tokenCalls: number;
const realFetch = globalThis.fetch;

beforeAll(async () => {
  entra = await entraForTests();
  globalThis.fetch = (input, init) => {
    if (String(input).includes("/oauth2/v2.0/token")) tokenCalls++;
    return realFetch(input, init);
  };
});
afterAll(async () => {
  globalThis.fetch = realFetch;
  await entra.close();
});

beforeEach(async () => {
  entra.world.conditions.refuseUser.clear();
  entra.world.conditions.caeChallenge.clear();
  Object.assign(alice(), { tokensValidFrom: 0, accountEnabled: true });
  entra.contoso.grants.set(APP_ID, { allPrincipals: new Set(["Group.Read.All"]), byUser: new Map(), appRoles: new Set() });
  const flow: CodeFlow = {
    credential: { clientId: APP_ID, clientSecret: SECRET, certificatePem: null },
    tid: CONTOSO,
    scopes: qualified(["Group.Read.All"], "global"),
    redirectUri: REDIRECT,
    origins: { cloud: "global" as const, loginOrigin: entra.origin, graphOrigin: entra.origin, sharepointUrl: `${entra.origin}/{host}` },
  };
  const { url, secrets } = await startCodeFlow(flow, { state: "s", prompt: "select_account" });
  const browser = entra.browser();
  await browser.open(url);
  const code = (await browser.press("Alice Meyer")).location!.searchParams.get("code")!;
  const redeemed = await redeemCode(flow, code, secrets);
  stored = { data: redeemed.cache, version: 1 };
  options = {
    credential: flow.credential,
    tid: CONTOSO,
    homeAccountId: redeemed.homeAccountId,
    scopes: flow.scopes,
    origins: flow.origins,
    loadCache: () => Promise.resolve(stored),
    saveCache: (data, version) => {
      if (stored?.version !== version) return Promise.resolve(false);
      stored = { data, version: version + 1 };
      return Promise.resolve(true);
    },
  };
  tokenCalls = 0;
});

const alice = () => entra.user(entra.contoso, "alice");

describe("token source", () => {
  it("gives the cached token without a call, and a new one when forced, which it stores", async () => {
    const tokens = createTokenSource(options);
    const first = await tokens();
    expect(verifyAccessToken(entra.world, first).scp).toContain("Group.Read.All");
    expect(tokenCalls).toBe(0);
    expect(await tokens({ forceRefresh: true })).not.toBe(first);
    expect(tokenCalls).toBe(1);
    expect(stored!.version).toBeGreaterThan(1);
    const elsewhere = createTokenSource(options);
    expect(await elsewhere()).toBe(await tokens());
    expect(tokenCalls).toBe(1);
  });
  it("calls at the same time share one request", async () => {
    const tokens = createTokenSource(options);
    const got = await Promise.all(Array.from({ length: 20 }, () => tokens({ forceRefresh: true })));
    expect(new Set(got).size).toBe(1);
    expect(tokenCalls).toBe(1);
  });
  it("answers a claims challenge of continuous access evaluation", async () => {
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1702682181"}}}';
    entra.world.conditions.caeChallenge.set(alice().id, claims);
    const token = await createTokenSource(options)({ claims });
    expect(verifyAccessToken(entra.world, token).acrs).toContain(claims);
    expect(tokenCalls).toBe(1);
  });
  it.each([
    [50173, "needs_sign_in"],
    [50076, "needs_sign_in"],
    [53003, "needs_sign_in"],
    [700082, "needs_sign_in"],
    [70043, "needs_sign_in"],
  ])("AADSTS%i is %s after one call, without a loop", async (code, expected) => {
    entra.world.conditions.refuseUser.set(alice().id, { code });
    await expect(createTokenSource(options)({ forceRefresh: true })).rejects.toMatchObject({ code: expected, facts: { aadsts: code } });
    expect(tokenCalls).toBe(1);
  });
  it("a disabled account and a revoked sign-in need a person", async () => {
    alice().accountEnabled = false;
    await expect(createTokenSource(options)({ forceRefresh: true })).rejects.toMatchObject({ code: "needs_sign_in", facts: { aadsts: 50057 } });
    Object.assign(alice(), { accountEnabled: true, tokensValidFrom: entra.world.now() + 5_000 });
    await expect(createTokenSource(options)({ forceRefresh: true })).rejects.toMatchObject({ code: "needs_sign_in", facts: { aadsts: 50173 } });
  });
  it("removed consent is consent_missing", async () => {
    entra.contoso.grants.clear();
    await expect(createTokenSource(options)({ forceRefresh: true })).rejects.toMatchObject({ code: "consent_missing" });
  });
  it("an erased cache needs a sign-in and is never written again", async () => {
    const tokens = createTokenSource(options);
    await tokens();
    stored = null;
    await expect(tokens({ forceRefresh: true })).rejects.toMatchObject({ code: "needs_sign_in" });
    expect(stored).toBeNull();
  });
  it("a lost race keeps the other's cache and still gives a token", async () => {
    const racing = createTokenSource({ ...options, saveCache: () => Promise.resolve(false) });
    const before = stored;
    expect(await racing({ forceRefresh: true })).toBeTruthy();
    expect(stored).toBe(before);
  });
  it("an unreachable service is tried twice and then reported as passing", async () => {
    const away = createTokenSource({ ...options, origins: { ...options.origins, loginOrigin: "http://localhost:9" } });
    await expect(away({ forceRefresh: true })).rejects.toMatchObject({ code: "graph_unavailable" });
    expect(tokenCalls).toBeLessThanOrEqual(2);
  });
});
