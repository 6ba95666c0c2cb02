/** Consent and connect against the simulated Entra ID, and every way to forge, replay or mix up an answer. */
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { APP_ID, CONTOSO, entraForTests, FABRIKAM, SECRET } from "@/simulator/entra/fixture";
import { entraState } from "@/simulator/entra/state";
import type { SignInBrowser } from "@/simulator/entra/browser";
import {
  createConsentLink, createSession, createWorkspace, endSession, getOnboarding, finishConnect, finishConsent, listConnections, listConsentLinks, listTenants, readConsentLink,
  type ConsentOutcome, readSession, removeMember, revokeConsentLink, startConnect, startConsent, startConsentFromLink, createInvitation, acceptInvitation, listMembers,
} from "./index";
import type { Actor, Purpose } from "./types";

const APP_ORIGIN = "http://127.0.0.1:3000";
const RESTORE_APP = "00000000-aaaa-4000-8000-000000000002";

let database: TestDatabase;
let admin: pg.Client;
let entra: Awaited<ReturnType<typeof entraForTests>>;
let alice: Actor;
let ws: string;
let browser: SignInBrowser;

beforeAll(async () => {
  entra = await entraForTests();
  const redirectUris = ["/api/consent/callback", "/api/connect/callback"].map((path) => APP_ORIGIN + path);
  Object.assign(entra.app, { redirectUris });
  entra.world.apps.set(RESTORE_APP, { ...entra.app, clientId: RESTORE_APP, displayName: "Planback Restore" });
  Object.assign(process.env, {
    APP_ORIGIN, LOGIN_ORIGIN: entra.origin, GRAPH_ORIGIN: entra.origin, SHAREPOINT_URL: `${entra.origin}/{host}`,
    BACKUP_CLIENT_ID: APP_ID, BACKUP_CLIENT_SECRET: SECRET, RESTORE_CLIENT_ID: RESTORE_APP, RESTORE_CLIENT_SECRET: SECRET,
  });
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await database?.close();
  await entra?.close();
});
beforeEach(async () => {
  browser = entra.browser();
  for (const tenant of entra.world.tenants.values()) tenant.grants.clear();
  alice = await signIn("alice");
  ws = (await createWorkspace(alice, { name: "Contoso" })).id;
});

async function signIn(name: string, tenant = entra.contoso): Promise<Actor> {
  const user = entra.user(tenant, name);
  const { secret } = await createSession({ tid: tenant.id, oid: user.id, name: user.displayName, username: user.userPrincipalName });
  return (await readSession(secret))!;
}

type Trip = { url: string; flowCookie: string };
const answerOf = (url: URL | string | null, trip: Trip, actor: Actor | null = alice) => ({ query: new URL(url!).searchParams, flowCookie: trip.flowCookie, sessionHash: actor?.sessionHash ?? null });

/** Goes on through the visits that prove a grant, as far as Entra ID asks nobody. */
async function follow(outcome: ConsentOutcome, trip: Trip, actor: Actor | null = alice): Promise<ConsentOutcome> {
  if (outcome.kind !== "proving") return outcome;
  const { location } = await browser.open(outcome.url);
  return location ? follow(await finishConsent(answerOf(location, trip, actor)), trip, actor) : outcome;
}

/** Walks the consent page and the visits that prove the grant. null: the account that is signed in already. */
async function consentBy(person: string | null, trip: Trip, actor: Actor | null = alice): Promise<ConsentOutcome> {
  await browser.open(trip.url);
  if (person !== null) await browser.press(person);
  return follow(await finishConsent(answerOf((await browser.press("Accept")).location, trip, actor)), trip, actor);
}

async function signInAs(person: string, trip: Trip) {
  await browser.open(trip.url);
  return (await browser.press(person)).location;
}

const purposeState = async (purpose: Purpose) => (await listTenants(alice, ws)).find((tenant) => tenant.tid === CONTOSO)!.consent[purpose];
const grantInEntra = (clientId: string, scopes: string[]) => entra.contoso.grants.set(clientId, { allPrincipals: new Set(scopes), byUser: new Map(), appRoles: new Set() });
const BACKUP = ["Group.Read.All", "User.ReadBasic.All", "Directory.Read.All", "Tasks.Read"];

