import { Client, ResponseType } from "@microsoft/microsoft-graph-client";
import { CLOUD_FACTS, type Cloud } from "@/lib/config/clouds";
import { PlanbackError } from "@/lib/errors";
import { BatchPool } from "./batchPool";
import { bodyOf } from "./body";
import { Call, type BatchCall, type Repeat } from "./call";
import { faultError, refusalError, TransportFault, unknownOutcome } from "./failures";
import type { TurnOptions } from "./governor";
import { resourceUnits, wayOf } from "./lanes";
import { createChain, isPassing, type Wiring } from "./middleware";
import { parseRetryAfter } from "./retryAfter";
import { templateOf } from "./template";
import type { GraphVersion, WriteOutcome } from "./types";

export interface ReadOptions {
  version?: GraphVersion;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface WriteOptions extends ReadOptions {
  /** The request may be sent again in doubt, because doing it twice is the same as doing it once. */
  repeatable?: boolean;
}

interface Page<T> {
  value?: T[];
  "@odata.nextLink"?: string;
}

/** Graph in terms of paths below the version: reads throw, writes say what became of them. */
export class GraphHttp {
  /** Reads of all callers that travel together. */
  readonly pool: BatchPool;
  readonly cloud: Cloud;
  /** Microsoft Graph's address there, as Microsoft names it. */
  readonly graph: string;
  private readonly client: Client;

  constructor(private readonly wiring: Wiring) {
    this.pool = new BatchPool(this, wiring);
    this.cloud = wiring.origins.cloud;
    this.graph = CLOUD_FACTS[this.cloud].graph;
    this.client = Client.initWithMiddleware({ baseUrl: `${this.graph}/`, middleware: createChain(wiring) });
  }

  /** One object. Throws PlanbackError: the refusal, or graph_unavailable after all tries. */
  async get<T>(path: string, options: ReadOptions = {}): Promise<T> {
    return this.json<T>(await this.read(path, options), path);
  }

  /** All pages of a list. Links are followed whole; an empty page is not the end. `keep`: what is held of each item while the pages after it are read. */
  async list<T, K = T>(path: string, { keep = (item) => item as unknown as K, ...options }: ReadOptions & { limit?: number; keep?: (item: T) => K } = {}): Promise<K[]> {
    let page = await this.get<Page<T>>(path, options);
    const items = (page.value ?? []).map(keep);
    const seen = new Set<string>();
    for (let link = page["@odata.nextLink"]; link && items.length < (options.limit ?? Infinity); link = page["@odata.nextLink"]) {
      if (seen.has(link)) throw new PlanbackError("graph_rejected", "Microsoft 365 sent a list of pages without an end. The list was not used.");
      seen.add(link);
      page = this.json<Page<T>>(await this.read(path, options, link), path);
      for (const item of page.value ?? []) items.push(keep(item));
    }
    return items.slice(0, options.limit);
  }

  /** One $batch, whose answer is judged by its sender. Throws when it got none. */
  async batch(version: GraphVersion, turn: TurnOptions, batch: BatchCall): Promise<void> {
    const call = new Call("/$batch", "read", turn, this.wiring.signal, null, batch);
    const response = await this.reading("/$batch", this.send(call, "POST", "/$batch", {}, { version }));
    if (!response.ok) throw this.refusal(response, "/$batch");
  }

  async write<T>(method: "POST" | "PATCH" | "DELETE" | "PUT", path: string, body: unknown, options: WriteOptions = {}): Promise<WriteOutcome<T | null>> {
    const template = templateOf(path);
    let response: Response;
    try {
      response = await this.answer(method, path, body, options.repeatable ? "read" : "write", options);
    } catch (error) {
      return this.writeFault(error, template);
    }
    if (response.ok) return { kind: "done", value: bodyOf(response) as T | null };
    const error = this.refusal(response, template);
    // 408, 500, 502, 503 and 504 may come from a gateway after the service did the work.
    if (isPassing(response.status) && response.status !== 429) {
      return { kind: "unknown", error: unknownOutcome({ ...error.facts }) };
    }
    return { kind: "not_applied", error };
  }

  /** The answer as it is, also when it is a refusal or a redirect. Throws when there is none. */
  async answer(method: string, path: string, body: unknown, repeat: Repeat, options: ReadOptions, wholeUrl: string | null = null): Promise<Response> {
    const turn = { ...wayOf(path), units: () => resourceUnits(method, path) };
    return this.send(new Call(templateOf(path), repeat, turn, joined(this.wiring.signal, options.signal), wholeUrl), method, path, body, options);
  }

  private async send(call: Call, method: string, path: string, body: unknown, options: ReadOptions): Promise<Response> {
    const request = this.client
      .api(path)
      .version(options.version ?? "v1.0")
      .responseType(ResponseType.RAW)
      .middlewareOptions([call])
      .headers({ Accept: "application/json", ...options.headers });
    try {
      if (method === "GET") return await request.get();
      if (method === "DELETE") return await request.delete();
      if (method === "PATCH") return await request.patch(body);
      if (method === "PUT") return await request.put(body);
      return await request.post(body ?? "");
    } catch (error) {
      throw call.failure ?? error;
    }
  }

  private read(path: string, options: ReadOptions, wholeUrl: string | null = null): Promise<Response> {
    return this.reading(path, this.answer("GET", path, undefined, "read", options, wholeUrl));
  }

  private async reading(path: string, response: Promise<Response>): Promise<Response> {
    try {
      return await response;
    } catch (error) {
      throw error instanceof TransportFault ? faultError(error, templateOf(path), false) : error;
    }
  }

  private json<T>(response: Response, path: string): T {
    const template = templateOf(path);
    if (!response.ok) throw this.refusal(response, template);
    return bodyOf(response) as T;
  }

  refusal(response: Response, template: string): PlanbackError {
    return refusalError({
      status: response.status,
      body: bodyOf(response),
      requestId: response.headers.get("request-id"),
      retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), this.wiring.clock.now()) ?? undefined,
      template,
    });
  }

  private writeFault<T>(error: unknown, template: string): WriteOutcome<T> {
    if (error instanceof TransportFault) {
      const sent = error.kind !== "not_sent";
      return { kind: sent ? "unknown" : "not_applied", error: faultError(error, template, true) };
    }
    // Thrown before the request left: no token, refused address, cancelled while waiting for a turn.
    if (error instanceof PlanbackError) return { kind: "not_applied", error };
    throw error;
  }
}

/** One signal out of several; undefined when there is none. */
export function joined(...signals: (AbortSignal | undefined)[]): AbortSignal | undefined {
  const present = signals.filter((signal) => signal !== undefined);
  return present.length > 1 ? AbortSignal.any(present) : present[0];
}
