import type { Group, User } from "@microsoft/microsoft-graph-types";
import { SERVICE_PLANS } from "../../fixtures";
import type { AccessTokenClaims, SimGroup, SimTenant, SimUser } from "../../model";
import type { Entity } from "../odata";

/** Properties sent without $select. https://learn.microsoft.com/graph/api/user-list */
const USER_DEFAULTS = ["businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id"] as const;
/** What User.ReadBasic.All lets a caller see of others. https://learn.microsoft.com/graph/permissions-reference#userreadbasicall */
const USER_BASIC = new Set(["id", "displayName", "givenName", "surname", "mail", "userPrincipalName", "userType"]);
const GROUP_DEFAULTS = [
  "id", "deletedDateTime", "classification", "createdDateTime", "creationOptions", "description", "displayName", "expirationDateTime", "groupTypes", "isAssignableToRole", "mail", "mailEnabled",
  "mailNickname", "membershipRule", "preferredDataLocation", "preferredLanguage", "proxyAddresses", "renewedDateTime", "resourceBehaviorOptions", "resourceProvisioningOptions", "securityEnabled",
  "securityIdentifier", "theme", "visibility",
] as const;

export const USERS = {
  set: "users", type: "microsoft.graph.user", defaultTop: 100, maxTop: 999, defaults: USER_DEFAULTS,
  known: [...USER_DEFAULTS, "userType", "accountEnabled", "createdDateTime", "assignedPlans", "assignedLicenses", "usageLocation", "department", "externalUserState"],
};
export const GROUPS = {
  set: "groups", type: "microsoft.graph.group", defaultTop: 100, maxTop: 999, defaults: GROUP_DEFAULTS,
  known: [...GROUP_DEFAULTS, "isArchived", "allowExternalSenders", "uniqueName"],
};
export const DIRECTORY_OBJECTS = { ...GROUPS, set: "directoryObjects", type: "microsoft.graph.directoryObject", known: [...GROUPS.known, ...USERS.known], defaults: [...new Set([...GROUP_DEFAULTS])] };

/** How much of other people a token may see. */
export type Sight = "full" | "basic" | "id";

export function sightOf(token: AccessTokenClaims): Sight {
  const held = new Set(token.scp === undefined ? token.roles : token.scp.split(" "));
  if (["Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All", "User.ReadWrite.All"].some((p) => held.has(p))) return "full";
  return held.has("User.ReadBasic.All") ? "basic" : "id";
}

export function userEntity(user: SimUser, sight: Sight = "full"): Entity {
  const [givenName, ...rest] = user.displayName.split(" ");
  const full: User = {
    id: user.id,
    displayName: user.displayName,
    givenName: givenName ?? null,
    surname: rest.join(" ") || null,
    userPrincipalName: user.userPrincipalName,
    mail: user.mail,
    userType: user.userType,
    accountEnabled: user.accountEnabled,
    businessPhones: [],
    preferredLanguage: null,
    assignedPlans: user.servicePlans.map((plan) => ({
      servicePlanId: plan.servicePlanId,
      service: SERVICE_OF[plan.servicePlanName] ?? plan.servicePlanName,
      capabilityStatus: plan.provisioningStatus === "Success" ? "Enabled" : "Suspended",
      assignedDateTime: "2025-01-15T08:00:00Z",
    })),
  };
  const entity = full as Entity;
  if (sight === "full") return entity;
  if (sight === "id") return { id: user.id };
  return Object.fromEntries(Object.entries(entity).filter(([name]) => USER_BASIC.has(name)));
}

const SERVICE_OF: Record<string, string> = {
  [SERVICE_PLANS.exchange.servicePlanName]: "exchange",
  [SERVICE_PLANS.exchangeFoundation.servicePlanName]: "exchange",
  [SERVICE_PLANS.planner.servicePlanName]: "ProjectWorkManagement",
  [SERVICE_PLANS.sharepoint.servicePlanName]: "SharePoint",
  [SERVICE_PLANS.teams.servicePlanName]: "TeamspaceAPI",
};

export function groupEntity(group: SimGroup): Entity {
  const unified = group.groupTypes.includes("Unified");
  const full: Group = {
    id: group.id,
    createdDateTime: group.createdDateTime,
    renewedDateTime: group.createdDateTime,
    description: group.description,
    displayName: group.displayName,
    groupTypes: group.groupTypes,
    mail: group.mail,
    mailEnabled: unified,
    mailNickname: group.mailNickname,
    proxyAddresses: [`SMTP:${group.mail}`],
    securityEnabled: !unified,
    visibility: group.visibility,
  };
  return { ...(full as Entity), creationOptions: [], resourceBehaviorOptions: [], resourceProvisioningOptions: [], uniqueName: group.uniqueName ?? null };
}

/** https://learn.microsoft.com/graph/api/resources/licensedetails */
export function licenceDetails(tenant: SimTenant, user: SimUser): Entity[] {
  if (user.servicePlans.length === 0) return [];
  return [{
    id: Buffer.from(`${tenant.id}${user.id}`).toString("base64url").slice(0, 43),
    skuId: "6fd2c87f-b296-42f0-b197-1e91e994b900",
    skuPartNumber: "ENTERPRISEPACK",
    servicePlans: user.servicePlans.map((plan) => ({ ...plan, appliesTo: "User" })),
  }];
}
