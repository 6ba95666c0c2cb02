/** Whether the database is as this build needs it. An older build must not write into a newer database, nor a newer one into an older. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { config } from "@/lib/config";
import { isPlanbackError, PlanbackError } from "@/lib/errors";

/** The folder of the migrations, in the folder that the process is started in. */
export const MIGRATIONS = path.resolve("prisma/migrations");

const WAIT_MS = 60_000;
const AGAIN_MS = 2_000;

/** The names of this build's migrations, oldest first. */
export function migrationNames(directory = MIGRATIONS): string[] {
  return readdirSync(/* turbopackIgnore: true */ directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
}

/** The migrations that the database has had, oldest first; none when it is empty or does not show them yet. */
export async function appliedMigrations(databaseUrl = config().databaseUrl): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    return (await client.query<{ name: string }>("SELECT name FROM migrations.applied ORDER BY name")).rows.map(({ name }) => name);
  } catch (error) {
    if (NOT_THERE.has((error as { code?: string }).code ?? "")) return [];
    throw new PlanbackError("database_unavailable", "The database cannot be reached. Check DATABASE_URL and that PostgreSQL runs. Nothing was changed.", { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** No such schema, no such table, no right to read it: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const NOT_THERE = new Set(["3F000", "42P01", "42501"]);

/** Throws PlanbackError `schema` when the database is newer or older than this build. */
export function checkSchema(applied: readonly string[], names: readonly string[] = migrationNames()): void {
  const newer = applied.filter((name) => !names.includes(name)).at(-1);
  if (newer) {
    throw new PlanbackError("schema", `The database is newer than this version of Planback: it has migration ${newer}. Nothing was changed. Start the newer version.`, { facts: { newer } });
  }
  const missing = names.filter((name) => !applied.includes(name));
  if (missing.length > 0) {
    throw new PlanbackError("schema", `The database is older than this version of Planback: it lacks ${missing.length === 1 ? "migration" : `${missing.length} migrations, up to`} ${missing.at(-1)}. Nothing was changed. Run the migration (npm run migrate).`, { facts: { missing: missing.length } });
  }
}

/**
 * Returns when the database fits this build. One that is away, or whose migration is still to come, is waited for; then,
 * and at once when it is newer, PlanbackError `schema` or `database_unavailable` is thrown.
 */
export async function awaitSchema(onWait: (message: string) => void, waitMs = WAIT_MS): Promise<void> {
  const end = Date.now() + waitMs;
  for (let said = ""; ; ) {
    try {
      return checkSchema(await appliedMigrations());
    } catch (error) {
      if (!isPlanbackError(error, "schema", "database_unavailable") || error.facts.newer !== undefined || Date.now() + AGAIN_MS > end) throw error;
      if (said !== error.message) onWait((said = error.message));
      await sleep(AGAIN_MS);
    }
  }
}
