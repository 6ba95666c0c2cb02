import { isSingleApp, type AppCredential, type Config } from "@/lib/config";

export type Purpose = "backup" | "restore";

const GRAPH = "https://graph.microsoft.com";

/**
 * What a backup reads with. Group.Read.All covers groups, plans (as the higher privileged alternative of Tasks.Read),
 * threads, and the metadata of files in a group's drive with their short-lived download addresses, so no Files.* or
 * Sites.* permission is asked for. Directory.Read.All covers membership, the organization and the licence check. Tasks.Read
 * is the only way to a task's chat and to plans of rosters (https://learn.microsoft.com/graph/api/plannertask-list-messages).
 * https://learn.microsoft.com/graph/api/driveitem-get, https://learn.microsoft.com/graph/permissions-reference
 */
export const BACKUP_SCOPES: readonly string[] = ["Group.Read.All", "User.ReadBasic.All", "Directory.Read.All", "Tasks.Read"];

/**
 * What a restore writes with: groups, plans and threads; files of the groups' sites. Tasks.ReadWrite is the only way to
 * archive a plan or take it out of the archive (https://learn.microsoft.com/graph/api/plannerplan-archive).
 */
export const RESTORE_SCOPES: readonly string[] = ["Group.ReadWrite.All", "Directory.Read.All", "Sites.ReadWrite.All", "User.ReadBasic.All", "Tasks.ReadWrite"];

/** What the purpose cannot do without, by short name. */
export const scopesOf = (purpose: Purpose): readonly string[] => (purpose === "backup" ? BACKUP_SCOPES : RESTORE_SCOPES);

/**
 * What a consent or a sign-in for this purpose asks for. One registration for both asks for the union each time,
 * because a later, narrower consent may revoke what an earlier one granted.
 * https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
 */
export function scopesToAsk(config: Config, purpose: Purpose): string[] {
  return isSingleApp(config) ? [...new Set([...BACKUP_SCOPES, ...RESTORE_SCOPES])] : [...scopesOf(purpose)];
}

/** Fully qualified names, as Entra ID wants them: https://graph.microsoft.com/Group.Read.All */
export const qualified = (scopes: readonly string[]): string[] => scopes.map((name) => `${GRAPH}/${name}`);

/** Short names of a token answer's scopes; OpenID scopes are left out. */
export function shortScopes(scopes: readonly string[]): string[] {
  const openId = new Set(["openid", "profile", "email", "offline_access"]);
  return scopes.map((name) => name.slice(name.lastIndexOf("/") + 1)).filter((name) => name !== "" && !openId.has(name));
}

/** The purpose's scopes that are not among `granted` (names in either form, any case). */
export function missingScopes(granted: readonly string[], purpose: Purpose): string[] {
  const have = new Set(shortScopes(granted).map((name) => name.toLowerCase()));
  return scopesOf(purpose).filter((name) => !have.has(name.toLowerCase()));
}

/** The app registration that serves a purpose. */
export const credentialFor = (config: Config, purpose: Purpose): AppCredential => config.apps[purpose];
