import { expandSupport, type ExpandSupport, type GraphApi, type GraphVersion } from "@/lib/graph";
import { credentialFor } from "@/lib/identity";
import { grantOf, hereOf, type ConnectionWithTenant } from "./connectionRow";

/** Microsoft may change it any day. */
const BELIEVED_MS = 24 * 3600_000;

const known = new Map<string, { answer: Promise<ExpandSupport | null>; until: number }>();

/**
 * What lists and single tasks show of this Microsoft tenant's tasks with `$expand`, probed with this plan once a day and process.
 * Null: not known, so that everything is read directly.
 */
export function expandFor(connection: ConnectionWithTenant, graph: GraphApi, planId: string, version: GraphVersion): Promise<ExpandSupport | null> {
  const key = `${credentialFor(hereOf(connection), grantOf(connection, "backup")).clientId} ${connection.microsoftTenant.tid} ${version}`;
  const found = known.get(key);
  if (found && found.until > Date.now()) return found.answer;
  const forget = (): null => {
    known.delete(key);
    return null;
  };
  // A probe that fails or cannot tell is no reason not to capture; the next plan may tell.
  const answer = expandSupport(graph, planId, version).then((support) => support ?? forget(), forget);
  known.set(key, { answer, until: Date.now() + BELIEVED_MS });
  return answer;
}
