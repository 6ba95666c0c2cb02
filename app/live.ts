import "server-only";
import { isPlanbackError } from "@/lib/errors";
import type { Actor } from "@/lib/workspaces/types";
import { currentActor } from "./session";
import { logUnexpected } from "./log";
import { stopping } from "./stopping";

const TICK_MS = 1_000;
/** A comment line now and then keeps proxies from closing a quiet stream. */
const KEEP_ALIVE_TICKS = 15;
/** Streams end after this and the browser opens a new one: no connection outlives a deploy for long. */
const LIFETIME_MS = 10 * 60_000;

/**
 * Server-sent events: reads once a second with a freshly checked session, sends the state when it changed, and `end`
 * when it will not change any more. A lost session or right ends the stream; when the process stops, it is closed without `end`, and the
 * browser opens it anew at another one.
 */
export function liveResponse<T>(request: Request, read: (actor: Actor) => Promise<T>, isFinished: (state: T) => boolean): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      try {
        await follow(AbortSignal.any([request.signal, stopping]), read, isFinished, send);
      } catch (error) {
        if (!isPlanbackError(error) && !request.signal.aborted) logUnexpected(error);
        if (isPlanbackError(error) && error.status < 500 && !request.signal.aborted) send("event: end\ndata: {}\n\n");
      }
      if (!request.signal.aborted) controller.close();
    },
  });
  return new Response(stream, {
    headers: { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" },
  });
}

async function follow<T>(signal: AbortSignal, read: (actor: Actor) => Promise<T>, isFinished: (state: T) => boolean, send: (text: string) => void): Promise<void> {
  const until = Date.now() + LIFETIME_MS;
  let last = "";
  for (let tick = 0; !signal.aborted && Date.now() < until; tick += 1) {
    const actor = await currentActor();
    if (!actor) return send("event: end\ndata: {}\n\n");
    const state = await read(actor);
    if (signal.aborted) return;
    const text = JSON.stringify(state);
    if (text !== last) send(`event: state\ndata: ${text}\n\n`);
    else if (tick % KEEP_ALIVE_TICKS === 0) send(": still here\n\n");
    last = text;
    if (isFinished(state)) return send("event: end\ndata: {}\n\n");
    await sleep(TICK_MS, signal);
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
