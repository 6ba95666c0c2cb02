/**
 * The journal of a restore in PostgreSQL; what each method promises is said in lib/restore/journal.ts. Changes that are asked
 * for while a transaction is under way wait for it and go together into the next one: a restore that sends much at once
 * does not wait for one commit after the other.
 */
import { type Tx, withOperations } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { RestoreIntent } from "@/lib/generated/prisma/client";
import type { Intent, IntentState, Journal } from "@/lib/restore";
import type { Operation, OperationKind } from "@/lib/restore/types";
import { fenced, type Lease } from "./lease";

interface Change {
  seq: number;
  from: IntentState[];
  state: IntentState;
  begun?: true;
  lastAttemptEnd?: string;
  remoteId?: string | null;
  etag?: string | null;
  problem?: string | null;
}
/** A large plan has tens of thousands. */
const ROWS_AT_ONCE = 2_000;

interface Asked { change: Change; resolve: () => void; reject: (error: unknown) => void }

export class PostgresJournal implements Journal {
  private asked: Asked[] = [];
  private writing = false;
  private planSeq: number | undefined;

  /** `onPlan`: called when the plan is known that the restore makes, before anything else goes into it. */
  constructor(private readonly lease: Lease, private readonly onPlan?: (planId: string) => Promise<void>) {}

