import { randomUUID } from "node:crypto";
import { send } from "@/lib/db/queue";
import type { Verification } from "@/lib/generated/prisma/client";
import type { VerifyReport } from "@/lib/repository/types";
import { record } from "./audit";
import { checkId, inWorkspace, notFound } from "./authorise";
import { openJson } from "./keys";
import { PLACE } from "./sealed";
import type { Actor, VerificationView } from "./types";

const ACTIVE = ["queued", "running"];

/** Reads every stored byte of the workspace in the worker and says what is damaged. One at a time: a second call gives the first. */
export async function startVerification(actor: Actor, workspaceId: string): Promise<{ verificationId: string }> {
  return inWorkspace(actor, workspaceId, "storage.verify", async (tx, me) => {
    await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${me.workspaceId}::uuid FOR UPDATE`;
    const running = await tx.verification.findFirst({ where: { workspaceId: me.workspaceId, state: { in: ACTIVE } } });
    if (running) return { verificationId: running.id };
    const id = randomUUID();
    await tx.verification.create({ data: { workspaceId: me.workspaceId, id, startedBy: actor.name, state: "queued" } });
    await send("verify", { workspaceId: me.workspaceId, verificationId: id }, { tx });
    await record(tx, me.workspaceId, actor, { action: "storage.verification_started", target: { kind: "verification", id } });
    return { verificationId: id };
  });
}

export async function getVerification(actor: Actor, workspaceId: string, verificationId: string): Promise<VerificationView> {
  const id = checkId(verificationId, "verification");
  const row = await inWorkspace(actor, workspaceId, "workspace.view", (tx, me) => tx.verification.findFirst({ where: { workspaceId: me.workspaceId, id } }));
  if (!row) throw notFound("verification");
  return toView(row);
}

/** Newest first. */
export async function listVerifications(actor: Actor, workspaceId: string): Promise<VerificationView[]> {
  const rows = await inWorkspace(actor, workspaceId, "workspace.view", (tx, me) =>
    tx.verification.findMany({ where: { workspaceId: me.workspaceId }, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: 50 }));
  return Promise.all(rows.map(toView));
}

/** Stops a verification; the worker notices within seconds. */
export async function cancelVerification(actor: Actor, workspaceId: string, verificationId: string): Promise<void> {
  const id = checkId(verificationId, "verification");
  await inWorkspace(actor, workspaceId, "storage.verify", async (tx, me) => {
    if (!(await tx.verification.findFirst({ where: { workspaceId: me.workspaceId, id } }))) throw notFound("verification");
    const { count } = await tx.verification.updateMany({ where: { workspaceId: me.workspaceId, id, state: { in: ACTIVE } }, data: { state: "cancelled", finishedAt: new Date() } });
    if (count > 0) await record(tx, me.workspaceId, actor, { action: "storage.verification_cancelled", target: { kind: "verification", id } });
  });
}

async function toView(row: Verification): Promise<VerificationView> {
  return {
    id: row.id, startedBy: row.startedBy, state: row.state as VerificationView["state"], done: row.done, total: row.total,
    report: row.sealedReport ? await openJson<VerifyReport>(row.workspaceId, "content", PLACE.verifyReport(row.id), row.sealedReport) : null,
    problem: row.problem, createdAt: row.createdAt.toISOString(), finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
