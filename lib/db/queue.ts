/**
 * The job queue: pg-boss on the same PostgreSQL, as the application's role. A job that is sent with a transaction
 * exists only if that transaction commits, so an action and its job never part.
 */
import { PgBoss, fromPrisma } from "pg-boss";
import { config } from "@/lib/config";
import type { Jobs, QueueName } from "@/lib/jobs/types";
import { CUT_OFF, ROLE_OPTIONS, asPlanbackError, type Tx } from "./index";
import { QUEUE_SCHEMA, jobKey } from "./queues";

export interface SendOptions {
  tx?: Tx;
  /** Not before this time. */
  startAfter?: Date;
  /** What "the same job" means for queues that take one at a time; by default the id the job is about. */
  singletonKey?: string;
}

export interface JobContext {
  jobId: string;
  attempt: number;
  /** The job is no longer ours, or the process stops at once. */
  signal: AbortSignal;
  /** The process will stop: what cannot end within seconds finishes what is under way and throws `lease_lost`, so that another worker goes on. */
  stopping?: AbortSignal;
}
export type Handlers = { [Q in QueueName]: (data: Jobs[Q], context: JobContext) => Promise<void> };

/** One instance per process; Next bundles routes apart, so it hangs on globalThis. */
const shared = globalThis as typeof globalThis & { planbackQueue?: Promise<PgBoss> };

function connection() {
  return { connectionString: config().databaseUrl, options: ROLE_OPTIONS, ...CUT_OFF, schema: QUEUE_SCHEMA, migrate: false, reindex: false as const, monitorVacuum: false };
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

/**
 * Puts many jobs into one queue, in the caller's transaction. The first of them comes before the second of anybody else, and so on: however
 * many a workspace has waiting, another one's few are done in between.
 */
export async function sendAll<Q extends QueueName>(name: Q, jobs: Jobs[Q][], tx: Tx): Promise<void> {
  const boss = await queue();
  await boss.insert(name, jobs.map((data, position) => ({ data, priority: -position, singletonKey: jobKey(data), group: { id: data.workspaceId } })), { db: fromPrisma(tx) });
}

/** Sends `data` at each time of the cron expression (UTC); times missed while nothing ran become one. */
export async function schedule<Q extends QueueName>(name: Q, key: string, cron: string, data: Jobs[Q], tx?: Tx): Promise<void> {
  const boss = await queue();
  await boss.schedule(name, cron, data, { key, tz: "UTC", missed: "once", singletonKey: jobKey(data), ...(tx ? { db: fromPrisma(tx) } : {}) });
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

/** Of the time to stop, so much is kept for jobs that have to be interrupted, and for the queue to write that down. */
const CLEANUP_SHARE = 0.3;
const QUEUE_SHARE = 0.1;

/**
 * Starts taking jobs. The returned function stops within `drainMs`: no new jobs, time for those that run, and those that
 * have not ended by then are interrupted and handed back, which costs them none of their attempts.
 */
export async function startHandlers(handlers: Handlers, onError: (error: Error) => void): Promise<(drainMs: number) => Promise<void>> {
  const boss = await open(new PgBoss({
    ...connection(), max: 8, useListenNotify: true,
    superviseIntervalSeconds: 1, monitorIntervalSeconds: 5, queueCacheIntervalSeconds: 5, maintenanceIntervalSeconds: 60, cronMonitorIntervalSeconds: 5, cronWorkerIntervalSeconds: 5,
  }), onError);
  shared.planbackQueue = Promise.resolve(boss);
  const halt: Halt = { stopping: new AbortController(), now: new AbortController(), running: new Set() };
  for (const name of Object.keys(handlers) as QueueName[]) await register(boss, name, handlers, halt);
  return async (drainMs) => {
    await Promise.all((Object.keys(handlers) as QueueName[]).map((name) => boss.offWork(name, { wait: false })));
    halt.stopping.abort();
    await settled(halt.running, drainMs * (1 - CLEANUP_SHARE - QUEUE_SHARE));
    halt.now.abort();
    await settled(halt.running, drainMs * CLEANUP_SHARE);
    shared.planbackQueue = undefined;
    await boss.stop({ graceful: true, timeout: drainMs * QUEUE_SHARE });
  };
}

/** How the handlers of a process hear that it stops. */
interface Halt { stopping: AbortController; now: AbortController; running: Set<Promise<unknown>> }

/** Waits until all of them have ended, but no longer than `ms`. */
async function settled(running: ReadonlySet<Promise<unknown>>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([Promise.allSettled(running), enough]);
  clearTimeout(timer);
}

function register<Q extends QueueName>(boss: PgBoss, name: Q, handlers: Handlers, halt: Halt): Promise<string> {
  const limit = CONCURRENCY[name] ?? { all: 2, each: 1 };
  // With NOTIFY the poll falls back to 30 s, which retries and limited jobs would have to wait for.
  // While jobs wait, one follows the other at once and not with the next poll.
  const options = { localConcurrency: limit.all, localGroupConcurrency: limit.each, pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1, burstWhenReadyExceeds: 1, batchSize: 1 };
  return boss.work<Jobs[Q]>(name, options, async (jobs) => {
    for (const job of jobs) {
      const signal = AbortSignal.any([job.signal, halt.now.signal]);
      const work = handlers[name](job.data, { jobId: job.id, attempt: job.retryCount, signal, stopping: halt.stopping.signal });
      halt.running.add(work);
      try {
        await work;
      } catch (error) {
        if (halt.stopping.signal.aborted && !job.signal.aborted) await giveBackAttempt(boss, name, job.id);
        throw error;
      } finally {
        halt.running.delete(work);
      }
    }
  });
}

/** The attempt that begins after this one is one more than the queue allows. */
async function giveBackAttempt(boss: PgBoss, name: QueueName, jobId: string): Promise<void> {
  await boss.getDb().executeSql(`UPDATE ${QUEUE_SCHEMA}.job SET retry_limit = retry_limit + 1 WHERE name = $1 AND id = $2 AND state = 'active'`, [name, jobId]).catch(() => undefined);
}

/** Ends the process's connection to the queue (tests, scripts). */
export async function closeQueue(): Promise<void> {
  const running = shared.planbackQueue;
  shared.planbackQueue = undefined;
  await (await running?.catch(() => undefined))?.stop({ graceful: false });
}
