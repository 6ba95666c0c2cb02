import { dialUrl } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";
import type { GraphObject } from "@/lib/planner/types";
import { cancelled } from "./clock";
import { faultError, faultOf, fileRefusal, TransportFault } from "./failures";
import { joined, type GraphHttp } from "./http";
import { isLastAttempt, isPassing, isThrottled, sendOnce, tellGovernor, turnFor, type Wiring } from "./middleware";
import { hashOfItem, QuickXorHash } from "./quickXorHash";
import { backoff } from "./retryAfter";

const TEMPLATE = "file content";

interface Source {
  address: string;
  size: number | null;
  etag: string | null;
  hash: string | null;
}

/**
 * Opens a file's content as a stream. The pre-authenticated address is called without a bearer token; after a reset or a
 * cut the rest is asked for by Range, and a file that changed meanwhile is refused (graph_conflict) rather than mixed.
 * The stream throws when the size or SharePoint's hash does not come out right: its last bytes are to be believed only
 * when it has ended. Holds one chunk in memory.
 * https://learn.microsoft.com/graph/api/driveitem-get-content
 */
export async function download(
  http: GraphHttp,
  wiring: Wiring,
  driveId: string,
  itemId: string,
  own?: AbortSignal,
): Promise<{ size: number; stream: AsyncIterable<Uint8Array> }> {
  const signal = joined(wiring.signal, own);
  const locate = () => sourceOf(http, wiring, driveId, itemId, signal);
  const source = await locate();
  const first = await open(wiring, source, 0, null, signal, locate);
  const size = source.size ?? lengthOf(first.response);
  if (size === null) throw new PlanbackError("graph_rejected", "Microsoft 365 did not say how long a file is. The file was not read.");
  return { size, stream: contentOf(wiring, first, size, signal, locate) };
}

/** The item's own download address when Graph gives it (reading groups is enough), else where /content points. */
async function sourceOf(http: GraphHttp, wiring: Wiring, driveId: string, itemId: string, signal: AbortSignal | undefined): Promise<Source> {
  const path = `/drives/${encodeURIComponent(driveId)}/items/${encodeURIComponent(itemId)}`;
  const item = await http.get<GraphObject & { size?: number; cTag?: string; eTag?: string; file?: unknown }>(path, { signal });
  const direct = item["@microsoft.graph.downloadUrl"];
  const url = typeof direct === "string" ? direct : await redirectOf(http, `${path}/content`, signal);
  return { address: dialUrl(url, wiring.origins), size: item.size ?? null, etag: item.cTag ?? item.eTag ?? null, hash: hashOfItem(item) };
}

async function redirectOf(http: GraphHttp, path: string, signal: AbortSignal | undefined): Promise<string> {
  let response: Response;
  try {
    response = await http.answer("GET", path, undefined, "read", { signal });
  } catch (error) {
    throw error instanceof TransportFault ? faultError(error, TEMPLATE, false) : error;
  }
  const location = response.headers.get("location");
  if (response.status >= 300 && response.status < 400 && location) return location;
  if (!response.ok) throw http.refusal(response, TEMPLATE);
  throw new PlanbackError("graph_rejected", "Microsoft 365 did not say where a file's content is. The file was not read.");
}

interface Opened {
  response: Response;
  source: Source;
  /** What the download host calls this version of the file. */
  version: string | null;
}

