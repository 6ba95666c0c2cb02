/**
 * Copies the objects of a workspace from one store to another, a part at a time. What was copied is read back from where it is now,
 * opened, and held against its name, which is a keyed hash of its content.
 */
import { randomUUID } from "node:crypto";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { throwIfCancelled } from "./files";
import { createObjectAccess, isObjectId, isWhole, type ObjectAccess, type ObjectType } from "./objects";
import { inParallel } from "./parallel";
import type { ObjectStore, WorkspaceKeys } from "./types";

/** New ones at the end: a move that is under way counts its parts by these. */
const TYPES: readonly ObjectType[] = ["manifest", "page", "segment", "file", "bundle"];
const DIGITS = "0123456789abcdef";
/** The objects of one type whose ids begin with one digit are a part. */
export const MOVE_PARTS = TYPES.length * DIGITS.length;
/** Files are held in parts of some megabytes, the others whole. */
const PARALLEL: Record<ObjectType, number> = { manifest: 16, page: 16, segment: 16, file: 2, bundle: 4 };

export interface CopyOptions {
  /** What lies in the new store since before this time was read back already. */
  provenBefore?: Date;
  signal?: AbortSignal;
  /** Throws when nothing may be removed any more. */
  check: () => void;
}
/** `damaged`: were so before, and stay behind. Of bundles none is missed. */
export interface Copied { objects: number; bytes: number; damaged: number }

function partOf(workspaceId: string, part: number): { type: ObjectType; prefix: string } {
  const type = TYPES[Math.floor(part / DIGITS.length)]!;
  return { type, prefix: `${workspaceId}/${type}/${DIGITS[part % DIGITS.length]}` };
}

/** Afterwards every whole object of the part is in both stores. May be done again at any time, and beside itself. */
export async function copyPart(from: ObjectStore, to: ObjectStore, keys: WorkspaceKeys, part: number, options: CopyOptions): Promise<Copied> {
  const { type, prefix } = partOf(keys.workspaceId, part);
  const old = createObjectAccess(from, keys);
  const fresh = createObjectAccess(to, keys);
  const there = new Map<string, Date>();
  for await (const { key, modified } of to.list(prefix)) there.set(key, modified);
  const found: { key: string; id: string; size: number }[] = [];
  for await (const { key, size } of from.list(prefix)) {
    const id = key.slice(key.lastIndexOf("/") + 1);
    const since = there.get(key);
    if (isObjectId(id) && !(since && options.provenBefore && since < options.provenBefore)) found.push({ key, id, size });
  }
  const copied = { objects: 0, bytes: 0, damaged: 0 };
  await inParallel(found, PARALLEL[type], async ({ key, id, size }) => {
    throwIfCancelled(options.signal);
    const outcome = await carry(from, to, old, fresh, { type, key, id, isThere: there.has(key) }, options);
    if (outcome === "damaged" && type !== "bundle") copied.damaged++;
    // The second time, what is there was counted the first time, or is a backup's.
    if (outcome !== "whole" || (options.provenBefore && there.has(key))) return;
    copied.objects++;
    copied.bytes += size;
  });
  return copied;
}

/** `gone`: the cleaning took it meanwhile. */
async function carry(
  from: ObjectStore, to: ObjectStore, old: ObjectAccess, fresh: ObjectAccess, { type, key, id, isThere }: { type: ObjectType; key: string; id: string; isThere: boolean }, { check }: CopyOptions,
): Promise<"whole" | "damaged" | "gone"> {
  for (const isFirst of [true, false]) {
    try {
      if (!isThere || !isFirst) await to.put(key, type === "file" ? from.getStream(key) : await from.get(key));
    } catch (error) {
      if (isPlanbackError(error, "repository_damaged")) return "gone";
      throw error;
    }
    if (await isWhole(fresh, type, id)) return "whole";
    const isSound = await isWhole(old, type, id);
    check();
    await to.remove(key);
    if (!isSound) return (await from.has(key)) ? "damaged" : "gone";
  }
  throw new PlanbackError("storage_unavailable", "The new storage gives back something else than what was stored there. The backups stay where they are; nothing is lost.");
}

/** Removes the part. `check` is asked before each object. */
export async function removePart(store: ObjectStore, workspaceId: string, part: number, { signal, check }: Pick<CopyOptions, "signal" | "check">): Promise<void> {
  let some: string[] = [];
  const remove = () => inParallel(some, 16, async (key) => {
    throwIfCancelled(signal);
    check();
    await store.remove(key);
  });
  for await (const { key } of store.list(partOf(workspaceId, part).prefix)) {
    if (some.push(key) < 500) continue;
    await remove();
    some = [];
  }
  await remove();
}

/** True when two stores are one place by two names: what is put into one is seen in the other. */
export async function isSamePlace(one: ObjectStore, other: ObjectStore, workspaceId: string): Promise<boolean> {
  const key = `${workspaceId}/probe/${randomUUID()}`;
  await one.put(key, Buffer.from("planback"));
  const isSeen = await other.has(key);
  await one.remove(key).catch(() => undefined); // it may be locked
  return isSeen;
}
