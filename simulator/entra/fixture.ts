import { createWorld } from "../world";
import type { SimApp, SimTenant, SimUser, SimWorld } from "../model";
import { serveRoom, SignInBrowser } from "./browser";
import { entraRoom } from "./index";

export const CONTOSO = "c0a7050a-1c3e-4d6b-9f2a-5b8e7d4c1a01";
export const FABRIKAM = "fab21ca0-2d4f-4e7c-8a3b-6c9f8e5d2b02";
export const GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10";
export const CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7";
export const REDIRECT = "http://localhost:3000/api/connect/callback";

/** A small Entra ID for tests: two tenants, an admin, ordinary people, a guest of Fabrikam in Contoso, one app. */
export async function entraForTests() {
  let world!: SimWorld;
  const served = await serveRoom((origin) => {
    world = createWorld({ origin });
    seed(world);
    return entraRoom(world);
  });
  const contoso = world.tenants.get(CONTOSO)!;
  const fabrikam = world.tenants.get(FABRIKAM)!;
  const user = (tenant: SimTenant, name: string) => [...tenant.users.values()].find((each) => each.userPrincipalName.startsWith(`${name}@`))!;
  return { ...served, world, contoso, fabrikam, app: world.apps.get(APP_ID)!, user, browser: () => new SignInBrowser() };
}

export const APP_ID = "00000000-aaaa-4000-8000-000000000001";
export const SECRET = "a-secret-of-the-simulator";

function seed(world: SimWorld): void {
  const contoso = addTenant(world, CONTOSO, "Contoso", "contoso.example");
  const fabrikam = addTenant(world, FABRIKAM, "Fabrikam", "fabrikam.example");
  addUser(contoso, "priya", "Priya Raman", [GLOBAL_ADMINISTRATOR]);
  addUser(contoso, "marco", "Marco Bianchi", [CLOUD_APPLICATION_ADMINISTRATOR]);
  addUser(contoso, "alice", "Alice Meyer");
  addUser(contoso, "backup", "Backup Account");
  addUser(contoso, "dana", "Dana Departed").accountEnabled = false;
  addUser(fabrikam, "fiona", "Fiona Fabri", [GLOBAL_ADMINISTRATOR]);
  const felix = addUser(fabrikam, "felix", "Felix Brandt");
  const guest = addUser(contoso, "felix_fabrikam.example#EXT#", "Felix Brandt");
  Object.assign(guest, { userType: "Guest", homeTenantId: FABRIKAM, mail: felix.userPrincipalName });
  const app: SimApp = {
    clientId: APP_ID,
    displayName: "Planback Backup",
    publisher: null,
    secrets: [SECRET],
    certificates: [],
    redirectUris: [REDIRECT],
    requiredScopes: ["Group.Read.All", "User.ReadBasic.All", "Directory.Read.All"],
    requiredRoles: [],
  };
  world.apps.set(app.clientId, app);
}

function addTenant(world: SimWorld, id: string, displayName: string, domain: string): SimTenant {
  const tenant: SimTenant = { id, displayName, domain, sharepointHost: `${displayName.toLowerCase()}.sharepoint.com`, users: new Map(), groups: new Map(), grants: new Map(), adminConsentWorkflow: false, enableGroupCreation: true };
  world.tenants.set(id, tenant);
  return tenant;
}

function addUser(tenant: SimTenant, name: string, displayName: string, directoryRoles: string[] = []): SimUser {
  const userPrincipalName = `${name}@${tenant.domain}`;
  const serial = String(tenant.users.size + 1).padStart(12, "0");
  const user: SimUser = { id: `${tenant.id.slice(0, 8)}-0000-4000-8000-${serial}`, displayName, userPrincipalName, mail: userPrincipalName, userType: "Member", accountEnabled: true, directoryRoles, servicePlans: [], tokensValidFrom: 0 };
  tenant.users.set(user.id, user);
  return user;
}
