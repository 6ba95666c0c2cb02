/**
 * The lease of a restore: one worker at a time, on the database's clock. Taking it counts the epoch up; whoever holds
 * an older epoch can write nothing any more. A lease is only taken when the one before has run out, so a request that
 * its holder has sent has ended by then.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError, PlanbackError } from "@/lib/errors";

export interface LeaseTimes {
  /** Requests of a restore are given up after this time. */
  requestMs: number;
  /** Longer than a request: what was begun under a lease ends under it. */
  leaseSeconds: number;
  renewMs: number;
}

export interface Lease { workspaceId: string; restoreId: string; epoch: number; seconds: number }

/** Takes the lease, or returns null while somebody else holds it. */
export async function takeLease(workspaceId: string, restoreId: string, owner: string, seconds: number): Promise<Lease | null> {
  const [row] = await withWorkspace(workspaceId, (tx) => tx.$queryRaw<{ epoch: number }[]>`
    UPDATE restore SET lease_epoch = lease_epoch + 1, lease_owner = ${owner}, lease_until = now() + make_interval(secs => ${seconds})
    WHERE workspace_id = ${workspaceId}::uuid AND id = ${restoreId}::uuid AND (lease_until IS NULL OR lease_until < now())
    RETURNING lease_epoch AS epoch`);
  return row ? { workspaceId, restoreId, epoch: row.epoch, seconds } : null;
}

/** Lengthens the lease in the caller's transaction. Throws `lease_lost` when it went to somebody else. */
export async function holdLease(tx: Tx, { workspaceId, restoreId, epoch, seconds }: Lease): Promise<void> {
  const count = await tx.$executeRaw`
    UPDATE restore SET lease_until = now() + make_interval(secs => ${seconds})
    WHERE workspace_id = ${workspaceId}::uuid AND id = ${restoreId}::uuid AND lease_epoch = ${epoch} AND lease_until IS NOT NULL`;
  if (count === 0) throw new PlanbackError("lease_lost", "Another worker has taken over this restore.");
}

/** Gives the lease back, so that the next worker need not wait for its end. */
export async function releaseLease({ workspaceId, restoreId, epoch }: Lease): Promise<void> {
  await withWorkspace(workspaceId, (tx) => tx.$executeRaw`
    UPDATE restore SET lease_until = NULL, lease_owner = NULL
    WHERE workspace_id = ${workspaceId}::uuid AND id = ${restoreId}::uuid AND lease_epoch = ${epoch}`);
}

/**
 * Runs `work` under the lease of a restore, which is renewed meanwhile; `lost` aborts when it went to somebody else. A
 * worker that was killed holds its lease for some seconds more: a request that it has sent may still be under way.
 */
export async function underLease<T>(
  { workspaceId, id }: { workspaceId: string; id: string }, { jobId, signal }: { jobId: string; signal: AbortSignal }, times: LeaseTimes,
  work: (lease: Lease, lost: AbortSignal) => Promise<T>,
): Promise<T> {
  let lease: Lease | null;
  while (!(lease = await takeLease(workspaceId, id, jobId, times.leaseSeconds))) {
    await sleep(1000);
    if (signal.aborted) throw new PlanbackError("lease_lost", "The job was interrupted and goes on in another worker.");
  }
  const held = lease;
  const controller = new AbortController();
  const timer = setInterval(() => {
    withWorkspace(workspaceId, (tx) => holdLease(tx, held)).catch((error: unknown) => {
      // An unreachable database proves nothing: the journal's own writes will say whether the lease is still ours.
      if (isPlanbackError(error, "lease_lost")) controller.abort(error);
    });
  }, times.renewMs);
  try {
    return await work(held, AbortSignal.any([signal, controller.signal]));
  } finally {
    clearInterval(timer);
    await releaseLease(held);
  }
}