  async open(operations: readonly Operation[]): Promise<{ intents: Intent[]; startedAt: number }> {
    const { workspaceId, restoreId, epoch } = this.lease;
    this.planSeq = operations.find(({ kind }) => kind === "create_plan")?.seq;
    return fenced(this.lease, async (tx) => {
      const mine = { workspaceId, restoreId };
      if ((await tx.restoreIntent.count({ where: mine })) === 0) {
        await tx.$executeRaw`
          INSERT INTO restore_intent (workspace_id, restore_id, seq, kind, state, lease_epoch, updated_at)
          SELECT ${workspaceId}::uuid, ${restoreId}::uuid, seq, kind, 'pending', ${epoch}, now() FROM unnest(${operations.map(({ seq }) => seq)}::int[], ${operations.map(({ kind }) => kind)}::text[]) AS new (seq, kind)`;
      }
      await tx.restoreIntent.updateMany({ where: { ...mine, state: "inflight" }, data: { state: "unknown", lastAttemptEnd: new Date(), leaseEpoch: epoch } });
      const restore = await tx.restore.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id: restoreId } }, select: { startedAt: true, createdAt: true } });
      const intents: Intent[] = [];
      for (let more = true; more; ) {
        const rows = await tx.restoreIntent.findMany({ where: { ...mine, seq: { gt: intents.at(-1)?.seq ?? -1 } }, orderBy: { seq: "asc" }, take: ROWS_AT_ONCE });
        for (const row of rows) intents.push(toIntent(row));
        more = rows.length === ROWS_AT_ONCE;
      }
      return { intents, startedAt: (restore.startedAt ?? restore.createdAt).getTime() };
    });
  }

  begin(seq: number): Promise<void> {
    return this.change({ seq, from: ["pending", "unknown"], state: "inflight", begun: true });
  }

  async done(seq: number, { remoteId, etag, problem = null }: { remoteId: string | null; etag: string | null; problem?: string | null }): Promise<void> {
    await this.change({ seq, from: ["inflight", "unknown"], state: "done", remoteId, etag, problem });
    if (seq === this.planSeq && remoteId !== null) await this.onPlan?.(remoteId);
  }

  unknown(seq: number, at: number): Promise<void> {
    return this.change({ seq, from: ["inflight"], state: "unknown", lastAttemptEnd: new Date(at).toISOString() });
  }

  failed(seq: number, problem: string): Promise<void> {
    return this.change({ seq, from: ["inflight", "unknown"], state: "failed", problem });
  }

  skipped(seq: number, problem: string): Promise<void> {
    return this.change({ seq, from: ["pending", "inflight", "unknown"], state: "skipped", problem });
  }

  postponed(seq: number): Promise<void> {
    return this.change({ seq, from: ["inflight"], state: "pending" });
  }

  async claimed(remoteIds: readonly string[]): Promise<Set<string>> {
    const rows = await withOperations((tx) => tx.$queryRaw<{ remote_id: string }[]>`SELECT remote_id FROM operations.journaled(${remoteIds})`);
    return new Set(rows.map((row) => row.remote_id));
  }

  private change(change: Change): Promise<void> {
    return new Promise((resolve, reject) => {
      this.asked.push({ change, resolve, reject });
      if (!this.writing) void this.write();
    });
  }

  private async write(): Promise<void> {
    this.writing = true;
    await new Promise(setImmediate); // what is asked for at the same moment goes along
    while (this.asked.length > 0) await this.commit(this.nextGroup());
    this.writing = false;
  }

  /** Changes that do not touch each other: of one intent or one object there is one at most. */
  private nextGroup(): Asked[] {
    const seqs = new Set<number>();
    const ids = new Set<string>();
    const group: Asked[] = [];
    const rest: Asked[] = [];
    for (const one of this.asked) {
      const { seq, remoteId } = one.change;
      const isFree = !seqs.has(seq) && !(remoteId && ids.has(remoteId));
      (isFree ? group : rest).push(one);
      seqs.add(seq);
      if (remoteId) ids.add(remoteId);
    }
    this.asked = rest;
    return group;
  }

  private async commit(group: Asked[]): Promise<void> {
    try {
      const { written, held } = await fenced(this.lease, (tx) => this.update(tx, group.map(({ change }) => change)));
      for (const { change, resolve, reject } of group) {
        if (written.has(change.seq)) resolve();
        else if (change.remoteId && held.has(change.remoteId)) reject(new PlanbackError("conflict", "Another operation already holds that object. Nothing was written."));
        else reject(new PlanbackError("internal", `Intent ${change.seq} is not ${change.from.join(" or ")}.`));
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  private async update(tx: Tx, changes: Change[]): Promise<{ written: Set<number>; held: Set<string> }> {
    const { workspaceId, restoreId, epoch } = this.lease;
    const ids = new Map(changes.flatMap(({ seq, remoteId }) => (remoteId ? [[remoteId, seq]] : [])));
    const holders = ids.size === 0 ? [] : await tx.restoreIntent.findMany({ where: { workspaceId, remoteId: { in: [...ids.keys()] } }, select: { restoreId: true, seq: true, remoteId: true } });
    const taken = new Set(holders.flatMap(({ remoteId, ...by }) => (remoteId !== null && !(by.restoreId === restoreId && by.seq === ids.get(remoteId)) ? [remoteId] : [])));
    const free = changes.filter(({ remoteId }) => !remoteId || !taken.has(remoteId));
    const rows = await tx.$queryRaw<{ seq: number }[]>`
      UPDATE restore_intent AS i SET
        state = c.state, attempt = i.attempt + CASE WHEN c.begun THEN 1 ELSE 0 END, last_attempt_end = coalesce(c."lastAttemptEnd", i.last_attempt_end),
        remote_id = coalesce(c."remoteId", i.remote_id), etag = coalesce(c.etag, i.etag), problem = c.problem, lease_epoch = ${epoch}, updated_at = now()
      FROM jsonb_to_recordset(${JSON.stringify(free)}::jsonb) AS c(seq int, "from" text[], state text, begun boolean, "lastAttemptEnd" timestamptz, "remoteId" text, etag text, problem text)
      WHERE i.workspace_id = ${workspaceId}::uuid AND i.restore_id = ${restoreId}::uuid AND i.seq = c.seq AND i.state = ANY (c."from")
      RETURNING i.seq`;
    return { written: new Set(rows.map(({ seq }) => seq)), held: taken };
  }
}

export function toIntent(row: RestoreIntent): Intent {
  return {
    seq: row.seq, kind: row.kind as OperationKind, state: row.state as IntentState, attempt: row.attempt,
    lastAttemptEnd: row.lastAttemptEnd?.getTime() ?? null, remoteId: row.remoteId, etag: row.etag, problem: row.problem,
  };
}
