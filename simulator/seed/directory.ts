import { APP_ONLY_ROLES, APPS, BACKUP_SCOPES, CONTOSO, GROUPS, PEOPLE, RESTORE_SCOPES, ROLES, SERVICE_PLANS } from "../fixtures";
import type { SimApp, SimGroup, SimTenant, SimUser, SimWorld } from "../model";
import { FIRST_NAMES, LAST_NAMES, type GroupSpec } from "./names";

const LICENSED = [SERVICE_PLANS.exchange, SERVICE_PLANS.planner, SERVICE_PLANS.sharepoint, SERVICE_PLANS.teams];
const WITHOUT_MAILBOX = [SERVICE_PLANS.exchangeFoundation, SERVICE_PLANS.planner, SERVICE_PLANS.sharepoint];

type Known = { id: string; displayName: string; userPrincipalName: string };
interface UserSpec extends Known {
  roles?: string[];
  plans?: readonly { servicePlanId: string; servicePlanName: string }[];
  guestOf?: string;
  enabled?: boolean;
}

/** Puts a user into a Microsoft tenant and returns it. */
export function addUser(tenant: SimTenant, spec: UserSpec): SimUser {
  const user: SimUser = {
    id: spec.id,
    displayName: spec.displayName,
    userPrincipalName: spec.userPrincipalName,
    mail: spec.guestOf ? spec.userPrincipalName.split("#")[0]!.replace("_", "@") : spec.userPrincipalName,
    userType: spec.guestOf ? "Guest" : "Member",
    accountEnabled: spec.enabled ?? true,
    directoryRoles: spec.roles ?? [],
    servicePlans: (spec.plans ?? LICENSED).map((plan) => ({ ...plan, provisioningStatus: "Success" })),
    ...(spec.guestOf ? { homeTenantId: spec.guestOf } : {}),
    tokensValidFrom: 0,
  };
  tenant.users.set(user.id, user);
  return user;
}

export function addTenant(world: SimWorld, known: { tenantId: string; displayName: string; domain: string; sharepointHost: string }): SimTenant {
  const tenant: SimTenant = {
    id: known.tenantId,
    displayName: known.displayName,
    domain: known.domain,
    sharepointHost: known.sharepointHost,
    users: new Map(),
    groups: new Map(),
    grants: new Map(),
    adminConsentWorkflow: false,
    enableGroupCreation: true,
  };
  world.tenants.set(tenant.id, tenant);
  return tenant;
}

/** Puts a Microsoft 365 group into a tenant; members and owners are user ids. */
export function addGroup(tenant: SimTenant, spec: GroupSpec & { id: string; createdDateTime: string; members: string[]; owners: string[] }): SimGroup {
  const mailNickname = spec.name.toLowerCase().replace(/[^a-z0-9]+/g, "");
  const group: SimGroup = {
    id: spec.id,
    displayName: spec.name,
    description: spec.description,
    mailNickname,
    mail: `${mailNickname}@${tenant.domain}`,
    visibility: spec.visibility,
    groupTypes: ["Unified"],
    createdDateTime: spec.createdDateTime,
    members: new Set(spec.members),
    owners: new Set(spec.owners),
    readyAt: 0,
  };
  tenant.groups.set(group.id, group);
  return group;
}

/** People of Contoso: the named ones first, then ordinary users up to `ordinary`. */
export function seedContosoPeople(world: SimWorld, tenant: SimTenant, ordinary: number): void {
  addUser(tenant, { ...PEOPLE.priya, roles: [ROLES.globalAdministrator] });
  addUser(tenant, { ...PEOPLE.marco, roles: [ROLES.cloudApplicationAdministrator] });
  addUser(tenant, PEOPLE.backup);
  addUser(tenant, { ...PEOPLE.lite, plans: WITHOUT_MAILBOX });
  addUser(tenant, { ...PEOPLE.guest, plans: [], guestOf: "9a55e500-7e5f-4a00-9000-00000000beef" });
  addUser(tenant, { ...PEOPLE.disabled, enabled: false });
  for (const known of [PEOPLE.alice, PEOPLE.ben, PEOPLE.chen, PEOPLE.diego]) addUser(tenant, known);
  for (let n = 4; n < ordinary; n++) {
    const first = FIRST_NAMES[n % FIRST_NAMES.length]!;
    const last = LAST_NAMES[(n * 7 + Math.floor(n / FIRST_NAMES.length)) % LAST_NAMES.length]!;
    const ascii = `${first}.${last}`.normalize("NFD").replace(/[^A-Za-z.]/g, "").toLowerCase();
    const serial = n >= FIRST_NAMES.length ? String(n) : "";
    addUser(tenant, { id: world.guid(), displayName: `${first} ${last}`, userPrincipalName: `${ascii}${serial}@${tenant.domain}` });
  }
}

