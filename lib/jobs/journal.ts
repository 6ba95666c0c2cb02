/** The journal of a restore in PostgreSQL; what each method promises is said in lib/restore/journal.ts. */
import { isUniqueViolation, withWorkspace, type Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { Prisma, RestoreIntent } from "@/lib/generated/prisma/client";
import type { Intent, IntentState, Journal } from "@/lib/restore";
import type { Operation, OperationKind } from "@/lib/restore/types";
import { holdLease, type Lease } from "./lease";

export class PostgresJournal implements Journal {
  constructor(private readonly lease: Lease) {}

  async open(operations: readonly Operation[]): Promise<{ intents: Intent[]; startedAt: number }> {
    const { workspaceId, restoreId, epoch } = this.lease;
    return this.fenced(async (tx) => {
      const mine = { workspaceId, restoreId };
      if ((await tx.restoreIntent.count({ where: mine })) === 0) {
        await tx.restoreIntent.createMany({ data: operations.map(({ seq, kind }) => ({ ...mine, seq, kind, state: "pending", leaseEpoch: epoch })) });
      }
      await tx.restoreIntent.updateMany({ where: { ...mine, state: "inflight" }, data: { state: "unknown", lastAttemptEnd: new Date(), leaseEpoch: epoch } });
      const restore = await tx.restore.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id: restoreId } }, select: { startedAt: true, createdAt: true } });
      const rows = await tx.restoreIntent.findMany({ where: mine, orderBy: { seq: "asc" } });
      return { intents: rows.map(toIntent), startedAt: (restore.startedAt ?? restore.createdAt).getTime() };
    });
  }

  begin(seq: number): Promise<void> {
    return this.change(seq, ["pending", "unknown"], { state: "inflight", attempt: { increment: 1 } });
  }

  async done(seq: number, { remoteId, etag, problem = null }: { remoteId: string | null; etag: string | null; problem?: string | null }): Promise<void> {
    try {
      await this.change(seq, ["inflight", "unknown"], { state: "done", remoteId, etag, problem });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new PlanbackError("conflict", "Another operation of this restore already holds that object. Nothing was written.");
    }
  }

  unknown(seq: number, at: number): Promise<void> {
    return this.change(seq, ["inflight"], { state: "unknown", lastAttemptEnd: new Date(at) });
  }

  failed(seq: number, problem: string): Promise<void> {
    return this.change(seq, ["inflight", "unknown"], { state: "failed", problem });
  }

  skipped(seq: number, problem: string): Promise<void> {
    return this.change(seq, ["pending", "unknown"], { state: "skipped", problem });
  }

  postponed(seq: number): Promise<void> {
    return this.change(seq, ["inflight"], { state: "pending" });
  }

  async claimed(remoteIds: readonly string[]): Promise<Set<string>> {
    const { workspaceId } = this.lease;
    const rows = await withWorkspace(workspaceId, (tx) => tx.restoreIntent.findMany({ where: { workspaceId, remoteId: { in: [...remoteIds] } }, select: { remoteId: true } }));
    return new Set(rows.flatMap((row) => row.remoteId ?? []));
  }

  private change(seq: number, from: IntentState[], data: Prisma.RestoreIntentUncheckedUpdateManyInput): Promise<void> {
    const { workspaceId, restoreId, epoch } = this.lease;
    return this.fenced(async (tx) => {
      const { count } = await tx.restoreIntent.updateMany({ where: { workspaceId, restoreId, seq, state: { in: from } }, data: { ...data, leaseEpoch: epoch } });
      if (count === 0) throw new PlanbackError("internal", `Intent ${seq} is not ${from.join(" or ")}.`);
    });
  }

  private fenced<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return withWorkspace(this.lease.workspaceId, async (tx) => {
      await holdLease(tx, this.lease);
      return work(tx);
    });
  }
}

function toIntent(row: RestoreIntent): Intent {
  return {
    seq: row.seq, kind: row.kind as OperationKind, state: row.state as IntentState, attempt: row.attempt,
    lastAttemptEnd: row.lastAttemptEnd?.getTime() ?? null, remoteId: row.remoteId, etag: row.etag, problem: row.problem,
  };
}
