/**
 * Order hints. A client never sends a value: it sends an expression "P N!" (place between P and N; either may be
 * empty or itself an expression), and the service stores a short value that lies in the gap.
 * https://learn.microsoft.com/graph/api/resources/planner-order-hint-format
 */
const LOWEST = 34; // the first printable character that is neither space nor "!"
const HIGHEST = 126;
const BASE = HIGHEST - LOWEST + 1;
const ZERO = String.fromCharCode(LOWEST);

/** The value for an expression; null when it breaks the grammar, is a bare value, or leaves no gap. */
export function resolveHint(expression: string): string | null {
  if (!/^[\x20-\x7e]*$/.test(expression) || !expression.endsWith("!")) return null;
  const stack: ({ value: string } | "space")[] = [];
  for (const token of expression.match(/[ !]|[^ !]+/g) ?? []) {
    if (token === " ") stack.push("space");
    else if (token !== "!") stack.push({ value: token });
    else {
      const value = reduce(stack);
      if (value === null) return null;
      stack.push({ value });
    }
  }
  const [only] = stack;
  return stack.length === 1 && only !== undefined && only !== "space" ? only.value : null;
}

/** Takes "P", space, "N" off the stack and gives the value between them. */
function reduce(stack: ({ value: string } | "space")[]): string | null {
  const takeValue = (): string => {
    const top = stack.at(-1);
    if (top === undefined || top === "space") return "";
    stack.pop();
    return top.value;
  };
  const next = takeValue();
  if (stack.pop() !== "space") return null;
  return between(takeValue(), next);
}

function between(previous: string, next: string): string | null {
  if (next !== "" && previous >= next) return null;
  if (previous.endsWith(ZERO) || next.endsWith(ZERO)) return null;
  return midpoint(previous, next === "" ? null : next);
}

/** Shortest string strictly between two others, read as fractions in base 93; null = no upper bound. */
function midpoint(low: string, high: string | null): string {
  if (high !== null) {
    let shared = 0;
    while (shared < high.length && (low[shared] ?? ZERO) === high[shared]) shared += 1;
    if (shared > 0) return high.slice(0, shared) + midpoint(low.slice(shared), high.slice(shared));
  }
  const from = low === "" ? 0 : low.charCodeAt(0) - LOWEST;
  const to = high === null ? BASE : high.charCodeAt(0) - LOWEST;
  if (to - from > 1) return String.fromCharCode(LOWEST + Math.round((from + to) / 2));
  if (high !== null && high.length > 1) return high.slice(0, 1);
  return String.fromCharCode(LOWEST + from) + midpoint(low.slice(1), null);
}

const UNIX_EPOCH_TICKS = 621_355_968_000_000_000n;
const MAX_INT64 = 9_223_372_036_854_775_807n;
const MINUTE_TICKS = 600_000_000n;
const SUFFIXES = ["P\\", "P,", "Pd", "PE", "P]", "PK"];

/** Hints the service makes by itself: decimals that fall as the clock rises, so the newest object sorts first. */
export class HintClock {
  private last = 0n;

  constructor(private readonly now: () => number) {}

  next(): string {
    const ticks = this.ticks();
    return `${MAX_INT64 - ticks + MINUTE_TICKS}${SUFFIXES[Number(ticks % 6n)]}`;
  }

  /** assigneePriority has no suffix. */
  nextPlain(): string {
    return `${MAX_INT64 - this.ticks()}`;
  }

  private ticks(): bigint {
    const clock = UNIX_EPOCH_TICKS + BigInt(Math.floor(this.now())) * 10_000n;
    this.last = clock > this.last ? clock : this.last + 1n;
    return this.last;
  }
}
