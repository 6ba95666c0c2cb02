/** The end of a workspace: asked for, cancellable, then destroyed for good, wherever the worker is killed; nobody else loses anything. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { config } from "@/lib/config";
import { withWorkspace } from "@/lib/db";
import { createFileStore } from "@/lib/repository";
import * as api from "@/lib/workspaces";
import { eraseWorkspace, ROWS } from "@/lib/workspaces/erase";
import { sealJson } from "@/lib/workspaces/keys";
import type { Actor } from "@/lib/workspaces/types";
import { watchWorkspace } from "@/lib/workspaces/watch";
import { GROUPS } from "@/simulator/fixtures";
import { startWorker, type RunningWorker } from "./index";
import { SHORT_TIMES } from "./testing/times";
import { backUp, connect, openWorld, protect, until, type World } from "./testing/world";

const DAY_MS = 24 * 3600_000;
let world: World;
let worker: RunningWorker | undefined;
let admin: pg.Client;
let owner: Actor;
let ws: string;
let neighbour: string;
const never = new AbortController().signal;

beforeAll(async () => {
  world = await openWorld();
  ({ actor: owner, ws } = world);
  worker = await startWorker({ log: { info: () => undefined, error: () => undefined }, restoreTimes: SHORT_TIMES });
  await backUp(world, await protect(world, await connect(world, "backup"), GROUPS.marketing));
  await until(() => withWorkspace(ws, (tx) => tx.searchEntry.count()), (count) => count > 0);
  await worker.stop(5000);
  worker = undefined;
  await api.saveChannel(owner, ws, { kind: "webhook", name: "Pager", url: "https://hooks.example/secret", events: [] });
  await api.createInvitation(owner, ws, { role: "viewer" });
  neighbour = (await api.createWorkspace({ ...owner, name: "Nora" }, { name: "Neighbours" })).id;
  await api.saveChannel(owner, neighbour, { kind: "webhook", name: "Theirs", url: "https://hooks.example/", events: [] });
  await createFileStore(config().storage.files!.dir).put(`${neighbour}/segment/aa/object`, Buffer.from("sealed"));
  admin = new pg.Client({ connectionString: world.database.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await worker?.stop(5000);
  await world?.close();
});

const tables = async () => (await admin.query<{ name: string }>("SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1")).rows.map(({ name }) => name);
/** Everything that any table holds of a workspace, by table. */
async function rowsOf(workspaceId: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const table of (await tables()).filter((name) => name !== "session")) {
    const { rows } = await admin.query<{ row: object }>(`SELECT to_jsonb(t) AS row FROM "${table}" t WHERE "${table === "workspace" ? "id" : "workspace_id"}" = $1 ORDER BY to_jsonb(t)::text`, [workspaceId]);
    if (rows.length > 0) found[table] = JSON.stringify(rows);
  }
  return found;
}
const objectsOf = (workspaceId: string): string[] => {
  const folder = path.join(config().storage.files!.dir, workspaceId);
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
};
/** A worker that is killed when it looks for the `n`th time whether it may go on. */
const killedAt = (n: number) => {
  let looks = 0;
  return { get aborted() { return ++looks >= n; } } as AbortSignal;
};

test("every table of the database is in the list", async () => {
  expect(await tables()).toEqual([...Object.keys(ROWS), "audit", "erasure", "session", "workspace"].sort());
});

describe("asking", () => {
  test("takes an owner who has just signed in and types the name; all see it, and any owner cancels it", async () => {
    const stale = { ...owner, authenticatedAt: new Date(Date.now() - 3600_000) };
    await expect(api.requestDeletion(owner, ws, "contoso")).rejects.toMatchObject({ code: "invalid_input" });
    await expect(api.requestDeletion(stale, ws, "Contoso backups")).rejects.toMatchObject({ code: "step_up_required" });
    expect((await api.getWorkspace(owner, ws)).deletion).toBeNull();
    const { deleteAt } = await api.requestDeletion(owner, ws, " contoso Backups ");
    expect((Date.parse(deleteAt) - Date.now()) / DAY_MS).toBeCloseTo(14, 1);
    expect(await api.requestDeletion(owner, ws, "again")).toEqual({ deleteAt });
    expect((await api.getWorkspace(owner, ws)).deletion).toEqual({ at: deleteAt, askedBy: owner.name });
    await watchWorkspace(ws);
    expect((await api.getNotifications(owner, ws)).incidents.filter(({ event, closedAt }) => event === "workspace.deletion" && !closedAt)).toHaveLength(1);
    await eraseWorkspace(ws, never, { now: new Date(Date.now() + 13 * DAY_MS) });
    expect(await withWorkspace(ws, (tx) => tx.workspaceKey.count())).toBe(3);

    await api.cancelDeletion(stale, ws);
    expect((await api.getWorkspace(owner, ws)).deletion).toBeNull();
    await eraseWorkspace(ws, never, { now: new Date(Date.now() + 15 * DAY_MS) });
    await watchWorkspace(ws, new Date(Date.now() + 15 * DAY_MS));
    expect(await withWorkspace(ws, (tx) => tx.workspaceKey.count())).toBe(3);
    const said = (await api.listActivity(owner, ws)).entries.map(({ action }) => action);
    expect(["workspace.deletion_asked", "workspace.deletion_cancelled"].map((action) => said.filter((one) => one === action).length)).toEqual([1, 1]);
  });

  test("the database lets no workspace go whose keys are there, or without a receipt", async () => {
    await expect(withWorkspace(ws, (tx) => tx.workspace.delete({ where: { id: ws } }))).rejects.toThrow();
    await expect(withWorkspace(ws, (tx) => tx.$executeRaw`DELETE FROM audit`)).rejects.toThrow(/permission denied/);
  });
});

