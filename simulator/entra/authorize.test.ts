import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { APP_ID, CONTOSO, entraForTests, FABRIKAM, REDIRECT } from "./fixture";
import type { SignInBrowser } from "./browser";

let entra: Awaited<ReturnType<typeof entraForTests>>;
let browser: SignInBrowser;
beforeAll(async () => {
  entra = await entraForTests();
});
afterAll(() => entra.close());
beforeEach(() => {
  browser = entra.browser();
  for (const tenant of entra.world.tenants.values()) {
    tenant.grants.clear();
    tenant.adminConsentWorkflow = false;
  }
  entra.world.conditions.refuseUser.clear();
});

const authorizeUrl = (authority: string, more: Record<string, string> = {}) =>
  `${entra.origin}/${authority}/oauth2/v2.0/authorize?${new URLSearchParams({ client_id: APP_ID, response_type: "code", redirect_uri: REDIRECT, scope: "openid profile", state: "st-1", ...more })}`;
const consentUrl = (authority: string, more: Record<string, string> = {}) =>
  `${entra.origin}/${authority}/v2.0/adminconsent?${new URLSearchParams({ client_id: APP_ID, redirect_uri: REDIRECT, scope: "https://graph.microsoft.com/Group.Read.All https://graph.microsoft.com/Directory.Read.All", state: "st-2", ...more })}`;

describe("discovery (v2-protocols-oidc)", () => {
  const read = async (segment: string) => (await fetch(`${entra.origin}/${segment}/v2.0/.well-known/openid-configuration`)).json() as Promise<Record<string, string>>;
  it("a tenant's document names the tenant in the issuer, by GUID and by domain", async () => {
    for (const segment of [CONTOSO, "contoso.example"]) expect((await read(segment)).issuer).toBe(`${entra.origin}/${CONTOSO}/v2.0`);
  });
  it("organizations and common show a literal {tenantid} in the issuer", async () => {
    for (const segment of ["organizations", "common"]) expect((await read(segment)).issuer).toBe(`${entra.origin}/{tenantid}/v2.0`);
  });
  it("an unknown tenant gets AADSTS90002", async () => {
    expect(await read("nobody.example")).toMatchObject({ error: "invalid_request", error_codes: [90002] });
  });
  it("keys are RSA signing keys with kid", async () => {
    const { keys } = (await (await fetch(`${entra.origin}/common/discovery/v2.0/keys`)).json()) as { keys: Record<string, string>[] };
    expect(keys[0]).toMatchObject({ kty: "RSA", use: "sig" });
  });
});

