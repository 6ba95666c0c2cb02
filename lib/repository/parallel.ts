import type { Steps } from "@/lib/planner/steps";

/** Results of `action` for each item, in the items' order, at most `limit` at a time. The first error is thrown when all that runs has ended. */
export async function inParallel<T, R>(items: readonly T[], limit: number, action: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  const errors: unknown[] = [];
  let next = 0;
  async function lane(): Promise<void> {
    while (errors.length === 0 && next < items.length) {
      const index = next++;
      try {
        results[index] = await action(items[index]!);
      } catch (error) {
        errors.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (errors.length > 0) throw errors[0];
  return results;
}

/** The same as they come, in the items' order: at most `limit` are under way or waiting to be taken. Who stops early waits for them too. */
export async function* inOrder<T, R>(items: Iterable<T>, limit: number, action: (item: T) => Promise<R>): AsyncGenerator<R> {
  const waiting: Promise<R>[] = [];
  try {
    for (const item of items) {
      const result = action(item);
      result.catch(() => {}); // heard when its turn comes, or never because an earlier one failed
      waiting.push(result);
      if (waiting.length === limit) yield await waiting.shift()!;
    }
    while (waiting.length > 0) yield await waiting.shift()!;
  } finally {
    await Promise.allSettled(waiting);
  }
}

/** Slices fill batches of requests. Several at once keep enough on the way, and little of what they answer is held at a time. */
const SLICE = 100;
const SLICES_AT_ONCE = 4;

/** Results of `action` for slices of the items, in their order. */
export function inSlices<T, R>(items: readonly T[], action: (slice: T[]) => Promise<R>): Promise<R[]> {
  const slices = Array.from({ length: Math.ceil(items.length / SLICE) }, (_, index) => items.slice(index * SLICE, (index + 1) * SLICE));
  return inParallel(slices, SLICES_AT_ONCE, action);
}

/** Between the steps whatever else waits has its turn, such as the signs of life of a worker. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await new Promise(setImmediate);
  }
}
