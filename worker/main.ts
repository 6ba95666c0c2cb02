/** The job worker: no HTTP, any number of them may run beside each other. SIGTERM drains for up to 25 seconds. */
import pino from "pino";
import { config } from "@/lib/config";
import { PlanbackError } from "@/lib/errors";
import { startWorker } from "@/lib/jobs";
import { startHeartbeat } from "@/lib/jobs/heartbeat";
import { refuseMissingKeys } from "@/lib/workspaces/rewrap";

const DRAIN_MS = 25_000;

async function main(): Promise<void> {
  const log = pino({ level: config().logLevel, base: { process: "worker" } });
  await refuseMissingKeys();
  const worker = await startWorker({ log });
  const { heartbeatUrl } = config();
  const stopHeartbeat = heartbeatUrl ? startHeartbeat(heartbeatUrl, (reason) => log.error({ reason }, "heartbeat failed")) : () => undefined;
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, async () => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, "worker stopping");
      stopHeartbeat();
      await worker.stop(DRAIN_MS);
      process.exit(0);
    });
  }
  log.info({}, "worker ready");
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof PlanbackError ? error.message : "The worker could not start because of an unexpected problem."}\n`);
  if (!(error instanceof PlanbackError)) console.error(error);
  process.exit(1);
});