/** Asks for the content from an offset on; tries again what may pass, with a fresh address when the old one has expired. */
async function open(
  wiring: Wiring,
  source: Source,
  from: number,
  version: string | null,
  signal: AbortSignal | undefined,
  locate: () => Promise<Source>,
): Promise<Opened> {
  const { waits, clock } = wiring;
  let renewed = false;
  for (let attempt = 1; ; attempt++) {
    let failure: TransportFault | Response;
    try {
      const response = await request(wiring, source, from, version, attempt, signal);
      if (response.ok) return { response: await verified(response, from, version), source, version: response.headers.get("etag") ?? version };
      await response.body?.cancel();
      failure = response;
      if ([401, 403, 404, 410].includes(response.status) && !renewed) {
        renewed = true;
        const fresh = await locate();
        if (fresh.etag !== source.etag || fresh.size !== source.size) throw changed();
        source = fresh;
        continue;
      }
    } catch (error) {
      if (!(error instanceof TransportFault) || error.kind === "cancelled") throw asError(error);
      failure = error;
    }
    const status = failure instanceof TransportFault ? null : failure.status;
    if (status === 416) throw notWhole(); // the file ends before the size that was told
    if ((status !== null && !isPassing(status)) || isLastAttempt(attempt, status)) throw asError(failure);
    if (status !== null && isThrottled(status)) continue; // the governor holds the next attempt back
    await waits.during(backoff(attempt, clock.random), signal);
  }
}

async function request(wiring: Wiring, source: Source, from: number, version: string | null, attempt: number, signal: AbortSignal | undefined): Promise<Response> {
  const headers: Record<string, string> = { Accept: "*/*", "Accept-Encoding": "identity" };
  if (from > 0) headers["Range"] = `bytes=${from}-`;
  // A weak etag may not be used with If-Range (RFC 9110, 13.1.5).
  if (from > 0 && version && !version.startsWith("W/")) headers["If-Range"] = version;
  const lane = "sharepoint";
  return wiring.governor.run(
    async (turn) => {
      const response = await sendOnce(
        { ...wiring, timeoutMs: wiring.downloadTimeoutMs },
        source.address,
        { method: "GET", headers, body: null, template: TEMPLATE, lane, items: 1, attempt, signal, read: async (r) => r },
      );
      tellGovernor(wiring, turn, response, { kind: TEMPLATE, attempt });
      return response;
    },
    { lane, units: () => 1, ...turnFor(wiring, signal) },
  );
}

async function verified(response: Response, from: number, version: string | null): Promise<Response> {
  const now = response.headers.get("etag");
  const starts = from === 0 ? 0 : Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1] ?? -1);
  const isSame = from === 0 || (response.status === 206 && starts === from && (!version || !now || now === version));
  if (isSame) return response;
  await response.body?.cancel();
  throw changed();
}

async function* contentOf(wiring: Wiring, first: Opened, size: number, signal: AbortSignal | undefined, locate: () => Promise<Source>): AsyncGenerator<Uint8Array> {
  let opened = first;
  const hash = new QuickXorHash();
  let done = 0;
  let idleTries = 0;
  for (;;) {
    const before = done;
    try {
      for await (const chunk of opened.response.body ?? []) {
        done += chunk.length;
        if (done > size) throw notWhole();
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof PlanbackError) throw error;
      if (signal?.aborted) throw cancelled();
      if (faultOf(error, signal, true).kind === "cancelled") throw cancelled();
    } finally {
      // Also when the reader stops early: the connection must not stay open.
      if (done < size) await opened.response.body?.cancel().catch(() => undefined);
    }
    if (done === size) {
      if (opened.source.hash !== null && opened.source.hash !== hash.digest()) throw notWhole();
      return;
    }
    idleTries = done > before ? 0 : idleTries + 1;
    if (idleTries > 3) throw notWhole();
    if (idleTries > 0) await wiring.waits.during(backoff(idleTries, wiring.clock.random), signal);
    opened = await open(wiring, opened.source, done, opened.version, signal, locate);
  }
}

function lengthOf(response: Response): number | null {
  const length = response.headers.get("content-length");
  return length && /^\d+$/.test(length) ? Number(length) : null;
}

function asError(failure: unknown): unknown {
  if (failure instanceof TransportFault) return faultError(failure, TEMPLATE, false);
  if (failure instanceof Response) return fileRefusal(failure.status, TEMPLATE);
  return failure;
}

const changed = () => new PlanbackError("graph_conflict", "The file was changed in Microsoft 365 while it was read. It will be read again with the next snapshot.");
const notWhole = () => new PlanbackError("graph_unavailable", "A file from Microsoft 365 did not arrive whole, also after several tries. It was not stored.");
