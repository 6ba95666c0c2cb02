/**
 * Runs a job in this process with every I/O of it counted (statements of the database, calls of the object store, requests
 * to Microsoft), so that any one of them can fail, or be the last thing its process ever does.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import pg from "pg";
import type { JobContext } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import type { ObjectStore } from "@/lib/repository";

/** error: this one fails, undone or done. exit: the process ends before or right after it. */
export const MODES = ["error before", "exit before", "error after", "exit after"] as const;
export type Mode = (typeof MODES)[number];

export class Watched {
  ios = 0;
  /** The I/O at which it happened. */
  hit: string | null = null;
  private isDead = false;
  readonly died: Promise<"died">;
  private tellDied!: (how: "died") => void;
  private readonly end = new AbortController();

  /** `failAt`: the number of the I/O, or how many come after the first one whose name begins so. */
  constructor(private failAt: number | { after: string; ios: number } = Infinity, private readonly mode: Mode = "error before", readonly onRequest: (method: string, path: string) => unknown = () => undefined) {
    this.died = new Promise((resolve) => (this.tellDied = resolve));
  }

  /** Ends when the job ends, however it ends, or its process does. */
  async run(job: (context: JobContext) => Promise<void>): Promise<"done" | "stopped" | "died"> {
    const context: JobContext = { jobId: randomUUID(), attempt: 0, signal: this.end.signal };
    const running = current.run(this, () => job(context).then(() => "done" as const, () => "stopped" as const));
    return Promise.race([running, this.died]);
  }

  /** Nothing leaves a process that has ended, so there every I/O breaks. */
  async step<T>(name: string, io: () => Promise<T>, broken: () => Promise<never>): Promise<T> {
    if (this.isDead) return broken();
    this.ios += 1;
    if (typeof this.failAt === "object" && name.startsWith(this.failAt.after)) this.failAt = this.ios + this.failAt.ios;
    const isIt = this.ios === this.failAt;
    if (isIt) this.hit = name;
    if (isIt && this.mode.endsWith("before")) return this.mishap(broken);
    const result = await io();
    if (isIt) return this.mishap(broken);
    return this.isDead ? broken() : result;
  }

  die(): void {
    this.isDead = true;
    this.tellDied("died");
    this.end.abort();
  }

  private mishap(broken: () => Promise<never>): Promise<never> {
    if (this.mode.startsWith("exit")) this.die();
    return broken();
  }
}

const current = new AsyncLocalStorage<Watched>();
const refused = () => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

/** The store with its calls on the way through here; for vi.mock. */
export function watchedStore(store: ObjectStore): ObjectStore {
  const through = <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) => (...args: A): Promise<R> => {
    const watched = current.getStore();
    return watched ? watched.step(`store ${name}`, () => call(...args), () => Promise.reject(new PlanbackError("storage_unavailable", "The storage does not answer."))) : call(...args);
  };
  return { ...store, has: through("has", store.has), get: through("get", store.get), put: through("put", store.put) };
}

type Query = (this: pg.Client, ...args: unknown[]) => unknown;

/** Begins to watch the database and the requests of this process. Returns what ends it. */
export function watchProcess(): () => void {
  const query = pg.Client.prototype.query as Query;
  const { fetch } = globalThis;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const watched = current.getStore();
    if (!watched || typeof args.at(-1) === "function") return query.apply(this, args);
    const text = String((args[0] as { text?: string }).text ?? args[0]);
    return watched.step(`database ${text.slice(0, 40)}`, () => query.apply(this, args) as Promise<unknown>, () => cut(this, () => query.call(this, "SELECT 1") as Promise<unknown>));
  } as unknown as typeof pg.Client.prototype.query;
  globalThis.fetch = async (input, init) => {
    const watched = current.getStore();
    if (!watched) return fetch(input, init);
    const [method, path] = [init?.method ?? "GET", new URL(input instanceof Request ? input.url : input).pathname];
    await watched.onRequest(method, path);
    return watched.step(`${method} ${path}`, () => fetch(input, init), () => Promise.reject(new TypeError("fetch failed", { cause: refused() })));
  };
  return () => {
    pg.Client.prototype.query = query as unknown as typeof pg.Client.prototype.query;
    globalThis.fetch = fetch;
  };
}

/** Loses the connection, as when either side dies: the server rolls back what was not committed. */
async function cut(client: pg.Client, query: () => Promise<unknown>): Promise<never> {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  await query();
  throw refused();
}
