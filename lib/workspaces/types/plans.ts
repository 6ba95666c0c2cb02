/** Plans, their snapshots, and what is found in them. */
import type { ReadingFacts } from "@/lib/backup/types";
import type { FieldChange, PlanDrift } from "@/lib/planner/diff";
import type { Gap, SnapshotContent } from "@/lib/planner/types";
import type { Consistency, SnapshotCounts } from "@/lib/repository/types";
import type { Proof } from "./policies";

export interface PlanSummary {
  id: string; graphPlanId: string; title: string; groupName: string; groupId: string; tid: string; tenantName: string | null;
  goneAt: string | null; snapshots: number;
  /** The newest backup found nothing where there was content, and nobody has said that this was meant. */
  suspiciouslyEmpty: boolean;
  lastSnapshot: { id: string; state: "complete" | "partial"; takenAt: string; tasks: number } | null;
  lastCompleteAt: string | null; policyNames: string[];
}
/** Far more tasks than usual were gone; the plan's snapshots are kept until a person releases it. */
export interface LossView {
  id: string;
  /** The last snapshot that has them, and when it was taken. */
  beforeId: string; lastAt: string;
  removed: number; foundAt: string;
  /** Null: too few backups to know. */
  usual: number | null;
}
export interface SnapshotSummary {
  id: string; planId: string; state: "complete" | "partial"; takenAt: string; counts: SnapshotCounts; gaps: number;
  quiescent: boolean; newBytes: number; newObjects: number; damaged: boolean;
  drift: SnapshotDrift | null; reading: ReadingFacts | null; runId: string | null;
  /** Taken because this restore was about to change the plan. */
  beforeRestoreId: string | null;
}
/**
 * Compared with the snapshot before: tasks that came, went and changed, and how many of their fields did; of the changed
 * ones, those that were completed; and what else: buckets, the plan's title, names of labels. Snapshots of older versions
 * lack the last three.
 */
export interface SnapshotDrift { added: number; removed: number; changed: number; fields?: number; completed?: number; other?: number }
export interface SnapshotView<Content = SnapshotContent> extends SnapshotSummary {
  /** Names of parts that could not be read from storage; the content is without them. Empty unless damaged. */
  missing: string[];
  planTitle: string; groupName: string; planGone: boolean; content: Content; gapList: Gap[]; consistency: Consistency;
}

/** A snapshot as the timeline of its plan shows it. `lost`: it found nothing where there was content. */
export interface TimelineSnapshot {
  id: string; takenAt: string; state: "complete" | "partial"; tasks: number; gaps: number; damaged: boolean; lost: { tasks: number; buckets: number } | null; newBytes: number;
  drift: SnapshotDrift | null; beforeRestore: boolean;
}
/** `before`: the kept snapshot before it; null for the first. */
export type TimelineEntry = { kind: "snapshot"; snapshot: TimelineSnapshot; before: string | null } | { kind: "unchanged"; snapshots: TimelineSnapshot[] };
export interface TimelineDay { day: string; snapshots: number; changes: number; removed: number }
/** When a task was there. `snapshotId`: the last kept snapshot that has it. */
export interface TaskTrace { taskId: string; title: string; bucket: string | null; firstAt: string; snapshotId: string; lastAt: string; goneAt: string | null }
export interface HistoryView {
  plan: PlanSummary;
  /** Of all kept snapshots. */
  total: number; changes: number; days: TimelineDay[];
  newestId: string | null;
  entries: TimelineEntry[]; page: number; pages: number;
  /** What the keys jump to from the ends of the page. */
  newerChange: string | null; olderChange: string | null;
  /** Tasks that a snapshot of the page was the first not to have, a few of each, by the snapshot's id. */
  gone: Record<string, { id: string; title: string }[]>;
  /** The snapshot that was asked for. */
  at: string | null;
  /** The task that was asked for; null: no kept snapshot that the search knows has it. */
  task: TaskTrace | null;
  /** Of this plan. */
  proof: Omit<Proof, "planTitle"> | null;
}

/** What a kept snapshot found of a task. `before`: the last one that has it as it was. */
export interface TaskEvent {
  /** back: it was there, then not, then again. */
  kind: "first" | "changed" | "gone" | "back";
  snapshotId: string; at: string; before: { id: string; at: string } | null;
  /** Of a change; null: they cannot be read, the storage is damaged there. */
  fields: FieldChange[] | null;
}
export interface TaskHistoryView {
  plan: PlanSummary; taskId: string; title: string | null;
  /** What the search knows of it. */
  trace: TaskTrace | null;
  /** Newest first. */
  events: TaskEvent[];
  /** The oldest snapshot that was looked at for them, and how many said nothing of the task because they are damaged there. */
  until: string | null; damaged: number;
  /** The snapshot to go on from; null at the first one. */
  next: string | null;
}

/** `offered`: snapshots at which something changed, newest first; `from` and `to` when nothing is chosen: null with fewer than two. */
export interface CompareChoices { plan: PlanSummary; total: number; newestId: string | null; offered: TimelineSnapshot[]; from: string | null; to: string | null }
/** `id`: of a snapshot, or "live". */
export interface ComparedSide { id: string; at: string; state: "complete" | "partial"; beforeRestore: boolean }
export interface CompareView { from: ComparedSide; to: ComparedSide; drift: PlanDrift }

/** A task that a snapshot holds. `snapshotId`: the last one that does. */
export interface SearchHit {
  planId: string; taskId: string; title: string; bucket: string | null; planTitle: string; groupName: string;
  snapshotId: string; firstAt: string; lastAt: string;
  /** When a backup first found it missing; null: the newest backup has it. */
  goneAt: string | null;
}
/** `from`: the number of the first hit; `plans`: all that may be searched, by title. */
export interface SearchResult { hits: SearchHit[]; from: number; page: number; hasMore: boolean; isEmptyQuery: boolean; plans: { id: string; title: string; groupName: string }[] }