describe("consent", () => {
  it("the actor's own Microsoft tenant is listed before anything was granted", async () => {
    expect(await listTenants(alice, ws)).toMatchObject([{ tid: CONTOSO, consent: { backup: { state: "not_granted", missingScopes: BACKUP }, restore: { state: "not_granted" } } }]);
  });
  it("an admin at the requester's browser grants; the token proves it, for this purpose only", async () => {
    expect(await consentBy("Priya Raman", await startConsent(alice, ws, "backup"))).toEqual({ kind: "granted", purpose: "backup", workspaceId: ws });
    expect(await purposeState("backup")).toMatchObject({ state: "granted", missingScopes: [], lostAt: null });
    expect((await purposeState("restore")).state).toBe("not_granted");
  });
  it("a link works for an admin without an account, tells nothing of the workspace's inside, and is spent by the grant", async () => {
    const { link } = await createConsentLink(alice, ws, "backup");
    const secret = link.split("/").pop()!;
    expect(link).toBe(`${APP_ORIGIN}/consent/${secret}`);
    expect(await readConsentLink(secret)).toMatchObject({ state: "open", workspaceName: "Contoso", requestedBy: "Alice Meyer (alice@contoso.example)", clientId: APP_ID, tid: CONTOSO });
    expect(await consentBy("Marco Bianchi", await startConsentFromLink(secret), null)).toEqual({ kind: "granted", purpose: "backup", workspaceId: null });
    expect((await listConsentLinks(alice, ws))[0]).toMatchObject({ openedAt: expect.any(String), grantedAt: expect.any(String) });
    expect(await readConsentLink(secret)).toMatchObject({ state: "granted" });
    await expect(startConsentFromLink(secret)).rejects.toMatchObject({ code: "expired" });
    expect((await purposeState("backup")).state).toBe("granted");
  });
  it("the way to the first backup says who is waited for: the administrator with the link, or those whose role goes on", async () => {
    const invitation = await createInvitation(alice, ws, { role: "viewer" });
    const marco = await signIn("marco");
    await acceptInvitation(marco, invitation.link.split("/").pop()!);
    expect(await getOnboarding(alice, ws)).toMatchObject({ next: "consent", isYours: true, link: null });
    const { link } = await createConsentLink(alice, ws, "backup");
    await createConsentLink(alice, ws, "restore"); // nobody waits for that one yet
    expect(await getOnboarding(marco, ws)).toMatchObject({ next: "consent", isYours: false, people: ["Alice Meyer"], link: { requestedBy: "Alice Meyer (alice@contoso.example)", openedAt: null } });
    const secret = link.split("/").pop()!;
    await readConsentLink(secret);
    expect((await getOnboarding(marco, ws)).link?.openedAt).toEqual(expect.any(String));
    await consentBy("Marco Bianchi", await startConsentFromLink(secret), null);
    expect(await getOnboarding(marco, ws)).toMatchObject({ done: { consent: true, connection: false }, next: "connection", isYours: false, people: ["Alice Meyer"], link: null });
  });
  it("a withdrawn link starts nothing, and ends a visit that began before", async () => {
    const { id, link } = await createConsentLink(alice, ws, "backup");
    const secret = link.split("/").pop()!;
    const trip = await startConsentFromLink(secret);
    await revokeConsentLink(alice, ws, id);
    expect((await consentBy("Priya Raman", trip, null)).kind).toBe("expired");
    await expect(startConsentFromLink(secret)).rejects.toMatchObject({ code: "expired" });
    await expect(startConsentFromLink("nonsense")).rejects.toMatchObject({ code: "not_found" });
    expect(await readConsentLink("nonsense")).toBeNull();
  });
  it("Cancel is declined; nothing is recorded", async () => {
    const trip = await startConsent(alice, ws, "backup");
    await browser.open(trip.url);
    await browser.press("Priya Raman");
    expect(await finishConsent(answerOf((await browser.press("Cancel")).location, trip))).toEqual({ kind: "declined", workspaceId: ws });
    expect((await purposeState("backup")).state).toBe("not_granted");
  });
  it("when nobody is signed in, the proof asks who it is", async () => {
    const trip = await startConsent(alice, ws, "backup");
    await browser.open(trip.url);
    await browser.press("Priya Raman");
    const { location } = await browser.press("Accept");
    browser = entra.browser(); // no session at Entra ID: prompt=none answers login_required
    const asked = await follow(await finishConsent(answerOf(location, trip)), trip);
    expect(asked.kind).toBe("proving");
    expect((await finishConsent(answerOf((await browser.press("Backup Account")).location, trip))).kind).toBe("granted");
  });
  it("with several accounts signed in, the requester's own proves the grant without a question", async () => {
    const trip = await startConsent(alice, ws, "backup");
    await browser.open(trip.url);
    expect((await browser.press("Alice Meyer")).title).toBe("Need admin approval");
    await browser.press("Have an admin account?");
    await browser.press("Priya Raman");
    expect((await follow(await finishConsent(answerOf((await browser.press("Accept")).location, trip)), trip)).kind).toBe("granted");
  });
  it("a grant that lacks a permission is not counted", async () => {
    await consentBy("Priya Raman", await startConsent(alice, ws, "backup"));
    const trip = await startConsent(alice, ws, "backup");
    await browser.open(trip.url);
    const accepted = await browser.press("Accept");
    grantInEntra(APP_ID, ["Group.Read.All"]);
    expect((await follow(await finishConsent(answerOf(accepted.location, trip)), trip)).kind).toBe("missing_scopes");
    expect((await purposeState("backup")).state).toBe("granted"); // Entra ID issued no token: nothing was proven either way
  });
});

