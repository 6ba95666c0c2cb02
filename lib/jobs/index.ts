/** The work that goes on behind the web: what each queue's jobs do. */
import { setTimeout as sleep } from "node:timers/promises";
import { isPlanbackError } from "@/lib/errors";
import { closeDatabase } from "@/lib/db";
import { startHandlers, type Handlers, type JobContext } from "@/lib/db/queue";
import { metrics } from "@/lib/telemetry/metrics";
import { tracedJob } from "@/lib/telemetry/trace";
import { capture } from "./capturePlan";
import { connectionCheck } from "./connectionCheck";
import { tellCopies } from "./copies";
import { drillDue } from "./drillDue";
import { drillRemoval } from "./drillRemoval";
import { invite } from "./invite";
import { keyCare } from "./keyCare";
import { jobLost } from "./jobLost";
import { notify } from "./notify";
import { sharePauses } from "./pauses";
import { policyDue } from "./policyDue";
import { prune } from "./prune";
import { readPlan } from "./readPlan";
import { restorePlan } from "./restorePlan";
import { restoreRun, type RestoreTimes } from "./restoreRun";
import { restoreSweep } from "./restoreSweep";
import { runStart } from "./runStart";
import { tokenExpiry } from "./tokenExpiry";
import { searchIndex, searchRebuild } from "./searchIndex";
import type { Jobs, QueueName } from "./types";
import { storeMove } from "./storeMove";
import { verify } from "./verify";
import { watch } from "./watch";
import { workspaceErase } from "./workspaceErase";

const HANDLERS: Omit<Handlers, "restore-run" | "restore-sweep" | "drill-run" | "drill-removal" | "job-lost"> = {
  "connection-check": connectionCheck,
  "policy-due": policyDue,
  "drill-due": drillDue,
  "run-start": runStart,
  "capture-plan": capture,
  "search-index": searchIndex,
  "search-rebuild": searchRebuild,
  "read-plan": readPlan,
  "restore-plan": restorePlan,
  verify,
  prune,
  "key-care": keyCare,
  "store-move": (data, context) => storeMove(data, context),
  "token-expiry": tokenExpiry,
  watch,
  notify,
  invite,
  "workspace-erase": workspaceErase,
};

/** What the worker writes to its log: names, ids and codes, never content. */
export interface WorkerLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface RunningWorker {
  /** Takes no new jobs, lets running ones go on for up to `drainMs`, then closes all connections. */
  stop(drainMs: number): Promise<void>;
}

/** Starts to take jobs of every queue. Any number of workers may run. `restoreTimes` are shorter in tests. */
export async function startWorker({ log, restoreTimes }: { log: WorkerLog; restoreTimes?: RestoreTimes }): Promise<RunningWorker> {
  const handlers: Handlers = {
    ...HANDLERS,
    "restore-run": (data, context) => restoreRun(data, context, restoreTimes),
    "restore-sweep": (data, context) => restoreSweep(data, context, restoreTimes),
    "drill-run": (data, context) => restoreRun(data, context, restoreTimes),
    "drill-removal": (data, context) => drillRemoval(data, context, restoreTimes),
    "job-lost": (data, context) => jobLost(data, context, restoreTimes),
  };
  const logged = Object.fromEntries(
    (Object.keys(handlers) as QueueName[]).map((name) => [name, withLog(log, name, handlers[name])]),
  ) as unknown as Handlers;
  const endPauses = sharePauses();
  const endCopies = tellCopies(log);
  const stop = await startHandlers(logged, (error) => log.error({ reason: reasonOf(error) }, "queue error"));
  return {
    stop: async (drainMs) => {
      await stop(drainMs);
      await Promise.all([endPauses(), endCopies()]);
      await closeDatabase();
    },
  };
}

function withLog<Q extends QueueName>(log: WorkerLog, name: Q, handler: Handlers[Q]) {
  return async (data: Jobs[Q], context: JobContext): Promise<void> => {
    const facts = { queue: name, ...data, attempt: context.attempt };
    const started = Date.now();
    const ended = (outcome: string) => {
      metrics().jobs.inc({ queue: name, outcome });
      metrics().jobSeconds.observe({ queue: name }, (Date.now() - started) / 1000);
    };
    try {
      await tracedJob(name, { ...data, attempt: context.attempt }, () => whenKeysAreThere(() => handler(data, context), context.signal, () => log.error(facts, "waits for the keys")));
      log.info({ ...facts, ms: Date.now() - started }, "job done");
      ended("done");
    } catch (error) {
      ended(context.stopping?.aborted ? "handed_back" : "failed");
      log.error({ ...facts, ms: Date.now() - started, reason: reasonOf(error) }, "job stopped");
      // The queue keeps what it is thrown, words and all, in a table that is not sealed.
      throw Object.assign(new Error("The job stopped; the log says where."), { stack: undefined });
    }
  };
}

const KEYS_AGAIN_MS = 5_000;

/** While the service that holds the keys is away a job waits instead of failing, until its time is over. */
export async function whenKeysAreThere(work: () => Promise<void>, signal: AbortSignal, waiting: () => void, everyMs = KEYS_AGAIN_MS): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPlanbackError(error, "keys_unavailable") || signal.aborted) throw error;
      waiting();
      await sleep(everyMs, undefined, { signal });
    }
  }
}

/** Messages of unforeseen errors may quote data, so only their kind and place are logged. */
function reasonOf(error: unknown): object {
  if (isPlanbackError(error)) return { code: error.code, ...error.facts };
  if (typeof error !== "object" || error === null) return { kind: typeof error };
  if (!(error instanceof Error)) return { kind: "queue", ...("code" in error ? { code: String(error.code) } : {}), ...("queue" in error ? { queue: String(error.queue) } : {}) };
  const place = error.stack?.split("\n").find((line) => line.trimStart().startsWith("at "))?.trim();
  return { kind: error.name, place, ...("code" in error ? { code: String(error.code) } : {}) };
}
