/**
 * The end of a workspace. First its keys and tokens, in one transaction: from then on nothing of it can be read by
 * anybody, whatever is left anywhere. When no process can hold a key in memory any more, its rows, then its objects, then the workspace
 * itself. Each step looks at what is there, so a worker that is killed anywhere leaves what the next one goes on with.
 */
import { withWorkspace, type Tx } from "@/lib/db";
import { unschedule } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import type { ObjectStore } from "@/lib/repository/types";
import { DUMP } from "./dump";
import { KEYS_IN_MEMORY_MS } from "./keys";
import { KIT, lockKit } from "./kit";
import { installationStores } from "./places";
import { endSchedules } from "./policySchedules";

/** Rows that are removed in one transaction. */
const BATCH = 5_000;
/** More than any workspace has of keys, tokens, members and links. */
const ALL = 1_000_000;

type Remove = (tx: Tx, which: { where: { workspaceId: string }; limit: number }) => Promise<{ count: number }>;

/** Every table of a workspace, so that no row goes before those that name it. A test holds this list to the database. */
export const ROWS: Readonly<Record<string, Remove>> = {
  search_posting: (tx, which) => tx.searchPosting.deleteMany(which),
  search_entry: (tx, which) => tx.searchEntry.deleteMany(which),
  delivery: (tx, which) => tx.delivery.deleteMany(which),
  incident: (tx, which) => tx.incident.deleteMany(which),
  channel: (tx, which) => tx.channel.deleteMany(which),
  restore_intent: (tx, which) => tx.restoreIntent.deleteMany(which),
  restore: (tx, which) => tx.restore.deleteMany(which),
  verification: (tx, which) => tx.verification.deleteMany(which),
  condemned: (tx, which) => tx.condemned.deleteMany(which),
  store_move: (tx, which) => tx.storeMove.deleteMany(which),
  own_store: (tx, which) => tx.ownStore.deleteMany(which),
  prune: (tx, which) => tx.prune.deleteMany(which),
  live_reading: (tx, which) => tx.liveReading.deleteMany(which),
  loss: (tx, which) => tx.loss.deleteMany(which),
  snapshot: (tx, which) => tx.snapshot.deleteMany(which),
  run_plan: (tx, which) => tx.runPlan.deleteMany(which),
  run: (tx, which) => tx.run.deleteMany(which),
  policy: (tx, which) => tx.policy.deleteMany(which),
  requirement: (tx, which) => tx.requirement.deleteMany(which),
  token_cache: (tx, which) => tx.tokenCache.deleteMany(which),
  connection: (tx, which) => tx.connection.deleteMany(which),
  plan: (tx, which) => tx.plan.deleteMany(which),
  microsoft_tenant: (tx, which) => tx.microsoftTenant.deleteMany(which),
  consent_link: (tx, which) => tx.consentLink.deleteMany(which),
  oauth_flow: (tx, which) => tx.oauthFlow.deleteMany(which),
  invitation: (tx, which) => tx.invitation.deleteMany(which),
  api_request: (tx, which) => tx.apiRequest.deleteMany(which),
  api_key: (tx, which) => tx.apiKey.deleteMany(which),
  member: (tx, which) => tx.member.deleteMany(which),
  workspace_key: (tx, which) => tx.workspaceKey.deleteMany(which),
};

/** What is destroyed first: keys, tokens, and every way in. */
const AT_ONCE = ["workspace_key", "token_cache", "oauth_flow", "consent_link", "invitation", "api_key", "member"] as const;

/** True when the time of a workspace is over, or its erasure has begun. */
export async function mustErase(tx: Tx, workspaceId: string, now: Date): Promise<boolean> {
  const workspace = await tx.workspace.findUnique({ where: { id: workspaceId }, select: { deleteAt: true } });
  return workspace?.deleteAt != null && workspace.deleteAt <= now;
}

/** Goes as far as it can now; calling it again goes on. */
export async function eraseWorkspace(workspaceId: string, signal: AbortSignal, { now = new Date(), keysInMemoryMs = KEYS_IN_MEMORY_MS } = {}): Promise<void> {
  const destroyedAt = await destroyKeys(workspaceId, now);
  if (!destroyedAt) return;
  for (const what of [KIT, DUMP]) await removeStored(`${workspaceId}/${what}/`, signal);
  if (now.getTime() < destroyedAt.getTime() + keysInMemoryMs) return;
  await removeRows(workspaceId, signal);
  await removeObjects(workspaceId, signal);
  await finish(workspaceId);
}

