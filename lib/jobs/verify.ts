/** Reads every stored byte of a workspace and marks the snapshots that miss something. */
import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { VerifyReport } from "@/lib/repository/types";
import { sealJson } from "@/lib/workspaces/keys";
import { VISIBLE } from "@/lib/workspaces/plans";
import { repositoryOf } from "@/lib/workspaces/repository";
import { PLACE } from "@/lib/workspaces/sealed";
import { isPassing } from "./passing";
import { latest, stopWatch } from "./pace";
import type { Jobs } from "./types";

const ACTIVE = { in: ["queued", "running"] };

export async function verify({ workspaceId, verificationId: id }: Jobs["verify"], context: JobContext): Promise<void> {
  const mine = { workspaceId, id };
  const snapshots = await withWorkspace(workspaceId, async (tx) => {
    const { count } = await tx.verification.updateMany({ where: { ...mine, state: ACTIVE }, data: { state: "running", done: 0 } });
    if (count === 0) return null;
    const rows = await tx.snapshot.findMany({ where: { workspaceId, ...VISIBLE }, select: { id: true, manifestId: true }, orderBy: [{ planId: "asc" }, { takenAt: "asc" }] });
    return rows.flatMap((row) => (row.manifestId === null ? [] : [{ id: row.id, manifestId: row.manifestId }]));
  });
  if (!snapshots) return;
  const stop = stopWatch(() => isCancelled(workspaceId, id), context.signal);
  const progress = latest<{ done: number; total: number }>(async (data) => {
    await withWorkspace(workspaceId, (tx) => tx.verification.updateMany({ where: { ...mine, state: "running" }, data }));
  });
  try {
    const repository = await repositoryOf(workspaceId);
    const report = await repository.verify(snapshots.map((s) => s.manifestId), { signal: stop.signal, onProgress: (done, total) => progress.push({ done, total }) });
    await progress.flush();
    const damaged = new Set(report.damagedManifests);
    await store(workspaceId, id, report, snapshots.map((s) => s.id), snapshots.filter((s) => damaged.has(s.manifestId)).map((s) => s.id));
  } catch (error) {
    const reason = stop.signal.aborted ? (stop.signal.reason as unknown) : error;
    if (isPlanbackError(reason, "cancelled")) return; // the row says so already
    if (isPassing(reason) || isPlanbackError(reason, "lease_lost")) throw reason;
    const problem = reason instanceof PlanbackError ? reason.message : null;
    await withWorkspace(workspaceId, (tx) => tx.verification.updateMany({ where: { ...mine, state: "running" }, data: { state: "failed", problem, finishedAt: new Date() } }));
  } finally {
    stop.end();
  }
}

async function store(workspaceId: string, id: string, report: VerifyReport, all: string[], damaged: string[]): Promise<void> {
  const sealedReport = await sealJson(workspaceId, "content", PLACE.verifyReport(id), report);
  await withWorkspace(workspaceId, async (tx) => {
    const { count } = await tx.verification.updateMany({
      where: { workspaceId, id, state: "running" },
      data: { state: report.damaged.length === 0 ? "clean" : "damaged", sealedReport, finishedAt: new Date() },
    });
    if (count === 0) return;
    await tx.snapshot.updateMany({ where: { workspaceId, id: { in: all } }, data: { verifiedAt: new Date(), damaged: false } });
    await tx.snapshot.updateMany({ where: { workspaceId, id: { in: damaged } }, data: { damaged: true } });
  });
}

async function isCancelled(workspaceId: string, id: string): Promise<boolean> {
  const row = await withWorkspace(workspaceId, (tx) => tx.verification.findUnique({ where: { workspaceId_id: { workspaceId, id } }, select: { state: true } }));
  return row?.state === "cancelled";
}
