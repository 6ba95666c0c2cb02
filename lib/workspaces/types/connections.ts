/** Consent, connections and what they can reach. */
import type { Cloud } from "@/lib/config/clouds";

export type Purpose = "backup" | "restore";
/** What an administrator grants. */
export type Grant = Purpose | "app_only";

export interface PermissionExplanation { name: string; why: string; allows: string; doesNot: string }

export interface ConsentPurposeView {
  purpose: Grant;
  state: "not_granted" | "granted" | "lost";
  provenAt: string | null;
  lostAt: string | null;
  grantedScopes: string[];
  missingScopes: string[];
  permissions: PermissionExplanation[];
}

export interface ConsentLinkView { id: string; purpose: Grant; createdAt: string; expiresAt: string; openedAt: string | null; grantedAt: string | null }

export interface MicrosoftTenantView {
  id: string; tid: string; cloud: Cloud; name: string | null;
  consent: Record<Purpose, ConsentPurposeView>;
  /** null: this installation offers no app-only connections. */
  appOnly: ConsentPurposeView | null;
}

/** What the page behind a consent link shows to an admin without an account. */
export interface PublicConsentView {
  state: "open" | "granted" | "expired" | "revoked";
  purpose: Grant; workspaceName: string; requestedBy: string; cloud: Cloud; tid: string; tenantName: string | null;
  clientId: string; permissions: PermissionExplanation[]; expiresAt: string;
}

export type RequirementState = "met" | "unmet" | "unknown" | "not_needed" | "checking";
export interface RequirementView {
  id: string; purpose: Purpose; title: string; state: RequirementState;
  evidence: string | null; remedy: string | null; stillWorks: string | null;
  /** e.g. the groups where the account is not a member, with how to add it */
  items: { label: string; detail: string }[];
  checkedAt: string | null;
}

export interface ConnectionView {
  id: string; microsoftTenantId: string; tid: string; tenantName: string | null;
  /** app_only: Planback as an application, which reads the whole Microsoft tenant and writes nothing. */
  kind: "account" | "app_only";
  cloud: Cloud;
  name: string; username: string;
  backupState: "active" | "needs_sign_in" | "consent_missing";
  restoreState: "none" | "active" | "needs_sign_in" | "consent_missing";
  /** When the write token will be erased. */
  restoreUntil: string | null;
  /** It is kept on after that time for as long as a policy has drills on a schedule. */
  keptForDrills: boolean;
  checking: boolean; checkedAt: string | null; catalogueAt: string | null;
  requirements: RequirementView[];
  reachable: { groups: number; plans: number; unreachableGroups: number };
  /** Microsoft's beta interface is read too; null: this cloud does not have it. */
  extras: boolean | null;
}

/** Everything the directory shows to the connection account. Stored sealed. */
export interface Catalogue {
  readAt: string;
  groups: CatalogueGroup[];
  /** Plans that the account can open and that are not plans of a group; absent in catalogues of older versions. */
  unprotectable?: UnprotectablePlan[];
  /** Microsoft refused to list some of these: there may be more. */
  unprotectableRefused?: true;
}
/** A plan that cannot be protected, whatever is selected. */
export interface UnprotectablePlan { id: string; title: string; kind: "roster" | "premium" | "other"; reason: string; remedy: string }
export interface CatalogueGroup {
  id: string; name: string; visibility: "Public" | "Private" | "HiddenMembership" | string;
  isMember: boolean; isOwner: boolean;
  /** null = can be selected; else why not, in one sentence, and what to do. */
  unreachable: { reason: string; remedy: string } | null;
  plans: CataloguePlan[];
}
export interface CataloguePlan {
  id: string; title: string;
  unreachable: { reason: string; remedy: string } | null;
}
