/** Backups as they ran. */
import type { ReadingFacts } from "@/lib/backup/types";
import type { SnapshotDrift } from "./plans";

export type RunState = "queued" | "running" | "complete" | "partial" | "failed" | "cancelled";
export interface RunSummary {
  id: string; policyId: string; policyName: string; trigger: "manual" | "schedule"; startedBy: string | null;
  state: RunState; createdAt: string; startedAt: string | null; finishedAt: string | null;
  plans: { total: number; complete: number; partial: number; failed: number; cancelled: number };
  /** Sentence when the run as a whole has a problem (nothing read where groups exist, ...). */
  problem: string | null;
}
export interface RunPlanView {
  planId: string; title: string; groupName: string; state: RunState;
  phase: string | null; done: number; total: number; waiting: { reason: string; until: string | null } | null;
  problem: string | null; snapshotId: string | null; gaps: number; newBytes: number; requests: number;
  drift: SnapshotDrift | null; reading: ReadingFacts | null;
  /** The plan shows nothing where the last complete backup had content, or far more tasks than usual are gone. */
  warning: "suspiciously_empty" | "unusual_loss" | null;
  startedAt: string | null; finishedAt: string | null;
}
export interface RunView extends RunSummary { items: RunPlanView[]; cancelRequested: boolean }
