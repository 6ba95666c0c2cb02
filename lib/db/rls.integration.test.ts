/** Customers are kept apart by the database itself, whatever a query forgets. */
import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isPlanbackError } from "@/lib/errors";
import { withIdentity, withInstallation, withSecret, withWorkspace, type Tx } from "./index";
import { readMigrations, migrate } from "./migrate";
import { testDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
let admin: pg.Client;
let tables: string[];
/** Rows of these are added and read, and never changed or removed by the application, whoever asks. */
const APPEND_ONLY = ["audit"];
const mine = randomUUID();
const other = randomUUID();
/** The row of `other` that each table holds, as SQL values by column. */
const rows = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const { rows: found } = await admin.query<{ relname: string }>("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname");
  tables = found.map((row) => row.relname);
  for (const workspaceId of [mine, other]) await fillEveryTable(workspaceId);
});

afterAll(async () => {
  await admin?.end();
  await database?.close();
});

/** One row in each table, made behind the policies. */
async function fillEveryTable(workspaceId: string): Promise<void> {
  const id = randomUUID();
  const hash = () => randomBytes(32);
  const w = { workspace_id: workspaceId };
  const values: [string, Record<string, unknown>][] = [
    ["workspace", { id: workspaceId, name: "W" }],
    ["workspace_key", { ...w, purpose: "content", version: 1, key_id: "k", wrapped_key: hash() }],
    ["member", { ...w, id, tid: id, oid: id, name: "n", username: "u", role: "owner" }],
    ["invitation", { ...w, id, secret_hash: hash(), role: "viewer", created_by: id, expires_at: new Date() }],
    ["api_key", { ...w, id, secret_hash: hash(), name: "n", scopes: ["backup"], member_id: id, tid: id, oid: id, made_by: "n", expires_at: new Date(Date.now() + 86_400_000) }],
    ["api_request", { ...w, sender_id: id, idempotency_key: "k", fingerprint: hash(), outcome_id: id }],
    ["session", { secret_hash: hash(), tid: id, oid: id, name: "n", username: "u", authenticated_at: new Date(), expires_at: new Date() }],
    ["oauth_flow", { ...w, id, state_hash: hash(), kind: "connect", purpose: "backup", flow_cookie_hash: hash(), expires_at: new Date() }],
    ["microsoft_tenant", { ...w, id, tid: id }],
    ["consent_link", { ...w, id, secret_hash: hash(), purpose: "backup", tid: id, requested_by: "n", expires_at: new Date() }],
    ["connection", { ...w, id, microsoft_tenant_id: id, oid: id, name: "n", username: "u", backup_state: "active", restore_state: "none" }],
    ["token_cache", { ...w, connection_id: id, purpose: "backup", sealed_cache: hash(), updated_at: new Date() }],
    ["requirement", { ...w, connection_id: id, id: "r", purpose: "backup", position: 0, state: "met" }],
    ["policy", { ...w, id, connection_id: id, name: "p", selection: {}, schedule: {}, updated_at: new Date() }],
    ["plan", { ...w, id, microsoft_tenant_id: id, graph_plan_id: "p", group_id: id, sealed_names: hash() }],
    ["run", { ...w, id, policy_id: id, trigger: "manual", state: "queued" }],
    ["run_plan", { ...w, run_id: id, plan_id: id, state: "queued", updated_at: new Date() }],
    ["snapshot", { ...w, id, plan_id: id, run_id: id, state: "open", taken_at: new Date() }],
    ["loss", { ...w, id, plan_id: id, snapshot_id: id, before_id: id, removed: 12, found_at: new Date() }],
    ["live_reading", { ...w, id, plan_id: id, state: "waiting" }],
    ["restore", { ...w, id, snapshot_id: id, connection_id: id, started_by: "n", state: "planning", sealed_request: hash() }],
    ["restore_intent", { ...w, restore_id: id, seq: 0, kind: "create_plan", state: "pending", updated_at: new Date() }],
    ["verification", { ...w, id, started_by: "n", state: "queued" }],
    ["condemned", { ...w, type: "segment", object_id: id, bytes: 1, condemned_at: new Date() }],
    ["own_store", { ...w, id, driver: "s3", name: "n", sealed_settings: hash(), added_by: "n" }],
    ["store_move", { ...w, id, from_place: "files", to_place: "s3", state: "copying", started_by: "n" }],
    ["prune", { ...w, id, state: "done" }],
    ["audit", { ...w, seq: 1, at: new Date(), actor_name: "n", action: "workspace.created", outcome: "done", detail: {}, prev_hash: Buffer.alloc(32), hash: hash() }],
    ["erasure", { ...w, asked_at: new Date(), asked_tid: id, asked_oid: id, keys_destroyed_at: new Date() }],
    ["incident", { ...w, id, event: "backup.failed", subject_id: id, facts: {}, opened_at: new Date() }],
    ["channel", { ...w, id, kind: "email", name: "n", sealed_target: hash(), events: [] }],
    ["search_entry", { ...w, plan_id: id, task_id: "t", first_at: new Date(), changed_at: new Date(), last_snapshot_id: id, last_at: new Date(), sealed_summary: hash(), number: 1 }],
    ["search_posting", { ...w, plan_id: id, token: -1, tasks: [1, 2] }],
    ["delivery", { ...w, id, channel_id: id, incident_id: id, event: "backup.failed", change: "opened", state: "queued" }],
  ];
  for (const [table, row] of values) {
    const columns = Object.keys(row);
    await admin.query(`INSERT INTO "${table}" (${columns.join(", ")}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(", ")})`, Object.values(row));
    rows.set(table, row);
  }
}

