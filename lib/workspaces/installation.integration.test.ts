/** What the operator of the installation is shown, and that it is nothing of what customers wrote. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withOperations, withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { send } from "@/lib/db/queue";
import { migrationNames } from "@/lib/db/schema";
import { isPlanbackError } from "@/lib/errors";
import { governorFor } from "@/lib/graph";
import { tellCopies } from "@/lib/jobs/copies";
import { announceProcess, createWorkspace, getInstallation, isOperator } from "./index";
import { person } from "./testing";
import type { Actor } from "./types";

const TID = "0a0a0a0a-0000-4000-8000-00000000000a";
const OID = "0a0a0a0a-0000-4000-8000-00000000000b";
const SEEDED = "Nobody must read this";
let database: TestDatabase;
let admin: pg.Client;
let ws: string;
let operator: Actor;
let customer: Actor;

beforeAll(async () => {
  process.env.OPERATORS = `${randomUUID()}:${randomUUID()}, ${TID.toUpperCase()}:${OID}`;
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  customer = person(SEEDED);
  operator = { ...person("Otto"), tid: TID, oid: OID };
  ws = (await createWorkspace(customer, { name: SEEDED })).id;
});
afterAll(async () => {
  delete process.env.OPERATORS;
  await admin?.end();
  await database?.close();
});

test("it is there for those whom the environment names by both ids, and for nobody else", async () => {
  expect([isOperator({ tid: TID, oid: OID }), isOperator({ tid: TID, oid: TID }), isOperator({ tid: OID, oid: OID })]).toEqual([true, false, false]);
  await expect(getInstallation(customer)).rejects.toSatisfy((error) => isPlanbackError(error, "not_found"));
  expect((await getInstallation(operator)).schema).toEqual({ applied: migrationNames().at(-1), wanted: migrationNames().at(-1) });
});

test("it counts over all workspaces, by code and id, and holds no word of theirs", async () => {
  const [id, planId] = [randomUUID(), randomUUID()];
  const words = Buffer.from(SEEDED);
  const insert = async (table: string, row: Record<string, unknown>) => {
    const columns = Object.keys(row);
    await admin.query(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(", ")})`, Object.values(row));
  };
  const w = { workspace_id: ws };
  await insert("microsoft_tenant", { ...w, id, tid: customer.tid });
  await insert("connection", { ...w, id, microsoft_tenant_id: id, oid: id, name: SEEDED, username: SEEDED, backup_state: "active", restore_state: "none" });
  await insert("policy", { ...w, id, connection_id: id, name: SEEDED, selection: { groups: [] }, schedule: {}, updated_at: new Date() });
  await insert("plan", { ...w, id: planId, microsoft_tenant_id: id, graph_plan_id: SEEDED, group_id: id, sealed_names: words });
  const run = (state: string, problem: string | null, finishedAt: Date) => insert("run", { ...w, id: randomUUID(), policy_id: id, trigger: "manual", state, problem, finished_at: finishedAt });
  await run("failed", "needs_sign_in", new Date());
  await run("failed", SEEDED, new Date());
  await run("failed", "needs_sign_in", new Date(Date.now() - 2 * 24 * 3600_000));
  await run("complete", null, new Date());
  await insert("run", { ...w, id, policy_id: id, trigger: "manual", state: "partial", finished_at: new Date() });
  await insert("run_plan", { ...w, run_id: id, plan_id: planId, state: "failed", problem: SEEDED, finished_at: new Date(), updated_at: new Date() });
  await insert("snapshot", { ...w, id, plan_id: planId, run_id: id, state: "complete", taken_at: new Date(), counts: {}, manifest_id: "m", new_bytes: 5_000 });
  await insert("prune", { ...w, id, state: "done", bytes: 2_000 });
  await insert("delivery", { ...w, id, channel_id: await channel(insert), incident_id: null, event: "backup.failed", change: "opened", state: "failed", tried_at: new Date() });
  await send("watch", { workspaceId: ws });

  const view = await getInstallation(operator);
  expect(view.failures).toEqual([
    { kind: "capture", detail: "failed", count: 1 }, { kind: "message", detail: "failed", count: 1 },
    { kind: "run", detail: "failed", count: 1 }, { kind: "run", detail: "needs_sign_in", count: 1 }, { kind: "run", detail: "partial", count: 1 },
  ]);
  expect(view.storage).toEqual([{ workspaceId: ws, plans: 1, snapshots: 1, bytes: 3_000 }]);
  expect(view.queues.find(({ queue }) => queue === "watch")).toMatchObject({ waiting: 1, active: 0, oldestSeconds: expect.any(Number) });
  expect(JSON.stringify(view)).not.toContain(SEEDED);
});

async function channel(insert: (table: string, row: Record<string, unknown>) => Promise<void>): Promise<string> {
  const id = randomUUID();
  await insert("channel", { workspace_id: ws, id, kind: "email", name: SEEDED, sealed_target: Buffer.from(SEEDED), events: [] });
  return id;
}

test("processes that live are told with their version, and the Microsoft tenants that are throttled by their id", async () => {
  await governorFor(process.env.BACKUP_CLIENT_ID!, customer.tid).run(async (turn) => turn.throttled(60_000), { lane: "outlook" });
  const end = announceProcess("worker");
  await expect.poll(async () => (await getInstallation(operator)).processes.length).toBe(1);
  const view = await getInstallation(operator);
  expect(view.processes[0]).toMatchObject({ kind: "worker", version: "0.1.0", alive: true });
  expect(view.throttled).toEqual([{ tid: customer.tid, service: "outlook", until: expect.any(String) }]);
  await admin.query("UPDATE operations.process SET seen_at = now() - interval '2 minutes'");
  expect((await getInstallation(operator)).processes[0]).toMatchObject({ alive: false });
  await end();
  expect((await getInstallation(operator)).processes).toEqual([]);
});

test("a nightly copy that is two days old is late, one that did not succeed fails; a new workspace and one that has just moved have time", async () => {
  const before = (hours: number) => new Date(Date.now() - hours * 3600_000);
  const copies = async () => (await getInstallation(operator)).copies.map(({ copiedAt: _, ...copy }) => copy);
  const set = (column: string, value: unknown) => admin.query(`UPDATE workspace SET ${column} = $1 WHERE id = $2`, [value, ws]);
  expect(await copies()).toEqual([]);
  await set("created_at", before(49));
  expect(await copies()).toEqual([{ workspaceId: ws, problem: null, isLate: true }]);
  await set("copied_at", before(47));
  expect(await copies()).toEqual([]);
  await set("copy_problem", "storage_unavailable");
  expect(await copies()).toEqual([{ workspaceId: ws, problem: "storage_unavailable", isLate: false }]);
  await set("copied_at", before(48.1));
  expect(await copies()).toEqual([{ workspaceId: ws, problem: "storage_unavailable", isLate: true }]);
  const said: unknown[] = [];
  await tellCopies({ info: () => undefined, error: (facts, message) => said.push([facts, message]) })();
  expect(said).toEqual([[{ workspaceId: ws, copiedAt: expect.any(String), reason: "storage_unavailable" }, "the nightly copy is late"]]);
  await set("copy_problem", null);
  await set("copied_at", null);
  await admin.query("INSERT INTO store_move (workspace_id, id, from_place, to_place, state, started_by, switched_at) VALUES ($1, $2, 'files', 's3', 'held', 'x', $3)", [ws, randomUUID(), before(1)]);
  expect(await copies()).toEqual([]);
});

test("a transaction of the installation sees no row of any workspace", async () => {
  const seen = await withOperations((tx) => Promise.all([tx.workspace.count(), tx.plan.count(), tx.run.count(), tx.snapshot.count()]));
  expect(seen).toEqual([0, 0, 0, 0]);
  expect(await withWorkspace(ws, (tx) => tx.plan.count())).toBe(1);
});
