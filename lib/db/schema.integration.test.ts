/** Builds and databases of different versions, and several that migrate at once. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isPlanbackError } from "@/lib/errors";
import { migrate, readMigrations } from "./migrate";
import { appliedMigrations, awaitSchema, checkSchema, migrationNames } from "./schema";
import { testDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
let admin: pg.Client;
/** What the build that runs here does not know. */
const FUTURE = "9999_future";

beforeAll(async () => {
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await database?.close();
});

async function started(entry: string, env: Record<string, string> = {}): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", entry], { env: { ...process.env, ...env } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "exit")) as [number];
  return { code, said };
}

test("four processes migrate an empty database at once: one does the work, all end well", async () => {
  const name = `planback_four_${Date.now()}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(database.adminUrl);
  url.pathname = `/${name}`;
  try {
    const ends = await Promise.all([1, 2, 3, 4].map(() => started("scripts/migrate.ts", { DATABASE_URL: url.toString() })));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(ends.filter(({ said }) => said.includes("Applied: 0001_start"))).toHaveLength(1);
    expect(ends.filter(({ said }) => said.includes("The database is up to date."))).toHaveLength(3);
    expect(await appliedMigrations(url.toString())).toEqual(migrationNames());
  } finally {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  }
});

test("a worker of an older version refuses a newer database at once, in words, and so does its migration", async () => {
  await admin.query("INSERT INTO migrations.applied (name, checksum) VALUES ($1, 'x')", [FUTURE]);
  try {
    const { code, said } = await started("worker/main.ts");
    expect([code, said.trim()]).toEqual([1, `The database is newer than this version of Planback: it has migration ${FUTURE}. Nothing was changed. Start the newer version.`]);
    await expect(migrate(database.adminUrl)).rejects.toSatisfy((error) => isPlanbackError(error, "schema") && error.facts.newer === FUTURE);
  } finally {
    await admin.query("DELETE FROM migrations.applied WHERE name = $1", [FUTURE]);
  }
});

test("a newer version waits for its migration, and starts when that has run", async () => {
  const last = migrationNames().at(-1)!;
  const { rows: [row] } = await admin.query<{ checksum: string }>("DELETE FROM migrations.applied WHERE name = $1 RETURNING checksum", [last]);
  const said: string[] = [];
  await expect(awaitSchema((message) => said.push(message), 1_000)).rejects.toSatisfy((error) => isPlanbackError(error, "schema"));
  let isDone = false;
  const waiting = awaitSchema((message) => said.push(message), 20_000).then(() => (isDone = true));
  await expect.poll(() => said.length).toBe(1);
  expect([isDone, said]).toEqual([false, [`The database is older than this version of Planback: it lacks migration ${last}. Nothing was changed. Run the migration (npm run migrate).`]]);
  await admin.query("INSERT INTO migrations.applied (name, checksum) VALUES ($1, $2)", [last, row!.checksum]);
  await waiting;
});

test("a database that was never migrated lacks everything", async () => {
  const url = new URL(database.adminUrl);
  url.pathname = "/postgres";
  const applied = await appliedMigrations(url.toString());
  expect(applied).toEqual([]);
  expect(() => checkSchema(applied)).toThrow(/lacks \d+ migrations, up to/);
});

test("migrations are read from the folder that the process starts in, in order", () => {
  const copy = mkdtempSync(path.join(os.tmpdir(), "planback-"));
  cpSync("prisma/migrations/0001_start", path.join(copy, "0002_b"), { recursive: true });
  cpSync("prisma/migrations/0001_start", path.join(copy, "0001_a"), { recursive: true });
  expect(readMigrations(copy).map(({ name }) => name)).toEqual(["0001_a", "0002_b"]);
  rmSync(copy, { recursive: true });
});
