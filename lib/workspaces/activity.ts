import { z } from "zod";
import type { Tx } from "@/lib/db";
import type { Audit, Prisma } from "@/lib/generated/prisma/client";
import { AUDIT_ACTIONS, entryJson, record, type AuditAction, type AuditDetail, type AuditOutcome, type TargetKind } from "./audit";
import { checkChain, type Anchor, type ChainCheck } from "./auditChain";
import { asMember, inWorkspace, type Membership } from "./authorise";
import { parseInput } from "./input";
import { openPlanNames } from "./planNames";
import type { ActivityEntry, ActivityFilter, ActivityView, Actor } from "./types";

const PAGE = 50;
const BATCH = 1000;
/** What `actor` is for entries of nobody with an account. */
const NOBODY = "planback";

const day = z.iso.date("Give dates as year, month and day, such as 2026-11-25.");
const filterInput = z.object({
  actor: z.union([z.guid(), z.literal(NOBODY)], "This person is not in the activity log."),
  action: z.enum(AUDIT_ACTIONS, "There is no such action."),
  target: z.string().min(1).max(200),
  from: day,
  to: day,
  before: z.coerce.number("There is no such page.").int().positive(),
}).partial();

/** Entries of the activity log, newest first, a page at a time. Empty strings filter nothing. */
export async function listActivity(actor: Actor, workspaceId: string, filter: ActivityFilter = {}): Promise<ActivityView> {
  const given = present(filter);
  const { rows, actors, head, me } = await inWorkspace(actor, workspaceId, "audit.view", async (tx, me) => ({
    me,
    rows: await tx.audit.findMany({ where: whereOf(me.workspaceId, given), orderBy: { seq: "desc" }, take: PAGE + 1 }),
    actors: await actorsOf(tx, me.workspaceId),
    head: await headOf(tx, me.workspaceId),
  }));
  const shown = rows.slice(0, PAGE);
  const names = await targetNames(me, shown);
  return {
    entries: shown.map((row) => toEntry(row, names.get(row.targetId ?? "") ?? null)),
    next: rows.length > PAGE ? shown.at(-1)!.seq : null,
    actors, head,
  };
}

export type ActivityCheck = ChainCheck & { checkedAt: string };

/**
 * Computes every hash of the log again. `anchor` ("number:hash", as an export or a digest has it) also shows whether the
 * end was cut off or everything was written anew. The result is in the log itself.
 */
export async function verifyActivity(actor: Actor, workspaceId: string, anchor?: unknown): Promise<ActivityCheck> {
  const wanted = parseAnchor(anchor);
  const me = await inWorkspace(actor, workspaceId, "audit.view", async (_tx, membership) => membership);
  const check = await checkChain(batches(me, {}), wanted);
  await asMember(me, (tx) => record(tx, me.workspaceId, actor, {
    action: "audit.verified", outcome: check.problem ? "failed" : "done", detail: { entries: check.entries, ...(check.problem ? { problem: check.problem.kind } : {}) },
  }));
  return { ...check, checkedAt: new Date().toISOString() };
}

export interface ActivityExport { head: Anchor; rows: AsyncIterable<ExportedEntry> }
export type ExportedEntry = ReturnType<typeof entryJson> & { prevHash: string; hash: string };

/** Every entry that the filter takes, oldest first, with its hashes, up to the end of the chain at this moment (`head`). */
export async function exportActivity(actor: Actor, workspaceId: string, filter: ActivityFilter = {}): Promise<ActivityExport> {
  const given = present(filter);
  const { me, head } = await inWorkspace(actor, workspaceId, "audit.view", async (tx, me) => {
    await record(tx, me.workspaceId, actor, { action: "audit.exported", detail: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])) });
    return { me, head: (await headOf(tx, me.workspaceId))! };
  });
  async function* rows() {
    for await (const batch of batches(me, { ...given, before: head.seq + 1 })) {
      for (const row of batch) yield { ...entryJson(row), prevHash: hex(row.prevHash), hash: hex(row.hash) };
    }
  }
  return { head, rows: rows() };
}

type Filter = z.output<typeof filterInput>;
type Entry = Omit<Audit, "detail"> & { detail: AuditDetail };

function present(filter: ActivityFilter): Filter {
  return parseInput(filterInput, Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== "")));
}

