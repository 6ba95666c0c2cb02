import type { Clock } from "../clock";
import { createGraph, createGovernor, type GraphApi, type GraphEvents, type Governor, type TokenSource } from "..";

/** A clock that jumps to the next wake-up as soon as nothing else is to do. */
export class FakeClock implements Clock {
  private time = Date.parse("2026-11-23T12:00:00Z");
  private sleepers: { at: number; wake: () => void }[] = [];
  private ticking = false;
  private seed: number;

  constructor(seed = 1) {
    this.seed = seed;
  }

  now = () => this.time;

  random = () => {
    this.seed = (this.seed * 1664525 + 1013904223) >>> 0;
    return this.seed / 2 ** 32;
  };

  sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const sleeper = { at: this.time + ms, wake: resolve };
      signal?.addEventListener("abort", () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      }, { once: true });
      this.sleepers.push(sleeper);
      this.tick();
    });

  private tick(): void {
    if (this.ticking || this.sleepers.length === 0) return;
    this.ticking = true;
    setImmediate(() => setImmediate(() => {
      this.ticking = false;
      this.sleepers.sort((a, b) => a.at - b.at);
      const next = this.sleepers.shift();
      if (!next) return;
      this.time = Math.max(this.time, next.at);
      next.wake();
      this.tick();
    }));
  }
}

export interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | null;
  at: number;
}

export type Reply = Response | Error | ((sent: Sent) => Response | Error | Promise<Response>);

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}

/** What undici throws: a TypeError whose cause has the code. */
export function networkError(code: string): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
}

export const timeoutError = (): Error => new DOMException("The operation was aborted due to timeout", "TimeoutError");

/** A 200 whose body breaks off in the middle. */
export function cutBody(): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"id":"x"'));
      controller.error(new TypeError("terminated"));
    },
  });
  return new Response(body, { status: 200, headers: { "content-type": "application/json" } });
}

export interface Bench {
  graph: GraphApi;
  clock: FakeClock;
  governor: Governor;
  sent: Sent[];
  waits: ({ reason: string; until: Date } | null)[];
}

/** A client whose requests are answered by `replies`, one after the other; the last one is repeated. */
export function bench(replies: Reply[], options: { tokens?: TokenSource; signal?: AbortSignal; seed?: number; clock?: FakeClock; governor?: Governor; party?: string; events?: GraphEvents } = {}): Bench {
  const clock = options.clock ?? new FakeClock(options.seed);
  const governor = options.governor ?? createGovernor({ clock });
  const sent: Sent[] = [];
  const waits: Bench["waits"] = [];
  const fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    init.signal?.throwIfAborted();
    const one: Sent = {
      url: String(input),
      method: init.method ?? "GET",
      headers: Object.fromEntries(new Headers(init.headers).entries()),
      body: init.body == null ? null : Buffer.from(await new Response(init.body).arrayBuffer()).toString("latin1"),
      at: clock.now(),
    };
    const reply = replies[Math.min(sent.length, replies.length - 1)]!;
    sent.push(one);
    const answer = typeof reply === "function" ? await reply(one) : reply;
    if (answer instanceof Error) throw answer;
    return answer.bodyUsed ? answer : answer.clone();
  };
  const graph = createGraph({
    tokens: options.tokens ?? (async () => "token-1"),
    origins: { cloud: "global" as const, loginOrigin: "https://login.microsoftonline.com", graphOrigin: "https://graph.microsoft.com", sharepointUrl: "https://{host}" },
    governor,
    events: { waiting: (state) => waits.push(state), ...options.events },
    clock,
    party: options.party,
    fetch: fetch as typeof globalThis.fetch,
    signal: options.signal,
  });
  return { graph, clock, governor, sent, waits };
}

/** The code of the error that a promise rejects with, or "resolved". */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
