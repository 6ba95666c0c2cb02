import { createCipheriv, createSecretKey, randomBytes } from "node:crypto";
import { openRepository, seal } from "../lib/repository";
import { FRAME_BYTES, sealFrames } from "../lib/repository/frames";
import { canonicalJson } from "../lib/repository/records";
import { createMemoryStore, inChunks, keysOf, snapshotOf } from "../lib/repository/testing";
import { medians, percent, size, times, type BenchRow, type Suite } from "./framework";
import { livingPlan } from "./plan";

const TASKS = 3000;
const DAYS = 30;

const key = { bytes: createSecretKey(randomBytes(32)), version: 1 };
const aad = ["planback/bench", "0b9f4d0e-0000-4000-8000-000000000001", "segment", "0".repeat(32)];

function plainGcm(bytes: Uint8Array): void {
  const cipher = createCipheriv("aes-256-gcm", key.bytes, randomBytes(12), { authTagLength: 16 });
  Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

async function sealing(): Promise<BenchRow[]> {
  const value = randomBytes(16 * 1024);
  const file = randomBytes(32 * 1024 * 1024);
  const many = (action: () => unknown) => async () => { for (let count = 0; count < 500; count++) action(); };
  const ms = await medians(9, {
    values: many(() => seal(key, aad, value)),
    valuesBare: many(() => plainGcm(value)),
    file: async () => { for await (const frame of sealFrames(key, aad, inChunks(file))) void frame; },
    // The bare cipher also works on 1 MiB at a time: one buffer of the whole file would only measure memory.
    fileBare: async () => { for await (const piece of inChunks(file, FRAME_BYTES)) plainGcm(piece); },
  });
  const row = (name: string, bytes: number, ours: number, bare: number): BenchRow => {
    const speed = (time: number) => (bytes / 1000 / time).toFixed(0);
    return { name, value: percent(bare, ours, 0), note: `of the speed of plain AES-256-GCM of node:crypto (${speed(ours)} of ${speed(bare)} MB/s)` };
  };
  return [row("sealing values of 16 KiB", 500 * value.length, ms.values, ms.valuesBare), row("sealing a file of 32 MiB in frames", file.length, ms.file, ms.fileBare)];
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
    { name: "unchanged snapshot", value: percent(same.newBytes, first.newBytes, 2), target: "<= 2 objects", note: `new bytes of a full snapshot (${size(same.newBytes)}); ${same.newObjects} new object` },
    { name: "one task changed", value: percent(one.newBytes, first.newBytes, 2), note: `new bytes of a full snapshot (${size(one.newBytes)}); ${one.newObjects} new objects` },
    { name: `1 % of the tasks changed a day (mean of ${DAYS} days)`, value: times(newBytes / first.newBytes, 0.01), target: "<= 3 ×", note: `new bytes' share of a full snapshot, of the tasks' share that changed (${size(newBytes)}; ${newObjects.toFixed(0)} new objects)` },
    { name: "the same, of the segments that changed", value: times(newBytes / first.newBytes, share), target: "<= 3 ×", note: `new bytes' share, of the share of segments that changed (${(100 * share).toFixed(1)} %)` },
  ];
}

export const suite: Suite = {
  title: "Repository: sealing, and what a change costs",
  run: async (options) => [...(await sealing()), ...(await costOfChange(options))],
};
