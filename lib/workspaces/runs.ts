import { randomUUID } from "node:crypto";
import { z } from "zod";
import { isUniqueViolation, limitToGroups, type Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import { PLANBACK, record, signature } from "./audit";
import { asMember, checkId, inWorkspace, notFound } from "./authorise";
import { parseInput } from "./input";
import { openPlanNames } from "./planNames";
import { rowsOf } from "./plans";
import { findPolicy } from "./policies";
import { finishRunWhenDone } from "./runState";
import { EVERYWHERE } from "./reach";
import { summarise } from "./runSummaries";
import type { Actor, PageRequest, RunPlanView, RunState, RunSummary, RunView } from "./types";

const requestKeyInput = z.string().min(8).max(100);
const WITH_POLICY = { policy: { select: { name: true } } };
const ACTIVE = ["queued", "running"];

/** Starts a backup of the policy now. The same request key gives the same run, however often it is sent. */
export async function startRun(actor: Actor, workspaceId: string, policyId: string, requestKey: unknown): Promise<{ runId: string }> {
  const id = checkId(policyId, "policy");
  const key = parseInput(requestKeyInput, requestKey);
  const me = await inWorkspace(actor, workspaceId, "backup.run", async (_tx, membership) => membership);
  const again = () => asMember(me, (tx) => tx.run.findUnique({ where: { workspaceId_requestKey: { workspaceId: me.workspaceId, requestKey: key } } }));
  const earlier = await again();
  if (earlier) return { runId: earlier.id };
  try {
    return await inWorkspace(actor, workspaceId, "backup.run", async (tx) => {
      const policy = await findPolicy(tx, me, id);
      await refuseDeadConnection(tx, me.workspaceId, policy.connectionId);
      return { runId: await createRun(tx, { workspaceId: me.workspaceId, policyId: id, trigger: "manual", startedBy: actor, requestKey: key }) };
    });
  } catch (error) {
    const winner = isUniqueViolation(error) ? await again() : null;
    if (!winner) throw error;
    return { runId: winner.id };
  }
}

/** Makes the row of a run and sends its first job. */
export async function createRun(
  tx: Tx, { startedBy, ...run }: { workspaceId: string; policyId: string; trigger: "manual" | "schedule"; startedBy: Actor | null; requestKey: string },
): Promise<string> {
  const id = randomUUID();
  await tx.run.create({ data: { ...run, id, startedBy: startedBy && signature(startedBy), state: "queued" } });
  await send("run-start", { workspaceId: run.workspaceId, runId: id }, { tx });
  await record(tx, run.workspaceId, startedBy ?? PLANBACK, { action: "backup.started", target: { kind: "run", id }, detail: { policy: run.policyId, trigger: run.trigger } });
  return id;
}

/** Asks a run to stop. What is stored by then stays; the worker stops within seconds. */
export async function cancelRun(actor: Actor, workspaceId: string, runId: string): Promise<void> {
  const id = checkId(runId, "run");
  await inWorkspace(actor, workspaceId, "backup.run", async (tx, me) => {
    await findRun(tx, me.workspaceId, id);
    await limitToGroups(tx, EVERYWHERE); // it ends for all of its plans
    const now = new Date();
    const { count } = await tx.run.updateMany({ where: { workspaceId: me.workspaceId, id, state: { in: ACTIVE }, cancelRequestedAt: null }, data: { cancelRequestedAt: now } });
    if (count === 0) return;
    const waiting = await tx.runPlan.updateMany({ where: { workspaceId: me.workspaceId, runId: id, state: "queued" }, data: { state: "cancelled", finishedAt: now } });
    if (waiting.count > 0) await finishRunWhenDone(tx, me.workspaceId, id);
    await record(tx, me.workspaceId, actor, { action: "backup.cancelled", target: { kind: "run", id } });
  });
}

/** Newest first. */
export async function listRuns(actor: Actor, workspaceId: string, filter: { policyId?: string } & Partial<PageRequest> = {}): Promise<RunSummary[]> {
  const policyId = filter.policyId === undefined ? undefined : checkId(filter.policyId, "policy");
  const limit = Math.min(filter.limit ?? 100, 500);
  return inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const rows = await tx.run.findMany({
      where: { workspaceId: me.workspaceId, ...(policyId ? { policyId } : {}) }, include: WITH_POLICY, orderBy: [{ createdAt: "desc" }, { id: "desc" }], ...rowsOf(me.workspaceId, { limit, after: filter.after }),
    });
    return summarise(tx, me.workspaceId, rows);
  });
}

