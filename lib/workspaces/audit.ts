/**
 * The activity log: who did what, when, from where. Each entry of a workspace holds the hash of the one before, so that
 * an entry that is changed, taken out or put between shows. Entries hold ids, states and names of policies and people,
 * never content. The database lets them only be added, at the end (prisma/migrations/0003_alerts).
 */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Tx } from "@/lib/db";
import type { Audit, Prisma } from "@/lib/generated/prisma/client";
import type { Actor } from "./types";

export const AUDIT_ACTIONS = [
  "session.started", "access.refused",
  "workspace.created", "workspace.renamed", "workspace.deletion_asked", "workspace.deletion_cancelled", "workspace.keys_rotated", "workspace.recovered",
  "member.joined", "member.role_changed", "member.groups_changed", "member.ownership_transferred", "member.removed", "invitation.created", "invitation.withdrawn",
  "consent.link_created", "consent.link_withdrawn", "consent.granted", "consent.lost",
  "connection.connected", "connection.checked", "connection.removed", "connection.write_removed", "connection.extras_on", "connection.extras_off",
  "policy.created", "policy.changed", "policy.enabled", "policy.disabled", "policy.removed",
  "backup.started", "backup.cancelled",
  "plan.empty_accepted", "plan.hold_released", "plan.history_opened", "snapshot.opened", "snapshot.compared", "plan.read_live", "snapshot.exported", "search.made", "search.rebuilt", "file.downloaded",
  "restore.previewed", "restore.started", "restore.resumed", "restore.undone", "restore.cancelled",
  "drill.changed", "drill.started", "drill.plan_removed", "drill.removal_asked",
  "storage.verification_started", "storage.verification_cancelled",
  "storage.move_started", "storage.move_cancelled", "storage.moved", "storage.old_removal_asked", "storage.old_removed", "storage.own_added", "storage.own_changed", "storage.own_removed",
  "channel.created", "channel.changed", "channel.removed", "channel.tested", "messages.names_changed",
  "key.created", "key.revoked",
  "audit.verified", "audit.exported",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];
export type AuditOutcome = "done" | "refused" | "failed";
export type TargetKind = "workspace" | "member" | "invitation" | "tenant" | "link" | "connection" | "policy" | "plan" | "run" | "snapshot" | "file" | "restore" | "verification" | "move" | "store" | "channel" | "key";
export type AuditDetail = Record<string, string | number | boolean | null | string[]>;

export interface AuditEntry {
  action: AuditAction;
  target?: { kind: TargetKind; id: string };
  outcome?: AuditOutcome;
  detail?: AuditDetail;
}

/** Who does it: a signed-in person, or somebody without an account (Planback itself, an admin with a consent link). */
export type AuditActor = Pick<Actor, "tid" | "oid" | "name" | "ip" | "key"> | { name: string; ip?: string | null };
export const PLANBACK: AuditActor = { name: "Planback" };

const keyOf = (by: AuditActor): Actor["key"] => ("key" in by ? by.key : undefined);

/** Who it was, for what stays: runs and restores. */
export function signature(by: AuditActor): string {
  const key = keyOf(by);
  return key ? `${by.name} (API key ${key.name})` : by.name;
}

type Row = Omit<Audit, "hash" | "prevHash" | "detail"> & { detail: AuditDetail };

/** The hash before the first entry. */
export const GENESIS: Uint8Array<ArrayBuffer> = new Uint8Array(32);

/** SHA-256 of the hash before, followed by the entry as canonical JSON (RFC 8785). docs/threat-model.md says how to check it elsewhere. */
export function entryHash(prevHash: Uint8Array, row: Row): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(prevHash).update(canonicalize(entryJson(row))!).digest());
}

/** What is hashed of an entry, and what an export holds of it. */
export function entryJson(row: Row) {
  return {
    workspaceId: row.workspaceId, seq: row.seq, at: row.at.toISOString(),
    actor: { name: row.actorName, tid: row.actorTid, oid: row.actorOid }, ip: row.ip,
    action: row.action, target: row.targetKind === null ? null : { kind: row.targetKind, id: row.targetId }, outcome: row.outcome, detail: row.detail,
  };
}

/**
 * Adds an entry in the caller's transaction: it is there exactly if the action happened. Call it last: it holds back
 * other entries of the workspace until the transaction ends.
 */
export async function record(tx: Tx, workspaceId: string, by: AuditActor, entry: AuditEntry): Promise<void> {
  await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${workspaceId}::uuid FOR NO KEY UPDATE`;
  const last = await tx.audit.findFirst({ where: { workspaceId }, orderBy: { seq: "desc" }, select: { seq: true, hash: true } });
  const prevHash = last ? new Uint8Array(last.hash) : GENESIS;
  const person = "tid" in by ? by : null;
  const row: Row = {
    workspaceId, seq: (last?.seq ?? 0) + 1, at: new Date(),
    actorName: oneLine(by.name), actorTid: person?.tid ?? null, actorOid: person?.oid ?? null, ip: by.ip ?? null,
    action: entry.action, targetKind: entry.target?.kind ?? null, targetId: entry.target?.id ?? null, outcome: entry.outcome ?? "done",
    detail: Object.fromEntries(Object.entries({ ...entry.detail, ...keyDetail(by) }).map(([name, value]) => [name, typeof value === "string" ? oneLine(value) : value])),
  };
  await tx.audit.create({ data: { ...row, detail: row.detail as Prisma.InputJsonObject, prevHash, hash: entryHash(prevHash, row) } });
}

function keyDetail(by: AuditActor): AuditDetail {
  const key = keyOf(by);
  return key ? { apiKey: key.id, apiKeyName: key.name } : {};
}

/** Reading again within this time is the same reading. */
const READING_MS = 15 * 60_000;

/** The same for reading of content: pages are reloaded and streams opened again, so one entry serves for a quarter of an hour. */
export async function recordReading(tx: Tx, workspaceId: string, by: Actor, entry: AuditEntry & { target: { kind: TargetKind; id: string } }): Promise<void> {
  const there = await tx.audit.findMany({
    where: { workspaceId, targetId: entry.target.id, at: { gt: new Date(Date.now() - READING_MS) }, action: entry.action, actorTid: by.tid, actorOid: by.oid, ip: by.ip ?? null },
    select: { detail: true },
  });
  if (!there.some(({ detail }) => (detail as AuditDetail)["apiKey"] === by.key?.id)) await record(tx, workspaceId, by, entry);
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ").slice(0, 200).toWellFormed();
}
