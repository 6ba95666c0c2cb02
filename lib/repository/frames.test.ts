import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { FRAME_BYTES, openFrames, sealFrames } from "./frames";
import { HEADER_BYTES, TAG_BYTES } from "./header";
import { newKey } from "./seal";
import { bufferBytes, collect, inChunks } from "./testing";

const key = { bytes: newKey(), version: 1 };
const keys = new Map([[1, key.bytes]]);
const aad = ["planback/test", "file"];
const STORED = FRAME_BYTES + TAG_BYTES;
const sealAll = (bytes: Uint8Array) => collect(sealFrames(key, aad, inChunks(bytes, 300_007)));
const openAll = (sealed: Uint8Array, size = 100_003, where = aad) => collect(openFrames(keys, where, inChunks(sealed, size)));
const refused = { code: "repository_damaged" };

describe("sealed streams", () => {
  it("open to what was sealed, at every size around a frame", async () => {
    for (const size of [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES, 3 * FRAME_BYTES + 17]) {
      const bytes = randomBytes(size);
      const sealed = await sealAll(bytes);
      expect(sealed.length).toBe(HEADER_BYTES + size + Math.max(1, Math.ceil(size / FRAME_BYTES)) * TAG_BYTES);
      expect(Buffer.compare(await openAll(sealed), bytes)).toBe(0);
      if (size < 2) expect(Buffer.compare(await openAll(sealed, 7), bytes)).toBe(0);
    }
  });

  it("refuse a cut at any frame, within a frame and within the header", async () => {
    const sealed = await sealAll(randomBytes(4 * FRAME_BYTES + 5));
    for (let frame = 0; frame <= 4; frame++) {
      for (const more of [0, 1, TAG_BYTES, 1000]) await expect(openAll(sealed.subarray(0, Math.min(sealed.length - 1, HEADER_BYTES + frame * STORED + more)))).rejects.toMatchObject(refused);
    }
    for (let length = 0; length < HEADER_BYTES; length += 9) await expect(openAll(sealed.subarray(0, length))).rejects.toMatchObject(refused);
    const exact = await sealAll(randomBytes(2 * FRAME_BYTES));
    await expect(openAll(exact.subarray(0, HEADER_BYTES + STORED))).rejects.toMatchObject(refused);
  });

  it("refuse frames that were swapped, repeated, dropped, appended or taken from another stream", async () => {
    const sealed = await sealAll(randomBytes(3 * FRAME_BYTES));
    const other = await sealAll(randomBytes(3 * FRAME_BYTES));
    const cut = (bytes: Buffer) => [bytes.subarray(0, HEADER_BYTES), ...[0, 1, 2].map((index) => bytes.subarray(HEADER_BYTES + index * STORED, HEADER_BYTES + (index + 1) * STORED))];
    const [head, a, b, c] = cut(sealed) as [Buffer, Buffer, Buffer, Buffer];
    const [otherHead, x] = cut(other) as [Buffer, Buffer, Buffer, Buffer];
    for (const parts of [[head, b, a, c], [head, a, a, c], [head, a, c], [head, a, b, c, c], [head, a, b, c, Buffer.from([1])], [head, x, b, c], [otherHead, a, b, c], [head, a, b]]) {
      await expect(openAll(Buffer.concat(parts))).rejects.toMatchObject(refused);
    }
    await expect(openAll(sealed, 100_003, ["planback/test", "another"])).rejects.toMatchObject(refused);
  });

  it("close the source when they are refused", async () => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield Buffer.alloc(100);
      } finally {
        closed = true;
      }
    }
    await expect(collect(openFrames(keys, aad, source()))).rejects.toMatchObject(refused);
    expect(closed).toBe(true);
  });

  it("need memory for frames, not for the file", async () => {
    const chunk = Buffer.alloc(256 * 1024, 7);
    async function* big() { for (let index = 0; index < 800; index++) yield chunk; } // 200 MiB
    const before = bufferBytes();
    let peak = 0;
    let size = 0;
    for await (const piece of openFrames(keys, aad, sealFrames(key, aad, big()))) {
      size += piece.length;
      if ((size / FRAME_BYTES) % 8 === 0) peak = Math.max(peak, bufferBytes() - before);
    }
    expect(size).toBe(800 * chunk.length);
    expect(peak).toBeLessThan(64 * FRAME_BYTES);
  }, 120_000);
});
