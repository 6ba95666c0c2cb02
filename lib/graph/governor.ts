import { PlanbackError } from "@/lib/errors";
import { cancelled, systemClock, type Clock } from "./clock";

/** Lanes narrow a part of the traffic further: Outlook allows 4 parallel requests per app and mailbox. */
export type Lane = "graph" | "outlook";

export interface GovernorOptions {
  clock?: Clock;
  /** Parallel requests: to begin with, and at most. */
  initial?: number;
  maximum?: number;
  /** A pause longer than this is not waited out: the call fails with graph_unavailable and may be tried again later. */
  longestWaitMs?: number;
  lanes?: Partial<Record<Lane, number>>;
}

export interface TurnOptions {
  lane?: Lane;
  signal?: AbortSignal;
  /** Called when the turn has to wait for the end of a pause (until), and once more with null when it is over. */
  onPause?: (until: Date | null) => void;
}

/** One for each (app, Microsoft tenant) in a process: it decides when a request may leave. */
export interface Governor {
  /** Runs the task when there is a free place and no pause. Throws cancelled, or graph_unavailable when the pause is too long. */
  run<T>(task: () => Promise<T>, options?: TurnOptions): Promise<T>;
  /** The service answered well: after a round of good answers one more request may run in parallel. */
  good(): void;
  /** The service throttled: nobody sends for `delayMs`, and half as many run in parallel afterwards. */
  throttled(delayMs: number): void;
  readonly concurrency: number;
  readonly inFlight: number;
  /** Milliseconds since the epoch before which nothing is sent. */
  readonly pausedUntil: number;
}

interface Turn {
  lane: Lane;
  start(): void;
  refuse(error: PlanbackError): void;
  onPause?: (until: Date | null) => void;
  paused: boolean;
}

/** Makes a governor; see {@link governorFor} for the one that the process shares. */
export function createGovernor(options: GovernorOptions = {}): Governor {
  return new AdaptiveGovernor(options);
}

const governors = new Map<string, Governor>();

/** The process's governor of one app in one Microsoft tenant. */
export function governorFor(clientId: string, microsoftTenantId: string): Governor {
  const key = `${clientId} ${microsoftTenantId}`;
  let governor = governors.get(key);
  if (!governor) governors.set(key, (governor = createGovernor()));
  return governor;
}

class AdaptiveGovernor implements Governor {
  concurrency: number;
  inFlight = 0;
  pausedUntil = 0;
  private readonly clock: Clock;
  private readonly maximum: number;
  private readonly longestWaitMs: number;
  private readonly laneLimits: Record<Lane, number>;
  private readonly laneInFlight: Record<Lane, number> = { graph: 0, outlook: 0 };
  private queue: Turn[] = [];
  private goodSinceGrowth = 0;
  /** Answers of requests that were already under way when the limit was halved must not halve it again. */
  private halvedAt = -1;
  private started = 0;
  /** The running sleep until the end of a pause; ended when nobody waits any more, so that it keeps no process alive. */
  private waking: AbortController | null = null;

  constructor(options: GovernorOptions) {
    this.clock = options.clock ?? systemClock;
    this.concurrency = options.initial ?? 4;
    this.maximum = options.maximum ?? 16;
    this.longestWaitMs = options.longestWaitMs ?? 3600_000 * 1.05;
    this.laneLimits = { graph: Infinity, outlook: 4, ...options.lanes };
  }

  async run<T>(task: () => Promise<T>, { lane = "graph", signal, onPause }: TurnOptions = {}): Promise<T> {
    await this.turn(lane, signal, onPause);
    try {
      return await task();
    } finally {
      this.inFlight--;
      this.laneInFlight[lane]--;
      this.pump();
    }
  }

  good(): void {
    if (++this.goodSinceGrowth < this.concurrency || this.concurrency >= this.maximum) return;
    this.goodSinceGrowth = 0;
    this.concurrency++;
    this.pump();
  }

  throttled(delayMs: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.clock.now() + delayMs);
    this.goodSinceGrowth = 0;
    if (this.started > this.halvedAt) {
      this.concurrency = Math.max(1, Math.floor(this.concurrency / 2));
      this.halvedAt = this.started + this.inFlight - 1;
    }
    this.pump();
  }

  private turn(lane: Lane, signal: AbortSignal | undefined, onPause: TurnOptions["onPause"]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled());
      const settle = (then: () => void) => () => {
        signal?.removeEventListener("abort", abandon);
        if (turn.paused) onPause?.(null);
        then();
      };
      const turn: Turn = { lane, onPause, paused: false, start: settle(resolve), refuse: (error) => settle(() => reject(error))() };
      const abandon = () => {
        this.queue = this.queue.filter((other) => other !== turn);
        turn.refuse(cancelled());
        if (this.queue.length === 0) this.waking?.abort();
      };
      signal?.addEventListener("abort", abandon, { once: true });
      this.queue.push(turn);
      this.pump();
    });
  }

  private pump(): void {
    const wait = this.pausedUntil - this.clock.now();
    if (wait > 0) return this.pause(wait);
    while (this.inFlight < this.concurrency) {
      const next = this.queue.findIndex((turn) => this.laneInFlight[turn.lane] < this.laneLimits[turn.lane]);
      if (next < 0) return;
      const [turn] = this.queue.splice(next, 1);
      this.inFlight++;
      this.started++;
      this.laneInFlight[turn!.lane]++;
      turn!.start();
    }
  }

  private pause(wait: number): void {
    if (wait > this.longestWaitMs) {
      const refused = this.queue;
      this.queue = [];
      for (const turn of refused) turn.refuse(tooLong(wait));
      return;
    }
    const until = new Date(this.pausedUntil);
    for (const turn of this.queue) {
      if (!turn.paused) turn.onPause?.(until);
      turn.paused = true;
    }
    if (this.waking || this.queue.length === 0) return;
    const waking = (this.waking = new AbortController());
    const over = () => {
      if (this.waking === waking) this.waking = null;
      this.pump();
    };
    this.clock.sleep(wait, waking.signal).then(over, over);
  }
}

function tooLong(wait: number): PlanbackError {
  const minutes = Math.ceil(wait / 60_000);
  return new PlanbackError(
    "graph_unavailable",
    `Microsoft 365 asks Planback to wait ${minutes} minutes before it sends anything more. Nothing was lost; the work can be run again later.`,
    { facts: { retryAfterMs: wait } },
  );
}
