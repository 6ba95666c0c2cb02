/**
 * The keys of a workspace: made with it, stored wrapped (lib/keys), unwrapped in memory for at most five
 * minutes. `content` seals what was read from Microsoft 365, `token` seals what signs in, `index` makes object ids.
 */
import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { withWorkspace, type Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { WorkspaceKey } from "@/lib/generated/prisma/client";
import { keyProvider } from "@/lib/keys";
import { keyVersionOf } from "@/lib/repository/header";
import { newKey, open, seal } from "@/lib/repository/seal";
import type { WorkspaceKeys } from "@/lib/repository/types";
import { pack, unpack } from "./pack";

export type KeyPurpose = "content" | "index" | "token";
export type SealPurpose = "content" | "token";
export type KeyRing = Record<KeyPurpose, ReadonlyMap<number, KeyObject>>;

const CACHE_MS = 5 * 60_000;
/** After this time no process holds a key that was destroyed, or seals with one that was replaced, but for work that is being stopped. */
export const KEYS_IN_MEMORY_MS = CACHE_MS + 60_000;
/** A version that the database does not have either is not looked for again so soon. */
const LOOK_AGAIN_MS = 10_000;
const missed = new Map<string, number>();
const cache = new Map<string, { ring: Promise<KeyRing>; readAt: number }>();

/** Makes the first keys of a new workspace, in the transaction that makes the workspace. */
export async function createKeys(tx: Tx, workspaceId: string): Promise<void> {
  for (const purpose of ["content", "index", "token"] as const) await addKey(tx, workspaceId, purpose, 1);
}

/** Adds a key in the caller's transaction. */
export async function addKey(tx: Tx, workspaceId: string, purpose: KeyPurpose, version: number): Promise<void> {
  const provider = keyProvider();
  const wrappedKey = bytes(await provider.wrap({ workspaceId, purpose, version }, newKey()));
  await tx.workspaceKey.create({ data: { workspaceId, purpose, version, keyId: provider.current, wrappedKey } });
}

/** Seals a JSON value for one place of the database: `place` names table, column and row ids, and binds it there. */
export async function sealJson(workspaceId: string, purpose: SealPurpose, place: readonly string[], value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  return sealBytes(workspaceId, purpose, place, await pack(value));
}

/** Opens what `sealJson` made for the same place; `hold`: see unpack. Throws PlanbackError repository_damaged. */
export async function openJson<T>(workspaceId: string, purpose: SealPurpose, place: readonly string[], sealed: Uint8Array, hold?: (element: unknown) => unknown): Promise<T> {
  return (await unpack(await openBytes(workspaceId, purpose, place, sealed), hold)) as T;
}

/** The same for what is packed already. */
export async function sealBytes(workspaceId: string, purpose: SealPurpose, place: readonly string[], packed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const keys = (await keyRing(workspaceId))[purpose];
  const version = newest(keys);
  return bytes(seal({ bytes: keys.get(version)!, version }, aad(workspaceId, place), packed));
}

export async function openBytes(workspaceId: string, purpose: SealPurpose, place: readonly string[], sealed: Uint8Array): Promise<Uint8Array> {
  const keys = (await keyRing(workspaceId))[purpose];
  const version = keyVersionOf(sealed);
  const known = version === null || keys.has(version) ? keys : await newerKeys(workspaceId, purpose, version);
  return open(known, aad(workspaceId, place), sealed);
}

/** Another process may have made a key since this one read them. */
async function newerKeys(workspaceId: string, purpose: SealPurpose, version: number): Promise<KeyRing[KeyPurpose]> {
  const name = `${workspaceId} ${purpose} ${version}`;
  const isMissed = Date.now() - (missed.get(name) ?? 0) < LOOK_AGAIN_MS;
  const keys = (await keyRing(workspaceId, isMissed ? CACHE_MS : 0))[purpose];
  if (keys.has(version)) missed.delete(name);
  else if (!isMissed) missed.set(name, Date.now());
  return keys;
}

/** The keys that the repository of this workspace needs. */
export async function repositoryKeys(workspaceId: string): Promise<WorkspaceKeys> {
  return workspaceKeys(workspaceId, await keyRing(workspaceId), async () => (await keyRing(workspaceId, 0)).content);
}

/** What a repository needs of a ring. */
export function workspaceKeys(workspaceId: string, ring: KeyRing, newerContentKeys?: WorkspaceKeys["newerContentKeys"]): WorkspaceKeys {
  return { workspaceId, contentKeyVersion: newest(ring.content), contentKeys: ring.content, newerContentKeys, indexKey: ring.index.get(newest(ring.index))! };
}

/** What makes the search index blind: of its own purpose, and gone with the workspace's keys. */
export async function searchKey(workspaceId: string): Promise<Uint8Array> {
  const { indexKey } = await repositoryKeys(workspaceId);
  return new Uint8Array(hkdfSync("sha256", indexKey, "", "planback/search/1", 32));
}

/** The keys of a workspace, as the database had them at most `maxAgeMs` ago. */
function keyRing(workspaceId: string, maxAgeMs = CACHE_MS): Promise<KeyRing> {
  const cached = cache.get(workspaceId);
  if (cached && Date.now() - cached.readAt < maxAgeMs) return cached.ring;
  const ring = readRing(workspaceId);
  cache.set(workspaceId, { ring, readAt: Date.now() });
  ring.catch(() => {
    if (cache.get(workspaceId)?.ring === ring) cache.delete(workspaceId);
  });
  return ring;
}

async function readRing(workspaceId: string): Promise<KeyRing> {
  const rows = await withWorkspace(workspaceId, (tx) => tx.workspaceKey.findMany({ where: { workspaceId } }));
  if (rows.length === 0) throw new PlanbackError("not_found", "This workspace does not exist, or you have no access to it.");
  return unwrapRing(workspaceId, rows);
}

/** The keys of these rows. */
export async function unwrapRing(workspaceId: string, rows: readonly Pick<WorkspaceKey, "keyId" | "purpose" | "version" | "wrappedKey">[]): Promise<KeyRing> {
  const provider = keyProvider();
  const keys = await Promise.all(rows.map(({ keyId, purpose, version, wrappedKey }) => provider.unwrap(keyId, { workspaceId, purpose, version }, wrappedKey)));
  return ringOf(rows.map(({ purpose, version }, i) => ({ purpose, version, key: keys[i]! })));
}

export function ringOf(keys: readonly { purpose: string; version: number; key: Uint8Array }[]): KeyRing {
  const ring = { content: new Map<number, KeyObject>(), index: new Map<number, KeyObject>(), token: new Map<number, KeyObject>() };
  for (const { purpose, version, key } of keys) ring[purpose as KeyPurpose].set(version, createSecretKey(key));
  return ring;
}

/** This process reads the keys anew when it needs them next. */
export function forgetKeys(workspaceId: string): void {
  cache.delete(workspaceId);
}

export function newest(keys: ReadonlyMap<number, unknown>): number {
  return Math.max(...keys.keys());
}

function aad(workspaceId: string, place: readonly string[]): string[] {
  return ["planback/db", workspaceId, ...place];
}

/** Prisma takes arrays over an ArrayBuffer of their own only. */
function bytes(value: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value);
}
