import { GraphFault, type GraphAnswer, type GraphCall } from "./context";
import { parseFilter } from "./filter";

/** Graph bodies always name Microsoft's host; clients map it to where the simulator is. */
export const GRAPH = "https://graph.microsoft.com";

export const context = (call: GraphCall, what: string): string => `${GRAPH}/${call.version}/$metadata#${what}`;

export type Entity = Record<string, unknown>;

interface CollectionOptions {
  /** For @odata.context, e.g. "users". */
  set: string;
  type: string;
  defaultTop: number;
  maxTop: number;
  /** Properties sent when there is no $select. */
  defaults: readonly string[];
  /** All properties that $select may name. */
  known: readonly string[];
}

/**
 * Answers a collection of directory objects: $filter, $search, $orderby, $count, $top, $skiptoken, $select.
 * https://learn.microsoft.com/graph/query-parameters, https://learn.microsoft.com/graph/aad-advanced-queries
 */
export function collection(call: GraphCall, all: Entity[], options: CollectionOptions): GraphAnswer {
  const q = call.query;
  const advanced = call.headers["consistencylevel"]?.toLowerCase() === "eventual";
  let items = all;
  const filter = q.get("$filter");
  if (filter) {
    if (/\bne\b|\bnot\b/i.test(filter.replace(/'[^']*'/g, "")) && !(advanced && q.get("$count") === "true")) throw needsAdvanced("$filter");
    items = items.filter(parseFilter(filter));
  }
  const search = q.get("$search");
  if (search) {
    if (!advanced) throw needsAdvanced("$search");
    items = items.filter(searchPredicate(search));
  }
  const order = q.get("$orderby");
  if (order) items = sorted(items, order);
  const page = pageOf(call, items, options);
  const select = selection(q.get("$select"), options);
  const body: Entity = {
    "@odata.context": context(call, q.get("$select") ? `${options.set}(${q.get("$select")})` : options.set),
    ...(q.get("$count") === "true" && advanced ? { "@odata.count": items.length } : {}),
    ...(page.next ? { "@odata.nextLink": page.next } : {}),
    value: page.items.map((item) => pick(item, select)),
  };
  return { status: 200, body };
}

/** One directory object, with $select. */
export function single(call: GraphCall, item: Entity, options: Pick<CollectionOptions, "set" | "type" | "defaults" | "known">): GraphAnswer {
  const select = call.query.get("$select");
  const what = `${options.set}${select ? `(${select})` : ""}/$entity`;
  return { status: 200, body: { "@odata.context": context(call, what), ...pick(item, selection(select, options)) } };
}

function selection(select: string | null, options: Pick<CollectionOptions, "type" | "defaults" | "known">): readonly string[] {
  if (!select || select === "*") return options.defaults;
  const names = select.split(",").map((name) => name.trim()).filter(Boolean);
  return names.map((name) => {
    const known = options.known.find((property) => property.toLowerCase() === name.toLowerCase());
    if (!known) throw new GraphFault(400, "BadRequest", `Could not find a property named '${name}' on type '${options.type}'.`);
    return known;
  });
}

function pick(item: Entity, names: readonly string[]): Entity {
  const picked: Entity = {};
  if (item["@odata.type"] !== undefined) picked["@odata.type"] = item["@odata.type"];
  for (const name of names) picked[name] = item[name] ?? null;
  return picked;
}

/** Pages go by the id of the last object, so that objects which vanish in between skip nothing. */
function pageOf(call: GraphCall, items: Entity[], options: CollectionOptions): { items: Entity[]; next: string | null } {
  const top = topOf(call.query.get("$top"), options);
  const token = call.query.get("$skiptoken");
  let from = 0;
  if (token) {
    const last = Buffer.from(token, "base64url").toString();
    from = items.findIndex((item) => item["id"] === last) + 1;
    if (from === 0) throw new GraphFault(400, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request.");
  }
  const page = items.slice(from, from + top);
  if (from + top >= items.length) return { items: page, next: null };
  const query = new URLSearchParams(call.query);
  query.set("$skiptoken", Buffer.from(String(page.at(-1)!["id"])).toString("base64url"));
  return { items: page, next: nextLink(call, query) };
}

export function nextLink(call: GraphCall, query: URLSearchParams): string {
  const path = call.segments.map((segment) => encodeURIComponent(segment).replaceAll("%24", "$")).join("/");
  return `${GRAPH}/${call.version}/${path}?${query.toString().replaceAll("%24", "$")}`;
}

export function topOf(raw: string | null, limits: { defaultTop: number; maxTop: number }): number {
  if (raw === null) return limits.defaultTop;
  const top = Number(raw);
  if (!Number.isInteger(top) || top < 1 || top > limits.maxTop) {
    throw new GraphFault(400, "Request_BadRequest", `Invalid page size specified: '${raw}'. Must be between 1 and ${limits.maxTop} inclusive.`);
  }
  return top;
}

function searchPredicate(search: string): (item: Entity) => boolean {
  const match = /^"(\w+):(.*)"$/.exec(search.trim());
  if (!match) throw new GraphFault(400, "Request_BadRequest", "Search query must be in the form \"property:value\".");
  const [, name, wanted] = match;
  return (item) => String(item[name!] ?? "").toLowerCase().split(/[\s@.]+/).some((word) => word.startsWith(wanted!.toLowerCase())) || String(item[name!] ?? "").toLowerCase().startsWith(wanted!.toLowerCase());
}

function sorted(items: Entity[], order: string): Entity[] {
  const [name, direction] = order.trim().split(/\s+/);
  const sign = direction?.toLowerCase() === "desc" ? -1 : 1;
  return [...items].sort((a, b) => sign * String(a[name!] ?? "").localeCompare(String(b[name!] ?? "")));
}

function needsAdvanced(what: string): GraphFault {
  return new GraphFault(400, "Request_UnsupportedQuery", `Request with ${what} query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual' and $count=true`);
}
