import type { Purpose } from "./scopes";

/** What one attempt to get a token for a purpose showed. */
export interface TokenFacts {
  /** absent: this purpose was never connected, or its token was erased as planned. unreachable: Microsoft did not answer. */
  state: "alive" | "absent" | "needs_sign_in" | "consent_missing" | "unreachable";
  /** Delegated permissions of the consent, by short name; null when no token showed them. */
  scopes: string[] | null;
  /** Sentence of the error, when there was one. */
  problem: string | null;
}

export interface GroupFacts {
  id: string;
  name: string;
  visibility: "Public" | "Private" | "HiddenMembership" | string;
  isMember: boolean;
  isOwner: boolean;
  /** Plans read in it; null when they could not be read. */
  plans: number | null;
}

/** Everything that the requirement rows of one connection are judged by. null always means: could not be found out. */
export interface RequirementFacts {
  username: string;
  accountEnabled: boolean | null;
  tokens: Record<Purpose, TokenFacts>;
  /** Microsoft 365 groups that the directory shows to the account. */
  groups: GroupFacts[] | null;
  /** People that the directory shows to it (a sample is enough: more than none). */
  users: number | null;
  /** Why groups or users could not be read, in one sentence. */
  readProblem: string | null;
  /** The account has an Exchange Online mailbox plan. */
  hasMailbox: boolean | null;
  /** Comments in the snapshots of this Microsoft tenant. */
  comments: number;
}

export interface RequirementRow {
  id: string;
  purpose: Purpose;
  title: string;
  state: "met" | "unmet" | "unknown" | "not_needed";
  evidence: string | null;
  remedy: string | null;
  stillWorks: string | null;
  items: { label: string; detail: string }[];
}

/**
 * Service plans that bring a mailbox; EXCHANGE_S_FOUNDATION does not.
 * https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
 */
const MAILBOX_PLANS: ReadonlySet<string> = new Set([
  "9aaf7827-d63c-4b61-89c3-182f06f82e5c", // EXCHANGE_S_STANDARD
  "efb87545-963c-4e0d-99df-69c6916d9eb0", // EXCHANGE_S_ENTERPRISE
  "4a82b400-a79f-41a4-b4e2-e94f5787b113", // EXCHANGE_S_DESKLESS
]);

/** True when one of the licences' service plans gives the account an Exchange Online mailbox that is ready. */
export function hasMailboxPlan(plans: readonly { servicePlanId: string; provisioningStatus: string }[]): boolean {
  return plans.some((plan) => MAILBOX_PLANS.has(plan.servicePlanId.toLowerCase()) && plan.provisioningStatus === "Success");
}
