/** A new key above the keys of workspaces: what the old ones wrap is wrapped anew, while everything runs. */
import { timingSafeEqual } from "node:crypto";
import { withInstallation, withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { keyProvider, missingKeys, type KeyPlace } from "@/lib/keys";
import { isKitDue } from "./kit";

/** A key above the keys of workspaces, and how many of these it wraps. */
export interface KeyUse { keyId: string; keys: number; workspaces: number }

export function keyUse(): Promise<KeyUse[]> {
  return withInstallation((tx) => tx.$queryRaw<KeyUse[]>`
    SELECT key_id AS "keyId", count(*)::int AS keys, count(DISTINCT workspace_id)::int AS workspaces FROM workspace_key GROUP BY key_id ORDER BY keys DESC, key_id`);
}

/** How many recovery kits in storage are not as the database says. */
export async function staleKits(): Promise<number> {
  let stale = 0;
  for (const workspaceId of await keyedWorkspaces()) if (await withWorkspace(workspaceId, (tx) => isKitDue(tx, workspaceId))) stale++;
  return stale;
}

/** Every workspace that has keys. */
export async function keyedWorkspaces(): Promise<string[]> {
  const rows = await withInstallation((tx) => tx.$queryRaw<{ id: string }[]>`SELECT DISTINCT workspace_id::text AS id FROM workspace_key ORDER BY 1`);
  return rows.map(({ id }) => id);
}

/** Throws `config` when a workspace has keys that nothing here can unwrap. To be asked before serving. */
export async function refuseMissingKeys(): Promise<void> {
  const provider = keyProvider();
  const used = await keyUse();
  const missing = used.filter(({ keyId }) => !provider.knows(keyId)).map(({ keyId }) => keyId);
  if (missing.length > 0) throw missingKeys(missing);
  if (used.some(({ keyId }) => keyId === "")) await refuseOtherKey();
}

/** Rows from before key ids were noted say nothing of themselves: one is tried. */
async function refuseOtherKey(): Promise<void> {
  const row = await withInstallation((tx) => tx.workspaceKey.findFirst({ where: { keyId: "" }, orderBy: { createdAt: "desc" } }));
  if (!row) return;
  try {
    await keyProvider().unwrap(row.keyId, row, row.wrappedKey);
  } catch (error) {
    throw isPlanbackError(error, "repository_damaged") ? missingKeys(["an installation key of before"]) : error;
  }
}

/** True when something of the workspace is wrapped by another key than the current one. */
export async function isRewrapDue(tx: Tx, workspaceId: string): Promise<boolean> {
  return (await tx.workspaceKey.count({ where: { workspaceId, keyId: { not: keyProvider().current } } })) > 0;
}

/**
 * Wraps by the current key what another one wraps, key by key; returns how many. Stopped anywhere, every key is wrapped by one of
 * the two; calling it again goes on. Whoever reads meanwhile needs both.
 */
export async function rewrapKeys(workspaceId: string): Promise<number> {
  const provider = keyProvider();
  const rows = await withWorkspace(workspaceId, (tx) => tx.workspaceKey.findMany({ where: { workspaceId, keyId: { not: provider.current } } }));
  let rewrapped = 0;
  for (const { purpose, version, keyId, wrappedKey: before } of rows) {
    const place: KeyPlace = { workspaceId, purpose, version };
    const key = await provider.unwrap(keyId, place, before);
    const wrappedKey = new Uint8Array(await provider.wrap(place, key));
    // The old one is given up only for what is known to open.
    const again = await provider.unwrap(provider.current, place, wrappedKey);
    if (!timingSafeEqual(again, key)) throw new PlanbackError("internal", "A key that was wrapped anew does not unwrap to itself. Nothing was changed.");
    const { count } = await withWorkspace(workspaceId, (tx) =>
      tx.workspaceKey.updateMany({ where: { ...place, keyId, wrappedKey: before }, data: { keyId: provider.current, wrappedKey } }));
    rewrapped += count;
  }
  return rewrapped;
}
