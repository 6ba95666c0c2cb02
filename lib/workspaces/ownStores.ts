/** Buckets and containers that a workspace brings along: where they may be, and keeping what opens them. */
import { randomUUID } from "node:crypto";
import { isIP } from "node:net";
import { z } from "zod";
import { config } from "@/lib/config";
import type { StorageConfig } from "@/lib/config/storage";
import { withWorkspace } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { guarded, reachOf } from "@/lib/notify";
import { openStore, probeStore, type CloudSettings } from "@/lib/repository";
import type { ObjectStore } from "@/lib/repository/types";
import { record } from "./audit";
import { checkId, inWorkspace, notFound, requireFresh } from "./authorise";
import { parseInput } from "./input";
import { openJson, sealJson } from "./keys";
import { PLACE } from "./sealed";
import type { Actor, OwnStoreOutcome } from "./types";

const MAX_STORES = 5;
/** A person waits for the answer. */
const QUICK = { timeoutMs: 10_000, attempts: 2 };

const lockDays = z.number().int().min(1, "A lock is for one day at least.").max(3650, "A lock is for ten years at most.").nullable();
const endpoint = z.string().trim().max(300);
const secret = z.string().trim().max(2000);
const ownInput = z.discriminatedUnion("driver", [
  z.strictObject({
    driver: z.literal("s3"), bucket: z.string().trim().regex(/^(?!xn--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "That is not the name of a bucket: small letters, digits and hyphens."),
    region: z.string().trim().regex(/^[a-z]{2,10}(-[a-z0-9]{1,20}){1,4}$/, "That is not a region, such as eu-central-1."), endpoint, keyId: secret.min(1, "Give the access key."), secret: secret.min(1, "Give the secret of the access key."), lockDays,
  }),
  z.strictObject({
    driver: z.literal("azure"), account: z.string().trim().regex(/^[a-z0-9]{3,24}$/, "That is not the name of a storage account."),
    container: z.string().trim().regex(/^[a-z0-9](-?[a-z0-9]){2,62}$/, "That is not the name of a container."), endpoint, credential: secret.min(1, "Give a key of the account, or a shared access signature."), lockDays,
  }),
], { error: "Choose Amazon S3 or Azure Blob Storage." });

/**
 * Tries the storage and keeps it when it does what is needed; else nothing is kept, and the steps say why. With `storeId` its keys
 * are changed; it stays the same place.
 */
export async function saveOwnStore(actor: Actor, workspaceId: string, input: unknown, storeId?: string): Promise<OwnStoreOutcome> {
  const id = storeId === undefined ? randomUUID() : checkId(storeId, "storage");
  const settings = settingsFrom(parseInput(ownInput, input));
  const me = await inWorkspace(actor, workspaceId, "storage.manage", async (tx, membership) => {
    const own = config().storage.own;
    if (!own) throw new PlanbackError("forbidden", "This installation lets nobody bring a storage along. Ask its operator. Nothing was saved.");
    const problem = hostProblem(settings, own);
    if (problem) throw new PlanbackError("invalid_input", `${problem} Nothing was saved.`);
    const mine = { workspaceId: membership.workspaceId };
    if (storeId !== undefined) {
      const row = await tx.ownStore.findFirst({ where: { ...mine, id } });
      if (!row) throw notFound("storage");
      if (row.name !== nameOf(settings)) throw new PlanbackError("invalid_input", "A storage stays the same bucket or container; only its keys can be changed. Add another one to move there. Nothing was saved.");
    } else if ((await tx.ownStore.count({ where: mine })) >= MAX_STORES) throw new PlanbackError("conflict", `A workspace has at most ${MAX_STORES} storages of its own. Remove one first. Nothing was saved.`);
    requireFresh(actor);
    return membership;
  });
  const steps = await probeStore(await openOwn(settings, QUICK), me.workspaceId, settings.lockDays !== null);
  if (steps.some(({ problem }) => problem)) return { id: null, steps };
  const data = { driver: settings.driver, name: nameOf(settings), sealedSettings: await sealJson(me.workspaceId, "token", PLACE.ownStore(id), settings), lockDays: settings.lockDays, checkedAt: new Date() };
  await inWorkspace(actor, workspaceId, "storage.manage", async (tx) => {
    const mine = { workspaceId: me.workspaceId, id };
    if (storeId === undefined) await tx.ownStore.create({ data: { ...mine, ...data, addedBy: actor.name } });
    else await tx.ownStore.update({ where: { workspaceId_id: mine }, data });
    await record(tx, me.workspaceId, actor, { action: storeId === undefined ? "storage.own_added" : "storage.own_changed", target: { kind: "store", id }, detail: { name: data.name } });
  });
  return { id, steps };
}

/** Forgets a storage and its keys; what lies there stays there. Not while backups are kept there or on their way. */
export async function removeOwnStore(actor: Actor, workspaceId: string, storeId: string): Promise<void> {
  const id = checkId(storeId, "storage");
  await inWorkspace(actor, workspaceId, "storage.manage", async (tx, me) => {
    await tx.$executeRaw`SELECT 1 FROM workspace WHERE id = ${me.workspaceId}::uuid FOR UPDATE`;
    const row = await tx.ownStore.findFirst({ where: { workspaceId: me.workspaceId, id } });
    if (!row) throw notFound("storage");
    const place = `own:${id}`;
    const isHere = await tx.workspace.count({ where: { id: me.workspaceId, place } });
    const isOnItsWay = await tx.storeMove.count({ where: { workspaceId: me.workspaceId, finishedAt: null, OR: [{ fromPlace: place }, { toPlace: place }] } });
    if (isHere + isOnItsWay > 0) throw new PlanbackError("conflict", "Backups are kept there, or are on their way. Move them elsewhere first, and let the old copies be removed. Nothing was changed.");
    await tx.ownStore.delete({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } } });
    await record(tx, me.workspaceId, actor, { action: "storage.own_removed", target: { kind: "store", id }, detail: { name: row.name } });
  });
}

