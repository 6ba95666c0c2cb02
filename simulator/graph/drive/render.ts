import type { Drive, DriveItem } from "@microsoft/microsoft-graph-types";
import { randomBytes } from "node:crypto";
import type { GraphCall } from "../context";
import { context, type Entity } from "../odata";
import { hashOf, type DriveItemRecord, type DriveRecord, type DriveStore } from "./store";

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
const encodePath = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
const guidOf = (item: DriveItemRecord): string => item.id.slice(2).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** Path below the root of the drive, without a leading slash; "" for the root. */
export function pathOf(item: DriveItemRecord): string {
  const names: string[] = [];
  for (let at: DriveItemRecord = item; at.parent; at = at.parent) names.unshift(at.name);
  return names.join("/");
}

const libraryUrl = (drive: DriveRecord): string => `https://${drive.tenant.sharepointHost}${drive.sitePath}/Shared%20Documents`;
export const webUrlOf = (item: DriveItemRecord): string => (item.parent ? `${libraryUrl(item.drive)}/${encodePath(pathOf(item))}` : libraryUrl(item.drive));
/** The page that opens an Office file in the browser; it names the file by its id, not by its path. */
function viewerUrlOf(item: DriveItemRecord): string {
  const { drive } = item;
  return `https://${drive.tenant.sharepointHost}${drive.sitePath}/_layouts/15/Doc.aspx?sourcedoc=${encodeURIComponent(`{${guidOf(item)}}`)}&file=${encodeURIComponent(item.name)}&action=default&mobileredirect=true`;
}
const isOffice = (item: DriveItemRecord): boolean => /\.(docx|xlsx|pptx)$/i.test(item.name);

export const eTagOf = (item: DriveItemRecord): string => `"{${guidOf(item)}},${item.version}"`;

/** A URL that opens this file without a token, for a while. */
export function downloadUrl(call: Pick<GraphCall, "world">, store: DriveStore, item: DriveItemRecord): string {
  const ticket = randomBytes(24).toString("base64url");
  if (store.tickets.size > 20_000) store.tickets.clear();
  store.tickets.set(ticket, { item, expiresAt: call.world.now() + store.ticketLifetimeMs });
  return `https://${item.drive.tenant.sharepointHost}${item.drive.sitePath}/_layouts/15/download.aspx?UniqueId=${guidOf(item).toLowerCase()}&Translate=false&tempauth=${ticket}&ApiVersion=2.0`;
}

export function driveEntity(drive: DriveRecord, usedBytes: number, quotaBytes: number): Entity {
  const entity: Drive = {
    id: drive.id,
    name: "Documents",
    driveType: "documentLibrary",
    webUrl: libraryUrl(drive),
    description: "",
    owner: { user: null } as Drive["owner"],
    quota: { total: quotaBytes, used: usedBytes, remaining: quotaBytes - usedBytes, deleted: 0, state: "normal" },
  };
  return entity as Entity;
}

/** https://learn.microsoft.com/graph/api/resources/driveitem */
export function itemEntity(call: Pick<GraphCall, "world" | "tenant">, store: DriveStore, item: DriveItemRecord): Entity {
  const by = item.createdBy ? { user: { id: item.createdBy, displayName: call.tenant.users.get(item.createdBy)?.displayName ?? null } } : { application: { displayName: "SharePoint" } };
  const parent = item.parent;
  const entity: DriveItem = {
    id: item.id,
    name: item.name,
    size: item.folder ? [...item.children.values()].reduce((sum, child) => sum + child.size, 0) : item.size,
    webUrl: store.officeViewerUrls && isOffice(item) ? viewerUrlOf(item) : webUrlOf(item),
    eTag: eTagOf(item),
    cTag: `"c:{${guidOf(item)}},${item.version}"`,
    createdDateTime: iso(item.createdAt),
    lastModifiedDateTime: iso(item.modifiedAt),
    createdBy: by as DriveItem["createdBy"],
    lastModifiedBy: by as DriveItem["lastModifiedBy"],
    fileSystemInfo: { createdDateTime: iso(item.createdAt), lastModifiedDateTime: iso(item.modifiedAt) },
    parentReference: {
      driveId: item.drive.id,
      driveType: "documentLibrary",
      ...(parent ? { id: parent.id, path: `/drives/${item.drive.id}/root:${parent.parent ? `/${encodePath(pathOf(parent))}` : ""}` } : {}),
    },
    ...(parent ? {} : { root: {} }),
    ...(item.folder ? { folder: { childCount: item.children.size } } : { file: { mimeType: item.contentType, hashes: { quickXorHash: hashOf(item) } } }),
    ...(item.malware ? { malware: { description: "Trojan:Simulated/EICAR" } } : {}),
  };
  if (item.folder || item.malware) return entity as Entity;
  return { "@microsoft.graph.downloadUrl": downloadUrl(call, store, item), ...(entity as Entity) };
}

/** The item as an answer, with $select. */
export function itemBody(call: GraphCall, store: DriveStore, item: DriveItemRecord): Entity {
  const entity = itemEntity(call, store, item);
  const select = call.query.get("$select")?.split(",").map((name) => name.trim());
  const shown = select ? Object.fromEntries(select.filter((name) => entity[name] !== undefined).map((name) => [name, entity[name]])) : entity;
  return { "@odata.context": context(call, "drives/$entity"), ...(select ? { "@odata.etag": eTagOf(item) } : {}), ...shown };
}
