import { dialUrl } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";
import type { GraphObject } from "@/lib/planner/types";
import { faultError, fileRefusal, TransportFault, unknownOutcome } from "./failures";
import { encodePath } from "./driveItems";
import { joined, type GraphHttp } from "./http";
import { resourceUnits } from "./lanes";
import { isLastAttempt, isPassing, isThrottled, sendOnce, tellGovernor, turnFor, type Wiring } from "./middleware";
import { hashOfItem, QuickXorHash } from "./quickXorHash";
import { backoff } from "./retryAfter";
import type { WriteOutcome } from "./types";

/** Ranges of an upload session must be multiples of 320 KiB: https://learn.microsoft.com/graph/api/driveitem-createuploadsession */
const RANGE = 16 * 320 * 1024;
const TEMPLATE = "upload session";

export type UploadedItem = GraphObject & { id: string; webUrl: string; size: number };

/**
 * Puts a file at a path of the group's library, replacing what is there: the same content again is harmless, so every
 * step may be repeated. Up to 5 MiB go in one request, more through an upload session. Holds one range in memory.
 */
export async function upload(
  http: GraphHttp,
  wiring: Wiring,
  groupId: string,
  path: string,
  size: number,
  content: AsyncIterable<Uint8Array>,
  own?: AbortSignal,
): Promise<WriteOutcome<UploadedItem>> {
  const signal = joined(wiring.signal, own);
  const item = `/groups/${encodeURIComponent(groupId)}/drive/root:/${encodePath(path)}:`;
  const hash = new QuickXorHash();
  const ranges = rangesOf(content, size, hash);
  const outcome = size <= RANGE ? await putWhole(http, item, ranges, signal) : await putInSession(http, wiring, item, { size, hash }, ranges, signal);
  if (outcome.kind === "done" && !isSame(outcome.value, { size, hash })) {
    return { kind: "unknown", error: new PlanbackError("graph_unknown_outcome", "Microsoft 365 stored a file with other content than what was sent. It is not counted as restored.", { facts: { size, stored: outcome.value.size } }) };
  }
  return outcome;
}

interface Sent {
  size: number;
  hash: QuickXorHash;
}

function isSame(item: UploadedItem, { size, hash }: Sent): boolean {
  const stored = hashOfItem(item);
  return item.size === size && (stored === null || stored === hash.digest());
}

async function putWhole(http: GraphHttp, item: string, ranges: AsyncIterator<Buffer<ArrayBuffer>>, signal: AbortSignal | undefined): Promise<WriteOutcome<UploadedItem>> {
  const whole = await ranges.next();
  const body: Buffer = whole.done ? Buffer.alloc(0) : whole.value;
  if (!whole.done) await ranges.next(); // the content must end here; more than `size` throws
  const path = `${item}/content?@microsoft.graph.conflictBehavior=replace`;
  const outcome = await http.write<UploadedItem>("PUT", path, body, { headers: { "Content-Type": "application/octet-stream" }, repeatable: true, signal });
  if (outcome.kind === "done" && !outcome.value?.id) return { kind: "unknown", error: unknownOutcome({ template: TEMPLATE }) };
  return outcome as WriteOutcome<UploadedItem>;
}

async function putInSession(
  http: GraphHttp,
  wiring: Wiring,
  item: string,
  whole: Sent,
  ranges: AsyncIterator<Buffer<ArrayBuffer>>,
  signal: AbortSignal | undefined,
): Promise<WriteOutcome<UploadedItem>> {
  const session = await http.write<{ uploadUrl?: string }>("POST", `${item}/createUploadSession`, { item: { "@microsoft.graph.conflictBehavior": "replace" } }, { repeatable: true, signal });
  if (session.kind !== "done") return session;
  try {
    const address = dialUrl(session.value?.uploadUrl ?? "", wiring.origins);
    for (let from = 0; from < whole.size; ) {
      const range = await ranges.next();
      if (range.done) throw tooShort();
      const done = await putRange(wiring, address, range.value, from, whole.size, signal);
      if (done) return { kind: "done", value: done };
      from += range.value.length;
    }
    return { kind: "unknown", error: unknownOutcome({ template: TEMPLATE }) };
  } catch (error) {
    return (await stored(http, item, whole, signal)) ?? failed(error);
  }
}

/**
 * The answer to the last range may be lost, and a finished session no longer exists. Then the file itself is looked at:
 * its path is the caller's own, so a file of the same content there is the one that was sent.
 */
async function stored(http: GraphHttp, item: string, whole: Sent, signal: AbortSignal | undefined): Promise<WriteOutcome<UploadedItem> | null> {
  if (signal?.aborted) return null;
  try {
    const found = await http.get<UploadedItem>(item.slice(0, -1), { signal });
    return isSame(found, whole) ? { kind: "done", value: found } : null;
  } catch {
    return null; // the first failure is the one to report
  }
}

