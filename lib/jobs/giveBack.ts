const MUCH = 240 * 2 ** 20;
const NOT_BEFORE_MS = 4_000;
let last = -Infinity;

/**
 * Gives back to the system what V8 keeps for later, between two parts of large work: otherwise the most that each of them takes adds
 * up. It takes some tenths of a second, so it is done only where there is much. Works in a process that was started as a worker.
 */
export function giveBack(): void {
  if (process.memoryUsage.rss() < MUCH || performance.now() - last < NOT_BEFORE_MS) return;
  globalThis.gc?.({ type: "major", flavor: "last-resort", execution: "sync" });
  last = performance.now();
}