/** Null when nobody wants it erased (any more) or it is gone. */
async function destroyKeys(workspaceId: string, now: Date): Promise<Date | null> {
  return withWorkspace(workspaceId, async (tx) => {
    await lockKit(tx, workspaceId); // no copy of the keys is being written
    await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${workspaceId}::uuid FOR UPDATE`;
    if (!(await mustErase(tx, workspaceId, now))) return null;
    const begun = await tx.erasure.findUnique({ where: { workspaceId } });
    if (begun) return begun.keysDestroyedAt;
    const workspace = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
    const head = await tx.audit.findFirst({ where: { workspaceId }, orderBy: { seq: "desc" }, select: { seq: true, hash: true } });
    // What runs stops at the next sign of life.
    await tx.run.updateMany({ where: { workspaceId, finishedAt: null, cancelRequestedAt: null }, data: { cancelRequestedAt: now } });
    await tx.restore.updateMany({ where: { workspaceId, finishedAt: null, cancelRequestedAt: null }, data: { cancelRequestedAt: now } });
    await tx.storeMove.updateMany({ where: { workspaceId, state: { in: ["copying", "closing", "cancelling"] } }, data: { state: "cancelled", finishedAt: now } });
    for (const { id } of await tx.policy.findMany({ where: { workspaceId }, select: { id: true } })) await endSchedules(tx, id);
    let rows = 0;
    for (const table of AT_ONCE) rows += (await ROWS[table]!(tx, { where: { workspaceId }, limit: ALL })).count;
    await tx.workspace.update({ where: { id: workspaceId }, data: { name: "deleted" } });
    await tx.erasure.create({
      data: {
        workspaceId, rows, askedAt: workspace.deleteAskedAt!, askedTid: workspace.deleteAskedTid!, askedOid: workspace.deleteAskedOid!, keysDestroyedAt: now,
        anchor: head && `${head.seq}:${Buffer.from(head.hash).toString("hex")}`,
      },
    });
    return now;
  });
}

async function removeRows(workspaceId: string, signal: AbortSignal): Promise<void> {
  await withWorkspace(workspaceId, async (tx) => {
    // Rows that name each other.
    await tx.restore.updateMany({ where: { workspaceId, undoOf: { not: null } }, data: { undoOf: null } });
    await tx.plan.updateMany({ where: { workspaceId, searchSnapshotId: { not: null } }, data: { searchSnapshotId: null } });
  });
  for (const remove of Object.values(ROWS)) {
    for (let removed = BATCH; removed >= BATCH;) {
      refuseWhenStopped(signal);
      removed = await withWorkspace(workspaceId, async (tx) => {
        const { count } = await remove(tx, { where: { workspaceId }, limit: BATCH });
        if (count > 0) await tx.erasure.update({ where: { workspaceId }, data: { rows: { increment: count } } });
        return count;
      });
    }
  }
}

async function removeObjects(workspaceId: string, signal: AbortSignal): Promise<void> {
  const prefix = `${workspaceId}/`;
  await count(workspaceId, listAll(await installationStores(), prefix), signal);
  await removeStored(prefix, signal);
}

/** In every storage of the installation: the workspace may have been on its way from one to another. */
async function removeStored(prefix: string, signal: AbortSignal): Promise<void> {
  for (const store of await installationStores()) {
    for await (const { key } of store.list(prefix)) {
      refuseWhenStopped(signal);
      await store.remove(key);
    }
  }
}

async function* listAll(stores: ObjectStore[], prefix: string): AsyncGenerator<{ size: number }> {
  for (const store of stores) yield* store.list(prefix);
}

/** How much there was is written down before the first is removed. */
async function count(workspaceId: string, found: AsyncIterable<{ size: number }>, signal: AbortSignal): Promise<void> {
  const { objects: known } = await withWorkspace(workspaceId, (tx) => tx.erasure.findUniqueOrThrow({ where: { workspaceId } }));
  if (known !== null) return;
  let [objects, bytes] = [0, 0];
  for await (const { size } of found) {
    refuseWhenStopped(signal);
    objects++;
    bytes += size;
  }
  await withWorkspace(workspaceId, (tx) => tx.erasure.update({ where: { workspaceId }, data: { objects, bytes } }));
}

/** A row that came late makes this fail, and the next attempt removes it. */
async function finish(workspaceId: string): Promise<void> {
  await withWorkspace(workspaceId, async (tx) => {
    const entries = await tx.audit.count({ where: { workspaceId } });
    await unschedule("watch", workspaceId, tx);
    await tx.workspace.delete({ where: { id: workspaceId } });
    await tx.erasure.update({ where: { workspaceId }, data: { finishedAt: new Date(), rows: { increment: entries + 1 } } });
  });
}

function refuseWhenStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new PlanbackError("lease_lost", "The job was interrupted and goes on in another worker.");
}
