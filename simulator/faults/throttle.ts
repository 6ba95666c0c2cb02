import { mulberry32 } from "../world";
import { compileMatch, type FaultMatch } from "./rules";

/** Who sent an HTTP request (app and Microsoft tenant), and when it came and was answered (ms). Items of a $batch share theirs. */
export interface Sender {
  key: string;
  arrivedAt: number;
  answeredAt: number | null;
}

/** Refuses requests of an app in a Microsoft tenant with Retry-After: by a window, or by dice. */
export interface ThrottleRule {
  match: Pick<FaultMatch, "method" | "path" | "regex">;
  /** "At most `limit` requests in `windowMs`". */
  limit?: number;
  windowMs?: number;
  /** Instead of a window: each request is refused with this probability; the same `seed` rolls the same dice. */
  probability?: number;
  seed?: number;
  retryAfterSeconds: number;
  /** 429 unless told; SharePoint and Planner also answer 503. */
  status?: number;
  /** How Retry-After is written: seconds unless told. A client that was told nothing it can read is never early. */
  form?: "seconds" | "date" | "missing" | "junk";
  /** A request that arrives so soon after the refusal was answered may have been on its way (250 ms); the same read again was not. */
  graceMs?: number;
}

export interface ThrottleState extends ThrottleRule {
  admitted: number;
  rejected: number;
  /** Requests that came before an earlier Retry-After was over: a well-behaved client has none. */
  early: number;
  /** The first of them, for the message of a failing test. */
  earlyRequests: string[];
}

export interface Throttle {
  add(...rules: ThrottleRule[]): void;
  clear(): void;
  list(): readonly ThrottleState[];
  /** What to answer with, or null to let the request through. */
  check(method: string, path: string, sender: Sender, now: number): Refusal | null;
}

export interface Refusal {
  status: number;
  /** null: no such header. */
  retryAfter: string | null;
}

interface Closure {
  until: number;
  by: Sender;
  method: string;
  path: string;
}

const JUNK = ["soon", "-1", "", "1,5"];
const GRACE_MS = 250;
const EXAMPLES = 20;

export function createThrottle(): Throttle {
  let rules: Rule[] = [];
  return {
    add(...added) {
      rules.push(...added.map((rule) => new Rule(rule)));
    },
    clear() {
      rules = [];
    },
    list: () => rules.map(({ state }) => ({ ...state, earlyRequests: [...state.earlyRequests] })),
    check(method, path, sender, now) {
      for (const rule of rules) {
        const refusal = rule.check(method, path, sender, now);
        if (refusal) return refusal;
      }
      return null;
    },
  };
}

class Rule {
  readonly state: ThrottleState;
  private readonly matches: (method: string, path: string) => boolean;
  private readonly random: () => number;
  private readonly windows = new Map<string, { start: number; count: number }>();
  private readonly closures = new Map<string, Closure[]>();

  constructor(rule: ThrottleRule) {
    this.state = { ...rule, admitted: 0, rejected: 0, early: 0, earlyRequests: [] };
    this.matches = compileMatch(rule.match);
    this.random = mulberry32(rule.seed ?? 1);
  }

  check(method: string, path: string, sender: Sender, now: number): Refusal | null {
    if (!this.matches(method, path)) return null;
    const { state } = this;
    const open = (this.closures.get(sender.key) ?? []).filter((closure) => closure.until > now);
    const ignored = open.filter((closure) => this.couldKnow(closure, method, path, sender));
    if (ignored.length > 0) {
      const until = Math.max(...ignored.map((closure) => closure.until));
      state.early++;
      state.rejected++;
      if (state.earlyRequests.length < EXAMPLES) state.earlyRequests.push(`${method} ${path}: ${until - now} ms before its time`);
      return { status: state.status ?? 429, retryAfter: this.written(until, now) };
    }
    if (!(state.probability === undefined ? this.isBeyondWindow(sender.key, now) : this.random() < state.probability)) {
      state.admitted++;
      return null;
    }
    state.rejected++;
    const until = state.form === "date" ? Math.ceil(now / 1000 + state.retryAfterSeconds) * 1000 : now + state.retryAfterSeconds * 1000;
    if (state.form !== "missing" && state.form !== "junk") open.push({ until, by: sender, method, path });
    this.closures.set(sender.key, open);
    return { status: state.status ?? 429, retryAfter: this.written(until, now) };
  }

  /** Only what arrived after the refusal was answered could heed it. */
  private couldKnow({ by, method, path }: Closure, ownMethod: string, ownPath: string, sender: Sender): boolean {
    const isRepeated = method === ownMethod && path === ownPath && method !== "POST";
    return by.answeredAt !== null && by !== sender && sender.arrivedAt > by.answeredAt + (isRepeated ? 0 : (this.state.graceMs ?? GRACE_MS));
  }

  private isBeyondWindow(key: string, now: number): boolean {
    const { limit = Infinity, windowMs = Infinity } = this.state;
    const known = this.windows.get(key);
    const window = known && now - known.start < windowMs ? known : { start: now, count: 0 };
    this.windows.set(key, window);
    return ++window.count > limit;
  }

  private written(until: number, now: number): string | null {
    const { form, rejected } = this.state;
    if (form === "missing") return null;
    if (form === "junk") return JUNK[rejected % JUNK.length]!;
    return form === "date" ? new Date(until).toUTCString() : String(Math.max(1, Math.ceil((until - now) / 1000)));
  }
}