function failed(error: unknown): WriteOutcome<UploadedItem> {
  if (error instanceof TransportFault) return { kind: "unknown", error: faultError(error, TEMPLATE, true) };
  if (error instanceof PlanbackError && error.code.startsWith("graph_")) {
    return { kind: error.code === "graph_unavailable" ? "unknown" : "not_applied", error };
  }
  throw error;
}

/** Sends one range until the session has it. Returns the item when it was the last one, null when more is wanted. */
async function putRange(wiring: Wiring, address: string, bytes: Buffer<ArrayBuffer>, start: number, total: number, signal: AbortSignal | undefined): Promise<UploadedItem | null> {
  let sent = 0;
  let furthest = 0;
  for (let attempt = 1; ; attempt++) {
    const rest = bytes.subarray(sent);
    const from = start + sent;
    const headers = { "Content-Range": `bytes ${from}-${from + rest.length - 1}/${total}`, "Content-Type": "application/octet-stream" };
    const outcome = await turn(wiring, "PUT", address, headers, rest, attempt, signal);
    let next: number;
    if (outcome instanceof Response && outcome.ok) {
      const answer = (await outcome.json()) as UploadedItem & { nextExpectedRanges?: string[] };
      if (outcome.status !== 202) return answer;
      next = nextOffset(answer.nextExpectedRanges, start + bytes.length);
    } else {
      const status = outcome instanceof Response ? outcome.status : null;
      // 416: the session already has these bytes; what it says it lacks decides.
      const passing = outcome instanceof Response ? isPassing(outcome.status) || status === 416 : outcome.kind !== "cancelled";
      if (!passing || isLastAttempt(attempt, status)) throw outcome instanceof Response ? fileRefusal(outcome.status, TEMPLATE) : outcome;
      if (status === null || !isThrottled(status)) await wiring.waits.during(backoff(attempt, wiring.clock.random), signal);
      next = await expected(wiring, address, start + bytes.length, attempt, signal);
    }
    if (next >= start + bytes.length && next < total) return null;
    // A session that has everything but has not said so is sent the last byte again, and answers with the item or is gone.
    sent = Math.min(Math.max(0, next - start), bytes.length - 1);
    if (sent > furthest) [furthest, attempt] = [sent, 0];
    else if (isLastAttempt(attempt, null) && outcome instanceof Response && outcome.ok) throw new TransportFault("cut");
  }
}

/** Where the session wants to go on; `otherwise` when it does not say. */
async function expected(wiring: Wiring, address: string, otherwise: number, attempt: number, signal: AbortSignal | undefined): Promise<number> {
  const outcome = await turn(wiring, "GET", address, {}, null, attempt, signal);
  if (outcome instanceof TransportFault || isPassing(outcome.status)) return 0;
  if (!outcome.ok) throw fileRefusal(outcome.status, TEMPLATE);
  return nextOffset(((await outcome.json()) as { nextExpectedRanges?: string[] }).nextExpectedRanges, otherwise);
}

function nextOffset(ranges: string[] | undefined, otherwise: number): number {
  const first = Number(ranges?.[0]?.split("-")[0] ?? Number.NaN);
  return Number.isFinite(first) ? first : otherwise;
}

/** One request to the upload address, without a bearer token: the address itself is the permission. */
async function turn(wiring: Wiring, method: string, address: string, headers: Record<string, string>, body: Buffer<ArrayBuffer> | null, attempt: number, signal: AbortSignal | undefined): Promise<Response | TransportFault> {
  const lane = "sharepoint";
  const read = async (response: Response) => new Response(response.status === 204 ? null : await response.text(), { status: response.status, headers: response.headers });
  try {
    return await wiring.governor.run(
      async (turn) => {
        const response = await sendOnce(wiring, address, { method, headers, body, template: TEMPLATE, lane, items: 1, attempt, signal, read });
        tellGovernor(wiring, turn, response, { kind: `${method} ${TEMPLATE}`, attempt });
        return response;
      },
      { lane, units: () => resourceUnits(method, TEMPLATE), ...turnFor(wiring, signal) },
    );
  } catch (error) {
    if (error instanceof TransportFault) return error;
    throw error;
  }
}

/** Cuts the content into ranges, each valid until the next is asked for, and hashes it on the way. Throws when it is not exactly `size` bytes long. */
async function* rangesOf(content: AsyncIterable<Uint8Array>, size: number, hash: QuickXorHash): AsyncGenerator<Buffer<ArrayBuffer>> {
  const range = Buffer.allocUnsafeSlow(Math.min(RANGE, size));
  let held = 0;
  let total = 0;
  for await (const chunk of content) {
    total += chunk.length;
    if (total > size) throw tooShort();
    hash.update(chunk);
    for (let rest = chunk; rest.length > 0; ) {
      const taken = Math.min(rest.length, range.length - held);
      range.set(rest.subarray(0, taken), held);
      held += taken;
      rest = rest.subarray(taken);
      if (held < range.length) continue;
      yield range;
      held = 0;
    }
  }
  if (total !== size) throw tooShort();
  if (held > 0) yield range.subarray(0, held);
}

function tooShort(): PlanbackError {
  return new PlanbackError("internal", "A stored file has another length than its record says. It was not uploaded.");
}
