import type { SimGroup } from "../../model";
import { GraphFault, type GraphCall } from "../context";
import { findGroup } from "../directory/lookup";
import type { DriveItemRecord, DriveRecord, DriveStore } from "./store";

export const itemNotFound = (message = "The resource could not be found."): GraphFault => new GraphFault(404, "itemNotFound", message);
export const accessDenied = (): GraphFault => new GraphFault(403, "accessDenied", "Access denied");
export const invalidRequest = (message: string): GraphFault => new GraphFault(400, "invalidRequest", message);

/** A public group's site is open to everyone in the tenant but guests; any other to members and owners. */
function refuseVisitor(call: GraphCall, group: SimGroup): void {
  if (call.user === null || group.members.has(call.user.id) || group.owners.has(call.user.id)) return;
  if (group.visibility === "Public" && call.user.userType === "Member") return;
  throw accessDenied();
}

/** The drive of a group. The site of a new group takes a while to appear. */
export function driveOfGroup(call: GraphCall, store: DriveStore, groupId: string): DriveRecord {
  const group = findGroup(call.tenant, groupId);
  if (!group.groupTypes.includes("Unified") || group.readyAt > call.world.now()) throw new GraphFault(404, "ResourceNotFound", "Resource is not found.");
  refuseVisitor(call, group);
  return store.ofGroup(call.tenant, group);
}

export function driveById(call: GraphCall, store: DriveStore, driveId: string): DriveRecord {
  const drive = store.find(driveId);
  if (!drive || drive.tenant !== call.tenant) throw itemNotFound("The specified drive could not be found.");
  refuseVisitor(call, findGroup(call.tenant, drive.groupId));
  return drive;
}

/** The item behind a sharing token: "u!" and the URL in base64url. https://learn.microsoft.com/graph/api/shares-get */
export function sharedItem(call: GraphCall, store: DriveStore, token: string): DriveItemRecord {
  const raw = token.startsWith("u!") ? Buffer.from(token.slice(2), "base64url").toString("utf8") : "";
  if (!URL.canParse(raw)) throw invalidRequest("The sharing token is not valid.");
  const url = new URL(raw);
  const gone = itemNotFound("The sharing link no longer exists, or you do not have permission to access it.");
  if (url.hostname !== call.tenant.sharepointHost) throw gone;
  const viewed = /\/_layouts\/15\/Doc\.aspx$/i.test(url.pathname) ? itemOfViewer(call, store, url) : undefined;
  if (viewed) return viewed;
  const match = /^(\/sites\/[^/]+)\/Shared Documents\/(.+)$/i.exec(safeDecode(url.pathname));
  const group = match && [...call.tenant.groups.values()].find((candidate) => `/sites/${candidate.mailNickname}`.toLowerCase() === match[1]!.toLowerCase());
  if (!group) throw gone;
  const item = store.atPath(driveOfGroup(call, store, group.id), match![2]!);
  if (!item) throw gone;
  return item;
}

/** The item that a viewer page names by its id. */
function itemOfViewer(call: GraphCall, store: DriveStore, url: URL): DriveItemRecord | undefined {
  const id = `01${(url.searchParams.get("sourcedoc") ?? "").replace(/[{}-]/g, "").toUpperCase()}`;
  const drive = store.all().find((candidate) => candidate.tenant === call.tenant && candidate.items.has(id));
  return drive && driveById(call, store, drive.id).items.get(id);
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
