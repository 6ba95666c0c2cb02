import { createCipheriv, randomBytes } from "node:crypto";
import { canonicalJson } from "../lib/repository/records";
import { openRepository, seal } from "../lib/repository";
import { FRAME_BYTES, sealFrames } from "../lib/repository/frames";
import { createMemoryStore, inChunks, keysOf, samplePlan, snapshotOf } from "../lib/repository/testing";
import type { BenchRow } from "./main";

const TASKS = 3000;
const EDITED = TASKS / 100;

const key = { bytes: new Uint8Array(randomBytes(32)), version: 1 };
const aad = ["planback/bench", "0b9f4d0e-0000-4000-8000-000000000001", "segment", "0".repeat(64)];

async function megabytesPerSecond(bytes: number, times: number, action: () => unknown): Promise<number> {
  await action();
  const started = performance.now();
  for (let index = 0; index < times; index++) await action();
  return (bytes * times) / 1e6 / ((performance.now() - started) / 1000);
}

function plainGcm(bytes: Uint8Array): void {
  const cipher = createCipheriv("aes-256-gcm", key.bytes, randomBytes(12), { authTagLength: 16 });
  Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

async function sealingRows(): Promise<BenchRow[]> {
  const segment = randomBytes(16 * 1024);
  const file = randomBytes(32 * 1024 * 1024);
  const wholes = await megabytesPerSecond(segment.length, 5000, () => seal(key, aad, segment));
  const wholesBare = await megabytesPerSecond(segment.length, 5000, () => plainGcm(segment));
  const streamed = await megabytesPerSecond(file.length, 5, async () => {
    let stored = 0;
    for await (const frame of sealFrames(key, aad, inChunks(file))) stored += frame.length;
    return stored;
  });
  // The bare cipher also works on 1 MiB at a time: one buffer of the whole file would only measure memory.
  const streamedBare = await megabytesPerSecond(file.length, 5, async () => {
    for await (const piece of inChunks(file, FRAME_BYTES)) plainGcm(piece);
  });
  const row = (name: string, ours: number, bare: number): BenchRow => ({
    name, value: `${((100 * ours) / bare).toFixed(0)} %`, note: `of plain AES-256-GCM of node:crypto (${ours.toFixed(0)} of ${bare.toFixed(0)} MB/s)`,
  });
  return [row("seal 16 KiB values", wholes, wholesBare), row("seal a 32 MiB file in frames", streamed, streamedBare)];
}

async function snapshotRows(): Promise<BenchRow[]> {
  const store = createMemoryStore();
  let readBytes = 0;
  const repository = openRepository({
    keys: keysOf("0b9f4d0e-0000-4000-8000-000000000001"),
    store: { ...store, async get(objectKey) { const bytes = await store.get(objectKey); readBytes += bytes.length; return bytes; } },
  });
  const json = samplePlan(TASKS).reduce((sum, record) => sum + canonicalJson(record).length, 0);
  const first = await repository.writeSnapshot(snapshotOf("s1"), samplePlan(TASKS));
  const same = await repository.writeSnapshot(snapshotOf("s2", first.manifestId), samplePlan(TASKS));
  const near = (index: number) => index < EDITED;
  // Tasks are stored by id, which is random in Planner: edits spread over segments as badly as they can.
  const second = await repository.writeSnapshot(snapshotOf("s3", first.manifestId), samplePlan(TASKS, { edition: 2, edited: near }));
  const one = await repository.writeSnapshot(snapshotOf("s4", first.manifestId), samplePlan(TASKS, { edition: 3, edited: (index) => index === 0 }));
  const bytesRead = async (action: () => Promise<unknown>) => { readBytes = 0; await action(); return readBytes; };
  const full = await bytesRead(() => repository.readSnapshot(first.manifestId));
  const diffOfOne = await bytesRead(() => repository.diffSnapshots(first.manifestId, one.manifestId));
  const diffOfNone = await bytesRead(() => repository.diffSnapshots(first.manifestId, same.manifestId));
  const row = (name: string, part: number, whole: number, note: string): BenchRow => ({ name, value: `${((100 * part) / whole).toFixed(1)} %`, note });
  return [
    row(`first snapshot of ${TASKS} tasks`, first.newBytes, json, "stored bytes of the bytes of its JSON"),
    row("unchanged snapshot", same.newBytes, first.newBytes, `new bytes of a full snapshot; ${same.newObjects} new object`),
    row("one task edited", one.newBytes, first.newBytes, `new bytes of a full snapshot; ${one.newObjects} new objects`),
    row(`1 % of the tasks edited (${EDITED})`, second.newBytes, first.newBytes, `new bytes of a full snapshot; ${second.newObjects} new objects of ${first.newObjects}`),
    row("diff with one task edited", diffOfOne, full, "bytes read of a full read of one snapshot"),
    row("diff of equal snapshots", diffOfNone, full, "bytes read of a full read of one snapshot"),
  ];
}

/** Sealing against plain AES-GCM; repeated snapshots and diffs against whole ones. */
export async function repositoryBench(): Promise<BenchRow[]> {
  return [...(await sealingRows()), ...(await snapshotRows())];
}
