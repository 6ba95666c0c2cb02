import { z } from "zod";
import { extrasAllowed, type Cloud } from "@/lib/config/clouds";
import type { Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import type { Prisma } from "@/lib/generated/prisma/client";
import { record } from "./audit";
import { asMember, checkId, inWorkspace, notFound, type Membership } from "./authorise";
import { parseInput } from "./input";
import { openJson } from "./keys";
import { endSchedules } from "./policySchedules";
import { limitCatalogue, type Reach } from "./reach";
import { PLACE, type RequirementFacts } from "./sealed";
import type { Actor, Catalogue, ConnectionView, Purpose, RequirementState, RequirementView } from "./types";

/** Policies whose drills come on a schedule: for as long as there is one, the account keeps its write access. */
export const WITH_DRILLS = { enabled: true, removedAt: null, NOT: { drillSchedule: { path: ["kind"], equals: "manual" } } } satisfies Prisma.PolicyWhereInput;
const WITH_PARTS = {
  microsoftTenant: true, requirements: true, tokenCaches: { select: { purpose: true, expiresAt: true } }, policies: { where: WITH_DRILLS, select: { id: true }, take: 1 },
} satisfies Prisma.ConnectionInclude;
type ConnectionRow = Prisma.ConnectionGetPayload<{ include: typeof WITH_PARTS }>;

/** Connections of the workspace, oldest first. */
export async function listConnections(actor: Actor, workspaceId: string): Promise<ConnectionView[]> {
  const { rows, groups } = await inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => ({
    groups: me.groups,
    rows: await tx.connection.findMany({ where: { workspaceId: me.workspaceId, removedAt: null }, include: WITH_PARTS, orderBy: [{ createdAt: "asc" }, { id: "asc" }] }),
  }));
  return Promise.all(rows.map((row) => toView(row, groups)));
}

export async function getConnection(actor: Actor, workspaceId: string, connectionId: string): Promise<ConnectionView> {
  const id = checkId(connectionId, "connection");
  const { row, groups } = await inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => ({ row: await findConnection(tx, me.workspaceId, id), groups: me.groups }));
  return toView(row, groups);
}

/** Checks the requirements again and reads the catalogue, in the worker. */
export async function recheckConnection(actor: Actor, workspaceId: string, connectionId: string): Promise<void> {
  const id = checkId(connectionId, "connection");
  await inWorkspace(actor, workspaceId, "connection.manage", async (tx, me) => {
    await findConnection(tx, me.workspaceId, id);
    await requestCheck(tx, me.workspaceId, id);
    await record(tx, me.workspaceId, actor, { action: "connection.checked", target: { kind: "connection", id } });
  });
}

/** Marks a connection as being checked and sends the check, in the caller's transaction. */
export async function requestCheck(tx: Tx, workspaceId: string, connectionId: string): Promise<void> {
  await tx.connection.update({ where: { workspaceId_id: { workspaceId, id: connectionId } }, data: { checkState: "checking" } });
  await send("connection-check", { workspaceId, connectionId }, { tx });
}

/**
 * Switches the reading (and, in restores, the writing) of Microsoft's beta interface for this account's plans. Throws
 * `invalid_input` in a cloud that does not have it.
 */
export async function setExtras(actor: Actor, workspaceId: string, connectionId: string, on: boolean): Promise<void> {
  const id = checkId(connectionId, "connection");
  const extras = parseInput(z.boolean(), on);
  await inWorkspace(actor, workspaceId, "connection.manage", async (tx, me) => {
    const { microsoftTenant } = await findConnection(tx, me.workspaceId, id);
    if (extras && !extrasAllowed(microsoftTenant.cloud as Cloud)) {
      throw new PlanbackError("invalid_input", "Microsoft's beta interface for Planner is not there in this cloud. Backups go on without it; nothing was changed.");
    }
    await tx.connection.update({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } }, data: { extras } });
    await record(tx, me.workspaceId, actor, { action: extras ? "connection.extras_on" : "connection.extras_off", target: { kind: "connection", id } });
  });
}

/** Forgets the account's tokens and what it could see, and stops its policies. Snapshots stay. */
export async function removeConnection(actor: Actor, workspaceId: string, connectionId: string): Promise<void> {
  const id = checkId(connectionId, "connection");
  await inWorkspace(actor, workspaceId, "connection.manage", async (tx, me) => {
    const { name, username } = await findConnection(tx, me.workspaceId, id);
    const mine = { workspaceId: me.workspaceId, connectionId: id };
    for (const policy of await tx.policy.findMany({ where: { ...mine, enabled: true } })) await endSchedules(tx, policy.id);
    await tx.policy.updateMany({ where: mine, data: { enabled: false } });
    await tx.tokenCache.deleteMany({ where: mine });
    await tx.requirement.deleteMany({ where: mine });
    await tx.connection.update({
      where: { workspaceId_id: { workspaceId: me.workspaceId, id } },
      data: { removedAt: new Date(), sealedCatalogue: null, catalogueAt: null, checkState: null, backupState: "needs_sign_in", restoreState: "none" },
    });
    await record(tx, me.workspaceId, actor, { action: "connection.removed", target: { kind: "connection", id }, detail: { name, username } });
  });
}

