/** What a backup must know of the cleaning of its storage (prune.ts). */
import { setTimeout as sleep } from "node:timers/promises";
import { withWorkspace } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { Condemned } from "@/lib/repository";

const PATIENCE_MS = 60_000;
const LOOK_MS = 200;

/** The same for all backups between two cleanings. One entry for each workspace that this process backs up. */
const known = new Map<string, { prune: string; ids: Promise<ReadonlySet<string>> }>();

/** The objects of a workspace that are about to be removed. To be asked when the backup is under way, as its row says. */
export async function condemnedOf(workspaceId: string): Promise<Condemned> {
  const ids = await idsOf(workspaceId);
  return { has: (id) => ids.has(id), pardon: (type, id) => pardon(workspaceId, type, id) };
}

async function idsOf(workspaceId: string): Promise<ReadonlySet<string>> {
  const newest = await withWorkspace(workspaceId, (tx) => tx.prune.findFirst({ where: { workspaceId }, orderBy: [{ startedAt: "desc" }, { id: "desc" }], select: { id: true, state: true } }));
  if (!newest) return new Set();
  const found = known.get(workspaceId);
  if (found?.prune === newest.id) return found.ids;
  const ids = withWorkspace(workspaceId, async (tx) => new Set((await tx.condemned.findMany({ where: { workspaceId }, select: { objectId: true } })).map(({ objectId }) => objectId)));
  if (newest.state === "running") return ids;
  known.set(workspaceId, { prune: newest.id, ids });
  ids.catch(() => known.delete(workspaceId));
  return ids;
}

async function pardon(workspaceId: string, type: string, objectId: string): Promise<void> {
  const which = { workspaceId, type, objectId };
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(LOOK_MS)) {
    const isSettled = await withWorkspace(workspaceId, async (tx) => {
      const { count } = await tx.condemned.deleteMany({ where: { ...which, sweepingAt: null } });
      return count > 0 || (await tx.condemned.count({ where: which })) === 0;
    });
    if (isSettled) return;
  }
  throw new PlanbackError("storage_unavailable", "The storage is being cleaned up and did not finish. The backup is tried again by itself; what was stored before is untouched.");
}
