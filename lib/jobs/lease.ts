/**
 * The lease of a restore (or of the move of a workspace): one worker at a time, on the database's clock. Taking it counts the epoch up; whoever holds
 * an older epoch can write nothing any more. A lease is only taken when the one before has run out, so a request that
 * its holder has sent has ended by then.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";

export interface LeaseTimes {
  /** Requests of a restore are given up after this time. */
  requestMs: number;
  /** Longer than a request: what was begun under a lease ends under it. */
  leaseSeconds: number;
  renewMs: number;
}

/** Tables whose rows are leased. */
export type Leased = "restore" | "store_move";

export interface Lease {
  table: Leased;
  workspaceId: string;
  restoreId: string;
  epoch: number;
  seconds: number;
  /** When it was lengthened last, by this process's clock (ms). */
  renewedAt: number;
  /** Called when it is found to be lost. */
  lose: (error: PlanbackError) => void;
}

/** Takes the lease, or returns null while somebody else holds it. */
export async function takeLease(workspaceId: string, restoreId: string, owner: string, seconds: number, table: Leased = "restore"): Promise<Lease | null> {
  const renewedAt = Date.now();
  const [row] = await withWorkspace(workspaceId, (tx) => tx.$queryRaw<{ epoch: number }[]>`
    UPDATE ${Prisma.raw(table)} SET lease_epoch = lease_epoch + 1, lease_owner = ${owner}, lease_until = now() + make_interval(secs => ${seconds})
    WHERE workspace_id = ${workspaceId}::uuid AND id = ${restoreId}::uuid AND (lease_until IS NULL OR lease_until < now())
    RETURNING lease_epoch AS epoch`);
  return row ? { table, workspaceId, restoreId, epoch: row.epoch, seconds, renewedAt, lose: () => undefined } : null;
}

/**
 * Runs `work` in a transaction that first lengthens the lease. Throws `lease_lost`, and nothing of it is written, when the
 * lease went to somebody else.
 */
export async function fenced<T>(lease: Lease, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { table, workspaceId, restoreId, epoch, seconds } = lease;
  const askedAt = Date.now();
  try {
    const result = await withWorkspace(workspaceId, async (tx) => {
      const count = await tx.$executeRaw`
        UPDATE ${Prisma.raw(table)} SET lease_until = now() + make_interval(secs => ${seconds})
        WHERE workspace_id = ${workspaceId}::uuid AND id = ${restoreId}::uuid AND lease_epoch = ${epoch} AND lease_until IS NOT NULL`;
      if (count === 0) throw leaseLost();
      return work(tx);
    });
    lease.renewedAt = Math.max(lease.renewedAt, askedAt);
    return result;
  } catch (error) {
    if (isPlanbackError(error, "lease_lost")) lease.lose(error);
    throw error;
  }
}

const leaseLost = (): PlanbackError => new PlanbackError("lease_lost", "Another worker has taken this over.");

/** Gives the lease back, so that the next worker need not wait for its end. */
export async function releaseLease({ table, workspaceId, restoreId, epoch }: Lease): Promise<void> {
  await withWorkspace(workspaceId, (tx) => tx.$executeRaw`
    UPDATE ${Prisma.raw(table)} SET lease_until = NULL, lease_owner = NULL
    WHERE workspace_id = ${workspaceId}::uuid AND id = ${restoreId}::uuid AND lease_epoch = ${epoch}`);
}

/** A lease at work. */
export interface Held {
  lease: Lease;
  /** Aborts when the lease went to somebody else or the job is to stop. */
  lost: AbortSignal;
  /**
   * Lets no request out that could outlive the lease: a worker that stood still does not know yet that it was lost, but its
   * own clock says that it may be.
   */
  fetch: typeof globalThis.fetch;
  /** Throws lease_lost when what begins now could outlive the lease. */
  check(): void;
}

/**
 * Runs `work` under the lease of a restore, which is renewed meanwhile. A worker that was killed holds its lease for some
 * seconds more: a request that it has sent may still be under way.
 */
export async function underLease<T>(
  { workspaceId, id }: { workspaceId: string; id: string }, { jobId, signal, stopping }: { jobId: string; signal: AbortSignal; stopping?: AbortSignal }, times: LeaseTimes, work: (held: Held) => Promise<T>, table: Leased = "restore",
): Promise<T> {
  let taken: Lease | null;
  while (!(taken = await takeLease(workspaceId, id, jobId, times.leaseSeconds, table))) {
    await sleep(1000);
    if (signal.aborted || stopping?.aborted) throw new PlanbackError("lease_lost", "The job was interrupted and goes on in another worker.");
  }
  const lease = taken;
  const controller = new AbortController();
  lease.lose = (error) => controller.abort(error);
  // An unreachable database proves nothing: the journal's own writes will say whether the lease is still ours.
  const timer = setInterval(() => void fenced(lease, () => Promise.resolve()).catch(() => undefined), times.renewMs);
  const check = () => {
    if (Date.now() <= lease.renewedAt + lease.seconds * 1000 - times.requestMs) return;
    const error = leaseLost();
    lease.lose(error);
    throw error;
  };
  const guarded: typeof globalThis.fetch = async (input, init) => {
    check();
    return globalThis.fetch(input, init);
  };
  try {
    return await work({ lease, lost: AbortSignal.any([signal, controller.signal]), fetch: guarded, check });
  } finally {
    clearInterval(timer);
    await releaseLease(lease);
  }
}
