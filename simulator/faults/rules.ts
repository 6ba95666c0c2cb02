/**
 * The fault script: rules such as "on the 2nd POST /planner/tasks: apply, then 504". A rule counts the requests that
 * match it and acts on those that its window names; the script says afterwards which rules were hit, so that a test can
 * fail when a planned fault never came.
 */
export interface FaultMatch {
  method?: string;
  /** Path with or without the version: "/planner/tasks", "/v1.0/groups/*", "/planner/**". * is one segment, ** any rest. */
  path?: string;
  /** Regular expression on the whole path with the version, instead of `path`. */
  regex?: string;
  /** Only the n-th match (from 1). */
  nth?: number;
  /** Every n-th match. */
  every?: number;
  /** Matches from this number on, up to `to`. */
  from?: number;
  to?: number;
}

export type FaultAction =
  /** Answers without applying. */
  | { kind: "status"; status: number; headers?: Record<string, string>; body?: unknown }
  /** Applies the request, then answers as if it had failed. */
  | { kind: "apply-then-status"; status: number; headers?: Record<string, string>; body?: unknown }
  /** Drops the connection without applying. */
  | { kind: "reset-before" }
  /** Applies, then drops the connection without an answer. */
  | { kind: "reset-after" }
  /** Applies, then drops the connection in the middle of the body (after `bytes`, default half). */
  | { kind: "cut-body"; bytes?: number }
  /** Answers as usual, but later; `applied`: what was asked is done at once. */
  | { kind: "delay"; ms: number; applied?: boolean }
  /** Answers `status` (504) now and applies the request `ms` later. */
  | { kind: "late-commit"; ms: number; status?: number }
  /** Answers as usual, with headers added. */
  | { kind: "headers"; headers: Record<string, string> }
  /** Answers with a body that is longer or (negative) shorter than it should be, and a length that fits it. */
  | { kind: "resize-body"; by: number }
  /** Lists lack what was created less than `ms` ago. */
  | { kind: "list-lag"; ms: number };

export interface FaultRule {
  match: FaultMatch;
  action: FaultAction;
  /** How often the rule acts at most; no limit when absent. */
  times?: number;
}

export interface FaultState extends FaultRule {
  id: number;
  /** Requests that matched method and path. */
  seen: number;
  /** Requests it acted on. */
  hits: number;
}

export interface FaultScript {
  add(...rules: FaultRule[]): void;
  clear(): void;
  list(): readonly FaultState[];
  /** The action for this request, if a rule wants it; counts the request. */
  take(method: string, path: string): FaultAction | null;
}

export function createFaultScript(): FaultScript {
  let rules: (FaultState & { test: (method: string, path: string) => boolean })[] = [];
  let nextId = 1;
  return {
    add(...added) {
      for (const rule of added) rules.push({ ...rule, id: nextId++, seen: 0, hits: 0, test: compileMatch(rule.match) });
    },
    clear() {
      rules = [];
    },
    list: () => rules.map(({ id, match, action, times, seen, hits }) => ({ id, match, action, ...(times === undefined ? {} : { times }), seen, hits })),
    take(method, path) {
      let chosen: FaultAction | null = null;
      for (const rule of rules) {
        if (!rule.test(method, path)) continue;
        rule.seen++;
        if (chosen || (rule.times !== undefined && rule.hits >= rule.times) || !inWindow(rule.match, rule.seen)) continue;
        rule.hits++;
        chosen = rule.action;
      }
      return chosen;
    },
  };
}

function inWindow(match: FaultMatch, count: number): boolean {
  if (match.nth !== undefined && count !== match.nth) return false;
  if (match.every !== undefined && count % match.every !== 0) return false;
  if (match.from !== undefined && count < match.from) return false;
  return match.to === undefined || count <= match.to;
}

/** Method and path test of a rule; throws on a regular expression that does not compile. */
export function compileMatch(match: Pick<FaultMatch, "method" | "path" | "regex">): (method: string, path: string) => boolean {
  const method = match.method?.toUpperCase();
  const pattern = match.regex !== undefined ? new RegExp(match.regex) : match.path !== undefined ? globToRegex(match.path) : null;
  return (m, path) => (method === undefined || method === m) && (pattern === null || pattern.test(path));
}

function globToRegex(glob: string): RegExp {
  const body = glob
    .split(/(\*\*|\*)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]+" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  // Ids differ in case alone, so paths are matched as they are.
  return new RegExp(`^(?:/v1\\.0|/beta)?${body}$`);
}
