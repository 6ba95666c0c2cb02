/** Names of the sealed columns. A sealed value opens only in the row and column it was sealed for. */
import type { SnapshotContent } from "@/lib/planner/types";
import type { Purpose } from "./types";

export const PLACE = {
  tokenCache: (connectionId: string, purpose: Purpose) => ["token_cache.sealed_cache", connectionId, purpose],
  flowSecrets: (flowId: string) => ["oauth_flow.sealed_secrets", flowId],
  catalogue: (connectionId: string) => ["connection.sealed_catalogue", connectionId],
  requirementFacts: (connectionId: string, requirementId: string) => ["requirement.sealed_facts", connectionId, requirementId],
  planNames: (planId: string) => ["plan.sealed_names", planId],
  restoreRequest: (restoreId: string) => ["restore.sealed_request", restoreId],
  restorePlan: (restoreId: string) => ["restore.sealed_plan", restoreId],
  restoreReport: (restoreId: string) => ["restore.sealed_report", restoreId],
  channelTarget: (channelId: string) => ["channel.sealed_target", channelId],
  invitationMail: (invitationId: string) => ["invitation.sealed_mail", invitationId],
  deliveryAnswer: (deliveryId: string) => ["delivery.sealed_answer", deliveryId],
  searchSummary: (planId: string, taskId: string) => ["search_entry.sealed_summary", planId, taskId],
  liveContent: (readingId: string) => ["live_reading.sealed_content", readingId],
  ownStore: (storeId: string) => ["own_store.sealed_settings", storeId],
  verifyReport: (verificationId: string) => ["verification.sealed_report", verificationId],
} as const;

/** What a hit of the search shows of its task. */
export interface SearchSummary { title: string; bucket: string | null }
/** A plan as it was read at a moment: Planner's own parts. */
export interface LiveContent { at: string; content: SnapshotContent }
export interface PlanNames { title: string; groupName: string }
export interface RequirementFacts {
  title: string;
  evidence: string | null;
  remedy: string | null;
  stillWorks: string | null;
  items: { label: string; detail: string }[];
}
