const BYTES = 20;
const SHIFT = 11;

/** The hash that SharePoint gives for every file (base64), over a stream. https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash */
export async function quickXorHash(content: AsyncIterable<Uint8Array>): Promise<string> {
  const cells = new Uint8Array(BYTES);
  let length = 0;
  let bit = 0;
  for await (const chunk of content) {
    for (const byte of chunk) {
      const at = bit >> 3;
      const shifted = byte << (bit & 7);
      cells[at]! ^= shifted & 0xff;
      cells[(at + 1) % BYTES]! ^= shifted >> 8;
      bit = (bit + SHIFT) % (BYTES * 8);
    }
    length += chunk.length;
  }
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  size.forEach((byte, index) => void (cells[BYTES - 8 + index]! ^= byte));
  return Buffer.from(cells).toString("base64");
}
