import { randomUUID } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import type { Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { Policy, Prisma } from "@/lib/generated/prisma/client";
import { record } from "./audit";
import { checkId, inWorkspace, notFound, type Membership } from "./authorise";
import { findConnection, openCatalogue, openCatalogues } from "./connections";
import { nameOf, parseInput } from "./input";
import { setSchedules } from "./policySchedules";
import { MOVING, STANDING } from "./restoreStates";
import { splitSelection, touches, type Reach } from "./reach";
import { lastRunsOf } from "./runSummaries";
import { nextRuns, scheduleInput, scheduleText } from "./schedule";
import { countPlans, selectionProblem, withKnownPlans, withoutKnownPlans, type StoredSelection } from "./selection";
import type { Actor, Catalogue, PolicySchedule, PolicyView, Retention, RunSummary } from "./types";

const graphId = z.string().min(1).max(128);
const keep = (what: string, max: number) => z.number().int().min(1, `Keep at least one ${what}.`).max(max, `At most ${max} ${what}s can be kept.`).nullable();

export const retentionInput = z.strictObject({
  keepCount: keep("snapshot", 10_000),
  keepDays: keep("day", 36_500),
  keepDaily: keep("day", 3_650).default(null),
  keepWeekly: keep("week", 1_040).default(null),
  keepMonthly: keep("month", 600).default(null),
  keepYearly: keep("year", 100).default(null),
});

export const policyInput = z.strictObject({
  name: nameOf("policy", 120),
  connectionId: z.guid("Choose a connection account."),
  selection: z.strictObject({
    groups: z.array(z.strictObject({ groupId: z.guid(), planIds: z.array(graphId).max(5000), includeNew: z.boolean() })).max(5000),
  }, { error: "Nothing is selected. Choose at least one plan. Nothing was saved." }),
  schedule: scheduleInput,
  ...retentionInput.shape,
});

/** Policies that protect something the member sees, by name. */
export async function listPolicies(actor: Actor, workspaceId: string): Promise<PolicyView[]> {
  const { rows, runs, me } = await inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const all = await tx.policy.findMany({ where: { workspaceId: me.workspaceId, removedAt: null }, orderBy: [{ name: "asc" }, { id: "asc" }] });
    const rows = all.filter((row) => touches(me.groups, storedSelection(row)));
    return { rows, runs: await lastRunsOf(tx, me.workspaceId, rows.map((row) => row.id)), me };
  });
  const catalogues = await openCatalogues(me, [...new Set(rows.map((row) => row.connectionId))]);
  return rows.map((row) => toView(row, me.groups, catalogues.get(row.connectionId) ?? null, runs.get(row.id) ?? null));
}

export async function getPolicy(actor: Actor, workspaceId: string, policyId: string): Promise<PolicyView> {
  const id = checkId(policyId, "policy");
  const { row, runs, me } = await inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) =>
    ({ me, row: await findPolicy(tx, me, id), runs: await lastRunsOf(tx, me.workspaceId, [id]) }));
  const catalogues = await openCatalogues(me, [row.connectionId]);
  return toView(row, me.groups, catalogues.get(row.connectionId) ?? null, runs.get(id) ?? null);
}

/**
 * Makes a policy, or changes `policyId`, and sets its schedule in the same transaction. Throws `invalid_input` with
 * the one thing to mend; what was saved before stays as it was. Groups that the actor does not see stay in the policy.
 * `newId`: of a policy that is made; one that was made under it already is given again.
 */
