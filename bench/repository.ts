import { createCipheriv, randomBytes } from "node:crypto";
import { openRepository, seal } from "../lib/repository";
import { FRAME_BYTES, sealFrames } from "../lib/repository/frames";
import { canonicalJson } from "../lib/repository/records";
import { createMemoryStore, inChunks, keysOf, snapshotOf } from "../lib/repository/testing";
import { percent, size, times, type BenchRow, type Suite } from "./framework";
import { livingPlan } from "./plan";

const TASKS = 3000;
const DAYS = 30;

const key = { bytes: new Uint8Array(randomBytes(32)), version: 1 };
const aad = ["planback/bench", "0b9f4d0e-0000-4000-8000-000000000001", "segment", "0".repeat(32)];

async function megabytesPerSecond(bytes: number, count: number, action: () => unknown): Promise<number> {
  await action();
  const started = performance.now();
  for (let index = 0; index < count; index++) await action();
  return (bytes * count) / 1e6 / ((performance.now() - started) / 1000);
}

function plainGcm(bytes: Uint8Array): void {
  const cipher = createCipheriv("aes-256-gcm", key.bytes, randomBytes(12), { authTagLength: 16 });
  Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

async function sealing(): Promise<BenchRow[]> {
  const value = randomBytes(16 * 1024);
  const file = randomBytes(32 * 1024 * 1024);
  const wholes = await megabytesPerSecond(value.length, 5000, () => seal(key, aad, value));
  const wholesBare = await megabytesPerSecond(value.length, 5000, () => plainGcm(value));
  const streamed = await megabytesPerSecond(file.length, 5, async () => {
    let stored = 0;
    for await (const frame of sealFrames(key, aad, inChunks(file))) stored += frame.length;
    return stored;
  });
  // The bare cipher also works on 1 MiB at a time: one buffer of the whole file would only measure memory.
  const streamedBare = await megabytesPerSecond(file.length, 5, async () => {
    for await (const piece of inChunks(file, FRAME_BYTES)) plainGcm(piece);
  });
  const row = (name: string, ours: number, bare: number): BenchRow =>
    ({ name, value: percent(ours, bare, 0), note: `of the speed of plain AES-256-GCM of node:crypto (${ours.toFixed(0)} of ${bare.toFixed(0)} MB/s)` });
  return [row("sealing values of 16 KiB", wholes, wholesBare), row("sealing a file of 32 MiB in frames", streamed, streamedBare)];
}

async function costOfChange({ progress }: { progress(message: string): void }): Promise<BenchRow[]> {
  const repository = openRepository({ store: createMemoryStore(), keys: keysOf("0b9f4d0e-0000-4000-8000-000000000001") });
  const segmentsOf = async (manifestId: string) => new Set((await Array.fromAsync(repository.objectsOf(manifestId))).filter(({ type }) => type === "segment").map(({ id }) => id));
  const plan = livingPlan(7, TASKS);
  const records = plan.records();
  const json = records.reduce((sum, record) => sum + canonicalJson(record).length, 0);
  const first = await repository.writeSnapshot(snapshotOf("s0"), records);
  const same = await repository.writeSnapshot(snapshotOf("same", first.manifestId), records);
  plan.work(1);
  const one = await repository.writeSnapshot(snapshotOf("one", first.manifestId), plan.records());

  let [manifestId, newBytes, newObjects, changedSegments, allSegments] = [one.manifestId, 0, 0, 0, 0];
  for (let day = 1; day <= DAYS; day++) {
    if (day % 10 === 0) progress(`day ${day} of ${DAYS}`);
    plan.work(TASKS / 100);
    const before = await segmentsOf(manifestId);
    const next = await repository.writeSnapshot(snapshotOf(`s${day}`, manifestId), plan.records());
    const segments = await segmentsOf(next.manifestId);
    newBytes += next.newBytes / DAYS;
    newObjects += next.newObjects / DAYS;
    changedSegments += segments.difference(before).size;
    allSegments += segments.size;
    ({ manifestId } = next);
  }
  const share = changedSegments / allSegments;
  return [
    { name: `first snapshot of ${TASKS} tasks`, value: percent(first.newBytes, json), note: `stored bytes of the bytes of its JSON (${size(first.newBytes)} of ${size(json)}) in ${first.newObjects} objects` },
    { name: "unchanged snapshot", value: percent(same.newBytes, first.newBytes, 2), target: "2 objects", note: `new bytes of a full snapshot (${size(same.newBytes)}); ${same.newObjects} new object` },
    { name: "one task changed", value: percent(one.newBytes, first.newBytes, 2), note: `new bytes of a full snapshot (${size(one.newBytes)}); ${one.newObjects} new objects` },
    { name: `1 % of the tasks changed a day (mean of ${DAYS} days)`, value: times(newBytes / first.newBytes, 0.01), target: "<= 3 ×", note: `new bytes' share of a full snapshot, of the tasks' share that changed (${size(newBytes)}; ${newObjects.toFixed(0)} new objects)` },
    { name: "the same, of the segments that changed", value: times(newBytes / first.newBytes, share), target: "<= 3 ×", note: `new bytes' share, of the share of segments that changed (${(100 * share).toFixed(1)} %)` },
  ];
}

export const suite: Suite = {
  title: "Repository: sealing, and what a change costs",
  run: async (options) => [...(await sealing()), ...(await costOfChange(options))],
};