describe("the catalogue of the database", () => {
  test("every table forces row-level security and has a policy with USING and WITH CHECK for all commands", async () => {
    expect(tables).toEqual([...rows.keys()].sort());
    const { rows: found } = await admin.query<{ relname: string; enabled: boolean; forced: boolean; full: number; partial: number }>(`
      SELECT c.relname, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
        count(*) FILTER (WHERE p.polcmd = '*' AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL)::int AS full,
        count(*) FILTER (WHERE p.polcmd NOT IN ('*', 'r') OR p.polqual IS NULL)::int AS partial
      FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polpermissive
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY c.oid ORDER BY 1`);
    expect(found).toEqual(tables.map((relname) => ({ relname, enabled: true, forced: true, full: 1, partial: 0 })));
  });

  test("every table that holds something of a plan is closed by group too, for reading and writing", async () => {
    const { rows: closed } = await admin.query<{ relname: string }>(`
      SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND NOT p.polpermissive AND p.polcmd = '*' AND p.polname = 'by_group' AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL ORDER BY 1`);
    const { rows: needed } = await admin.query<{ relname: string }>(`
      SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname IN ('plan_id', 'run_id', 'snapshot_id', 'restore_id', 'graph_plan_id', 'trigger') ORDER BY 1`);
    expect(closed).toEqual(needed);
  });

  test("every foreign key and every unique index of a workspace's table includes the workspace", async () => {
    const { rows: bad } = await admin.query(`
      SELECT conrelid::regclass::text AS place, conname FROM pg_constraint k
      WHERE contype IN ('f', 'p', 'u') AND connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT IN ('workspace', 'session')
        AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname = 'workspace_id')
      UNION ALL
      SELECT indrelid::regclass::text, indexrelid::regclass::text FROM pg_index i
      WHERE indisunique AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT IN ('workspace', 'session'))
        AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) AND a.attname = 'workspace_id')`);
    // On purpose across workspaces: two of them must not write into one plan of Microsoft 365 at once. It tells one of the other no more than that.
    expect(bad).toEqual([{ place: "restore", conname: "restore_one_turn" }]);
  });

  test("the application's role is no superuser, goes around nothing and owns nothing", async () => {
    const { rows: role } = await admin.query("SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = 'planback_app'");
    expect(role).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreatedb: false, rolcreaterole: false, rolcanlogin: false }]);
    const { rows: owned } = await admin.query("SELECT relname FROM pg_class WHERE relowner = 'planback_app'::regrole");
    expect(owned).toEqual([]);
    const [who] = await withWorkspace(mine, (tx) => tx.$queryRaw<{ name: string }[]>`SELECT current_user::text AS name`);
    expect(who?.name).toBe("planback_app");
  });

  test("the application's role cannot change, remove or truncate what is append-only, nor truncate anything", async () => {
    for (const table of tables) {
      const { rows: [may] } = await admin.query<{ change: boolean; empty: boolean }>(
        "SELECT has_table_privilege('planback_app', $1, 'UPDATE') OR has_any_column_privilege('planback_app', $1, 'UPDATE') OR has_table_privilege('planback_app', $1, 'DELETE') AS change, has_table_privilege('planback_app', $1, 'TRUNCATE') AS empty", [`"${table}"`]);
      expect([table, may]).toEqual([table, { change: !APPEND_ONLY.includes(table), empty: false }]);
    }
  });

  test("no view or security definer function goes around the policies", async () => {
    const { rows: found } = await admin.query(`
      SELECT relname AS name FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
      UNION ALL SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace`);
    expect(found).toEqual([]);
  });

  test("what counts over all workspaces runs as a role that nobody of the application can become, and that can read nothing anybody wrote", async () => {
    const { rows: functions } = await admin.query("SELECT proname, proowner::regrole::text AS owner, prosecdef FROM pg_proc WHERE pronamespace = 'operations'::regnamespace ORDER BY 1");
    expect(functions).toEqual(["copies", "failures", "journaled", "storage", "tenants", "turn_is_held"].map((proname) => ({ proname, owner: "planback_counts", prosecdef: true })));
    const { rows: [role] } = await admin.query("SELECT rolsuper OR rolbypassrls OR rolcanlogin AS strong, pg_has_role('planback_app', 'planback_counts', 'MEMBER') AS ours FROM pg_roles WHERE rolname = 'planback_counts'");
    expect(role).toEqual({ strong: false, ours: false });
    const { rows: readable } = await admin.query<{ type: string }>(`
      SELECT DISTINCT format_type(a.atttypid, NULL) AS type FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND has_column_privilege('planback_counts', c.oid, a.attnum, 'SELECT')
        AND NOT (c.relname, a.attname) IN (('run', 'state'), ('run', 'problem'), ('run_plan', 'state'), ('restore', 'state'), ('snapshot', 'state'), ('verification', 'state'), ('delivery', 'state'), ('policy', 'selection'), ('workspace', 'copy_problem'),
          ('restore_intent', 'remote_id'), ('restore', 'writes_to'), ('restore', 'holds_turn')) ORDER BY 1`);
    expect(readable.map(({ type }) => type)).toEqual(["bigint", "timestamp with time zone", "uuid"]);
    const { rows: writable } = await admin.query("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND has_table_privilege('planback_counts', oid, 'INSERT, UPDATE, DELETE, TRUNCATE')");
    expect(writable).toEqual([]);
  });
});

