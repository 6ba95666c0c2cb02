/** Installation keys out of the environment or a file: the first one wraps, all of them unwrap. */
import { createHmac } from "node:crypto";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { unwrapKey, wrapKey } from "@/lib/repository/seal";
import type { KeyProvider } from "./types";

const SCHEME = "environment:";
/** The id in rows from before ids were noted. */
const UNNOTED = "";

/** Names a key without saying anything of it. */
export function installationKeyId(key: Uint8Array): string {
  return SCHEME + createHmac("sha256", key).update("planback/key-id/1").digest("hex").slice(0, 16);
}

/** `keys`: the current one first. */
export function environmentKeys(keys: readonly [Uint8Array, ...Uint8Array[]]): KeyProvider {
  const byId = new Map(keys.map((key) => [installationKeyId(key), key]));
  const current = installationKeyId(keys[0]);
  return {
    current,
    knows: (keyId) => keyId === UNNOTED || byId.has(keyId),
    wrap: async ({ workspaceId, purpose, version }, key) => wrapKey(keys[0], workspaceId, purpose, version, key),
    async unwrap(keyId, { workspaceId, purpose, version }, wrapped) {
      const possible = keyId === UNNOTED ? keys : [byId.get(keyId)].filter((key) => key !== undefined);
      if (possible.length === 0) throw new PlanbackError("config", "This installation key is not here.");
      let problem: unknown;
      for (const key of possible) {
        try {
          return unwrapKey(key, workspaceId, purpose, version, wrapped);
        } catch (error) {
          if (!isPlanbackError(error, "repository_damaged")) throw error;
          problem = error;
        }
      }
      throw problem;
    },
  };
}
