import { PlanbackError } from "@/lib/errors";

/** Time and chance, so that tests can run hours of waiting in a moment. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`; rejects with PlanbackError `cancelled` as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** [0, 1) */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled());
      const stop = () => {
        clearTimeout(timer);
        reject(cancelled());
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, Math.max(0, ms));
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

export function cancelled(): PlanbackError {
  return new PlanbackError("cancelled", "The work was cancelled. What was finished before is kept.");
}
