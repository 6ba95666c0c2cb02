/**
 * Objects as files under one directory. A write goes to a temporary file, is flushed, gets its final name in one
 * step, and the directory is flushed: after a power cut an object is there whole or not at all. Temporary files live
 * in `.tmp`, which no key can name; what a crash left there is removed after a day.
 */
import { randomUUID } from "node:crypto";
import { createReadStream, readFile } from "node:fs";
import { link, mkdir, open, opendir, readdir, rename, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { PlanbackError } from "@/lib/errors";
import { damaged } from "./header";
import { checkName, checkPrefix } from "./names";
import type { ObjectStore } from "./types";

const TEMPORARY = ".tmp";
const TEMPORARY_KEPT_MS = 24 * 60 * 60 * 1000;

/** An ObjectStore in the directory `dir`, which is made when it does not exist. */
export function createFileStore(dir: string): ObjectStore {
  const root = path.resolve(dir);
  const durable = new Set<string>();
  let sweptAt = 0;

  /** Makes a directory unless it is there, and flushes its name in any case: who made it may have died before doing so. */
  async function makeDurable(dir: string): Promise<void> {
    if (durable.has(dir)) return;
    const first = await mkdir(dir, { recursive: true, mode: 0o700 });
    for (let above = dir; above !== root; above = path.dirname(above)) await flushDirectory(path.dirname(above));
    if (first && first.length <= root.length) await flushDirectory(path.dirname(root));
    durable.add(dir);
  }

  async function sweepTemporary(): Promise<void> {
    if (Date.now() - sweptAt < TEMPORARY_KEPT_MS) return;
    sweptAt = Date.now();
    const temporary = path.join(root, TEMPORARY);
    for (const name of await readdir(temporary)) {
      const file = path.join(temporary, name);
      const found = await stat(file).catch(() => null);
      if (found && Date.now() - found.mtimeMs > TEMPORARY_KEPT_MS) await unlink(file).catch(() => {});
    }
  }

  return {
    async put(key, bytes) {
      const target = pathOf(root, key);
      if (await exists(target)) return false;
      const temporary = path.join(root, TEMPORARY, randomUUID());
      await guarded(async () => {
        await makeDurable(path.join(root, TEMPORARY));
        await sweepTemporary();
      });
      try {
        await writeFlushed(temporary, bytes);
        return await guarded(async () => {
          await makeDurable(path.dirname(target));
          const isNew = await giveName(temporary, target);
          await flushDirectory(path.dirname(target));
          return isNew;
        });
      } finally {
        await unlink(temporary).catch(() => {});
      }
    },
    get: (key) => guarded(() => readWhole(pathOf(root, key))),
    async *getStream(key) {
      const stream = createReadStream(pathOf(root, key), { highWaterMark: 256 * 1024 });
      try {
        for await (const chunk of stream) yield chunk as Uint8Array;
      } catch (error) {
        throw storageError(error);
      }
    },
    has: async (key) => exists(pathOf(root, key)),
    async *list(prefix) {
      checkPrefix(prefix);
      const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
      for await (const key of walk(root, folder, prefix)) {
        const found = await guarded(() => stat(path.join(root, key)).catch(nullIfAbsent));
        if (found) yield { key, size: found.size, modified: found.mtime };
      }
    },
    remove: (key) => guarded(async () => void (await unlink(pathOf(root, key)).catch(nullIfAbsent))),
  };
}

/** Thousands of small files are read for one snapshot: without the handle object of node:fs/promises that is twice as fast. */
const readWhole = promisify(readFile);

function pathOf(root: string, key: string): string {
  return path.join(root, ...checkName(key).split("/"));
}

function exists(file: string): Promise<boolean> {
  return guarded(async () => ((await stat(file).catch(nullIfAbsent))?.isFile() ?? false));
}

async function writeFlushed(file: string, bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> {
  const handle = await guarded(() => open(file, "wx", 0o600));
  try {
    if (bytes instanceof Uint8Array) await guarded(() => handle.writeFile(bytes));
    // Not inside `guarded`: an error of the source is the source's, not the storage's.
    else for await (const chunk of bytes) await guarded(() => handle.writeFile(chunk));
    await guarded(() => handle.sync());
  } finally {
    await handle.close();
  }
}

/** Gives the file its final name unless that is taken. A link refuses a taken name in one step; a rename would replace. */
async function giveName(temporary: string, target: string): Promise<boolean> {
  try {
    await link(temporary, target);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
    // A file system without hard links (exFAT, some network shares). Two writers of one key write the same content.
    await rename(temporary, target);
    return true;
  }
}

async function flushDirectory(dir: string): Promise<void> {
  if (process.platform === "win32") return; // Windows cannot open a directory; NTFS journals names by itself.
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* walk(root: string, folder: string, prefix: string): AsyncGenerator<string> {
  const entries = await guarded(() => opendir(path.join(root, folder)).catch(nullIfAbsent));
  if (!entries) return;
  for await (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const name = `${folder}${entry.name}`;
    if (entry.isDirectory() && (name.startsWith(prefix) || prefix.startsWith(`${name}/`))) yield* walk(root, `${name}/`, prefix);
    else if (entry.isFile() && name.startsWith(prefix)) yield name;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;
const isAbsent = (error: unknown) => ["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "");

function nullIfAbsent(error: unknown): null {
  if (isAbsent(error)) return null;
  throw error;
}

async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storageError(error);
  }
}

function storageError(error: unknown): PlanbackError {
  if (error instanceof PlanbackError) return error;
  if (isAbsent(error)) return damaged("missing", "an object of the storage", error);
  const code = codeOf(error) ?? "unknown";
  const why = code === "ENOSPC" || code === "EDQUOT" ? "it is full" : code === "EACCES" || code === "EPERM" || code === "EROFS" ? "Planback may not read or write there" : "it answered with an error";
  return new PlanbackError("storage_unavailable", `The backup storage cannot be used: ${why} (${code}). What was stored before is untouched. Mend the storage, then try again.`, { facts: { errno: code }, cause: error });
}
