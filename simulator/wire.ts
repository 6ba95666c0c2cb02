import type { IncomingMessage, ServerResponse } from "node:http";
import type { SimRequest, SimResponse } from "./http";

const MAX_BODY = 320 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/** Reads a request wholly; null when the client broke off or sent more than a request may hold. */
export async function readRequest(raw: IncomingMessage, origin: string): Promise<SimRequest | null> {
  const body = await readBody(raw);
  if (!body) return null;
  return { method: raw.method ?? "GET", url: new URL(raw.url ?? "/", origin), headers: raw.headers as Record<string, string | undefined>, body, raw };
}

async function readBody(raw: IncomingMessage): Promise<Buffer | null> {
  if (raw.headers["content-length"] === undefined && raw.headers["transfer-encoding"] === undefined) return EMPTY;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of raw as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}

function encode(answer: SimResponse): { headers: Record<string, string>; body: Buffer | null } {
  const headers = { ...answer.headers };
  if (answer.body === undefined || answer.body === null) return { headers, body: null };
  if (Buffer.isBuffer(answer.body)) return { headers, body: answer.body };
  if (typeof answer.body === "string") {
    headers["content-type"] ??= "text/html; charset=utf-8";
    return { headers, body: Buffer.from(answer.body) };
  }
  headers["content-type"] ??= "application/json; charset=utf-8";
  return { headers, body: Buffer.from(JSON.stringify(answer.body)) };
}

/** Sends an answer; with `cutAfter` only that many bytes of the body leave before the connection drops. */
export function writeResponse(response: ServerResponse, answer: SimResponse, cut?: { bytes: number | undefined }): void {
  const { headers, body } = encode(answer);
  // 204 and 304 have no length; everything else says it, so that a cut body is seen as cut.
  if (answer.status !== 204 && answer.status !== 304) headers["content-length"] ??= String(body?.length ?? 0);
  response.writeHead(answer.status, headers);
  if (!cut || !body) {
    response.end(body ?? undefined);
    return;
  }
  const bytes = Math.min(cut.bytes ?? Math.floor(body.length / 2), Math.max(0, body.length - 1));
  response.write(body.subarray(0, bytes), () => response.destroy());
}
