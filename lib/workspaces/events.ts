/** What people can be told of. Pure. */

/** Needs a person: opened when it is noticed, closed when it is over. */
export const CONDITIONS = ["backup.absent", "backup.failed", "backup.partial", "plan.loss", "drill.absent", "drill.failed", "drill.left", "workspace.deletion", "access.lost", "storage.damaged", "channel.broken", "key.expiring"] as const;
/** Happens once. */
export const OCCURRENCES = ["restore.finished", "digest.weekly"] as const;
export const EVENTS = [...CONDITIONS, ...OCCURRENCES] as const;

export type ConditionEvent = (typeof CONDITIONS)[number];
export type EventName = (typeof EVENTS)[number];

/** What is known of an incident, without names: ids, counts, times. */
export interface ConditionFacts {
  "backup.absent": { level: "late" | "overdue"; lastCompleteAt: string | null; everyHours: number; accountRemoved: boolean };
  "backup.failed": { runId: string };
  "backup.partial": { runId: string };
  "plan.loss": { removed: number; usual: number | null; foundAt: string; lastAt: string; beforeId: string };
  "drill.absent": { lastAt: string | null; everyHours: number };
  /** `outcome`: it found differences, or could not be carried out. */
  "drill.failed": { restoreId: string; outcome: "different" | "failed" };
  "drill.left": { endedAt: string };
  "workspace.deletion": { deleteAt: string };
  "access.lost": { what: "sign_in" | "consent" };
  "storage.damaged": { snapshots: number };
  "channel.broken": { failedAt: string };
  "key.expiring": { expiresAt: string };
}
export type Condition = { [E in ConditionEvent]: { event: E; subjectId: string; facts: ConditionFacts[E] } }[ConditionEvent];

export interface RestoreFinishedFacts { state: string; finishedAt: string }
export interface DigestFacts {
  since: string;
  runs: { complete: number; partial: number; failed: number };
  restores: number;
  openIncidents: number;
  snapshots: number;
  /** The end of the activity log: kept outside, it shows whether the log was cut off since. */
  anchor: string | null;
}