describe("authorize", () => {
  it("lists the people of the tenant by display name and user name, asks consent once, then redirects with code and state", async () => {
    const page = await browser.open(authorizeUrl(CONTOSO));
    expect(page.text).toContain("Alice Meyer alice@contoso.example");
    expect((await browser.press("Alice Meyer")).title).toBe("Permissions requested");
    const back = await browser.press("Accept");
    expect(back.location?.origin + back.location!.pathname).toBe(REDIRECT);
    expect(back.location!.searchParams.get("state")).toBe("st-1");
    expect(back.location!.searchParams.get("code")).toBeTruthy();
    expect((await browser.open(authorizeUrl(CONTOSO))).location?.searchParams.get("code")).toBeTruthy();
  });
  it("Cancel on the consent page sends access_denied with AADSTS65004", async () => {
    await browser.open(authorizeUrl(CONTOSO));
    await browser.press("Alice Meyer");
    const { location } = await browser.press("Cancel");
    expect(location?.searchParams.get("error")).toBe("access_denied");
    expect(location?.searchParams.get("error_description")).toMatch(/^AADSTS65004: [\s\S]*Trace ID: /);
  });
  it("prompt=none without a session answers login_required (50058), and consent_required (65001) without consent", async () => {
    expect((await browser.open(authorizeUrl(CONTOSO, { prompt: "none" }))).location?.searchParams.get("error")).toBe("login_required");
    await browser.open(authorizeUrl(CONTOSO));
    await browser.press("Alice Meyer");
    expect((await browser.open(authorizeUrl(CONTOSO, { prompt: "none" }))).location?.searchParams.get("error")).toBe("consent_required");
    await browser.open(authorizeUrl(CONTOSO));
    await browser.press("Accept");
    expect((await browser.open(authorizeUrl(CONTOSO, { prompt: "none" }))).location?.searchParams.get("code")).toBeTruthy();
  });
  it("prompt=none with two signed-in accounts answers interaction_required, unless login_hint names one", async () => {
    for (const name of ["Alice Meyer", "Priya Raman"]) {
      await browser.open(authorizeUrl(CONTOSO, { prompt: "select_account" }));
      await browser.press(name);
      await browser.press("Accept");
    }
    expect((await browser.open(authorizeUrl(CONTOSO, { prompt: "none" }))).location?.searchParams.get("error")).toBe("interaction_required");
    expect((await browser.open(authorizeUrl(CONTOSO, { prompt: "none", login_hint: "alice@contoso.example" }))).location?.searchParams.get("code")).toBeTruthy();
  });
  it("select_account asks although a session exists", async () => {
    await browser.open(authorizeUrl(CONTOSO));
    await browser.press("Alice Meyer");
    expect((await browser.open(authorizeUrl(CONTOSO, { prompt: "select_account" }))).text).toContain("Signed in");
  });
  it("a redirect URI that is not registered ends on a page (50011), never in a redirect", async () => {
    const page = await browser.open(authorizeUrl(CONTOSO, { redirect_uri: "http://evil.example/cb" }));
    expect(page.location).toBeNull();
    expect(page.text).toContain("AADSTS50011");
  });
  it("an unknown app gets 700016, a disabled account 50057, a foreign account 50020, an unknown user name 50034: all on the page", async () => {
    expect((await browser.open(authorizeUrl(CONTOSO, { client_id: CONTOSO }))).text).toContain("AADSTS700016");
    await browser.open(authorizeUrl(CONTOSO));
    expect((await browser.press("Dana Departed")).text).toContain("AADSTS50057");
    await browser.open(authorizeUrl(CONTOSO));
    await browser.press("Use another account");
    expect((await browser.press("Next", { username: "nobody@contoso.example" })).text).toContain("AADSTS50034");
    await browser.open(authorizeUrl(CONTOSO));
    await browser.press("Use another account");
    const page = await browser.press("Next", { username: "fiona@fabrikam.example" });
    expect(page.text).toContain("AADSTS50020");
    expect(page.location).toBeNull();
  });
  it("'.default' with a named scope is 70011, a permission that Graph does not have 650053, a missing scope 90014", async () => {
    const failed = async (scope: string) => (await browser.open(authorizeUrl(CONTOSO, { scope }))).location?.searchParams.get("error_description");
    expect(await failed("https://graph.microsoft.com/.default User.Read")).toMatch(/^AADSTS70011/);
    expect(await failed("Nonsense.Read")).toMatch(/^AADSTS650053/);
    expect(await failed("")).toMatch(/^AADSTS90014/);
  });
  it("form_post answers with a form that posts code and state", async () => {
    await browser.open(authorizeUrl(CONTOSO, { response_mode: "form_post" }));
    await browser.press("Alice Meyer");
    const page = await browser.press("Accept");
    expect(page.status).toBe(200);
    expect(page.title).toBe("Working...");
  });
  it("an admin-only permission shows 'Need admin approval' (90094) to a user, without a redirect until he goes back", async () => {
    await browser.open(authorizeUrl(CONTOSO, { scope: "openid Group.Read.All" }));
    const page = await browser.press("Alice Meyer");
    expect(page.title).toBe("Need admin approval");
    expect(page.text).toContain("AADSTS90094");
    expect(page.location).toBeNull();
    expect((await browser.press("Return to the application")).location?.searchParams.get("error")).toBe("access_denied");
  });
  it("with the consent workflow on, the page asks for a justification (90095)", async () => {
    entra.contoso.adminConsentWorkflow = true;
    await browser.open(authorizeUrl(CONTOSO, { scope: "openid Group.Read.All" }));
    expect((await browser.press("Alice Meyer")).title).toBe("Approval required");
    expect((await browser.press("Request approval", { justification: "please" })).title).toBe("Request sent");
  });
  it("a required second factor is asked for interactively (50076) and refused silently", async () => {
    const alice = entra.user(entra.contoso, "alice");
    entra.world.conditions.refuseUser.set(alice.id, { code: 50076 });
    await browser.open(authorizeUrl(CONTOSO));
    expect((await browser.press("Alice Meyer")).text).toContain("Approve sign in request");
    expect((await browser.press("Approve")).title).toBe("Permissions requested");
  });
  it("logout forgets the session and goes back only to a registered origin", async () => {
    await browser.open(authorizeUrl(CONTOSO));
    await browser.press("Alice Meyer");
    expect((await browser.open(`${entra.origin}/common/oauth2/v2.0/logout?post_logout_redirect_uri=http://evil.example/`)).location).toBeNull();
    expect((await browser.open(`${entra.origin}/common/oauth2/v2.0/logout?post_logout_redirect_uri=http://localhost:3000/`)).location?.href).toBe("http://localhost:3000/");
    expect((await browser.open(authorizeUrl(CONTOSO, { prompt: "none" }))).location?.searchParams.get("error")).toBe("login_required");
  });
});

