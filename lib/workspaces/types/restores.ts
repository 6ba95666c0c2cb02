/** What was put back, or would be. */
import type { RestorePlan, RestoreReport, RestoreRequest } from "@/lib/restore/types";
import type { ConnectionView } from "./connections";

export type RestoreState = "planning" | "planned" | "blocked" | "running" | "waiting" | "verifying" | "verified" | "different" | "failed" | "cancelled";
export interface RestoreView {
  id: string; snapshotId: string; planTitle: string; takenAt: string; connectionId: string; startedBy: string;
  state: RestoreState; phase: string | null; done: number; total: number;
  /** `restoreId`: the restore that it waits for. */
  waiting: { reason: string; until: string | null; restoreId?: string } | null; problem: string | null;
  request: RestoreRequest; plan: RestorePlan | null; report: RestoreReport | null;
  /** Names exactly the plan shown; runRestore wants it back. */
  planHash: string | null;
  cancelRequested: boolean; createdAt: string; startedAt: string | null; finishedAt: string | null; tid: string;
  /** The restore that this one takes back. */
  undoOf: string | null;
  /** The target as it was before anything was written. */
  beforeSnapshotId: string | null;
  /** Whether it can be taken back; `restoreId`: the restore that does or did so. */
  undo: { possible: boolean; why?: string; restoreId?: string };
  /** Whether it can go on from where it stopped, e.g. after a sign-in. */
  resume: { possible: boolean; why?: string };
  /** For a drill: its policy, and what became of the plan that it made. */
  drill: { policyId: string; policyName: string; plan: "none" | "there" | "removed"; problem: string | null } | null;
}

export type RestoreSummary = Pick<RestoreView, "id" | "planTitle" | "startedBy" | "state" | "createdAt" | "request" | "undoOf"> & { isDrill: boolean };

/** Where a snapshot can be restored to: the groups each connection account sees. */
export interface RestoreTargets {
  connections: ConnectionView[];
  groups: {
    connectionId: string; id: string; name: string; visibility: string; isMember: boolean; isOwner: boolean;
    /** Plans that can be restored into. */
    plans: { id: string; title: string }[];
  }[];
  /** Who sees some groups only restores into these. */
  mayMakeGroup: boolean;
  sourceGroupId: string;
  /** Id in a snapshot of the plan -> ids that earlier in-place restores created for it, oldest first. */
  creations: Record<string, readonly string[]>;
}
