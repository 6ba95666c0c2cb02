import { isPlanbackError } from "@/lib/errors";
import { refusalError } from "./failures";
import type { GraphHttp } from "./http";
import { isPassing, MAX_RETRIES, type Wiring } from "./middleware";
import { backoff, throttleDelay } from "./retryAfter";
import { templateOf } from "./template";
import type { BatchAnswer, BatchRequest } from "./types";

/** https://learn.microsoft.com/graph/json-batching: at most 20 requests in one batch. */
const BATCH_SIZE = 20;

interface Item {
  id: string;
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

interface Ask {
  url: string;
  version: "v1.0" | "beta";
}

type Found = Omit<BatchAnswer, "id">;

/**
 * Reads many objects in batches of 20, several batches at once. Equal requests are asked once. Each item is throttled
 * by Graph alone: those are collected and sent again together after the longest Retry-After of the round.
 * Answers come in the order of the requests; a refused item carries its error. Throws when whole batches fail.
 */
export async function batchGet(
  http: GraphHttp,
  wiring: Wiring,
  requests: BatchRequest[],
  onProgress?: (done: number, total: number) => void,
): Promise<BatchAnswer[]> {
  const keyOf = (request: BatchRequest) => `${request.version ?? "v1.0"} ${request.url}`;
  const found = new Map<string, Found>();
  let pending = new Map<string, Ask>(requests.map((r) => [keyOf(r), { url: r.url, version: r.version ?? "v1.0" }]));
  const total = pending.size;
  for (let round = 1; pending.size > 0; round++) {
    const again = new Map<string, Ask>();
    let delay = 0;
    await inChunks(pending, async (chunk) => {
      const items = await sendChunk(http, chunk);
      chunk.forEach(([key, ask], i) => {
        const item = items.get(String(i + 1)) ?? { id: "", status: 503 };
        if (!isPassing(item.status) || round > MAX_RETRIES) {
          found.set(key, answerOf(item, ask));
          return;
        }
        again.set(key, ask);
        delay = Math.max(delay, itemDelay(wiring, item, round));
      });
      onProgress?.(found.size, total);
    });
    pending = again;
    // Throttled items speak for the service behind them: the whole (app, tenant) waits, not just these items.
    if (delay > 0) wiring.governor.throttled(delay);
  }
  return requests.map((request) => ({ id: request.id, ...found.get(keyOf(request))! }));
}

function itemDelay({ clock }: Wiring, item: Item, round: number): number {
  const header = Object.entries(item.headers ?? {}).find(([name]) => name.toLowerCase() === "retry-after")?.[1];
  if (item.status === 429 || item.status === 503) return throttleDelay(header, round, clock.now(), clock.random);
  return backoff(round, clock.random);
}

type Chunk = [string, Ask][];

/** Batches of mail are sent one after the other: Outlook runs 4 items of a batch at once and allows no more. */
async function inChunks(pending: Map<string, Ask>, send: (chunk: Chunk) => Promise<void>): Promise<void> {
  const isMail = (ask: Ask) => ask.url.includes("/threads/");
  const lists = { mail: [] as Chunk, beta: [] as Chunk, other: [] as Chunk };
  for (const entry of pending) {
    const [, ask] = entry;
    lists[isMail(ask) ? "mail" : ask.version === "beta" ? "beta" : "other"].push(entry);
  }
  const mail = (async () => {
    for (const chunk of chunks(lists.mail)) await send(chunk);
  })();
  const results = await Promise.allSettled([mail, ...[...chunks(lists.other), ...chunks(lists.beta)].map(send)]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

function chunks(list: Chunk): Chunk[] {
  return Array.from({ length: Math.ceil(list.length / BATCH_SIZE) }, (_, i) => list.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE));
}

async function sendChunk(http: GraphHttp, chunk: Chunk): Promise<Map<string, Item>> {
  const body = { requests: chunk.map(([, ask], i) => ({ id: String(i + 1), method: "GET", url: ask.url })) };
  const answer = await http.query<{ responses?: Item[] }>("/$batch", body, { version: chunk[0]![1].version });
  return new Map((answer?.responses ?? []).map((item) => [String(item.id), item]));
}

function answerOf(item: Item, ask: Ask): Found {
  if (item.status >= 200 && item.status < 300) return { status: item.status, body: item.body, error: null };
  return { status: item.status, body: null, error: refusalError({ status: item.status, body: item.body, template: templateOf(ask.url) }) };
}

/** The body of an answer, or its error thrown. */
export function bodyOfAnswer<T>(answer: BatchAnswer): T {
  if (answer.error) throw answer.error;
  return answer.body as T;
}

/** As {@link bodyOfAnswer}, but null for what does not exist. */
export function bodyIfExists<T>(answer: BatchAnswer): T | null {
  if (isPlanbackError(answer.error, "graph_not_found")) return null;
  return bodyOfAnswer<T>(answer);
}
