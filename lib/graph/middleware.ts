import type { Context, Middleware } from "@microsoft/microsoft-graph-client";
import { randomUUID } from "node:crypto";
import { dialUrl } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";
import { Call } from "./call";
import { parseClaimsChallenge } from "./challenge";
import type { Clock } from "./clock";
import { faultOf, TransportFault } from "./failures";
import type { Governor } from "./governor";
import { backoff, throttleDelay } from "./retryAfter";
import type { GraphEvents, TokenSource } from "./types";
import type { WaitReporter } from "./waiting";

export interface Origins {
  loginOrigin: string;
  graphOrigin: string;
  sharepointUrl: string;
}

/** What the chain and the file transfers need from outside. */
export interface Wiring {
  tokens: TokenSource;
  origins: Origins;
  governor: Governor;
  events: GraphEvents;
  waits: WaitReporter;
  clock: Clock;
  fetch: typeof globalThis.fetch;
  userAgent: string;
  /** For one attempt, from sending to the last byte of the answer. */
  timeoutMs: number;
  /** For one response of a download host, to its last byte; what is missing then is asked for by Range. */
  downloadTimeoutMs: number;
  signal: AbortSignal | undefined;
}

export const MAX_RETRIES = 6;
const GRAPH_HOST = "graph.microsoft.com";

/** The chain, first to last: retries, sign-in, governor, the wire. */
export function createChain(wiring: Wiring): Middleware {
  const chain: Link[] = [new Retries(wiring), new SignIn(wiring), new Turns(wiring), new Wire(wiring)];
  chain.forEach((link, i) => link.setNext(chain[i + 1]!));
  return chain[0]!;
}

abstract class Link implements Middleware {
  protected next!: Middleware;
  constructor(protected readonly wiring: Wiring) {}
  setNext(next: Middleware): void {
    this.next = next;
  }
  abstract execute(context: Context): Promise<void>;
}

function callOf(context: Context): Call {
  return context.middlewareControl!.getMiddlewareOptions(Call) as Call;
}

/** True when the answer says nothing final and asking again may help. */
export function isPassing(status: number): boolean {
  return status === 429 || status === 408 || status >= 500 && status !== 501 && status !== 507;
}

class Retries extends Link {
  async execute(context: Context): Promise<void> {
    const call = callOf(context);
    if (call.wholeUrl) context.request = call.wholeUrl;
    try {
      for (call.attempt = 1; ; call.attempt++) {
        const outcome = await this.attempt(context);
        if (!shouldRepeat(outcome, call) || call.attempt > MAX_RETRIES) {
          if (outcome instanceof TransportFault) throw outcome;
          return;
        }
        if (pausesEverybody(outcome)) continue; // the governor holds the next attempt back
        await this.wiring.waits.during(backoff(call.attempt, this.wiring.clock.random), call.signal);
      }
    } catch (error) {
      call.failure = error;
      throw error;
    }
  }

  private async attempt(context: Context): Promise<number | TransportFault> {
    try {
      await this.next.execute(context);
      return context.response!.status;
    } catch (error) {
      if (error instanceof TransportFault) return error;
      throw error;
    }
  }
}

function pausesEverybody(outcome: number | TransportFault): boolean {
  return outcome === 429 || outcome === 503;
}

function shouldRepeat(outcome: number | TransportFault, call: Call): boolean {
  if (outcome instanceof TransportFault) {
    return outcome.kind !== "cancelled" && (call.repeat === "read" || outcome.kind === "not_sent");
  }
  return call.repeat === "read" ? isPassing(outcome) : outcome === 429;
}

/** Bearer token; one refresh after a 401, or one sign-in with the claims that Microsoft asks for. */
class SignIn extends Link {
  async execute(context: Context): Promise<void> {
    const { signal } = callOf(context);
    await this.send(context, await this.wiring.tokens({ signal }));
    const response = context.response!;
    const claims = parseClaimsChallenge(response.headers.get("www-authenticate"));
    if (response.status !== 401 && !(response.status === 403 && claims)) return;
    await this.send(context, await this.wiring.tokens(claims ? { claims, signal } : { forceRefresh: true, signal }));
  }

