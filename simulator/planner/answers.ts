import { GraphFault } from "../graph/context";
import type { GraphAnswer, GraphCall } from "../graph/context";
import { GRAPH } from "../graph/odata";
import type { PlanRecord } from "./records";
import { renderPlan } from "./render";
import type { PlannerStore } from "./store";

const context = (call: GraphCall, type: string): string => `${GRAPH}/${call.version}/$metadata#${type}`;

/** One resource; `type` as in "planner/tasks". */
export const one = (call: GraphCall, type: string, resource: object, status = 200): GraphAnswer => ({
  status,
  body: { "@odata.context": `${context(call, type)}/$entity`, ...resource },
});

/** After a PATCH: 204, or 200 with the new state when the caller sent `Prefer: return=representation`. */
export function updated(call: GraphCall, type: string, render: () => object): GraphAnswer {
  if (!/(^|[\s,;])return=representation([\s,;]|$)/i.test(call.headers.prefer ?? "")) return { status: 204 };
  return { ...one(call, type, render()), headers: { "preference-applied": "return=representation" } };
}

export const planRenderer = (call: GraphCall): ((plan: PlanRecord) => object) => {
  const unknownMembers = /(^|[\s,;])include-unknown-enum-members([\s,;]|$)/i.test(call.headers.prefer ?? "");
  return (plan) => renderPlan(plan, call.version, unknownMembers);
};

/** "f120": a page that starts after object 120; "e120": first an empty page. */
function position(call: GraphCall): { after: number; full: boolean } {
  const token = call.query.get("$skiptoken");
  if (token === null) return { after: 0, full: false };
  const parsed = /^([ef])(\d+)$/.exec(Buffer.from(token, "base64url").toString("latin1"));
  if (!parsed) throw new GraphFault(400, "", "The request is invalid:\nThe skip token is not valid.");
  return { after: Number(parsed[2]), full: parsed[1] === "f" };
}

function nextLink(call: GraphCall, kind: "e" | "f", after: number): string {
  const query = new URLSearchParams(call.query);
  query.set("$skiptoken", Buffer.from(`${kind}${after}`).toString("base64url"));
  return `${GRAPH}/${call.version}/${call.segments.map(encodeURIComponent).join("/")}?${query}`;
}

/**
 * One page of a list: in the order of creation (never by order hint), without objects younger than the list lag.
 * $top, $select, $filter and $orderby are not supported by Planner's lists and change nothing.
 */
export function listed<T extends { sequence: number; storedAt: number }>(
  store: PlannerStore,
  call: GraphCall,
  type: string,
  records: Iterable<T>,
  render: (record: T) => object,
): GraphAnswer {
  const { after, full } = position(call);
  const lag = Math.max(store.listLagMs, store.readLagMs);
  const visibleBefore = call.world.now() - lag;
  const rest = [...records].filter((record) => record.sequence > after && (lag === 0 || record.storedAt <= visibleBefore));
  const answer = (page: T[], next: string | null): GraphAnswer => ({
    status: 200,
    body: {
      "@odata.context": context(call, type),
      "@odata.count": page.length,
      ...(next === null ? {} : { "@odata.nextLink": next }),
      value: page.map(render),
    },
  });
  if (store.emptyPages && !full && rest.length > 0) return answer([], nextLink(call, "f", after));
  const page = rest.slice(0, store.pageSize);
  const last = page.at(-1);
  return answer(page, rest.length > page.length && last ? nextLink(call, "e", last.sequence) : null);
}
