import { withWorkspace } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PLANBACK, record } from "@/lib/workspaces/audit";
import { eraseWriteToken } from "@/lib/workspaces/connections";
import { MOVING, PAUSED } from "@/lib/workspaces/restoreStates";
import type { Jobs } from "./types";

const LATER_MS = 10 * 60_000;

/** Erases the write token of a connection when its time is over; a restore that still runs may finish first. */
export async function tokenExpiry({ workspaceId, connectionId }: Jobs["token-expiry"]): Promise<void> {
  await withWorkspace(workspaceId, async (tx) => {
    const cache = await tx.tokenCache.findUnique({ where: { workspaceId_connectionId_purpose: { workspaceId, connectionId, purpose: "restore" } } });
    if (!cache) return;
    const now = new Date();
    const busy = await tx.restore.count({ where: { workspaceId, connectionId, state: { in: MOVING }, NOT: PAUSED } });
    const until = busy > 0 ? new Date(now.getTime() + LATER_MS) : cache.expiresAt;
    if (until && until > now) await send("token-expiry", { workspaceId, connectionId }, { tx, startAfter: until });
    else {
      await eraseWriteToken(tx, workspaceId, connectionId);
      await record(tx, workspaceId, PLANBACK, { action: "connection.write_removed", target: { kind: "connection", id: connectionId } });
    }
  });
}