/** A run with each of its plans. */
export async function getRun(actor: Actor, workspaceId: string, runId: string): Promise<RunView> {
  const id = checkId(runId, "run");
  const { row, summary, items } = await inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const row = await findRun(tx, me.workspaceId, id);
    const [summary] = await summarise(tx, me.workspaceId, [row]);
    return { row, summary: summary!, items: await itemsOf(tx, me.workspaceId, id) };
  });
  const views = await Promise.all(items.map(async (one) => toItem(one, await openPlanNames(one.item.plan))));
  views.sort((a, b) => a.groupName.localeCompare(b.groupName) || a.title.localeCompare(b.title));
  return { ...summary, items: views, cancelRequested: row.cancelRequestedAt !== null };
}

async function findRun(tx: Tx, workspaceId: string, id: string) {
  const row = await tx.run.findFirst({ where: { workspaceId, id }, include: WITH_POLICY });
  if (!row) throw notFound("run");
  return row;
}

async function itemsOf(tx: Tx, workspaceId: string, runId: string) {
  const items = await tx.runPlan.findMany({ where: { workspaceId, runId }, include: { plan: true } });
  const snapshots = await tx.snapshot.findMany({ where: { workspaceId, runId }, select: { id: true, gaps: true, drift: true, reading: true } });
  const losses = new Set((await tx.loss.findMany({ where: { workspaceId, snapshotId: { in: snapshots.map(({ id }) => id) } }, select: { snapshotId: true } })).map((loss) => loss.snapshotId));
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  return items.map((item) => ({ item, snapshot: byId.get(item.snapshotId ?? "") ?? null, loss: losses.has(item.snapshotId ?? "") }));
}

type Item = Awaited<ReturnType<typeof itemsOf>>[number];

function toItem({ item, snapshot, loss }: Item, names: { title: string; groupName: string }): RunPlanView {
  const facts = snapshot && { drift: snapshot.drift as RunPlanView["drift"], reading: snapshot.reading as unknown as RunPlanView["reading"] };
  return {
    planId: item.planId, ...names, state: item.state as RunState, phase: item.phase, done: item.done, total: item.total,
    waiting: item.waiting as RunPlanView["waiting"], problem: item.problem, snapshotId: item.snapshotId, gaps: snapshot?.gaps ?? 0,
    newBytes: Number(item.newBytes), requests: item.requests, drift: facts?.drift ?? null, reading: facts?.reading ?? null,
    warning: facts?.reading?.lost ? "suspiciously_empty" : loss ? "unusual_loss" : null,
    startedAt: item.startedAt?.toISOString() ?? null, finishedAt: item.finishedAt?.toISOString() ?? null,
  };
}

async function refuseDeadConnection(tx: Tx, workspaceId: string, connectionId: string): Promise<void> {
  const connection = await tx.connection.findUnique({ where: { workspaceId_id: { workspaceId, id: connectionId } } });
  if (!connection || connection.removedAt) {
    throw new PlanbackError("conflict", "The connection account of this policy was removed. Choose another account in the policy, then back up. Nothing that was backed up is lost.");
  }
  if (connection.backupState === "needs_sign_in") {
    throw new PlanbackError("needs_sign_in", "The connection account must sign in again before it can back up. Open Connections and sign in. Nothing that was backed up is lost.");
  }
  if (connection.backupState === "consent_missing") {
    throw new PlanbackError("consent_missing", "The consent for backups is missing or was removed. Open Consent and have an admin grant it. Nothing that was backed up is lost.");
  }
}
