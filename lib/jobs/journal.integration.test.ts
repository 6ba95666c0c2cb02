import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe } from "vitest";
import { withWorkspace } from "@/lib/db";
import { journalSuite } from "@/lib/restore/testing/journalSuite";
import { PostgresJournal } from "./journal";
import { releaseLease, takeLease, type Lease } from "./lease";
import { openWorld, type World } from "./testing/world";

let world: World;
let parts: { snapshotId: string; connectionId: string };

beforeAll(async () => {
  world = await openWorld();
  const { ws: workspaceId } = world;
  const [tenant, connectionId, planId, snapshotId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const sealed = new Uint8Array(1);
  await withWorkspace(workspaceId, async (tx) => {
    await tx.microsoftTenant.create({ data: { workspaceId, id: tenant, tid: randomUUID() } });
    await tx.connection.create({ data: { workspaceId, id: connectionId, microsoftTenantId: tenant, oid: randomUUID(), name: "Backup", username: "backup@example.com", backupState: "active", restoreState: "active" } });
    await tx.plan.create({ data: { workspaceId, id: planId, microsoftTenantId: tenant, graphPlanId: "p".repeat(28), groupId: randomUUID(), sealedNames: sealed } });
    await tx.snapshot.create({ data: { workspaceId, id: snapshotId, planId, state: "open", takenAt: new Date() } });
  });
  parts = { snapshotId, connectionId };
});
afterAll(() => world?.close());

describe("a journal in PostgreSQL", () => {
  journalSuite(async () => {
    const { ws: workspaceId } = world;
    const id = randomUUID();
    await withWorkspace(workspaceId, (tx) => tx.restore.create({ data: { workspaceId, id, ...parts, startedBy: "Test", state: "running", sealedRequest: new Uint8Array(1) } }));
    let lease: Lease | null = null;
    return {
      take: async () => {
        if (lease) await releaseLease(lease);
        lease = await takeLease(workspaceId, id, randomUUID(), 60);
        return new PostgresJournal(lease!);
      },
    };
  });
});
