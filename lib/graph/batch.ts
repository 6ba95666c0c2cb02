import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { Item } from "./batchPool";
import { refusalError } from "./failures";
import type { GraphHttp } from "./http";
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
  const page = first.body as Page | null;
  if (!list || first.error || !page?.["@odata.nextLink"]) return first;
  const value = [...(page.value ?? [])];
  const seen = new Set<string>();
  for (let link: string | undefined = page["@odata.nextLink"]; link; ) {
    if (seen.has(link)) throw new PlanbackError("graph_rejected", "Microsoft 365 sent a list of pages without an end. The list was not used.");
    seen.add(link);
    const next = answerOf(await http.pool.ask(below(http.graph, link, version), version), url);
    if (next.error) return next;
    value.push(...((next.body as Page | null)?.value ?? []));
    link = (next.body as Page | null)?.["@odata.nextLink"];
  }
  return { ...first, body: { ...page, value, "@odata.nextLink": undefined } };
}

interface Page {
  value?: unknown[];
  "@odata.nextLink"?: string;
}

/** A link as a path below the version, for a batch. Throws graph_rejected when it leads out of Graph. */
function below(graph: string, link: string, version: GraphVersion): string {
  const start = `${graph}/${version}`;
  if (link.startsWith(`${start}/`)) return link.slice(start.length);
  throw new PlanbackError("graph_rejected", "Microsoft named an address outside Microsoft Graph for more results. Nothing was sent there.");
}

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