describe("connect", () => {
  beforeEach(async () => {
    expect((await consentBy("Priya Raman", await startConsent(alice, ws, "backup"))).kind).toBe("granted");
    expect((await consentBy(null, await startConsent(alice, ws, "restore"))).kind).toBe("granted");
    browser = entra.browser();
  });
  it("an ordinary account connects without admin rights; its tokens are stored sealed and bound to their row", async () => {
    const trip = await startConnect(alice, ws, { purpose: "backup", tid: CONTOSO });
    const outcome = await finishConnect(answerOf(await signInAs("Backup Account", trip), trip));
    expect(outcome).toMatchObject({ kind: "connected", workspaceId: ws });
    expect(await listConnections(alice, ws)).toMatchObject([{ username: "backup@contoso.example", backupState: "active", restoreState: "none", checking: true }]);
    const { rows } = await admin.query<{ sealed_cache: Buffer; expires_at: Date | null }>("SELECT sealed_cache, expires_at FROM token_cache WHERE workspace_id = $1", [ws]);
    expect(rows[0]!.sealed_cache.toString("latin1")).not.toMatch(/RefreshToken|backup@contoso/);
    expect(rows[0]!.expires_at).toBeNull();
  });
  it("a write token has an end, and the job that erases it is queued", async () => {
    const trip = await startConnect(alice, ws, { purpose: "restore", tid: CONTOSO });
    await finishConnect(answerOf(await signInAs("Backup Account", trip), trip));
    const [connection] = await listConnections(alice, ws);
    expect(connection).toMatchObject({ restoreState: "active", backupState: "needs_sign_in" });
    const hours = (new Date(connection!.restoreUntil!).getTime() - Date.now()) / 3600_000;
    expect(hours).toBeGreaterThan(7.9);
    const { rows } = await admin.query("SELECT 1 FROM jobs.job WHERE name = 'token-expiry' AND data->>'connectionId' = $1", [connection!.id]);
    expect(rows).toHaveLength(1);
  });
  it("coming back with another account is refused and changes nothing", async () => {
    const first = await startConnect(alice, ws, { purpose: "backup", tid: CONTOSO });
    const { connectionId } = await finishConnect(answerOf(await signInAs("Backup Account", first), first));
    const again = await startConnect(alice, ws, { purpose: "backup", tid: CONTOSO, connectionId: connectionId! });
    expect(await finishConnect(answerOf(await signInAs("Marco Bianchi", again), again))).toMatchObject({ kind: "wrong_account", connectionId });
    expect(await listConnections(alice, ws)).toHaveLength(1);
  });
  it("without a proven consent nothing starts; a foreign workspace does not exist", async () => {
    await expect(startConnect(alice, ws, { purpose: "backup", tid: FABRIKAM })).rejects.toMatchObject({ code: "consent_missing" });
    const fiona = await signIn("fiona", entra.fabrikam);
    for (const attempt of [() => startConnect(fiona, ws, { purpose: "backup", tid: CONTOSO }), () => startConsent(fiona, ws, "backup"), () => createConsentLink(fiona, ws, "backup"), () => listTenants(fiona, ws), () => listConsentLinks(fiona, ws)]) {
      await expect(attempt()).rejects.toMatchObject({ code: "not_found" });
    }
  });
  it("a guest of this tenant is the guest object of this tenant", async () => {
    const trip = await startConnect(alice, ws, { purpose: "backup", tid: CONTOSO });
    expect((await finishConnect(answerOf(await signInAs("Felix Brandt", trip), trip))).kind).toBe("connected");
    const guest = [...entra.contoso.users.values()].find((user) => user.userType === "Guest")!;
    const rows = await withWorkspace(ws, (tx) => tx.connection.findMany({ where: { workspaceId: ws } }));
    expect(rows.map((row) => row.oid)).toEqual([guest.id]);
  });
  it("an account that may not come back silently is told apart: declined consent, missing consent", async () => {
    const trip = await startConnect(alice, ws, { purpose: "backup", tid: CONTOSO });
    entra.contoso.grants.clear();
    await browser.open(trip.url);
    expect((await browser.press("Backup Account")).title).toBe("Need admin approval");
    expect((await finishConnect(answerOf((await browser.press("Return to the application")).location, trip))).kind).toBe("declined");
  });
});

