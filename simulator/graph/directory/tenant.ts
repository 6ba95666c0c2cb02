import type { SimTenant, SimWorld } from "../../model";
import type { GraphCall, GraphRoute } from "../context";
import { context, type Entity } from "../odata";
import { PERMISSIONS } from "../permissions";
import { badRequest, notFound } from "../refusals";

const MICROSOFT_GRAPH_PRINCIPAL = "5a3c1f0e-0000-4000-8000-000000000003";

const value = (call: GraphCall, what: string, items: Entity[]) => ({ status: 200, body: { "@odata.context": context(call, what), value: items } });

/** The object id of an app's service principal in a tenant: the same each time, different in each tenant. */
export function servicePrincipalId(tenant: SimTenant, clientId: string): string {
  return `5e${tenant.id.slice(2, 8)}${clientId.slice(8)}`;
}

/** Service principals exist once an app was consented to. */
const principals = (world: SimWorld, tenant: SimTenant): Entity[] =>
  [...tenant.grants.keys()].map((clientId) => ({
    id: servicePrincipalId(tenant, clientId),
    appId: clientId,
    displayName: world.apps.get(clientId)?.displayName ?? clientId,
    accountEnabled: true,
    servicePrincipalType: "Application",
  }));

/** https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
function grants(tenant: SimTenant): Entity[] {
  const found: Entity[] = [];
  for (const [clientId, grant] of tenant.grants) {
    const client = servicePrincipalId(tenant, clientId);
    const entry = (principalId: string | null, scopes: Set<string>) =>
      found.push({
        id: Buffer.from(`${client}|${principalId ?? "all"}`).toString("base64url"),
        clientId: client,
        consentType: principalId ? "Principal" : "AllPrincipals",
        principalId,
        resourceId: MICROSOFT_GRAPH_PRINCIPAL,
        scope: [...scopes].join(" "),
      });
    if (grant.allPrincipals.size > 0) entry(null, grant.allPrincipals);
    for (const [user, scopes] of grant.byUser) if (scopes.size > 0) entry(user, scopes);
  }
  return found;
}

/** Only `property eq 'value'` is served here. */
function equals(call: GraphCall, items: Entity[]): Entity[] {
  const filter = call.query.get("$filter");
  if (!filter) return items;
  const match = /^(\w+) eq '([^']*)'$/.exec(filter.trim());
  if (!match) throw badRequest("Unsupported or invalid query filter clause specified.");
  return items.filter((item) => item[match[1]!] === match[2]);
}

export function tenantRoutes(): GraphRoute[] {
  return [
    {
      method: "GET", template: "/organization", ...PERMISSIONS.organization,
      handle: (call) => value(call, "organization", [{ id: call.tenant.id, displayName: call.tenant.displayName, tenantType: "AAD", verifiedDomains: [{ name: call.tenant.domain, isDefault: true, isInitial: false, type: "Managed", capabilities: "Email, OfficeCommunicationsOnline" }] }]),
    },
    {
      method: "GET", template: "/subscribedSkus", ...PERMISSIONS.subscribedSkus,
      handle: (call) => {
        const consumed = [...call.tenant.users.values()].filter((user) => user.servicePlans.length > 0);
        return value(call, "subscribedSkus", [{
          id: `${call.tenant.id}_6fd2c87f-b296-42f0-b197-1e91e994b900`, skuId: "6fd2c87f-b296-42f0-b197-1e91e994b900", skuPartNumber: "ENTERPRISEPACK", appliesTo: "User", capabilityStatus: "Enabled",
          consumedUnits: consumed.length, prepaidUnits: { enabled: consumed.length + 10, suspended: 0, warning: 0, lockedOut: 0 },
          servicePlans: (consumed[0]?.servicePlans ?? []).map((plan) => ({ ...plan, appliesTo: "User" })),
        }]);
      },
    },
    { method: "GET", template: "/oauth2PermissionGrants", ...PERMISSIONS.permissionGrants, handle: (call) => value(call, "oauth2PermissionGrants", equals(call, grants(call.tenant))) },
    { method: "GET", template: "/servicePrincipals", ...PERMISSIONS.servicePrincipals, handle: (call) => value(call, "servicePrincipals", equals(call, principals(call.world, call.tenant))) },
    {
      method: "GET", template: "/servicePrincipals/{id}/appRoleAssignments", ...PERMISSIONS.servicePrincipals,
      handle: (call, { id }) => {
        for (const [clientId, grant] of call.tenant.grants) {
          if (servicePrincipalId(call.tenant, clientId) !== id) continue;
          return value(call, `servicePrincipals('${id}')/appRoleAssignments`, [...grant.appRoles].map((role) => ({ id: Buffer.from(`${id}|${role}`).toString("base64url"), principalId: id, resourceId: MICROSOFT_GRAPH_PRINCIPAL, resourceDisplayName: "Microsoft Graph", appRoleId: role })));
        }
        throw notFound(id!);
      },
    },
  ];
}
