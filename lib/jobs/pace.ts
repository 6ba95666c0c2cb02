/** Small pieces that every long job needs: progress that is written now and then, and a stop that is noticed soon. */
import { setTimeout as sleep } from "node:timers/promises";
import { PlanbackError } from "@/lib/errors";

export interface Latest<T> {
  push(value: T): void;
  /** Writes what is still unwritten and waits for it. */
  flush(): Promise<void>;
}

/**
 * Writes values one after the other, at most one per `everyMs`, skipping those that a newer one has replaced. A write
 * that fails is dropped: progress is for looking at, and the next value comes soon.
 */
export function latest<T>(write: (value: T) => Promise<void>, everyMs = 400): Latest<T> {
  let next: { value: T } | null = null;
  let running: Promise<void> | null = null;
  let hurry = false;
  async function run(): Promise<void> {
    while (next) {
      const { value } = next;
      next = null;
      await write(value).catch(() => undefined);
      if (!hurry) await sleep(everyMs);
    }
    running = null;
  }
  return {
    push(value) {
      next = { value };
      running ??= run();
    },
    async flush() {
      hurry = true;
      while (running) await running;
      hurry = false;
    },
  };
}

export interface StopWatch {
  /** Aborts with PlanbackError `cancelled` when a person asked, or with the parent's reason. */
  signal: AbortSignal;
  end(): void;
}

/** Asks `isStopped` every second until it says yes. A question that fails counts as no. */
export function stopWatch(isStopped: () => Promise<boolean>, parent: AbortSignal, everyMs = 1000): StopWatch {
  const controller = new AbortController();
  const follow = () => controller.abort(interrupted());
  if (parent.aborted) follow();
  else parent.addEventListener("abort", follow, { once: true });
  let asking = false;
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    const stop = await isStopped().catch(() => false);
    asking = false;
    if (stop) controller.abort(new PlanbackError("cancelled", "Stopped by a person."));
  }, everyMs);
  return {
    signal: controller.signal,
    end() {
      clearInterval(timer);
      parent.removeEventListener("abort", follow);
    },
  };
}

/** The queue gave the job to somebody else, or the worker shuts down: this one must stop at once. */
function interrupted(): PlanbackError {
  return new PlanbackError("lease_lost", "The job was interrupted and goes on in another worker.");
}
