import { PlanbackError } from "@/lib/errors";
import { cancelled, type Clock } from "./clock";
import { FairQueue, type Waiting } from "./fairQueue";
import type { TurnOptions } from "./governor";
import { Latencies, Limit } from "./limit";
import type { UnitBudget } from "./unitBudget";

/** Outlook works on so many requests of an app in one mailbox at once: https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits */
export const MAILBOX_PLACES = 4;

export interface LaneOptions {
  clock: Clock;
  initial: number;
  maximum: number;
  longestWaitMs: number;
  budget: UnitBudget | null;
}

interface Turn extends Waiting {
  options: TurnOptions;
  start(number: number): void;
  refuse(error: PlanbackError): void;
  paused: boolean;
}

/** The turns at one service: their order, how many at once, and when none may begin. */
export class LaneGovernor {
  readonly limit: Limit;
  readonly latencies = new Latencies();
  inFlight = 0;
  pausedUntil = 0;
  private readonly queue = new FairQueue<Turn>();
  private readonly mailboxes = new Map<string, number>();
  /** The running sleep until a turn may begin; ended when nobody waits any more, so that it keeps no process alive. */
  private waking: { until: number; stop: AbortController } | null = null;

  constructor(private readonly options: LaneOptions) {
    this.limit = new Limit(options.initial, options.maximum);
  }

  get waiting(): number {
    return this.queue.size;
  }

  /** Resolves with the number of the request when it may leave. */
  enter(options: TurnOptions): Promise<number> {
    const { party = "", urgent = false, signal, onPause } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled());
      const settle = (then: () => void) => {
        signal?.removeEventListener("abort", abandon);
        if (turn.paused) onPause?.(null);
        then();
      };
      const turn: Turn = { party, urgent, options, paused: false, start: (number) => settle(() => resolve(number)), refuse: (error) => settle(() => reject(error)) };
      const abandon = () => {
        this.queue.remove(turn);
        turn.refuse(cancelled());
        if (this.queue.size === 0) this.waking?.stop.abort();
      };
      signal?.addEventListener("abort", abandon, { once: true });
      this.queue.add(turn);
      this.pump();
    });
  }

  /** After a request that had its turn. */
  leave(options: TurnOptions): void {
    this.inFlight--;
    this.occupy(options, -1);
    this.pump();
  }

  pauseUntil(time: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, time);
    this.pump();
  }

  /** Lets those go that may. To be called when something changed in their favour. */
  pump(): void {
    const now = this.options.clock.now();
    if (this.pausedUntil > now) return this.wait(this.pausedUntil);
    while (this.inFlight < this.limit.value) {
      const turn = this.next();
      if (!turn) return;
      const units = turn.options.units?.() ?? 0;
      const missing = this.options.budget?.waitFor(units, now) ?? 0;
      if (missing > 0) return this.wait(now + missing);
      this.options.budget?.take(units, now);
      this.queue.take(turn);
      this.inFlight++;
      this.occupy(turn.options, +1);
      turn.start(this.limit.leaves(this.inFlight));
    }
  }

  /** The first for whose mailbox there is room. Who needs more room than there is keeps the others of that mailbox behind. */
  private next(): Turn | null {
    const full = new Set<string>();
    return this.queue.first(({ options: { mailbox, places = 1 } }) => {
      if (mailbox === undefined) return true;
      if (!full.has(mailbox) && (this.mailboxes.get(mailbox) ?? 0) + places <= MAILBOX_PLACES) return true;
      full.add(mailbox);
      return false;
    });
  }

  private occupy({ mailbox, places = 1 }: TurnOptions, sign: 1 | -1): void {
    if (mailbox === undefined) return;
    const now = (this.mailboxes.get(mailbox) ?? 0) + sign * places;
    if (now > 0) this.mailboxes.set(mailbox, now);
    else this.mailboxes.delete(mailbox);
  }

  private wait(until: number): void {
    const { clock, longestWaitMs } = this.options;
    const turns = this.queue.all();
    const wait = until - clock.now();
    if (wait > longestWaitMs) {
      for (const turn of turns) {
        this.queue.remove(turn);
        turn.refuse(tooLong(wait));
      }
      return;
    }
    for (const turn of turns) {
      if (!turn.paused) turn.options.onPause?.(new Date(until));
      turn.paused = true;
    }
    if (turns.length === 0 || (this.waking && this.waking.until <= until)) return;
    this.waking?.stop.abort();
    const waking = (this.waking = { until, stop: new AbortController() });
    const over = () => {
      if (this.waking !== waking) return;
      this.waking = null;
      this.pump();
    };
    clock.sleep(wait, waking.stop.signal).then(over, over);
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
