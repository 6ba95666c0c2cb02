import type { GraphRoute } from "./context";

interface Node {
  literals: Map<string, Node>;
  /** "groups(uniqueName='{name}')": an alternate key in the segment itself. */
  keyed: { prefix: string; next: Node }[];
  parameter: Node | null;
  /** "{*rest}": takes all segments that are left, at least one. */
  rest: Node | null;
  routes: { route: GraphRoute; names: string[] }[];
}

export type RouteMatch =
  | { kind: "found"; route: GraphRoute; params: Record<string, string> }
  | { kind: "method"; allowed: string[] }
  | { kind: "unknown"; segment: string };

const KEY_END = "')";
const node = (): Node => ({ literals: new Map(), keyed: [], parameter: null, rest: null, routes: [] });

/**
 * Compiles a route table into a tree of segments. Literals are matched without regard to case, as Graph does, and win
 * over parameters, those over the rest.
 */
export function compileRoutes(routes: GraphRoute[]): (method: string, version: "v1.0" | "beta", segments: string[]) => RouteMatch {
  const root = node();
  for (const route of routes) insert(root, route);
  return (method, version, segments) => {
    const values: string[] = [];
    const reached = walk(root, segments, 0, values);
    if ("stuckAt" in reached) return { kind: "unknown", segment: segments[reached.stuckAt] ?? segments.at(-1) ?? "" };
    const here = reached.node.routes.filter(({ route }) => !route.versions || route.versions.includes(version));
    if (here.length === 0) return { kind: "unknown", segment: segments.at(-1) ?? "" };
    const hit = here.find(({ route }) => route.method === method);
    if (!hit) return { kind: "method", allowed: here.map(({ route }) => route.method) };
    return { kind: "found", route: hit.route, params: Object.fromEntries(hit.names.map((name, i) => [name, values[i]!])) };
  };
}

function insert(root: Node, route: GraphRoute): void {
  const names: string[] = [];
  let at = root;
  for (const part of route.template.split("/").filter(Boolean)) {
    const [, star, name] = /^\{(\*?)(\w+)\}$/.exec(part) ?? [];
    const [, before, key] = /^(.*\(\w+=')\{(\w+)\}'\)$/.exec(part) ?? [];
    if (key) {
      names.push(key);
      const prefix = before!.toLowerCase();
      const known = at.keyed.find((candidate) => candidate.prefix === prefix)?.next;
      const next = known ?? node();
      if (!known) at.keyed.push({ prefix, next });
      at = next;
    } else if (name) {
      names.push(name);
      at = star ? (at.rest ??= node()) : (at.parameter ??= node());
    } else {
      const literal = part.toLowerCase();
      let next = at.literals.get(literal);
      if (!next) at.literals.set(literal, (next = node()));
      at = next;
    }
  }
  at.routes.push({ route, names });
}

/** Depth first with backtracking; `values` holds the parameters on the way to the node that was reached. */
function walk(at: Node, segments: string[], index: number, values: string[]): { node: Node } | { stuckAt: number } {
  if (index === segments.length) return at.routes.length > 0 ? { node: at } : { stuckAt: index };
  let deepest = index;
  const literal = at.literals.get(segments[index]!.toLowerCase());
  if (literal) {
    const found = walk(literal, segments, index + 1, values);
    if ("node" in found) return found;
    deepest = Math.max(deepest, found.stuckAt);
  }
  const segment = segments[index]!;
  const keyed = at.keyed.find(({ prefix }) => segment.endsWith(KEY_END) && segment.toLowerCase().startsWith(prefix));
  if (keyed) {
    values.push(segment.slice(keyed.prefix.length, -KEY_END.length).replaceAll("''", "'"));
    return walk(keyed.next, segments, index + 1, values);
  }
  if (at.parameter) {
    values.push(segment);
    const found = walk(at.parameter, segments, index + 1, values);
    if ("node" in found) return found;
    values.pop();
    deepest = Math.max(deepest, found.stuckAt);
  }
  if (at.rest) {
    values.push(segments.slice(index).join("/"));
    return { node: at.rest };
  }
  return { stuckAt: deepest };
}
