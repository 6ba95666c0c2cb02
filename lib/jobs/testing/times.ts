import type { RestoreTimes } from "../restoreRun";

/** Short, but in the same order as the product's: a request ends under its lease, and settles before it is looked for. */
export const SHORT_TIMES: RestoreTimes = { requestMs: 5_000, leaseSeconds: 9, renewMs: 1_000, settleMs: 3_000, betweenListingsMs: 1_000 };
