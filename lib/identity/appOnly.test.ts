/** Tokens of the application, and what the requirement rows of an app-only connection say. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSignedCertificate } from "@/simulator/entra/certificate";
import { APP_ID, CONTOSO, entraForTests, FABRIKAM } from "@/simulator/entra/fixture";
import { APP_ONLY_ROLES, appClaims, appTokenSource, evaluateAppOnly, explainPermissions, type AppOnlyFacts } from "./index";

let entra: Awaited<ReturnType<typeof entraForTests>>;
const pem = (days?: number) => {
  const { certificate, privateKey } = selfSignedCertificate("planback", days);
  return { certificate, file: certificate + privateKey };
};
const own = pem();
beforeAll(async () => {
  entra = await entraForTests();
  entra.app.certificates = [own.certificate];
  entra.contoso.grants.set(APP_ID, { allPrincipals: new Set(), byUser: new Map(), appRoles: new Set(APP_ONLY_ROLES) });
});
afterAll(() => entra.close());

const source = (certificatePem = own.file, tid = CONTOSO) => appTokenSource({
  credential: { clientId: APP_ID, clientSecret: null, certificatePem }, tid,
  origins: { cloud: "global", loginOrigin: entra.origin, graphOrigin: entra.origin, sharepointUrl: `${entra.origin}/{host}` },
});

describe("tokens of the application", () => {
  it("are got by certificate, held, shared by all who ask at once, and renewed when that is wanted", async () => {
    const [one, two] = await Promise.all([source()(), source()()]);
    expect(one).toBe(two);
    expect(appClaims(one)).toMatchObject({ tid: CONTOSO, roles: APP_ONLY_ROLES });
    expect(await source()()).toBe(one);
    expect(await source()({ forceRefresh: true })).not.toBe(one);
  });
  it("are not given to another certificate, an expired one, or for a tenant that never consented", async () => {
    await expect(source(pem().file)()).rejects.toMatchObject({ code: "config" });
    await expect(source(pem(-2).file)()).rejects.toMatchObject({ code: "config", message: expect.stringMatching(/certificate .* ended on/) as unknown });
    await expect(source(own.file, FABRIKAM)()).rejects.toMatchObject({ code: "consent_missing" });
    await expect(source("nothing")()).rejects.toMatchObject({ code: "config" });
  });
  it("that are not tokens are refused", () => {
    expect(() => appClaims("x.y.z")).toThrow(/could not be verified/);
  });
});

describe("requirements", () => {
  const now = new Date("2027-01-01T00:00:00Z");
  const good: AppOnlyFacts = {
    tid: CONTOSO, token: { state: "alive", roles: [...APP_ONLY_ROLES], problem: null }, certificateEnd: new Date("2027-06-01T00:00:00Z"), now,
    groups: [{ name: "Marketing", plans: 2 }], users: 5, readProblem: null, accounts: ["backup@contoso.example"], comments: 3,
  };
  const rows = (more: Partial<AppOnlyFacts> = {}) => new Map(evaluateAppOnly({ ...good, ...more }).map((row) => [row.id, row]));
  const state = (id: string, more: Partial<AppOnlyFacts>) => rows(more).get(id)!.state;

  it("are met, and membership and licence are not needed", () => {
    const states = [...rows().values()].map(({ id, state }) => [id, state]);
    expect(states.filter(([, state]) => state === "not_needed").map(([id]) => id)).toEqual(["backup.membership", "backup.exchange"]);
    expect(states.filter(([, state]) => state !== "not_needed").every(([, state]) => state === "met")).toBe(true);
  });
  it.each([
    ["ends in half a year", "2027-06-01", "met"], ["ends within thirty days", "2027-01-20", "unmet"], ["has ended", "2026-12-31", "unmet"],
  ])("a certificate that %s", (_, end, wanted) => {
    expect(state("backup.certificate", { certificateEnd: new Date(end) })).toBe(wanted);
  });
  it.each(APP_ONLY_ROLES)("%s is named when it is missing", (missing) => {
    const row = rows({ token: { state: "alive", roles: APP_ONLY_ROLES.filter((role) => role !== missing), problem: null } }).get("backup.scopes")!;
    expect(row).toMatchObject({ state: "unmet", evidence: expect.stringContaining("3 of 4") as unknown, items: [{ label: missing }] });
  });
  it("tell apart a lost consent, a refused certificate and a service that does not answer", () => {
    const token = (s: AppOnlyFacts["token"]["state"]) => ({ token: { state: s, roles: null, problem: "Why." } });
    const states = (s: AppOnlyFacts["token"]["state"]) => ["certificate", "consent", "scopes", "token"].map((name) => state(`backup.${name}`, token(s)));
    expect(states("consent_missing")).toEqual(["met", "unmet", "unknown", "unknown"]);
    expect(states("refused")).toEqual(["unmet", "unknown", "unknown", "unknown"]);
    expect(states("unreachable")).toEqual(["met", "unknown", "unknown", "unknown"]);
  });
  it("groups that do not list their plans are named; without an account the restore row says what is missing", () => {
    expect(rows({ groups: [{ name: "New", plans: null }, { name: "Old", plans: 0 }] }).get("backup.plans")).toMatchObject({ state: "unmet", items: [{ label: "New" }] });
    expect(rows({ accounts: [] }).get("restore.account")).toMatchObject({ state: "unmet", purpose: "restore", evidence: expect.stringContaining("3 comments") as unknown });
  });
  it("every permission is explained", () => {
    const app = { clientId: "a", clientSecret: null, certificatePem: null };
    expect(explainPermissions({ apps: { backup: app, restore: { ...app, clientId: "b" }, appOnly: app } }, "app_only").map(({ name }) => name)).toEqual(APP_ONLY_ROLES);
  });
});
