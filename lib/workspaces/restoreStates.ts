/** The states of a restore, and what may be done in each. */
import type { RestoreReport } from "@/lib/restore/types";
import type { RestoreView } from "./types";

/** Not running any more, or not yet: cancelling such a restore takes effect at once. */
export const STANDING = ["planning", "planned", "blocked"];
/** A worker is at it, or it is paused. */
export const MOVING = ["running", "waiting", "verifying"];
/** Waits for a person: the account must sign in, or consent be granted. No worker is at it. */
export const PAUSED = { state: "waiting", phase: "paused" } as const;
/** Waits until another restore has left the plan that it writes into. No worker is at it. */
export const QUEUED = { state: "waiting", phase: "turn" } as const;
export const ENDED = ["verified", "different", "failed", "cancelled"];

export interface RestoreFacts {
  state: string;
  phase: string | null;
  startedAt: Date | null;
  beforeSnapshotId: string | null;
  before: { removedAt: Date | null } | null;
  connection: { removedAt: Date | null };
  undoneBy: { id: string; state: string }[];
  drillOf: string | null;
}

export const isPaused = (row: { state: string; phase: string | null }): boolean => row.state === PAUSED.state && row.phase === PAUSED.phase;

/** The undo that is under way or done, if there is one. */
function undoOf({ undoneBy }: RestoreFacts): RestoreFacts["undoneBy"][number] | undefined {
  return undoneBy.find(({ state }) => !["failed", "cancelled", "blocked"].includes(state));
}

/** Whether a restore can be taken back. Pure. */
export function undoState(row: RestoreFacts): RestoreView["undo"] {
  const undo = undoOf(row);
  const no = (why: string): RestoreView["undo"] => ({ possible: false, why });
  if (row.drillOf !== null) return no("A drill changes nothing that was there before, and its plan is removed.");
  if (!ENDED.includes(row.state) || !row.startedAt) return no("Only a restore that ran and has ended can be taken back.");
  if (undo && ENDED.includes(undo.state)) return { ...no("It was taken back already."), restoreId: undo.id };
  if (!row.beforeSnapshotId) return no("It changed nothing that was there before. To take it back, delete in Planner what it created; the report lists it.");
  if (!row.before || row.before.removedAt) return no("The snapshot that was taken before it is no longer kept.");
  if (row.connection.removedAt) return no("The connection account was removed. Restore the snapshot that was taken before, with another account.");
  return { possible: true, ...(undo ? { restoreId: undo.id } : {}) };
}

/** Whether a restore can go on from where it stopped. Pure. */
export function resumeState(row: RestoreFacts, report: RestoreReport | null): RestoreView["resume"] {
  const no = (why: string): RestoreView["resume"] => ({ possible: false, why });
  const stopped = isPaused(row) || row.state === "cancelled" || row.state === "failed" || (row.state === "different" && report?.verdict === "incomplete");
  if (!stopped || !row.startedAt || row.drillOf !== null) return no("There is nothing that could go on.");
  if (undoOf(row)) return no("It was taken back. Make a new restore.");
  if (row.connection.removedAt) return no("The connection account was removed. Make a new restore with another account.");
  return { possible: true };
}
