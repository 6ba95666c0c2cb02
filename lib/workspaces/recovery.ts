/**
 * Planback after its database was lost: from the nightly copies in the storage, or from the manifests alone. Both need the storage and
 * the installation key, and an empty database. docs/recovery.md
 */
import pg from "pg";
import type { Driver } from "@/lib/config/storage";
import { APP_ROLE, withWorkspace } from "@/lib/db";
import { migrate, readMigrations } from "@/lib/db/migrate";
import { send } from "@/lib/db/queue";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { ObjectStore } from "@/lib/repository/types";
import { PLANBACK, record } from "./audit";
import { DUMP, parseHeader, readDump } from "./dump";
import { forgetKeys } from "./keys";
import { KIT, openKits, type OpenedKit } from "./kit";
import { setSchedules } from "./policySchedules";
import { rebuildCatalogue, type DriftOf, type Rebuilt } from "./rebuild";
import { scheduleWatch } from "./workspaces";

/** What lies in the storage of one workspace. Keys and names of copies in order of time. */
export interface Stored { workspaceId: string; kits: string[]; dumps: string[]; manifests: number }

const WORKSPACE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Looks through the whole storage. */
export async function findStored(store: ObjectStore): Promise<Stored[]> {
  const found = new Map<string, Stored>();
  for await (const { key } of store.list("")) {
    const [workspaceId = "", what, name] = key.split("/");
    if (!WORKSPACE.test(workspaceId)) continue;
    const stored = found.get(workspaceId) ?? { workspaceId, kits: [], dumps: [], manifests: 0 };
    found.set(workspaceId, stored);
    if (what === KIT) stored.kits.push(key);
    if (what === DUMP) stored.dumps.push(name!);
    if (what === "manifest") stored.manifests++;
  }
  for (const { dumps } of found.values()) dumps.sort();
  return [...found.values()].sort((a, b) => (a.workspaceId < b.workspaceId ? -1 : 1));
}

export interface Recovered extends Rebuilt { workspaceId: string; name: string; from: "dump" | "manifests"; takenAt: string | null }
export interface RecoveryInput {
  store: ObjectStore;
  /** The place that the store is. */
  place: Driver;
  /** Of the database's owner. */
  adminUrl: string;
  workspaces: readonly Stored[];
  from: "dump" | "manifests";
  driftOf: DriftOf;
  signal: AbortSignal;
  tell: (line: string) => void;
}

/**
 * Brings workspaces back into the database. From a copy: all rows as they were at its time, and snapshots that were taken since. From manifests: owners,
 * plans and snapshots. One that is in the database already is left alone. A workspace is there whole or not at all; calling it again goes on.
 */
export async function recover({ store, place, adminUrl, workspaces, from, driftOf, signal, tell }: RecoveryInput): Promise<Recovered[]> {
  const kits = new Map<string, OpenedKit>();
  for (const { workspaceId, kits: keys } of workspaces) {
    try {
      kits.set(workspaceId, await openKits(store, workspaceId, keys));
    } catch (error) {
      if (!isPlanbackError(error, "repository_damaged")) throw error;
      tell(error.message);
    }
  }
  const loaded = new Map<string, string>();
  if (from === "dump") {
    for (const { workspaceId, name, takenAt } of await loadAll(store, place, adminUrl, workspaces, kits, tell)) loaded.set(workspaceId, takenAt ?? name);
  }
  await migrate(adminUrl);
  const done: Recovered[] = [];
  for (const [workspaceId, kit] of kits) {
    if (from === "manifests" && !(await makeWorkspace(kit, place))) {
      tell(`${workspaceId} is in the database already, and was left alone.`);
      continue;
    }
    if (from === "dump" && !loaded.has(workspaceId)) continue;
    forgetKeys(workspaceId);
    const rebuilt = await rebuildCatalogue(workspaceId, driftOf, signal);
    const takenAt = loaded.get(workspaceId) ?? null;
    const name = await begin(workspaceId, from, takenAt, rebuilt);
    done.push({ workspaceId, name, from, takenAt, ...rebuilt });
    tell(`${workspaceId} “${name}”: ${rebuilt.snapshots} snapshots of ${rebuilt.plans} plans ${from === "dump" ? "since the copy " : ""}found in storage${rebuilt.unreadable > 0 ? `, ${rebuilt.unreadable} that do not open` : ""}.`);
  }
  return done;
}

interface Loaded { workspaceId: string; name: string; takenAt: string | null }

