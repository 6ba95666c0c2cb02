import { GraphFault } from "./context";

/**
 * The part of OData's $filter that directory objects support: eq, ne, startsWith, in, any(), not, and, or, parentheses.
 * https://learn.microsoft.com/graph/filter-query-parameter
 */
export type Predicate = (object: Record<string, unknown>) => boolean;

const TOKEN = /\s*(?:('(?:[^']|'')*')|([A-Za-z_][\w./-]*|[0-9a-fA-F-]{36})|([(),:]))/y;

/** Directory objects refuse more than 15 alternatives in one filter. */
const MAX_ALTERNATIVES = 15;

export function parseFilter(text: string): Predicate {
  const tokens = tokenize(text);
  let at = 0;
  let alternatives = 1;
  const peek = () => tokens[at]?.toLowerCase();
  const take = (expected?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (expected && token.toLowerCase() !== expected)) throw invalid();
    return token;
  };
  const addAlternatives = (count: number) => {
    alternatives += count;
    if (alternatives > MAX_ALTERNATIVES) {
      throw new GraphFault(400, "Request_UnsupportedQuery", `Too many child clauses specified in search filter expression containing 'OR' operators: ${alternatives}. Max allowed: ${MAX_ALTERNATIVES}.`);
    }
  };

  const or = (): Predicate => {
    let left = and();
    while (peek() === "or") {
      take();
      addAlternatives(1);
      const [a, b] = [left, and()];
      left = (o) => a(o) || b(o);
    }
    return left;
  };
  const and = (): Predicate => {
    let left = unary();
    while (peek() === "and") {
      take();
      const [a, b] = [left, unary()];
      left = (o) => a(o) && b(o);
    }
    return left;
  };
  const unary = (): Predicate => {
    if (peek() === "not") {
      take();
      const inner = unary();
      return (o) => !inner(o);
    }
    if (peek() === "(") {
      take();
      const inner = or();
      take(")");
      return inner;
    }
    if (peek() === "startswith") return startsWith();
    return comparison();
  };
  const startsWith = (): Predicate => {
    take();
    take("(");
    const name = take();
    take(",");
    const prefix = String(literal(take())).toLowerCase();
    take(")");
    return (o) => String(o[name] ?? "").toLowerCase().startsWith(prefix);
  };
  const comparison = (): Predicate => {
    const name = take();
    const collection = /^(\w+)\/any$/i.exec(name)?.[1];
    if (collection) return any(collection);
    const operator = take().toLowerCase();
    if (operator === "in") {
      take("(");
      const values = [literal(take())];
      while (peek() === ",") {
        take();
        values.push(literal(take()));
      }
      take(")");
      addAlternatives(values.length - 1);
      return (o) => values.some((value) => same(o[name], value));
    }
    const value = literal(take());
    if (operator === "eq") return (o) => same(o[name], value);
    if (operator === "ne") return (o) => !same(o[name], value);
    throw invalid();
  };
  const any = (collection: string): Predicate => {
    take("(");
    const variable = take();
    take(":");
    if (take() !== variable) throw invalid();
    take("eq");
    const value = literal(take());
    take(")");
    return (o) => Array.isArray(o[collection]) && (o[collection] as unknown[]).some((item) => same(item, value));
  };

  const predicate = or();
  if (at !== tokens.length) throw invalid();
  return predicate;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) throw invalid();
    tokens.push(match[1] ?? match[2] ?? match[3]!);
  }
  return tokens;
}

function literal(token: string): unknown {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (token === "true") return true;
  if (token === "false") return false;
  if (token === "null") return null;
  throw invalid();
}

/** Directory strings compare without regard to case. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a === "string" && typeof b === "string") return a.toLowerCase() === b.toLowerCase();
  return (a ?? null) === b;
}

function invalid(): GraphFault {
  return new GraphFault(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified.");
}