/** Each row forges, replays or mixes up the answer of a good visit. None may be accepted, and none may change anything. */
describe("attacks on the way back", () => {
  interface Good { kind: "consent" | "prove" | "connect"; trip: Trip; location: URL }
  const finish = (kind: Good["kind"], input: Parameters<typeof finishConsent>[0]): Promise<{ kind: string; workspaceId?: string | null }> => (kind === "connect" ? finishConnect(input) : finishConsent(input));

  async function goodAnswer(kind: Good["kind"]): Promise<Good> {
    if (kind === "connect") {
      await consentBy("Priya Raman", await startConsent(alice, ws, "backup"));
      browser = entra.browser();
      const trip = await startConnect(alice, ws, { purpose: "backup", tid: CONTOSO });
      return { kind, trip, location: (await signInAs("Backup Account", trip))! };
    }
    const trip = await startConsent(alice, ws, "backup");
    await browser.open(trip.url);
    await browser.press("Priya Raman");
    const location = (await browser.press("Accept")).location!;
    if (kind === "consent") return { kind, trip, location };
    let proof = location;
    while (!proof.searchParams.has("code")) {
      const next = await finishConsent(answerOf(proof, trip));
      if (next.kind !== "proving") throw new Error(next.kind);
      proof = (await browser.open(next.url)).location!;
    }
    return { kind, trip, location: proof };
  }
  const withQuery = (location: URL, change: (query: URLSearchParams) => void) => {
    const url = new URL(location);
    change(url.searchParams);
    return url;
  };

  type Row = [name: string, kinds: Good["kind"][], attack: (good: Good) => Promise<{ kind: string }>, expected: string[]];
  const all: Good["kind"][] = ["consent", "prove", "connect"];
  const rows: Row[] = [
    ["no state", all, (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.delete("state")), g.trip)), ["error"]],
    ["empty state", all, (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("state", "")), g.trip)), ["error"]],
    ["invented state", all, (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("state", "A".repeat(43))), g.trip)), ["error"]],
    ["the flow cookie as state", all, (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("state", g.trip.flowCookie)), g.trip)), ["error"]],
    ["no flow cookie", all, (g) => finish(g.kind, { ...answerOf(g.location, g.trip), flowCookie: null }), ["foreign_browser"]],
    ["another browser's flow cookie", all, (g) => finish(g.kind, { ...answerOf(g.location, g.trip), flowCookie: "B".repeat(43) }), ["foreign_browser"]],
    ["the state as flow cookie", all, (g) => finish(g.kind, { ...answerOf(g.location, g.trip), flowCookie: g.location.searchParams.get("state") }), ["foreign_browser"]],
    ["signed out meanwhile", all, (g) => finish(g.kind, { ...answerOf(g.location, g.trip), sessionHash: null }), ["foreign_browser"]],
    ["somebody else's session", all, async (g) => finish(g.kind, answerOf(g.location, g.trip, await signIn("marco"))), ["foreign_browser"]],
    ["another session of the same person", all, async (g) => finish(g.kind, answerOf(g.location, g.trip, await signIn("alice"))), ["foreign_browser"]],
    ["eleven minutes late", all, async (g) => {
      await admin.query("UPDATE oauth_flow SET expires_at = now() - interval '1 minute' WHERE workspace_id = $1 AND used_at IS NULL", [ws]);
      return finish(g.kind, answerOf(g.location, g.trip));
    }, ["expired"]],
    ["at the other callback", all, (g) => finish(g.kind === "connect" ? "consent" : "connect", answerOf(g.location, g.trip)), ["error"]],
    ["an error in place of the answer", all, (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => {
      for (const name of ["code", "admin_consent", "tenant"]) q.delete(name);
      q.set("error", "server_error");
      q.set("error_description", "<script>alert(1)</script>");
    }), g.trip)), ["error"]],
    ["neither code nor consent nor error", all, (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => {
      for (const name of ["code", "admin_consent", "tenant"]) q.delete(name);
    }), g.trip)), ["error"]],
    ["an invented code", ["prove", "connect"], (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("code", "nonsense")), g.trip)), ["error"]],
    ["the code of another app's visit", ["prove", "connect"], (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("code", foreignCode({ clientId: RESTORE_APP }))), g.trip)), ["error"]],
    ["a code with another nonce", ["prove", "connect"], (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("code", foreignCode({ nonce: "other" }))), g.trip)), ["error"]],
    ["a code under another PKCE challenge", ["prove", "connect"], (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("code", foreignCode({ codeChallenge: "C".repeat(43) }))), g.trip)), ["error"]],
    ["a code of another Microsoft tenant", ["prove", "connect"], (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("code", foreignCode({ tenantId: FABRIKAM }))), g.trip)), ["error", "wrong_tenant"]],
    ["a redirect that names another tenant", ["consent"], (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("tenant", FABRIKAM)), g.trip)), ["wrong_tenant"]],
    ["a consent answer where a code is due", ["prove", "connect"], (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => {
      q.delete("code");
      q.set("admin_consent", "True");
      q.set("tenant", CONTOSO);
    }), g.trip)), ["error"]],
    ["a code where a consent answer is due", ["consent"], (g) => finish(g.kind, answerOf(withQuery(g.location, (q) => q.set("code", "stolen")), g.trip)), ["error"]],
    ["a role that was taken away meanwhile", ["prove", "connect"], async (g) => {
      await admin.query("UPDATE member SET role = 'viewer' WHERE workspace_id = $1 AND oid = $2", [ws, alice.oid]);
      return finish(g.kind, answerOf(g.location, g.trip));
    }, ["error"]],
    ["a session that was ended meanwhile", ["prove", "connect"], async (g) => {
      await admin.query("UPDATE session SET revoked_at = now() WHERE oid = $1", [alice.oid]);
      return finish(g.kind, answerOf(g.location, g.trip));
    }, ["error"]],
  ];

  /** A code as Entra ID might have issued it for somebody else's visit: the newest one, changed. */
  function foreignCode(change: object): string {
    const [code, details] = [...entraState(entra.world).codes].pop()!;
    entraState(entra.world).codes.set(`${code}x`, { ...details, ...change });
    return `${code}x`;
  }

  const table = rows.flatMap(([name, kinds, attack, expected]) => kinds.map((kind) => ({ name, kind, attack, expected })));
  it("the table has at least forty rows", () => expect(table.length).toBeGreaterThanOrEqual(40));

  it.each(table)("$kind: $name", async ({ kind, attack, expected }) => {
    const good = await goodAnswer(kind);
    const before = await stored();
    expect(expected).toContain((await attack(good)).kind);
    expect(await stored()).toEqual(before);
  });

  it.each(all)("%s: the same answer twice is replayed, also when both come at once", async (kind) => {
    const good = await goodAnswer(kind);
    const outcomes = await Promise.all([1, 2, 3].map(() => finish(kind, answerOf(good.location, good.trip))));
    expect(outcomes.filter((outcome) => outcome.kind === "replayed")).toHaveLength(2);
    expect((await finish(kind, answerOf(good.location, good.trip))).kind).toBe("replayed");
  });

  it("a forged 'admin_consent=True' proves nothing when Entra ID granted nothing", async () => {
    const trip = await startConsent(alice, ws, "backup");
    const state = new URL(trip.url).searchParams.get("state")!;
    const forged = new URL(`${APP_ORIGIN}/api/consent/callback?${new URLSearchParams({ admin_consent: "True", tenant: CONTOSO, scope: BACKUP.join(" "), state })}`);
    expect((await follow(await finishConsent(answerOf(forged, trip)), trip)).kind).toBe("proving");
    expect((await browser.press("Alice Meyer")).title).toBe("Need admin approval");
    expect((await purposeState("backup")).state).toBe("not_granted");
  });

  const stored = async () => ({
    tenants: (await admin.query("SELECT tid, backup_scopes, backup_proven_at, backup_lost_at, restore_proven_at FROM microsoft_tenant WHERE workspace_id = $1", [ws])).rows,
    connections: (await admin.query("SELECT id FROM connection WHERE workspace_id = $1", [ws])).rows,
    caches: (await admin.query("SELECT version FROM token_cache WHERE workspace_id = $1", [ws])).rows,
  });
});

