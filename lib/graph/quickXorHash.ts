import type { GraphObject } from "@/lib/planner/types";

const BITS = 160;
const SHIFT = 11;

/**
 * The hash that SharePoint keeps of a file's content, over a stream: byte i is XORed in at bit 11·i of 160, so bytes
 * 160 apart meet at the same place. https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash
 */
export class QuickXorHash {
  private readonly cells = new Uint8Array(BITS);
  private length = 0;

  update(bytes: Uint8Array): void {
    const { cells } = this;
    let at = this.length % BITS;
    for (let i = 0; i < bytes.length; i++) {
      cells[at]! ^= bytes[i]!;
      if (++at === BITS) at = 0;
    }
    this.length += bytes.length;
  }

  /** Base64, as Graph writes it. */
  digest(): string {
    const hash = Buffer.alloc(BITS / 8);
    this.cells.forEach((value, i) => {
      const bit = (i * SHIFT) % BITS;
      const spread = value << (bit % 8);
      const byte = bit >> 3;
      hash[byte]! ^= spread & 0xff;
      hash[(byte + 1) % hash.length]! ^= spread >> 8;
    });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(this.length));
    length.forEach((value, i) => (hash[hash.length - 8 + i]! ^= value));
    return hash.toString("base64");
  }
}

/** The hash that Graph tells of a drive item; null when it does not. */
export function hashOfItem(item: GraphObject): string | null {
  const hash = (item["file"] as { hashes?: { quickXorHash?: unknown } } | null | undefined)?.hashes?.quickXorHash;
  return typeof hash === "string" && hash !== "" ? hash : null;
}
