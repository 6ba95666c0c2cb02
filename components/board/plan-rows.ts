import type { PlanSummary } from "@/lib/workspaces/types";

/** What a row of the table of plans shows. */
export interface PlanRow extends Pick<PlanSummary, "id" | "title" | "groupName" | "tenantName" | "snapshots" | "policyNames"> {
  isGone: boolean;
  last: Pick<NonNullable<PlanSummary["lastSnapshot"]>, "state" | "takenAt" | "tasks"> | null;
}

/** One string, so that React neither walks through thousands of objects on the server nor in the browser. */
export function packPlans(plans: readonly PlanSummary[]): string {
  return JSON.stringify(plans.map(({ id, title, groupName, tenantName, snapshots, policyNames, goneAt, lastSnapshot }): PlanRow => ({
    id, title, groupName, tenantName, snapshots, policyNames, isGone: goneAt !== null,
    last: lastSnapshot && { state: lastSnapshot.state, takenAt: lastSnapshot.takenAt, tasks: lastSnapshot.tasks },
  })));
}
