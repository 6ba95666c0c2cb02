/** Which plan a drill takes. Pure. */

/** A plan with a complete backup. `triedAt`: when a drill of it last ended, well or not. */
export interface Drillable { planId: string; snapshotId: string; triedAt: Date | null }

/**
 * The chosen plan; else the one whose turn was longest ago, so that each is proven in its turn, and one that fails keeps none
 * of the others from theirs. Null: there is none.
 */
export function choosePlan<P extends Drillable>(plans: readonly P[], chosen: string | null): P | null {
  if (chosen !== null) return plans.find(({ planId }) => planId === chosen) ?? null;
  const turn = ({ triedAt }: P) => triedAt?.getTime() ?? 0;
  return [...plans].sort((a, b) => turn(a) - turn(b) || (a.planId < b.planId ? -1 : 1))[0] ?? null;
}
