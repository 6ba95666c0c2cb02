/**
 * Brings a database to the state this build needs: the SQL of prisma/migrations in order, then the job queue's own
 * schema. Run as the owner, at deploy; web and worker only ever use the role planback_app that the SQL makes.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { PlanbackError } from "@/lib/errors";
import { QUEUES, QUEUE_SCHEMA } from "./queues";
import { MIGRATIONS, migrationNames } from "./schema";

/** Two deploys at once: the second waits here and then finds nothing to do. */
const ADVISORY_LOCK = 7_526_241_910;

export interface Migration { name: string; sql: string; checksum: string }

/** The migrations of this build, oldest first. */
export function readMigrations(directory = MIGRATIONS): Migration[] {
  return migrationNames(directory).map((name) => {
    const sql = readFileSync(path.join(directory, name, "migration.sql"), "utf8");
    return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
  });
}

/**
 * Migrates the database behind `adminUrl` (its owner or a superuser) and returns the names that were applied now.
 * Throws PlanbackError `schema` when the database is newer than this build, `config` when a migration was edited after it
 * ran or fails, `database_unavailable` when it cannot be reached.
 */
export async function migrate(adminUrl: string, migrations: Migration[] = readMigrations()): Promise<string[]> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on("error", () => undefined); // of a connection that breaks, its statement rejects as well
  try {
    await client.connect();
  } catch (cause) {
    throw new PlanbackError("database_unavailable", "The database cannot be reached. Check DATABASE_URL and that PostgreSQL runs. Nothing was changed.", { cause });
  }
  try {
    await client.query("SELECT pg_advisory_lock($1)", [ADVISORY_LOCK]);
    const applied = await applyMigrations(client, migrations);
    await migrateQueue(adminUrl);
    await grantQueue(client);
    return applied;
  } finally {
    await client.end();
  }
}

async function applyMigrations(client: pg.Client, migrations: Migration[]): Promise<string[]> {
  await client.query("CREATE SCHEMA IF NOT EXISTS migrations");
  await client.query("CREATE TABLE IF NOT EXISTS migrations.applied (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
  const { rows } = await client.query<{ name: string; checksum: string }>("SELECT name, checksum FROM migrations.applied");
  const done = new Map(rows.map((row) => [row.name, row.checksum]));
  refuseStrangers(done, migrations);
  const applied: string[] = [];
  for (const migration of migrations) {
    if (done.has(migration.name)) continue;
    await applyOne(client, migration);
    applied.push(migration.name);
  }
  return applied;
}

function refuseStrangers(done: ReadonlyMap<string, string>, migrations: Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration.checksum]));
  for (const [name, checksum] of done) {
    if (!known.has(name)) {
      throw new PlanbackError("schema", `The database is newer than this version of Planback: it has migration ${name}. Nothing was changed. Run the newer version.`, { facts: { newer: name } });
    }
    if (known.get(name) !== checksum) {
      throw new PlanbackError("config", `Migration ${name} differs from the one this database was made with. Nothing was changed.`);
    }
  }
}

async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(migration.sql);
    await client.query("INSERT INTO migrations.applied (name, checksum) VALUES ($1, $2)", [migration.name, migration.checksum]);
    await client.query("COMMIT");
  } catch (cause) {
    await client.query("ROLLBACK").catch(() => undefined); // a connection that broke has undone it
    throw new PlanbackError("config", `Migration ${migration.name} failed and was undone: ${(cause as Error).message}`, { cause });
  }
}

async function migrateQueue(adminUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: adminUrl, schema: QUEUE_SCHEMA, supervise: false, schedule: false, max: 2 });
  boss.on("error", () => undefined); // a failed statement also rejects the call it belongs to
  await boss.start();
  try {
    for (const { name, policy, options } of QUEUES) {
      await boss.createQueue(name, policy ? { ...options, policy } : options);
      await boss.updateQueue(name, options);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}

/** The queue's tables hold ids only; the application role uses them but owns none. */
async function grantQueue(client: pg.Client): Promise<void> {
  await client.query(`
    GRANT USAGE ON SCHEMA ${QUEUE_SCHEMA} TO planback_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${QUEUE_SCHEMA} TO planback_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${QUEUE_SCHEMA} TO planback_app;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${QUEUE_SCHEMA} TO planback_app;
    GRANT planback_app TO CURRENT_USER;
    GRANT USAGE ON SCHEMA migrations TO planback_app;
    GRANT SELECT ON migrations.applied TO planback_app;
  `);
}
