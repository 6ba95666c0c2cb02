/**
 * The recovery kit of a workspace: its wrapped keys, its name and its owners, in its storage beside the snapshots. Storage and
 * installation key are then enough to have the backups back when the database is lost (recovery.ts). docs/recovery.md
 *
 *   key    workspace/kit/<32 hex digits that follow from what it says>
 *   bytes  JSON Kit; `about` is sealed with the newest content key, the keys are wrapped as in the database
 */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { keyProvider, missingKeys } from "@/lib/keys";
import { open, seal } from "@/lib/repository/seal";
import type { ObjectStore } from "@/lib/repository/types";
import { newest, ringOf, unwrapRing, type KeyRing } from "./keys";
import { careStoreOf } from "./places";

interface Kit { format: 1; workspaceId: string; writtenAt: string; keys: KitKey[]; about: string }
export interface KitKey { purpose: string; version: number; keyId: string; wrapped: string; createdAt: string }
export interface KitAbout { name: string; createdAt: string; owners: { tid: string; oid: string; name: string; username: string }[] }

export const KIT = "kit";
const aboutPlace = (workspaceId: string) => ["planback/kit", workspaceId];

/** One at a time; the end of a workspace waits for it, and it for the end. */
export async function lockKit(tx: Tx, workspaceId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`kit ${workspaceId}`}, 0))`;
}

/**
 * Writes the kit unless it lies there as it would be written now. Whoever stores a snapshot calls it first: what is stored
 * must never need a key that only the database has. `look`: does not believe the row that it is there, and whole.
 */
export async function keepKit(workspaceId: string, { look = false } = {}): Promise<boolean> {
  if (!look && !(await withWorkspace(workspaceId, (tx) => isKitDue(tx, workspaceId)))) return false;
  return withWorkspace(workspaceId, async (tx) => {
    await lockKit(tx, workspaceId);
    return writeKit(tx, workspaceId, look);
  });
}

export async function isKitDue(tx: Tx, workspaceId: string): Promise<boolean> {
  const facts = await factsOf(tx, workspaceId);
  return facts !== null && facts.hash !== facts.kitHash;
}

/** The same in the caller's transaction, under `lockKit`: with keys that are not committed yet. */
export async function writeKit(tx: Tx, workspaceId: string, look = false): Promise<boolean> {
  const facts = await factsOf(tx, workspaceId);
  if (!facts) return false;
  const store = await careStoreOf(workspaceId);
  const prefix = `${workspaceId}/${KIT}/`;
  const key = prefix + facts.hash;
  const there = look ? await readKit(store, workspaceId, key) : null;
  if (facts.hash === facts.kitHash && (!look || JSON.stringify(there?.keys) === JSON.stringify(facts.keys))) {
    if (look) await store.locks?.keep(key); // the snapshots that need it are locked for longer
    return false;
  }
  if (look && !there) await store.remove(key); // damaged, if it is there
  const { content } = await unwrapRing(workspaceId, facts.rows);
  const version = newest(content);
  const about = seal({ bytes: content.get(version)!, version }, aboutPlace(workspaceId), Buffer.from(JSON.stringify(facts.about)));
  const kit: Kit = { format: 1, workspaceId, writtenAt: new Date().toISOString(), keys: facts.keys, about: Buffer.from(about).toString("base64") };
  await store.put(key, Buffer.from(JSON.stringify(kit, null, 1)));
  for await (const old of store.list(prefix)) if (old.key !== key) await store.remove(old.key);
  await tx.workspace.update({ where: { id: workspaceId }, data: { kitHash: facts.hash } });
  return true;
}

async function factsOf(tx: Tx, workspaceId: string) {
  const rows = await tx.workspaceKey.findMany({ where: { workspaceId }, orderBy: [{ purpose: "asc" }, { version: "asc" }] });
  if (rows.length === 0) return null; // destroyed
  const workspace = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { name: true, createdAt: true, kitHash: true } });
  const owners = await tx.member.findMany({ where: { workspaceId, role: "owner" }, select: { tid: true, oid: true, name: true, username: true }, orderBy: [{ tid: "asc" }, { oid: "asc" }] });
  const keys = rows.map((row): KitKey => ({ purpose: row.purpose, version: row.version, keyId: row.keyId, wrapped: Buffer.from(row.wrappedKey).toString("base64"), createdAt: row.createdAt.toISOString() }));
  const about: KitAbout = { name: workspace.name, createdAt: workspace.createdAt.toISOString(), owners };
  const hash = createHash("sha256").update(canonicalize({ keys, about })!).digest("hex").slice(0, 32);
  return { rows, keys, about, hash, kitHash: workspace.kitHash };
}

export interface OpenedKit { workspaceId: string; keys: KitKey[]; ring: KeyRing; about: KitAbout | null }

/**
 * Opens the kits that lie at `storageKeys`; more than one do when removing an old one was interrupted, and together they know every key.
 * Throws `config` when an installation key is missing, repository_damaged when no kit is whole.
 */
export async function openKits(store: ObjectStore, workspaceId: string, storageKeys: readonly string[]): Promise<OpenedKit> {
  const kits = (await Promise.all(storageKeys.map((key) => readKit(store, workspaceId, key)))).filter((kit) => kit !== null).sort((a, b) => (a.writtenAt < b.writtenAt ? 1 : -1));
  const provider = keyProvider();
  const opened = new Map<string, { entry: KitKey; key: Uint8Array }>();
  const missing = new Set<string>();
  for (const entry of kits.flatMap(({ keys }) => keys)) {
    const { purpose, version, keyId, wrapped } = entry;
    const id = `${purpose} ${version}`;
    if (opened.has(id)) continue;
    if (!provider.knows(keyId)) {
      missing.add(keyId);
      continue;
    }
    const key = await provider.unwrap(keyId, { workspaceId, purpose, version }, Buffer.from(wrapped, "base64")).catch(nullIfDamaged);
    if (key) opened.set(id, { entry, key });
  }
  const found = [...opened.values()];
  const ring = ringOf(found.map(({ entry, key }) => ({ ...entry, key })));
  const lacks = kits.some(({ keys }) => keys.some(({ purpose, version }) => !opened.has(`${purpose} ${version}`)));
  if (lacks && missing.size > 0) throw missingKeys([...missing]);
  if (ring.content.size === 0 || ring.index.size === 0) throw new PlanbackError("repository_damaged", `The recovery kit of workspace ${workspaceId} is missing or was altered. Its snapshots cannot be opened without it; a copy of the storage from before may have it.`);
  return { workspaceId, keys: found.map(({ entry }) => entry), ring, about: kits.map(({ about }) => openAbout(workspaceId, ring, about)).find((about) => about !== null) ?? null };
}

async function readKit(store: ObjectStore, workspaceId: string, key: string): Promise<Kit | null> {
  try {
    const kit = JSON.parse(Buffer.from(await store.get(key)).toString("utf8")) as Kit;
    return kit.format === 1 && kit.workspaceId === workspaceId && Array.isArray(kit.keys) ? kit : null;
  } catch (error) {
    if (error instanceof SyntaxError || isPlanbackError(error, "repository_damaged")) return null;
    throw error;
  }
}

function openAbout(workspaceId: string, { content }: KeyRing, sealed: string): KitAbout | null {
  try {
    return JSON.parse(Buffer.from(open(content, aboutPlace(workspaceId), Buffer.from(sealed, "base64"))).toString("utf8")) as KitAbout;
  } catch (error) {
    return nullIfDamaged(error);
  }
}

function nullIfDamaged(error: unknown): null {
  if (isPlanbackError(error, "repository_damaged")) return null;
  throw error;
}
