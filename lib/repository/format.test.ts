/** docs/snapshot-format.md: its vectors, and a reader written from it alone, with nothing but node:crypto and node:zlib. */
import { createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { SnapshotRecord } from "@/lib/planner/types";
import { DICTIONARY } from "./dictionary";
import { sealFrames } from "./frames";
import { openRepository } from "./index";
import { createObjectAccess } from "./objects";
import { canonicalJson, compareRecords, positionOf } from "./records";
import { seal } from "./seal";
import { collect, createMemoryStore, inChunks, keysOf, plannerId, samplePlan, snapshotOf } from "./testing";

interface Vectors {
  workspaceId: string; contentKey: string; contentKeyVersion: number; indexKey: string; salt: string; nonce: string; oneTimeKey: string;
  segment: { plaintext: string; id: string; key: string; stored: string; compressed: string };
  file: { content: string; id: string; stored: string };
  positions: Record<string, string>;
}

const docs = path.join(import.meta.dirname, "../../docs");
const page = readFileSync(path.join(docs, "snapshot-format.md"), "utf8");
const dictionary = readFileSync(path.join(docs, "snapshot-dictionary.txt"));
const vectors = JSON.parse(/```json\n([^]*?)```/.exec(page)![1]!) as Vectors;
const bytes = (hex: string) => Buffer.from(hex, "hex");

/** The stranger's reader. */
function strangersReader(workspaceId: string, contentKeys: ReadonlyMap<number, Uint8Array>, indexKey: Uint8Array, objects: ReadonlyMap<string, Uint8Array>) {
  const int32 = (value: number) => { const b = Buffer.alloc(4); b.writeUInt32BE(value); return b; };
  function decrypt(type: string, id: string, stored: Buffer, mode: number): Buffer {
    const header = stored.subarray(0, 54);
    if (header.toString("latin1", 0, 4) !== "PLBK" || header[4] !== 1 || header[5] !== mode) throw new Error("header");
    const key = Buffer.from(hkdfSync("sha256", contentKeys.get(header.readUInt32BE(6))!, header.subarray(10, 42), "planback/v1/seal", 32));
    const strings = ["planback/object", workspaceId, type, id];
    const context = Buffer.concat([header, int32(strings.length), ...strings.flatMap((s) => [int32(Buffer.byteLength(s)), Buffer.from(s)])]);
    const gcm = (part: Buffer, nonce: Buffer, aad: Buffer) => {
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 }).setAAD(aad).setAuthTag(part.subarray(-16));
      return Buffer.concat([decipher.update(part.subarray(0, -16)), decipher.final()]);
    };
    if (mode === 1) return gcm(stored.subarray(54), header.subarray(42), context);
    const out: Buffer[] = [];
    for (let at = 54, index = 0n, frame = 1048576 + 16; at < stored.length; at += frame, index++) {
      const nonce = Buffer.from(header.subarray(42));
      nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ index, 4);
      const position = Buffer.alloc(9);
      position.writeBigUInt64BE(index);
      position[8] = at + frame >= stored.length ? 1 : 0;
      out.push(gcm(stored.subarray(at, at + frame), nonce, Buffer.concat([context, position])));
    }
    return Buffer.concat(out);
  }
  return function read(type: "manifest" | "page" | "segment" | "file", id: string): Buffer {
    const stored = Buffer.from(objects.get(`${workspaceId}/${type}/${id.slice(0, 2)}/${id}`)!);
    const opened = decrypt(type, id, stored, type === "file" ? 2 : 1);
    const plaintext = type === "file" ? opened : opened[0] === 1 ? zstdDecompressSync(opened.subarray(1), { dictionary }) : opened.subarray(1);
    if (createHmac("sha256", indexKey).update(`${type}\0`).update(plaintext).digest("hex").slice(0, 32) !== id) throw new Error("id");
    return plaintext;
  };
}

