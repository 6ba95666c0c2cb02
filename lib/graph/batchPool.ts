import { parseClaimsChallenge } from "./challenge";
import type { Turn, TurnOptions } from "./governor";
import type { GraphHttp } from "./http";
import { MAILBOX_PLACES } from "./laneGovernor";
import { wayOf } from "./lanes";
import { isLastAttempt, isPassing, isThrottled, type Wiring } from "./middleware";
import { isObject } from "./pages";
import { backoff, throttleDelay } from "./retryAfter";
import type { GraphVersion } from "./types";

/** https://learn.microsoft.com/graph/json-batching: at most 20 requests in one batch. */
const BATCH_SIZE = 20;

export interface Item {
  id: string;
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

interface Ask {
  url: string;
  attempt: number;
  /** A 401 was answered with a new token already. */
  renewed: boolean;
  answer(item: Item): void;
  fail(error: unknown): void;
}

/** Reads of many callers, joined into batches: one line for each version, service and mailbox, which are never mixed. */
export class BatchPool {
  private readonly lines = new Map<string, BatchLine>();

  constructor(private readonly http: GraphHttp, private readonly wiring: Wiring) {}

  /** The final answer to one GET, after all tries. Throws when the batch it travelled in got no answer. */
  ask(url: string, version: GraphVersion): Promise<Item> {
    const way = wayOf(url);
    const key = `${version} ${way.lane} ${way.mailbox ?? ""}`;
    let line = this.lines.get(key);
    // Outlook works on 4 items of a batch at once, which is all that it allows in a mailbox.
    if (!line) this.lines.set(key, (line = new BatchLine(this.http, this.wiring, version, way.mailbox ? { ...way, places: MAILBOX_PLACES } : way)));
    return line.ask(url);
  }
}

class BatchLine {
  private waiting: Ask[] = [];
  /** Batches on their way to a turn, whose items are not chosen yet. */
  private coming = 0;
  private isGathering = false;
  private renewal: Promise<unknown> | null = null;

  constructor(
    private readonly http: GraphHttp,
    private readonly wiring: Wiring,
    private readonly version: GraphVersion,
    private readonly way: TurnOptions,
  ) {}

  ask(url: string): Promise<Item> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ url, attempt: 1, renewed: false, answer: resolve, fail: reject });
      this.gather();
    });
  }

  /** Lets everybody who is asking at this moment ask before the first batch sets out. */
  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    void Promise.resolve().then(() => process.nextTick(() => {
      this.isGathering = false;
      while (this.coming * BATCH_SIZE < this.waiting.length) {
        this.coming++;
        void this.travel();
      }
    }));
  }

  private async travel(): Promise<void> {
    let chosen: Ask[] | null = null;
    const asks = (): Ask[] => {
      if (chosen) return chosen;
      this.coming--;
      return (chosen = this.waiting.splice(0, BATCH_SIZE));
    };
    let answered: [Ask, Item][] = [];
    try {
      const body = () => JSON.stringify({ requests: asks().map(({ url }, i) => ({ id: String(i + 1), method: "GET", url })) });
      const items = () => asks().length;
      const judge = (answer: unknown, turn: Turn) => {
        answered = pairs(asks(), answer as BatchBody | null);
        const delay = Math.max(0, ...answered.map(([ask, item]) => (isThrottled(item.status) ? this.delayOf(ask, item) : 0)));
        // Throttled items speak for the service behind them: all requests to it wait, not just these.
        if (delay > 0) turn.throttled(delay);
        else turn.good(`$batch ${items() === BATCH_SIZE ? "full" : "part"}`);
      };
      await this.http.batch(this.version, { ...this.way, units: items }, { body, items, judge });
      await this.settle(answered);
    } catch (error) {
      for (const ask of asks()) ask.fail(error);
    }
  }

  private delayOf(ask: Ask, item: Item): number {
    return throttleDelay(headerOf(item, "retry-after"), ask.attempt, this.wiring.clock.now(), this.wiring.clock.random);
  }

  private async settle(answered: [Ask, Item][]): Promise<void> {
    const throttled: Ask[] = [];
    const failing: Ask[] = [];
    const unsigned: [Ask, Item][] = [];
    for (const [ask, item] of answered) {
      if (item.status === 401 && !ask.renewed) unsigned.push([ask, item]);
      else if (!isPassing(item.status) || isLastAttempt(ask.attempt, item.status)) ask.answer(item);
      else (isThrottled(item.status) ? throttled : failing).push(ask);
    }
    this.again(throttled); // the governor holds them back
    await Promise.all([this.later(failing), this.renew(unsigned)]);
  }

  /** Asks once more, before the others. */
  private again(asks: Ask[]): void {
    if (asks.length === 0) return;
    for (const ask of asks) ask.attempt++;
    this.waiting.unshift(...asks);
    this.gather();
  }

  private async later(asks: Ask[]): Promise<void> {
    if (asks.length === 0) return;
    const attempt = Math.max(...asks.map((ask) => ask.attempt));
    await this.wiring.waits.during(backoff(attempt, this.wiring.clock.random), this.wiring.signal);
    this.again(asks);
  }

  /** A service behind Graph may refuse a token that Graph itself accepts: https://learn.microsoft.com/entra/identity-platform/claims-challenge */
  private async renew(unsigned: [Ask, Item][]): Promise<void> {
    if (unsigned.length === 0) return;
    const { tokens, signal } = this.wiring;
    const claims = unsigned.map(([, item]) => parseClaimsChallenge(headerOf(item, "www-authenticate"))).find((found) => found !== null);
    this.renewal ??= tokens(claims ? { claims, signal } : { forceRefresh: true, signal }).finally(() => (this.renewal = null));
    for (const [ask] of unsigned) ask.renewed = true;
    await this.renewal.then(
      () => this.again(unsigned.map(([ask]) => ask)),
      (error: unknown) => unsigned.forEach(([ask]) => ask.fail(error)),
    );
  }
}

interface BatchBody {
  responses?: Item[];
}

/** An item that is missing from the answer is as good as failed, and so is one that was found and holds nothing. */
function pairs(asks: Ask[], answer: BatchBody | null): [Ask, Item][] {
  const byId = new Map((answer?.responses ?? []).map((item) => [String(item.id), item]));
  const isHollow = ({ status, body }: Item) => status >= 200 && status < 300 && !isObject(body);
  return asks.map((ask, i) => {
    const item = byId.get(String(i + 1));
    return [ask, !item || isHollow(item) ? { id: "", status: 500 } : item];
  });
}

function headerOf(item: Item, name: string): string | undefined {
  return Object.entries(item.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}
