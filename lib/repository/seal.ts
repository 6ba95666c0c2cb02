/**
 * Sealing of values that fit in memory: repository objects, wrapped keys, database columns, token caches.
 *
 *   sealed = header (54 bytes: magic, format, mode, key version, salt, nonce) | ciphertext | tag (16 bytes)
 *   key    = HKDF-SHA-256(long-lived key, salt)            one key for one value
 *   AES-256-GCM(key, nonce, associated data = header and the caller's strings)
 *
 * The associated data says what the value is and where it belongs (workspace, table, column, row id ...). A sealed
 * value that is moved elsewhere, or whose header was touched, does not open. Not hidden: the length.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import {
  associatedData, damaged, HEADER_BYTES, KEY_BYTES, keyFor, newHeader, oneTimeKey, parseHeader, TAG_BYTES,
  type HeaderRandom, type KeyMaterial, type SealKey,
} from "./header";

export type { SealKey } from "./header";

/** Seals `plaintext` for the place that `aad` names. `random` is given only by tests of known answers. */
export function seal(key: SealKey, aad: readonly string[], plaintext: Uint8Array, random?: HeaderRandom): Uint8Array {
  const header = newHeader(1, key.version, random);
  const cipher = createCipheriv("aes-256-gcm", oneTimeKey(key.bytes, header), header.nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(header, aad));
  const body = cipher.update(plaintext);
  return Buffer.concat([header.bytes, body, cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens what `seal` made with the same `aad`. `keys` maps key versions to keys. Throws PlanbackError
 * repository_damaged when the value was altered, cut, sealed for another place, or with a key that is not here.
 */
export function open(keys: ReadonlyMap<number, KeyMaterial>, aad: readonly string[], sealed: Uint8Array): Uint8Array {
  const header = parseHeader(1, sealed);
  if (sealed.length < HEADER_BYTES + TAG_BYTES) throw damaged("altered", "too short");
  const tagAt = sealed.length - TAG_BYTES;
  const key = oneTimeKey(keyFor(keys, header), header);
  const decipher = createDecipheriv("aes-256-gcm", key, header.nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(header, aad));
  decipher.setAuthTag(sealed.subarray(tagAt));
  const plaintext = decipher.update(sealed.subarray(HEADER_BYTES, tagAt));
  try {
    decipher.final();
  } catch (cause) {
    throw damaged("altered", "authentication failed", cause);
  }
  return plaintext;
}

/** 32 random bytes. */
export function newKey(): Uint8Array {
  return new Uint8Array(randomBytes(KEY_BYTES));
}

/** The header of a wrapped key carries this version: the installation key has no versions of its own. */
const INSTALLATION_KEY_VERSION = 0;

const wrapAad = (workspaceId: string, purpose: string, version: number) =>
  ["planback/key", workspaceId, purpose, String(version)];

/** Seals a workspace key under the installation key `kek`, bound to its workspace, purpose and version. */
export function wrapKey(kek: Uint8Array, workspaceId: string, purpose: string, version: number, key: Uint8Array): Uint8Array {
  return seal({ bytes: kek, version: INSTALLATION_KEY_VERSION }, wrapAad(workspaceId, purpose, version), key);
}

/** The inverse of `wrapKey`. Throws repository_damaged when the installation key or the place is not the one it was wrapped for. */
export function unwrapKey(kek: Uint8Array, workspaceId: string, purpose: string, version: number, wrapped: Uint8Array): Uint8Array {
  const key = open(new Map([[INSTALLATION_KEY_VERSION, kek]]), wrapAad(workspaceId, purpose, version), wrapped);
  if (key.length !== KEY_BYTES) throw damaged("altered", "a wrapped key of the wrong length");
  return key;
}
