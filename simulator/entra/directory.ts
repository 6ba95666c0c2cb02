import type { SimTenant, SimUser, SimWorld } from "../model";
import { ELSEWHERE } from "../fixtures";
import { EntraFault } from "./errors";
import type { Account } from "./state";

/** What the first path segment of an Entra ID URL names. */
export type Authority = { kind: "tenant"; tenant: SimTenant } | { kind: "organizations" | "common" | "consumers" };

/** Resolves a tenant GUID, a domain or one of the well-known names. Throws 90002 for anything else. */
export function resolveAuthority(world: SimWorld, segment: string): Authority {
  const name = segment.toLowerCase();
  if (name === "organizations" || name === "common" || name === "consumers") return { kind: name };
  const tenant = world.tenants.get(name) ?? [...world.tenants.values()].find((candidate) => candidate.domain === name);
  if (!tenant && name in ELSEWHERE) throw new EntraFault(90038, `Tenant '${segment}'.`);
  if (!tenant) throw new EntraFault(90002, `Tenant '${segment}'.`);
  return { kind: "tenant", tenant };
}

const signInName = (user: SimUser) => (user.homeTenantId && user.mail ? user.mail : user.userPrincipalName);

/** The account behind a directory object: the home account for a guest whose home tenant is simulated. */
export function accountOf(world: SimWorld, tenant: SimTenant, user: SimUser): Account {
  if (!user.homeTenantId) return { homeTenantId: tenant.id, homeOid: user.id };
  const home = world.tenants.get(user.homeTenantId);
  const homeUser = home && [...home.users.values()].find((candidate) => candidate.userPrincipalName.toLowerCase() === signInName(user).toLowerCase());
  return { homeTenantId: user.homeTenantId, homeOid: homeUser?.id ?? user.id };
}

/** The object that stands for this account in `tenant`: the user himself or his guest object; null when there is none. */
export function userInTenant(world: SimWorld, tenant: SimTenant, account: Account): SimUser | null {
  if (tenant.id === account.homeTenantId) return tenant.users.get(account.homeOid) ?? null;
  for (const user of tenant.users.values()) {
    if (user.homeTenantId === account.homeTenantId && accountOf(world, tenant, user).homeOid === account.homeOid) return user;
  }
  return null;
}

export interface Person {
  account: Account;
  displayName: string;
  /** What he types to sign in. */
  username: string;
}

/** The home object of an account, as a person; a guest from outside the simulation has none, then `tenant`'s object serves. */
export function personOf(world: SimWorld, account: Account, tenant?: SimTenant): Person | null {
  const user = world.tenants.get(account.homeTenantId)?.users.get(account.homeOid) ?? (tenant && userInTenant(world, tenant, account));
  return user ? { account, displayName: user.displayName, username: signInName(user) } : null;
}

/** Everybody who could sign in at this authority. */
export function peopleOf(world: SimWorld, authority: Authority): Person[] {
  const tenants = authority.kind === "tenant" ? [authority.tenant] : authority.kind === "consumers" ? [] : [...world.tenants.values()];
  return tenants.flatMap((tenant) =>
    [...tenant.users.values()]
      .filter((user) => authority.kind === "tenant" || !user.homeTenantId)
      .map((user) => ({ account: accountOf(world, tenant, user), displayName: user.displayName, username: signInName(user) })),
  );
}

/** Finds a person by what he typed, in every simulated tenant. */
export function personByUsername(world: SimWorld, username: string): Person | null {
  const wanted = username.trim().toLowerCase();
  for (const tenant of world.tenants.values()) {
    for (const user of tenant.users.values()) {
      if (signInName(user).toLowerCase() === wanted || user.userPrincipalName.toLowerCase() === wanted) {
        return { account: accountOf(world, tenant, user), displayName: user.displayName, username: signInName(user) };
      }
    }
  }
  return null;
}

/**
 * The tenant that a sign-in ends in, and the person's object there. Throws 50020 (not in that tenant), 50034 (gone)
 * or 50057 (disabled, at home or in that tenant).
 */
export function signInTo(world: SimWorld, authority: Authority, account: Account): { tenant: SimTenant; user: SimUser } {
  const home = world.tenants.get(account.homeTenantId);
  const tenant = authority.kind === "tenant" ? authority.tenant : home;
  if (!tenant) throw new EntraFault(50020);
  const user = userInTenant(world, tenant, account);
  if (!user) throw new EntraFault(tenant.id === account.homeTenantId ? 50034 : 50020);
  const homeUser = home?.users.get(account.homeOid);
  if (!user.accountEnabled || homeUser?.accountEnabled === false) throw new EntraFault(50057);
  return { tenant, user };
}

const GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10";
const PRIVILEGED_ROLE_ADMINISTRATOR = "e8611ab8-c189-46e8-94e1-60213ab1f814";
const CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7";
const APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

/** May grant delegated permissions for everybody: https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent */
export const mayConsentForAll = (user: SimUser): boolean =>
  user.directoryRoles.some((role) => [GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR, APPLICATION_ADMINISTRATOR].includes(role));

/** May grant application permissions of Microsoft Graph too. */
export const mayConsentToRoles = (user: SimUser): boolean =>
  user.directoryRoles.some((role) => [GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR].includes(role));
