import { poolState } from "@/lib/db";
import { metrics } from "@/lib/telemetry/metrics";
import { readQueues } from "@/lib/workspaces/installation";

/** Sets what is asked for when somebody scrapes: the queues and the pool of connections. */
export async function measureWorker(): Promise<void> {
  const { queueJobs, queueOldest, pool } = metrics();
  for (const [state, value] of Object.entries(poolState())) pool.set({ state }, value);
  queueJobs.reset(); // rather nothing than what was
  queueOldest.reset();
  for (const { queue, waiting, later, active, oldestSeconds } of await readQueues()) {
    for (const [state, value] of Object.entries({ waiting, later, active })) queueJobs.set({ queue, state }, value);
    queueOldest.set({ queue }, oldestSeconds ?? 0);
  }
}
