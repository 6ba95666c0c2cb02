/** What the queue sends of a policy by itself: backups and drills. */
import type { Tx } from "@/lib/db";
import { schedule, unschedule } from "@/lib/db/queue";
import type { Policy } from "@/lib/generated/prisma/client";
import { cronOf } from "./schedule";
import type { DrillSchedule, PolicySchedule } from "./types";

const QUEUES = ["policy-due", "drill-due"] as const;

/** As the row says, in its transaction. Each time one was due, that one must be set again (cronOf says why). */
export async function setSchedules(tx: Tx, row: Policy, queues: readonly (typeof QUEUES)[number][] = QUEUES): Promise<void> {
  const timings = { "policy-due": row.schedule as unknown as PolicySchedule, "drill-due": row.drillSchedule as unknown as DrillSchedule };
  for (const queue of queues) {
    const cron = row.enabled ? cronOf(timings[queue], row.id) : null;
    if (cron) await schedule(queue, row.id, cron, { workspaceId: row.workspaceId, policyId: row.id }, tx);
    else await unschedule(queue, row.id, tx);
  }
}

export async function endSchedules(tx: Tx, policyId: string): Promise<void> {
  for (const queue of QUEUES) await unschedule(queue, policyId, tx);
}