describe("the snapshot format as documented", () => {
  it("has the vectors of the page", async () => {
    const { workspaceId, segment, file } = vectors;
    const key = { bytes: bytes(vectors.contentKey), version: vectors.contentKeyVersion };
    const random = { salt: bytes(vectors.salt), nonce: bytes(vectors.nonce) };
    expect(Buffer.from(hkdfSync("sha256", key.bytes, random.salt, "planback/v1/seal", 32)).toString("hex")).toBe(vectors.oneTimeKey);
    const withCodec = Buffer.concat([Buffer.from([0]), Buffer.from(segment.plaintext)]);
    expect(Buffer.from(seal(key, ["planback/object", workspaceId, "segment", segment.id], withCodec, random)).toString("hex")).toBe(segment.stored);
    const frames = sealFrames(key, ["planback/object", workspaceId, "file", file.id], inChunks(Buffer.from(file.content)), random);
    expect((await collect(frames)).toString("hex")).toBe(file.stored);
    for (const [record, position] of Object.entries(vectors.positions)) {
      const [kind, id] = record.split(" ") as ["task", string];
      expect(positionOf({ kind, id }).toString("hex")).toBe(position);
      expect(createHash("sha256").update(record).digest("hex")).toBe(position);
    }
  });

  it("has the dictionary that the page names, for ever", () => {
    expect(dictionary.equals(DICTIONARY)).toBe(true);
    expect(page).toContain(`${dictionary.length.toLocaleString("en-US")} bytes, SHA-256 \`${createHash("sha256").update(dictionary).digest("hex")}\``);
  });

  it("has vectors that both readers open", async () => {
    const { workspaceId, segment, file } = vectors;
    const keys = { workspaceId, contentKeyVersion: vectors.contentKeyVersion, contentKeys: new Map([[vectors.contentKeyVersion, bytes(vectors.contentKey)]]), indexKey: bytes(vectors.indexKey) };
    for (const stored of [segment.stored, segment.compressed]) {
      expect(strangersReader(workspaceId, keys.contentKeys, keys.indexKey, new Map([[segment.key, bytes(stored)]]))("segment", segment.id).toString()).toBe(segment.plaintext);
      expect(Buffer.from((await createObjectAccess(createMemoryStore(new Map([[segment.key, bytes(stored)]])), keys).read("segment", segment.id)).plaintext).toString()).toBe(segment.plaintext);
    }
    const objects = new Map([[segment.key, bytes(segment.stored)], [`${workspaceId}/file/${file.id.slice(0, 2)}/${file.id}`, bytes(file.stored)]]);
    const read = strangersReader(workspaceId, keys.contentKeys, keys.indexKey, objects);
    expect(read("segment", segment.id).toString()).toBe(segment.plaintext);
    expect(read("file", file.id).toString()).toBe(file.content);
    expect((await collect(openRepository({ store: createMemoryStore(objects), keys }).readFile(file.id))).toString()).toBe(file.content);
  });

  it("can be read by a stranger", async () => {
    const store = createMemoryStore();
    const keys = keysOf("0b9f4d0e-0000-4000-8000-000000000001");
    const repository = openRepository({ store, keys });
    const content = randomBytes(2 * 1024 * 1024 + 5);
    const { fileId } = await repository.putFile(inChunks(content));
    const attachment = { id: "a1", taskId: plannerId("task 0"), referenceKey: "https%3A//x", name: "x", size: content.length, sha256: "", fileId, contentType: null, driveItemId: null };
    const records = (edition: number): SnapshotRecord[] => [...samplePlan(1000 + edition, { edition, edited: (index) => index < 3 * edition }).slice(0, -2 * edition || undefined), { kind: "attachment", id: "a1", attachment }];
    const first = await repository.writeSnapshot(snapshotOf("s1"), records(0));
    const second = await repository.writeSnapshot(snapshotOf("s2", first.manifestId), records(1));

    const read = strangersReader(keys.workspaceId, keys.contentKeys, keys.indexKey, store.objects);
    interface Listed { id: string; kind: string; prefix: string; records: number }
    for (const [edition, { manifestId }] of [first, second].entries()) {
      const manifest = JSON.parse(read("manifest", manifestId).toString()) as { pages: Listed[]; segments: Listed[] };
      const overlaps = (a: Listed, b: Listed) => a.kind === b.kind && (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix));
      const listed = manifest.pages.flatMap(({ id, kind }) => (JSON.parse(read("page", id).toString()) as { segments: Listed[] }).segments.map((segment) => ({ ...segment, kind })));
      const segments = [...listed.filter((one) => !manifest.segments.some((newer) => overlaps(one, newer))), ...manifest.segments.filter((one) => one.records > 0)];
      if (edition === 1) expect(listed.length).toBeGreaterThan(segments.length - manifest.segments.length);
      const found = segments.flatMap(({ id }) => read("segment", id).toString().split("\n").filter(Boolean));
      expect(found.sort()).toEqual(records(edition).map((record) => canonicalJson(record)).sort());
    }
    expect((await repository.readSnapshotParts(second.manifestId)).records).toEqual(records(1).sort(compareRecords));
    expect(Buffer.compare(read("file", fileId), content)).toBe(0);
  });
});
