import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quickXorHash as reference } from "@/simulator/graph/drive/quickXorHash";
import { quickXorHash } from "./quick-xor";

async function* pieces(content: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
  await Promise.resolve();
}

describe("the hash that SharePoint gives", () => {
  it("is computed alike in whatever pieces the content comes", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 1, max: 90 }), async (content, size) => {
      expect(await quickXorHash(pieces(content, size))).toBe(reference(content));
    }));
  });

  it("of a known text is the published one", async () => {
    expect(await quickXorHash(pieces(Buffer.from("hello"), 2))).toBe("aCgDG9jwBgAAAAAABQAAAAAAAAA=");
  });
});