/** Ways of asking that must show nothing of `other`. */
const askers: [string, <T>(work: (tx: Tx) => Promise<T>) => Promise<T>][] = [
  ["another workspace", (work) => withWorkspace(mine, work)],
  ["no workspace", (work) => withWorkspace("", work)],
  ["a stranger", (work) => withIdentity(randomUUID(), randomUUID(), work)],
  ["a secret nobody has", (work) => withSecret(randomBytes(32), work)],
];

/** Any column that names the row of `other`. */
function keyOf(table: string): [string, unknown] {
  const row = rows.get(table)!;
  if (table === "workspace") return ["id", row.id];
  return table === "session" ? ["tid", row.tid] : ["workspace_id", row.workspace_id];
}

describe.each(askers)("asked by %s", (_name, ask) => {
  test("each table shows nothing and lets nothing be changed or removed", async () => {
    for (const table of tables) {
      const [column, value] = keyOf(table);
      const where = `WHERE "${column}" = '${String(value)}'::uuid`;
      const seen = await ask((tx) => tx.$queryRawUnsafe<unknown[]>(`SELECT 1 FROM "${table}" ${where}`));
      expect([table, seen.length]).toEqual([table, 0]);
      const change = (statement: string) => ask((tx) => tx.$executeRawUnsafe(`${statement} ${where}`));
      for (const statement of [`UPDATE "${table}" SET "${column}" = "${column}"`, `DELETE FROM "${table}"`]) {
        if (APPEND_ONLY.includes(table)) await expect(change(statement), statement).rejects.toThrow(/permission denied/);
        else expect([statement, await change(statement)]).toEqual([statement, 0]);
      }
    }
  });

  test("no row can be written for somebody else", async () => {
    for (const table of tables) {
      const insert = `INSERT INTO "${table}" SELECT (jsonb_populate_record(NULL::"${table}", $1::jsonb)).*`;
      const { rows: [found] } = await admin.query<{ row: object }>(`SELECT to_jsonb(t) AS row FROM "${table}" t WHERE "${keyOf(table)[0]}" = $1`, [keyOf(table)[1]]);
      await expect(ask((tx) => tx.$executeRawUnsafe(insert, JSON.stringify(found!.row))), table).rejects.toThrow(/row-level security/);
    }
  });
});

