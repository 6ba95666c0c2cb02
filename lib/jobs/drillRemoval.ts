/** Removes the plan that a drill made and left, because the removal did not succeed or its worker died. The watch sends it again. */
import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import { type Cleared, clearDrill, readAccountFacts } from "@/lib/restore";
import { ENDED } from "@/lib/workspaces/restoreStates";
import { noteTrouble } from "./connectionRow";
import { graphFor } from "./graphFor";
import { PostgresJournal } from "./journal";
import { fenced, type Held, underLease } from "./lease";
import { findRestoreRow, openPlan, type RestoreRow } from "./restoreContext";
import { clock, noteRemoval, TIMES } from "./restoreRun";
import type { Jobs } from "./types";

export async function drillRemoval({ workspaceId, restoreId }: Jobs["drill-removal"], context: JobContext, times = TIMES): Promise<void> {
  const read = () => withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
  const found = await read();
  if (!isLeft(found)) return;
  await underLease(found, context, times, async (held) => {
    const row = await read();
    if (!isLeft(row)) return;
    const cleared = await clear(row, held, times);
    await fenced(held.lease, (tx) => noteRemoval(tx, row, cleared));
  });
}

function isLeft(row: RestoreRow | null): row is RestoreRow {
  return row !== null && row.removal === "due" && ENDED.includes(row.state) && !row.connection.removedAt;
}

async function clear(row: RestoreRow, { lease, lost, fetch }: Held, { requestMs, settleMs }: typeof TIMES): Promise<Cleared> {
  try {
    const graph = await graphFor(row.connection, "restore", { signal: lost, timeoutMs: requestMs, fetch, urgent: false });
    const { id: accountId } = await readAccountFacts(graph, []);
    return await clearDrill({ plan: await openPlan(row), journal: new PostgresJournal(lease), graph, accountId, clock, settleMs });
  } catch (error) {
    if (lost.aborted || !(error instanceof PlanbackError) || error.code === "lease_lost" || error.code === "keys_unavailable") throw error;
    await noteTrouble(row.connection, "restore", error);
    return { kind: "left", why: error.message, noAccess: error.code === "needs_sign_in" || error.code === "consent_missing" };
  }
}
