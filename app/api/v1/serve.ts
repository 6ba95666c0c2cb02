import "server-only";
import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import { z } from "zod";
import { clientAddress } from "@/app/client-address";
import { downloadHeaders, toWebStream } from "@/app/download";
import { logUnexpected } from "@/app/log";
import { PAGE, type Operation } from "@/lib/api/operations";
import { config } from "@/lib/config";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { NOTHING_LEFT, once, useKey, type Allowance } from "@/lib/workspaces";
import type { Actor } from "@/lib/workspaces/types";
import { openCursor, sealCursor } from "./cursor";

const MOST_BYTES = 2 * 1024 * 1024;

/** What a route works with. `once`: the id of what it makes, the same for the same request sent again. */
interface Call<Q, B> {
  actor: Actor; workspaceId: string; expiresAt: string; path: Record<string, string>; query: Q; body: B; once: string;
  /** For lists: how many, and after which position. */
  limit: number; after: string | undefined;
}
interface Page<T> { items: T[]; next: string | null }
interface File { name: string; size?: number; stream: AsyncIterable<Uint8Array> }
type Answer<A> = A extends z.ZodType ? z.input<A> : File;
interface Context { params: Promise<Record<string, string>> }

/**
 * A route handler of the API: who asks (by key, never by cookie), what is asked, one function of lib/workspaces, and the
 * answer cut to what its schema promises. Errors become problem+json.
 */
export function serve<Q extends z.ZodObject, B extends z.ZodType | null, A extends z.ZodType | "file">(
  operation: Operation<Q, B, A>, work: (call: Call<z.output<Q>, B extends z.ZodType ? z.output<B> : null>) => Promise<Answer<A>>,
): (request: Request, context: Context) => Promise<Response> {
  return async (request, { params }) => {
    const headers = new Headers({ "Cache-Control": "no-store", "X-Request-Id": randomUUID() });
    try {
      const { actor, workspaceId, expiresAt, allowance } = await useKey(bearer(request), clientAddress(request.headers.get("x-forwarded-for"), config().proxyHops));
      describeAllowance(headers, allowance);
      headers.set("API-Key-Expires", expiresAt);
      const url = new URL(request.url);
      const path = await params;
      const parameters = Object.fromEntries(url.searchParams);
      const query = parse(operation.query.strict(), operation.isPaged ? omit(parameters, PAGE.shape) : parameters, "parameter") as z.output<Q>;
      const page = parse(PAGE, operation.isPaged ? pick(parameters, PAGE.shape) : {}, "parameter");
      const list = JSON.stringify([workspaceId, operation.method, url.pathname, query]);
      const body = operation.body ? parse(operation.body, await readJson(request), "pointer") : null;
      const call = { actor, workspaceId, expiresAt, path, query, body: body as never, limit: page.limit, after: page.cursor === undefined ? undefined : openCursor(list, page.cursor) };
      const key = operation.method === "post" ? request.headers.get("idempotency-key") : null;
      if (key === null) return respond(operation, await work({ ...call, once: randomUUID() }), list, headers, url);
      const { status, body: answer, replayed } = await once(actor, workspaceId, { idempotencyKey: key, method: operation.method, path: url.pathname, body }, async (id) =>
        ({ status: operation.status, body: cut(operation, await work({ ...call, once: id })) as { id: string } }));
      if (replayed) headers.set("Idempotency-Replayed", "true");
      return Response.json(answer, { status, headers });
    } catch (error) {
      if (isPlanbackError(error, "rate_limited")) describeAllowance(headers, NOTHING_LEFT);
      return problem(error, headers);
    }
  };
}

function respond(operation: Operation, answer: unknown, list: string, headers: Headers, url: URL): Response {
  if (operation.answer === "file") {
    const file = answer as File;
    for (const [name, value] of Object.entries(downloadHeaders(file))) headers.set(name, value);
    return new Response(toWebStream(file.stream), { headers });
  }
  const body = cut(operation, answer);
  if (!operation.isPaged) return Response.json(body, { status: operation.status, headers });
  const { items, next } = body as Page<unknown>;
  const cursor = next === null ? null : sealCursor(list, next);
  if (cursor) {
    const following = new URLSearchParams(url.searchParams);
    following.set("cursor", cursor);
    headers.set("Link", `<${config().appOrigin}${url.pathname}?${following}>; rel="next"`);
  }
  return Response.json({ items, next: cursor }, { status: operation.status, headers });
}

const cut = ({ answer }: Operation, value: unknown): unknown => (answer as z.ZodType).parse(value);

function bearer(request: Request): string {
  return /^Bearer ([^\s]{1,200})$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
}

async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) throw new PlanbackError("invalid_input", "Send the body as application/json. Nothing was changed.");
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MOST_BYTES) throw new PlanbackError("too_large", "The body is larger than 2 MB. Nothing was changed.");
    parts.push(part);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts)));
  } catch {
    throw new PlanbackError("invalid_input", "The body is not JSON. Nothing was changed.");
  }
}

/** The parts of a request that are not as they must be. */
class Unusable extends PlanbackError {
  constructor(readonly errors: { pointer?: string; parameter?: string; detail: string }[]) {
    super("invalid_input", "The request is not as it must be. Nothing was changed.");
  }
}

function parse<S extends z.ZodType>(schema: S, input: unknown, place: "pointer" | "parameter"): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new Unusable(parsed.error.issues.slice(0, 50).flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path])
    .map((path) => ({ [place]: place === "pointer" ? pointer(path) : path.join("."), detail: issue.message }))));
}

/** RFC 6901 */
const pointer = (path: PropertyKey[]): string => path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

const pick = (from: Record<string, string>, shape: object) => Object.fromEntries(Object.entries(from).filter(([name]) => name in shape));
const omit = (from: Record<string, string>, shape: object) => Object.fromEntries(Object.entries(from).filter(([name]) => !(name in shape)));

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
function describeAllowance(headers: Headers, { remaining, wholeInSeconds, quota, windowSeconds }: Allowance): void {
  headers.set("RateLimit-Policy", `"key";q=${quota};w=${windowSeconds}`);
  headers.set("RateLimit", `"key";r=${remaining};t=${wholeInSeconds}`);
}

/** https://www.rfc-editor.org/rfc/rfc9457 */
export function problem(error: unknown, headers = new Headers({ "Cache-Control": "no-store", "X-Request-Id": randomUUID() })): Response {
  const known = isPlanbackError(error) ? error : new PlanbackError("internal", "Something went wrong on our side. Try again; if it stays, tell the operator the X-Request-Id.");
  if (known !== error) logUnexpected(error, headers.get("X-Request-Id") ?? undefined);
  if (known.status === 401) headers.set("WWW-Authenticate", 'Bearer realm="Planback"');
  if (known.facts.retryAfterSeconds !== undefined) headers.set("Retry-After", String(known.facts.retryAfterSeconds));
  headers.set("Content-Type", "application/problem+json");
  const errors = known instanceof Unusable ? known.errors : known.facts.parameter ? [{ parameter: String(known.facts.parameter), detail: known.message }] : known.facts.field ? [{ pointer: `/${String(known.facts.field).replaceAll(".", "/")}`, detail: known.message }] : undefined;
  const body = { type: `${config().appOrigin}/help/api#${known.code}`, title: STATUS_CODES[known.status], status: known.status, detail: known.message, code: known.code, errors };
  return new Response(JSON.stringify(body), { status: known.status, headers });
}
