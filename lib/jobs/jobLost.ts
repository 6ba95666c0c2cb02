import { withWorkspace, type Tx } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { noteInvitationMail } from "@/lib/workspaces/invitations";
import { finishRunWhenDone } from "@/lib/workspaces/runState";
import { giveUpRestore, type RestoreTimes } from "./restoreRun";
import type { Jobs } from "./types";

const GIVEN_UP = "This was interrupted too often and was given up. Start it again. Nothing that was stored is lost.";
const UNDER_WAY = { in: ["queued", "running"] };

/** A job has failed all its attempts: whatever waits for it is told so, and nothing stays "running" for ever. */
export async function jobLost(data: Jobs["job-lost"], context: JobContext, restoreTimes?: RestoreTimes): Promise<void> {
  if ("restoreId" in data) await giveUpRestore(data.workspaceId, data.restoreId, context, restoreTimes);
  await withWorkspace(data.workspaceId, async (tx) => {
    if ("planId" in data && "runId" in data) await losePlan(tx, data);
    else if ("runId" in data) await loseRun(tx, data);
    else if ("restoreId" in data) await loseRestorePlan(tx, data);
    else if ("verificationId" in data) await loseVerification(tx, data);
    else if ("deliveryId" in data) await loseDelivery(tx, data);
    else if ("invitationId" in data) await noteInvitationMail(tx, data.workspaceId, data.invitationId, "failed");
    else if ("connectionId" in data) await loseCheck(tx, data);
  });
}

async function losePlan(tx: Tx, { workspaceId, runId, planId }: Jobs["capture-plan"]): Promise<void> {
  const mine = { workspaceId, runId, planId, state: UNDER_WAY };
  const finishedAt = new Date();
  await tx.runPlan.updateMany({ where: { ...mine, problem: null }, data: { problem: GIVEN_UP } });
  await tx.runPlan.updateMany({ where: mine, data: { state: "failed", finishedAt } });
  await tx.snapshot.deleteMany({ where: { workspaceId, runId, planId, state: "open" } });
  await finishRunWhenDone(tx, workspaceId, runId);
}

async function loseRun(tx: Tx, { workspaceId, runId }: Jobs["run-start"]): Promise<void> {
  await tx.run.updateMany({ where: { workspaceId, id: runId, state: "queued" }, data: { state: "failed", problem: "interrupted", finishedAt: new Date() } });
}

/** The preview; a restore that ran has its report by then. */
async function loseRestorePlan(tx: Tx, { workspaceId, restoreId }: Jobs["restore-plan"]): Promise<void> {
  const mine = { workspaceId, id: restoreId, state: "planning" };
  await tx.restore.updateMany({ where: { ...mine, problem: null }, data: { problem: GIVEN_UP } });
  await tx.restore.updateMany({ where: mine, data: { state: "failed", finishedAt: new Date() } });
}

async function loseVerification(tx: Tx, { workspaceId, verificationId }: Jobs["verify"]): Promise<void> {
  await tx.verification.updateMany({ where: { workspaceId, id: verificationId, state: UNDER_WAY }, data: { state: "failed", problem: GIVEN_UP, finishedAt: new Date() } });
}

async function loseDelivery(tx: Tx, { workspaceId, deliveryId }: Jobs["notify"]): Promise<void> {
  await tx.delivery.updateMany({ where: { workspaceId, id: deliveryId, state: "queued" }, data: { state: "failed", triedAt: new Date() } });
}

async function loseCheck(tx: Tx, { workspaceId, connectionId }: Jobs["connection-check"]): Promise<void> {
  await tx.connection.updateMany({ where: { workspaceId, id: connectionId }, data: { checkState: null } });
  await tx.requirement.updateMany({ where: { workspaceId, connectionId, state: "checking" }, data: { state: "unknown" } });
}