/** Erases the write token at once. Backups go on. */
export async function removeWriteAccess(actor: Actor, workspaceId: string, connectionId: string): Promise<void> {
  const id = checkId(connectionId, "connection");
  await inWorkspace(actor, workspaceId, "connection.manage", async (tx, me) => {
    await findConnection(tx, me.workspaceId, id);
    await eraseWriteToken(tx, me.workspaceId, id);
    await record(tx, me.workspaceId, actor, { action: "connection.write_removed", target: { kind: "connection", id } });
  });
}

export async function eraseWriteToken(tx: Tx, workspaceId: string, connectionId: string): Promise<void> {
  await tx.tokenCache.deleteMany({ where: { workspaceId, connectionId, purpose: "restore" } });
  await tx.connection.update({ where: { workspaceId_id: { workspaceId, id: connectionId } }, data: { restoreState: "none" } });
}

/** The groups and plans the account sees, reachable or not; null until the first check is done. */
export async function readCatalogue(actor: Actor, workspaceId: string, connectionId: string): Promise<Catalogue | null> {
  const id = checkId(connectionId, "connection");
  const { row, groups } = await inWorkspace(actor, workspaceId, "content.view", async (tx, me) => ({ row: await findConnection(tx, me.workspaceId, id), groups: me.groups }));
  return openCatalogue(row, groups);
}

export async function findConnection(tx: Tx, workspaceId: string, id: string): Promise<ConnectionRow> {
  const row = await tx.connection.findFirst({ where: { workspaceId, id, removedAt: null }, include: WITH_PARTS });
  if (!row) throw notFound("connection");
  return row;
}

/** What of it lies within `groups`. */
export async function openCatalogue(row: { workspaceId: string; id: string; sealedCatalogue: Uint8Array | null }, groups: Reach): Promise<Catalogue | null> {
  return row.sealedCatalogue ? limitCatalogue(groups, await openJson<Catalogue>(row.workspaceId, "content", PLACE.catalogue(row.id), row.sealedCatalogue)) : null;
}

/** The catalogues of several connections as the member sees them, by connection id. */
export async function openCatalogues(me: Pick<Membership, "workspaceId" | "groups">, connectionIds: string[]): Promise<Map<string, Catalogue>> {
  const rows = await asMember(me, (tx) => tx.connection.findMany({
    where: { workspaceId: me.workspaceId, id: { in: connectionIds } }, select: { workspaceId: true, id: true, sealedCatalogue: true },
  }));
  const opened = await Promise.all(rows.map(async (row) => [row.id, await openCatalogue(row, me.groups)] as const));
  return new Map(opened.filter((entry): entry is [string, Catalogue] => entry[1] !== null));
}

async function toView(row: ConnectionRow, groups: Reach): Promise<ConnectionView> {
  const catalogue = await openCatalogue(row, groups);
  const names = groups && new Set(catalogue?.groups.map(({ name }) => name));
  const reachable = catalogue?.groups.filter((group) => !group.unreachable) ?? [];
  return {
    id: row.id, microsoftTenantId: row.microsoftTenantId, tid: row.microsoftTenant.tid, tenantName: row.microsoftTenant.name,
    kind: row.kind as ConnectionView["kind"], cloud: row.microsoftTenant.cloud as Cloud, name: row.name, username: row.username,
    backupState: row.backupState as ConnectionView["backupState"],
    restoreState: row.restoreState as ConnectionView["restoreState"],
    restoreUntil: row.tokenCaches.find((cache) => cache.purpose === "restore")?.expiresAt?.toISOString() ?? null,
    keptForDrills: row.policies.length > 0,
    checking: row.checkState === "checking",
    checkedAt: row.checkedAt?.toISOString() ?? null,
    catalogueAt: row.catalogueAt?.toISOString() ?? null,
    requirements: await Promise.all(row.requirements.sort((a, b) => a.position - b.position).map((one) => toRequirement(one, names))),
    reachable: {
      groups: reachable.length,
      plans: reachable.reduce((sum, group) => sum + group.plans.filter((plan) => !plan.unreachable).length, 0),
      unreachableGroups: (catalogue?.groups.length ?? 0) - reachable.length,
    },
    extras: extrasAllowed(row.microsoftTenant.cloud as Cloud) ? row.extras : null,
  };
}

/** `names`: of the groups that may be named; null: all. */
async function toRequirement(row: ConnectionRow["requirements"][number], names: ReadonlySet<string> | null): Promise<RequirementView> {
  const facts = row.sealedFacts
    ? await openJson<RequirementFacts>(row.workspaceId, "content", PLACE.requirementFacts(row.connectionId, row.id), row.sealedFacts)
    : { title: row.id, evidence: null, remedy: null, stillWorks: null, items: [] };
  return { id: row.id, purpose: row.purpose as Purpose, state: row.state as RequirementState, checkedAt: row.checkedAt?.toISOString() ?? null, ...facts, items: facts.items.filter(({ label }) => names === null || row.id.endsWith("scopes") || names.has(label)) };
}
