/**
 * The one way to the database. Every query runs in a transaction that has said for whom it asks: a workspace, a
 * person, or the holder of a secret. Row-level security (prisma/migrations) shows it nothing else, even if a query
 * forgets its filter. The client itself is not exported.
 */
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { config } from "@/lib/config";
import { PlanbackError } from "@/lib/errors";
import { PrismaClient, type Prisma } from "@/lib/generated/prisma/client";

export type Tx = Prisma.TransactionClient;

/** The role of the application: no superuser, owns nothing, bound by row-level security. */
export const APP_ROLE = "planback_app";
/** Sent at connect, so that even a superuser's DATABASE_URL works with the rights of the role only. */
export const ROLE_OPTIONS = `-c role=${APP_ROLE}`;

const OPTIONS = `${ROLE_OPTIONS} -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000`;
/** A network that swallows everything ends a statement some time after the server would have ended it, instead of never. */
export const CUT_OFF = { connectionTimeoutMillis: 10_000, query_timeout: 45_000, keepAlive: true };
const TRANSACTION = { timeout: 30_000, maxWait: 10_000 };

/** Next bundles routes apart, each with its own copy of this module: the client is shared through globalThis. */
const shared = globalThis as typeof globalThis & { planbackDatabase?: Promise<PrismaClient>; planbackPool?: pg.Pool };

function database(): Promise<PrismaClient> {
  shared.planbackDatabase ??= connect().catch((error: unknown) => {
    shared.planbackDatabase = undefined;
    throw error;
  });
  return shared.planbackDatabase;
}

async function connect(): Promise<PrismaClient> {
  const pool = new pg.Pool({ connectionString: config().databaseUrl, options: OPTIONS, max: 10, ...CUT_OFF });
  const client = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) });
  shared.planbackPool = pool;
  try {
    await refuseTooMuchPower(client);
    return client;
  } catch (error) {
    await client.$disconnect();
    throw asPlanbackError(error);
  }
}

async function refuseTooMuchPower(client: PrismaClient): Promise<void> {
  const [role] = await client.$queryRaw<{ name: string; unbound: boolean }[]>`
    SELECT rolname AS name, rolsuper OR rolbypassrls AS unbound FROM pg_roles WHERE rolname = current_user`;
  if (!role || role.unbound || role.name !== APP_ROLE) {
    throw new PlanbackError("config", `The database connection does not use the role ${APP_ROLE}, so customers would not be kept apart. Run the migration and grant ${APP_ROLE} to the user of DATABASE_URL.`);
  }
}

/** Runs `work` in a transaction that sees and writes only the rows of one workspace. */
export function withWorkspace<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('app.workspace_id', ${workspaceId}, true)`;
    return work(tx);
  });
}

/** From here on the transaction sees and writes only plans of these groups and what belongs to them; null: of all groups. */
export async function limitToGroups(tx: Tx, groups: readonly string[] | null): Promise<void> {
  await tx.$executeRaw`SELECT set_config('app.groups', ${groups ? `{${groups.join(",")}}` : ""}, true)`;
}

/** Runs `work` in a transaction that sees a person's own sessions, memberships and the workspaces these name. */
export function withIdentity<T>(tid: string, oid: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('app.tid', ${tid}, true), set_config('app.oid', ${oid}, true)`;
    return work(tx);
  });
}

/**
 * Runs `work` in a transaction that sees the one row whose secret has this SHA-256 (32 bytes): a session (also
 * writable), an invitation, a consent link or a trip to Microsoft.
 */
export function withSecret<T>(secretHash: Uint8Array, work: (tx: Tx) => Promise<T>): Promise<T> {
  const hex = Buffer.from(secretHash).toString("hex");
  return transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('app.secret_hash', ${hex}, true)`;
    return work(tx);
  });
}

/** Runs `work` in a transaction that names nobody: it sees no row of any workspace, only what schema `operations` counts. */
export function withOperations<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(work);
}

/** Runs `work` in a transaction that sees the wrapped keys of all workspaces, and nothing else of them. */
export function withInstallation<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('app.installation', 'on', true)`;
    return work(tx);
  });
}

/** The rows of one workspace as they are at one moment, for reading only; may take up to an hour. */
export function withWorkspaceAsOf<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(async (tx) => {
    await tx.$executeRaw`SET TRANSACTION READ ONLY`;
    await tx.$executeRaw`SELECT set_config('app.workspace_id', ${workspaceId}, true)`;
    return work(tx);
  }, { ...TRANSACTION, timeout: 3600_000, isolationLevel: "RepeatableRead" });
}

async function transaction<T>(work: (tx: Tx) => Promise<T>, options: { timeout: number; maxWait: number; isolationLevel?: "RepeatableRead" } = TRANSACTION): Promise<T> {
  const client = await database();
  try {
    return await client.$transaction(work, options);
  } catch (error) {
    throw asPlanbackError(error);
  }
}

/** The connections of this process: in use, idle, and requests that wait for one. */
export function poolState(): { used: number; idle: number; waiting: number } {
  const pool = shared.planbackPool;
  return pool ? { used: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount } : { used: 0, idle: 0, waiting: 0 };
}

/** Closes the pool, at the end of a process or a test. */
export async function closeDatabase(): Promise<void> {
  const open = shared.planbackDatabase;
  shared.planbackDatabase = undefined;
  await (await open?.catch(() => undefined))?.$disconnect();
}

/** True when the database answers. */
export async function isDatabaseReady(): Promise<boolean> {
  try {
    await (await database()).$queryRaw`SELECT 1`;
    return true;
  } catch {
    return false;
  }
}

/** True when a row with this key exists already (P2002 of https://www.prisma.io/docs/orm/reference/error-reference). */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === "P2002";
}

/** Prisma's and Node's codes for a server that is not there, refuses, is full, or went away in mid-sentence. */
const UNREACHABLE = new Set(["P1000", "P1001", "P1002", "P1003", "P1008", "P1010", "P1011", "P1017", "P2024", "P2028", "P2037",
  "ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "EAI_AGAIN", "57P01", "57P03", "53300"]);

/** An unreachable database as PlanbackError `database_unavailable`; everything else as it is. */
export function asPlanbackError(error: unknown): unknown {
  if (error instanceof PlanbackError) return error;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = codeOf(cause);
    if ((code && UNREACHABLE.has(code)) || /Can't reach database server|Connection terminated|Query read timeout|timeout exceeded when trying to connect/.test(cause.message)) return unavailable(error);
  }
  return error;
}

function unavailable(cause: unknown): PlanbackError {
  return new PlanbackError("database_unavailable", "The database cannot be reached at the moment. Nothing that was stored is lost. Try again in a minute.", { cause });
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
