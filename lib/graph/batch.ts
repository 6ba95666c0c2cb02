import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { Item } from "./batchPool";
import { refusalError } from "./failures";
import type { GraphHttp } from "./http";
import { distinct, endless, hollow, itemsOfPage, type Page } from "./pages";
import { templateOf } from "./template";
import type { BatchAnswer, BatchRequest, GraphVersion } from "./types";

type Found = Omit<BatchAnswer, "id">;

/** See GraphApi.batchGet. `onProgress` counts different requests; what it throws ends the reading. */
export async function batchGet(http: GraphHttp, requests: BatchRequest[], onProgress?: (done: number, total: number) => void): Promise<BatchAnswer[]> {
  const keyOf = ({ url, version = "v1.0", list = false }: BatchRequest) => `${version} ${list} ${url}`;
  const different = new Map(requests.map((request) => [keyOf(request), request]));
  const found = new Map<string, Found>();
  const results = await Promise.allSettled([...different].map(async ([key, request]) => {
    found.set(key, await read(http, request));
    onProgress?.(found.size, different.size);
  }));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return requests.map((request) => ({ id: request.id, ...found.get(keyOf(request))! }));
}

async function read(http: GraphHttp, { url, version = "v1.0", list = false }: BatchRequest): Promise<Found> {
  const first = answerOf(await http.pool.ask(url, version), url);
  if (!list || first.error) return first;
  const seen = new Set<string>();
  const value: unknown[] = [];
  // A list that cannot be followed is the fault of this list, not of the others that are read with it.
  const unusable = (error: PlanbackError): Found => ({ ...first, body: null, error });
  for (let page = first; ; ) {
    const items = itemsOfPage(page.body);
    if (!items) return unusable(hollow(templateOf(url)));
    for (const item of items) value.push(item);
    const link = (page.body as Page<unknown>)["@odata.nextLink"];
    if (!link) return { ...first, body: { ...(first.body as object), value: distinct(value), "@odata.nextLink": undefined } };
    const path = below(http.graph, link, version);
    if (path === null) return unusable(outside());
    if (seen.has(link)) return unusable(endless());
    seen.add(link);
    page = answerOf(await http.pool.ask(path, version), url);
    if (page.error) return page;
  }
}

/** A link as a path below the version, for a batch; null when it leads out of Graph. */
function below(graph: string, link: string, version: GraphVersion): string | null {
  const start = `${graph}/${version}`;
  return link.startsWith(`${start}/`) ? link.slice(start.length) : null;
}

const outside = () => new PlanbackError("graph_rejected", "Microsoft named an address outside Microsoft Graph for more results. Nothing was sent there.");

function answerOf(item: Item, url: string): Found {
  if (item.status >= 200 && item.status < 300) return { status: item.status, body: item.body, error: null };
  return { status: item.status, body: null, error: refusalError({ status: item.status, body: item.body, template: templateOf(url) }) };
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
