const BYTES = 20;
const SHIFT = 11;

/** QuickXorHash, base64: https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash */
export function quickXorHash(content: Uint8Array): string {
  const cells = new Uint8Array(BYTES);
  let bit = 0;
  for (let i = 0; i < content.length; i++) {
    const at = bit >> 3;
    const offset = bit & 7;
    const value = content[i]! << offset;
    cells[at]! ^= value & 0xff;
    if (offset > 0) cells[(at + 1) % BYTES]! ^= value >> 8;
    bit = (bit + SHIFT) % (BYTES * 8);
  }
  // The length, 64-bit little endian, goes over the last eight bytes.
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(content.length));
  for (let i = 0; i < 8; i++) cells[BYTES - 8 + i]! ^= length[i]!;
  return Buffer.from(cells).toString("base64");
}
