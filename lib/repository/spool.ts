/**
 * Holds a stream until its id is known. Small content stays in memory; larger content goes to a temporary file,
 * sealed with a key that exists only in this process, and the file has no name from the moment it is open: a crash
 * leaves nothing that anyone could read.
 */
import { randomUUID } from "node:crypto";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PlanbackError } from "@/lib/errors";
import { openFrames, release, sealFrames } from "./frames";
import { newKey } from "./seal";

const MEMORY_BYTES = 2 * 1024 * 1024;

export interface Spooled {
  /** May be read once; each chunk holds until the next is asked for. */
  content(): AsyncIterable<Uint8Array>;
  discard(): Promise<void>;
}

export async function spool(content: AsyncIterable<Uint8Array>): Promise<Spooled> {
  const iterator = content[Symbol.asyncIterator]();
  const start: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      start.push(Buffer.from(next.value)); // a copy: the source may use its buffer again
      bytes += next.value.length;
      if (bytes > MEMORY_BYTES) return await spoolToFile(joined(start, iterator));
    }
  } finally {
    await iterator.return?.(); // lets the source close what it holds when the disk failed
  }
  return { content: () => joined(start), discard: async () => {} };
}

async function* joined(start: Uint8Array[], rest?: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let own = start.shift(); own; own = start.shift()) {
    yield own;
    release(own);
  }
  if (!rest) return;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

const SPOOL_AAD = ["planback/spool"];

async function spoolToFile(content: AsyncIterable<Uint8Array>): Promise<Spooled> {
  const key = newKey();
  const file = await onDisk(nameless);
  const discard = () => file.close();
  try {
    for await (const frame of sealFrames({ bytes: key, version: 1 }, SPOOL_AAD, content)) await onDisk(() => file.writeFile(frame));
  } catch (error) {
    await discard();
    throw error;
  }
  return { content: () => passing(openFrames(new Map([[1, key]]), SPOOL_AAD, fileBytes(file))), discard };
}

async function* passing(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    release(chunk);
  }
}

async function nameless(): Promise<FileHandle> {
  const name = path.join(tmpdir(), `planback-${randomUUID()}`);
  const file = await open(name, "wx+", 0o600);
  await unlink(name);
  return file;
}

/** Each chunk holds until the next is asked for. */
async function* fileBytes(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  for (let position = 0; ;) {
    const { bytesRead } = await onDisk(() => file.read(buffer, 0, undefined, position));
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function onDisk<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new PlanbackError("storage_unavailable", `The folder for temporary files (${code ?? "unknown error"}) cannot hold a file that is being stored. Nothing was stored; free some space there and try again.`, { facts: { errno: code }, cause });
  }
}
