/** Names of objects in a store: every part starts with a letter or digit, so none can be `..`, hidden, or absolute. */
import { PlanbackError } from "@/lib/errors";

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const KEY_MAX_LENGTH = 400;

/** Returns the key, or throws `internal` when no object may be called so. */
export function checkName(key: string): string {
  if (key.length > KEY_MAX_LENGTH || !KEY.test(key)) throw new PlanbackError("internal", "An object of the storage has a name that is not allowed. Nothing was read or written.");
  return key;
}

/** The same for the beginning of keys. */
export function checkPrefix(prefix: string): string {
  if (prefix !== "") checkName(prefix.replace(/\/$/, ""));
  return prefix;
}
