/** Queues and what travels in them: ids only, never content, never secrets. */
export interface Jobs extends Work {
  /** A job that failed all its attempts, as it was. */
  "job-lost": Work[keyof Work];
}

interface Work {
  /** Requirement checks, then the catalogue, of one connection. */
  "connection-check": { workspaceId: string; connectionId: string };
  /** Starts a run of a policy on its schedule. */
  "policy-due": { workspaceId: string; policyId: string };
  /** Starts a drill of a policy on its schedule. */
  "drill-due": { workspaceId: string; policyId: string };
  /** A drill is a restore in a queue of its own: no person waits behind it. */
  "drill-run": { workspaceId: string; restoreId: string };
  /** Removes the plan that a drill left. */
  "drill-removal": { workspaceId: string; restoreId: string };
  /** Expands a run's selection to plans and sends one capture-plan each. */
  "run-start": { workspaceId: string; runId: string };
  "capture-plan": { workspaceId: string; runId: string; planId: string };
  /** What follows a backup of a plan: its bundle, and the snapshots that the search does not know yet in its index. */
  "search-index": { workspaceId: string; planId: string };
  /** Makes the index of a workspace anew from its snapshots. */
  "search-rebuild": { workspaceId: string };
  "restore-plan": { workspaceId: string; restoreId: string };
  "restore-run": { workspaceId: string; restoreId: string };
  "restore-sweep": { workspaceId: string; restoreId: string };
  "verify": { workspaceId: string; verificationId: string };
  /** Gives back the storage that no snapshot needs. */
  "prune": { workspaceId: string };
  /** Keys wrapped anew, the recovery kit, the nightly copy of the rows, values sealed anew. */
  "key-care": { workspaceId: string };
  /** Takes a workspace to another storage, as far as it can now. */
  "store-move": { workspaceId: string; moveId: string };
  "token-expiry": { workspaceId: string; connectionId: string };
  /** Reads a plan as it is now, for somebody who waits. */
  "read-plan": { workspaceId: string; readingId: string };
  /** Looks for what needs a person, every five minutes. */
  "watch": { workspaceId: string };
  /** Sends an invitation by e-mail. */
  "invite": { workspaceId: string; invitationId: string };
  /** Carries out the deletion of a workspace whose time is over, as far as it can now. */
  "workspace-erase": { workspaceId: string };
  /** Sends one message to one channel. */
  "notify": { workspaceId: string; deliveryId: string };
}
export type QueueName = keyof Jobs;
