import { randomUUID } from "node:crypto";
import type { SimRequest, SimResponse } from "../http";
import type { AccessTokenClaims, SimWorld } from "../model";
import { AccessTokenFault, requestedClaims, verifyAccessToken } from "../entra";
import { GraphFault, type GraphAnswer, type GraphCall, type GraphRoute } from "./context";
import { refusePermission } from "./refusals";
import { compileRoutes } from "./router";

/** A call as it goes through the dispatcher: from the wire, or one item of a $batch. */
export interface RawCall {
  method: string;
  version: "v1.0" | "beta";
  /** Path below the version, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Buffer;
}

export interface Dispatched extends GraphAnswer {
  /** Template of the route, for the request log. */
  template: string;
}

export interface Dispatcher {
  /** Checks the token; throws GraphFault 401. */
  authenticate(headers: Record<string, string | undefined>): AccessTokenClaims;
  /** Runs one authenticated call. Faults become Graph's error bodies. */
  run(raw: RawCall, token: AccessTokenClaims): Promise<Dispatched>;
}

/** Error body as Graph sends it. https://learn.microsoft.com/graph/errors */
export function errorAnswer(world: SimWorld, fault: GraphFault, clientRequestId?: string): GraphAnswer {
  const requestId = randomUUID();
  return {
    status: fault.status,
    headers: { ...fault.headers, "request-id": requestId },
    body: {
      error: {
        code: fault.code,
        message: fault.message,
        innerError: { date: new Date(world.now()).toISOString().slice(0, 19), "request-id": requestId, "client-request-id": clientRequestId ?? requestId },
      },
    },
  };
}

export function createDispatcher(world: SimWorld, routes: GraphRoute[]): Dispatcher {
  const match = compileRoutes(routes);
  function authenticate(headers: Record<string, string | undefined>): AccessTokenClaims {
    const bearer = /^Bearer (.+)$/i.exec(headers["authorization"] ?? "")?.[1];
    if (!bearer) throw unauthorized("Access token is empty.");
    const claims = verified(world, bearer);
    const tenant = world.tenants.get(claims.tid);
    if (!tenant) throw unauthorized("Access token validation failure.");
    if (claims.scp !== undefined && !tenant.users.has(claims.oid)) throw unauthorized("The user account was deleted from the directory.");
    const challenge = world.conditions.caeChallenge.get(claims.oid);
    if (challenge !== undefined && !answers(claims, challenge)) throw insufficientClaims(CAE_MESSAGE, challenge);
    return claims;
  }

  async function handle(raw: RawCall, token: AccessTokenClaims): Promise<Dispatched> {
    const segments = segmentsOf(raw.path);
    const matched = match(raw.method, raw.version, segments);
    if (matched.kind === "unknown") throw new GraphFault(404, "BadRequest", `Resource not found for the segment '${matched.segment}'.`);
    if (matched.kind === "method") throw new GraphFault(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.", { allow: matched.allowed.join(", ") });
    const { route, params } = matched;
    const tenant = world.tenants.get(token.tid)!;
    const user = token.scp === undefined ? null : tenant.users.get(token.oid)!;
    if (segments[0]?.toLowerCase() === "me" && !user) throw new GraphFault(400, "BadRequest", "/me request is only valid with delegated authentication flow.");
    refusePermission(route, token);
    const call: GraphCall = { ...raw, segments, json: parseBody(raw), bytes: raw.body, token, tenant, user, world };
    const answer = await route.handle(call, params);
    return Object.assign(answer, { body: withoutMetadata(raw, answer.body), template: route.template });
  }

  return {
    authenticate,
    async run(raw, token) {
      try {
        return await handle(raw, token);
      } catch (error) {
        if (!(error instanceof GraphFault)) throw error;
        return { ...errorAnswer(world, error, raw.headers["client-request-id"]), template: templateOf(match, raw) };
      }
    },
  };
}

function templateOf(match: ReturnType<typeof compileRoutes>, raw: RawCall): string {
  const matched = match(raw.method, raw.version, segmentsOf(raw.path));
  return matched.kind === "found" ? matched.route.template : "unknown";
}

function segmentsOf(path: string): string[] {
  const segments = path.split("/").filter(Boolean);
  return path.includes("%") ? segments.map(decode) : segments;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new GraphFault(400, "BadRequest", "The request URI is malformed.");
  }
}

