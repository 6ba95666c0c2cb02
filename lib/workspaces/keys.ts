/**
 * The keys of a workspace: made with it, stored wrapped by the installation key, unwrapped in memory for at most five
 * minutes. `content` seals what was read from Microsoft 365, `token` seals what signs in, `index` makes object ids.
 */
import { hkdfSync } from "node:crypto";
import { config } from "@/lib/config";
import { withWorkspace, type Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { newKey, open, seal, unwrapKey, wrapKey } from "@/lib/repository/seal";
import type { WorkspaceKeys } from "@/lib/repository/types";
import { pack, unpack } from "./pack";

type KeyPurpose = "content" | "index" | "token";
export type SealPurpose = "content" | "token";
type KeyRing = Record<KeyPurpose, ReadonlyMap<number, Uint8Array>>;

const CACHE_MS = 5 * 60_000;
/** After this time no process holds a key that was destroyed, but for work that is being stopped. */
export const KEYS_IN_MEMORY_MS = CACHE_MS + 60_000;
const cache = new Map<string, { ring: KeyRing; until: number }>();

/** Makes the first keys of a new workspace, in the transaction that makes the workspace. */
export async function createKeys(tx: Tx, workspaceId: string): Promise<void> {
  const purposes: KeyPurpose[] = ["content", "index", "token"];
  await tx.workspaceKey.createMany({
    data: purposes.map((purpose) => ({
      workspaceId, purpose, version: 1,
      wrappedKey: bytes(wrapKey(config().installationKey, workspaceId, purpose, 1, newKey())),
    })),
  });
}

/** Seals a JSON value for one place of the database: `place` names table, column and row ids, and binds it there. */
export async function sealJson(workspaceId: string, purpose: SealPurpose, place: readonly string[], value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const keys = (await keyRing(workspaceId))[purpose];
  const version = newest(keys);
  const key = { bytes: keys.get(version)!, version };
  return bytes(seal(key, aad(workspaceId, place), await pack(value)));
}

/** Opens what `sealJson` made for the same place. Throws PlanbackError repository_damaged. */
export async function openJson<T>(workspaceId: string, purpose: SealPurpose, place: readonly string[], sealed: Uint8Array): Promise<T> {
  const keys = (await keyRing(workspaceId))[purpose];
  return unpack(open(keys, aad(workspaceId, place), sealed)) as T;
}

/** The keys that the repository of this workspace needs. */
export async function repositoryKeys(workspaceId: string): Promise<WorkspaceKeys> {
  const ring = await keyRing(workspaceId);
  return {
    workspaceId,
    contentKeyVersion: newest(ring.content),
    contentKeys: ring.content,
    indexKey: ring.index.get(newest(ring.index))!,
  };
}

/** What makes the search index blind: of its own purpose, and gone with the workspace's keys. */
export async function searchKey(workspaceId: string): Promise<Uint8Array> {
  const { indexKey } = await repositoryKeys(workspaceId);
  return new Uint8Array(hkdfSync("sha256", indexKey, "", "planback/search/1", 32));
}

async function keyRing(workspaceId: string): Promise<KeyRing> {
  const cached = cache.get(workspaceId);
  if (cached && cached.until > Date.now()) return cached.ring;
  const rows = await withWorkspace(workspaceId, (tx) => tx.workspaceKey.findMany({ where: { workspaceId } }));
  const ring = { content: new Map<number, Uint8Array>(), index: new Map<number, Uint8Array>(), token: new Map<number, Uint8Array>() };
  for (const { purpose, version, wrappedKey } of rows) {
    ring[purpose as KeyPurpose].set(version, unwrapKey(config().installationKey, workspaceId, purpose, version, wrappedKey));
  }
  if (rows.length === 0) throw new PlanbackError("not_found", "This workspace does not exist, or you have no access to it.");
  cache.set(workspaceId, { ring, until: Date.now() + CACHE_MS });
  return ring;
}

function newest(keys: ReadonlyMap<number, Uint8Array>): number {
  return Math.max(...keys.keys());
}

function aad(workspaceId: string, place: readonly string[]): string[] {
  return ["planback/db", workspaceId, ...place];
}

/** Prisma takes arrays over an ArrayBuffer of their own only. */
function bytes(value: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value);
}
