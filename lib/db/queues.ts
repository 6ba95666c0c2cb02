import type { Queue } from "pg-boss";
import type { Jobs, QueueName } from "@/lib/jobs/types";

/** The schema of the queue's own tables. */
export const QUEUE_SCHEMA = "jobs";

/** Seconds without a sign of life after which a job is given to another worker. pg-boss allows no less. */
const HEARTBEAT_SECONDS = 10;

/** How long a job that has ended is kept: for looking at it when something went wrong. Its outcome is in the rows it is about. */
const KEPT_SECONDS = 6 * 3600;

/** How often a message that could not be delivered is sent again. */
export const NOTIFY_RETRIES = 8;

const LOST = "job-lost";
const short = { expireInSeconds: 15 * 60, retryLimit: 4, deadLetter: LOST };
const long = { expireInSeconds: 20 * 3600, retryLimit: 5, deadLetter: LOST };
/** At most one job per key, waiting or running: sending it again while it is there does nothing. */
const once = { policy: "exclusive" } as const;

const queues: Record<QueueName, Omit<Queue, "name">> = {
  // First: the others name it.
  [LOST]: { expireInSeconds: 15 * 60, retryLimit: 20 },
  "connection-check": { ...once, ...short },
  "policy-due": { ...short },
  "drill-due": { ...short },
  "drill-run": { ...once, ...long },
  "drill-removal": { ...once, ...short },
  "run-start": { ...once, ...short },
  // Two runs may hold the same plan: they capture it one after the other (key: the plan).
  "capture-plan": { policy: "singleton", ...long },
  // One waits while one works: a snapshot that comes meanwhile is taken in by the next.
  "search-index": { policy: "stately", ...long },
  "search-rebuild": { ...once, ...short },
  // Whoever waits has given up after a minute.
  "read-plan": { ...once, expireInSeconds: 60, retryLimit: 1 },
  "restore-plan": { ...once, ...short },
  "restore-run": { ...once, ...long },
  // Nothing waits for it, and its restore may be running again by then.
  "restore-sweep": { expireInSeconds: 15 * 60, retryLimit: 4 },
  verify: { ...once, ...long },
  prune: { ...once, ...long },
  "key-care": { ...once, ...long },
  "store-move": { ...once, ...long },
  "token-expiry": { ...short },
  // One waits while one works: what happens during a look is seen by the next.
  watch: { policy: "stately", ...short },
  "workspace-erase": { ...once, ...long },
  // Eight attempts within about three hours.
  notify: { ...once, ...short, retryLimit: NOTIFY_RETRIES, retryDelay: 60, retryDelayMax: 3600 },
  invite: { ...once, ...short, retryLimit: NOTIFY_RETRIES, retryDelay: 60, retryDelayMax: 3600 },
};

/** Every queue with its options, as made by lib/db/migrate.ts. */
export const QUEUES = Object.entries(queues).map(([name, { policy, ...options }]) => ({
  name: name as QueueName,
  /** Fixed when the queue is made; the options may change with a later build. */
  policy,
  options: { retryDelay: 2, retryBackoff: true, retryDelayMax: 60, heartbeatSeconds: HEARTBEAT_SECONDS, deleteAfterSeconds: KEPT_SECONDS, notify: true, ...options },
}));

/** What a job is about: two jobs of one queue with the same key are the same job. */
export function jobKey(data: Jobs[QueueName]): string {
  if ("planId" in data) return data.planId;
  if ("runId" in data) return data.runId;
  if ("restoreId" in data) return data.restoreId;
  if ("verificationId" in data) return data.verificationId;
  if ("moveId" in data) return data.moveId;
  if ("readingId" in data) return data.readingId;
  if ("deliveryId" in data) return data.deliveryId;
  if ("invitationId" in data) return data.invitationId;
  if ("policyId" in data) return data.policyId;
  return "connectionId" in data ? data.connectionId : data.workspaceId;
}