/** JSON when the content type says so; a body without a content type, or JSON that cannot be read, is a 400. */
function parseBody(raw: RawCall): unknown {
  if (raw.body.length === 0) return undefined;
  const type = raw.headers["content-type"]?.toLowerCase();
  if (raw.method === "PUT" || (type && !type.includes("json"))) return undefined;
  if (!type) throw new GraphFault(400, "RequestBodyRead", "A missing or empty content type header was found when trying to read a message. The content type header is required.");
  try {
    return JSON.parse(raw.body.toString("utf8"));
  } catch {
    throw new GraphFault(400, "BadRequest", "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.");
  }
}

/** The body of a write, which must be a JSON object. */
export function jsonObject(call: GraphCall): Record<string, unknown> {
  if (call.json === undefined && call.bytes.length > 0) throw new GraphFault(415, "UnsupportedMediaType", "A supported MIME type could not be found that matches the content type of the request.");
  if (typeof call.json !== "object" || call.json === null || Array.isArray(call.json)) {
    throw new GraphFault(400, "BadRequest", "Empty Payload. JSON content expected.");
  }
  return call.json as Record<string, unknown>;
}

/** `Accept: application/json;odata.metadata=none` drops the annotations, etags too. */
function withoutMetadata(raw: RawCall, body: unknown): unknown {
  if (!raw.headers["accept"]?.includes("odata.metadata=none")) return body;
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== "object" || value === null || Buffer.isBuffer(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => !/^@odata\.(context|etag|type|id|editLink)$/.test(name))
        .map(([name, inner]) => [name, strip(inner)]),
    );
  };
  return strip(body);
}

function unauthorized(message: string): GraphFault {
  return new GraphFault(401, "InvalidAuthenticationToken", message, {
    "www-authenticate": 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"',
  });
}

const CAE_MESSAGE = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp";

function verified(world: SimWorld, bearer: string): AccessTokenClaims {
  try {
    return verifyAccessToken(world, bearer);
  } catch (error) {
    if (!(error instanceof AccessTokenFault)) throw error;
    throw error.claims === undefined ? unauthorized(error.message) : insufficientClaims(error.message, error.claims);
  }
}

/** A challenge is answered by a token that was asked for with the same claims. */
function answers(claims: AccessTokenClaims, challenge: string): boolean {
  const wanted = requestedClaims(challenge);
  return (claims.acrs ?? []).includes(challenge) || (wanted.length > 0 && wanted.every((claim) => claims.acrs?.includes(claim)));
}

/** https://learn.microsoft.com/entra/identity-platform/claims-challenge */
function insufficientClaims(message: string, challenge: string): GraphFault {
  const claims = Buffer.from(challenge).toString("base64");
  return new GraphFault(401, "InvalidAuthenticationToken", message, {
    "www-authenticate": `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims", claims="${claims}"`,
  });
}

export const DIAGNOSTIC = JSON.stringify({ ServerInfo: { DataCenter: "West Europe", Slice: "E", Ring: "5", ScaleUnit: "004", RoleInstance: "AM2PEPF00000001" } });

/** Headers that every Graph response carries. */
export function graphHeaders(request: SimRequest, answer: GraphAnswer): Record<string, string> {
  const requestId = answer.headers?.["request-id"] ?? randomUUID();
  return {
    "cache-control": "no-cache",
    "strict-transport-security": "max-age=31536000",
    "request-id": requestId,
    "client-request-id": request.headers["client-request-id"] ?? requestId,
    "x-ms-ags-diagnostic": DIAGNOSTIC,
    "odata-version": "4.0",
    ...(answer.body !== undefined && !Buffer.isBuffer(answer.body) ? { "content-type": "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8" } : {}),
    ...answer.headers,
  };
}

export const toResponse = (request: SimRequest, answer: GraphAnswer): SimResponse => ({ status: answer.status, headers: graphHeaders(request, answer), body: answer.body });