/** The newest copy of each workspace that can be read, each loaded into the state of the tables that it was made of. */
async function loadAll(store: ObjectStore, place: Driver, adminUrl: string, workspaces: readonly Stored[], kits: ReadonlyMap<string, OpenedKit>, tell: RecoveryInput["tell"]): Promise<Loaded[]> {
  const known = readMigrations();
  const chosen: { workspaceId: string; name: string; at: number }[] = [];
  for (const { workspaceId, dumps } of workspaces.filter((one) => kits.has(one.workspaceId))) {
    const name = dumps.at(-1);
    if (!name) {
      tell(`${workspaceId} has no copy of its rows. It can be had back from its manifests.`);
      continue;
    }
    const lines = readDump(store, workspaceId, name, kits.get(workspaceId)!.ring);
    const { migrations } = parseHeader((await lines.next()).value as string | undefined, workspaceId);
    await lines.return(undefined);
    const at = migrations.length - 1;
    if (migrations.some((migration, i) => known[i]?.name !== migration)) throw new PlanbackError("config", `The copy ${name} of workspace ${workspaceId} was made by a newer or another version of Planback (${migrations.at(-1)}). Recover with that version. Nothing was changed.`);
    chosen.push({ workspaceId, name, at });
  }
  const done: Loaded[] = [];
  for (const { workspaceId, name, at } of chosen.sort((a, b) => a.at - b.at)) {
    if (await isThere(adminUrl, workspaceId)) {
      tell(`${workspaceId} is in the database already, and was left alone.`);
      continue;
    }
    if (!(await isMigrated(adminUrl, known[at]!.name))) await migrate(adminUrl, known.slice(0, at + 1));
    const takenAt = await loadOne(store, place, adminUrl, kits.get(workspaceId)!, name);
    done.push({ workspaceId, name, takenAt });
  }
  return done;
}

