/** The catalogue of a workspace, made again from the manifests in its storage: what rows of Microsoft tenants, plans and snapshots say follows from them. */
import { randomUUID } from "node:crypto";
import { withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";
import type { Manifest, Repository } from "@/lib/repository/types";
import { isId } from "./authorise";
import { sealPlanNames } from "./planNames";
import { repositoryOf } from "./repository";
import type { SnapshotDrift } from "./types";

export interface Rebuilt {
  plans: number;
  snapshots: number;
  /** Manifests, or plans, that do not open. */
  unreadable: number;
}

type Found = Pick<Manifest, "snapshotId" | "planId" | "microsoftTenantId" | "takenAt" | "complete" | "counts"> & { manifestId: string; gaps: number; quiescent: boolean };
/** What a snapshot changed since the one before. */
export type DriftOf = (repository: Repository, older: string | null, newer: string) => Promise<SnapshotDrift | null>;

/**
 * Adds a row for each manifest that no row knows; changes none that is there. A snapshot that retention took away, and whose
 * manifest still lies in storage, comes back unless a row remembers it. Calling it again adds nothing.
 */
export async function rebuildCatalogue(workspaceId: string, driftOf: DriftOf, signal: AbortSignal): Promise<Rebuilt> {
  const repository = await repositoryOf(workspaceId);
  const known = new Set(await withWorkspace(workspaceId, async (tx) =>
    (await tx.snapshot.findMany({ where: { workspaceId }, select: { id: true, manifestId: true } })).flatMap(({ id, manifestId }) => [id, ...(manifestId ? [manifestId] : [])])));
  const byPlan = new Map<string, Found[]>();
  const result: Rebuilt = { plans: 0, snapshots: 0, unreadable: 0 };
  for await (const { type, id: manifestId } of repository.listStored()) {
    signal.throwIfAborted();
    if (type !== "manifest" || known.has(manifestId)) continue;
    const found = await readFound(repository, manifestId);
    if (!found) result.unreadable++;
    else if (!known.has(found.snapshotId)) {
      known.add(found.snapshotId);
      const key = `${found.microsoftTenantId} ${found.planId}`;
      const snapshots = byPlan.get(key) ?? [];
      snapshots.push(found);
      byPlan.set(key, snapshots);
    }
  }
  for (const snapshots of byPlan.values()) {
    signal.throwIfAborted();
    const ordered = snapshots.sort((a, b) => (a.takenAt < b.takenAt ? -1 : 1));
    if (await addPlan(workspaceId, repository, ordered, driftOf)) {
      result.plans++;
      result.snapshots += ordered.length;
    } else result.unreadable += ordered.length;
  }
  return result;
}

async function readFound(repository: Repository, manifestId: string): Promise<Found | null> {
  try {
    const { snapshotId, planId, microsoftTenantId, takenAt, complete, counts, gaps, consistency } = await repository.readManifest(manifestId);
    return { manifestId, snapshotId, planId, microsoftTenantId, takenAt, complete, counts, gaps: gaps.length, quiescent: consistency.kind === "quiescent" };
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return null;
    throw error;
  }
}

/** Adds the snapshots of one plan, and the plan, in one transaction. False when nothing says which group the plan belongs to. */
async function addPlan(workspaceId: string, repository: Repository, snapshots: readonly Found[], driftOf: DriftOf): Promise<boolean> {
  const { planId: graphPlanId, microsoftTenantId: tid } = snapshots[0]!;
  const there = await withWorkspace(workspaceId, (tx) => tx.plan.findFirst({ where: { workspaceId, graphPlanId, microsoftTenant: { tid } } }));
  const about = there ? null : await aboutPlan(repository, snapshots);
  if (!there && !about) return false;
  const planId = there?.id ?? randomUUID();
  const sealedNames = about && (await sealPlanNames(workspaceId, planId, { title: about.title, groupName: about.groupName }));
  const drifts: (SnapshotDrift | null)[] = [];
  for (const [i, { manifestId }] of snapshots.entries()) {
    const before = snapshots[i - 1]?.manifestId ?? (there && (await previousOf(workspaceId, there.id, snapshots[i]!.takenAt)));
    drifts.push(await driftOf(repository, before ?? null, manifestId));
  }
  await withWorkspace(workspaceId, async (tx) => {
    const microsoftTenantId = await tenantOf(tx, workspaceId, tid);
    if (about && sealedNames) await tx.plan.create({ data: { workspaceId, id: planId, microsoftTenantId, graphPlanId, groupId: about.groupId, sealedNames } });
    const runId = await foundRun(tx, workspaceId, microsoftTenantId);
    await tx.snapshot.createMany({
      data: snapshots.map((one, i) => ({
        workspaceId, id: one.snapshotId, planId, runId, state: one.complete ? "complete" : "partial", manifestId: one.manifestId, takenAt: new Date(one.takenAt),
        counts: one.counts as unknown as Prisma.InputJsonObject, gaps: one.gaps, quiescent: one.quiescent, drift: drifts[i] ? { ...drifts[i] } : Prisma.DbNull,
      })),
    });
  });
  return true;
}

/** Title and group, from the newest snapshot that has them. */
async function aboutPlan(repository: Repository, snapshots: readonly Found[]): Promise<{ title: string; groupId: string; groupName: string } | null> {
  for (const { manifestId } of snapshots.toReversed()) {
    try {
      const records = await Array.fromAsync(repository.readRecords(manifestId, ["group", "plan"]));
      const group = records.find((record) => record.kind === "group")?.group;
      const plan = records.find((record) => record.kind === "plan")?.plan;
      const groupId = group?.id ?? plan?.container?.containerId ?? plan?.owner;
      if (plan && isId(groupId)) return { title: plan.title, groupId, groupName: group?.displayName ?? "" };
    } catch (error) {
      if (!isPlanbackError(error, "repository_damaged")) throw error;
    }
  }
  return null;
}

async function previousOf(workspaceId: string, planId: string, before: string): Promise<string | null> {
  const row = await withWorkspace(workspaceId, (tx) => tx.snapshot.findFirst({ where: { workspaceId, planId, takenAt: { lt: new Date(before) }, manifestId: { not: null } }, orderBy: { takenAt: "desc" }, select: { manifestId: true } }));
  return row?.manifestId ?? null;
}

async function tenantOf(tx: Tx, workspaceId: string, tid: string): Promise<string> {
  const there = await tx.microsoftTenant.findUnique({ where: { workspaceId_tid: { workspaceId, tid } } });
  return there?.id ?? (await tx.microsoftTenant.create({ data: { workspaceId, id: randomUUID(), tid, backupScopes: [], restoreScopes: [] } })).id;
}

export const FOUND = "Found in storage";

/** Snapshots are of a run, runs of a policy, policies of an account: one that stands for what nobody remembers, and is removed from the start. */
async function foundRun(tx: Tx, workspaceId: string, microsoftTenantId: string): Promise<string> {
  const id = workspaceId;
  const key = { workspaceId_id: { workspaceId, id } };
  if (await tx.run.findUnique({ where: key })) return id;
  const now = new Date();
  await tx.connection.create({ data: { workspaceId, id, microsoftTenantId, oid: id, name: FOUND, username: "", backupState: "needs_sign_in", restoreState: "none", removedAt: now } });
  await tx.policy.create({ data: { workspaceId, id, connectionId: id, name: FOUND, selection: { groups: [] }, schedule: { kind: "manual" }, enabled: false, removedAt: now } });
  await tx.run.create({ data: { workspaceId, id, policyId: id, trigger: "manual", state: "complete", startedAt: now, finishedAt: now } });
  return id;
}
