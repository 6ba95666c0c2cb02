/**
 * How the installation is, for those who run it: counts over all workspaces, ids, codes and versions; never a name, never
 * content. The functions of schema `operations` give out nothing else (migration 0022).
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { config } from "@/lib/config";
import { withOperations } from "@/lib/db";
import { QUEUE_SCHEMA } from "@/lib/db/queues";
import { appliedMigrations, migrationNames } from "@/lib/db/schema";
import { PlanbackError } from "@/lib/errors";
import { Prisma } from "@/lib/generated/prisma/client";
import { governorKey, standingPauses } from "@/lib/graph";
import { COPY_EVERY_MS } from "./dump";
import type { Actor, InstallationView } from "./types";

const EVERY_MS = 15_000;
const ALIVE_SECONDS = 60;
const DAY_MS = 24 * 3600_000;

/** True for the people of OPERATORS. */
export function isOperator({ tid, oid }: Pick<Actor, "tid" | "oid">): boolean {
  return config().operators.some((operator) => operator.tid === tid && operator.oid === oid);
}

/** Writes down every quarter of a minute that this process lives. Returns how to end it; a time that fails is left out. */
export function announceProcess(kind: "web" | "worker"): () => Promise<void> {
  const id = randomUUID();
  const { version } = config();
  const announce = async () => {
    const now = Date.now();
    const pauses = JSON.stringify(standingPauses(now).map(({ key, place, until }) => ({ key, place, ms: until - now })));
    await withOperations((tx) => tx.$executeRaw`
      INSERT INTO operations.process (id, kind, version, host, pauses) VALUES (${id}::uuid, ${kind}, ${version}, ${hostname()}, ${pauses}::jsonb)
      ON CONFLICT (id) DO UPDATE SET pauses = excluded.pauses, seen_at = now()`);
    await withOperations((tx) => tx.$executeRaw`DELETE FROM operations.process WHERE seen_at < now() - interval '1 day'`);
  };
  let last: Promise<unknown> = announce().catch(() => undefined);
  const timer = setInterval(() => (last = announce().catch(() => undefined)), EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
    await last;
    await withOperations((tx) => tx.$executeRaw`DELETE FROM operations.process WHERE id = ${id}::uuid`).catch(() => undefined);
  };
}

interface Depth { queue: string; waiting: number; later: number; active: number; oldestSeconds: number | null }

/** What is in the queues, and for how long the oldest job that is due has waited. */
export async function readQueues(): Promise<Depth[]> {
  return withOperations((tx) => tx.$queryRaw<Depth[]>`
    SELECT q.name AS queue,
      count(*) FILTER (WHERE j.state IN ('created', 'retry') AND j.start_after <= now())::int AS waiting,
      count(*) FILTER (WHERE j.state IN ('created', 'retry') AND j.start_after > now())::int AS later,
      count(*) FILTER (WHERE j.state = 'active')::int AS active,
      extract(epoch FROM now() - min(greatest(j.created_on, j.start_after)) FILTER (WHERE j.state IN ('created', 'retry') AND j.start_after <= now()))::float8 AS "oldestSeconds"
    FROM ${Prisma.raw(QUEUE_SCHEMA)}.queue q LEFT JOIN ${Prisma.raw(QUEUE_SCHEMA)}.job j ON j.name = q.name AND j.state < 'completed'
    WHERE q.name NOT LIKE '\\_\\_%' GROUP BY q.name ORDER BY waiting DESC, active DESC, q.name`);
}

/** So old a nightly copy is late: one night was left out. */
const COPY_LATE_MS = 2 * COPY_EVERY_MS;

/** Workspaces whose nightly copy of the rows is late, or whose last attempt failed. */
export async function readCopies(now = new Date()): Promise<InstallationView["copies"]> {
  const before = new Date(now.getTime() - COPY_LATE_MS);
  const rows = await withOperations((tx) => tx.$queryRaw<{ workspaceId: string; copiedAt: Date | null; problem: string | null; isLate: boolean }[]>`
    SELECT workspace_id::text AS "workspaceId", copied_at AS "copiedAt", problem, late AS "isLate" FROM operations.copies(${before})`);
  return rows.map(({ copiedAt, ...row }) => ({ ...row, copiedAt: copiedAt?.toISOString() ?? null }));
}

/** The page of an operator. To anybody else it does not exist. */
export async function getInstallation(actor: Actor): Promise<InstallationView> {
  if (!isOperator(actor)) throw new PlanbackError("not_found", "This page does not exist.");
  const since = new Date(Date.now() - DAY_MS);
  const [queues, failures, processes, storage, tenants, copies, applied] = await Promise.all([
    readQueues(),
    withOperations((tx) => tx.$queryRaw<InstallationView["failures"]>`SELECT kind, detail, count::int FROM operations.failures(${since})`),
    withOperations((tx) => tx.$queryRaw<ProcessRow[]>`
      SELECT id::text, kind, version, host, pauses, started_at AS "startedAt", seen_at AS "seenAt", extract(epoch FROM now() - seen_at)::float8 AS age
      FROM operations.process WHERE seen_at > now() - interval '1 day' ORDER BY kind, started_at`),
    withOperations((tx) => tx.$queryRaw<InstallationView["storage"]>`SELECT workspace_id::text AS "workspaceId", plans::int, snapshots::int, bytes::float8 FROM operations.storage() LIMIT 200`),
    withOperations((tx) => tx.$queryRaw<{ tid: string }[]>`SELECT tid::text FROM operations.tenants()`),
    readCopies(),
    appliedMigrations(),
  ]);
  return {
    at: new Date().toISOString(),
    queues, failures, storage, copies: copies.slice(0, 200),
    throttled: throttledOf(processes, tenants.map(({ tid }) => tid)),
    processes: processes.map(({ id, kind, version, host, startedAt, seenAt, age }) => ({ id, kind, version, host, startedAt: startedAt.toISOString(), seenAt: seenAt.toISOString(), alive: age < ALIVE_SECONDS })),
    schema: { applied: applied.at(-1) ?? null, wanted: migrationNames().at(-1) ?? null },
  };
}

interface ProcessRow { id: string; kind: "web" | "worker"; version: string; host: string; pauses: { key: string; place: string; ms: number }[]; startedAt: Date; seenAt: Date; age: number }

/** Pauses are known by the governor's key, which names nobody; those of our Microsoft tenants are told by making their keys. */
function throttledOf(processes: readonly ProcessRow[], tids: readonly string[]): InstallationView["throttled"] {
  const { apps } = config();
  const tenantOf = new Map(tids.flatMap((tid) => [apps.backup, apps.restore].map(({ clientId }) => [governorKey(clientId, tid), tid] as const)));
  const longest = new Map<string, InstallationView["throttled"][number]>();
  for (const { pauses, seenAt } of processes) {
    for (const { key, place, ms } of pauses) {
      const until = seenAt.getTime() + ms;
      const tid = tenantOf.get(key);
      if (until <= Date.now() || !tid) continue;
      const id = `${tid} ${place}`;
      if (new Date(longest.get(id)?.until ?? 0).getTime() < until) longest.set(id, { tid, service: place, until: new Date(until).toISOString() });
    }
  }
  return [...longest.values()].sort((a, b) => b.until.localeCompare(a.until));
}
