/**
 * Objects of one workspace: named by a keyed hash of what they hold, sealed for the place they are stored at.
 *
 *   id  = the first 16 bytes of HMAC-SHA-256(index key, type | 0x00 | plaintext), hex
 *   key = workspace / type / first two characters of the id / id
 *   manifests, pages, segments and bundles: seal(codec byte | compressed plaintext);  files: sealed frames
 */
import { createHmac } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { DICTIONARY } from "./dictionary";
import { openFrames, sealFrames } from "./frames";
import { damaged, keyObject, keyVersionOf } from "./header";
import { open, seal } from "./seal";
import type { ObjectStore, WorkspaceKeys } from "./types";

export type ObjectType = "manifest" | "page" | "segment" | "file" | "bundle";
/** The types that fit in memory, and are compressed. */
export type WholeType = Exclude<ObjectType, "file">;

/** Ways the plaintext of such an object may be stored; the first byte inside the seal. */
const CODECS = { plain: 0, zstd: 1 } as const;
/** Higher levels gain nothing on a few kilobytes. The size of the plaintext is not written: the end of the object says it. */
const COMPRESSION = { dictionary: DICTIONARY, params: { [constants.ZSTD_c_compressionLevel]: 6, [constants.ZSTD_c_contentSizeFlag]: 0 } };

/**
 * Half of the hash (RFC 2104, section 5): whoever lacks the index key cannot look for two contents with one id other than by
 * storing them, and ids are most of what an unchanged snapshot costs.
 */
const ID_LENGTH = 32;
const ID = /^[0-9a-f]{32}$/;

export interface ObjectAccess {
  id(type: ObjectType, plaintext: Uint8Array): string;
  /** For content that is hashed piece by piece. */
  idHash(type: ObjectType): { update(bytes: Uint8Array): void; id(): string };
  has(type: ObjectType, id: string): Promise<boolean>;
  lockedUntil(type: ObjectType, id: string): Promise<Date | null>;
  /** Stores unless it is there (a suspect: there and whole). Returns the id and the bytes newly stored (0 when it was there). */
  write(type: WholeType, plaintext: Uint8Array): Promise<{ id: string; newBytes: number }>;
  /** The plaintext and the size of the stored object. Throws repository_damaged unless it is what was written under this id. */
  read(type: WholeType, id: string): Promise<{ plaintext: Uint8Array; storedBytes: number }>;
  remove(type: ObjectType, id: string): Promise<void>;
  /** Seals and stores `content`, whose id is `id`. Returns false when it was there. */
  writeStream(type: "file", id: string, content: AsyncIterable<Uint8Array>): Promise<boolean>;
  /** The content; whole only when the iteration ends without an error. `onStoredBytes` is told of what was read. */
  readStream(type: "file", id: string, onStoredBytes?: (bytes: number) => void): AsyncIterable<Uint8Array>;
}

/** Objects that are about to be removed, because no snapshot needs them. */
export interface Condemned {
  has(id: string): boolean;
  /** Takes the sentence back. When it returns, the object is removed already or stays. */
  pardon(type: ObjectType, id: string): Promise<void>;
}

export function isObjectId(text: string): boolean {
  return ID.test(text);
}

/**
 * `suspects` are ids that a verification found damaged: what is written under one replaces the object unless that is whole.
 * What is found damaged on reading here is suspected, too. Whoever writes must know what is `condemned`: what he finds there is his, and its lock is
 * made as long as that of something new.
 */