/** The store behind `own:{id}`. */
export async function ownStoreAt(workspaceId: string, id: string): Promise<ObjectStore> {
  const row = await withWorkspace(workspaceId, (tx) => tx.ownStore.findFirst({ where: { workspaceId, id } }));
  if (!row) throw new PlanbackError("config", "The storage of this workspace is not known any more. Nothing that lies there is lost: add it again.");
  return openOwn(await openJson<CloudSettings>(workspaceId, "token", PLACE.ownStore(id), row.sealedSettings));
}

/** Asked again at each use: the operator may have become stricter. */
function openOwn(settings: CloudSettings, options = {}): Promise<ObjectStore> {
  const own = config().storage.own;
  const problem = own ? hostProblem(settings, own) : "This installation does not let workspaces bring a storage along any more.";
  if (problem) throw new PlanbackError("config", `${problem} Nothing that lies there is lost; ask the operator of this installation.`);
  return openStore(settings, { ...options, lookup: own!.allowPrivate ? guarded(["public", "private"]) : guarded(["public"]) });
}

function settingsFrom(input: z.output<typeof ownInput>): CloudSettings {
  const given = input.endpoint.replace(/\/$/, "");
  if (input.driver === "s3") {
    return { driver: "s3", bucket: input.bucket, region: input.region, endpoint: given || null, accessKey: { id: input.keyId, secret: input.secret }, lockDays: input.lockDays };
  }
  const credential = /(^|[?&])sig=/.test(input.credential) ? { sas: input.credential } : { key: input.credential };
  return { driver: "azure", account: input.account, endpoint: given || `https://${input.account}.blob.core.windows.net`, container: input.container, credential, lockDays: input.lockDays };
}

const AZURE_HOST = /^[a-z0-9]{3,24}\.blob\.core\.windows\.net$/;

/** Why a storage may not be there; null when it may. What its name leads to is checked when it is dialled. */
export function hostProblem({ endpoint }: CloudSettings, { hosts, allowPrivate }: NonNullable<StorageConfig["own"]>): string | null {
  if (endpoint === null) return null; // Amazon's, by region
  const url = URL.parse(endpoint);
  if (!url || url.username || url.password || url.search || url.hash) return "The address of the service is not a URL like https://s3.example.com.";
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:")) return "The address of the service must begin with https://.";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (AZURE_HOST.test(host) && url.port === "" && url.pathname === "/") return null;
  if (!hosts.includes(url.host)) return "This installation stores with Amazon S3, Azure Blob Storage, and the services that its operator allows. This host is not one of them.";
  const reach = isIP(host) ? reachOf(host) : "public";
  return reach === "public" || (reach === "private" && allowPrivate) ? null : "The address leads into a private network, where this installation stores nothing.";
}

const nameOf = (settings: CloudSettings): string => settings.driver === "s3"
  ? `${settings.bucket} (${settings.endpoint ? new URL(settings.endpoint).host : `Amazon S3, ${settings.region}`})`
  : `${settings.container} (${new URL(settings.endpoint).host}${new URL(settings.endpoint).pathname.replace(/\/$/, "")})`;