describe("a capability shows one row and no more", () => {
  test("a secret shows its own session, invitation, consent link, API key and flow", async () => {
    for (const [table, column] of [["session", "secret_hash"], ["invitation", "secret_hash"], ["consent_link", "secret_hash"], ["api_key", "secret_hash"], ["oauth_flow", "state_hash"]] as const) {
      const hash = rows.get(table)![column] as Buffer;
      const seen = await withSecret(hash, (tx) => tx.$queryRawUnsafe<{ h: Uint8Array }[]>(`SELECT ${column} AS h FROM "${table}"`));
      expect(seen.map((row) => Buffer.from(row.h).toString("hex")), table).toEqual([hash.toString("hex")]);
    }
  });

  test("the installation sees the wrapped keys of all workspaces, changes none, and sees nothing else", async () => {
    for (const table of tables) {
      const seen = await withInstallation((tx) => tx.$queryRawUnsafe<unknown[]>(`SELECT 1 FROM "${table}"`));
      expect([table, seen.length]).toEqual([table, table === "workspace_key" ? 2 : 0]);
    }
    expect(await withInstallation((tx) => tx.workspaceKey.updateMany({ data: { keyId: "x" } }))).toEqual({ count: 0 });
    expect(await withInstallation((tx) => tx.workspaceKey.deleteMany())).toEqual({ count: 0 });
  });

  test("a secret does not let the link be changed", async () => {
    const hash = rows.get("invitation")!.secret_hash as Buffer;
    expect(await withSecret(hash, (tx) => tx.invitation.updateMany({ data: { role: "owner" } }))).toEqual({ count: 0 });
  });

  test("a person sees own memberships, their workspaces and sessions", async () => {
    const { tid, oid } = rows.get("member")! as { tid: string; oid: string };
    const seen = await withIdentity(tid, oid, async (tx) => ({ members: await tx.member.findMany(), workspaces: await tx.workspace.findMany(), connections: await tx.connection.count() }));
    expect(seen.members.map((row) => row.workspaceId)).toEqual([other]);
    expect(seen.workspaces.map((row) => row.id)).toEqual([other]);
    expect(seen.connections).toBe(0);
    expect(await withIdentity(tid, oid, (tx) => tx.member.updateMany({ data: { role: "owner" } }))).toEqual({ count: 0 });
  });
});

test("2,000 interleaved transactions on one pool never see each other's workspace", async () => {
  const wrong: string[] = [];
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 100 }, async (_, i) => {
      const workspaceId = i % 2 ? mine : other;
      const seen = await withWorkspace(workspaceId, (tx) => tx.member.findMany({ select: { workspaceId: true } }));
      if (seen.length !== 1 || seen[0]!.workspaceId !== workspaceId) wrong.push(workspaceId);
    }));
  }
  expect(wrong).toEqual([]);
});

test("the schema of Prisma and the database agree: every model can be read", async () => {
  await withWorkspace(mine, async (tx) => {
    const models = Object.entries(tx).filter(([, value]) => typeof value === "object" && value !== null && "findMany" in value) as [string, { findFirst(): Promise<unknown> }][];
    expect(models).toHaveLength(tables.length);
    for (const [name, model] of models) if (name !== "session") expect(await model.findFirst(), name).not.toBeNull();
  });
});

describe("migrations", () => {
  test("running again changes nothing", async () => {
    expect(await migrate(database.adminUrl)).toEqual([]);
  });

  test("a database that is newer than the build is refused", async () => {
    await expect(migrate(database.adminUrl, readMigrations().slice(1))).rejects.toSatisfy((error) => isPlanbackError(error, "schema") && /newer than this version/.test(error.message));
  });

  test("a migration that was edited after it ran is refused", async () => {
    const edited = readMigrations().map((migration) => ({ ...migration, checksum: "0" }));
    await expect(migrate(database.adminUrl, edited)).rejects.toSatisfy((error) => isPlanbackError(error, "config"));
  });

  test("a failing migration leaves nothing behind", async () => {
    const broken = { name: "9999_broken", sql: "CREATE TABLE half (id int); SELECT nonsense;", checksum: "x" };
    await expect(migrate(database.adminUrl, [...readMigrations(), broken])).rejects.toSatisfy((error) => isPlanbackError(error, "config"));
    expect((await admin.query("SELECT to_regclass('public.half') AS made")).rows).toEqual([{ made: null }]);
  });
});
