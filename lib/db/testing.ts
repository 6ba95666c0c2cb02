/** For integration tests: a fresh migrated database for each test file, and the configuration that names it. */
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { ensurePostgres } from "@/scripts/postgres";
import { closeDatabase } from "./index";
import { migrate, readMigrations } from "./migrate";
import { closeQueue } from "./queue";
import { QUEUES } from "./queues";

export interface TestDatabase {
  /** URL as the server's superuser: for looking behind the policies. */
  adminUrl: string;
  /** Closes the process's connections and drops the database. */
  close(): Promise<void>;
}

const ID = () => randomUUID();

/**
 * Makes a database from a migrated template on the server of DATABASE_URL (or an embedded one) and sets the whole
 * configuration of this process: what the test has put into process.env before stays. Call it in beforeAll.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env.PLANBACK_TEST_SERVER ?? process.env.DATABASE_URL ?? (await ensurePostgres(".data/test-postgres")).url;
  const template = await migratedTemplate(server);
  const name = `planback_test_${ID().replaceAll("-", "")}`;
  await onServer(server, (client) => copy(client, template, name));
  const storage = mkdtempSync(path.join(os.tmpdir(), "planback-test-"));
  const adminUrl = urlOf(server, name);
  setEnvironment(adminUrl, storage);
  return {
    adminUrl,
    close: async () => {
      await closeQueue();
      await closeDatabase();
      rmSync(storage, { recursive: true, force: true });
      process.env.DATABASE_URL = server;
      await onServer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** One template per state of the migrations and queues; test files that run at once wait for the first to make it. */
async function migratedTemplate(server: string): Promise<string> {
  const state = createHash("sha256").update(JSON.stringify([readMigrations().map((m) => m.checksum), QUEUES])).digest("hex").slice(0, 16);
  const name = `planback_template_${state}`;
  await onServer(server, async (client) => {
    await client.query("SELECT pg_advisory_lock(7526241911)");
    const { rows } = await client.query<{ ready: boolean }>("SELECT datistemplate AS ready FROM pg_database WHERE datname = $1", [name]);
    if (rows[0]?.ready) return;
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name}`);
    await migrate(urlOf(server, name));
    await client.query(`ALTER DATABASE ${name} IS_TEMPLATE true`);
  });
  return name;
}

/** A template with a connection still closing cannot be copied: try again shortly. */
async function copy(client: pg.Client, template: string, name: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
      return;
    } catch (error) {
      if (attempt >= 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function onServer<T>(server: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.toString();
}

function setEnvironment(databaseUrl: string, storage: string): void {
  process.env.DATABASE_URL = databaseUrl;
  const rest: Record<string, string> = {
    APP_ORIGIN: "http://127.0.0.1:3000",
    SESSION_SECRET: "a secret of the tests that is long enough",
    INSTALLATION_KEY: Buffer.alloc(32, 7).toString("base64"),
    STORAGE_DIR: storage,
    BACKUP_CLIENT_ID: ID(), BACKUP_CLIENT_SECRET: "backup-secret",
    RESTORE_CLIENT_ID: ID(), RESTORE_CLIENT_SECRET: "restore-secret",
    LOG_LEVEL: "silent",
  };
  for (const [key, value] of Object.entries(rest)) process.env[key] ??= value;
}
