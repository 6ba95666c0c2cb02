/**
 * Restore: a pure plan of operations (buildRestorePlan), an executor that survives being killed anywhere (executeRestore),
 * and a comparison of what is there with what was promised (readBack). docs/restore.md
 */
export { clearDrill, type Cleared } from "./clear";
export { followCopies } from "./copies";
export { damageOf } from "./damage";
export { deedSteps, differenceSteps } from "./difference";
export { executeRestore } from "./execute";
export type { ExecuteInput, Execution, RestoreClock, RestoreProgress } from "./execution";
export { hashSteps } from "./ids";
export { type Intent, type IntentState, type Journal, type JournalRows, MemoryJournal, newJournalRows, REOPENED } from "./journal";
export { type AccountFacts, comparedOnly, type LivePlan, type LiveReading, type LiveTarget, readAccountFacts, readLivePlan, readLiveTarget } from "./live";
export { buildRestorePlan, planSteps } from "./plan/build";
export { heldSilent, heldSmall } from "./plan/draft";
export type { RestorePlanInput } from "./plan/context";
export { confirmedReport, readBack, type ReadBackInput, sweptReport } from "./readback";
export { CREATING, type Creations, creationsOf, followSuccessors, originalsOfCopies, readSuccessors, renamed, successorsAmong } from "./successors";
export { type SweepReport, sweepRestore } from "./sweep";
export type * from "./types";
export { type UndoFacts, undoFactsOf } from "./undo";