function whereOf(workspaceId: string, { actor, action, target, from, to, before }: Filter): Prisma.AuditWhereInput {
  return {
    workspaceId, action, targetId: target,
    ...(actor ? { actorOid: actor === NOBODY ? null : actor } : {}),
    at: { gte: from ? new Date(`${from}T00:00:00Z`) : undefined, lt: to ? new Date(Date.parse(`${to}T00:00:00Z`) + 24 * 3600_000) : undefined },
    seq: { lt: before },
  };
}

async function* batches(me: Pick<Membership, "workspaceId" | "groups">, filter: Filter): AsyncGenerator<Entry[]> {
  for (let after = 0; ;) {
    const rows = await asMember(me, (tx) => tx.audit.findMany({
      where: { AND: [whereOf(me.workspaceId, filter), { seq: { gt: after } }] }, orderBy: { seq: "asc" }, take: BATCH,
    }));
    if (rows.length === 0) return;
    yield rows as Entry[];
    after = rows.at(-1)!.seq;
  }
}

async function headOf(tx: Tx, workspaceId: string): Promise<Anchor | null> {
  const last = await tx.audit.findFirst({ where: { workspaceId }, orderBy: { seq: "desc" }, select: { seq: true, hash: true } });
  return last && { seq: last.seq, hash: hex(last.hash) };
}

/** Under the name of each person's newest entry. */
async function actorsOf(tx: Tx, workspaceId: string): Promise<ActivityView["actors"]> {
  const rows = await tx.$queryRaw<{ oid: string | null; name: string }[]>`
    SELECT DISTINCT ON (actor_oid) actor_oid AS oid, actor_name AS name FROM audit WHERE workspace_id = ${workspaceId}::uuid ORDER BY actor_oid DESC, seq DESC`;
  return rows.map(({ oid, name }) => ({ id: oid ?? NOBODY, name: oid ? name : "Planback, and people without an account" })).sort((a, b) => a.name.localeCompare(b.name));
}

/** Names of the targets that are still there and that this member may see, by id. */
async function targetNames(me: Membership, rows: readonly Audit[]): Promise<Map<string, string>> {
  const { workspaceId } = me;
  const of = (kind: TargetKind) => ({ workspaceId, id: { in: [...new Set(rows.filter((row) => row.targetKind === kind).flatMap((row) => row.targetId ?? []))] } });
  const { named, plans } = await asMember(me, async (tx) => ({
    named: [
      ...(await tx.member.findMany({ where: of("member") })), ...(await tx.policy.findMany({ where: of("policy") })),
      ...(await tx.connection.findMany({ where: of("connection") })), ...(await tx.channel.findMany({ where: of("channel") })), ...(await tx.apiKey.findMany({ where: of("key") })),
      ...(await tx.microsoftTenant.findMany({ where: of("tenant") })).map(({ id, name, tid }) => ({ id, name: name ?? tid })),
      ...(await tx.run.findMany({ where: of("run"), include: { policy: { select: { name: true } } } })).map(({ id, policy }) => ({ id, name: policy.name })),
    ].map(({ id, name }) => [id, name] as const),
    plans: [
      ...(await tx.plan.findMany({ where: of("plan") })).map((plan) => ({ id: plan.id, plan })),
      ...(await tx.snapshot.findMany({ where: of("snapshot"), include: { plan: true } })),
      ...(await tx.restore.findMany({ where: of("restore"), include: { snapshot: { include: { plan: true } } } })).map(({ id, snapshot }) => ({ id, plan: snapshot.plan })),
    ],
  }));
  const titles = await Promise.all(plans.map(async ({ id, plan }) => [id, (await openPlanNames(plan)).title] as const));
  return new Map([...named, ...titles]);
}

function toEntry(row: Audit, name: string | null): ActivityEntry {
  return {
    seq: row.seq, at: row.at.toISOString(), actor: row.actorName, isPlanback: row.actorOid === null, ip: row.ip, action: row.action as AuditAction, outcome: row.outcome as AuditOutcome,
    target: row.targetKind === null || row.targetId === null ? null : { kind: row.targetKind as TargetKind, id: row.targetId, name }, detail: row.detail as AuditDetail,
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function parseAnchor(given: unknown): Anchor | null {
  if (given === undefined || given === null || given === "") return null;
  const text = parseInput(z.string().trim().regex(/^[1-9]\d{0,8}:[0-9a-f]{64}$/i, "An anchor is a number, a colon and 64 hexadecimal digits, as in the last line of an export."), given);
  const [seq, hash] = text.split(":") as [string, string];
  return { seq: Number(seq), hash: hash.toLowerCase() };
}
