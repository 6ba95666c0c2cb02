import type { SimWorld } from "../model";
import { GraphFault, type GraphAnswer } from "../graph/context";
import { errorAnswer } from "../graph/dispatch";
import type { FaultAction, FaultScript } from "./rules";
import type { Refusal, Sender, Throttle } from "./throttle";

/** What becomes of a request: an answer, or a connection that breaks. */
export type Outcome<A extends GraphAnswer> =
  | { kind: "answer"; answer: A | GraphAnswer; fault: FaultAction["kind"] | "throttled" | null }
  | { kind: "reset"; fault: FaultAction["kind"] }
  | { kind: "cut"; answer: A; bytes: number | undefined; fault: FaultAction["kind"] };

export interface Interference {
  /** Runs a request through throttling and the fault script. */
  around<A extends GraphAnswer>(request: { method: string; path: string; sender: Sender }, run: () => Promise<A>): Promise<Outcome<A>>;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function createInterference(world: () => SimWorld, script: FaultScript, throttle: Throttle): Interference {
  /** When each object was created, for lists that lag. */
  const created = new Map<string, number>();

  async function applied<A extends GraphAnswer>(method: string, run: () => Promise<A>): Promise<A> {
    const answer = await run();
    if (method === "POST" && answer.status === 201) {
      const id = (answer.body as { id?: unknown } | undefined)?.id;
      if (typeof id === "string") created.set(id, Date.now());
    }
    return answer;
  }

  return {
    async around({ method, path, sender }, run) {
      const limited = throttle.check(method, path, sender, Date.now());
      if (limited) return { kind: "answer", answer: tooManyRequests(world(), limited), fault: "throttled" };
      const action = script.take(method, path);
      if (!action) return { kind: "answer", answer: await applied(method, run), fault: null };
      const answered = <A extends GraphAnswer>(answer: A): Outcome<A> => ({ kind: "answer", answer, fault: action.kind });
      switch (action.kind) {
        case "status":
          return { kind: "answer", answer: planned(world(), action), fault: action.kind };
        case "apply-then-status":
          await applied(method, run);
          return { kind: "answer", answer: planned(world(), action), fault: action.kind };
        case "reset-before":
          return { kind: "reset", fault: action.kind };
        case "reset-after":
          await applied(method, run);
          return { kind: "reset", fault: action.kind };
        case "cut-body":
          return { kind: "cut", answer: await applied(method, run), bytes: action.bytes, fault: action.kind };
        case "delay": {
          const early = action.applied ? await applied(method, run) : null;
          await sleep(action.ms);
          return answered(early ?? (await applied(method, run)));
        }
        case "late-commit":
          setTimeout(() => void applied(method, run).catch(() => undefined), action.ms).unref();
          return { kind: "answer", answer: planned(world(), { status: action.status ?? 504 }), fault: action.kind };
        case "headers": {
          const answer = await applied(method, run);
          return answered({ ...answer, headers: { ...answer.headers, ...action.headers } });
        }
        case "resize-body":
          return answered(resized(await applied(method, run), action.by));
        case "list-lag":
          return answered(lagging(await applied(method, run), created, Date.now() - action.ms));
      }
    },
  };
}

function planned(world: SimWorld, action: { status: number; headers?: Record<string, string>; body?: unknown }): GraphAnswer {
  const answer = errorAnswer(world, new GraphFault(action.status, CODES[action.status] ?? "UnknownError", MESSAGES[action.status] ?? ""));
  return { ...answer, headers: { ...answer.headers, ...action.headers }, ...(action.body === undefined ? {} : { body: action.body }) };
}

/** https://learn.microsoft.com/graph/throttling */
function tooManyRequests(world: SimWorld, { status, retryAfter }: Refusal): GraphAnswer {
  return planned(world, { status, ...(retryAfter === null ? {} : { headers: { "retry-after": retryAfter } }) });
}

/** A body that lost bytes at its end or got some too many, with a length that says so. */
function resized<A extends GraphAnswer>(answer: A, by: number): A {
  const bytes = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(JSON.stringify(answer.body ?? ""));
  const body = by < 0 ? bytes.subarray(0, Math.max(0, bytes.length + by)) : Buffer.concat([bytes, Buffer.alloc(by)]);
  return { ...answer, headers: { "content-type": "application/json", ...answer.headers }, body };
}

const CODES: Record<number, string> = { 429: "TooManyRequests", 500: "InternalServerError", 502: "BadGateway", 503: "ServiceNotAvailable", 504: "GatewayTimeout", 401: "InvalidAuthenticationToken", 403: "Forbidden", 404: "NotFound" };
const MESSAGES: Record<number, string> = {
  429: "Too many requests.",
  500: "An internal server error has occurred.",
  503: "The service is temporarily unavailable.",
  504: "The server, while acting as a proxy, did not receive a timely response from the upstream server.",
};

function lagging<A extends GraphAnswer>(answer: A, created: Map<string, number>, since: number): A {
  const body = answer.body as { value?: unknown } | undefined;
  if (!Array.isArray(body?.value)) return answer;
  const value = body.value.filter((item: { id?: string }) => (created.get(item.id ?? "") ?? 0) <= since);
  return { ...answer, body: { ...body, value } };
}