test("when the time is over nothing readable is left, wherever the worker was killed, and the neighbours have all they had", async () => {
  const kept = JSON.stringify(await rowsOf(neighbour));
  expect(objectsOf(ws).length).toBeGreaterThan(5);
  await api.requestDeletion(owner, ws, "Contoso backups");
  const now = new Date(Date.now() + 14.01 * DAY_MS);

  // The keys go first, and everything else waits until no process can know them.
  await eraseWorkspace(ws, never, { now });
  expect(Object.keys(await rowsOf(ws))).toEqual(expect.arrayContaining(["snapshot", "plan", "audit"]));
  for (const table of ["workspace_key", "token_cache", "member", "invitation", "oauth_flow", "consent_link"]) expect(Object.keys(await rowsOf(ws)), table).not.toContain(table);
  await expect(api.getWorkspace(owner, ws)).rejects.toMatchObject({ code: "not_found" });
  await expect(api.cancelDeletion(owner, ws)).rejects.toMatchObject({ code: "not_found" });
  const plain = JSON.stringify(await rowsOf(ws));
  for (const title of ["Product launch", "Launch campaign", "Write the press release", "hooks.example"]) expect(plain).not.toContain(title);
  await eraseWorkspace(ws, never, { now: new Date(now.getTime() + 60_000) });
  expect(objectsOf(ws).length).toBeGreaterThan(5);
  const { rows: [begun] } = await admin.query<{ objects: string | null }>("SELECT objects FROM erasure WHERE workspace_id = $1", [ws]);
  expect(begun!.objects).toBeNull();
  const total = { rows: (JSON.parse(`[${Object.values(await rowsOf(ws)).join(",")}]`) as unknown[][]).flat().length - 1, objects: objectsOf(ws).length };

  const later = new Date(now.getTime() + 10 * 60_000);
  let kills = 0;
  for (let n = 1; ; n++) {
    try {
      await eraseWorkspace(ws, killedAt(n), { now: later });
      break;
    } catch (error) {
      expect(error).toMatchObject({ code: "lease_lost" });
      kills++;
    }
  }
  expect(kills).toBeGreaterThan(Object.keys(ROWS).length);
  await eraseWorkspace(ws, never, { now: later });
  await watchWorkspace(ws, later);

  expect(Object.keys(await rowsOf(ws))).toEqual(["erasure"]);
  expect(objectsOf(ws)).toEqual([]);
  const { rows: jobs } = await admin.query("SELECT 1 FROM jobs.schedule WHERE data->>'workspaceId' = $1", [ws]);
  expect(jobs).toEqual([]);
  const [receipt] = await api.listErasures(owner);
  expect(receipt).toMatchObject({ workspaceId: ws, finishedAt: expect.any(String), objects: total.objects, anchor: expect.stringMatching(/^\d+:[0-9a-f]{64}$/) });
  expect(receipt!.rows).toBeGreaterThanOrEqual(total.rows);
  expect(await api.listErasures({ ...owner, oid: ws })).toEqual([]);
  expect(JSON.stringify(receipt)).not.toMatch(/Contoso|backups|Alice/);

  expect(JSON.stringify(await rowsOf(neighbour))).toBe(kept);
  expect(objectsOf(neighbour).map((file) => readFileSync(file, "utf8"))).toEqual(["sealed"]);
  await expect(sealJson(neighbour, "content", ["x"], 1)).resolves.toBeDefined();
});

test("the look of every five minutes starts it, also after a job was lost", async () => {
  await withWorkspace(neighbour, (tx) => tx.workspace.update({ where: { id: neighbour }, data: { deleteAt: new Date(Date.now() - 1000), deleteAskedAt: new Date(), deleteAskedBy: "n", deleteAskedTid: owner.tid, deleteAskedOid: owner.oid } }));
  await watchWorkspace(neighbour);
  const waiting = async () => (await admin.query("SELECT 1 FROM jobs.job WHERE name = 'workspace-erase' AND data->>'workspaceId' = $1", [neighbour])).rows.length;
  expect(await waiting()).toBe(1);
  await admin.query("DELETE FROM jobs.job WHERE name = 'workspace-erase'");
  await watchWorkspace(neighbour);
  expect(await waiting()).toBe(1);
});
