import { CLOUDS, type SimCloud } from "./clouds";

/**
 * Ids, secrets and names that never change, whatever the seed: tests, documentation and the demo name them.
 * None of the secrets opens anything but the simulator.
 */
export const CONTOSO = {
  tenantId: "c0a7050a-1c3e-4d6b-9f2a-5b8e7d4c1a01",
  displayName: "Contoso",
  domain: "contoso.example",
  sharepointHost: "contoso.sharepoint.com",
} as const;

export const FABRIKAM = {
  tenantId: "fab21ca0-2d4f-4e7c-8a3b-6c9f8e5d2b02",
  displayName: "Fabrikam",
  domain: "fabrikam.example",
  sharepointHost: "fabrikam.sharepoint.com",
} as const;

/** Contoso's tenants in Microsoft's clouds for the US government: a simulator that plays one of them holds that one only. */
export const CONTOSO_GOV = {
  tenantId: "60a7050a-1c3e-4d6b-9f2a-5b8e7d4c1a01",
  displayName: "Contoso Government",
  domain: "contoso-gov.example",
  sharepointHost: "contosogov.sharepoint.us",
} as const;

export const CONTOSO_DOD = {
  tenantId: "d0d7050a-1c3e-4d6b-9f2a-5b8e7d4c1a01",
  displayName: "Contoso Defense",
  domain: "contoso-dod.example",
  sharepointHost: "contosodod.sharepoint-mil.us",
} as const;

/** A tenant that 21Vianet operates; no simulator holds it. */
export const CHINA_TENANT = "c41a7050-1c3e-4d6b-9f2a-5b8e7d4c1a01";

const at = (cloud: SimCloud) => ({ cloud, instance: CLOUDS[cloud].instance, graphHost: new URL(CLOUDS[cloud].graph).hostname });

/** Where known tenants are: each cloud knows of those of the others. */
export const ELSEWHERE: Readonly<Record<string, { cloud: SimCloud | "china"; instance: string; graphHost: string }>> = {
  [CONTOSO.tenantId]: at("global"),
  [FABRIKAM.tenantId]: at("global"),
  [CONTOSO_GOV.tenantId]: at("usGov"),
  [CONTOSO_DOD.tenantId]: at("usGovDod"),
  [CHINA_TENANT]: { cloud: "china", instance: "partner.microsoftonline.cn", graphHost: "microsoftgraph.chinacloudapi.cn" },
};

const person = (id: string, displayName: string, userPrincipalName: string) => ({ id, displayName, userPrincipalName }) as const;

export const PEOPLE = {
  /** Global Administrator of Contoso. */
  priya: person("10000000-0000-4000-8000-000000000001", "Priya Raman", "priya@contoso.example"),
  /** Cloud Application Administrator. */
  marco: person("10000000-0000-4000-8000-000000000002", "Marco Bianchi", "marco@contoso.example"),
  /** Licensed connection account: member of most groups, owner of some. */
  backup: person("10000000-0000-4000-8000-000000000003", "Backup Account", "backup@contoso.example"),
  /** Connection account without an Exchange Online mailbox. */
  lite: person("10000000-0000-4000-8000-000000000004", "Backup Lite", "backup-lite@contoso.example"),
  guest: person("10000000-0000-4000-8000-000000000005", "Gus Guest", "gus_partner.example#EXT#@contoso.example"),
  disabled: person("10000000-0000-4000-8000-000000000006", "Dana Departed", "dana@contoso.example"),
  /** Ordinary users. */
  alice: person("10000000-0000-4000-8000-000000000011", "Alice Meyer", "alice@contoso.example"),
  ben: person("10000000-0000-4000-8000-000000000012", "Ben Okafor", "ben@contoso.example"),
  chen: person("10000000-0000-4000-8000-000000000013", "Chen Wei", "chen@contoso.example"),
  diego: person("10000000-0000-4000-8000-000000000014", "Diego Fernández", "diego@contoso.example"),
  /** Global Administrator of Fabrikam. */
  fiona: person("20000000-0000-4000-8000-000000000001", "Fiona Fabri", "fiona@fabrikam.example"),
  /** Connection account of Fabrikam. */
  fabBackup: person("20000000-0000-4000-8000-000000000003", "Fabrikam Backup", "backup@fabrikam.example"),
  felix: person("20000000-0000-4000-8000-000000000011", "Felix Brandt", "felix@fabrikam.example"),
  /** Chen of Contoso by name only. */
  fabChen: person("20000000-0000-4000-8000-000000000012", "Chen Wei", "chen.wei@fabrikam.example"),
  /** Diego of Contoso as a guest: by mail only. */
  fabDiego: person("20000000-0000-4000-8000-000000000013", "D. Fernández (Contoso)", "diego_contoso.example#EXT#@fabrikam.example"),
  /** Not Priya of Contoso, though the user name says so. */
  fabPriya: person("20000000-0000-4000-8000-000000000014", "Priya Nair", "priya@fabrikam.example"),
  /** The second Ben Okafor of Fabrikam. */
  fabOtherBen: person("20000000-0000-4000-8000-000000000015", "Ben Okafor", "b.okafor@fabrikam.example"),
} as const;

