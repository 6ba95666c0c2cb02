/**
 * The job queue: pg-boss on the same PostgreSQL, as the application's role. A job that is sent with a transaction
 * exists only if that transaction commits, so an action and its job never part.
 */
import { PgBoss, fromPrisma } from "pg-boss";
import { config } from "@/lib/config";
import type { Jobs, QueueName } from "@/lib/jobs/types";
import { ROLE_OPTIONS, asPlanbackError, type Tx } from "./index";
import { QUEUE_SCHEMA, jobKey } from "./queues";

export interface SendOptions {
  tx?: Tx;
  /** Not before this time. */
  startAfter?: Date;
  /** What "the same job" means for queues that take one at a time; by default the id the job is about. */
  singletonKey?: string;
}

export interface JobContext { jobId: string; attempt: number; signal: AbortSignal }
export type Handlers = { [Q in QueueName]: (data: Jobs[Q], context: JobContext) => Promise<void> };

/** One instance per process; Next bundles routes apart, so it hangs on globalThis. */
const shared = globalThis as typeof globalThis & { planbackQueue?: Promise<PgBoss> };

function connection() {
  return { connectionString: config().databaseUrl, options: ROLE_OPTIONS, schema: QUEUE_SCHEMA, migrate: false, reindex: false as const, monitorVacuum: false };
}

function queue(): Promise<PgBoss> {
  shared.planbackQueue ??= open(new PgBoss({ ...connection(), max: 2, supervise: false, schedule: false })).catch((error: unknown) => {
    shared.planbackQueue = undefined;
    throw error;
  });
  return shared.planbackQueue;
}

async function open(boss: PgBoss, onError: (error: Error) => void = () => undefined): Promise<PgBoss> {
  boss.on("error", onError); // without a listener a lost connection would end the process
  try {
    await boss.start();
    return boss;
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined); // the reason it did not start is the one to tell
    throw asPlanbackError(error);
  }
}

/** Puts a job into a queue. Returns its id, or null when the same job is there already. */
export async function send<Q extends QueueName>(name: Q, data: Jobs[Q], options: SendOptions = {}): Promise<string | null> {
  const boss = await queue();
  return boss.send(name, data, {
    singletonKey: options.singletonKey ?? jobKey(data),
    group: { id: data.workspaceId },
    ...(options.startAfter ? { startAfter: options.startAfter } : {}),
    ...(options.tx ? { db: fromPrisma(options.tx) } : {}),
  });
}

/** Puts many jobs into one queue, in the caller's transaction. */
export async function sendAll<Q extends QueueName>(name: Q, jobs: Jobs[Q][], tx: Tx): Promise<void> {
  const boss = await queue();
  await boss.insert(name, jobs.map((data) => ({ data, singletonKey: jobKey(data), group: { id: data.workspaceId } })), { db: fromPrisma(tx) });
}

/** Sends `data` at each time of the cron expression in the time zone; times missed while nothing ran become one. */
export async function schedule<Q extends QueueName>(name: Q, key: string, cron: string, timeZone: string, data: Jobs[Q], tx?: Tx): Promise<void> {
  const boss = await queue();
  await boss.schedule(name, cron, data, { key, tz: timeZone, missed: "once", singletonKey: jobKey(data), ...(tx ? { db: fromPrisma(tx) } : {}) });
}

export async function unschedule(name: QueueName, key: string, tx?: Tx): Promise<void> {
  const boss = await queue();
  await boss.unschedule(name, key, tx ? { db: fromPrisma(tx) } : {});
}

/** Jobs of each queue that one worker process runs at once, and how many of them for the same workspace. */
const CONCURRENCY: Partial<Record<QueueName, { all: number; each: number }>> = {
  "connection-check": { all: 3, each: 2 },
  "capture-plan": { all: 6, each: 4 },
  "restore-run": { all: 3, each: 2 },
};

/** Starts taking jobs. The returned function stops: no new jobs, up to `drainMs` for those that run. */
export async function startHandlers(handlers: Handlers, onError: (error: Error) => void): Promise<(drainMs: number) => Promise<void>> {
  const boss = await open(new PgBoss({
    ...connection(), max: 8, useListenNotify: true,
    superviseIntervalSeconds: 1, monitorIntervalSeconds: 5, queueCacheIntervalSeconds: 5, maintenanceIntervalSeconds: 60, cronMonitorIntervalSeconds: 5, cronWorkerIntervalSeconds: 5,
  }), onError);
  shared.planbackQueue = Promise.resolve(boss);
  for (const name of Object.keys(handlers) as QueueName[]) await register(boss, name, handlers);
  return async (drainMs) => {
    shared.planbackQueue = undefined;
    await boss.stop({ graceful: true, timeout: drainMs });
  };
}

function register<Q extends QueueName>(boss: PgBoss, name: Q, handlers: Handlers): Promise<string> {
  const limit = CONCURRENCY[name] ?? { all: 2, each: 1 };
  // With NOTIFY the poll falls back to 30 s, which retries and limited jobs would have to wait for.
  // While jobs wait, one follows the other at once and not with the next poll.
  const options = { localConcurrency: limit.all, localGroupConcurrency: limit.each, pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1, burstWhenReadyExceeds: 1, batchSize: 1 };
  return boss.work<Jobs[Q]>(name, options, async (jobs) => {
    for (const job of jobs) await handlers[name](job.data, { jobId: job.id, attempt: job.retryCount, signal: job.signal });
  });
}

/** Ends the process's connection to the queue (tests, scripts). */
export async function closeQueue(): Promise<void> {
  const running = shared.planbackQueue;
  shared.planbackQueue = undefined;
  await (await running?.catch(() => undefined))?.stop({ graceful: false });
}
