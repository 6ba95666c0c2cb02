/**
 * What S3 and Azure Blob have in common: objects appear whole or not at all, and only if there is none of that name; large ones
 * go up and come down in parts, so that a broken connection costs one part. Requests are tried again here and not in the SDKs,
 * so that both services behave alike.
 */
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { PlanbackError } from "@/lib/errors";
import { damaged } from "./header";
import { checkName, checkPrefix } from "./names";
import type { Locks, ObjectStore } from "./types";

/** S3 takes no parts below 5 MiB and 10,000 of them at most. */
const PART_BYTES = 8 * 1024 * 1024;

export interface CloudOptions {
  /** Finds the address of the service; refuses those that must not be dialled. */
  lookup?: LookupFunction;
  /** Of one request, with all its bytes. */
  timeoutMs?: number;
  attempts?: number;
  /** Before the second attempt; doubles with each. */
  delayMs?: number;
  /** Entries of one page of a list. */
  pageSize?: number;
}

/** The requests of one service. They reject with the SDK's errors, which `fault` explains. */
export interface Service {
  /** Refused when there is one already. */
  put(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<unknown>;
  /** An object in parts: nothing of it is seen until `finish`, which is refused when there is one already. */
  begin(key: string, signal: AbortSignal): Promise<Upload>;
  read(key: string, range: { from: number; bytes: number } | null, signal: AbortSignal): Promise<Uint8Array>;
  /** null: there is none. */
  look(key: string, signal: AbortSignal): Promise<{ lockedUntil: Date | null } | null>;
  /** Makes the lock longer; refused when it is longer already. */
  lock(key: string, until: Date, signal: AbortSignal): Promise<unknown>;
  page(prefix: string, size: number, after: string | undefined, signal: AbortSignal): Promise<Page>;
  remove(key: string, signal: AbortSignal): Promise<void>;
  fault(error: unknown): Fault;
}

interface Page { objects: { key: string; size: number; modified: Date }[]; next: string | undefined }

export interface Upload {
  part(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  finish(signal: AbortSignal): Promise<unknown>;
  abandon(signal: AbortSignal): Promise<void>;
}

/** What an error says: the answer's status (0: none came, -1: nothing was asked) and the service's own word for it. */
export interface Fault { status: number; code: string }

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The end of a lock that begins now. It is longer by a quarter than promised, so that an object that every snapshot needs is
 * locked anew each quarter of that time and not with each of them; a full hour, so that writers agree on it.
 */
export function lockEnd(lockDays: number): Date {
  return new Date(Math.ceil((Date.now() + (lockDays + Math.ceil(lockDays / 4)) * DAY_MS) / HOUR_MS) * HOUR_MS);
}

/** An ObjectStore on a service. */
export function createCloudStore(service: Service, lockDays: number | null, { timeoutMs = 60_000, attempts = 4, delayMs = 250, pageSize = 1000 }: CloudOptions = {}): ObjectStore {
  async function again<T>(request: (signal: AbortSignal) => Promise<T>, explain = explained): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await request(AbortSignal.timeout(timeoutMs));
      } catch (error) {
        const fault = service.fault(error);
        if (attempt >= attempts || !isPassing(fault)) throw explain(fault);
        await sleep(delayMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
      }
    }
  }

  /** False when there is an object of that name already. */
  const unlessThere = (write: (signal: AbortSignal) => Promise<unknown>) => again(async (signal) => {
    try {
      await write(signal);
      return true;
    } catch (error) {
      if (isThere(service.fault(error))) return false;
      throw error;
    }
  });

  async function putParts(key: string, chunks: AsyncIterator<Uint8Array>, first: Uint8Array): Promise<boolean> {
    const upload = await again((signal) => service.begin(key, signal));
    try {
      let part: Uint8Array | null = first;
      while (part) {
        // The next part is read while this one is on its way.
        const [sent, next]: [PromiseSettledResult<void>, PromiseSettledResult<Uint8Array | null>] = await Promise.allSettled([sendPart(upload, part), gather(chunks)]);
        if (next.status === "rejected") throw next.reason;
        if (sent.status === "rejected") throw sent.reason;
        part = next.value;
      }
      return await unlessThere((signal) => upload.finish(signal)).catch(async (error: unknown) => {
        // It was finished, and the answer was lost; or another writer was first, and the parts are gone with that.
        if (error instanceof PlanbackError && [400, 404].includes(Number(error.facts.status)) && (await has(key))) return false;
        throw error;
      });
    } catch (error) {
      // What is left of it is the service's to remove (docs/storage.md); the first error is the one to tell.
      await again((signal) => upload.abandon(signal)).catch(() => undefined);
      throw error;
    }
  }
  const nullBeyondEnd = (error: unknown): null => {
    if (service.fault(error).status === 416) return null;
    throw error;
  };
  const look = (key: string) => again((signal) => service.look(key, signal));
  const has = async (key: string) => (await look(key)) !== null;
  const locksFor = (days: number): Locks => {
    const isLocked = (found: Awaited<ReturnType<Service["look"]>>) => (found?.lockedUntil?.getTime() ?? 0) >= Date.now() + days * DAY_MS;
    return {
      async keep(key) {
        checkName(key);
        const found = await look(key);
        if (!found || isLocked(found)) return found !== null;
        await again((signal) => service.lock(key, lockEnd(days), signal)).catch(async (error: unknown) => {
          if (!isLocked(await look(key))) throw error; // else another writer was first
        });
        return true;
      },
      async until(key) {
        checkName(key);
        return (await look(key))?.lockedUntil ?? null;
      },
    };
  };
  const sendPart = (upload: Upload, part: Uint8Array) => again((signal) => upload.part(part, signal));

