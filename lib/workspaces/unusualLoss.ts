/**
 * Whether a backup found far more tasks gone from a plan than usual. Pure; docs/notifications.md says it in words.
 *
 * "Usual" is what nine of ten kept snapshots stay within, so that a weekly clean-up is usual and one accident in the
 * past is not. A longer pause between two backups may have lost more in proportion. What a person has called intended
 * is usual too.
 */

export interface Reading {
  /** Tasks that went since the snapshot before. */
  removed: number;
  /** Hours since the snapshot before. */
  hours: number;
}

export interface LossFacts extends Reading {
  /** Tasks that the snapshot before held. */
  before: number;
  /** The plan's earlier backups that are kept, in any order; without losses that nobody has released. */
  history: readonly Reading[];
  /** Sizes of earlier losses that a person released. */
  accepted: readonly number[];
}

/** With fewer backups than this to compare with, nobody knows what is usual. */
const KNOWN_FROM = 8;
/** Fewer tasks are never called unusual. */
const FLOOR = 5;
/** Enough to be called unusual in a plan of any size, where nothing like it is usual. */
const MANY = 10;
/** Of what is usual. */
const FAR_MORE = 3;
/** Of what was intended before. */
const MORE_THAN_INTENDED = 1.5;
/** However long the pause. */
const LONGEST_PAUSE = 30;

/** Null when nothing is unusual; else how many tasks usually go at most, null when that is not known yet. */
export function unusualLoss({ removed, hours, before, history, accepted }: LossFacts): { usual: number | null } | null {
  const known = history.length >= KNOWN_FROM;
  const floor = known ? Math.min(MANY, Math.max(FLOOR, Math.ceil(before / 2))) : Math.max(FLOOR, Math.ceil(before / 4));
  if (removed < floor || removed <= MORE_THAN_INTENDED * Math.max(0, ...accepted)) return null;
  if (!known) return { usual: null };
  const pause = Math.min(LONGEST_PAUSE, Math.max(1, hours / Math.max(quantile(history.map((one) => one.hours), 0.5), 1 / 60)));
  const usual = Math.ceil(quantile(history.map((one) => one.removed), 0.9) * pause);
  return removed > FAR_MORE * usual ? { usual } : null;
}

/** The smallest value that at least this share of the values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