export async function savePolicy(actor: Actor, workspaceId: string, input: unknown, policyId?: string, newId: string = randomUUID()): Promise<{ id: string }> {
  const existing = policyId === undefined ? null : checkId(policyId, "policy");
  const parsed = parseInput(policyInput, input);
  // Keys are read on a connection of their own: the catalogue is opened before the transaction that writes.
  const { before, connection, groups } = await inWorkspace(actor, workspaceId, "policy.manage", async (tx, me) => ({
    groups: me.groups, before: existing ? await findPolicy(tx, me, existing) : null,
    connection: await findConnection(tx, me.workspaceId, parsed.connectionId.toLowerCase()),
  }));
  const catalogue = await openCatalogue(connection, groups);
  if (!catalogue) throw new PlanbackError("invalid_input", "The connection account has not been checked yet, so its plans are not known. Wait for the check to finish. Nothing was saved.");
  const previous = before?.connectionId === connection.id ? storedSelection(before) : null;
  const problem = selectionProblem(parsed.selection, catalogue, previous);
  if (problem) throw new PlanbackError("invalid_input", problem);
  const hidden = before ? splitSelection(groups, storedSelection(before)).hidden.groups : [];
  if (hidden.length > 0 && !previous) throw new PlanbackError("conflict", "This policy also protects groups that you do not see, so its account cannot be changed by you. Ask a person who sees all groups. Nothing was saved.");

  const data = {
    name: parsed.name, connectionId: connection.id, selection: json({ groups: [...withKnownPlans(parsed.selection, catalogue).groups, ...hidden] }),
    schedule: json(parsed.schedule), ...retentionOf(parsed),
  };
  const id = before?.id ?? newId;
  const changed = before ? Object.entries(data).filter(([name, value]) => canonicalize(value) !== canonicalize(before[name as keyof typeof data])).map(([name]) => name) : [];
  await inWorkspace(actor, workspaceId, "policy.manage", async (tx, me) => {
    const key = { workspaceId: me.workspaceId, id };
    if (!before && (await tx.policy.findUnique({ where: { workspaceId_id: key }, select: { id: true } }))) return;
    const row = before
      ? await tx.policy.update({ where: { workspaceId_id: key }, data: { ...data, ...(changed.includes("schedule") ? { dueSince: new Date() } : {}) } })
      : await tx.policy.create({ data: { ...key, ...data } });
    await setSchedules(tx, row);
    const target = { kind: "policy" as const, id };
    await record(tx, me.workspaceId, actor, before
      ? { action: "policy.changed", target, detail: { name: row.name, changed } }
      : { action: "policy.created", target, detail: { name: row.name, schedule: scheduleText(parsed.schedule, id) } });
  });
  return { id };
}

export async function setPolicyEnabled(actor: Actor, workspaceId: string, policyId: string, enabled: boolean): Promise<void> {
  const id = checkId(policyId, "policy");
  await inWorkspace(actor, workspaceId, "policy.manage", async (tx, me) => {
    const row = await findPolicy(tx, me, id);
    if (enabled) await findConnection(tx, me.workspaceId, row.connectionId);
    const data = { enabled: parseInput(z.boolean(), enabled), ...(enabled && !row.enabled ? { dueSince: new Date(), drillSince: new Date() } : {}) };
    await setSchedules(tx, await tx.policy.update({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } }, data }));
    await record(tx, me.workspaceId, actor, { action: enabled ? "policy.enabled" : "policy.disabled", target: { kind: "policy", id }, detail: { name: row.name } });
  });
}

/** Ends a policy. Its snapshots stay; a drill that is under way stops and removes its plan. */
export async function removePolicy(actor: Actor, workspaceId: string, policyId: string): Promise<void> {
  const id = checkId(policyId, "policy");
  await inWorkspace(actor, workspaceId, "policy.manage", async (tx, me) => {
    const { name } = await findPolicy(tx, me, id);
    const now = new Date();
    await setSchedules(tx, await tx.policy.update({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } }, data: { removedAt: now, enabled: false } }));
    const drills = { workspaceId: me.workspaceId, drillOf: id, cancelRequestedAt: null };
    await tx.restore.updateMany({ where: { ...drills, state: { in: STANDING } }, data: { state: "cancelled", finishedAt: now, cancelRequestedAt: now } });
    await tx.restore.updateMany({ where: { ...drills, state: { in: MOVING } }, data: { cancelRequestedAt: now } });
    await record(tx, me.workspaceId, actor, { action: "policy.removed", target: { kind: "policy", id }, detail: { name } });
  });
}

/** A policy that protects something the member sees. Throws `not_found`. */
export async function findPolicy(tx: Tx, me: Membership, id: string): Promise<Policy> {
  const row = await tx.policy.findFirst({ where: { workspaceId: me.workspaceId, id, removedAt: null } });
  if (!row || !touches(me.groups, storedSelection(row))) throw notFound("policy");
  return row;
}

export function storedSelection(row: Policy): StoredSelection {
  return row.selection as unknown as StoredSelection;
}

/** Our types have no index signature, which Prisma's JSON input asks for. */
function json(value: StoredSelection | PolicySchedule): Prisma.InputJsonObject {
  return value as unknown as Prisma.InputJsonObject;
}

const retentionOf = ({ keepCount, keepDays, keepDaily, keepWeekly, keepMonthly, keepYearly }: Retention): Retention =>
  ({ keepCount, keepDays, keepDaily, keepWeekly, keepMonthly, keepYearly });

function toView(row: Policy, groups: Reach, catalogue: Catalogue | null, lastRun: RunSummary | null): PolicyView {
  const stored = splitSelection(groups, storedSelection(row)).seen;
  const timing = row.schedule as unknown as PolicySchedule;
  return {
    id: row.id, name: row.name, connectionId: row.connectionId, selection: withoutKnownPlans(stored), schedule: timing,
    ...retentionOf(row), enabled: row.enabled,
    scheduleText: scheduleText(timing, row.id), nextRuns: row.enabled ? nextRuns(timing, row.id, 3) : [],
    planCount: countPlans(stored, catalogue), groupCount: stored.groups.length, lastRun,
  };
}
