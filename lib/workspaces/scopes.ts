/** What an API key may do with each scope, within what its maker may do: the one table that keys are checked by, and that the pages show. Pure. */
import type { Actor, ApiScope, Permission } from "./types";

/** Not in any scope, so for people only: members, owners, API keys, consent links, the activity log, channels, storage, the workspace itself. */
export const SCOPE_PERMISSIONS: Readonly<Record<ApiScope, readonly Permission[]>> = {
  "read:status": ["workspace.view"],
  "read:content": ["workspace.view", "content.view"],
  backup: ["workspace.view", "backup.run"],
  // The preview of a restore shows content.
  restore: ["workspace.view", "content.view", "restore.run"],
  // With it, `restore` also runs what asks a person to sign in once more (authorise.ts: requireFresh).
  "restore:remove": ["workspace.view"],
  manage: ["workspace.view", "policy.manage", "connection.manage"],
};
export const API_SCOPES = Object.keys(SCOPE_PERMISSIONS) as ApiScope[];

/** True when no key is at work, or one whose scopes allow it. */
export function keyMay(key: Actor["key"], permission: Permission): boolean {
  return key === undefined || key.scopes.some((scope) => SCOPE_PERMISSIONS[scope].includes(permission));
}

/** The scopes that allow it. */
export const scopesFor = (permission: Permission): ApiScope[] => API_SCOPES.filter((scope) => SCOPE_PERMISSIONS[scope].includes(permission));

/** The same in words. */
export function scopesText(permission: Permission): string {
  const scopes = scopesFor(permission);
  return scopes.length === API_SCOPES.length ? "any" : scopes.join(" or ");
}
