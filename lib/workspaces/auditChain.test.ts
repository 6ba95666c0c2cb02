import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { describe, expect, test } from "vitest";
import { entryHash, entryJson, GENESIS } from "./audit";
import { anchorText, checkChain } from "./auditChain";

type Entry = Parameters<typeof entryHash>[1] & { prevHash: Uint8Array; hash: Uint8Array };

function chain(length: number): Entry[] {
  const entries: Entry[] = [];
  for (let seq = 1; seq <= length; seq++) {
    const row = {
      workspaceId: "11111111-1111-4111-8111-111111111111", seq, at: new Date(Date.UTC(2026, 0, 1, 0, 0, seq)), actorName: "Ä person", actorTid: null, actorOid: null, ip: "198.51.100.7",
      action: "policy.changed", targetKind: "policy", targetId: "p", outcome: "done", detail: { name: "Daily", changed: ["schedule"], n: seq },
    };
    const prevHash = entries.at(-1)?.hash ?? GENESIS;
    entries.push({ ...row, prevHash, hash: entryHash(prevHash, row) });
  }
  return entries;
}

/** In two batches, as they are read. */
async function* batches(entries: Entry[]) {
  yield entries.slice(0, 3);
  yield entries.slice(3);
}
const check = (entries: Entry[], anchor?: { seq: number; hash: string }) => checkChain(batches(entries), anchor);
const hex = (entry: Entry) => Buffer.from(entry.hash).toString("hex");

describe("the chain of the activity log", () => {
  test("the hash is SHA-256 over the hash before and the canonical JSON, as docs/threat-model.md says", () => {
    const [first, second] = chain(2) as [Entry, Entry];
    const text = '{"action":"policy.changed","actor":{"name":"Ä person","oid":null,"tid":null},"at":"2026-01-01T00:00:02.000Z","detail":{"changed":["schedule"],"n":2,"name":"Daily"},"ip":"198.51.100.7","outcome":"done","seq":2,"target":{"id":"p","kind":"policy"},"workspaceId":"11111111-1111-4111-8111-111111111111"}';
    expect(canonicalize(entryJson(second))).toBe(text);
    expect(hex(second)).toBe(createHash("sha256").update(Buffer.from(hex(first), "hex")).update(text).digest("hex"));
  });

  test("as written it is whole, and says its end", async () => {
    const entries = chain(7);
    expect(await check(entries)).toEqual({ entries: 7, head: { seq: 7, hash: hex(entries[6]!) }, problem: null });
    expect(anchorText({ seq: 7, hash: "ab" })).toBe("7:ab");
  });

  test.each(["at", "actorName", "actorTid", "actorOid", "ip", "action", "targetKind", "targetId", "outcome", "detail"] as const)("a changed %s shows", async (field) => {
    const entries = chain(7);
    const other = { at: new Date(0), actorTid: "x", actorOid: "x", detail: { ...entries[4]!.detail, n: 6 } } as Record<string, unknown>;
    Object.assign(entries[4]!, { [field]: other[field] ?? "other" });
    expect((await check(entries)).problem).toEqual({ kind: "altered", seq: 5 });
  });

  test("an entry that is changed together with its own hash breaks the link of the next", async () => {
    const entries = chain(7);
    Object.assign(entries[4]!, { actorName: "Nobody" });
    entries[4]!.hash = entryHash(entries[4]!.prevHash, entries[4]!);
    expect((await check(entries)).problem).toEqual({ kind: "unlinked", seq: 6 });
  });

  test("entries taken out of the middle or from the beginning show", async () => {
    const entries = chain(7);
    expect((await check(entries.filter((_, i) => i !== 3))).problem).toEqual({ kind: "gap", seq: 5, expected: 4 });
    expect((await check(entries.slice(2))).problem).toEqual({ kind: "gap", seq: 3, expected: 1 });
    expect((await check([])).problem).toEqual({ kind: "empty" });
  });

  test("an end that was cut off, and a chain written anew, show against an anchor only", async () => {
    const entries = chain(7);
    const anchor = { seq: 7, hash: hex(entries[6]!) };
    const cut = entries.slice(0, 5);
    expect((await check(cut)).problem).toBeNull();
    expect((await check(cut, anchor)).problem).toEqual({ kind: "anchor_missing", seq: 7, last: 5 });
    const anew = chain(9).map((entry) => ({ ...entry, actorName: "Nobody" }));
    anew.forEach((entry, i) => {
      entry.prevHash = anew[i - 1]?.hash ?? GENESIS;
      entry.hash = entryHash(entry.prevHash, entry);
    });
    expect((await check(anew)).problem).toBeNull();
    expect((await check(anew, anchor)).problem).toEqual({ kind: "anchor_differs", seq: 7 });
    expect((await check(chain(9), anchor)).problem).toBeNull();
  });
});
