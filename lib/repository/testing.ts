/** For tests and benchmarks: a store in memory, keys, and plans made up from a number. */
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { SnapshotRecord } from "@/lib/planner/types";
import { damaged } from "./header";
import type { NewSnapshot, ObjectStore, WorkspaceKeys } from "./types";

export function createMemoryStore(objects = new Map<string, Uint8Array>()): ObjectStore & { objects: Map<string, Uint8Array> } {
  const get = (key: string) => {
    const bytes = objects.get(key);
    if (!bytes) throw damaged("missing", "an object of the storage");
    return bytes;
  };
  return {
    objects,
    async put(key, bytes) {
      if (objects.has(key)) return false;
      objects.set(key, bytes instanceof Uint8Array ? Buffer.from(bytes) : await collect(bytes));
      return true;
    },
    get: async (key) => get(key),
    async *getStream(key) { yield get(key); },
    has: async (key) => objects.has(key),
    async *list(prefix) {
      for (const [key, bytes] of objects) if (key.startsWith(prefix)) yield { key, size: bytes.length, modified: new Date(0) };
    },
    remove: async (key) => void objects.delete(key),
  };
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk)); // a copy: a chunk holds until the next is asked for
  return Buffer.concat(chunks);
}

/** `bytes` in chunks of `size`. */
export async function* inChunks(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Keys that depend on the name only. */
export function keysOf(workspaceId: string) {
  const key = (purpose: string) => new Uint8Array(createHash("sha256").update(`${workspaceId} ${purpose}`).digest());
  return { workspaceId, contentKeyVersion: 1, contentKeys: new Map([[1, key("content")]]), indexKey: key("index") } satisfies WorkspaceKeys;
}

/** 28 characters that depend on the text only, like Planner's ids. */
export function plannerId(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 28);
}

/** A plan of `tasks` tasks in eight buckets. `edition` is in the titles of the tasks that `edited` chooses. */
export function samplePlan(tasks: number, options: { edition?: number; edited?: (index: number) => boolean } = {}): SnapshotRecord[] {
  const planId = plannerId("plan");
  const records: SnapshotRecord[] = [
    { kind: "group", id: "g1", group: { id: "g1", displayName: "Marketing", ownerIds: ["u1"], memberIds: ["u1", "u2"] } },
    { kind: "plan", id: planId, plan: { id: planId, title: "Launch 🚀", owner: "g1" } },
    { kind: "planDetails", id: planId, details: { id: planId, categoryDescriptions: { category1: "Urgent" } } },
    { kind: "person", id: "u1", person: { id: "u1", displayName: "Ada" } },
  ];
  for (let index = 0; index < 8; index++) {
    const id = plannerId(`bucket ${index}`);
    records.push({ kind: "bucket", id, bucket: { id, name: `Bucket ${index}`, planId, orderHint: "8585" + index } });
  }
  for (let index = 0; index < tasks; index++) {
    const id = plannerId(`task ${index}`);
    const edition = options.edited?.(index) ? ` (edition ${options.edition})` : "";
    records.push({
      kind: "task", id,
      task: { id, planId, bucketId: plannerId(`bucket ${index % 8}`), title: `Task ${index}${edition}`, orderHint: plannerId(`hint ${index}`), percentComplete: (index % 3) * 50, priority: index % 10, assignments: { u1: { orderHint: " !" } } },
      details: { id, description: `What to do about ${plannerId(`words ${index}`)}`, checklist: { [plannerId(`item ${index}`)]: { title: "Check", isChecked: false } }, references: {} },
      formats: {},
    });
  }
  return records;
}

/** Whole numbers below a bound, from a seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What writeSnapshot wants besides records. */
export function snapshotOf(snapshotId: string, previous: string | null = null): NewSnapshot {
  return {
    snapshotId, planId: plannerId("plan"), microsoftTenantId: "11111111-1111-4111-8111-111111111111", takenAt: "2026-01-02T03:04:05.000Z",
    consistency: { kind: "quiescent", at: "2026-01-02T03:04:05.000Z" }, complete: true, gaps: [], previous,
  };
}

/** Bytes that buffers really hold: what the garbage collector could take is taken first, so that load does not matter. */
export function bufferBytes(): number {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  collectGarbage();
  collectGarbage(); // buffers that the first one found are given back while it still runs
  return process.memoryUsage().arrayBuffers;
}
