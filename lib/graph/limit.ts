/** Latencies up to this much above the usual one are taken for noise. */
const NOISE_MS = 50;
/** Latencies of a kind of request are compared only after so many of them. */
const ENOUGH = 8;
const SMOOTHING = 0.2;
/** One very long answer, such as that of a huge list, counts as this many times the lowest. */
const OUTLIER = 6;
/** A steady service answers within twice its lowest latency; beyond 1.5 times that, we are the queue. */
const STEADY = 1;
const CROWDED = 1.5;
/** Latency alone never slows down further than this; only the service's refusals do. */
const LEAST_BY_LATENCY = 2;
/** So few requests cannot be the cause of a high latency: the service became slower, and its lowest latency is learned anew. */
const FORGETTING = 1.05;

interface Latency {
  count: number;
  smooth: number;
  lowest: number;
}

/** How an answer's latency compares with the lowest of its kind: up to 1 is steady. */
export class Latencies {
  private readonly kinds = new Map<string, Latency>();

  load(kind: string, ms: number, parallel: number): number {
    const seen = this.kinds.get(kind) ?? { count: 0, smooth: ms, lowest: Infinity };
    this.kinds.set(kind, seen);
    seen.count++;
    seen.smooth += (Math.min(ms, OUTLIER * seen.lowest) - seen.smooth) * SMOOTHING;
    if (seen.count < ENOUGH) return 0;
    seen.lowest = Math.min(parallel <= LEAST_BY_LATENCY ? seen.lowest * FORGETTING : seen.lowest, seen.smooth);
    return seen.smooth / (2 * seen.lowest + NOISE_MS);
  }
}

/**
 * How many requests run in parallel. It doubles with each round of good answers until the first sign of load, then
 * grows by one a round while latency is steady, shrinks when latency rises, and halves when the service refuses. A round is
 * as many answers as may run in parallel; refusals of requests sent before the halving do not halve again.
 */
export class Limit {
  private isStarting = true;
  private answers = 0;
  private loads = 0;
  private wasFull = false;
  private sent = 0;
  private lastSentBeforeHalving = 0;

  constructor(public value: number, private readonly maximum: number) {}

  /** A request leaves; `inFlight` counts it. Returns its number, to be given back with its answer. */
  leaves(inFlight: number): number {
    if (inFlight >= this.value) this.wasFull = true;
    return ++this.sent;
  }

  good(load: number): void {
    this.answers++;
    this.loads += load;
    if (this.answers < this.value) return;
    const average = this.loads / this.answers;
    // What was not used says nothing about what could be.
    if (average <= STEADY && this.wasFull) this.value = Math.min(this.maximum, this.isStarting ? this.value * 2 : this.value + 1);
    if (average > STEADY) this.isStarting = false;
    if (average > CROWDED && this.value > LEAST_BY_LATENCY) this.value = Math.max(LEAST_BY_LATENCY, Math.min(this.value - 1, Math.floor(this.value * 0.9)));
    this.newRound();
  }

  /** The service refused the request with this number. */
  refused(number: number): void {
    this.isStarting = false;
    this.newRound();
    if (number <= this.lastSentBeforeHalving) return;
    this.lastSentBeforeHalving = this.sent;
    this.value = Math.max(1, Math.floor(this.value / 2));
  }

  private newRound(): void {
    this.answers = 0;
    this.loads = 0;
    this.wasFull = false;
  }
}
