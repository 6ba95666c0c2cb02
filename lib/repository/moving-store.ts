/**
 * The store of a workspace in the last phase of its move. Everything is stored in both places, and nothing counts as stored that
 * is not in both: whichever place is left over at the end has all that was stored meanwhile.
 */
import { isPlanbackError } from "@/lib/errors";
import type { ObjectStore } from "./types";

export function createMovingStore(from: ObjectStore, to: ObjectStore): ObjectStore {
  const locks = from.locks || to.locks ? {
    keep: async (key: string) => (await (to.locks ? to.locks.keep(key) : to.has(key))) && (from.locks ? from.locks.keep(key) : from.has(key)),
    until: async (key: string) => later(await from.locks?.until(key), await to.locks?.until(key)),
  } : undefined;
  return {
    locks,
    async put(key, bytes) {
      if (bytes instanceof Uint8Array) {
        const isNew = await to.put(key, bytes);
        return (await from.put(key, bytes)) || isNew;
      }
      // A source can be read once.
      const isNew = await from.put(key, bytes);
      return (await to.put(key, from.getStream(key))) || isNew;
    },
    get: (key) => from.get(key).catch((error: unknown) => {
      if (isMissing(error)) return to.get(key);
      throw error;
    }),
    async *getStream(key) {
      yield* (await from.has(key)) ? from.getStream(key) : to.getStream(key);
    },
    has: async (key) => (await to.has(key)) && from.has(key),
    list: (prefix) => from.list(prefix),
    async remove(key) {
      await to.remove(key);
      await from.remove(key);
    },
  };
}

const later = (one: Date | null = null, other: Date | null = null) => (one && other ? (one > other ? one : other) : (one ?? other));

const isMissing = (error: unknown): boolean => isPlanbackError(error, "repository_damaged") && error.facts.problem === "missing";
