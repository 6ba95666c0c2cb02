/** The dry run: computes what a restore would do, from the snapshot and what is there now. Writes nothing to Microsoft 365. */
import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { isPlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import {
  type AccountFacts, buildRestorePlan, followSuccessors, planHash, readAccountFacts, readLiveTarget, readSuccessors, type RestorePlan, type UndoFacts, undoFactsOf,
} from "@/lib/restore";
import { creationsForPlan } from "@/lib/workspaces/creations";
import { sealJson } from "@/lib/workspaces/keys";
import { PLACE } from "@/lib/workspaces/sealed";
import { connectionRemoved, noteTrouble } from "./connectionRow";
import { graphWith, scopesInToken, tokensFor } from "./graphFor";
import { toIntent } from "./journal";
import { isPassing } from "./passing";
import { changeRestore, findRestoreRow, openPlan, openSource, problemSentence, type RestoreRow, type RestoreSource } from "./restoreContext";
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
  const source = await openSource(row);
  const tokens = await tokensFor(row.connection, "restore");
  const graph = graphWith(row.connection, "restore", tokens, { signal });
  const built = await planNow(row, source, graph, await readAccountFacts(graph, scopesInToken(await tokens()) ?? []));
  await changeRestore(row, ["planning"], { ...(await sealedPlan(row, built)), state: built.blockers.length > 0 ? "blocked" : "planned", problem: null });
}

/** The restore plan as the target is at this moment. */
export async function planNow(row: RestoreRow, source: RestoreSource, graph: GraphApi, account: AccountFacts): Promise<RestorePlan> {
  const successors = await readSuccessors({ graph, snapshot: source.content, request: source.request, creations: await creationsForPlan(row.workspaceId, row.snapshot.planId, row.id) });
  const { snapshot, request } = followSuccessors(source.content, source.request, successors);
  const { live, people } = await readLiveTarget({ graph, snapshot, request, extras: row.connection.extras });
  return buildRestorePlan({ snapshot, live, request, account, people, restoreId: row.id, extras: row.connection.extras, undo: await undone(row), successors });
}

/** The columns that hold a restore plan. */
export async function sealedPlan({ workspaceId, id }: RestoreRow, plan: RestorePlan) {
  return { sealedPlan: await sealJson(workspaceId, "content", PLACE.restorePlan(id), plan), planHash: planHash(plan), total: plan.operations.length };
}

/** For an undo: what the restore did that it takes back. */
async function undone({ workspaceId, undoOf }: RestoreRow): Promise<UndoFacts | undefined> {
  if (undoOf === null) return undefined;
  const row = await withWorkspace(workspaceId, (tx) => tx.restore.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id: undoOf } }, include: { intents: true } }));
  return undoFactsOf(await openPlan(row), row.intents.map(toIntent));
}
