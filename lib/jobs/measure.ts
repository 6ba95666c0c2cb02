import { poolState } from "@/lib/db";
import { metrics } from "@/lib/telemetry/metrics";
import { readCopies, readQueues } from "@/lib/workspaces/installation";

/** Sets what is asked for when somebody scrapes: the queues, the pool of connections, and nightly copies that are behind. */
export async function measureWorker(): Promise<void> {
  const { queueJobs, queueOldest, copies, pool } = metrics();
  for (const [state, value] of Object.entries(poolState())) pool.set({ state }, value);
  queueJobs.reset(); // rather nothing than what was
  queueOldest.reset();
  copies.reset();
  for (const { queue, waiting, later, active, oldestSeconds } of await readQueues()) {
    for (const [state, value] of Object.entries({ waiting, later, active })) queueJobs.set({ queue, state }, value);
    queueOldest.set({ queue }, oldestSeconds ?? 0);
  }
  const behind = await readCopies();
  const late = behind.filter(({ isLate }) => isLate).length;
  copies.set({ state: "late" }, late);
  copies.set({ state: "failing" }, behind.length - late);
}
