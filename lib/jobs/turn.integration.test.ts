/** Turns on a real database, without Microsoft 365: whoever asks at once, ends, is cancelled or dies, one at a time has it and nobody is forgotten. */
import { randomInt, randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { createWorkspace } from "@/lib/workspaces";
import { takeLease } from "./lease";
import { findRestoreRow } from "./restoreContext";
import { openWorld, type World } from "./testing/world";
import { askTurn, isTurnHeld, passTurns, takeMade, turnKey } from "./turn";

const SEED = Number(process.env.PLANBACK_SEED ?? randomInt(2 ** 31));
const TID = randomUUID();
let world: World;
const workspaces: { ws: string; snapshotId: string; connectionId: string }[] = [];

beforeAll(async () => {
  world = await openWorld();
  const second = await createWorkspace(world.actor, { name: "Another one" });
  for (const workspaceId of [world.ws, second.id]) {
    const [tenant, connectionId, planId, snapshotId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await withWorkspace(workspaceId, async (tx) => {
      await tx.microsoftTenant.create({ data: { workspaceId, id: tenant, tid: TID } });
      await tx.connection.create({ data: { workspaceId, id: connectionId, microsoftTenantId: tenant, oid: randomUUID(), name: "Backup", username: "backup@example.com", backupState: "active", restoreState: "active" } });
      await tx.plan.create({ data: { workspaceId, id: planId, microsoftTenantId: tenant, graphPlanId: "p".repeat(28), groupId: randomUUID(), sealedNames: new Uint8Array(1) } });
      await tx.snapshot.create({ data: { workspaceId, id: snapshotId, planId, state: "open", takenAt: new Date() } });
    });
    workspaces.push({ ws: workspaceId, snapshotId, connectionId });
  }
});
afterAll(() => world?.close());

interface One { ws: string; id: string }

async function begin(writesTo: string | null, at = 0, targetGroupId: string | null = null): Promise<One> {
  const { ws, ...parts } = workspaces[at]!;
  const id = randomUUID();
  await withWorkspace(ws, (tx) => tx.restore.create({ data: { workspaceId: ws, id, ...parts, writesTo, targetGroupId, startedBy: "Test", state: "running", startedAt: new Date(), sealedRequest: new Uint8Array(1) } }));
  return { ws, id };
}
const row = async ({ ws, id }: One) => (await withWorkspace(ws, (tx) => findRestoreRow(tx, ws, id)))!;
const leaseOf = async ({ ws, id }: One) => (await takeLease(ws, id, randomUUID(), 600)) ?? { table: "restore" as const, workspaceId: ws, restoreId: id, epoch: (await row({ ws, id })).leaseEpoch, seconds: 600, renewedAt: Date.now(), lose: () => undefined };
/** As its job does. */
const ask = async (one: One): Promise<boolean> => askTurn(await row(one), await leaseOf(one));
const end = ({ ws, id }: One) => withWorkspace(ws, (tx) => tx.restore.update({ where: { workspaceId_id: { workspaceId: ws, id } }, data: { state: "failed", phase: null, holdsTurn: false, finishedAt: new Date() } }));
const isQueued = ({ state, phase }: Awaited<ReturnType<typeof row>>) => state === "waiting" && phase === "turn";

test("one restore at a time has the turn of a plan; others wait in their order and say for which; another plan is not concerned", async () => {
  const plan = turnKey(TID, randomUUID());
  const [first, second, third] = [await begin(plan), await begin(plan), await begin(plan)];
  expect([await ask(first), await ask(second), await ask(third), await ask(first)]).toEqual([true, false, false, true]);
  expect(await ask(await begin(turnKey(TID, randomUUID())))).toBe(true);
  expect(await ask(await begin(null))).toBe(true);
  expect((await row(third)).waiting).toMatchObject({ restoreId: first.id });
  await passTurns(first.ws);
  expect([isQueued(await row(second)), isQueued(await row(third))]).toEqual([true, true]);
  await end(first);
  const late = await begin(plan);
  expect(await ask(late)).toBe(false); // those who wait come before it
  await passTurns(first.ws);
  expect([(await row(second)).holdsTurn, (await row(second)).waiting, (await row(third)).holdsTurn]).toEqual([true, null, false]);
  expect((await row(third)).waiting).toMatchObject({ restoreId: second.id });
  expect(await ask(second)).toBe(true);
  for (const [from, to] of [[second, third], [third, late]] as const) {
    await end(from);
    await passTurns(first.ws);
    expect((await row(to)).holdsTurn).toBe(true);
  }
});

test("another workspace of the same Microsoft tenant waits as well, without being told whose restore it is", async () => {
  const plan = turnKey(TID, randomUUID());
  const [ours, foreign] = [await begin(plan), await begin(plan, 1)];
  expect([await ask(ours), await ask(foreign)]).toEqual([true, false]);
  expect((await row(foreign)).waiting).toEqual({ reason: expect.stringContaining("another workspace"), until: null });
  await passTurns(foreign.ws);
  expect(isQueued(await row(foreign))).toBe(true);
  await end(ours);
  await passTurns(foreign.ws);
  expect((await row(foreign)).holdsTurn).toBe(true);
});

test("one restore at a time makes a plan in a group, of whatever workspace; when the plan is there, the next one goes on", async () => {
  const [groupId, planId] = [randomUUID(), randomUUID()];
  const group = turnKey(TID, groupId);
  const [first, second, foreign] = [await begin(group, 0, groupId), await begin(group, 0, groupId), await begin(group, 1, groupId)];
  expect([await ask(first), await ask(second), await ask(foreign), await isTurnHeld([randomUUID(), group])]).toEqual([true, false, false, true]);
  expect((await row(second)).waiting).toEqual({ reason: expect.stringMatching(/makes a plan in this group\..* made it/), until: null, restoreId: first.id });
  expect((await row(foreign)).waiting).toEqual({ reason: expect.stringMatching(/makes a plan in this group, maybe of another workspace/), until: null });
  await takeMade(await row(first), await leaseOf(first), planId);
  expect([await row(first), await row(second)]).toMatchObject([{ holdsTurn: true, writesTo: turnKey(TID, planId) }, { holdsTurn: true, state: "running" }]);
  await passTurns(foreign.ws);
  expect(isQueued(await row(foreign))).toBe(true);
  await end(second);
  await passTurns(foreign.ws);
  expect((await row(foreign)).holdsTurn).toBe(true);
  await end(foreign);
  expect([await isTurnHeld([group]), await isTurnHeld([turnKey(TID, planId)])]).toEqual([false, true]);
});

test("a plan that a restore has made is its own until it ends, also when it goes on after a pause", async () => {
  const planId = randomUUID();
  const maker = await begin(null);
  await withWorkspace(maker.ws, (tx) => tx.restoreIntent.create({ data: { workspaceId: maker.ws, restoreId: maker.id, seq: 0, kind: "create_plan", state: "done", remoteId: planId } }));
  await takeMade(await row(maker), await leaseOf(maker), planId);
  const other = await begin(turnKey(TID, planId));
  expect([await ask(maker), await ask(other)]).toEqual([true, false]);
  await end(maker); // as a pause does
  await passTurns(maker.ws);
  expect((await row(other)).holdsTurn).toBe(true);
  await withWorkspace(maker.ws, (tx) => tx.restore.update({ where: { workspaceId_id: { workspaceId: maker.ws, id: maker.id } }, data: { state: "running", finishedAt: null } }));
  expect(await ask(maker)).toBe(false);
});

test("a person who has cancelled is not made to wait", async () => {
  const plan = turnKey(TID, randomUUID());
  const [first, second] = [await begin(plan), await begin(plan)];
  expect(await ask(first)).toBe(true);
  await withWorkspace(second.ws, (tx) => tx.restore.update({ where: { workspaceId_id: { workspaceId: second.ws, id: second.id } }, data: { cancelRequestedAt: new Date() } }));
  await expect(ask(second)).rejects.toMatchObject({ code: "cancelled" });
});

const crowd = fc.array(fc.record({ at: fc.nat(1), plan: fc.nat(1), dies: fc.boolean() }), { minLength: 4, maxLength: 8 });

test(`whoever asks, ends and passes on at the same moment: never two in one plan, and everybody has had a turn (PLANBACK_SEED=${SEED})`, { timeout: 120_000 }, async () => {
  for (const asking of fc.sample(crowd, { seed: SEED, numRuns: process.env.PLANBACK_LONG === "1" ? 100 : 4 })) {
    const plans = [turnKey(TID, randomUUID()), turnKey(TID, randomUUID())];
    const all = await Promise.all(asking.map(async ({ at, plan, dies }) => ({ ...(await begin(plans[plan]!, at)), plan, dies })));
    const writing = new Map<number, string>();
    const had = new Set<string>();
    // Writes for a moment, then ends; a worker that dies does not pass on.
    const write = async (one: (typeof all)[number]) => {
      expect([...writing.entries()].filter(([plan]) => plan === one.plan)).toEqual([]);
      writing.set(one.plan, one.id);
      had.add(one.id);
      await row(one);
      writing.delete(one.plan);
      await end(one);
      if (!one.dies) await passTurns(one.ws);
    };
    await Promise.all(all.map(async (one) => {
      if (await ask(one)) await write(one);
      await passTurns(one.ws);
    }));
    for (let round = 0; had.size < all.length; round += 1) {
      expect(round, `PLANBACK_SEED=${SEED} ${JSON.stringify(asking)}`).toBeLessThan(20);
      await Promise.all(all.filter(({ id }) => !had.has(id)).map(async (one) => {
        if ((await row(one)).holdsTurn && (await ask(one))) await write(one);
      }));
      for (const { ws } of workspaces) await passTurns(ws); // the watch
    }
  }
});
