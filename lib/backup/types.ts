import type { Gap } from "@/lib/planner/types";
import type { Consistency, SnapshotCounts } from "@/lib/repository/types";

export type CapturePhase = "listing" | "details" | "comments" | "files" | "checking" | "storing";

export interface CaptureProgress { phase: CapturePhase; done: number; total: number }

export interface CaptureResult {
  manifestId: string;
  complete: boolean;
  gaps: Gap[];
  counts: SnapshotCounts;
  consistency: Consistency;
  newObjects: number;
  newBytes: number;
  /** For the catalogue row of the plan. */
  planTitle: string;
  groupName: string;
}
