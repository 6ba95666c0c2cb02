const MINUTE = 60_000;

/** A budget of resource units that refills evenly over the minute. Never negative, never more than a minute's worth. */
export class UnitBudget {
  private left: number;
  /** Refilled up to this time; ahead of now while the service said that nothing is added before. */
  private filledUntil: number;

  constructor(private readonly perMinute: number, now: number) {
    this.left = perMinute;
    this.filledUntil = now;
  }

  /** Milliseconds until so many units are there; 0: now. */
  waitFor(units: number, now: number): number {
    this.refill(now);
    const missing = Math.min(units, this.perMinute) - this.left;
    return missing <= 0 ? 0 : Math.max(0, this.filledUntil - now) + Math.ceil((missing * MINUTE) / this.perMinute);
  }

  take(units: number, now: number): void {
    this.refill(now);
    this.left = Math.max(0, this.left - units);
  }

  /** The service says that only so many are left until its window ends. */
  told(remaining: number, resetMs: number, now: number): void {
    this.refill(now);
    this.left = Math.min(this.left, Math.max(0, remaining));
    this.filledUntil = Math.max(this.filledUntil, now + resetMs);
  }

  private refill(now: number): void {
    if (now <= this.filledUntil) return;
    this.left = Math.min(this.perMinute, this.left + ((now - this.filledUntil) * this.perMinute) / MINUTE);
    this.filledUntil = now;
  }
}
