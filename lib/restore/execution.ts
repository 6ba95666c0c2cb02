import type { GraphApi } from "@/lib/graph/types";
import type { Repository } from "@/lib/repository/types";
import type { Journal } from "./journal";
import type { RestorePlan } from "./types";

export interface RestoreClock {
  now(): number;
  /** Resolves after `ms`, early when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface RestoreProgress {
  done: number;
  total: number;
  phase: "restoring" | "looking";
  waiting: { reason: string; until: Date } | null;
}

export interface ExecuteInput {
  plan: RestorePlan;
  journal: Journal;
  /** Must not be bound to `signal`: requests under way are finished when the person cancels. */
  graph: GraphApi;
  repository: Pick<Repository, "readFile">;
  /** The connection account: the author of everything we create. */
  accountId: string;
  clock: RestoreClock;
  /** Ids in the snapshot of what another restore in place has made since the preview, and what lives: not made again. */
  madeSince?: ReadonlySet<string>;
  /** Cancel. Aborted with a PlanbackError other than `cancelled`: stop and throw it, so that another worker carries on. */
  signal?: AbortSignal;
  onProgress?: (progress: RestoreProgress) => void;
  /** How long a create may take to show after its attempt ended (ms). */
  settleMs?: number;
  /** Between the two listings that prove a create absent (ms). */
  betweenListingsMs?: number;
  /** Operations under way at once; the governor decides how many of their requests are. */
  concurrency?: number;
}

export interface Execution {
  state: "finished" | "cancelled";
  /** A limit of Planner that stopped operations of some kind; null: none. */
  limit: string | null;
}
