import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HEADER_BYTES, newHeader, oneTimeKey, associatedData } from "./header";
import { newKey, open, seal, unwrapKey, wrapKey } from "./seal";

const key = { bytes: newKey(), version: 3 };
const keys = new Map([[3, key.bytes]]);
const aad = ["planback/test", "w1", "row", "1"];
const damaged = expect.objectContaining({ code: "repository_damaged" });
const failure = (action: () => unknown): unknown => {
  try { action(); } catch (error) { return error; }
  return "opened";
};

describe("seal", () => {
  it("opens to what was sealed", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 5000 }), fc.array(fc.string({ unit: "grapheme" })), (plaintext, where) => {
      expect(Buffer.compare(open(keys, where, seal(key, where, plaintext)), plaintext)).toBe(0);
    }));
  });

  it("refuses every flipped bit, every cut and anything appended", () => {
    const sealed = seal(key, aad, Buffer.from("the quick brown fox"));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const copy = Buffer.from(sealed);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      expect(failure(() => open(keys, aad, copy))).toEqual(damaged);
    }
    for (let length = 0; length < sealed.length; length++) expect(failure(() => open(keys, aad, sealed.subarray(0, length)))).toEqual(damaged);
    expect(failure(() => open(keys, aad, Buffer.concat([sealed, Buffer.from([0])])))).toEqual(damaged);
  });

  it("refuses every other place, also one that reads the same when joined", () => {
    const sealed = seal(key, ["ab", "c"], Buffer.from("x"));
    for (const other of [["a", "bc"], ["abc"], ["ab", "c", ""], ["", "ab", "c"], ["c", "ab"], ["ab"], [], ["ab", "d"]]) {
      expect(failure(() => open(keys, other, sealed))).toEqual(damaged);
    }
  });

  it("refuses a short tag", () => {
    const header = newHeader(1, key.version);
    const cipher = createCipheriv("aes-256-gcm", oneTimeKey(key.bytes, header), header.nonce, { authTagLength: 4 });
    cipher.setAAD(associatedData(header, aad));
    const sealed = Buffer.concat([header.bytes, cipher.update("hello"), cipher.final(), cipher.getAuthTag()]);
    expect(failure(() => open(keys, aad, sealed))).toEqual(damaged);
    expect(failure(() => open(keys, aad, sealed.subarray(0, HEADER_BYTES + 4)))).toEqual(damaged);
  });

  it("refuses keys that are not here, and keys of the wrong length", () => {
    const sealed = seal(key, aad, Buffer.from("x"));
    expect(failure(() => open(new Map([[2, key.bytes]]), aad, sealed))).toEqual(damaged);
    expect(failure(() => open(new Map([[3, newKey()]]), aad, sealed))).toEqual(damaged);
    expect(failure(() => seal({ bytes: new Uint8Array(16), version: 1 }, aad, Buffer.from("x")))).toEqual(expect.objectContaining({ code: "config" }));
  });

  it("never says what was inside", () => {
    const sealed = Buffer.from(seal(key, aad, Buffer.from("secret words")));
    sealed[sealed.length - 1]! ^= 1;
    const error = failure(() => open(keys, aad, sealed)) as Error & { facts: object };
    expect(`${error.message} ${JSON.stringify(error.facts)}`).not.toMatch(/secret|w1/);
  });

  it("never uses a salt or a nonce twice in 100,000 seals", () => {
    const salts = new Set<string>();
    const nonces = new Set<string>();
    for (let index = 0; index < 100_000; index++) {
      const { salt, nonce } = newHeader(1, 1);
      salts.add(Buffer.from(salt).toString("latin1"));
      nonces.add(Buffer.from(nonce).toString("latin1"));
    }
    expect([salts.size, nonces.size]).toEqual([100_000, 100_000]);
    const sealed = Array.from({ length: 2000 }, () => Buffer.from(seal(key, aad, Buffer.from("same"))));
    expect(new Set(sealed.map((bytes) => bytes.subarray(10, HEADER_BYTES).toString("hex"))).size).toBe(2000);
    expect(new Set(sealed.map((bytes) => bytes.subarray(HEADER_BYTES).toString("hex"))).size).toBe(2000);
  });
});

describe("wrapped keys", () => {
  const kek = newKey();
  const dek = newKey();
  const wrapped = wrapKey(kek, "w1", "content", 2, dek);

  it("unwrap for the workspace, purpose and version they were wrapped for, and nowhere else", () => {
    expect(Buffer.compare(unwrapKey(kek, "w1", "content", 2, wrapped), dek)).toBe(0);
    expect(failure(() => unwrapKey(kek, "w2", "content", 2, wrapped))).toEqual(damaged);
    expect(failure(() => unwrapKey(kek, "w1", "token", 2, wrapped))).toEqual(damaged);
    expect(failure(() => unwrapKey(kek, "w1", "content", 1, wrapped))).toEqual(damaged);
    expect(failure(() => unwrapKey(newKey(), "w1", "content", 2, wrapped))).toEqual(damaged);
  });
});
