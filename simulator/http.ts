import type { IncomingMessage, ServerResponse } from "node:http";

/** A request as the simulator's rooms see it. */
export interface SimRequest {
  method: string;
  url: URL;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  body: Buffer;
  raw: IncomingMessage;
}

/** What a room answers; the server adds ids and writes it. `undefined` from a room means: not mine. */
export interface SimResponse {
  status: number;
  headers?: Record<string, string>;
  /** Object: sent as JSON. string: sent as it is with the content-type of headers (default text/html). */
  body?: unknown;
}

export type SimRoom = (request: SimRequest, response: ServerResponse) => Promise<SimResponse | undefined> | SimResponse | undefined;

export const form = (request: SimRequest): URLSearchParams => new URLSearchParams(request.body.toString("utf8"));
export const html = (status: number, body: string, headers: Record<string, string> = {}): SimResponse => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8", ...headers },
  body,
});
export const redirect = (location: string, headers: Record<string, string> = {}): SimResponse => ({ status: 302, headers: { location, ...headers } });
