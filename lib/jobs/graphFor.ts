import { createGraph, governorFor } from "@/lib/graph";
import type { GraphApi, GraphEvents, TokenSource } from "@/lib/graph/types";
import { credentialFor } from "@/lib/identity";
import { connectionTokens } from "@/lib/workspaces/tokens";
import { graphOutcome, metrics } from "@/lib/telemetry/metrics";
import { traceRequest } from "@/lib/telemetry/trace";
import type { Purpose } from "@/lib/workspaces/types";
import { grantOf, hereOf, type ConnectionWithTenant } from "./connectionRow";

export interface GraphUse {
  signal: AbortSignal;
  events?: GraphEvents;
  /** A person waits for it. A restore always goes before the workspace's backups. */
  urgent?: boolean;
  /** How long one request may take. */
  timeoutMs?: number;
  /** What carries a request to the wire. */
  fetch?: typeof globalThis.fetch;
}

/** Microsoft Graph as this connection account, or as the application. Throws `needs_sign_in` when it is not signed in for the purpose. */
export async function graphFor(connection: ConnectionWithTenant, purpose: Purpose, use: GraphUse): Promise<GraphApi> {
  return graphWith(connection, purpose, await tokensFor(connection, purpose), use);
}

/** The same with a token source that the caller holds. */
export function graphWith(connection: ConnectionWithTenant, purpose: Purpose, tokens: TokenSource, use: GraphUse): GraphApi {
  const here = hereOf(connection);
  const governor = governorFor(credentialFor(here, grantOf(connection, purpose)).clientId, connection.microsoftTenant.tid);
  const events: GraphEvents = {
    ...use.events,
    request: (request) => {
      metrics().graph.inc({ service: request.lane, outcome: graphOutcome(request.status) }, request.items);
      metrics().graphSeconds.observe({ service: request.lane }, request.ms / 1000);
      traceRequest(request);
      use.events?.request?.(request);
    },
  };
  return createGraph({ tokens, origins: here, governor, party: connection.workspaceId, ...use, events, urgent: use.urgent ?? purpose === "restore" });
}

/** Access tokens of this connection account, from its sealed sign-in. Throws `needs_sign_in` when there is none. */
export function tokensFor(connection: ConnectionWithTenant, purpose: Purpose): Promise<TokenSource> {
  return connectionTokens({ workspaceId: connection.workspaceId, connectionId: connection.id, purpose });
}

/** The delegated permissions in an access token's `scp`; null when the token does not show them. */
export function scopesInToken(token: string): string[] | null {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as { scp?: unknown };
    return typeof claims.scp === "string" ? claims.scp.split(" ") : null;
  } catch {
    return null;
  }
}
