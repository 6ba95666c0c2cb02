/**
 * Sealing of streams in frames, so that a file of any size takes the memory of two frames.
 *
 *   sealed = header (mode 2) | frame 0 | frame 1 | ... | last frame
 *   frame  = ciphertext of 1 MiB of plaintext | tag (16 bytes); only the last frame may hold less (also nothing)
 *   nonce of frame i = the header's nonce XOR i;  associated data = the stream's, then i (8 bytes), then 1 if last, else 0
 *
 * A frame that was changed, moved, repeated, dropped or added does not open, and neither does a stream that was cut
 * between frames, because its end then lacks the last flag. Every byte that is yielded was authenticated; the stream
 * is whole only when the iteration ends without an error.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import {
  associatedData, damaged, HEADER_BYTES, keyFor, newHeader, oneTimeKey, parseHeader, TAG_BYTES,
  type Header, type HeaderRandom, type KeyMaterial, type SealKey,
} from "./header";

export const FRAME_BYTES = 1024 * 1024;

/** Seals `content` for the place that `aad` names. A chunk holds until the next is asked for. `random` is given only by tests of known answers. */
export async function* sealFrames(
  key: SealKey, aad: readonly string[], content: AsyncIterable<Uint8Array>, random?: HeaderRandom,
): AsyncGenerator<Uint8Array> {
  const header = newHeader(2, key.version, random);
  const frames = frameCipher(header, key.bytes, aad);
  yield header.bytes;
  for await (const { index, bytes, last } of pieces(content, FRAME_BYTES)) yield* frames.seal(index, last, bytes);
}

type Keys = ReadonlyMap<number, KeyMaterial>;

/** Opens what `sealFrames` made with the same `aad`. `keys`, or what finds them for the header. Throws repository_damaged at the first frame that is not as it was. */
export async function* openFrames(
  keys: Keys | ((header: Uint8Array) => Promise<Keys>), aad: readonly string[], sealed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const iterator = sealed[Symbol.asyncIterator]();
  try {
    const first = await readAtLeast(iterator, HEADER_BYTES);
    const header = parseHeader(2, first);
    const found = typeof keys === "function" ? await keys(first) : keys;
    const frames = frameCipher(header, keyFor(found, header), aad);
    const body = following(first.subarray(HEADER_BYTES), iterator);
    for await (const { index, bytes, last } of pieces(body, FRAME_BYTES + TAG_BYTES)) yield frames.open(index, last, bytes);
  } finally {
    await iterator.return?.();
  }
}

function frameCipher(header: Header, longLivedKey: KeyMaterial, aad: readonly string[]) {
  const key = oneTimeKey(longLivedKey, header);
  const context = associatedData(header, aad);
  const options = { authTagLength: TAG_BYTES };
  return {
    *seal(index: number, last: boolean, plaintext: Uint8Array): Generator<Uint8Array> {
      const cipher = createCipheriv("aes-256-gcm", key, frameNonce(header.nonce, index), options);
      cipher.setAAD(frameContext(context, index, last));
      const sealed = cipher.update(plaintext);
      yield sealed;
      release(sealed);
      cipher.final();
      yield cipher.getAuthTag();
    },
    open(index: number, last: boolean, sealed: Uint8Array): Uint8Array {
      if (sealed.length < TAG_BYTES) throw damaged("altered", "a file that was cut");
      const tagAt = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv("aes-256-gcm", key, frameNonce(header.nonce, index), options);
      decipher.setAAD(frameContext(context, index, last));
      decipher.setAuthTag(sealed.subarray(tagAt));
      const plaintext = decipher.update(sealed.subarray(0, tagAt));
      try {
        decipher.final();
      } catch (cause) {
        throw damaged("altered", "authentication of a file failed", cause);
      }
      return plaintext;
    },
  };
}

/** Gives the memory of a buffer of its own back at once; the collector would let 64 MiB of them gather first. */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}

/** For a reader that is done with each piece when it asks for the next. */
export async function* released(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece;
    release(piece);
  }
}

function frameNonce(base: Uint8Array, index: number): Uint8Array {
  const nonce = Buffer.from(base);
  nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ BigInt(index), 4);
  return nonce;
}

function frameContext(context: Uint8Array, index: number, last: boolean): Uint8Array {
  const position = Buffer.alloc(9);
  position.writeBigUInt64BE(BigInt(index));
  position.writeUInt8(last ? 1 : 0, 8);
  return Buffer.concat([context, position]);
}

/** Cuts a stream into pieces of exactly `size` bytes; the last has 0 (only when it is the sole one) to `size`. A piece holds until the next is asked for. */
async function* pieces(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<{ index: number; bytes: Uint8Array; last: boolean }> {
  const waiting = Buffer.allocUnsafe(size);
  let filled = 0;
  let index = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      if (filled === size) {
        yield { index: index++, bytes: waiting, last: false }; // more follows
        filled = 0;
      }
      const take = Math.min(size - filled, chunk.length - at);
      waiting.set(chunk.subarray(at, at + take), filled);
      filled += take;
      at += take;
    }
  }
  yield { index, bytes: waiting.subarray(0, filled), last: true };
}

async function readAtLeast(iterator: AsyncIterator<Uint8Array>, size: number): Promise<Uint8Array> {
  let read = Buffer.alloc(0);
  while (read.length < size) {
    const next = await iterator.next();
    if (next.done) break;
    read = Buffer.concat([read, next.value]);
  }
  return read;
}

async function* following(first: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}
