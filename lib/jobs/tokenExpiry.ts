import { withWorkspace } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PLANBACK, record } from "@/lib/workspaces/audit";
import { WRITE_TOKEN_MS } from "@/lib/workspaces/connect";
import { eraseWriteToken, WITH_DRILLS } from "@/lib/workspaces/connections";
import { MOVING, PAUSED } from "@/lib/workspaces/restoreStates";
import type { Jobs } from "./types";

const LATER_MS = 10 * 60_000;
/** Clocks of the database and of this process may differ. */
const SKEW_MS = 60_000;

/** Erases the write token of a connection when its time is over; a restore that still runs may finish first, and drills on a schedule keep it. */
export async function tokenExpiry({ workspaceId, connectionId }: Jobs["token-expiry"]): Promise<void> {
  await withWorkspace(workspaceId, async (tx) => {
    const cache = await tx.tokenCache.findUnique({ where: { workspaceId_connectionId_purpose: { workspaceId, connectionId, purpose: "restore" } } });
    if (!cache) return;
    const now = new Date();
    // A later sign-in has sent a job of its own.
    if (cache.expiresAt && cache.expiresAt.getTime() > now.getTime() + SKEW_MS) return;
    const busy = await tx.restore.count({ where: { workspaceId, connectionId, state: { in: MOVING }, NOT: PAUSED } });
    const kept = await tx.policy.count({ where: { workspaceId, connectionId, ...WITH_DRILLS } });
    const longer = kept > 0 ? WRITE_TOKEN_MS : busy > 0 ? LATER_MS : 0;
    if (longer > 0) {
      const expiresAt = new Date(now.getTime() + longer);
      await tx.tokenCache.update({ where: { workspaceId_connectionId_purpose: { workspaceId, connectionId, purpose: "restore" } }, data: { expiresAt } });
      await send("token-expiry", { workspaceId, connectionId }, { tx, startAfter: expiresAt });
    }
    else {
      await eraseWriteToken(tx, workspaceId, connectionId);
      await record(tx, workspaceId, PLANBACK, { action: "connection.write_removed", target: { kind: "connection", id: connectionId } });
    }
  });
}
