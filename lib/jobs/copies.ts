import { readCopies } from "@/lib/workspaces/installation";
import type { WorkerLog } from "./index";

const EVERY_MS = 3600_000;

/** Says in the log, now and each hour, which nightly copies are late or fail. A time at which that cannot be told is left out. Returns how to end it. */
export function tellCopies(log: WorkerLog): () => Promise<void> {
  const tell = async () => {
    for (const { workspaceId, copiedAt, problem, isLate } of await readCopies()) {
      log.error({ workspaceId, copiedAt, reason: problem }, isLate ? "the nightly copy is late" : "the nightly copy fails");
    }
  };
  let last: Promise<unknown> = tell().catch(() => undefined);
  const timer = setInterval(() => (last = tell().catch(() => undefined)), EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
    await last;
  };
}
