import { TransportFault } from "./failures";

const NO_BODY = new Set([101, 204, 205, 304]);
const bodies = new WeakMap<Response, unknown>();

/** Reads an answer to its end now, so that a cut or garbled one is known while the request can still be judged. */
export async function readWhole(response: Response): Promise<Response> {
  const text = NO_BODY.has(response.status) ? "" : await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  const whole = new Response(null, { status: response.status, headers: response.headers });
  if (text === "") return whole;
  try {
    bodies.set(whole, JSON.parse(text));
  } catch (error) {
    if (response.ok && isJson) throw new TransportFault("cut", error);
  }
  return whole;
}

/** The JSON of an answer that was read whole; null when there is none. */
export function bodyOf(response: Response): unknown {
  return bodies.get(response) ?? null;
}
