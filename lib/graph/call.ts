import type { MiddlewareOptions } from "@microsoft/microsoft-graph-client";
import type { Turn, TurnOptions } from "./governor";

/**
 * What repeating a request would mean:
 * - read: harmless; every failure is tried again. Also for requests that may be repeated, such as uploads to a fixed path.
 * - write: only tried again when it was certainly not applied (429, no connection); any other doubt is reported.
 */
export type Repeat = "read" | "write";

/** Travels with one call through the middleware chain. */
export class Call implements MiddlewareOptions {
  /** Number of the present attempt, from 1. */
  attempt = 1;
  /** The error that ended the call inside the chain; the Graph client would wrap it into its own. */
  failure: unknown = null;

  constructor(
    readonly template: string,
    readonly repeat: Repeat,
    readonly turnOptions: TurnOptions,
    readonly signal: AbortSignal | undefined,
    /** A nextLink, used as it is: taking it apart could change it. */
    readonly wholeUrl: string | null,
    readonly batch: BatchCall | null = null,
  ) {}
}

/** A batch chooses its items when its turn has come, so that those asked for meanwhile travel with it. */
export interface BatchCall {
  body(): string;
  items(): number;
  /** Looks at the items' answers, before the turn ends. */
  judge(answer: unknown, turn: Turn): void;
}
