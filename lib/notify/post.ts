/** One POST to an address that a person gave us: no redirects, an end in time, and only a little of the answer is read. */
import { lookup as resolve } from "node:dns";
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { withoutUnseen } from "@/lib/unseen";
import { reachOf, type Reach } from "./address";
import type { Answer } from "./types";

const TIMEOUT_MS = 10_000;
const READ_BYTES = 2_000;
const TEXT_LENGTH = 300;

export interface PostOptions {
  /** Which addresses the host may have; a host that has any other as well is refused. */
  allowed: readonly Reach[];
  timeoutMs?: number;
}

class Refused extends Error {}

/** Sends `body` and returns what was answered. Never throws for anything that the other side does. */
export function post(url: URL, headers: Record<string, string>, body: string, { allowed, timeoutMs = TIMEOUT_MS }: PostOptions): Promise<Answer> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) && !allowed.includes(reachOf(host))) return Promise.resolve(refusal());
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((done) => {
    const answer = (text: string, rest: Partial<Answer> = {}) => done({ ok: false, status: null, permanent: false, text: clean(text), ...rest });
    const sent = request(url, {
      method: "POST", agent: false, lookup: guarded(allowed), signal: AbortSignal.timeout(timeoutMs),
      headers: { ...headers, "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), "User-Agent": "Planback" },
    }, (response) => {
      const status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      let length = 0;
      const end = () => {
        sent.destroy();
        const text = Buffer.concat(chunks).subarray(0, READ_BYTES).toString("utf8");
        if (status >= 300 && status < 400) answer("The address answers with a redirect, which is not followed. Give the final address.", { status, permanent: true });
        else answer(text || (response.statusMessage ?? ""), { ok: status >= 200 && status < 300, status, permanent: status === 410 });
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if ((length += chunk.length) >= READ_BYTES) end();
      });
      response.on("end", end);
      response.on("error", end);
    });
    sent.on("error", (error) => {
      if (error instanceof Refused) done(refusal());
      else answer(error.name === "TimeoutError" || error.name === "AbortError" ? `No answer within ${timeoutMs / 1000} seconds.` : problemOf(error));
    });
    sent.end(body);
  });
}

/** Looks the name up and lets the connection go to exactly what was checked: an answer that changes between the two gains nothing. */
export const guarded = (allowed: readonly Reach[]): LookupFunction => (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    if (addresses.length === 0 || addresses.some(({ address }) => !allowed.includes(reachOf(address)))) return callback(Object.assign(new Refused("private address"), { code: "EPRIVATE" }), "", 0);
    if (options.all) callback(null, addresses as never, 0);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

function refusal(): Answer {
  return { ok: false, status: null, permanent: true, text: "The address leads into a private network, where this installation sends nothing. Nothing was sent." };
}

const PROBLEMS: Record<string, string> = {
  ENOTFOUND: "The host name does not exist.", EAI_AGAIN: "The host name could not be looked up.", ECONNREFUSED: "The server refuses the connection.", ECONNRESET: "The server closed the connection.",
  CERT_HAS_EXPIRED: "The certificate of the server has expired.", DEPTH_ZERO_SELF_SIGNED_CERT: "The certificate of the server is self-signed.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate of the server is for another name.", UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The certificate of the server is not signed by a known authority.",
};

export function problemOf(error: Error): string {
  const code = "code" in error ? String(error.code) : error.name;
  return PROBLEMS[code] ?? `The connection failed (${code}).`;
}

export function clean(text: string): string {
  return withoutUnseen(text).trim().slice(0, TEXT_LENGTH).toWellFormed();
}
