/** How the whole workspace is, and the installation. */
import type { PolicyHealth } from "./policies";
import type { RunSummary } from "./runs";

export type OnboardingStep = "consent" | "connection" | "policy" | "firstBackup";
export interface OnboardingView {
  done: Record<OnboardingStep, boolean>;
  /** Null when all is done. */
  next: OnboardingStep | null;
  /** The viewer's role may do the next step; `people` are all whose role may. */
  isYours: boolean; people: string[];
  /** The link that an administrator was sent for a consent that is still missing. */
  link: { requestedBy: string; createdAt: string; openedAt: string | null; expiresAt: string } | null;
  /** The newest run, while no snapshot came of any. */
  run: { id: string; isRunning: boolean } | null;
}
export interface OverviewView {
  onboarding: OnboardingView;
  /** Things that need a person, each with the one next step. */
  attention: { text: string; href: string; action: string }[];
  /** When a worker last looked for what needs a person; null: none ever did. */
  lookedAt: string | null;
  /** Of the plans that the accounts can reach. */
  plans: { protected: number; unprotected: number; reachable: number; withSnapshot: number };
  /** Those in trouble first; `policyCount` says how many there are. */
  policies: PolicyHealth[]; policyCount: number;
  lastCompleteAt: string | null; nextRunAt: string | null;
  lastRun: RunSummary | null; activeRuns: RunSummary[]; snapshots: number;
  storedBytes: number;
  /** What was stored at the end of each day (UTC) on which something was added, oldest first. */
  storage: { day: string; bytes: number }[];
}

/** How the installation is, for its operators: counts, ids, codes and versions. */
export interface InstallationView {
  at: string;
  queues: { queue: string; waiting: number; later: number; active: number; oldestSeconds: number | null }[];
  /** Of the last 24 hours; `detail` is a code or state of ours. */
  failures: { kind: string; detail: string; count: number }[];
  /** Workspaces whose nightly copy of the rows is late or fails; `problem` is a code of ours. */
  copies: { workspaceId: string; copiedAt: string | null; problem: string | null; isLate: boolean }[];
  throttled: { tid: string; service: string; until: string }[];
  processes: { id: string; kind: "web" | "worker"; version: string; host: string; startedAt: string; seenAt: string; alive: boolean }[];
  schema: { applied: string | null; wanted: string | null };
  /** The 200 workspaces that use most. */
  storage: { workspaceId: string; plans: number; snapshots: number; bytes: number }[];
}
