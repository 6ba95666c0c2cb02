/**
 * What the processes tell Prometheus. Labels are few and from closed lists: never a workspace, a Microsoft tenant, a
 * person or anything that somebody wrote. docs/operations.md says what to watch.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

const SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10];
const LONG_SECONDS = [0.1, 1, 5, 15, 60, 300, 900, 3600];

function create() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    jobs: new Counter({ name: "planback_jobs_total", help: "Jobs that ended in this process: done, failed (may be tried again), handed_back (the process stopped).", labelNames: ["queue", "outcome"], registers }),
    jobSeconds: new Histogram({ name: "planback_job_seconds", help: "How long jobs took.", labelNames: ["queue"], buckets: LONG_SECONDS, registers }),
    queueJobs: new Gauge({ name: "planback_queue_jobs", help: "Jobs in the queue, as every worker sees it: waiting (due now), later, active.", labelNames: ["queue", "state"], registers }),
    queueOldest: new Gauge({ name: "planback_queue_oldest_seconds", help: "For how long the oldest job that is due has waited, as every worker sees it.", labelNames: ["queue"], registers }),
    copies: new Gauge({ name: "planback_copies_behind", help: "Workspaces whose nightly copy of the rows is two days old or older (late), or failed at the last attempt (failing), as every worker sees it.", labelNames: ["state"], registers }),
    runs: new Counter({ name: "planback_runs_total", help: "Runs that ended.", labelNames: ["state"], registers }),
    snapshots: new Counter({ name: "planback_snapshots_total", help: "Captures of a plan that ended: complete, partial, failed, cancelled.", labelNames: ["state"], registers }),
    restores: new Counter({ name: "planback_restores_total", help: "Restores and drills by what reading back said: verified, different, cancelled, failed.", labelNames: ["kind", "verdict"], registers }),
    graph: new Counter({ name: "planback_graph_requests_total", help: "Requests sent to Microsoft: by status of the whole request (a $batch is as many as it holds): ok, throttled (429, 503), refused (other 4xx), failed (other 5xx), none (no answer).", labelNames: ["service", "outcome"], registers }),
    graphSeconds: new Histogram({ name: "planback_graph_request_seconds", help: "From sending a request to the last byte of its answer.", labelNames: ["service"], buckets: SECONDS, registers }),
    pauses: new Histogram({ name: "planback_graph_retry_after_seconds", help: "How long Microsoft asked to be silent, each time, also for one item of a $batch. The count is refusals, the sum is the time throttled.", labelNames: ["service"], buckets: [1, 5, 15, 60, 120, 300, 900, 3600], registers }),
    store: new Counter({ name: "planback_store_operations_total", help: "Operations on the object store: ok, missing, failed.", labelNames: ["operation", "outcome"], registers }),
    storeSeconds: new Histogram({ name: "planback_store_operation_seconds", help: "How long operations on the object store took.", labelNames: ["operation"], buckets: SECONDS, registers }),
    pool: new Gauge({ name: "planback_database_connections", help: "The process's pool of database connections: used, idle, and requests waiting for one.", labelNames: ["state"], registers }),
    http: new Histogram({ name: "planback_http_request_seconds", help: "Requests answered by the web, by the pattern of their route.", labelNames: ["route", "method", "status"], buckets: SECONDS, registers }),
    build: new Gauge({ name: "planback_build_info", help: "Always 1.", labelNames: ["process", "version"], registers }),
  };
}

/** Next bundles routes apart, each with its own copy of this module: the numbers are shared through globalThis. */
const shared = globalThis as typeof globalThis & { planbackMetrics?: ReturnType<typeof create> };

export const metrics = (): ReturnType<typeof create> => (shared.planbackMetrics ??= create());

/** What an HTTP status says of a request to Microsoft; null: no answer came. */
export function graphOutcome(status: number | null): "ok" | "throttled" | "refused" | "failed" | "none" {
  if (status === null) return "none";
  if (status === 429 || status === 503) return "throttled";
  if (status >= 500) return "failed";
  return status >= 400 ? "refused" : "ok";
}
