import { isSingleApp, type AppCredential, type CloudConfig } from "@/lib/config";
import { CLOUD_FACTS, type Cloud } from "@/lib/config/clouds";
import { PlanbackError } from "@/lib/errors";

export type Purpose = "backup" | "restore";
/** What an administrator grants: what connection accounts back up or restore with, or what Planback reads as an application. */
export type Grant = Purpose | "app_only";

type Apps = Pick<CloudConfig, "apps">;

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

/**
 * What an app-only backup reads with: application permissions. Group.* opens nothing of Planner to an application, so
 * Tasks.Read.All is for plans; Group.Read.All for groups, threads and the files of groups, as in BACKUP_SCOPES, so no Files.*
 * is asked for, which would open every OneDrive. Without Member.Read.Hidden a group of hidden membership seems to be empty.
 * https://learn.microsoft.com/graph/permissions-reference
 */
export const APP_ONLY_ROLES: readonly string[] = ["Tasks.Read.All", "Group.Read.All", "User.ReadBasic.All", "Member.Read.Hidden"];

const NEEDED: Record<Grant, readonly string[]> = { backup: BACKUP_SCOPES, restore: RESTORE_SCOPES, app_only: APP_ONLY_ROLES };

/** What the grant cannot do without, by short name. */
export const scopesOf = (grant: Grant): readonly string[] => NEEDED[grant];

/**
 * What a consent or a sign-in asks for. One registration for both asks for the union each time,
 * because a later, narrower consent may revoke what an earlier one granted.
 * https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
 */
export function scopesToAsk(config: Apps, purpose: Grant): string[] {
  return purpose !== "app_only" && isSingleApp(config) ? [...new Set([...BACKUP_SCOPES, ...RESTORE_SCOPES])] : [...scopesOf(purpose)];
}

/** Fully qualified names, as Entra ID of that cloud wants them: https://graph.microsoft.com/Group.Read.All */
export const qualified = (scopes: readonly string[], cloud: Cloud): string[] => scopes.map((name) => `${CLOUD_FACTS[cloud].graph}/${name}`);

/** Everything that is registered: the only way to application permissions. */
export const defaultScope = (cloud: Cloud): string => `${CLOUD_FACTS[cloud].graph}/.default`;

/** What a consent page or a sign-in is asked for, fully qualified. */
export const scopesInRequest = (config: CloudConfig, grant: Grant): string[] => (grant === "app_only" ? [defaultScope(config.cloud)] : qualified(scopesToAsk(config, grant), config.cloud));

/** Short names of a token answer's scopes; OpenID scopes are left out. */
export function shortScopes(scopes: readonly string[]): string[] {
  const openId = new Set(["openid", "profile", "email", "offline_access"]);
  return scopes.map((name) => name.slice(name.lastIndexOf("/") + 1)).filter((name) => name !== "" && !openId.has(name));
}

/** The grant's permissions that are not among `granted` (names in either form, any case). */
export function missingScopes(granted: readonly string[], purpose: Grant): string[] {
  const have = new Set(shortScopes(granted).map((name) => name.toLowerCase()));
  return scopesOf(purpose).filter((name) => !have.has(name.toLowerCase()));
}

/** The app registration that serves a grant. Throws PlanbackError config when the installation has none. */
export function credentialFor(config: Apps, grant: Grant): AppCredential {
  const credential = grant === "app_only" ? config.apps.appOnly : config.apps[grant];
  if (!credential) throw new PlanbackError("config", "This installation has no registration for app-only connections. Its operator can add one (docs/azure-setup.md). Nothing was changed.");
  return credential;
}