  return {
    async put(key, bytes) {
      checkName(key);
      if (bytes instanceof Uint8Array) return unlessThere((signal) => service.put(key, bytes, signal));
      const chunks = bytes[Symbol.asyncIterator]();
      try {
        const first = await gather(chunks);
        if (first && first.length >= PART_BYTES) return await putParts(key, chunks, first);
        return await unlessThere((signal) => service.put(key, first ?? Buffer.alloc(0), signal));
      } finally {
        await chunks.return?.();
      }
    },
    async get(key) {
      checkName(key);
      return again((signal) => service.read(key, null, signal), missingOr);
    },
    async *getStream(key) {
      checkName(key);
      for (let from = 0; ;) {
        const range = { from, bytes: PART_BYTES };
        const chunk = await again((signal) => service.read(key, range, signal).catch(nullBeyondEnd), missingOr);
        if (!chunk) return;
        yield chunk;
        if (chunk.length < PART_BYTES) return;
        from += chunk.length;
      }
    },
    async has(key) {
      checkName(key);
      return has(key);
    },
    async *list(prefix) {
      checkPrefix(prefix);
      let after: string | undefined;
      do {
        const from = after;
        const { objects, next } = await again((signal) => service.page(prefix, pageSize, from, signal));
        yield* objects;
        after = next;
      } while (after !== undefined);
    },
    async remove(key) {
      checkName(key);
      await again((signal) => service.remove(key, signal));
    },
    locks: lockDays === null ? undefined : locksFor(lockDays),
  };
}

/** A part, or what is left; null at the end. The source may use its buffers again. */
async function gather(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
  const some: Uint8Array[] = [];
  let length = 0;
  while (length < PART_BYTES) {
    const next = await chunks.next();
    if (next.done) break;
    some.push(Buffer.from(next.value));
    length += next.value.length;
  }
  return length === 0 ? null : Buffer.concat(some, length);
}

/** All bytes of an answer; a body that is cut off is an error. */
export async function readBody(body: AsyncIterable<Uint8Array> & { destroy?(error?: Error): unknown }, signal: AbortSignal): Promise<Uint8Array> {
  const stop = () => body.destroy?.(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Agents that keep connections open, with the addresses that `lookup` allows. */
export function agentsFor({ lookup }: CloudOptions): { http: http.Agent; https: https.Agent } {
  const options = { keepAlive: true, maxSockets: 64, ...(lookup ? { lookup } : {}) };
  return { http: new http.Agent(options), https: new https.Agent(options) };
}

const isThere = ({ status, code }: Fault) => status === 412 || code === "BlobAlreadyExists";

const isPassing = ({ status }: Fault) => status === 0 || status === 408 || status === 429 || status >= 500;

/** For errors that are not the service's own. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { status: -1, code: "unknown" };
  if (error.name === "AbortError" || error.name === "TimeoutError") return { status: 0, code: "timeout" };
  return "code" in error && typeof error.code === "string" ? { status: 0, code: error.code } : { status: -1, code: error.name };
}

function missingOr(fault: Fault): PlanbackError {
  return fault.status === 404 && (fault.code === "NoSuchKey" || fault.code === "BlobNotFound") ? damaged("missing", "an object of the storage") : explained(fault);
}

/** The SDK's errors hold requests with their signatures, so they end here. */
function explained(fault: Fault): PlanbackError {
  const { status, code } = fault;
  const why = status === 404 ? "the bucket or container does not exist"
    : status === 401 || status === 403 ? "the service refuses the credentials, or they lack a right that is needed"
    : status === 0 ? "the service cannot be reached"
    : isPassing(fault) ? "the service is overloaded or has a problem"
    : "the service answers with an error";
  const facts = { status, service: code, reason: status === 404 ? "no_place" : status === 401 || status === 403 ? "forbidden" : isPassing(fault) ? "unreachable" : "rejected" };
  return new PlanbackError("storage_unavailable", `The backup storage cannot be used: ${why} (${code}). What was stored before is untouched. Mend the storage, then try again.`, { facts });
}
