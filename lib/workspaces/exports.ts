import { PlanbackError } from "@/lib/errors";
import { EXPORT_FORMATS, exportName, renderExport, type ExportSource } from "@/lib/export";
import { groupRecords } from "@/lib/repository";
import { record } from "./audit";
import { checkId, inWorkspace } from "./authorise";
import { openPlanNames } from "./planNames";
import { repositoryOf } from "./repository";
import { findSnapshot, withPlan } from "./snapshots";
import type { Actor } from "./types";

export interface SnapshotExport { name: string; stream: AsyncIterable<Uint8Array> }

/**
 * A snapshot, or some of its tasks (null: all), in a format of other programs. What is damaged in the storage is left out
 * and named. Throws `invalid_input` for an unknown format or when none of the tasks is in the snapshot.
 */
export async function exportSnapshot(actor: Actor, workspaceId: string, snapshotId: string, wanted: { format: string; tasks: readonly string[] | null }): Promise<SnapshotExport> {
  const id = checkId(snapshotId, "snapshot");
  const row = await inWorkspace(actor, workspaceId, "content.view", (tx, me) => findSnapshot(tx, me.workspaceId, id));
  const format = EXPORT_FORMATS.find((known) => known === wanted.format);
  if (!format) throw new PlanbackError("invalid_input", `There is no such format. Choose one of ${EXPORT_FORMATS.join(", ")}.`);
  const repository = await repositoryOf(row.workspaceId);
  const source = await read(row, repository, wanted.tasks);
  const tasks = source.content.tasks.filter((task) => !source.chosen || source.chosen.has(task.id)).length;
  if (source.chosen && tasks === 0) throw new PlanbackError("invalid_input", "None of the chosen tasks is in this snapshot. Open the snapshot and choose again.");
  await inWorkspace(actor, workspaceId, "content.view", (tx, me) =>
    record(tx, me.workspaceId, actor, { action: "snapshot.exported", target: { kind: "snapshot", id }, detail: { plan: row.planId, format, tasks } }));
  return { name: exportName(format, source), stream: renderExport(format, source, { has: (fileId) => repository.hasFile(fileId), read: (fileId) => repository.readFile(fileId) }) };
}

async function read(row: Awaited<ReturnType<typeof findSnapshot>>, repository: Awaited<ReturnType<typeof repositoryOf>>, tasks: readonly string[] | null): Promise<ExportSource> {
  const names = await openPlanNames(row.plan);
  const { manifest, records, damaged } = await repository.readSnapshotParts(row.manifestId, { bundleId: row.plan.bundleId });
  const chosen = tasks && new Set(tasks);
  return {
    content: groupRecords(withPlan(records, row.plan.graphPlanId, names.title)),
    gaps: manifest.gaps.filter((gap) => !chosen || chosen.has(gap.taskId ?? gap.id)), damaged: damaged.map((damage) => damage.affects),
    planTitle: names.title, groupName: names.groupName, takenAt: row.takenAt.toISOString(), exportedAt: new Date().toISOString(), state: row.state as ExportSource["state"], chosen,
  };
}
