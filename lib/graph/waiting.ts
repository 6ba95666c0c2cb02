import type { Clock } from "./clock";
import type { GraphEvents } from "./types";

/** Shorter pauses are not worth a word to a person. */
const WORTH_TELLING_MS = 1_000;
const REASON = "Microsoft 365 asked Planback to slow down.";

/** Joins the waits of many parallel requests into one state for a person: waiting until, or not waiting. */
export class WaitReporter {
  private waiting = 0;
  private until = 0;

  constructor(
    private readonly events: GraphEvents,
    private readonly clock: Clock,
  ) {}

  /** A listener for one turn at the governor. */
  pause(): (until: Date | null) => void {
    let counted = false;
    return (until) => {
      if (until && until.getTime() - this.clock.now() >= WORTH_TELLING_MS) {
        counted = true;
        this.begin(until, REASON);
      } else if (!until && counted) {
        counted = false;
        this.end();
      }
    };
  }

  /** Waits before a failed request is tried again. */
  async during(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (ms < WORTH_TELLING_MS) return this.clock.sleep(ms, signal);
    this.begin(new Date(this.clock.now() + ms), "Microsoft 365 does not answer; Planback tries again.");
    try {
      await this.clock.sleep(ms, signal);
    } finally {
      this.end();
    }
  }

  private begin(until: Date, reason: string): void {
    this.waiting++;
    if (until.getTime() <= this.until) return;
    this.until = until.getTime();
    this.events.waiting?.({ reason, until });
  }

  private end(): void {
    if (--this.waiting > 0) return;
    this.until = 0;
    this.events.waiting?.(null);
  }
}
