/** The dry run: computes what a restore would do, from the snapshot and what is there now. Writes nothing to Microsoft 365. */
import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { isPlanbackError } from "@/lib/errors";
import { buildRestorePlan, planHash, readAccountFacts, readLiveTarget } from "@/lib/restore";
import { sealJson } from "@/lib/workspaces/keys";
import { PLACE } from "@/lib/workspaces/sealed";
import { connectionRemoved, noteTrouble } from "./connectionRow";
import { graphWith, scopesInToken, tokensFor } from "./graphFor";
import { isPassing } from "./passing";
import { changeRestore, findRestoreRow, openSource, problemSentence, type RestoreRow } from "./restoreContext";
import type { Jobs } from "./types";

export async function restorePlan({ workspaceId, restoreId }: Jobs["restore-plan"], { signal }: JobContext): Promise<void> {
  const row = await withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
  if (row?.state !== "planning") return;
  try {
    await plan(row, signal);
  } catch (error) {
    if (isPlanbackError(error, "lease_lost")) throw error;
    await noteTrouble(row.connection, "restore", error);
    await changeRestore(row, ["planning"], { problem: problemSentence(error) });
    if (isPassing(error)) throw error;
    await changeRestore(row, ["planning"], { state: "failed", finishedAt: new Date() });
  }
}

async function plan(row: RestoreRow, signal: AbortSignal): Promise<void> {
  if (row.connection.removedAt) throw connectionRemoved();
  const { content, request } = await openSource(row);
  const tokens = await tokensFor(row.connection, "restore");
  const graph = graphWith(row.connection, "restore", tokens, { signal });
  const account = await readAccountFacts(graph, scopesInToken(await tokens()) ?? []);
  const { live, people } = await readLiveTarget({ graph, snapshot: content, request });
  const built = buildRestorePlan({ snapshot: content, live, request, account, people, restoreId: row.id });
  const sealedPlan = await sealJson(row.workspaceId, "content", PLACE.restorePlan(row.id), built);
  await changeRestore(row, ["planning"], {
    state: built.blockers.length > 0 ? "blocked" : "planned", sealedPlan, planHash: planHash(built), total: built.operations.length, problem: null,
  });
}
