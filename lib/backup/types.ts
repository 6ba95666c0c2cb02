import type { Gap } from "@/lib/planner/types";
import type { Consistency, SnapshotCounts } from "@/lib/repository/types";

export type CapturePhase = "listing" | "details" | "comments" | "files" | "checking" | "storing";

export interface CaptureProgress { phase: CapturePhase; done: number; total: number }

/** How the snapshot was read. Stored with its row. */
export interface ReadingFacts {
  /** Microsoft's beta interface was read. */
  extras: boolean;
  /** Everything was read anew; else what a signal called unchanged was taken over from the snapshot before. */
  full: boolean;
  /** Tasks whose details and board places were read, and those that were taken over. */
  read: number;
  takenOver: number;
  /** Full readings only: tasks that the signal called unchanged and that were not. */
  disagreements: number;
  /** What an earlier snapshot held, where this reading found nothing. */
  lost?: PlanSize;
}

export interface PlanSize { tasks: number; buckets: number }

export interface CaptureResult {
  manifestId: string;
  complete: boolean;
  gaps: Gap[];
  counts: SnapshotCounts;
  consistency: Consistency;
  reading: ReadingFacts;
  newObjects: number;
  newBytes: number;
  /** For the catalogue row of the plan. */
  planTitle: string;
  groupName: string;
}
