/**
 * The rows of a workspace, copied into its storage once a night as they are at one moment, without any program besides Planback. Sealed with
 * the content key, which the recovery kit (kit.ts) holds wrapped. docs/recovery.md
 *
 *   key    workspace/dump/<time>-<8 hex digits>
 *   bytes  sealed frames of one Zstandard stream of lines:  header as JSON, then for each row  table | blank | row as JSON, parents first
 */
import { randomBytes } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { withWorkspace, withWorkspaceAsOf, type Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { openFrames, sealFrames } from "@/lib/repository/frames";
import { damaged } from "@/lib/repository/header";
import type { ObjectStore } from "@/lib/repository/types";
import { ROWS } from "./erase";
import { repositoryKeys, type KeyRing } from "./keys";
import { careStoreOf } from "./places";

export const DUMP = "dump";
export const COPY_EVERY_MS = 24 * 3600_000;
/** How long a copy is kept. The newest always is. */
const KEPT_MS = 14 * 24 * 3600_000;

/**
 * What is not copied: keys (the kit has them), what lives for minutes, what says what may be removed from storage (which must never be
 * older than the storage), the index of the search, which is made again from the snapshots, and API keys (with what was answered to them),
 * invitations and links for administrators, because one that was revoked since must not come back.
 */
export const NOT_COPIED: readonly string[] = ["workspace_key", "oauth_flow", "live_reading", "prune", "condemned", "search_entry", "search_posting", "api_key", "api_request", "invitation", "consent_link"];

export interface DumpHeader { format: 1; workspaceId: string; takenAt: string; migrations: string[] }

/** Tables whose rows may be tens of megabytes, or must come in a certain order. */
const ORDER: Readonly<Record<string, { by: string; fetch?: number }>> = { restore: { by: "created_at, id", fetch: 1 }, audit: { by: "seq" }, verification: { by: "created_at", fetch: 1 }, connection: { by: "created_at", fetch: 1 } };
/** Points at what comes later, and belongs to the index of the search. */
const RESET: Readonly<Record<string, string>> = { plan: '{"search_snapshot_id": null, "search_numbers": 0}' };
const FETCH = 500;
const NEWLINE = 10;

const tables = (): string[] => ["workspace", ...Object.keys(ROWS).reverse().filter((table) => !NOT_COPIED.includes(table)), "audit"];
const dumpPlace = (workspaceId: string, name: string) => ["planback/dump", workspaceId, name];

export async function isDumpDue(tx: Tx, workspaceId: string, now: Date): Promise<boolean> {
  const workspace = await tx.workspace.findUnique({ where: { id: workspaceId }, select: { copiedAt: true } });
  return workspace !== null && (workspace.copiedAt === null || now.getTime() - workspace.copiedAt.getTime() >= COPY_EVERY_MS);
}

/** Copies the rows of the workspace into its storage and removes copies that are too old. Returns the name of the copy. */
export async function dumpWorkspace(workspaceId: string, signal: AbortSignal, now = new Date()): Promise<string> {
  const store = await careStoreOf(workspaceId);
  const { contentKeys, contentKeyVersion: version } = await repositoryKeys(workspaceId);
  const name = `${now.toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "")}-${randomBytes(4).toString("hex")}`;
  await withWorkspaceAsOf(workspaceId, async (tx) => {
    const compressed = pipeline(Readable.from(linesOf(tx, workspaceId, now, signal)), createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 6 } }), () => undefined);
    await store.put(`${workspaceId}/${DUMP}/${name}`, sealFrames({ bytes: contentKeys.get(version)!, version }, dumpPlace(workspaceId, name), compressed));
  });
  await withWorkspace(workspaceId, (tx) => tx.workspace.updateMany({ where: { id: workspaceId }, data: { copiedAt: now, copyProblem: null } }));
  await removeOld(store, workspaceId, now);
  return name;
}

/** Names of tables come from a list of ours, never from outside. */
async function* linesOf(tx: Tx, workspaceId: string, now: Date, signal: AbortSignal): AsyncGenerator<string> {
  const applied = await tx.$queryRaw<{ name: string }[]>`SELECT name FROM migrations.applied ORDER BY name`;
  yield `${JSON.stringify({ format: 1, workspaceId, takenAt: now.toISOString(), migrations: applied.map((row) => row.name) } satisfies DumpHeader)}\n`;
  for (const table of tables()) {
    const { by = null, fetch = FETCH } = ORDER[table] ?? {};
    const row = RESET[table] ? `to_jsonb(t) || '${RESET[table]}'::jsonb` : "row_to_json(t)";
    await tx.$executeRawUnsafe(`DECLARE copied NO SCROLL CURSOR FOR SELECT (${row})::text AS line FROM "${table}" t${by ? ` ORDER BY ${by}` : ""}`);
    for (let more = true; more;) {
      if (signal.aborted) throw new PlanbackError("lease_lost", "The job was interrupted and goes on in another worker.");
      const rows = await tx.$queryRawUnsafe<{ line: string }[]>(`FETCH ${fetch} FROM copied`);
      for (const { line } of rows) yield `${table} ${line}\n`;
      more = rows.length === fetch;
    }
    await tx.$executeRawUnsafe("CLOSE copied");
  }
}

async function removeOld(store: ObjectStore, workspaceId: string, now: Date): Promise<void> {
  const prefix = `${workspaceId}/${DUMP}/`;
  const found = (await Array.fromAsync(store.list(prefix))).map(({ key }) => key).sort();
  for (const key of found.slice(0, -1)) if (now.getTime() - takenAt(key.slice(prefix.length)) > KEPT_MS) await store.remove(key);
}

/** The time in a copy's name. */
function takenAt(name: string): number {
  return Date.parse(name.slice(0, 16).replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

/** The lines of a copy, its header first. Throws repository_damaged when it was altered or cut. */
export async function* readDump(store: ObjectStore, workspaceId: string, name: string, { content }: Pick<KeyRing, "content">): AsyncGenerator<string> {
  const opened = Readable.from(openFrames(content, dumpPlace(workspaceId, name), store.getStream(`${workspaceId}/${DUMP}/${name}`)));
  try {
    yield* linesIn(pipeline(opened, createZstdDecompress(), () => undefined));
  } catch (error) {
    throw error instanceof PlanbackError ? error : damaged("altered", "a copy of the database", error);
  }
}

/** A line may be tens of megabytes. */
async function* linesIn(text: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const chunk of text) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end)]).toString("utf8");
      parts = [];
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
  }
}

export function parseHeader(line: string | undefined, workspaceId: string): DumpHeader {
  const header = JSON.parse(line ?? "null") as DumpHeader | null;
  if (header?.format !== 1 || header.workspaceId !== workspaceId) throw damaged("altered", "a copy of the database that this version cannot read");
  return header;
}

