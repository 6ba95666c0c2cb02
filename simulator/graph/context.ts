import type { AccessTokenClaims, SimTenant, SimUser, SimWorld } from "../model";

/** One Graph call, authenticated; also what each item of a $batch becomes. */
export interface GraphCall {
  method: string;
  version: "v1.0" | "beta";
  /** Path below the version, decoded segments, e.g. ["planner", "tasks", "abc"]. */
  segments: string[];
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  /** Parsed when the content type is JSON, else undefined. */
  json: unknown;
  bytes: Buffer;
  token: AccessTokenClaims;
  tenant: SimTenant;
  /** null for app-only tokens. */
  user: SimUser | null;
  world: SimWorld;
}

export interface GraphAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Becomes Graph's error body: {"error":{"code","message","innerError":{...}}}. code may be "" as Planner sends it. */
export class GraphFault extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

export interface GraphRoute {
  method: string;
  /** "/planner/tasks/{id}/details"; {x} matches one segment. Drive paths with ":" are matched by the drive room itself. */
  template: string;
  versions?: ("v1.0" | "beta")[];
  /** Any one of them is enough. Empty: this kind of caller is refused (403). From the Graph permissions reference. */
  delegated: string[];
  application: string[];
  handle(call: GraphCall, params: Record<string, string>): GraphAnswer | Promise<GraphAnswer>;
}
