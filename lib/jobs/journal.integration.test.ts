import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { withWorkspace } from "@/lib/db";
import { journalSuite } from "@/lib/restore/testing/journalSuite";
import { createWorkspace } from "@/lib/workspaces";
import { PostgresJournal } from "./journal";
import { releaseLease, takeLease, underLease, type Lease } from "./lease";
import { openWorld, type World } from "./testing/world";

let world: World;
const places: { workspaceId: string; snapshotId: string; connectionId: string }[] = [];

beforeAll(async () => {
  world = await openWorld();
  for (const workspaceId of [world.ws, (await createWorkspace(world.actor, { name: "Another one" })).id]) places.push(await placeIn(workspaceId));
});
afterAll(() => world?.close());

async function placeIn(workspaceId: string) {
  const [tenant, connectionId, planId, snapshotId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const sealed = new Uint8Array(1);
  await withWorkspace(workspaceId, async (tx) => {
    await tx.microsoftTenant.create({ data: { workspaceId, id: tenant, tid: randomUUID() } });
    await tx.connection.create({ data: { workspaceId, id: connectionId, microsoftTenantId: tenant, oid: randomUUID(), name: "Backup", username: "backup@example.com", backupState: "active", restoreState: "active" } });
    await tx.plan.create({ data: { workspaceId, id: planId, microsoftTenantId: tenant, graphPlanId: "p".repeat(28), groupId: randomUUID(), sealedNames: sealed } });
    await tx.snapshot.create({ data: { workspaceId, id: snapshotId, planId, state: "open", takenAt: new Date() } });
  });
  return { workspaceId, snapshotId, connectionId };
}

async function newRestore(at = 0): Promise<string> {
  const place = places[at]!;
  const id = randomUUID();
  await withWorkspace(place.workspaceId, (tx) => tx.restore.create({ data: { ...place, id, startedBy: "Test", state: "running", sealedRequest: new Uint8Array(1) } }));
  return id;
}

describe("a journal in PostgreSQL", () => {
  journalSuite(async () => {
    const { ws: workspaceId } = world;
    const id = await newRestore();
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

test("what the journal of another restore holds is nobody else's: not found free, in whatever workspace, nor written down", async () => {
  const operations = [{ seq: 0, kind: "create_task" as const, after: [], source: "s", label: "Create", changes: [], body: {} }];
  const journals = await Promise.all([0, 0, 1].map(async (at) => new PostgresJournal((await takeLease(places[at]!.workspaceId, await newRestore(at), randomUUID(), 60))!)));
  for (const journal of journals) {
    await journal.open(operations);
    await journal.begin(0);
  }
  const [first, second, foreign] = journals as [PostgresJournal, PostgresJournal, PostgresJournal];
  const id = randomUUID();
  await first.done(0, { remoteId: id, etag: null });
  for (const journal of [second, foreign]) expect([...(await journal.claimed([id, randomUUID()]))]).toEqual([id]);
  await expect(second.done(0, { remoteId: id, etag: null })).rejects.toMatchObject({ code: "conflict" });
  expect((await second.open(operations)).intents).toMatchObject([{ state: "unknown", remoteId: null }]);
});

test("a request that could outlive the lease does not leave, and the job is told to stop", async () => {
  const work = { workspaceId: world.ws, id: await newRestore() };
  const context = { jobId: "stalled", signal: new AbortController().signal };
  const wire = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response());
  await underLease(work, context, { leaseSeconds: 6, requestMs: 5_000, renewMs: 60_000 }, async ({ lease, lost, fetch }) => {
    await fetch("https://graph.microsoft.com");
    expect([wire.mock.calls.length, lost.aborted]).toEqual([1, false]);
    // As after a second in which the process stood still.
    lease.renewedAt -= 1_001;
    await expect(fetch("https://graph.microsoft.com")).rejects.toMatchObject({ code: "lease_lost" });
    expect([wire.mock.calls.length, lost.aborted]).toEqual([1, true]);
  }).finally(() => wire.mockRestore());
});
