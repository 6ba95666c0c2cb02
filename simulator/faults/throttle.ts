import { compileMatch, type FaultMatch } from "./rules";

/** "At most `limit` requests in `windowMs`": everything beyond gets 429 with Retry-After. */
export interface ThrottleRule {
  match: Pick<FaultMatch, "method" | "path" | "regex">;
  limit: number;
  windowMs: number;
  retryAfterSeconds: number;
  /** 429 unless told; SharePoint and Planner also answer 503. */
  status?: number;
}

export interface ThrottleState extends ThrottleRule {
  admitted: number;
  rejected: number;
  /** Requests that came before an earlier Retry-After was over: a well-behaved client has none. */
  early: number;
}

export interface Throttle {
  add(...rules: ThrottleRule[]): void;
  clear(): void;
  list(): readonly ThrottleState[];
  /** Seconds and status to answer with, or null to let the request through. */
  check(method: string, path: string, now: number): { status: number; retryAfterSeconds: number } | null;
}

export function createThrottle(): Throttle {
  let rules: { state: ThrottleState; test: (method: string, path: string) => boolean; windowStart: number; count: number; closedUntil: number }[] = [];
  return {
    add(...added) {
      for (const rule of added) rules.push({ state: { ...rule, admitted: 0, rejected: 0, early: 0 }, test: compileMatch(rule.match), windowStart: 0, count: 0, closedUntil: 0 });
    },
    clear() {
      rules = [];
    },
    list: () => rules.map(({ state }) => ({ ...state })),
    check(method, path, now) {
      for (const rule of rules) {
        if (!rule.test(method, path)) continue;
        const { state } = rule;
        if (now < rule.closedUntil) {
          state.early++;
        } else if (now - rule.windowStart >= state.windowMs) {
          rule.windowStart = now;
          rule.count = 0;
        }
        if (now >= rule.closedUntil && ++rule.count <= state.limit) {
          state.admitted++;
          continue;
        }
        if (now >= rule.closedUntil) rule.closedUntil = now + state.retryAfterSeconds * 1000;
        state.rejected++;
        return { status: state.status ?? 429, retryAfterSeconds: Math.max(1, Math.ceil((rule.closedUntil - now) / 1000)) };
      }
      return null;
    },
  };
}