export function seedFabrikamPeople(world: SimWorld, tenant: SimTenant): void {
  addUser(tenant, { ...PEOPLE.fiona, roles: [ROLES.globalAdministrator] });
  addUser(tenant, PEOPLE.fabBackup);
  addUser(tenant, PEOPLE.felix);
  addUser(tenant, PEOPLE.fabChen);
  addUser(tenant, { ...PEOPLE.fabDiego, plans: [], guestOf: CONTOSO.tenantId });
  addUser(tenant, PEOPLE.fabPriya);
  addUser(tenant, PEOPLE.fabOtherBen);
  // The same names as in Contoso, so that a restore into another tenant has people to map by user name and by name.
  for (const name of [PEOPLE.alice.displayName, PEOPLE.ben.displayName, "Greta Lindholm", "Hugo Tanaka"]) {
    addUser(tenant, { id: world.guid(), displayName: name, userPrincipalName: `${name.split(" ")[0]!.toLowerCase()}@${tenant.domain}` });
  }
}

/** Groups with fixed ids, whose membership the tests and the demo rely on. */
export function seedKnownGroups(world: SimWorld, tenant: SimTenant, created: (n: number) => string): void {
  const everyday = [...tenant.users.values()].filter((u) => u.accountEnabled && u.userType === "Member" && !u.userPrincipalName.startsWith("backup")).map((u) => u.id);
  const some = (from: number, count: number) => [...everyday, ...everyday].slice(from % everyday.length, (from % everyday.length) + Math.min(count, everyday.length));
  const backup = PEOPLE.backup.id;
  const lite = PEOPLE.lite.id;
  const add = (id: string, n: number, spec: GroupSpec, members: string[], owners: string[]) =>
    addGroup(tenant, { ...spec, id, createdDateTime: created(n), members: [...new Set(members)], owners });
  add(GROUPS.marketing, 1, { name: "Marketing", description: "Campaigns, brand and events", visibility: "Public" }, [PEOPLE.alice.id, PEOPLE.ben.id, PEOPLE.guest.id, PEOPLE.disabled.id, backup, lite, ...some(2, 8)], [PEOPLE.alice.id, backup]);
  add(GROUPS.engineering, 2, { name: "Engineering", description: "Product engineering", visibility: "Public" }, [PEOPLE.chen.id, PEOPLE.diego.id, backup, lite, ...some(6, 12)], [PEOPLE.chen.id]);
  add(GROUPS.finance, 3, { name: "Finance", description: "Budget, close and audit", visibility: "Private" }, [PEOPLE.priya.id, backup, lite, ...some(11, 5)], [PEOPLE.priya.id, backup]);
  add(GROUPS.legal, 4, { name: "Legal & Compliance", description: "Contracts and regulation", visibility: "Private" }, [PEOPLE.diego.id, backup, ...some(14, 4)], [PEOPLE.diego.id]);
  add(GROUPS.executiveBoard, 5, { name: "Executive Board", description: "Strictly confidential", visibility: "Private" }, [PEOPLE.priya.id, PEOPLE.alice.id], [PEOPLE.priya.id]);
  add(GROUPS.mergerRoom, 6, { name: "Project Larch", description: null, visibility: "HiddenMembership" }, [PEOPLE.priya.id, backup], [PEOPLE.priya.id]);
  add(GROUPS.facilities, 7, { name: "Facilities", description: "Offices, moves and maintenance", visibility: "Public" }, [PEOPLE.ben.id, ...some(18, 3)], [PEOPLE.ben.id, backup]);
}

/** App registrations of the product. No tenant has consented to any of them at the start. */
export function seedApps(world: SimWorld): void {
  const redirectUris = ["/api/auth/callback/microsoft", "/api/consent/callback", "/api/connect/callback"].map((path) => world.appOrigin + path);
  const add = (app: { clientId: string; secret?: string }, displayName: string, scopes: Iterable<string>, more: Partial<SimApp> = {}) =>
    world.apps.set(app.clientId, {
      clientId: app.clientId,
      displayName,
      publisher: "Planback",
      secrets: app.secret === undefined ? [] : [app.secret],
      certificates: [],
      redirectUris,
      requiredScopes: [...new Set(scopes)],
      requiredRoles: [],
      ...more,
    });
  add(APPS.backup, "Planback Backup", BACKUP_SCOPES);
  add(APPS.restore, "Planback Restore", RESTORE_SCOPES);
  add(APPS.single, "Planback (single)", [...BACKUP_SCOPES, ...RESTORE_SCOPES]);
  add(APPS.appOnly, "Planback App-only Backup", ["openid", "profile"], { requiredRoles: [...APP_ONLY_ROLES], directoryRoleClaims: true });
}