/** Somebody who left: no directory object any more, but Planner still names the id. */
export const FORMER_EMPLOYEE_ID = "10000000-0000-4000-8000-0000000000ff";

export const GROUPS = {
  /** Public; holds the small plan that the screenshots show. */
  marketing: "30000000-0000-4000-8000-000000000001",
  engineering: "30000000-0000-4000-8000-000000000002",
  /** Private; the backup account is member and owner. */
  finance: "30000000-0000-4000-8000-000000000003",
  /** Private; the backup account is member, not owner. */
  legal: "30000000-0000-4000-8000-000000000004",
  /** Private; the backup account is not in it. */
  executiveBoard: "30000000-0000-4000-8000-000000000005",
  /** Hidden membership; the backup account is a member. */
  mergerRoom: "30000000-0000-4000-8000-000000000006",
  /** Public; the backup account owns it without being a member. */
  facilities: "30000000-0000-4000-8000-000000000007",
  fabrikamProjects: "40000000-0000-4000-8000-000000000001",
  fabrikamSales: "40000000-0000-4000-8000-000000000002",
} as const;

/** Containers of the plans in Contoso that belong to no group. */
export const ROSTER_ID = "60000000-0000-4000-8000-000000000001";
export const PREMIUM_ID = "60000000-0000-4000-8000-000000000002";

export const APPS = {
  backup: { clientId: "b0000000-0000-4000-8000-0000000000b1", secret: "backup-secret-for-the-simulator-only" },
  restore: { clientId: "b0000000-0000-4000-8000-0000000000b2", secret: "restore-secret-for-the-simulator-only" },
  single: { clientId: "b0000000-0000-4000-8000-0000000000b3", secret: "single-secret-for-the-simulator-only" },
  /** Application permissions; it has a certificate, which whoever starts the simulator registers. */
  appOnly: { clientId: "b0000000-0000-4000-8000-0000000000b4" },
} as const;

export const BACKUP_SCOPES = ["Group.Read.All", "User.ReadBasic.All", "Directory.Read.All", "Tasks.Read"] as const;
export const RESTORE_SCOPES = ["Group.ReadWrite.All", "Directory.Read.All", "Sites.ReadWrite.All", "User.ReadBasic.All", "Tasks.ReadWrite"] as const;
export const APP_ONLY_ROLES = ["Tasks.Read.All", "Group.Read.All", "User.ReadBasic.All", "Member.Read.Hidden"] as const;

/** https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference */
export const ROLES = {
  globalAdministrator: "62e90394-69f5-4237-9190-012177145e10",
  privilegedRoleAdministrator: "e8611ab8-c189-46e8-94e1-60213ab1f814",
  cloudApplicationAdministrator: "158c047a-c907-4556-b7ef-446551a6b5f7",
} as const;

/** https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference */
export const SERVICE_PLANS = {
  exchange: { servicePlanId: "efb87545-963c-4e0d-99df-69c6916d9eb0", servicePlanName: "EXCHANGE_S_ENTERPRISE" },
  exchangeFoundation: { servicePlanId: "113feb6c-3fe4-4440-bddc-54d774bf0318", servicePlanName: "EXCHANGE_S_FOUNDATION" },
  planner: { servicePlanId: "b737dad2-2f6c-4c65-90e3-ca563267e8b9", servicePlanName: "PROJECTWORKMANAGEMENT" },
  sharepoint: { servicePlanId: "5dbe027f-2339-4123-9542-606e4d348a72", servicePlanName: "SHAREPOINTENTERPRISE" },
  teams: { servicePlanId: "57ff2da0-773e-42df-b2af-ffb7a2317929", servicePlanName: "TEAMS1" },
} as const;

/** Service plans that are a mailbox; EXCHANGE_S_FOUNDATION is not one. */
export const MAILBOX_PLANS: readonly string[] = [
  "efb87545-963c-4e0d-99df-69c6916d9eb0",
  "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
  "4a82b400-a79f-41a4-b4e2-e94f5787b113",
];
