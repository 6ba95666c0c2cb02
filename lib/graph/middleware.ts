import type { Context, Middleware } from "@microsoft/microsoft-graph-client";
import { randomUUID } from "node:crypto";
import { CLOUD_FACTS } from "@/lib/config/clouds";
import { dialUrl, type Origins } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";
import { bodyOf, readWhole } from "./body";
import { Call } from "./call";
import { parseClaimsChallenge } from "./challenge";
import type { Clock } from "./clock";
import { faultOf, TransportFault } from "./failures";
import type { Governor, Turn } from "./governor";
import type { Lane } from "./lanes";
import { backoff, parseRetryAfter, throttleDelay } from "./retryAfter";
import type { GraphEvents, TokenSource } from "./types";
import type { WaitReporter } from "./waiting";

export type { Origins };

/** What the chain and the file transfers need from outside. */
export interface Wiring {
  tokens: TokenSource;
  origins: Origins;
  governor: Governor;
  events: GraphEvents;
  waits: WaitReporter;
  /** Whose requests these are; see TurnOptions. */
  party: string;
  urgent: boolean;
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
/** A service that throttles says when to come back, and the governor sees to it: patience costs it nothing. */
const MAX_THROTTLED = 12;

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

export const isThrottled = (status: number): boolean => status === 429 || status === 503;

/** True when a request that was answered like this so many times has been repeated often enough. */
export function isLastAttempt(attempt: number, status: number | null): boolean {
  return attempt > (status === 429 ? MAX_THROTTLED : MAX_RETRIES);
}

class Retries extends Link {
  async execute(context: Context): Promise<void> {
    const call = callOf(context);
    if (call.wholeUrl) context.request = call.wholeUrl;
    try {
      for (call.attempt = 1; ; call.attempt++) {
        const outcome = await this.attempt(context);
        const status = outcome instanceof TransportFault ? null : outcome;
        if (!shouldRepeat(outcome, call) || isLastAttempt(call.attempt, status)) {
          if (outcome instanceof TransportFault) throw outcome;
          return;
        }
        if (status !== null && isThrottled(status)) continue; // the governor holds the next attempt back
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
    await this.wiring.governor.run(
      async (turn) => {
        await this.next.execute(context);
        const response = context.response!;
        // All inside the turn: when it is over, the next request leaves.
        if (call.batch && response.ok) return call.batch.judge(bodyOf(response), turn);
        // When Graph refuses a batch as a whole, no service may be asked.
        tellGovernor(this.wiring, turn, response, { kind: `${context.options!.method ?? "GET"} ${call.template}`, attempt: call.attempt, everywhere: call.batch !== null });
      },
      { ...call.turnOptions, ...turnFor(this.wiring, call.signal) },
    );
  }
}

/** What every turn of these requests has in common. */
export function turnFor({ party, urgent, waits }: Wiring, signal: AbortSignal | undefined) {
  return { party, urgent, signal, onPause: waits.pause() };
}

/** Passes on what an answer says about the load of the service. */
export function tellGovernor({ clock }: Pick<Wiring, "clock">, turn: Turn, response: Response, { kind, attempt, everywhere = false }: { kind: string; attempt: number; everywhere?: boolean }): void {
  const { status, headers } = response;
  const now = clock.now();
  // https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online: the longer of both waits counts.
  const reset = parseRetryAfter(headers.get("ratelimit-reset"), now);
  const remaining = Number(headers.get("ratelimit-remaining") ?? Number.NaN);
  if (reset !== null && remaining >= 0) turn.unitsLeft(remaining, reset);
  if (isThrottled(status)) {
    turn.throttled(Math.max(reset ?? 0, throttleDelay(headers.get("retry-after"), attempt, now, clock.random)), everywhere);
    return;
  }
  // https://learn.microsoft.com/graph/throttling-limits: sent from 0.8 (80 % of the limit) on.
  const used = Number(headers.get("x-ms-throttle-limit-percentage") ?? 0);
  if (status < 500 && used < 0.8) turn.good(kind);
}

/** One HTTP request to Graph, its answer read to the end. */
class Wire extends Link {
  async execute(context: Context): Promise<void> {
    const call = callOf(context);
    const url = String(context.request);
    context.response = await sendOnce(this.wiring, graphOnly(url, this.wiring.origins), {
      method: context.options!.method ?? "GET",
      headers: context.options!.headers as Record<string, string>,
      body: call.batch?.body() ?? (context.options!.body as BodyInit | undefined) ?? null,
      template: call.template,
      lane: call.turnOptions.lane ?? "graph",
      items: call.batch?.items() ?? 1,
      attempt: call.attempt,
      signal: call.signal,
      read: readWhole,
    });
  }
}

/** A bearer token goes to Graph and nowhere else, whatever a nextLink says. */
function graphOnly(url: string, origins: Origins): string {
  const dialled = dialUrl(url, origins);
  if (new URL(url).origin === CLOUD_FACTS[origins.cloud].graph) return dialled;
  throw new PlanbackError("graph_rejected", "Microsoft named an address outside Microsoft Graph for more results. Nothing was sent there.");
}

export interface SendOptions {
  method: string;
  headers: Record<string, string>;
  body: BodyInit | null;
  template: string;
  lane: Lane;
  /** How many requests it stands for: more than one in a batch. */
  items: number;
  attempt: number;
  signal: AbortSignal | undefined;
  /** Turns the response into what is handed on, still under the time limit. */
  read: (response: Response) => Promise<Response>;
}

/** Sends one request to an address that has been through dialUrl. Throws TransportFault when there is no whole answer. */
export async function sendOnce(wiring: Wiring, address: string, options: SendOptions): Promise<Response> {
  const { method, template, lane, items, attempt, signal } = options;
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
    wiring.events.request?.({ method, template, status, ms: wiring.clock.now() - started, attempt, lane, items });
  }
}