describe("sessions", () => {
  it("end at once, for every copy of the cookie; an unknown or idle one is nobody", async () => {
    const user = entra.user(entra.contoso, "marco");
    const person = { tid: CONTOSO, oid: user.id, name: user.displayName, username: user.userPrincipalName };
    const { secret } = await createSession(person);
    expect(await readSession(secret)).toMatchObject({ oid: user.id });
    await endSession(secret);
    expect(await readSession(secret)).toBeNull();
    expect(await readSession("nonsense")).toBeNull();
    expect(await readSession("")).toBeNull();
    const idle = (await createSession(person)).secret;
    await admin.query("UPDATE session SET seen_at = now() - interval '9 hours' WHERE oid = $1", [user.id]);
    expect(await readSession(idle)).toBeNull();
    const old = (await createSession(person)).secret;
    await admin.query("UPDATE session SET expires_at = now() - interval '1 second' WHERE oid = $1", [user.id]);
    expect(await readSession(old)).toBeNull();
  });
  it("a removed member's visit ends in nothing", async () => {
    const { link } = await createInvitation(alice, ws, { role: "admin" });
    const marco = await signIn("marco");
    await acceptInvitation(marco, link.split("/").pop()!);
    const trip = await startConsent(marco, ws, "backup");
    await browser.open(trip.url);
    await browser.press("Priya Raman");
    const { location } = await browser.press("Accept");
    const member = (await listMembers(alice, ws)).find((each) => !each.isYou)!;
    await removeMember(alice, ws, member.id);
    expect(await finishConsent(answerOf(location, trip, marco))).toMatchObject({ kind: "error", workspaceId: null });
  });
});
