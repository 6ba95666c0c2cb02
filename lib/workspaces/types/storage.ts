/** Where what is stored lies, and how it is kept whole. */
import type { ProbeStep } from "@/lib/repository/probe";
import type { VerifyReport } from "@/lib/repository/types";

export interface VerificationView {
  id: string; startedBy: string; state: "queued" | "running" | "clean" | "damaged" | "failed" | "cancelled";
  done: number; total: number; report: VerifyReport | null; problem: string | null; createdAt: string; finishedAt: string | null;
}
/** The keys that seal what is stored. */
export interface KeysView {
  version: number; since: string;
  /** Values in the database are not all sealed with them yet. */
  isResealing: boolean;
  /** When the rows were last copied into the storage. */
  copiedAt: string | null;
}

export interface PruneView {
  /** Null: never. `objects` and `bytes` were removed. */
  last: { state: "running" | "done" | "failed"; at: string; objects: number; bytes: number; problem: string | null } | null;
  /** Snapshots that left their timeline and are still in storage. */
  held: number;
  /** What no snapshot needs, and is removed when no backup can be about to use it. */
  waiting: { objects: number; bytes: number; lockedUntil: string | null };
}

/** A place where objects can be kept. `lockDays`: for how many days what is stored cannot be removed. `ownId`: the workspace brought it along. */
export interface PlaceView { place: string; label: string; lockDays: number | null; ownId: string | null }
/** What came of trying a storage before it is used. */
export interface OwnStoreOutcome { id: string | null; steps: ProbeStep[] }
export interface MoveView {
  id: string; from: PlaceView; to: PlaceView; state: "copying" | "closing" | "held" | "removing" | "done" | "cancelling" | "cancelled";
  /** Of the present state, 0 to 100. */
  percent: number; objects: number; bytes: number; damaged: number; problem: string | null; startedBy: string; startedAt: string; switchedAt: string | null; removeAfter: string | null; finishedAt: string | null;
}
export interface StorageView {
  here: PlaceView;
  /** Until when nobody can remove what the newest snapshot needs, at least. */
  lockedUntil: string | null;
  /** Where it could be moved. */
  others: PlaceView[];
  /** Workspaces may bring storages along. */
  allowsOwn: boolean;
  /** The last one. */
  move: MoveView | null;
}
