import { GraphFault, type GraphAnswer, type GraphCall, type GraphRoute } from "../context";
import { jsonObject } from "../dispatch";
import { context } from "../odata";
import { PERMISSIONS } from "../permissions";
import { refusePermission } from "../refusals";
import { accessDenied, driveById, driveOfGroup, invalidRequest, itemNotFound, sharedItem } from "./access";
import { downloadUrl, driveEntity, eTagOf, itemBody, itemEntity } from "./render";
import type { ConflictBehavior, DriveItemRecord, DriveRecord, DriveStore } from "./store";
import { startUpload } from "./uploads";

const SIMPLE_UPLOAD_LIMIT = 250 * 1024 * 1024;
/** Characters that SharePoint refuses in names. */
const FORBIDDEN_NAME = /["*:<>?/\\|]|^\s|\s$|^$/;

/** What a path below a drive names: an item by id or root, then perhaps a path, then perhaps an action. */
interface Target {
  drive: DriveRecord;
  base: DriveItemRecord;
  /** Names below `base`. */
  names: string[];
  action: string;
}

/** "root", "root:/a/b.txt:/content", "items/{id}/children", "items/{id}:/b.txt:/createUploadSession" */
const TARGET = /^(?:root|items\/([^/:]+))(?::\/?([^:]*?)(?::|$))?(?:\/(\w+))?$/;

function parseTarget(drive: DriveRecord, path: string): Target {
  const match = TARGET.exec(path);
  if (!match) throw new GraphFault(400, "BadRequest", "Resource not found for the segment of the drive.");
  const [, id, below = "", action = ""] = match;
  const base = id === undefined ? drive.root : drive.items.get(id);
  if (!base) throw itemNotFound();
  return { drive, base, names: below.split("/").filter(Boolean), action: action.toLowerCase() };
}

const lookUp = (store: DriveStore, target: Target): DriveItemRecord => {
  let at: DriveItemRecord | undefined = target.base;
  for (const name of target.names) at = at?.children.get(name.toLowerCase());
  if (!at) throw itemNotFound();
  return at;
};

/** Where a new file goes; folders on the way are made. */
function placeFor(store: DriveStore, target: Target): { parent: DriveItemRecord; name: string } {
  if (target.names.length === 0) {
    const { base } = target;
    if (base.folder || !base.parent) throw invalidRequest("A file name is needed.");
    return { parent: base.parent, name: base.name };
  }
  if (target.names.some((name) => FORBIDDEN_NAME.test(name))) throw invalidRequest("The name contains characters that are not allowed.");
  let parent = target.base;
  for (const name of target.names.slice(0, -1)) parent = store.childFolder(parent, name) ?? raise(invalidRequest("A file is in the way of a folder."));
  if (!parent.folder) throw invalidRequest("The parent is not a folder.");
  return { parent, name: target.names.at(-1)! };
}

const raise = (error: Error): never => {
  throw error;
};

function conflictOf(value: unknown, fallback: ConflictBehavior): ConflictBehavior {
  if (value === undefined || value === null) return fallback;
  if (value === "fail" || value === "replace" || value === "rename") return value;
  throw invalidRequest("The conflict behavior is not valid.");
}

/** The name to write under, or 409. */
export function resolveName(store: DriveStore, parent: DriveItemRecord, name: string, conflict: ConflictBehavior): string {
  const existing = parent.children.get(name.toLowerCase());
  if (!existing) return name;
  if (conflict === "rename") return store.freeName(parent, name);
  if (conflict === "fail" || existing.folder) throw new GraphFault(409, "nameAlreadyExists", "An item with the same name already exists under the parent.");
  return name;
}

function refuseStale(call: GraphCall, item: DriveItemRecord | undefined): void {
  const wanted = call.headers["if-match"];
  if (wanted && wanted !== "*" && item && wanted !== eTagOf(item)) throw new GraphFault(412, "resourceModified", "The resource has been modified since it was last read.");
}

/** https://learn.microsoft.com/graph/api/driveitem-put-content */
function putContent(call: GraphCall, store: DriveStore, target: Target): GraphAnswer {
  const { parent, name } = placeFor(store, target);
  if (call.bytes.length > SIMPLE_UPLOAD_LIMIT) throw new GraphFault(413, "fileTooLarge", "The file is too large for a simple upload.");
  const existing = parent.children.get(name.toLowerCase());
  refuseStale(call, existing);
  const free = resolveName(store, parent, name, conflictOf(call.query.get("@microsoft.graph.conflictBehavior"), "replace"));
  const replaces = parent.children.has(free.toLowerCase());
  refuseOverQuota(store, target.drive, call.bytes.length);
  const file = store.putFile(parent, free, call.bytes, { size: call.bytes.length, by: call.user?.id ?? null, ...(call.headers["content-type"] ? { contentType: call.headers["content-type"] } : {}) });
  return { status: replaces ? 200 : 201, body: itemBody(call, store, file) };
}

export function refuseOverQuota(store: DriveStore, drive: DriveRecord, bytes: number): void {
  if (store.usedBytes(drive) + bytes > store.quotaBytes) throw new GraphFault(507, "quotaLimitReached", "Insufficient Space Available");
}

/** 302 to a URL that needs no token. https://learn.microsoft.com/graph/api/driveitem-get-content */
function getContent(call: GraphCall, store: DriveStore, item: DriveItemRecord): GraphAnswer {
  if (item.folder) throw invalidRequest("You cannot get content for a folder");
  if (item.malware) throw new GraphFault(403, "malwareDetected", "Malware was detected in the requested resource.");
  return { status: 302, headers: { location: downloadUrl(call, store, item) } };
}

function createFolder(call: GraphCall, store: DriveStore, parent: DriveItemRecord): GraphAnswer {
  const body = jsonObject(call);
  const name = body["name"];
  if (typeof name !== "string" || FORBIDDEN_NAME.test(name) || typeof body["folder"] !== "object") throw invalidRequest("A folder needs a valid name and the folder facet.");
  const free = resolveName(store, parent, name, conflictOf(body["@microsoft.graph.conflictBehavior"], "fail"));
  const folder = store.childFolder(parent, free);
  if (!folder) throw new GraphFault(409, "nameAlreadyExists", "An item with the same name already exists under the parent.");
  return { status: 201, body: itemBody(call, store, folder) };
}

function children(call: GraphCall, store: DriveStore, item: DriveItemRecord): GraphAnswer {
  return { status: 200, body: { "@odata.context": context(call, "drives/children"), value: [...item.children.values()].map((child) => itemEntity(call, store, child)) } };
}

function createSession(call: GraphCall, store: DriveStore, target: Target): GraphAnswer {
  const { parent, name } = placeFor(store, target);
  const item = ((call.json as { item?: Record<string, unknown> } | undefined)?.item ?? {}) as Record<string, unknown>;
  const conflict = conflictOf(item["@microsoft.graph.conflictBehavior"], "fail");
  return startUpload(call, store, { drive: target.drive, parent, name, conflict });
}

type Operation = { permissions: { delegated: string[]; application: string[] }; run(call: GraphCall, store: DriveStore, target: Target): GraphAnswer };

const OPERATIONS: Record<string, Operation> = {
  "GET ": { permissions: PERMISSIONS.driveItem, run: (call, store, target) => ({ status: 200, body: itemBody(call, store, lookUp(store, target)) }) },
  "DELETE ": {
    permissions: PERMISSIONS.driveWrite,
    run: (call, store, target) => {
      const item = lookUp(store, target);
      if (!item.parent) throw accessDenied();
      refuseStale(call, item);
      store.remove(item);
      return { status: 204 };
    },
  },
  "GET children": { permissions: PERMISSIONS.driveContent, run: (call, store, target) => children(call, store, lookUp(store, target)) },
  "POST children": { permissions: PERMISSIONS.driveWrite, run: (call, store, target) => createFolder(call, store, lookUp(store, target)) },
  "GET content": { permissions: PERMISSIONS.driveContent, run: (call, store, target) => getContent(call, store, lookUp(store, target)) },
  "PUT content": { permissions: PERMISSIONS.driveWrite, run: putContent },
  "POST createuploadsession": { permissions: PERMISSIONS.uploadSession, run: createSession },
};

function operate(call: GraphCall, store: DriveStore, drive: () => DriveRecord, rest: string, template: string): GraphAnswer {
  const action = TARGET.exec(rest)?.[3]?.toLowerCase() ?? "";
  const operation = OPERATIONS[`${call.method} ${action}`];
  if (!operation) throw new GraphFault(405, "invalidRequest", "The HTTP method is not allowed here.");
  refusePermission({ template, ...operation.permissions }, call.token);
  return operation.run(call, store, parseTarget(drive(), rest));
}

/** Files of groups: paths, ids, uploads, sharing tokens. */
export function driveRoutes(store: DriveStore): GraphRoute[] {
  const drive = (call: GraphCall, record: DriveRecord): GraphAnswer => ({ status: 200, body: { "@odata.context": context(call, "drives/$entity"), ...driveEntity(record, store.usedBytes(record), store.quotaBytes) } });
  // What a path below a drive needs depends on what it names; operate() looks at that again.
  const anyFilePermission = { delegated: [...PERMISSIONS.driveItem.delegated], application: [...PERMISSIONS.driveItem.application] };
  const below = ["GET", "PUT", "POST", "DELETE"].flatMap((method): GraphRoute[] => [
    { method, template: "/groups/{id}/drive/{*rest}", ...anyFilePermission, handle: (call, { id, rest }) => operate(call, store, () => driveOfGroup(call, store, id!), rest!, "/groups/{id}/drive") },
    { method, template: "/drives/{id}/{*rest}", ...anyFilePermission, handle: (call, { id, rest }) => operate(call, store, () => driveById(call, store, id!), rest!, "/drives/{id}") },
  ]);
  return [
    { method: "GET", template: "/groups/{id}/drive", ...PERMISSIONS.drive, handle: (call, { id }) => drive(call, driveOfGroup(call, store, id!)) },
    { method: "GET", template: "/drives/{id}", ...PERMISSIONS.drive, handle: (call, { id }) => drive(call, driveById(call, store, id!)) },
    ...below,
    { method: "GET", template: "/shares/{token}/driveItem", ...PERMISSIONS.shares, handle: (call, { token }) => ({ status: 200, body: itemBody(call, store, sharedItem(call, store, token!)) }) },
    { method: "GET", template: "/shares/{token}/driveItem/content", ...PERMISSIONS.driveContent, handle: (call, { token }) => getContent(call, store, sharedItem(call, store, token!)) },
  ];
}
