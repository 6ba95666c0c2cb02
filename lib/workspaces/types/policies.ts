/** What is backed up when, how long it is kept, and how it is proven restorable. */
import type { ConnectionView } from "./connections";
import type { RestoreState } from "./restores";
import type { RunSummary } from "./runs";

export type PolicySchedule =
  | { kind: "manual" }
  /** At a time that follows from the policy. */
  | { kind: "hours"; every: number }
  | { kind: "daily"; at: string; timeZone: string }
  | { kind: "weekly"; day: number; at: string; timeZone: string };

/** When a policy's drills are due. */
export type DrillSchedule = Extract<PolicySchedule, { kind: "manual" | "weekly" }> | { kind: "monthly"; day: number; at: string; timeZone: string };
export type Schedule = PolicySchedule | DrillSchedule;

export interface PolicySelection {
  groups: {
    groupId: string;
    /** Planner ids of the chosen plans. */
    planIds: string[];
    /** Plans that appear in this group later are taken too. */
    includeNew: boolean;
  }[];
}
/** What a policy keeps of each plan; null: this does not count. A snapshot goes when nothing keeps it; with all null none goes. */
export interface Retention { keepCount: number | null; keepDays: number | null; keepDaily: number | null; keepWeekly: number | null; keepMonthly: number | null; keepYearly: number | null }
/** Snapshots that would leave the timelines of so many plans, and those that would stay. */
export interface RetentionPreview { snapshots: number; plans: number; kept: number }
export type PolicyInput = { name: string; connectionId: string; selection: PolicySelection; schedule: PolicySchedule } & Pick<Retention, "keepCount" | "keepDays"> & Partial<Retention>;
export interface PolicyView extends Retention {
  name: string; connectionId: string; selection: PolicySelection; schedule: PolicySchedule;
  id: string; enabled: boolean; scheduleText: string; nextRuns: string[];
  planCount: number; groupCount: number; lastRun: RunSummary | null;
}

/** `planId`: the plan that every drill takes; null: the one whose turn it is. */
export interface DrillInput { schedule: DrillSchedule; groupId: string | null; planId: string | null }
/** Of the newest drill that ended exactly as its backup. */
export interface Proof { restoreId: string; at: string; planTitle: string }
export interface DrillSummary { restoreId: string; planTitle: string; state: RestoreState; startedBy: string; createdAt: string; finishedAt: string | null; isPlanLeft: boolean }
export interface DrillsView extends DrillInput {
  scheduleText: string; nextRuns: string[];
  /** The time zone that is offered first. */
  timeZone: string;
  proof: Proof | null;
  /** Newest first; the first may be under way. */
  drills: DrillSummary[];
  /** Plans with a complete backup, by title. `next`: whose turn it is; null: none can be drilled. */
  plans: { id: string; title: string; provenAt: string | null }[]; next: { id: string; title: string } | null;
  /** Groups that the account is a member of, by name. */
  groups: { id: string; name: string; isPrivate: boolean }[];
  account: { id: string; name: string; tid: string; restoreState: ConnectionView["restoreState"] } | null;
}

/** Runs of a policy that began on a day (UTC), by outcome; `missed`: due, and never came. */
export interface StripDay { day: string; complete: number; partial: number; failed: number; cancelled: number; running: number; missed: number }
/** `late` and `overdue` are against the policy's own interval; `stopped`: its connection has no access; `manual`: nothing is due by itself. */
export type PolicyHealthState = "ok" | "waiting" | "late" | "overdue" | "stopped" | "paused" | "manual";
export interface PolicyHealth {
  id: string; name: string; scheduleText: string; state: PolicyHealthState;
  lastCompleteAt: string | null; nextRunAt: string | null; days: StripDay[];
  /** Null: no drill has proven it yet. */
  proof: Proof | null;
}