export function createObjectAccess(store: ObjectStore, keys: WorkspaceKeys, suspects: ReadonlySet<string> = new Set(), condemned?: Condemned): ObjectAccess {
  const { workspaceId } = keys;
  const suspected = new Set(suspects);
  const indexKey = keyObject(keys.indexKey);
  const contentKeys = new Map([...keys.contentKeys].map(([version, bytes]) => [version, keyObject(bytes)]));
  const current = contentKeys.get(keys.contentKeyVersion);
  if (!current) throw new PlanbackError("internal", "The workspace has no content key of its current version.");
  const sealKey = { bytes: current, version: keys.contentKeyVersion };

  /** A key that came after this was opened is fetched when something sealed with it is met, each version once. */
  const missed = new Set<number>();
  const keysFor = async (sealed: Uint8Array) => {
    const version = keyVersionOf(sealed);
    if (version === null || contentKeys.has(version) || missed.has(version) || !keys.newerContentKeys) return contentKeys;
    for (const [newer, bytes] of await keys.newerContentKeys()) if (!contentKeys.has(newer)) contentKeys.set(newer, keyObject(bytes));
    if (!contentKeys.has(version)) missed.add(version);
    return contentKeys;
  };

  const keyOf = (type: ObjectType, id: string) => {
    if (!isObjectId(id)) throw damaged("missing", `not an id of a ${type}`);
    return `${workspaceId}/${type}/${id.slice(0, 2)}/${id}`;
  };
  const aadOf = (type: ObjectType, id: string) => ["planback/object", workspaceId, type, id];
  const idHash = (type: ObjectType) => {
    const hmac = createHmac("sha256", indexKey).update(`${type}\0`, "utf8");
    return { update: (bytes: Uint8Array) => void hmac.update(bytes), id: () => hmac.digest("hex").slice(0, ID_LENGTH) };
  };
  const idOf = (type: ObjectType, plaintext: Uint8Array) => {
    const hash = idHash(type);
    hash.update(plaintext);
    return hash.id();
  };

  const access: ObjectAccess = {
    id: idOf,
    idHash,
    async has(type, id) {
      const key = keyOf(type, id);
      if (condemned?.has(id)) await condemned.pardon(type, id);
      if (!(await (condemned && store.locks ? store.locks.keep(key) : store.has(key)))) return false;
      if (!suspected.has(id) || (await isWhole(access, type, id))) return true;
      // Whoever reads it until it is written again hears "missing" instead of "altered".
      await store.remove(key);
      return false;
    },
    lockedUntil: async (type, id) => store.locks?.until(keyOf(type, id)) ?? null,
    async write(type, plaintext) {
      const id = idOf(type, plaintext);
      const key = keyOf(type, id);
      if (await access.has(type, id)) return { id, newBytes: 0 };
      const sealed = seal(sealKey, aadOf(type, id), encode(plaintext));
      return { id, newBytes: (await store.put(key, sealed)) ? sealed.length : 0 };
    },
    async read(type, id) {
      const sealed = await naming(type, () => store.get(keyOf(type, id)));
      const keys = await keysFor(sealed);
      try {
        const plaintext = decode(open(keys, aadOf(type, id), sealed));
        if (idOf(type, plaintext) !== id) throw damaged("altered", `a ${type} whose content does not match its id`);
        return { plaintext, storedBytes: sealed.length };
      } catch (error) {
        suspected.add(id);
        throw error;
      }
    },
    remove: (type, id) => store.remove(keyOf(type, id)),
    writeStream: (type, id, content) => store.put(keyOf(type, id), sealFrames(sealKey, aadOf(type, id), content)),
    async *readStream(type, id, onStoredBytes) {
      const hash = idHash(type);
      const sealed = counted(store.getStream(keyOf(type, id)), onStoredBytes);
      for await (const piece of openFrames(keysFor, aadOf(type, id), sealed)) {
        hash.update(piece);
        yield piece;
      }
      if (hash.id() !== id) throw damaged("altered", `a ${type} whose content does not match its id`);
    },
  };
  return access;
}

/** Reads all of an object. */
export async function isWhole(objects: ObjectAccess, type: ObjectType, id: string): Promise<boolean> {
  try {
    if (type !== "file") await objects.read(type, id);
    else for await (const piece of objects.readStream(type, id)) void piece;
    return true;
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return false;
    throw error;
  }
}

function encode(plaintext: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(CODECS.zstd), zstdCompressSync(plaintext, COMPRESSION)]);
}

function decode(encoded: Uint8Array): Uint8Array {
  const payload = encoded.subarray(1);
  if (encoded[0] === CODECS.plain) return payload;
  if (encoded[0] !== CODECS.zstd) throw damaged("altered", "compressed in a way that this version does not know");
  try {
    return zstdDecompressSync(payload, { dictionary: DICTIONARY });
  } catch (cause) {
    throw damaged("altered", "cannot be decompressed", cause);
  }
}

/** The store knows keys only; the person should hear what kind of thing is missing. */
async function naming<T>(type: ObjectType, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged") && error.facts.problem === "missing") throw damaged("missing", `a ${type}`, error);
    throw error;
  }
}

async function* counted(content: AsyncIterable<Uint8Array>, count?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    count?.(chunk.length);
    yield chunk;
  }
}
