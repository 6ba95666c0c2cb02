import type { AccessTokenClaims } from "../model";
import { GraphFault, type GraphAnswer } from "./context";
import type { RawCall } from "./dispatch";

/** https://learn.microsoft.com/graph/json-batching */
const MAX_ITEMS = 20;

interface Item {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
  dependsOn: string[];
}

/** Runs one item: through throttling and faults, and into the log. */
export type RunItem = (raw: RawCall, token: AccessTokenClaims) => Promise<GraphAnswer>;

export async function runBatch(raw: RawCall, token: AccessTokenClaims, runItem: RunItem, pause: () => Promise<void>): Promise<GraphAnswer & { size: number }> {
  const items = parseItems(raw);
  const statuses = new Map<string, number>();
  const responses: Record<string, unknown>[] = [];
  const run = async (item: Item) => {
    const failedParent = item.dependsOn.some((parent) => (statuses.get(parent) ?? 424) >= 400);
    const answer = failedParent ? failedDependency() : await runItem(rawOf(item, raw), token);
    statuses.set(item.id, answer.status);
    responses.push({ id: item.id, status: answer.status, headers: itemHeaders(answer), ...bodyOf(answer) });
  };
  // The request itself took a latency already, which the first round needs.
  for (const [number, round] of roundsOf(inOrder(items)).entries()) {
    if (number > 0) await pause();
    await Promise.all(round.map(run));
  }
  // "The order of individual responses may not match": answers come rotated, so that a client which counts on order is found out.
  const shift = Math.floor(responses.length / 2);
  return { status: 200, body: { responses: [...responses.slice(shift), ...responses.slice(0, shift)] }, size: items.length };
}

function parseItems(raw: RawCall): Item[] {
  let parsed: { requests?: unknown };
  try {
    parsed = JSON.parse(raw.body.toString("utf8")) as { requests?: unknown };
  } catch {
    throw new GraphFault(400, "BadRequest", "Invalid batch payload format.");
  }
  if (!Array.isArray(parsed.requests)) throw new GraphFault(400, "BadRequest", "Invalid batch payload format.");
  if (parsed.requests.length > MAX_ITEMS) throw new GraphFault(400, "BadRequest", `Number of batch request steps exceeds the maximum value of ${MAX_ITEMS}.`);
  const items = parsed.requests.map(parseItem);
  const ids = new Set(items.map((item) => item.id));
  if (ids.size !== items.length) throw new GraphFault(400, "BadRequest", "Duplicate request id found in the batch request.");
  for (const item of items) {
    for (const parent of item.dependsOn) if (!ids.has(parent) || parent === item.id) throw new GraphFault(400, "BadRequest", `Request with id ${item.id} depends on an unknown request ${parent}.`);
  }
  return items;
}

function parseItem(value: unknown): Item {
  const raw = value as Partial<Record<keyof Item, unknown>>;
  if (typeof raw?.id !== "string" || raw.id === "") throw new GraphFault(400, "BadRequest", "Request id is missing in the batch request.");
  if (typeof raw.method !== "string" || typeof raw.url !== "string") throw new GraphFault(400, "BadRequest", `Request with id ${raw.id} lacks method or url.`);
  const headers = Object.fromEntries(Object.entries((raw.headers ?? {}) as Record<string, unknown>).map(([name, header]) => [name.toLowerCase(), String(header)]));
  if (raw.body !== undefined && raw.body !== null && !headers["content-type"]) {
    throw new GraphFault(400, "BadRequest", `Write request id : ${raw.id} does not contain Content-Type header or body.`);
  }
  return { id: raw.id, method: raw.method.toUpperCase(), url: raw.url, headers, body: raw.body ?? undefined, dependsOn: Array.isArray(raw.dependsOn) ? raw.dependsOn.map(String) : [] };
}

/** Parents first; a circle is a bad request. */
function inOrder(items: Item[]): Item[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const done: Item[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (item: Item): void => {
    if (state.get(item.id) === "done") return;
    if (state.get(item.id) === "open") throw new GraphFault(400, "BadRequest", "Circular dependency found in the batch request.");
    state.set(item.id, "open");
    for (const parent of item.dependsOn) visit(byId.get(parent)!);
    state.set(item.id, "done");
    done.push(item);
  };
  for (const item of items) visit(item);
  return done;
}

const OUTLOOK_AT_ONCE = 4;
const isOutlook = (item: Item): boolean => /\/(threads|conversations)(\/|$|\?)/i.test(item.url);

/** What runs in parallel: what depends on nothing that is not done, but no more than four items for Outlook. https://learn.microsoft.com/graph/throttling-limits */
function roundsOf(items: Item[]): Item[][] {
  const levels = new Map<string, number>();
  const rounds: Item[][] = [];
  const outlook: number[] = [];
  for (const item of items) {
    let round = Math.max(0, ...item.dependsOn.map((parent) => levels.get(parent)! + 1));
    if (isOutlook(item)) {
      while ((outlook[round] ?? 0) >= OUTLOOK_AT_ONCE) round++;
      outlook[round] = (outlook[round] ?? 0) + 1;
    }
    levels.set(item.id, round);
    while (rounds.length <= round) rounds.push([]);
    rounds[round]!.push(item);
  }
  return rounds;
}

const NOTHING = Buffer.alloc(0);

/** An item is a call of its own; only its own headers count, as Graph does it. Its URL is relative to the version of the batch. */
function rawOf(item: Item, batch: RawCall): RawCall {
  const url = item.url.startsWith("/") ? item.url : `/${item.url}`;
  const mark = url.indexOf("?");
  const [path, query] = mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
  const body = item.body === undefined ? NOTHING : typeof item.body === "string" && !item.headers["content-type"]?.includes("json") ? Buffer.from(item.body, "base64") : Buffer.from(JSON.stringify(item.body));
  return { method: item.method, version: batch.version, path, query: new URLSearchParams(query), headers: item.headers, body };
}

function failedDependency(): GraphAnswer {
  return { status: 424, body: { error: { code: "FailedDependency", message: "Failed Dependency" } } };
}

const WITH_BODY = { "Cache-Control": "no-cache", "Content-Type": "application/json" };
const WITHOUT_BODY = { "Cache-Control": "no-cache" };

function itemHeaders(answer: GraphAnswer): Record<string, string> {
  const usual = answer.body === undefined ? WITHOUT_BODY : WITH_BODY;
  if (answer.headers === undefined) return usual;
  return { ...usual, ...Object.fromEntries(Object.entries(answer.headers).map(([name, header]) => [name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase()), header])) };
}

function bodyOf(answer: GraphAnswer): { body?: unknown } {
  if (answer.body === undefined) return {};
  return { body: Buffer.isBuffer(answer.body) ? answer.body.toString("base64") : answer.body };
}