async function withClient<T>(adminUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const isMigrated = (adminUrl: string, name: string): Promise<boolean> => withClient(adminUrl, async (client) => {
  const { rows: [there] } = await client.query<{ there: boolean }>("SELECT to_regclass('migrations.applied') IS NOT NULL AS there");
  return there!.there && (await client.query("SELECT FROM migrations.applied WHERE name = $1", [name])).rowCount === 1;
});

const isThere = (adminUrl: string, workspaceId: string): Promise<boolean> => withClient(adminUrl, async (client) => {
  const { rows: [made] } = await client.query<{ made: boolean }>("SELECT to_regclass('public.workspace') IS NOT NULL AS made");
  if (!made!.made) return false;
  return asWorkspace(client, workspaceId, async () => (await client.query("SELECT FROM workspace WHERE id = $1", [workspaceId])).rowCount === 1);
});

/** As the application, in a transaction that sees this workspace alone. */
async function asWorkspace<T>(client: pg.Client, workspaceId: string, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  try {
    await client.query(`SET LOCAL ROLE ${APP_ROLE}`);
    await client.query("SELECT set_config('app.workspace_id', $1, true)", [workspaceId]);
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

const BATCH_ROWS = 500;
const BATCH_CHARACTERS = 4_000_000;

/** Names of tables and columns come out of an authenticated copy, and are quoted. */
async function loadOne(store: ObjectStore, place: Driver, adminUrl: string, { workspaceId, keys, ring }: OpenedKit, name: string): Promise<string> {
  const lines = readDump(store, workspaceId, name, ring);
  const { takenAt } = parseHeader((await lines.next()).value as string | undefined, workspaceId);
  await withClient(adminUrl, (client) => asWorkspace(client, workspaceId, async () => {
    let batch: { table: string; rows: string[]; characters: number } | null = null;
    const flush = async () => {
      if (!batch) return;
      const { table, rows } = batch;
      const columns = Object.keys(JSON.parse(rows[0]!) as object).map((column) => pg.escapeIdentifier(column)).join(", ");
      const into = pg.escapeIdentifier(table);
      await client.query(`INSERT INTO ${into} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${into}, $1::jsonb)`, [`[${rows.join(",")}]`]);
      if (table === "workspace") await insertKeys(client, workspaceId, keys);
      batch = null;
    };
    for await (const line of lines) {
      const at = line.indexOf(" ");
      const [table, row] = [line.slice(0, at), line.slice(at + 1)];
      if (batch && (batch.table !== table || batch.rows.length >= BATCH_ROWS || batch.characters > BATCH_CHARACTERS)) await flush();
      batch ??= { table, rows: [], characters: 0 };
      batch.rows.push(row);
      batch.characters += row.length;
    }
    await flush();
    await settle(client, place);
  }));
  return takenAt;
}

async function insertKeys(client: pg.Client, workspaceId: string, keys: OpenedKit["keys"]): Promise<void> {
  for (const { purpose, version, keyId, wrapped, createdAt } of keys) {
    await client.query("INSERT INTO workspace_key (workspace_id, purpose, version, key_id, wrapped_key, created_at) VALUES ($1, $2, $3, $4, $5, $6)", [workspaceId, purpose, version, keyId, Buffer.from(wrapped, "base64"), createdAt]);
  }
}

const INTERRUPTED = "Planback was recovered from a copy of its database that was made while this ran. Nothing that was stored is lost.";

/**
 * What was under way has no worker any more. A restore must not go on by a journal that may be older than what it wrote: it is ended for good.
 */
async function settle(client: pg.Client, place: Driver): Promise<void> {
  const problem = [INTERRUPTED];
  await client.query("DELETE FROM snapshot WHERE state = 'open'");
  await client.query("UPDATE run_plan SET state = 'failed', problem = $1, waiting = NULL, phase = NULL, finished_at = now() WHERE state IN ('queued', 'running')", problem);
  await client.query("UPDATE run SET state = 'failed', problem = 'interrupted', finished_at = now() WHERE finished_at IS NULL");
  await client.query("UPDATE restore SET state = 'failed', problem = $1, phase = NULL, waiting = NULL, finished_at = now() WHERE state IN ('planning', 'running', 'waiting', 'verifying')", problem);
  await client.query("UPDATE restore SET started_at = NULL, lease_owner = NULL, lease_until = NULL WHERE state IN ('failed', 'cancelled')");
  await client.query("UPDATE verification SET state = 'failed', problem = $1, finished_at = now() WHERE state IN ('queued', 'running')", problem);
  await client.query("UPDATE connection SET check_state = NULL");
  await client.query("UPDATE requirement SET state = 'unknown' WHERE state = 'checking'");
  await client.query("UPDATE delivery SET state = 'failed', tried_at = now() WHERE state = 'queued'");
  await client.query("UPDATE invitation SET mail_state = 'failed', sealed_mail = NULL WHERE mail_state = 'queued'");
  // It is where its copy lies, unless that is a storage of its own; a move begins again from there.
  await client.query("UPDATE workspace SET kit_hash = NULL, copied_at = NULL, place = CASE WHEN place LIKE 'own:%' THEN place ELSE $1 END", [place]);
  await client.query("UPDATE store_move SET state = CASE WHEN switched_at IS NULL THEN 'cancelled' ELSE 'done' END, finished_at = now(), problem = $1, lease_owner = NULL, lease_until = NULL WHERE finished_at IS NULL", problem);
}

/** False when it is there already. */
async function makeWorkspace({ workspaceId, keys, about }: OpenedKit, place: Driver): Promise<boolean> {
  return withWorkspace(workspaceId, async (tx) => {
    if (await tx.workspace.findUnique({ where: { id: workspaceId } })) return false;
    await tx.workspace.create({ data: { id: workspaceId, place, name: about?.name ?? `Recovered ${workspaceId.slice(0, 8)}`, ...(about ? { createdAt: new Date(about.createdAt) } : {}) } });
    await tx.workspaceKey.createMany({ data: keys.map(({ purpose, version, keyId, wrapped, createdAt }) => ({ workspaceId, purpose, version, keyId, wrappedKey: new Uint8Array(Buffer.from(wrapped, "base64")), createdAt: new Date(createdAt) })) });
    await tx.member.createMany({ data: (about?.owners ?? []).map((owner) => ({ workspaceId, id: crypto.randomUUID(), role: "owner", ...owner })) });
    return true;
  });
}

/** What starts by itself starts again. */
async function begin(workspaceId: string, from: Recovered["from"], takenAt: string | null, { plans, snapshots }: Rebuilt): Promise<string> {
  return withWorkspace(workspaceId, async (tx) => {
    await scheduleWatch(tx, workspaceId);
    for (const policy of await tx.policy.findMany({ where: { workspaceId, removedAt: null } })) await setSchedules(tx, policy);
    for (const { connectionId, expiresAt } of await tx.tokenCache.findMany({ where: { workspaceId, expiresAt: { not: null } } })) await send("token-expiry", { workspaceId, connectionId }, { tx, startAfter: expiresAt! });
    await send("search-rebuild", { workspaceId }, { tx });
    await record(tx, workspaceId, PLANBACK, { action: "workspace.recovered", detail: { from, ...(takenAt ? { takenAt } : {}), plans, snapshots } });
    return (await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { name: true } })).name;
  });
}