describe("adminconsent (v2-admin-consent)", () => {
  it("shows app, publisher state, permissions in words and the organisation; Accept grants for everybody", async () => {
    await browser.open(consentUrl(CONTOSO));
    const page = await browser.press("Marco Bianchi");
    for (const words of ["Planback Backup", "unverified", "Read all groups", "Read directory data", "Contoso"]) expect(page.text).toContain(words);
    const { location } = await browser.press("Accept");
    expect(Object.fromEntries(location!.searchParams)).toMatchObject({ admin_consent: "True", tenant: CONTOSO, state: "st-2" });
    expect([...entra.contoso.grants.get(APP_ID)!.allPrincipals]).toEqual(["Group.Read.All", "Directory.Read.All"]);
  });
  it("a later consent takes the place of the earlier one", async () => {
    await browser.open(consentUrl(CONTOSO));
    await browser.press("Priya Raman");
    await browser.press("Accept");
    await browser.open(consentUrl(CONTOSO, { scope: "Sites.ReadWrite.All" }));
    await browser.press("Accept");
    expect([...entra.contoso.grants.get(APP_ID)!.allPrincipals]).toEqual(["Sites.ReadWrite.All"]);
  });
  it("Cancel redirects with consent_required and AADSTS65004", async () => {
    await browser.open(consentUrl(CONTOSO));
    await browser.press("Priya Raman");
    const { location } = await browser.press("Cancel");
    expect(location!.searchParams.get("error")).toBe("consent_required");
    expect(location!.searchParams.get("error_description")).toContain("AADSTS65004");
  });
  it("a non-admin sees 'Need admin approval'; the other account of an admin can be used from there", async () => {
    await browser.open(consentUrl(CONTOSO));
    expect((await browser.press("Alice Meyer")).title).toBe("Need admin approval");
    await browser.press("Have an admin account?");
    await browser.press("Priya Raman");
    expect((await browser.press("Accept")).location!.searchParams.get("tenant")).toBe(CONTOSO);
  });
  it("organizations grants in the home tenant of whoever signs in; common is refused", async () => {
    await browser.open(consentUrl("organizations"));
    await browser.press("Fiona Fabri");
    expect((await browser.press("Accept")).location!.searchParams.get("tenant")).toBe(FABRIKAM);
    expect((await browser.open(consentUrl("common"))).text).toContain("AADSTS90019");
  });
  it("the older endpoint asks for the registered permissions and answers permission_denied on Cancel", async () => {
    const url = `${entra.origin}/common/adminconsent?${new URLSearchParams({ client_id: APP_ID, redirect_uri: REDIRECT, state: "x" })}`;
    await browser.open(url);
    expect((await browser.press("Priya Raman")).text).toContain("Read all users' basic profiles");
    expect((await browser.press("Cancel")).location!.searchParams.get("error")).toBe("permission_denied");
    await browser.open(url);
    expect(Object.fromEntries((await browser.press("Accept")).location!.searchParams)).toEqual({ admin_consent: "True", tenant: CONTOSO, state: "x" });
  });
  it("application permissions need Global or Privileged Role Administrator", async () => {
    entra.app.requiredRoles.push("Tasks.Read.All");
    await browser.open(consentUrl(CONTOSO, { scope: "https://graph.microsoft.com/.default" }));
    expect((await browser.press("Marco Bianchi")).title).toBe("Need admin approval");
    await browser.press("Have an admin account?");
    await browser.press("Priya Raman");
    await browser.press("Accept");
    expect([...entra.contoso.grants.get(APP_ID)!.appRoles]).toEqual(["Tasks.Read.All"]);
    entra.app.requiredRoles.pop();
  });
});
