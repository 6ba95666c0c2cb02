import type { ObjectStore } from "@/lib/repository/types";
import { isPlanbackError } from "@/lib/errors";
import { metrics } from "./metrics";

/** The same store, each operation counted and timed. A stream is timed to its end. */
export function measuredStore(store: ObjectStore): ObjectStore {
  function ended(operation: string, from: number, error?: unknown): void {
    const outcome = error === undefined ? "ok" : isPlanbackError(error, "repository_damaged") ? "missing" : "failed";
    metrics().store.inc({ operation, outcome });
    metrics().storeSeconds.observe({ operation }, (performance.now() - from) / 1000);
  }
  async function timed<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const from = performance.now();
    try {
      const result = await work();
      ended(operation, from);
      return result;
    } catch (error) {
      ended(operation, from, error);
      throw error;
    }
  }
  async function* streamed<T>(operation: string, items: AsyncIterable<T>): AsyncIterable<T> {
    const from = performance.now();
    try {
      yield* items;
    } catch (error) {
      ended(operation, from, error);
      throw error;
    }
    ended(operation, from);
  }
  const { locks } = store;
  return {
    ...store,
    locks: locks && { keep: (key) => timed("has", () => locks.keep(key)), until: (key) => timed("has", () => locks.until(key)) },
    put: (key, bytes) => timed("put", () => store.put(key, bytes)),
    get: (key) => timed("get", () => store.get(key)),
    getStream: (key) => streamed("get", store.getStream(key)),
    has: (key) => timed("has", () => store.has(key)),
    list: (prefix) => streamed("list", store.list(prefix)),
    remove: (key) => timed("remove", () => store.remove(key)),
  };
}
