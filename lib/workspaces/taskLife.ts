/** The life of one task over the snapshots of its plan, from what each of them holds of it. Pure. */
import type { TaskRecord } from "@/lib/planner/types";
import type { SnapshotDrift } from "./types";

/** A snapshot, also one that retention has taken away: `isKept` says that it can still be opened. */
export interface Moment { id: string; takenAt: Date; isComplete: boolean; isBackup: boolean; isKept: boolean; drift: SnapshotDrift | null }

/** Kept snapshots that may hold another state of some task than the kept one before them, and the first. As given: newest first. */
export function stopsOf<M extends Moment>(moments: readonly M[]): M[] {
  const stops: M[] = [];
  let moved = true;
  let before: M | null = null;
  for (const moment of [...moments].reverse()) {
    const { drift } = moment;
    // Numbers of a snapshot may be against one further back than a partial one or one taken before a restore.
    if (drift === null || drift.added + drift.removed + drift.changed > 0 || !before?.isComplete || !before.isBackup) moved = true;
    before = moment;
    if (!moment.isKept || !moved) continue;
    stops.push(moment);
    moved = false;
  }
  return stops.reverse();
}

/** What a snapshot says of the task; null: nothing, for it is damaged there. */
export type Traced = { task: TaskRecord | null; behind: string } | null;
export interface State<M> { moment: M; task: TaskRecord | null; behind: string }

/** The states that are certain: a partial snapshot without the task does not say that it was gone. */
export function statesOf<M extends Moment>(moments: readonly M[], traced: readonly Traced[]): State<M>[] {
  return moments.flatMap((moment, index) => {
    const one = traced[index];
    return one && (one.task || moment.isComplete) ? [{ moment, ...one }] : [];
  });
}

export type StepKind = "came" | "gone" | "perhaps" | "none";

/** From `older` to `newer`; `perhaps`: the records differ, which need not be visible. */
export function stepOf<M>(older: State<M> | null, newer: State<M>): StepKind {
  if (!older?.task) return newer.task ? "came" : "none";
  if (!newer.task) return "gone";
  return newer.behind !== older.behind || JSON.stringify(newer.task) !== JSON.stringify(older.task) ? "perhaps" : "none";
}
