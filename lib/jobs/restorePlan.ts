/** The dry run: computes what a restore would do, from the snapshot and what is there now. Writes nothing to Microsoft 365. */
import { withWorkspace } from "@/lib/db";
import { send, type JobContext } from "@/lib/db/queue";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import { inTurns } from "@/lib/repository/parallel";
import {
  type AccountFacts, type Creations, followCopies, followSuccessors, hashSteps, planSteps, readAccountFacts, readLiveTarget, readSuccessors, type RestorePlan, type UndoFacts, undoFactsOf,
} from "@/lib/restore";
import { creationsForPlan } from "@/lib/workspaces/creations";
import { sealJson } from "@/lib/workspaces/keys";
import { PLACE } from "@/lib/workspaces/sealed";
import { connectionRemoved, noteTrouble } from "./connectionRow";
import { giveBack } from "./giveBack";
import { graphWith, scopesInToken, tokensFor } from "./graphFor";
import { toIntent } from "./journal";
import { isPassing } from "./passing";
import { changeRestore, findRestoreRow, openPlan, openSource, problemSentence, type RestoreRow, type RestoreSource } from "./restoreContext";
import { turnOf } from "./turn";
import type { Jobs } from "./types";

export async function restorePlan({ workspaceId, restoreId }: Jobs["restore-plan"], { signal }: JobContext): Promise<void> {
  const row = await withWorkspace(workspaceId, (tx) => findRestoreRow(tx, workspaceId, restoreId));
  if (row?.state !== "planning") return;
  try {
    await plan(row, signal);
  } catch (error) {
    if (signal.aborted || isPlanbackError(error, "lease_lost")) throw error;
    await noteTrouble(row.connection, "restore", error);
    await changeRestore(row, ["planning"], { problem: problemSentence(error) });
    if (isPassing(error)) throw error;
    await withWorkspace(workspaceId, async (tx) => {
      await tx.restore.updateMany({ where: { workspaceId, id: restoreId, state: "planning" }, data: { state: "failed", finishedAt: new Date() } });
      if (row.drillOf !== null) await send("watch", { workspaceId }, { tx });
    });
  }
}

async function plan(row: RestoreRow, signal: AbortSignal): Promise<void> {
  if (row.connection.removedAt) throw connectionRemoved();
  const tokens = await tokensFor(row.connection, "restore");
  const graph = graphWith(row.connection, "restore", tokens, { signal, urgent: row.drillOf === null });
  const built = await planNow(row, graph, await readAccountFacts(graph, scopesInToken(await tokens()) ?? []));
  const columns = { ...(await sealedPlan(row, built)), problem: null };
  if (row.drillOf !== null) return startDrill(row, built, columns);
  await changeRestore(row, ["planning"], { ...columns, state: built.blockers.length > 0 ? "blocked" : "planned" });
}

/** Nobody has to confirm a drill: that was done when it was asked for. */
async function startDrill({ workspaceId, id }: RestoreRow, { blockers }: RestorePlan, columns: Awaited<ReturnType<typeof sealedPlan>>): Promise<void> {
  if (blockers.length > 0) throw blocked(blockers);
  await withWorkspace(workspaceId, async (tx) => {
    const { count } = await tx.restore.updateMany({ where: { workspaceId, id, state: "planning" }, data: { ...columns, state: "running", startedAt: new Date(), removal: "due" } });
    if (count === 1) await send("drill-run", { workspaceId, restoreId: id }, { tx });
  });
}

/** Nobody is asked in a drill: what stands in its way is why it failed. */
export const blocked = (blockers: RestorePlan["blockers"]): PlanbackError => new PlanbackError("conflict", `${blockers.map(({ message }) => message).join(" ")} Nothing was written.`);

/** The restore plan as the target is at this moment. */
export async function planNow(row: RestoreRow, graph: GraphApi, account: AccountFacts): Promise<RestorePlan> {
  const source = await openSource(row);
  const creations = await creationsBefore(row, source);
  const ids = await readSuccessors({ graph, snapshot: source.content, request: source.request, creations });
  const { snapshot, request } = followSuccessors(source.content, source.request, ids);
  const { live, people } = await readLiveTarget({ graph, snapshot, request, extras: row.connection.extras });
  const { copies, ...target } = live ? await followCopies({ graph, repository: source.repository, snapshot, request, live, creations }) : { copies: {}, snapshot, live };
  const successors = { ...ids, ...copies };
  const gaps = source.gaps.map((gap) => ({ ...gap, ...(gap.taskId ? { taskId: ids[gap.taskId] ?? gap.taskId } : {}) }));
  return inTurns(planSteps({ ...target, gaps, request, account, people, restoreId: row.id, extras: row.connection.extras, undo: await undone(row), successors }));
}

/** Id in the snapshot -> live id that other restores in place have made for it. */
export async function successorsNow(row: RestoreRow, source: RestoreSource, graph: GraphApi): Promise<RestorePlan["successors"]> {
  return readSuccessors({ graph, snapshot: source.content, request: source.request, creations: await creationsBefore(row, source) });
}

async function creationsBefore(row: RestoreRow, { request }: RestoreSource): Promise<Creations> {
  return request.target.kind === "in_place" ? creationsForPlan(row.workspaceId, row.snapshot.planId, row.id) : new Map();
}

/** The columns that hold a restore plan. */
export async function sealedPlan({ workspaceId, id, connection }: RestoreRow, plan: RestorePlan) {
  giveBack(); // the snapshot and the target are not held any more
  return {
    writesTo: turnOf(connection.microsoftTenant.tid, plan), sealedPlan: await sealJson(workspaceId, "content", PLACE.restorePlan(id), plan), planHash: await inTurns(hashSteps(plan)), total: plan.operations.length };
}

/** For an undo: what the restore did that it takes back. */
async function undone({ workspaceId, undoOf }: RestoreRow): Promise<UndoFacts | undefined> {
  if (undoOf === null) return undefined;
  const row = await withWorkspace(workspaceId, (tx) => tx.restore.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id: undoOf } }, include: { intents: true }, omit: { sealedPlan: true } }));
  return undoFactsOf(await openPlan(row), row.intents.map(toIntent));
}
