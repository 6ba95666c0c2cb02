/**
 * What sealed values and sealed file streams have in common: the header, the one-time key and the associated data.
 * docs/snapshot-format.md has the byte layout.
 */
import { createSecretKey, hkdfSync, randomBytes, type KeyObject } from "node:crypto";
import { PlanbackError } from "@/lib/errors";

/** 32 bytes. A KeyObject saves the time that making one takes with every value. */
export type KeyMaterial = Uint8Array | KeyObject;
export const keyObject = (key: KeyMaterial): KeyObject => (key instanceof Uint8Array ? createSecretKey(key) : key);

/** A key that values are sealed with, and its version (0 to 2^32 - 1), which is written into the header. */
export interface SealKey {
  bytes: KeyMaterial;
  version: number;
}

/** One value sealed at once, or a stream sealed frame by frame. */
export type SealMode = 1 | 2;

export interface Header {
  keyVersion: number;
  salt: Uint8Array;
  nonce: Uint8Array;
  /** The 54 bytes as stored; part of the associated data. */
  bytes: Uint8Array;
}

const MAGIC = Buffer.from("PLBK", "ascii");
const FORMAT = 1;
const SALT_AT = 10;
const NONCE_AT = 42;
export const HEADER_BYTES = 54;
export const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** The two random fields of a header; given only by tests of known answers. */
export interface HeaderRandom {
  salt: Uint8Array;
  nonce: Uint8Array;
}

const freshRandom = (): HeaderRandom => ({ salt: randomBytes(32), nonce: randomBytes(12) });

export function newHeader(mode: SealMode, keyVersion: number, random: HeaderRandom = freshRandom()): Header {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.set(MAGIC, 0);
  bytes.writeUInt8(FORMAT, 4);
  bytes.writeUInt8(mode, 5);
  bytes.writeUInt32BE(keyVersion, 6);
  bytes.set(random.salt, SALT_AT);
  bytes.set(random.nonce, NONCE_AT);
  return { keyVersion, salt: random.salt, nonce: random.nonce, bytes };
}

/** Reads the header at the start of `sealed`. Throws repository_damaged when it is not one of this mode. */
export function parseHeader(mode: SealMode, sealed: Uint8Array): Header {
  const bytes = Buffer.from(sealed.subarray(0, HEADER_BYTES));
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 4).equals(MAGIC)) throw damaged("altered", "not a sealed value");
  if (bytes[4] !== FORMAT) throw damaged("altered", "unknown format version");
  if (bytes[5] !== mode) throw damaged("altered", "sealed in another mode");
  return {
    keyVersion: bytes.readUInt32BE(6),
    salt: bytes.subarray(SALT_AT, NONCE_AT),
    nonce: bytes.subarray(NONCE_AT, HEADER_BYTES),
    bytes,
  };
}

/** The version of the key that a value or stream was sealed with; null: it is not a sealed one. */
export function keyVersionOf(sealed: Uint8Array): number | null {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, Math.min(sealed.length, HEADER_BYTES));
  return bytes.length === HEADER_BYTES && bytes.subarray(0, 4).equals(MAGIC) ? bytes.readUInt32BE(6) : null;
}

/** HKDF-SHA-256 of the long-lived key and the random salt: a key that seals one value or one stream, never two. */
export function oneTimeKey(key: KeyMaterial, header: Header): Uint8Array {
  if ((key instanceof Uint8Array ? key.length : key.symmetricKeySize) !== KEY_BYTES) throw new PlanbackError("config", "A sealing key must be 32 bytes long.");
  return new Uint8Array(hkdfSync("sha256", key, header.salt, "planback/v1/seal", KEY_BYTES));
}

/** The long-lived key that the header names. */
export function keyFor(keys: ReadonlyMap<number, KeyMaterial>, header: Header): KeyMaterial {
  const key = keys.get(header.keyVersion);
  if (!key) throw damaged("altered", "sealed with a key version that this workspace does not have");
  return key;
}

/** Header, then the number of strings, then each as length and UTF-8: no two lists of strings give the same bytes. */
export function associatedData(header: Header, aad: readonly string[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(aad.length);
  const parts: Uint8Array[] = [header.bytes, count];
  for (const text of aad) {
    if (!text.isWellFormed()) throw new PlanbackError("internal", "Associated data must be well-formed text.");
    const utf8 = Buffer.from(text, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(utf8.length);
    parts.push(length, utf8);
  }
  return Buffer.concat(parts);
}

/** Why something in storage cannot be used. */
export type Problem = "missing" | "altered";

/** `detail` is a fixed phrase of ours, never content. */
export function damaged(problem: Problem, detail: string, cause?: unknown): PlanbackError {
  const what = problem === "missing" ? "is not in storage" : "was altered, cut, or belongs to another place";
  return new PlanbackError(
    "repository_damaged",
    `Something that Planback stored ${what} (${detail}). Reading changed nothing; everything that is not damaged can still be used. Verify the storage to see what is affected.`,
    { facts: { problem, detail }, cause },
  );
}
