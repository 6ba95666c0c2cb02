/** The job worker: any number of them may run beside each other. SIGTERM hands back within 25 seconds what it cannot end. */
import pino from "pino";
import { config } from "@/lib/config";
import { closeDatabase, isDatabaseReady } from "@/lib/db";
import { awaitSchema } from "@/lib/db/schema";
import { PlanbackError } from "@/lib/errors";
import { startWorker } from "@/lib/jobs";
import { startHeartbeat } from "@/lib/jobs/heartbeat";
import { measureWorker } from "@/lib/jobs/measure";
import { metrics } from "@/lib/telemetry/metrics";
import { startOpsServer } from "@/lib/telemetry/server";
import { startTracing } from "@/lib/telemetry/trace";
import { announceProcess } from "@/lib/workspaces";
import { refuseMissingKeys } from "@/lib/workspaces/rewrap";

const STOP_MS = 25_000;
/** Of that, for connections to be closed. */
const CLOSE_MS = 2_000;

async function main(): Promise<void> {
  const { logLevel, heartbeatUrl, metricsPort, traceEndpoint, version } = config();
  const log = pino({ level: logLevel, base: { process: "worker" } });
  let state: "starting" | "ready" | "stopping" = "starting";
  const notReady = async () => (state !== "ready" ? `the worker is ${state}` : (await isDatabaseReady()) ? null : "the database does not answer");
  metrics().build.set({ process: "worker", version }, 1);
  const ops = metricsPort === null ? null : await startOpsServer(metricsPort, { notReady, refresh: measureWorker });
  const endTracing = traceEndpoint ? await startTracing(traceEndpoint, "planback-worker", version) : () => Promise.resolve();
  await awaitSchema((message) => log.warn({}, message));
  await refuseMissingKeys();
  const worker = await startWorker({ log });
  const forget = announceProcess("worker");
  const stopHeartbeat = heartbeatUrl ? startHeartbeat(heartbeatUrl, (reason) => log.error({ reason }, "heartbeat failed")) : () => undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, async () => {
      if (state === "stopping") return;
      state = "stopping";
      log.info({ signal }, "worker stopping");
      setTimeout(() => process.exit(0), STOP_MS);
      stopHeartbeat();
      await worker.stop(STOP_MS - CLOSE_MS);
      await Promise.all([forget(), endTracing()]);
      await closeDatabase();
      ops?.close();
      process.exit(0);
    });
  }
  state = "ready";
  log.info({ version, ...(ops ? { metricsPort: ops.port } : {}) }, "worker ready");
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof PlanbackError ? error.message : "The worker could not start because of an unexpected problem."}\n`);
  if (!(error instanceof PlanbackError)) console.error(error);
  process.exit(1);
});
