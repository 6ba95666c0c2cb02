/** What a request of a stalled worker made after its lease was lost is found and removed some time later, and the report says so. */
import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { readAccountFacts, type RestoreReport, sweepRestore, sweptReport } from "@/lib/restore";
import { openJson } from "@/lib/workspaces/keys";
import { MOVING, PAUSED } from "@/lib/workspaces/restoreStates";
import { PLACE } from "@/lib/workspaces/sealed";
import { graphFor } from "./graphFor";
import { PostgresJournal } from "./journal";
import { fenced, underLease } from "./lease";
import { findRestoreRow, openPlan, type RestoreRow } from "./restoreContext";
import { sealReport, sendSweep, TIMES } from "./restoreRun";
import { isTurnHeld, turnKey } from "./turn";
import type { Jobs } from "./types";

export async function restoreSweep({ workspaceId, restoreId }: Jobs["restore-sweep"], context: JobContext, times = TIMES): Promise<void> {
  const read = () => withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
  const found = await read();
  if (!maySweep(found)) return;
  if (await othersAreAtWork(found)) return void (await withWorkspace(workspaceId, (tx) => sendSweep(tx, found)));
  await underLease(found, context, times, async ({ lease, lost, fetch }) => {
    const row = await read();
    if (!maySweep(row)) return;
    const graph = await graphFor(row.connection, "restore", { signal: lost, timeoutMs: times.requestMs, fetch });
    const { id: accountId } = await readAccountFacts(graph, []);
    const swept = await sweepRestore({ plan: await openPlan(row), journal: new PostgresJournal(lease), graph, accountId, plansOnly: row.drillOf !== null, othersAreAtWork: () => othersAreAtWork(row) });
    if (swept.interrupted) await withWorkspace(workspaceId, (tx) => sendSweep(tx, row));
    // Nobody takes a drill back, and they come every week: once its plan is gone, its journal has served.
    if (row.removal === "done" && !swept.interrupted) await fenced(lease, (tx) => tx.restoreIntent.deleteMany({ where: { workspaceId, restoreId: row.id } }));
    if (swept.removed.length + swept.reported.length === 0 || !row.sealedReport) return;
    const report = sweptReport(await openJson<RestoreReport>(workspaceId, "content", PLACE.restoreReport(row.id), row.sealedReport), swept);
    const sealedReport = await sealReport(row, report);
    await fenced(lease, async (tx) => {
      const state = row.state === "different" && report.verdict === "exact" ? "verified" : row.state;
      await tx.restore.update({ where: { workspaceId_id: { workspaceId, id: row.id } }, data: { sealedReport, state } });
    });
  });
}

/** Another restore's work may look like what this one made twice: any of this workspace, and in this group or plan of others. */
async function othersAreAtWork({ workspaceId, id, targetGroupId, connection, writesTo }: RestoreRow): Promise<boolean> {
  const ours = await withWorkspace(workspaceId, (tx) => tx.restore.count({ where: { workspaceId, id: { not: id }, state: { in: MOVING }, NOT: PAUSED } }));
  const keys = [writesTo, targetGroupId && turnKey(connection.microsoftTenant.tid, targetGroupId)].flatMap((key) => key ?? []);
  return ours > 0 || isTurnHeld(keys);
}

/** A restore that goes on sends its own sweep when it ends. */
function maySweep(row: RestoreRow | null): row is RestoreRow {
  return row !== null && !MOVING.includes(row.state) && !row.connection.removedAt && row.connection.restoreState === "active";
}
