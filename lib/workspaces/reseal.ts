/**
 * After the keys of a workspace were rotated: what lies in the database is sealed anew with the newest ones. Objects in the storage
 * never change and stay sealed as they were; old keys stay to read them. docs/keys.md
 */
import { withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { KEYS_IN_MEMORY_MS, openBytes, sealBytes, type SealPurpose } from "./keys";
import { PLACE } from "./sealed";
import type { Purpose } from "./types";

interface SealedColumn {
  table: string;
  column: string;
  /** Columns of the key besides the workspace, with their types. */
  key: readonly [name: string, type: "uuid" | "text"][];
  purpose: SealPurpose;
  place: (...key: string[]) => readonly string[];
  /** Rows that are read at once; one where a value may be tens of megabytes. */
  batch: number;
}

const id: SealedColumn["key"] = [["id", "uuid"]];
const SMALL = 200;

/** Every sealed column; a test holds this list to the database. */
export const SEALED: readonly SealedColumn[] = [
  { table: "token_cache", column: "sealed_cache", key: [["connection_id", "uuid"], ["purpose", "text"]], purpose: "token", place: (one, purpose) => PLACE.tokenCache(one!, purpose as Purpose), batch: 20 },
  { table: "oauth_flow", column: "sealed_secrets", key: id, purpose: "token", place: (one) => PLACE.flowSecrets(one!), batch: SMALL },
  { table: "own_store", column: "sealed_settings", key: id, purpose: "token", place: (one) => PLACE.ownStore(one!), batch: SMALL },
  { table: "channel", column: "sealed_target", key: id, purpose: "token", place: (one) => PLACE.channelTarget(one!), batch: SMALL },
  { table: "delivery", column: "sealed_answer", key: id, purpose: "token", place: (one) => PLACE.deliveryAnswer(one!), batch: SMALL },
  { table: "invitation", column: "sealed_mail", key: id, purpose: "token", place: (one) => PLACE.invitationMail(one!), batch: SMALL },
  { table: "connection", column: "sealed_catalogue", key: id, purpose: "content", place: (one) => PLACE.catalogue(one!), batch: 1 },
  { table: "requirement", column: "sealed_facts", key: [["connection_id", "uuid"], ["id", "text"]], purpose: "content", place: (one, requirement) => PLACE.requirementFacts(one!, requirement!), batch: 20 },
  { table: "plan", column: "sealed_names", key: id, purpose: "content", place: (one) => PLACE.planNames(one!), batch: SMALL },
  { table: "live_reading", column: "sealed_content", key: id, purpose: "content", place: (one) => PLACE.liveContent(one!), batch: 1 },
  { table: "restore", column: "sealed_request", key: id, purpose: "content", place: (one) => PLACE.restoreRequest(one!), batch: 1 },
  { table: "restore", column: "sealed_plan", key: id, purpose: "content", place: (one) => PLACE.restorePlan(one!), batch: 1 },
  { table: "restore", column: "sealed_report", key: id, purpose: "content", place: (one) => PLACE.restoreReport(one!), batch: 1 },
  { table: "verification", column: "sealed_report", key: id, purpose: "content", place: (one) => PLACE.verifyReport(one!), batch: 1 },
  { table: "search_entry", column: "sealed_summary", key: [["plan_id", "uuid"], ["task_id", "text"]], purpose: "content", place: (plan, task) => PLACE.searchSummary(plan!, task!), batch: SMALL },
];

/** The newest version of each purpose that something in the database may not be sealed with yet. */
async function unfinished(tx: Tx, workspaceId: string) {
  const rows = await tx.workspaceKey.findMany({ where: { workspaceId, purpose: { in: ["content", "token"] } }, orderBy: { version: "desc" } });
  return [rows.find(({ purpose }) => purpose === "content"), rows.find(({ purpose }) => purpose === "token")].filter((row) => row !== undefined && row.version > 1 && row.resealedAt === null) as typeof rows;
}

export async function isResealDue(tx: Tx, workspaceId: string): Promise<boolean> {
  return (await unfinished(tx, workspaceId)).length > 0;
}

/**
 * Seals anew what an older key sealed; returns how many values. Stopped anywhere, each value opens; calling it again goes on. It is finished
 * when a look that began after no process could seal with the old keys any more has found nothing left.
 */
export async function resealWorkspace(workspaceId: string, signal: AbortSignal, { now = () => new Date(), keysInMemoryMs = KEYS_IN_MEMORY_MS } = {}): Promise<number> {
  const keys = await withWorkspace(workspaceId, (tx) => unfinished(tx, workspaceId));
  let resealed = 0;
  for (const { purpose, version, createdAt } of keys) {
    const began = now().getTime();
    for (const column of SEALED.filter((one) => one.purpose === purpose)) resealed += await resealColumn(workspaceId, column, version, signal);
    if (began < createdAt.getTime() + keysInMemoryMs) continue;
    await withWorkspace(workspaceId, (tx) => tx.workspaceKey.updateMany({ where: { workspaceId, purpose, version }, data: { resealedAt: now() } }));
  }
  return resealed;
}

type Row = { value: Uint8Array } & Record<`k${number}`, string>;

/** Names of tables and columns come from the list above, never from outside. */
async function resealColumn(workspaceId: string, { table, column, key, purpose, place, batch }: SealedColumn, version: number, signal: AbortSignal): Promise<number> {
  const names = key.map(([name]) => `"${name}"`).join(", ");
  const found = key.map(([name], i) => `"${name}"::text AS k${i}`).join(", ");
  const typed = (first: number) => key.map(([, type], i) => `$${first + i}::${type}`).join(", ");
  const versionBytes = version.toString(16).padStart(8, "0");
  let after: string[] | null = null;
  for (let resealed = 0; ;) {
    if (signal.aborted) throw new PlanbackError("lease_lost", "The job was interrupted and goes on in another worker.");
    const rows: Row[] = await withWorkspace(workspaceId, (tx) => tx.$queryRawUnsafe<Row[]>(
      `SELECT ${found}, "${column}" AS value FROM "${table}" WHERE workspace_id = $1::uuid AND substring("${column}" FROM 7 FOR 4) < decode($2, 'hex')${after ? ` AND (${names}) > (${typed(3)})` : ""} ORDER BY ${names} LIMIT ${batch}`,
      workspaceId, versionBytes, ...(after ?? [])));
    if (rows.length === 0) return resealed;
    const keysOf = (row: Row) => key.map((_, i) => row[`k${i}`]!);
    after = keysOf(rows.at(-1)!);
    const anew = (await Promise.all(rows.map(async (row) => ({ row, sealed: await again(workspaceId, purpose, place(...keysOf(row)), row.value) })))).filter(({ sealed }) => sealed !== null);
    resealed += await withWorkspace(workspaceId, async (tx) => {
      let count = 0;
      // What was written meanwhile is left as it is.
      for (const { row, sealed } of anew) count += await tx.$executeRawUnsafe(`UPDATE "${table}" SET "${column}" = $1 WHERE workspace_id = $2::uuid AND "${column}" = $3 AND (${names}) = (${typed(4)})`, sealed, workspaceId, row.value, ...keysOf(row));
      return count;
    });
  }
}

/** Null when it does not open: no key makes it readable. */
async function again(workspaceId: string, purpose: SealPurpose, place: readonly string[], sealed: Uint8Array): Promise<Uint8Array | null> {
  try {
    return await sealBytes(workspaceId, purpose, place, await openBytes(workspaceId, purpose, place, sealed));
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return null;
    throw error;
  }
}
