/**
 * A line between processes over PostgreSQL's LISTEN and NOTIFY: short messages, heard by whoever is connected at that
 * moment. Needs a session of its own, so it stays silent behind a pooler that shares sessions.
 */
import pg from "pg";
import { config } from "@/lib/config";
import { ROLE_OPTIONS } from "./index";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

export interface Line {
  /** Says it to everybody on the channel, this process too. Said while there is no connection, it is lost. */
  say(message: string): void;
  end(): Promise<void>;
}

/** Opens a line and keeps it open; `connected` is called whenever it is (again). Does not throw: nothing depends on a line. */
export function openLine(channel: string, hear: (message: string) => void, connected: () => void): Line {
  const connectionString = config().databaseUrl;
  let client: pg.Client | null = null;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;

  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString, options: ROLE_OPTIONS, keepAlive: true, connectionTimeoutMillis: 10_000 });
    next.on("error", () => undefined); // "end" follows
    next.on("end", () => lost(next));
    next.on("notification", ({ payload }) => hear(payload ?? ""));
    try {
      await next.connect();
      await next.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch {
      return lost(next);
    }
    if (ended) return void (await next.end());
    client = next;
    retryMs = FIRST_RETRY_MS;
    connected();
  }

  function lost(one: pg.Client): void {
    one.removeAllListeners("end");
    void one.end().catch(() => undefined);
    if (client === one) client = null;
    if (ended || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, retryMs).unref();
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  }

  void connect();
  return {
    say: (message) => void client?.query("SELECT pg_notify($1, $2)", [channel, message]).catch(() => undefined),
    end: async () => {
      ended = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
