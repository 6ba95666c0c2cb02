/**
 * What makes an app-only grant count in a workspace. Microsoft gives a token of the application for every tenant that has ever
 * consented, whoever asks; so that token proves the consent, but not that this workspace may use it. That is proven by an
 * administrator of the Microsoft tenant, who signs in on the same trip: only the roles in his ID token are believed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { inCloud } from "@/lib/config";
import type { Cloud } from "@/lib/config/clouds";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { APP_GRANTING_ROLES, appClaims, appTokenSource, credentialFor, missingScopes, type AppClaims, type Identity } from "@/lib/identity";

/** A consent takes some moments to show in tokens. */
const TRIES = 3;
const PAUSE_MS = 1000;

/** The application permissions that the grant holds. Throws forbidden with facts.reason "not_admin", and what tokens of the application throw. */
export async function provenRoles({ cloud, expectedTid }: { cloud: Cloud; expectedTid: string }, identity: Identity): Promise<string[]> {
  requireAdministrator(identity);
  for (let attempt = 1; ; attempt++) {
    try {
      const { roles } = await freshAppClaims(cloud, expectedTid);
      if (missingScopes(roles, "app_only").length === 0 || attempt === TRIES) return roles;
    } catch (error) {
      if (!isPlanbackError(error, "consent_missing") || attempt === TRIES) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

function requireAdministrator({ directoryRoles, isGuest }: Identity): void {
  if (directoryRoles === null) {
    throw new PlanbackError("config", "The app-only registration of this installation does not show the roles of who signs in, so that nobody can prove to be an administrator. Its operator must switch that on (docs/azure-setup.md). Nothing was counted as granted.");
  }
  if (!isGuest && directoryRoles.some((role) => role in APP_GRANTING_ROLES)) return;
  throw new PlanbackError("forbidden", `Only a ${Object.values(APP_GRANTING_ROLES).join(" or ")} of the Microsoft tenant can open it to this workspace. Nothing was counted as granted.`, { facts: { reason: "not_admin" } });
}

/** What a new token of the application says, not one that is held. */
export async function freshAppClaims(cloud: Cloud, tid: string): Promise<AppClaims> {
  const here = inCloud(cloud);
  return appClaims(await appTokenSource({ credential: credentialFor(here, "app_only"), tid, origins: here })({ forceRefresh: true }));
}