  private async send(context: Context, token: string): Promise<void> {
    context.options!.headers = { ...(context.options!.headers as Record<string, string>), Authorization: `Bearer ${token}` };
    await this.next.execute(context);
  }
}

class Turns extends Link {
  async execute(context: Context): Promise<void> {
    const call = callOf(context);
    const { governor, waits } = this.wiring;
    await governor.run(
      async () => {
        await this.next.execute(context);
        tellGovernor(this.wiring, context.response!, call.attempt);
      },
      { lane: call.lane, signal: call.signal, onPause: waits.pause() },
    );
  }
}

/** Passes on what an answer says about the load of the service. */
export function tellGovernor({ governor, clock }: Pick<Wiring, "governor" | "clock">, response: Response, attempt: number): void {
  if (response.status === 429 || response.status === 503) {
    governor.throttled(throttleDelay(response.headers.get("retry-after"), attempt, clock.now(), clock.random));
    return;
  }
  // https://learn.microsoft.com/graph/throttling-limits: sent from 0.8 (80 % of the limit) on.
  const used = Number(response.headers.get("x-ms-throttle-limit-percentage") ?? 0);
  if (response.status < 500 && used < 0.8) governor.good();
}

/** One HTTP request to Graph, its answer read to the end. */
class Wire extends Link {
  async execute(context: Context): Promise<void> {
    const call = callOf(context);
    const url = String(context.request);
    context.response = await sendOnce(this.wiring, graphOnly(url, this.wiring.origins), {
      method: context.options!.method ?? "GET",
      headers: context.options!.headers as Record<string, string>,
      body: (context.options!.body as BodyInit | undefined) ?? null,
      template: call.template,
      attempt: call.attempt,
      signal: call.signal,
      read: readWhole,
    });
  }
}

/** A bearer token goes to Graph and nowhere else, whatever a nextLink says. */
function graphOnly(url: string, origins: Origins): string {
  const dialled = dialUrl(url, origins);
  if (new URL(url).hostname === GRAPH_HOST) return dialled;
  throw new PlanbackError("graph_rejected", "Microsoft named an address outside Microsoft Graph for more results. Nothing was sent there.");
}

export interface SendOptions {
  method: string;
  headers: Record<string, string>;
  body: BodyInit | null;
  template: string;
  attempt: number;
  signal: AbortSignal | undefined;
  /** Turns the response into what is handed on, still under the time limit. */
  read: (response: Response) => Promise<Response>;
}

/** Sends one request to an address that has been through dialUrl. Throws TransportFault when there is no whole answer. */
export async function sendOnce(wiring: Wiring, address: string, options: SendOptions): Promise<Response> {
  const { method, template, attempt, signal } = options;
  const started = wiring.clock.now();
  const timeout = AbortSignal.timeout(wiring.timeoutMs);
  let status: number | null = null;
  try {
    const response = await wiring.fetch(address, {
      method,
      headers: { ...options.headers, "client-request-id": randomUUID(), "User-Agent": wiring.userAgent },
      body: options.body,
      redirect: "manual",
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    status = response.status;
    return await options.read(response);
  } catch (error) {
    throw faultOf(error, signal, status !== null);
  } finally {
    wiring.events.request?.({ method, template, status, ms: wiring.clock.now() - started, attempt });
  }
}

const NO_BODY = new Set([101, 204, 205, 304]);

/** Reads the body now, so that a cut or garbled answer is known while the request can still be judged. */
async function readWhole(response: Response): Promise<Response> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  if (response.ok && isJson && text !== "") {
    try {
      JSON.parse(text);
    } catch (error) {
      throw new TransportFault("cut", error);
    }
  }
  return new Response(NO_BODY.has(response.status) ? null : text, { status: response.status, headers: response.headers });
}
